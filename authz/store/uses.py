"""Queries over uses: three round trips for a use with its log entry, each statement constant text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from psycopg.errors import UniqueViolation

from authz.model import Basis, Duty, Grant, Mode, Use, UseState
from authz.store.accessrequests import ACCESS, MISSING
from authz.store.choice import DUTY_FITS, GRANT_FITS
from authz.store.grants import GRANT_COLUMNS, GRANT_WIDTH, as_grant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

DUTY_COLUMNS: Final = """d.id::text, d.version, d.org_code, d.article, d.item_code, d.types, d.mode, d.valid_from,
  d.valid_to, d.fields"""
"""What `as_duty` reads."""

# A grant that was named, or else the most usable one for the purpose. Usable ones come first, the one that ends first
# among them; where none is usable, the refusal explains the best of the rest.
_NAMED: Final = "g.id = %(grant)s::uuid"
_FITTING: Final = """g.grantee_id = %(party)s AND g.grantor_id = ANY(%(grantors)s::uuid[]) AND g.item_code = %(item)s
    AND (g.case_no IS NULL OR g.case_no = %(case)s)
    AND (%(object)s::uuid = ANY(g.objects) OR %(type)s = ANY(g.types))"""
_LOAD: Final = """
WITH {first}held AS (
  SELECT {grant_columns}, g.id_token FROM authz.grant_ g WHERE {which}{wait}
  ORDER BY ({grant_fits}) IS TRUE DESC, g.valid_to
  LIMIT 1 FOR NO KEY UPDATE
), staff AS (
  SELECT roles FROM authz.operator WHERE party_id = %(party)s AND handle = %(operator)s AND enabled FOR SHARE
), duties AS (
  SELECT {duty_columns} FROM authz.duty d JOIN authz.duty_version v ON v.version = d.version AND v.current
  WHERE d.org_code = %(org)s AND d.item_code = %(item)s AND %(type)s = ANY(d.types)
  ORDER BY ({duty_fits}) DESC, array_position(ARRAY['copy', 'data', 'verify'], d.mode), d.id LIMIT 1
), owner AS (
  -- Waits for `held`, so that all uses lock in one order: the grant, then the holder.
  SELECT use_seq, use_head FROM authz.holder
  WHERE id = %(holder)s::uuid AND (SELECT count(*) FROM held) >= 0 FOR NO KEY UPDATE
), access AS ({access})
SELECT staff.roles, owner.use_seq, owner.use_head, held.*, duties.*, {missing} FROM (SELECT 1) AS one
LEFT JOIN held ON true LEFT JOIN staff ON true LEFT JOIN duties ON true LEFT JOIN owner ON true"""
# Of a thing of several holders the grants of all that can still be used are locked first, in the order of their ids:
# two uses that begin from two of the holders would else each hold what the other waits for. In the same round trip, so
# that a thing nobody consented to takes no more of them than one that is not there.
_TOGETHER: Final = """together AS (
  SELECT g.id FROM authz.grant_ g
  WHERE g.grantee_id = %(party)s AND g.grantor_id = ANY(%(holders)s::uuid[]) AND g.item_code = %(item)s
    AND (g.case_no IS NULL OR g.case_no = %(case)s)
    AND (%(object)s::uuid = ANY(g.objects) OR %(type)s = ANY(g.types))
    AND g.state = 'active' AND g.uses_left > 0 AND g.valid_to > %(now)s
  ORDER BY g.id FOR NO KEY UPDATE
), """
_AFTER_THEM: Final = " AND (SELECT count(*) FROM together) >= 0"


def _load(which: str, *, joint: bool) -> str:
    wanted = {
        "dated": "%(dated)s::timestamptz",
        "sensitive": "%(sensitive)s",
        "modes": "%(modes)s::text[]",
        "fields": "%(fields)s::text[]",
    }
    first, wait = (_TOGETHER, _AFTER_THEM) if joint else ("", "")
    fits = {"grant_fits": GRANT_FITS.format(**wanted), "duty_fits": DUTY_FITS.format(**wanted)}
    columns = {"grant_columns": GRANT_COLUMNS, "duty_columns": DUTY_COLUMNS, "access": ACCESS, "missing": MISSING}
    return _LOAD.format(**columns, **fits, which=which, first=first, wait=wait)


_LOADS: Final = {
    (named, joint): _load(_NAMED if named else _FITTING, joint=joint)
    for named in (False, True)
    for joint in (False, True)
}

# Of the times of its uses a grant keeps as many as it allows at a time: the row is locked, so nobody else adds one
# meanwhile. Counting the uses instead would read them as they were before the lock was waited for.
_SPEND: Final = """
UPDATE authz.grant_ SET uses_left = uses_left - 1, recent = CASE WHEN frequency_count IS NULL THEN recent
  ELSE (recent || %(at)s::timestamptz)[greatest(1, cardinality(recent) + 2 - frequency_count):] END
WHERE id = %(grant)s::uuid"""
_COUNT: Final = "UPDATE authz.holder SET use_seq = %(seq)s, use_head = %(head)s WHERE id = %(holder)s::uuid"
_OPEN: Final = """
INSERT INTO authz.use_ (id, client_id, key, jkt, party_id, operator, object_id, holder_id, holder_seq, mode, basis,
  grant_id, duty_id, emergency_id, case_no, item_code, cause, policies, policy_version, size, sha256, sm3, state,
  opened_at, closes_at, intent_entry_id)
VALUES (%(id)s, %(client)s, %(key)s, %(jkt)s, %(party)s, %(operator)s, %(object)s, %(holder)s, %(seq)s, %(mode)s,
  %(basis)s, %(grant)s, %(duty)s, %(emergency)s, %(case)s, %(item)s, %(cause)s, %(policies)s, %(policy_version)s,
  %(size)s, %(sha256)s, %(sm3)s, 'open', %(at)s, %(closes)s, %(entry)s)"""

_USE_COLUMNS: Final = """u.id::text, u.client_id, u.jkt, u.party_id::text, u.operator, u.object_id::text,
  u.holder_id::text, u.mode, u.basis, u.grant_id::text, u.duty_id::text, u.case_no, u.item_code, u.cause, u.policies,
  u.policy_version, u.size, u.sha256, u.sm3, u.state, u.opened_at, u.closes_at, u.intent_entry_id::text, u.delivered_at,
  u.outcome_entry_id::text, u.emergency_id::text"""
_USE: Final = f"""
SELECT {_USE_COLUMNS}, g.state = 'withdrawn' FROM authz.use_ u LEFT JOIN authz.grant_ g ON g.id = u.grant_id
WHERE u.id = %(id)s"""
# Uses wait for each other after they took their time: one that spent the grant earlier can bear a slightly later time.
_OF_GRANT: Final = """
WITH of_grant AS (
  SELECT intent_entry_id::text AS entry, opened_at, id FROM authz.use_ WHERE grant_id = %(grant)s
  UNION ALL SELECT u.intent_entry_id::text, u.opened_at, u.id
  FROM authz.use_grant g JOIN authz.use_ u ON u.id = g.use_id WHERE g.grant_id = %(grant)s
)
(SELECT entry FROM of_grant WHERE (opened_at, id) < (%(at)s, %(use)s::uuid)
 ORDER BY opened_at DESC, id DESC LIMIT %(before)s)
UNION ALL
(SELECT entry FROM of_grant WHERE (opened_at, id) > (%(at)s, %(use)s::uuid)
 ORDER BY opened_at, id LIMIT %(after)s)"""
_DELIVERED: Final = f"""
UPDATE authz.use_ u SET delivered = u.delivered + int8multirange(int8range(%(start)s, %(end)s))
WHERE u.id = %(id)s AND u.state = 'open'
RETURNING {_USE_COLUMNS}, u.delivered @> int8range(0, COALESCE(u.content_size, u.size))"""
_COMPLETE: Final = """
UPDATE authz.use_ SET state = 'delivered', delivered_at = %(at)s, closes_at = LEAST(closes_at, %(closes)s),
  outcome_entry_id = %(entry)s
WHERE id = %(id)s"""
# The gate, the bytes and the completion of a document that was handed over whole: no row where any of it does not hold.
# A withdrawal moves `closes_at` of open uses to its own moment, and this waits for its lock.
_FINISH: Final = """
UPDATE authz.use_ SET delivered = int8multirange(int8range(0, COALESCE(content_size, size))), state = 'delivered',
  delivered_at = %(at)s, closes_at = LEAST(closes_at, %(closes)s), outcome_entry_id = %(entry)s
WHERE id = %(id)s AND state = 'open' AND closes_at > %(at)s RETURNING 1"""
_RENDERED: Final = "UPDATE authz.use_ SET content_size = %(size)s WHERE id = %(id)s"
# Only uses that were opened within a window can still be open: a short piece of the index.
_CUT: Final = """
UPDATE authz.use_ SET closes_at = %(at)s
WHERE object_id = %(object)s AND opened_at > %(since)s AND closes_at > %(at)s"""
_USERS: Final = "SELECT DISTINCT party_id::text FROM authz.use_ WHERE object_id = %(object)s ORDER BY 1"
_EXPIRED: Final = f"""
SELECT {_USE_COLUMNS}, (SELECT COALESCE(sum(upper(r) - lower(r)), 0)::bigint FROM unnest(u.delivered) r)
FROM authz.use_ u WHERE u.state = 'open' AND u.closes_at <= %(at)s
ORDER BY u.closes_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
_ABORT: Final = """
UPDATE authz.use_ u SET state = 'aborted', outcome_entry_id = a.entry
FROM unnest(%(ids)s::uuid[], %(entries)s::uuid[]) AS a(id, entry) WHERE u.id = a.id"""

_REFUSE: Final = """
INSERT INTO authz.refusal (id, client_id, party_id, operator, object_id, holder_id, emergency_id, case_no, item_code,
  mode, reason, said, at, entry_id, why)
VALUES (%(id)s, %(client)s, %(party)s, %(operator)s, %(object)s, %(holder)s, %(emergency)s, %(case)s, %(item)s,
  %(mode)s, %(reason)s, %(said)s, %(at)s, %(entry)s, %(why)s)"""

_PLAIN: Final = 25
"""Columns that are the first members of `Use`; the emergency follows them."""
_UNIQUE_KEY: Final = "uq_use__client_id_key"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a decision reads from this package, locked until the unit ends.

    Attributes:
        roles: of the operator; None where there is none.
        use_seq, use_head: of the holder: number and leaf hash of its last use.
        sealed_token: the ID token of `grant` as the row holds it.
        access_missing: who answers for the type has not approved the organisation's access to it for the item.
    """

    roles: Sequence[str] | None
    use_seq: int
    use_head: bytes | None
    grant: Grant | None
    sealed_token: bytes
    duty: Duty | None
    access_missing: bool = False


def load(*, named: bool, joint: bool, values: Mapping[str, Any]) -> Steps[Loaded]:
    """Read and lock what one decision needs, in one round trip.

    Args:
        named: the request names its grant.
        joint: the thing has further `holders`, whose grants are locked too.
        values: `grant`, `party`, `operator`, `org`, `item`, `case`, `object`, `type`, `grantors`, `holder`, `modes`,
            `fields` (none where the mode takes none), `dated`, `sensitive` and `now`.
    """
    row = (yield _LOADS[named, joint], values)[0]
    grant, token = row[3 : 3 + GRANT_WIDTH], row[3 + GRANT_WIDTH]
    duty = row[4 + GRANT_WIDTH : -1]
    return Loaded(
        row[0],
        row[1] or 0,
        None if row[2] is None else bytes(row[2]),
        None if grant[0] is None else as_grant(grant),
        b"" if token is None else bytes(token),
        None if duty[0] is None else as_duty(duty),
        row[-1],
    )


def open_use(values: Mapping[str, Any]) -> list[Statement]:
    """Spend the grant, move the holder's chain on, store the use."""
    spent = {"grant": values["grant"], "at": values["at"]}
    counted = {name: values[name] for name in ("seq", "head", "holder")}
    return [(_SPEND, spent), (_COUNT, counted), (_OPEN, {name: values[name] for name in values if name != "head"})]


def is_repeated(error: BaseException) -> bool:
    """Whether a statement failed because the client's key opened a use before."""
    return isinstance(error, UniqueViolation) and error.diag.constraint_name == _UNIQUE_KEY


def use(use_id: str) -> Steps[tuple[Use, bool] | None]:
    """A use, and whether its grant was withdrawn."""
    rows = yield _USE, {"id": use_id}
    return (_as_use(rows[0]), bool(rows[0][-1])) if rows else None


def entries_near(db: Connection, grant_id: str, use: Use, before: int, after: int) -> list[str]:
    """Entries of the uses that spent a grant next before and after one of them, by their times."""
    values = {"grant": grant_id, "at": use.opened_at, "use": use.id, "before": before, "after": after}
    return [row[0] for row in db.exec_driver_sql(_OF_GRANT, values)]


def delivered(use_id: str, start: int, end: int) -> Steps[tuple[Use, bool] | None]:
    """Add a range to what an open use delivered; the use, and whether that is all. None where it is not open."""
    rows = yield _DELIVERED, {"id": use_id, "start": start, "end": end}
    return (_as_use(rows[0]), bool(rows[0][-1])) if rows else None


def complete(use_id: str, at: datetime, closes: datetime, entry_id: str) -> Statement:
    """Write down that a use delivered everything."""
    return _COMPLETE, {"id": use_id, "at": at, "closes": closes, "entry": entry_id}


def finish(use_id: str, at: datetime, closes: datetime, entry_id: str) -> Statement:
    """Write down that an open use delivered everything at once; no row where its time was over."""
    return _FINISH, {"id": use_id, "at": at, "closes": closes, "entry": entry_id}


def rendered(use_id: str, size: int) -> Statement:
    """Write down how many bytes a use delivers, where they are not the object itself."""
    return _RENDERED, {"id": use_id, "size": size}


def cut(db: Connection, object_id: str, at: datetime, since: datetime) -> None:
    """End the time of uses of one thing.

    Args:
        since: no use opened before it can still be open.
    """
    db.exec_driver_sql(_CUT, {"object": object_id, "at": at, "since": since})


def users(db: Connection, object_id: str) -> list[str]:
    """Parties that ever used a thing."""
    return [row[0] for row in db.exec_driver_sql(_USERS, {"object": object_id})]


def expired(db: Connection, at: datetime, limit: int) -> list[tuple[Use, int]]:
    """Open uses whose time is over, locked, with how many bytes each delivered."""
    return [(_as_use(row), int(row[-1])) for row in db.exec_driver_sql(_EXPIRED, {"at": at, "limit": limit})]


def abort(db: Connection, ids: Sequence[str], entries: Sequence[str]) -> None:
    """Write down that uses ended without delivering everything."""
    db.exec_driver_sql(_ABORT, {"ids": list(ids), "entries": list(entries)})


def refuse(values: Mapping[str, Any]) -> Statement:
    """Store a refusal."""
    return _REFUSE, values


def as_duty(row: Sequence[Any]) -> Duty:
    """A row of duty columns as a value."""
    values = list(row)
    values[5], values[6], values[9] = frozenset(values[5]), Mode(values[6]), frozenset(values[9])
    return Duty(*values)


def _as_use(row: Sequence[Any]) -> Use:
    values = list(row[: _PLAIN + 1])
    values[7], values[8] = Mode(values[7]), Basis(values[8])
    values[14], values[19] = tuple(values[14]), UseState(values[19])
    return replace(Use(*values[:_PLAIN]), emergency_id=values[_PLAIN])
