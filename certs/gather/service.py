"""Taking gathered licences in: a batch is one unit, with one promise over all its log entries.

Judged in the order: each row by itself (`certs.gather.rows`, before the unit), then against what is here and what came
before it in the batch. Good rows are written by COPY, bad ones told by number and code; a row whose licence id is here
already is told as known and changes nothing, so a file may be sent again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from authz.model import Act, HolderKind, Identifier
from certs.credentials.statuslist import Status, status_of
from certs.faces import ORGANISATION_TYPES, Content
from certs.gather import rows
from certs.gather.batch import Batch
from certs.gather.places import Places
from certs.gather.rows import GatheredRow, Refusal
from certs.issuing import VERSIONED
from certs.licenceid import LicenceId
from certs.lifecycle import day_of
from certs.store import gathered, statuslists
from certs.store.gathered import Figures
from ledger import outbox
from ledger.entryrows import copy_entries, copy_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.promise import BatchPromise


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
        places = Places.of(db, self._licences, self._holders, caller, candidates)
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
        batch = Batch(caller, operator, now)
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
        fresh = [told.taken[row.number][0] for row in good if status_of(row.status) is Status.valid]
        for each in gathered.replacing(db, fresh):  # a change that came as another licence is told like any
            outbox.emit(db, VERSIONED, each, {"licence_id": each}, now)
        told.promise = self._evidence.promise_batch(entries, now)


def _licence_id(caller: Caller, row: GatheredRow, number: int) -> LicenceId:
    serial = f"{caller.division}{row.issued_on.year}{number:09d}"
    return LicenceId(row.kind.type_code, caller.org_code, serial, 1)  # the caller's code was checked when registered
