"""What a batch writes: licences with their history and the log entries of it all, put together before any statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from certs.changes import CHANGED
from certs.gather.rows import GATHERED
from certs.lifecycle import start_of
from certs.model import Licence, LicenceEvent, LicenceStatus, Operation
from certs.store.licences import NewLicence
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, seal

if TYPE_CHECKING:
    from datetime import datetime

    from authz.model import Caller
    from certs.faces import Content
    from certs.gather.rows import GatheredRow
    from certs.licenceid import LicenceId
    from ledger.record import SealedRecord

ORIGIN: Final = "gathered"
_OPERATION: Final = {
    LicenceStatus.suspended: Operation.suspend,
    LicenceStatus.lapsed: Operation.expire,
    LicenceStatus.other: Operation.other,
}
"""Which operation leads to a status that came with a row; every other end is `Operation.cancel`."""


@dataclass(slots=True)
class Batch:
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
        self._event(licence, Operation.issue, LicenceStatus.valid, GATHERED, issued)
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
