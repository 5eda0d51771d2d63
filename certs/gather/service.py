"""Taking gathered licences in: a batch is one unit, with one promise over all its log entries.

Judged in the order: each row by itself (`certs.gather.rows`, before the unit), then against what is here and what came
before it in the batch. Good rows are written by COPY, bad ones told by number and code; a row whose licence id is here
already is told as known and changes nothing, so a file may be sent again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from authz.model import Act, HolderKind, Identifier
from certs.changes import CHANGED
from certs.credentials.statuslist import Status, status_of
from certs.errors import IssuerNotListedError, LicenceNoTakenError, LicenceOverlapError, SecondLicenceError
from certs.faces import ORGANISATION_TYPES, Content
from certs.gather import rows
from certs.gather.rows import GatheredRow, Refusal
from certs.licenceid import LicenceId
from certs.lifecycle import day_of, start_of
from certs.model import Licence, LicenceEvent, LicenceStatus, Operation
from certs.store import gathered, issuers, statuslists
from certs.store.gathered import Figures
from certs.store.licences import NewLicence
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, seal
from ledger.steps import run
from ledger.store import copy_entries, copy_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from certs.errors import CertsError
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import BatchPromise
    from ledger.record import SealedRecord

ORIGIN: Final = "gathered"
_OPERATION: Final = {
    LicenceStatus.suspended: Operation.suspend,
    LicenceStatus.lapsed: Operation.expire,
    LicenceStatus.other: Operation.other,
}
"""Which operation leads to a status that came with a row; every other end is `Operation.cancel`."""


@dataclass(slots=True)
class Gathered:
    """What became of a batch.

    Attributes:
        taken: UUID and licence id of each row taken, by number; in a dry run both are empty.
        known: numbers of rows whose licence is here already.
        late: numbers of rows that came late, and were taken.
        refused: rows that were not taken.
        figures: by type code; rows that were known do not count.
        promise: over all entries; None where nothing was written.
    """

    taken: dict[int, tuple[str, str]] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    refused: list[Refusal] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    promise: BatchPromise | None = None

    @property
    def whole(self) -> Figures:
        """Figures over all types."""
        return Figures(*(sum(getattr(each, name) for each in self.figures.values()) for name in Figures.__slots__))


class Gathering:
    """Gathers licences."""

    def __init__(
        self,
        catalogue: LicenceCatalogue,
        licences: LicenceStore,
        evidence: Evidence,
        holders: Holders,
        counter: Counter,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._licences = licences
        self._evidence = evidence
        self._holders = holders
        self._counter = counter
        self._clock = clock

    def read(self, caller: Caller, given: Iterable[tuple[int, object]]) -> list[GatheredRow | Refusal]:
        """Judge rows by themselves; outside of any unit.

        Args:
            given: number and JSON value of each.
        """
        today = day_of(self._clock.now())
        return [rows.read(number, value, self._catalogue, caller.org_code, today) for number, value in given]

    def take(
        self,
        db: Connection,
        caller: Caller,
        operator: str,
        read: Sequence[GatheredRow | Refusal],
        *,
        since: date | None = None,
        dry_run: bool = False,
    ) -> Gathered:
        """Take a batch in.

        Args:
            db: the caller's unit.
            operator: handle of a registrar.
            read: as `read` gave them.
            since: 归集起始时间, see `rows.is_late`.
            dry_run: judge everything, write nothing.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            psycopg.errors.UniqueViolation: another unit took a place at this moment; do the whole unit again.
        """
        self._counter.let(db, caller, operator, Act.issue)
        now = self._clock.now()
        told = Gathered()
        good = self._sift(db, caller, read, told)
        for row in good:
            told.figures[row.kind.code].taken += 1
            if rows.is_late(row, day_of(now), since):
                told.late.add(row.number)
                told.figures[row.kind.code].late += 1
        for refused in told.refused:
            counted = told.figures[refused.type_code]
            setattr(counted, refused.flaw.value, getattr(counted, refused.flaw.value) + 1)
        for each in (*(row.kind.code for row in good), *(refused.type_code for refused in told.refused)):
            told.figures[each].rows += 1
        if dry_run:
            told.taken = dict.fromkeys((row.number for row in good), ("", ""))
            return told
        if good:
            self._write(db, caller, operator, good, now, told)
        if told.figures:
            gathered.count(db, caller.party_id, day_of(now), told.figures)
        return told

    def _sift(
        self, db: Connection, caller: Caller, read: Sequence[GatheredRow | Refusal], told: Gathered
    ) -> list[GatheredRow]:
        """Rows that may be written, judged against what is here and what stands before them in the batch."""
        told.refused += [row for row in read if isinstance(row, Refusal)]
        candidates = [row for row in read if isinstance(row, GatheredRow)]
        places = _Places.of(db, self._licences, self._holders, caller, candidates)
        good = []
        for row in candidates:
            if row.licence_id is not None and str(row.licence_id) in places.known_ids:
                told.known.add(row.number)
                continue
            problem = places.take(row)
            if problem is None:
                good.append(row)
            else:
                told.refused.append(Refusal.of(row.number, row.kind.code, problem))
        told.refused.sort(key=lambda refused: refused.number)
        return good

    def _write(
        self, db: Connection, caller: Caller, operator: str, good: list[GatheredRow], now: datetime, told: Gathered
    ) -> None:
        people: dict[Identifier, tuple[HolderKind, str]] = {}
        for row in good:
            for identifier, (name, code_type, _) in zip(row.identifiers, row.holders, strict=True):
                kind = HolderKind.organisation if code_type in ORGANISATION_TYPES else HolderKind.person
                people.setdefault(identifier, (kind, name))
        holders = self._holders.register_many(db, people)
        pairwise = {each: self._holders.pairwise(holder, caller.party_id) for each, holder in holders.items()}
        numbers = iter(gathered.serials(db, sum(row.licence_id is None for row in good)))
        places = statuslists.allocate(db, len(good), now)
        batch = _Batch(caller, operator, now)
        for row, place in zip(good, places, strict=True):
            licence_id = row.licence_id or _licence_id(caller, row, next(numbers))
            content = Content.fresh(row.holders, row.face)
            ids, names = [holders[each] for each in row.identifiers], [pairwise[each] for each in row.identifiers]
            slot = self._licences.slot(row.kind, content)
            new = batch.add(row, licence_id, content, ids, names, slot, place)
            told.taken[row.number] = new.licence.id, new.licence.licence_id
        entries = [(entry_id, sealed.leaf) for entry_id, sealed in batch.sealed]
        copy_records(db, batch.sealed)
        copy_entries(db, entries, now)
        gathered.copy_licences(db, self._licences, batch.new, batch.events)
        ended = [(*place, status_of(row.status)) for row, place in zip(good, places, strict=True)]
        statuslists.change(db, [each for each in ended if each[2] is not Status.valid])
        told.promise = self._evidence.promise_batch(entries, now)


def _licence_id(caller: Caller, row: GatheredRow, number: int) -> LicenceId:
    serial = f"{caller.division}{row.issued_on.year}{number:09d}"
    return LicenceId(row.kind.type_code, caller.org_code, serial, 1)  # the caller's code was checked when registered


@dataclass(slots=True)
class _Places:
    """What is taken: here, or by rows before in the batch."""

    types: set[str]
    known_ids: Mapping[str, str]
    ids: set[str]
    macs: set[bytes]
    slots: set[tuple[str, bytes]]
    keys: dict[int, tuple[bytes, list[tuple[str, bytes]]]]
    """Number and (holder, slot) of each row that stands."""

    @classmethod
    def of(
        cls,
        db: Connection,
        licences: LicenceStore,
        holders: Holders,
        caller: Caller,
        candidates: Sequence[GatheredRow],
    ) -> _Places:
        known = holders.known_many(db, {each for row in candidates for each in row.identifiers})
        keys = {}
        for row in candidates:
            if row.status.is_standing:
                mac = licences.number_mac(row.kind.code, caller.org_code, row.licence_no)
                slot = licences.slot(row.kind, Content(row.holders, row.face, b""))
                # Somebody new has no id yet; the code itself tells rows of the batch apart, and is never kept.
                named = [known.get(each) or f"{each.type}\0{each.country}\0{each.code}" for each in row.identifiers]
                keys[row.number] = mac, [(each, slot) for each in named] if slot is not None else []
        here = {(holder, slot) for _, slots in keys.values() for holder, slot in slots if "\0" not in holder}
        ids = [str(row.licence_id) for row in candidates if row.licence_id is not None]
        return cls(
            types=set(run(db, issuers.types(caller.party_id))),
            known_ids=run(db, licences.known_ids(ids)) if ids else {},
            ids=set(),
            macs=run(db, licences.taken_numbers([mac for mac, _ in keys.values()])),
            slots=run(db, licences.taken_slots(list(here))) if here else set(),
            keys=keys,
        )

    def take(self, row: GatheredRow) -> CertsError | None:
        """Let a row have its places; what stands in the way, if anything."""
        licence_id = None if row.licence_id is None else str(row.licence_id)
        if row.kind.code not in self.types:
            return IssuerNotListedError(type=row.kind.code)
        mac, slots = self.keys.get(row.number, (None, []))
        if licence_id in self.ids or mac in self.macs:
            return LicenceNoTakenError()
        if self.slots.intersection(slots):
            return SecondLicenceError() if row.kind.unique_per_holder else LicenceOverlapError(problem="same object")
        if licence_id is not None:
            self.ids.add(licence_id)
        if mac is not None:
            self.macs.add(mac)
        self.slots.update(slots)
        return None


@dataclass(slots=True)
class _Batch:
    """What is about to be written."""

    caller: Caller
    operator: str
    at: datetime
    sealed: list[tuple[str, SealedRecord]] = field(default_factory=list)
    new: list[tuple[NewLicence, str | None]] = field(default_factory=list)
    events: list[tuple[str, LicenceEvent]] = field(default_factory=list)

    def add(
        self,
        row: GatheredRow,
        licence_id: LicenceId,
        content: Content,
        holder_ids: list[str],
        named: list[str],
        slot: bytes | None,
        place: tuple[str, int],
    ) -> NewLicence:
        """Add a row; entries, licence and history."""
        licence, digests = new_id(), content.digests()
        parties: dict[str, object] = {
            "requester": self.caller.org_code,
            "operator": self.operator,
            "licence": licence,
            "licence_id": str(licence_id),
            "holders": named,
        }
        issued = self._entry(
            "licence.issued",
            {"face": {"sha256": digests[0], "sm3": digests[1]}},
            parties | self._issued(row, licence_id),
        )
        self._event(licence, Operation.issue, LicenceStatus.valid, rows.GATHERED, issued)
        changed = None
        if row.status is not LicenceStatus.valid:
            operation = _OPERATION.get(row.status, Operation.cancel)
            status = {"operation": operation.value, "status": row.status.value, "reason": row.reason}
            changed = self._entry(CHANGED, {}, parties | status | {"issued_entry": issued})
            self._event(licence, operation, row.status, row.reason, changed)
        held = Licence(
            id=licence,
            licence_id=str(licence_id),
            type_code=row.kind.code,
            licence_no=row.licence_no,
            version=licence_id.version,
            first_id=licence,
            predecessor_id=None,
            issuer_party_id=self.caller.party_id,
            holder_ids=tuple(holder_ids),
            holder_kind=row.holder_kind,
            status=row.status,
            status_reason=row.reason,
            status_at=start_of(row.updated_on),
            issued_at=start_of(row.issued_on),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            level=row.kind.level,
            share_class=row.kind.share_class,
            division=self.caller.division,
            frozen=False,
            face_sha256=digests[0],
            face_sm3=digests[1],
            pdf=None,
            ofd=None,
            credential_sha256=None,
            status_list=place,
            origin=ORIGIN,
            entry_id=issued,
        )
        new = NewLicence(held, self.caller.org_code, content, slot)
        self.new.append((new, changed))
        return new

    @staticmethod
    def _issued(row: GatheredRow, licence_id: LicenceId) -> dict[str, object]:
        return {
            "licence_type": row.kind.code,
            "version": licence_id.version,
            "operation": Operation.issue.value,
            "predecessor": None,
            "ofd": None,
            "credential": None,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to and row.valid_to.isoformat(),
        }

    def _entry(self, type_: str, fact: dict[str, object], parties: dict[str, object]) -> str:
        entry_id = new_id()
        self.sealed.append((entry_id, seal(Record({"type": type_, "time": rfc3339(self.at), **fact}, parties))))
        return entry_id

    def _event(self, licence: str, operation: Operation, status: LicenceStatus, reason: str, entry_id: str) -> None:
        event = LicenceEvent(self.at, operation, status, reason, self.caller.party_id, self.operator, entry_id)
        self.events.append((licence, event))
