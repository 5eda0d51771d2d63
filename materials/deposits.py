"""Deposits: what must hold before a file is taken in, and the unit that makes it a material (DESIGN 4.1, 4.2).

`check` runs before a byte is stored, so a bad request leaves nothing behind. `record` writes material, object, key,
log entry and, for a new version, the end of the old one in one unit. Between the two the file goes to S3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation

from authz.model import Act, Presence
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import execute, run, together
from materials import store
from materials.errors import (
    CaseClosedError,
    MaterialNotActiveError,
    SupersedeRefusedError,
    UnknownCaseError,
    UnknownMaterialError,
    UnknownProjectError,
)
from materials.model import CaseState, Material, MaterialStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from ledger.clock import Clock
    from ledger.evidence import Evidence, Promise
    from ledger.objects import ObjectStore, StoredObject
    from ledger.steps import Statement, Steps
    from materials.catalogue import Catalogue
    from materials.model import Case, DepositMeta, MaterialType

STANDING: Final = frozenset({MaterialStatus.active, MaterialStatus.disputed})
"""What may be replaced or taken back: a claim against a material is answered by just that (`materials.disputes`)."""
FOR_EVER_YEARS: Final = 100
"""S3 wants a date: a lock of a century stands for "permanent", renewed by whoever still keeps it then."""


@dataclass(frozen=True, slots=True)
class CheckedDeposit:
    """A deposit that may be made.

    Attributes:
        version: what the material's version will be.
        retain_until: end of the object's lock.
    """

    meta: DepositMeta
    type: MaterialType
    project_id: str | None
    version: int
    retain_until: datetime


def retained(kind: MaterialType, now: datetime) -> datetime:
    """Until when the object of a deposit of now is locked."""
    return now + timedelta(days=365.25 * (kind.retention_years or FOR_EVER_YEARS))


def deposited(
    caller: Caller,
    checked: CheckedDeposit,
    stored: StoredObject,
    names: tuple[str, str],
    at: datetime,
    **more: object,
) -> Record:
    """What the log says of a deposit.

    Args:
        names: of the material, and of its holder to the caller (pairwise).
        at: when.
        more: further members of the parties.
    """
    meta = checked.meta
    fact = {
        "type": "material.deposited",
        "time": rfc3339(at),
        "digests": {"sha256": stored.sha256, "sm3": stored.sm3},
        "size": stored.size,
    }
    parties: dict[str, object] = {
        "requester": caller.org_code,
        "operator": meta.operator,
        "material": names[0],
        "material_type": meta.type_code,
        "version": checked.version,
        "channel": meta.channel,
        "verify_level": meta.verify_level,
        "holder": names[1],
    }
    optional = {"supersedes": meta.supersedes, "case": meta.origin_case_no, "project": checked.project_id, **more}
    return Record(fact, parties | {name: value for name, value in optional.items() if value})


def material_of(
    caller: Caller, checked: CheckedDeposit, stored: StoredObject, ids: tuple[str, str], at: datetime
) -> Material:
    """The material that a deposit makes.

    Args:
        ids: of the material, and of its log entry.
        at: when.
    """
    meta = checked.meta
    return Material(
        id=ids[0],
        type_code=meta.type_code,
        holder_id=meta.holder_id,
        version=checked.version,
        status=MaterialStatus.active,
        object_id=stored.object_id,
        file_name=meta.file_name,
        media_type=meta.media_type,
        size=stored.size,
        sha256=stored.sha256,
        sm3=stored.sm3,
        division=caller.division,
        party_id=caller.party_id,
        operator=meta.operator,
        channel=meta.channel,
        verify_level=meta.verify_level,
        origin_case_no=meta.origin_case_no,
        project_id=checked.project_id,
        share_in_project=meta.share_in_project,
        valid_from=meta.valid_from,
        valid_to=meta.valid_to,
        supersedes=meta.supersedes,
        superseded_by=None,
        deposited_at=at,
        entry_id=ids[1],
    )


class Deposits:
    """Takes materials in."""

    def __init__(
        self,
        catalogue: Catalogue,
        objects: ObjectStore,
        evidence: Evidence,
        holders: Holders,
        counter: Counter,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._objects = objects
        self._evidence = evidence
        self._holders = holders
        self._counter = counter
        self._clock = clock

    def check(self, caller: Caller, meta: DepositMeta) -> Steps[CheckedDeposit]:
        """Check a deposit before its file is read.

        Raises:
            UnknownMaterialTypeError, UnknownOperatorError, NotPermittedError: as they say.
            UnknownCaseError, CaseClosedError: no such open case of the caller's organisation.
            UnknownProjectError: no such project, or the holder does not belong to it.
            SupersedeRefusedError: not the current version of the same type and holder, or not the caller's to replace.
        """
        kind = self._catalogue.type(meta.type_code)
        yield from self._counter.allow(caller, meta.operator, Act.deposit)
        case = yield from self._case(caller, meta)
        version = (yield from self._predecessor(caller, meta, case)).version + 1 if meta.supersedes else 1
        kept_until = retained(kind, self._clock.now())
        return CheckedDeposit(meta, kind, (yield from self._project_id(meta)), version, kept_until)

    def named(self, caller: Caller, meta: DepositMeta, *, lock: bool = False) -> Steps[tuple[str | None, int]]:
        """What a deposit outside any case names besides: its project, and the version it will be.

        Args:
            lock: the version it replaces, in the unit that writes.

        Raises:
            UnknownProjectError, SupersedeRefusedError: as `check`.
        """
        version = (yield from self._predecessor(caller, meta, None, lock=lock)).version + 1 if meta.supersedes else 1
        return (yield from self._project_id(meta)), version

    def ended(self, caller: Caller, material: Material, at: datetime) -> list[Statement]:
        """What ends the version that a material replaces."""
        return self._supersede(caller, material, at)

    def record(self, caller: Caller, checked: CheckedDeposit, stored: StoredObject) -> Steps[tuple[Material, Promise]]:
        """Make a stored file a material; the caller's commit is the acknowledgement.

        Raises:
            CaseClosedError: its case was closed meanwhile.
            SupersedeRefusedError: another version superseded the same one meanwhile.
        """
        meta, at, material_id = checked.meta, self._clock.now(), new_id()
        case = yield from self._case(caller, meta)
        if meta.supersedes:
            yield from self._predecessor(caller, meta, case, lock=True)
        holder = self._holders.pairwise(meta.holder_id, caller.party_id)
        promise, writes = self._evidence.prepare(deposited(caller, checked, stored, (material_id, holder), at))
        material = material_of(caller, checked, stored, (material_id, promise.entry_id), at)
        writes += [*self._objects.record(stored), store.insert_material(material)]
        if meta.supersedes:
            writes += self._supersede(caller, material, at)
        try:
            yield together(*writes)
        except UniqueViolation as error:
            if store.is_superseded(error):
                raise SupersedeRefusedError(problem="not the current version") from error
            raise
        return material, promise

    def withdraw(self, db: Connection, caller: Caller, material_id: str, operator: str) -> Material:
        """Take back a deposit that should not have been made; it is never used again, and what was used stays told.

        Raises:
            UnknownOperatorError: as it says.
            UnknownMaterialError: no such deposit of the caller's organisation.
            MaterialNotActiveError: it has ended already.
        """
        self._counter.let(db, caller, operator, Act.deposit)
        held = run(db, store.material(material_id, lock=True))
        if held is None or held.party_id != caller.party_id:
            raise UnknownMaterialError
        if held.status not in STANDING:
            raise MaterialNotActiveError(status=held.status.value)
        at = self._clock.now()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "material": material_id,
            "holder": self._holders.pairwise(held.holder_id, caller.party_id),
        }
        promise = self._evidence.append(db, Record({"type": "material.withdrawn", "time": rfc3339(at)}, parties))
        execute(db, store.end(material_id, MaterialStatus.withdrawn, at, promise.entry_id, None))
        return replace(held, status=MaterialStatus.withdrawn, ended_at=at, ended_entry_id=promise.entry_id)

    def _supersede(self, caller: Caller, material: Material, at: datetime) -> list[Statement]:
        old = material.supersedes or ""
        fact = {"type": "material.superseded", "time": rfc3339(at)}
        parties = {
            "requester": caller.org_code,
            "operator": material.operator,
            "material": old,
            "by": material.id,
            "holder": self._holders.pairwise(material.holder_id, caller.party_id),
        }
        promise, writes = self._evidence.prepare(Record(fact, parties))
        return [*writes, store.end(old, MaterialStatus.superseded, at, promise.entry_id, material.id)]

    @staticmethod
    def _case(caller: Caller, meta: DepositMeta) -> Steps[Case | None]:
        if meta.origin_case_no is None:
            return None
        case = yield from store.case_of(meta.origin_case_no, caller.party_id, share=True)
        if case is None:
            raise UnknownCaseError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=meta.origin_case_no)
        return case

    @staticmethod
    def _predecessor(caller: Caller, meta: DepositMeta, case: Case | None, *, lock: bool = False) -> Steps[Material]:
        """The version that is replaced.

        Its depositor may replace it, and so may whoever has the holder as applicant before them: the articles that
        changed are handed in where the change is filed. For everybody else it does not exist.
        """
        old = yield from store.material(meta.supersedes or "", lock=lock)
        before_them = case is not None and case.applicant_holder_id == meta.holder_id and case.presence != Presence.none
        if old is None or not (old.party_id == caller.party_id or (before_them and old.holder_id == meta.holder_id)):
            raise SupersedeRefusedError(problem="unknown")
        if (old.type_code, old.holder_id) != (meta.type_code, meta.holder_id):
            raise SupersedeRefusedError(problem="other type or holder")
        if old.status not in STANDING:
            current = yield from store.current_version(old.id)
            raise SupersedeRefusedError(problem="not the current version", status=old.status.value, current=current)
        return old

    @staticmethod
    def _project_id(meta: DepositMeta) -> Steps[str | None]:
        if meta.project_code is None:
            if meta.share_in_project:
                raise UnknownProjectError(problem="shared in no project")
            return None
        project = yield from store.project_by_code(meta.project_code)
        # A holder nobody has met yet (empty id) belongs to no project.
        if project is None or not meta.holder_id or not (yield from store.is_member(project.id, meta.holder_id)):
            raise UnknownProjectError
        return project.id
