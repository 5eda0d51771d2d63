"""Queries over what organisations used and may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

# In one order, so that two processes never wait for each other's rows crosswise.
_ADD: Final = """
INSERT INTO authz.party_usage AS u (party_id, what, since, amount)
SELECT * FROM unnest(%(parties)s::uuid[], %(whats)s::text[], %(sinces)s::timestamptz[], %(amounts)s::bigint[])
  AS n (party, what, since, amount) ORDER BY party, what, since
ON CONFLICT (party_id, what, since) DO UPDATE SET amount = u.amount + excluded.amount"""
_COUNTED: Final = """
SELECT party_id::text, what, since, amount FROM authz.party_usage WHERE since = ANY(%(begins)s::timestamptz[])"""
_LIMITS: Final = "SELECT party_id::text, what, amount FROM authz.party_limit"
_SET: Final = """
INSERT INTO authz.party_limit (party_id, what, amount, set_at)
VALUES (%(party)s, %(what)s, %(amount)s, %(at)s)
ON CONFLICT (party_id, what) DO UPDATE SET amount = excluded.amount, set_at = excluded.set_at"""
_UNSET: Final = "DELETE FROM authz.party_limit WHERE party_id = %(party)s AND what = %(what)s"
_FORGET: Final = "DELETE FROM authz.party_usage WHERE since < %(before)s AND what = ANY(%(whats)s)"
_STATISTICS: Final = """
SELECT p.kind, to_char(u.since AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), u.what, sum(u.amount),
  count(DISTINCT u.party_id)
FROM authz.party_usage u JOIN authz.party p ON p.id = u.party_id
WHERE u.since >= %(since)s AND u.since < %(until)s AND u.what <> ALL(%(without)s)
GROUP BY 1, 2, 3 ORDER BY 2, 1, 3"""


def add(db: Connection, counts: Sequence[tuple[str, str, datetime, int]]) -> None:
    """Add to counts: party, what, since when, how much."""
    if counts:
        parties, whats, sinces, amounts = (list(column) for column in zip(*counts, strict=True))
        db.exec_driver_sql(_ADD, {"parties": parties, "whats": whats, "sinces": sinces, "amounts": amounts})


def counted(db: Connection, begins: Sequence[datetime]) -> list[tuple[str, str, datetime, int]]:
    """Counts of the minutes and days that began at these times: party, what, since when, how much."""
    rows = db.exec_driver_sql(_COUNTED, {"begins": list(begins)})
    return [(row[0], row[1], row[2], int(row[3])) for row in rows]


def limits(db: Connection) -> list[tuple[str, str, int]]:
    """Limits that were set: party, what, how much."""
    return [(row[0], row[1], int(row[2])) for row in db.exec_driver_sql(_LIMITS)]


def set_limits(db: Connection, party_id: str, wanted: Mapping[str, int | None], at: datetime) -> bool:
    """Set or unset limits; False where there is no such party."""
    try:
        for what, amount in wanted.items():
            statement = _UNSET if amount is None else _SET
            db.exec_driver_sql(statement, {"party": party_id, "what": what, "amount": amount, "at": at})
    except IntegrityError:
        return False
    return True


def forget(db: Connection, whats: Sequence[str], before: datetime) -> int:
    """Drop counts that began before a moment; how many."""
    return db.exec_driver_sql(_FORGET, {"whats": list(whats), "before": before}).rowcount


def statistics(db: Connection, since: datetime, until: datetime, without: Sequence[str]) -> list[tuple[Any, ...]]:
    """Sums by kind of organisation, day and what; and over how many organisations."""
    values = {"since": since, "until": until, "without": list(without)}
    return [tuple(row) for row in db.exec_driver_sql(_STATISTICS, values)]
