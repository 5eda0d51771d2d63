"""Taking an archive in: judged in a glance, put outside any unit, recorded in one unit a batch.

    judge   which rows were taken before, which are here already, which are wrong; nothing is written
    (put)   the edge stores the files of the good ones, several at once
    keep    holders, objects, materials, entries and rows in one unit, by COPY; its commit is the acknowledgement

A row is taken once: the primary key of `intake_row` decides, also between two requests at the same moment. A process
that dies between put and commit leaves ciphertext whose key is gone, and the row not taken: it is sent again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from authz.model import Act
from ledger import objectrows
from ledger.entryrows import copy_entries, copy_records
from ledger.ids import new_id
from ledger.record import seal
from ledger.steps import execute, run, together
from materials import store as materials_store
from materials.deposits import CheckedDeposit, deposited, material_of, retained
from materials.errors import MaterialsError, SupersedeRefusedError
from materials.intake import rows as reading, store
from materials.intake.errors import IntakeDigestError, IntakeDuplicateError, IntakeRowError, UnknownIntakeError
from materials.intake.model import MAX_ROWS, Intake, IntakeRow, Judged, Kept, Refusal, Taken
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller, HolderKind, Identifier
    from ledger.objects import StoredObject
    from ledger.promise import BatchPromise
    from materials.catalogue import Catalogue
    from materials.deposits import Deposits
    from materials.desk import Desk
    from materials.intake.model import Stored


class Intakes:
    """Bulk intakes.

    Args:
        catalogue: the types.
        deposits: what a row may name: a project, the version it replaces.
        desk: who acts, the log, the time.
    """

    def __init__(self, catalogue: Catalogue, deposits: Deposits, desk: Desk) -> None:
        self._catalogue = catalogue
        self._deposits = deposits
        self._desk = desk

    def open(self, db: Connection, caller: Caller, manifest: str, rows: int, operator: str) -> Intake:
        """The intake of a manifest, begun where there is none.

        Args:
            manifest: SHA-256 of its bytes, hexadecimal.
            rows: how many it has.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            IntakeRowError: more rows than a manifest may have, or another number than it had.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        if not 0 < rows <= MAX_ROWS:
            raise IntakeRowError(member="rows", problem=f"not 1 to {MAX_ROWS}")
        fresh = Intake(new_id(), caller.party_id, manifest, rows, operator, self._desk.clock.now())
        store.insert(db, fresh)
        held = store.by_manifest(db, caller.party_id, manifest) or fresh
        if held.rows != rows:
            raise IntakeRowError(member="rows", problem="another number than this manifest had")
        return held

    @staticmethod
    def get(db: Connection, caller: Caller, intake_id: str) -> Intake:
        """An intake of the caller's organisation.

        Raises:
            UnknownIntakeError: there is none.
        """
        held = store.by_id(db, caller.party_id, intake_id)
        if held is None:
            raise UnknownIntakeError
        return held

    def read(self, given: Iterable[object], operator: str, most: int = MAX_ROWS) -> list[IntakeRow | Refusal]:
        """Judge rows by themselves; outside of any unit.

        Args:
            given: JSON values.
            most: rows of the manifest.
        """
        today = self._desk.clock.now().astimezone(LOCAL).date()
        found = [reading.read(value, self._catalogue, operator, today) for value in given]
        beyond = IntakeRowError(member="row", problem="beyond the rows of the manifest")
        return [each if each.number <= most else Refusal.of(each.number, beyond) for each in found]

    def judge(
        self, db: Connection, caller: Caller, operator: str, read: Sequence[IntakeRow | Refusal], intake_id: str = ""
    ) -> Judged:
        """Judge rows against what is here and what stands before them in the request.

        Args:
            read: as `read` gave them.
            intake_id: of theirs; empty for a dry run, which has none.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        judged = Judged(refused=[each for each in read if isinstance(each, Refusal)])
        sound = [each for each in read if isinstance(each, IntakeRow)]
        if intake_id:
            judged.known = store.among(db, intake_id, {row.number for row in sound})
        fresh = [row for row in sound if row.number not in judged.known]
        holders = self._desk.holders.known_many(db, {row.holder for row in fresh})
        here = self._here(db, caller, fresh, holders)
        before: dict[tuple[str, str, Identifier], int] = {}
        replaced: set[str] = set()
        for row in fresh:
            first = before.setdefault((row.sha256, row.type.code, row.holder), row.number)
            if row.number in judged.good:
                judged.refused.append(Refusal.of(row.number, IntakeRowError(member="row", problem="twice")))
            elif row.number in here:
                judged.refused.append(Refusal.of(row.number, IntakeDuplicateError(material=here[row.number])))
            elif first != row.number:
                judged.refused.append(Refusal.of(row.number, IntakeDuplicateError(row=first)))
            elif (why := self._named(db, caller, row, holders.get(row.holder, ""), replaced)) is not None:
                judged.refused.append(Refusal.of(row.number, why))
            else:
                judged.good[row.number] = row
        return judged

    def _named(
        self, db: Connection, caller: Caller, row: IntakeRow, holder_id: str, replaced: set[str]
    ) -> MaterialsError | None:
        """Why a row may not name the project, or the version, that it names; None where it may, or names none."""
        meta = row.meta
        if meta.project_code is None and meta.supersedes is None:
            return None
        if meta.supersedes in replaced:
            return SupersedeRefusedError(problem="by two rows")
        try:
            run(db, self._deposits.named(caller, replace(meta, holder_id=holder_id)))
        except MaterialsError as error:
            return error
        replaced |= {meta.supersedes} if meta.supersedes else set()
        return None

    def retained(self, row: IntakeRow) -> datetime:
        """Until when the object of a row is locked."""
        return retained(row.type, self._desk.clock.now())

    @staticmethod
    def check_stored(row: IntakeRow, stored: StoredObject) -> None:
        """Check that what was stored is the file the row describes.

        Raises:
            IntakeDigestError: it is not.
        """
        if stored.size != row.size:
            raise IntakeDigestError(stated=row.size, size=stored.size)
        if stored.sha256 != row.sha256:
            raise IntakeDigestError(problem="sha256")

    def keep(self, db: Connection, caller: Caller, intake: Intake, operator: str, stored: Sequence[Stored]) -> Kept:
        """Make stored files materials; the caller's commit is the acknowledgement.

        Rows are judged again, since other requests went on meanwhile.

        Raises:
            UnknownOperatorError, NotPermittedError: as `judge`.
            psycopg.errors.UniqueViolation: another unit took a row at this moment; do the whole unit again.
        """
        judged = self.judge(db, caller, operator, [each.row for each in stored], intake.id)
        good = [each for each in stored if judged.good.get(each.row.number) is each.row]
        taken: list[Taken] = []
        promise = None
        if good:
            people: dict[Identifier, tuple[HolderKind, str]] = {}
            for each in good:
                people.setdefault(each.row.holder, (each.row.holder_kind, each.row.holder_name))
            holders = self._desk.holders.register_many(db, people)
            taken, promise = self._write(db, caller, intake, good, holders)
        return Kept(tuple(taken), tuple(judged.known.values()), tuple(judged.refused), promise)

    def _write(
        self, db: Connection, caller: Caller, intake: Intake, good: Sequence[Stored], holders: dict[Identifier, str]
    ) -> tuple[list[Taken], BatchPromise]:
        at, sealed, materials, taken = self._desk.clock.now(), [], [], []
        pairwise = {each: self._desk.holders.pairwise(held, caller.party_id) for each, held in holders.items()}
        for each in good:
            row, material_id, entry_id = each.row, new_id(), new_id()
            meta = replace(row.meta, holder_id=holders[row.holder])
            project, version = None, 1
            if meta.project_code is not None or meta.supersedes is not None:
                project, version = run(db, self._deposits.named(caller, meta, lock=True))
            checked = CheckedDeposit(meta, row.type, project, version, each.object.retain_until)
            more = {"intake": intake.id, "row": row.number, "reference": row.reference}
            record = deposited(caller, checked, each.object, (material_id, pairwise[row.holder]), at, **more)
            sealed.append((entry_id, seal(record)))
            materials.append(material_of(caller, checked, each.object, (material_id, entry_id), at))
            taken.append(Taken(row.number, material_id, entry_id, each.object.sha256, each.object.size))
        entries = [(entry_id, record.leaf) for entry_id, record in sealed]
        objectrows.copy(db, [each.object for each in good])
        copy_records(db, sealed)
        copy_entries(db, entries, at)
        materials_store.copy_materials(db, materials)
        for material in materials:
            if material.supersedes is not None:
                execute(db, together(*self._deposits.ended(caller, material, at)))
        references = [each.row.reference for each in good]
        store.copy(
            db,
            intake.id,
            ((row.number, row.material_id, reference) for row, reference in zip(taken, references, strict=True)),
        )
        return taken, self._desk.evidence.promise_batch(entries, at)

    @staticmethod
    def taken(db: Connection, intake: Intake, after: int, limit: int) -> list[Taken]:
        """Rows that are in, by number, beyond one."""
        return store.page(db, intake.id, after, limit)

    @staticmethod
    def _here(
        db: Connection, caller: Caller, rows: Sequence[IntakeRow], holders: dict[Identifier, str]
    ) -> dict[int, str]:
        wanted = [(row.number, row.sha256, row.type.code, holders[row.holder]) for row in rows if row.holder in holders]
        return store.same(db, caller.party_id, wanted) if wanted else {}
