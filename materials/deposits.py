"""Deposits: what must hold before a file is taken in, and the unit that makes it a material (DESIGN 4.1, 4.2).

`check` runs before a byte is stored, so a bad request leaves nothing behind. `record` writes material, object, key,
log entry and, for a new version, the end of the old one in one unit. Between the two the file goes to S3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from materials import store
from materials.errors import SupersedeRefusedError, UnknownCaseError, UnknownProjectError
from materials.model import Material, MaterialStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Caller
    from authz.parties import Parties
    from ledger.clock import Clock
    from ledger.evidence import Evidence, Promise
    from ledger.objects import ObjectStore, StoredObject
    from materials.catalogue import Catalogue
    from materials.model import DepositMeta, MaterialType

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


class Deposits:
    """Takes materials in."""

    def __init__(  # noqa: PLR0913, PLR0917 - the collaborators of a service
        self,
        catalogue: Catalogue,
        objects: ObjectStore,
        evidence: Evidence,
        holders: Holders,
        parties: Parties,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._objects = objects
        self._evidence = evidence
        self._holders = holders
        self._parties = parties
        self._clock = clock

    def check(self, db: Connection, caller: Caller, meta: DepositMeta) -> CheckedDeposit:
        """Check a deposit before its file is read.

        Raises:
            UnknownMaterialTypeError, UnknownOperatorError, UnknownCaseError, UnknownProjectError: as they say.
            SupersedeRefusedError: not the current version of the same type and holder, or another depositor's.
        """
        kind = self._catalogue.type(meta.type_code)
        self._parties.operator(db, caller.party_id, meta.operator)
        if meta.origin_case_no and store.case_of(db, meta.origin_case_no, caller.party_id) is None:
            raise UnknownCaseError
        version = self._predecessor(db, caller, meta).version + 1 if meta.supersedes else 1
        years = kind.retention_years or FOR_EVER_YEARS
        retain_until = self._clock.now() + timedelta(days=365.25 * years)
        return CheckedDeposit(meta, kind, self._project_id(db, meta), version, retain_until)

    def record(self, db: Connection, caller: Caller, checked: CheckedDeposit, stored: StoredObject) -> tuple[Material, Promise]:
        """Make a stored file a material; the caller's commit is the acknowledgement.

        Raises:
            SupersedeRefusedError: another version superseded the same one meanwhile.
        """
        meta, at, material_id = checked.meta, self._clock.now(), new_id()
        if meta.supersedes:
            self._predecessor(db, caller, meta, lock=True)
        self._objects.record(db, stored)
        promise = self._evidence.append(db, self._deposited(caller, checked, stored, material_id, at))
        material = Material(
            id=material_id,
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
            entry_id=promise.entry_id,
        )
        store.insert_material(db, material)
        if meta.supersedes:
            self._supersede(db, caller, material, at)
        return material, promise

    def _deposited(
        self, caller: Caller, checked: CheckedDeposit, stored: StoredObject, material_id: str, at: datetime
    ) -> Record:
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
            "material": material_id,
            "material_type": meta.type_code,
            "version": checked.version,
            "channel": meta.channel,
            "verify_level": meta.verify_level,
            "holder": self._holders.pairwise(meta.holder_id, caller.party_id),
        }
        optional = {"supersedes": meta.supersedes, "case": meta.origin_case_no, "project": checked.project_id}
        return Record(fact, parties | {name: value for name, value in optional.items() if value})

    def _supersede(self, db: Connection, caller: Caller, material: Material, at: datetime) -> None:
        old = material.supersedes or ""
        fact = {"type": "material.superseded", "time": rfc3339(at)}
        parties = {
            "requester": caller.org_code,
            "operator": material.operator,
            "material": old,
            "by": material.id,
            "holder": self._holders.pairwise(material.holder_id, caller.party_id),
        }
        promise = self._evidence.append(db, Record(fact, parties))
        store.supersede(db, old, material.id, promise.entry_id)

    def _predecessor(self, db: Connection, caller: Caller, meta: DepositMeta, *, lock: bool = False) -> Material:
        old = store.material(db, meta.supersedes or "", lock=lock)
        if old is None or old.party_id != caller.party_id:
            raise SupersedeRefusedError(problem="unknown")
        if (old.type_code, old.holder_id) != (meta.type_code, meta.holder_id):
            raise SupersedeRefusedError(problem="other type or holder")
        if old.status is not MaterialStatus.active:
            raise SupersedeRefusedError(problem="not the current version", current=old.superseded_by or old.status.value)
        return old

    def _project_id(self, db: Connection, meta: DepositMeta) -> str | None:
        if meta.project_code is None:
            return None
        project = store.project_by_code(db, meta.project_code)
        if project is None or not store.is_member(db, project.id, meta.holder_id):
            raise UnknownProjectError
        return project.id
