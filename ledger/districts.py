"""District sub-chains (区级子链), the city's side: watch a district's log like a witness and log what it shows.

A district sends each checkpoint with a consistency proof, in the form of a witness's `add-checkpoint` (tlog-witness;
DESIGN 6). We accept it in the order of that protocol:

1. the district is known and the checkpoint is of its log; stops a log that nobody registered;
2. the log's registered key signed it; stops everybody else;
3. the district is not suspended;
4. what was accepted before is answered as before, and another root for an accepted size is a **fork**: the district's
   own two signatures convict it, and both are kept;
5. it is not smaller than the newest accepted one; stops a rollback (an old backup that was restored);
6. the proof starts from the newest accepted size, and
7. shows that the tree only grew; stops a rewritten history. What fails is kept, but convicts nobody: the sender need
   not be the district;
8. the last one is at least the interval old; a district has one entry here for each interval in which it wrote.

What is accepted becomes an entry in clear, `district.checkpoint`. A fork does not stop the tree we saw first: like any
witness we follow that one alone. It is shown by `statuses`, and whether to suspend is for a person to decide.

Pushing was chosen over pulling: districts stand behind gateways that let calls out and none in; the city never calls an
address that somebody registered; an idle district costs nothing; and the answer is the receipt the district needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from ledger import merkle, store, tables
from ledger.clear import DistrictCheckpoint
from ledger.errors import (
    CheckpointForkError,
    CheckpointInconsistentError,
    CheckpointRequestError,
    CheckpointRollbackError,
    CheckpointSizeError,
    CheckpointTooSoonError,
    CheckpointUnsignedError,
    DistrictExistsError,
    DistrictSuspendedError,
    NoteError,
    ProofError,
    UnknownDistrictError,
)
from ledger.nodecard import NodeCard
from ledger.note import Note, NoteVerifier, parse_checkpoint, signature_line

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ledger.clock import Clock
    from ledger.cosign import AddCheckpoint
    from ledger.errors import DistrictError
    from ledger.evidence import Evidence
    from ledger.model import Checkpoint, EntryStatus

SILENT_SECONDS: Final = 900
"""After this long without a word a district counts as silent; it shows its tree at least once a minute."""

MAX_REFUSALS: Final = 1000
"""Refused checkpoints kept for one log. A fork is always kept; the rest is bounded, since anybody can cause it."""

_district = tables.district
_checkpoint = tables.district_checkpoint
_refusal = tables.district_refusal


@dataclass(frozen=True, slots=True)
class District:
    """A district as the city knows it.

    Attributes:
        card: its node card.
        state: `active` or `suspended`.
        size, root: the newest tree it showed us.
        chain_state: how far its registration is on the chain: `waiting`, `approved` or `recorded`.
        added_at, accepted_at, heard_at: when it was added, had a checkpoint accepted, showed its tree last.
    """

    card: NodeCard
    state: str
    size: int
    root: bytes
    chain_state: str
    added_at: datetime
    accepted_at: datetime | None
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checkpoint that is in our log: its size, our entry, and whether the entry is new."""

    size: int
    entry_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A checkpoint that was refused and kept. Commit first, then raise `error`: the evidence must stay."""

    error: DistrictError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kept refusal: `note` contradicts the checkpoint in the entry `known_entry_id` (of `known_size`)."""

    reason: str
    size: int
    note: str
    proof: str
    known_size: int
    known_entry_id: str | None
    seen: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """A district with how it stands: its newest checkpoint's entry, and how many refusals of each kind are kept."""

    district: District
    entry_id: str | None
    entry: EntryStatus | None
    forks: int
    inconsistent: int

    def standing(self, now: datetime) -> str:
        """One word: `suspended`, `forked`, `waiting` (nothing yet), `silent` or `current`."""
        if self.district.state != "active":
            return self.district.state
        if self.forks:
            return "forked"
        heard = self.district.heard_at
        if heard is None:
            return "waiting"
        return "silent" if (now - heard).total_seconds() > SILENT_SECONDS else "current"


class Districts:
    """The districts of this node.

    Args:
        evidence: this node's log.
        clock: the time.
        interval: least seconds between two accepted checkpoints of one district.
    """

    def __init__(self, evidence: Evidence, clock: Clock, *, interval: float = 5.0) -> None:
        self._evidence = evidence
        self._clock = clock
        self._interval = interval

    def add(self, db: Connection, card: NodeCard, *, replace: bool = False) -> bool:
        """Take a district in, or its new name and address.

        Args:
            card: its card, checked by people.
            replace: let the division go on with another log (a successor) or another key of its log.

        Returns:
            Whether anything changed.

        Raises:
            DistrictExistsError: the division has another log or key, or another division has this log.
        """
        held = _find(db, card.division, lock=True)
        if _taken(db, card):
            raise DistrictExistsError(origin=card.origin)
        values: dict[str, Any] = {
            "name": card.name,
            "origin": card.origin,
            "vkey": card.vkey,
            "endpoint": card.endpoint,
            "account": card.account,
        }
        if held is None:
            fresh = {"state": "active", "root": merkle.EMPTY_ROOT, "added_at": self._clock.now()}
            db.execute(insert(_district).values(division=card.division, **values, **fresh))
            return True
        if held.card == card:
            return False
        if (held.card.origin, held.card.vkey) != (card.origin, card.vkey) and not replace:
            raise DistrictExistsError(division=card.division)
        if held.card.origin != card.origin:
            values |= {"size": 0, "root": merkle.EMPTY_ROOT, "accepted_at": None, "heard_at": None}
        _change(db, card.division, chain_state="waiting", **values)
        return True

    def set_state(self, db: Connection, division: str, state: str) -> District:
        """Suspend a district, or let it in again (`suspended`, `active`).

        Raises:
            UnknownDistrictError: no such district.
        """
        held = district(db, division)
        if held.state != state:
            _change(db, division, state=state, chain_state="waiting")
        return district(db, division)

    def accept(self, db: Connection, division: str, request: AddCheckpoint) -> Accepted | Refused:
        """Check a district's checkpoint and log it, by the steps at the top of the module.

        Args:
            db: an open unit; commit it whatever is returned.
            division: whose it is said to be.
            request: what was sent.

        Raises:
            UnknownDistrictError, CheckpointUnsignedError, DistrictSuspendedError, CheckpointRequestError,
            CheckpointRollbackError, CheckpointSizeError, CheckpointTooSoonError: nothing was stored.
        """
        _open(district(db, division), request.note)  # before the lock: strangers must not hold up the district
        held = _find(db, division, lock=True)
        if held is None:
            raise UnknownDistrictError
        head, note = _open(held, request.note)
        if held.state != "active":
            raise DistrictSuspendedError
        if request.old > head.size or head.size == 0:
            raise CheckpointRequestError(reason="sizes")
        if before := _accepted(db, head):
            return self._again(db, held, head, note, request, before)
        if head.size < held.size:
            raise CheckpointRollbackError(size=held.size)
        if request.old != held.size:
            raise CheckpointSizeError(size=held.size)
        try:
            merkle.verify_consistency(held.size, head.size, request.proof, held.root, head.root)
        except ProofError:
            self._keep(db, "inconsistent", head, note, request)
            return Refused(CheckpointInconsistentError(size=held.size))
        return self._log(db, held, head, note)

    def _again(  # each is needed
        self, db: Connection, held: District, head: Checkpoint, note: str, request: AddCheckpoint, before: Row[Any]
    ) -> Accepted | Refused:
        """4: a size that we know."""
        if bytes(before.root) != head.root:
            self._keep(db, "fork", head, note, request)
            return Refused(CheckpointForkError(size=head.size))
        if head.size == held.size:
            _change(db, held.card.division, heard_at=self._clock.now())
        return Accepted(head.size, before.entry_id, is_new=False)

    def _log(self, db: Connection, held: District, head: Checkpoint, note: str) -> Accepted:
        """8, and the entry."""
        now = self._clock.now()
        if held.accepted_at is not None:
            age = (now - held.accepted_at).total_seconds()
            if 0 <= age < self._interval:
                raise CheckpointTooSoonError(seconds=1 + int(self._interval - age))
        clear = DistrictCheckpoint(now, held.card.division, note)
        entry_id = self._evidence.append_clear(db, clear).entry_id
        row = {"origin": head.origin, "size": head.size, "root": head.root, "entry_id": entry_id, "accepted_at": now}
        db.execute(insert(_checkpoint).values(**row))
        _change(db, held.card.division, size=head.size, root=head.root, accepted_at=now, heard_at=now)
        return Accepted(head.size, entry_id, is_new=True)

    def _keep(  # each is needed
        self, db: Connection, reason: str, head: Checkpoint, note: str, request: AddCheckpoint
    ) -> None:
        """Keep what contradicts our tree, once however often it is sent."""
        c, now = _refusal.c, self._clock.now()
        kept = db.execute(select(func.count()).where(c.origin == head.origin, c.reason == reason)).scalar_one()
        if reason != "fork" and kept >= MAX_REFUSALS:
            return
        known = _accepted(db, head) or _newest(db, head.origin)
        values = {
            "origin": head.origin,
            "digest": sha256(Note.parse(note).text.encode()).digest(),
            "reason": reason,
            "size": head.size,
            "note": note,
            "proof": request.encode().decode().partition("\n\n")[0],
            "known_size": known.size if known else 0,
            "known_entry_id": known.entry_id if known else None,
            "first_at": now,
            "last_at": now,
        }
        statement = upsert(_refusal).values(**values)
        again = {"seen": c.seen + 1, "last_at": now}
        if reason == "fork":  # an unproven one may have been kept before its size was accepted
            again |= {name: values[name] for name in ("reason", "known_size", "known_entry_id")}
        db.execute(statement.on_conflict_do_update(index_elements=["origin", "digest"], set_=again))


def district(db: Connection, division: str) -> District:
    """A district.

    Raises:
        UnknownDistrictError: there is none.
    """
    found = _find(db, division)
    if found is None:
        raise UnknownDistrictError
    return found


def accepted_entry(db: Connection, division: str, size: int) -> str:
    """Our entry for a district's checkpoint of exactly this size.

    Raises:
        UnknownDistrictError: no such district, or no such checkpoint of its log was accepted.
    """
    c = _checkpoint.c
    origin = district(db, division).card.origin
    found: str | None = db.execute(select(c.entry_id).where(c.origin == origin, c.size == size)).scalar_one_or_none()
    if found is None:
        raise UnknownDistrictError
    return found


def refusals(db: Connection, division: str, limit: int = 100) -> list[Refusal]:
    """Kept refusals of a district's log, forks first, newest first.

    Raises:
        UnknownDistrictError: no such district.
    """
    c = _refusal.c
    query = select(_refusal).where(c.origin == district(db, division).card.origin)
    rows = db.execute(query.order_by(c.reason, c.last_at.desc()).limit(limit))
    names = Refusal.__dataclass_fields__
    return [Refusal(**{name: getattr(row, name) for name in names}) for row in rows]


def statuses(db: Connection) -> list[Status]:
    """Every district with how it stands, by division code."""
    return [_status(db, _read(row)) for row in db.execute(select(_district).order_by(_district.c.division))]


def status(db: Connection, division: str) -> Status:
    """One district with how it stands.

    Raises:
        UnknownDistrictError: there is none.
    """
    return _status(db, district(db, division))


def note_chain_state(db: Connection, division: str, state: str) -> None:
    """Note how far a district's registration is on the chain."""
    _change(db, division, chain_state=state)


def _status(db: Connection, held: District) -> Status:
    newest = _newest(db, held.card.origin)
    entry_id = newest.entry_id if newest else None
    c = _refusal.c
    counted = select(c.reason, func.count()).where(c.origin == held.card.origin).group_by(c.reason)
    counts = {row[0]: row[1] for row in db.execute(counted)}
    entry = store.entry_state(db, entry_id) if entry_id else None
    return Status(held, entry_id, entry, counts.get("fork", 0), counts.get("inconsistent", 0))


def _open(held: District, raw: str) -> tuple[Checkpoint, str]:
    """1 and 2: the checkpoint, and its note with the log's own signature only, so that it has one spelling here."""
    key = NoteVerifier.parse(held.card.vkey)
    try:
        note = Note.parse(raw)
        head = parse_checkpoint(note.text)
    except NoteError as error:
        raise CheckpointRequestError(reason=str(error.fields["reason"])) from error
    if head.origin != held.card.origin:
        raise UnknownDistrictError
    try:
        signed = note.verified_by([key])
    except NoteError as error:
        raise CheckpointUnsignedError from error
    if not signed:
        raise CheckpointUnsignedError
    ours = next(each for each in note.signatures if (each.name, each.key_id) == (key.name, key.key_id))
    return head, f"{note.text}\n{signature_line(ours.name, ours.key_id, ours.signature)}"


def _find(db: Connection, division: str, *, lock: bool = False) -> District | None:
    query = select(_district).where(_district.c.division == division)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _read(row)


def _taken(db: Connection, card: NodeCard) -> bool:
    c = _district.c
    query = select(c.division).where(c.origin == card.origin, c.division != card.division)
    return db.execute(query).one_or_none() is not None


def _change(db: Connection, division: str, **values: object) -> None:
    db.execute(update(_district).where(_district.c.division == division).values(**values))


def _accepted(db: Connection, head: Checkpoint) -> Row[Any] | None:
    c = _checkpoint.c
    return db.execute(select(_checkpoint).where(c.origin == head.origin, c.size == head.size)).one_or_none()


def _newest(db: Connection, origin: str) -> Row[Any] | None:
    c = _checkpoint.c
    return db.execute(select(_checkpoint).where(c.origin == origin).order_by(c.size.desc()).limit(1)).one_or_none()


def _read(row: Row[Any]) -> District:
    card = NodeCard(row.division, row.name, row.endpoint, row.origin, row.vkey, bytes(row.account))
    return District(
        card,
        row.state,
        row.size,
        bytes(row.root),
        row.chain_state,
        row.added_at,
        row.accepted_at,
        row.heard_at,
    )
