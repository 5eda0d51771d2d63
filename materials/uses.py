"""Using a material or a licence: gather what the decision must know, as plain values; `authz` decides and records.

Hot path: one statement reads and locks material and case, so that neither can change between decision and intent
(RELIABILITY Z7); the catalogue is in memory. Everything else is `authz`'s. What is no material may be a licence, for
one statement more (`materials.licence_uses`).

What does not exist goes the same way as what does: `authz` gets no resource and answers by the table of DESIGN 7, "What
is said", so that absent and forbidden are one answer from one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.errors import UnknownUseError, UseRefusedError
from authz.model import Mode, Resource, ShareClass
from authz.reasons import Reason
from materials import store
from materials.errors import ModeNotServedError
from materials.model import MaterialStatus
from materials.validity import other_matter, status_at

if TYPE_CHECKING:
    from datetime import datetime

    from authz.model import Caller, CaseFacts, Use, UseRequest
    from authz.uses import Uses
    from ledger.clock import Clock
    from ledger.steps import Statement, Steps
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.licence_uses import LicenceUses, UsedLicence
    from materials.model import Material, MaterialType


_REMEMBERED: Final = 10_000


class MaterialUses:
    """Opens uses of materials and licences."""

    def __init__(self, catalogue: Catalogue, cases: Cases, uses: Uses, licences: LicenceUses, clock: Clock) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._uses = uses
        self._licences = licences
        self._clock = clock
        self._objects: dict[str, str] = {}  # a material's object never changes

    def open(self, caller: Caller, request: UseRequest, key: str) -> Steps[tuple[Use, list[Statement]]]:
        """Decide on a use; write in the same unit what comes with it, and commit before anything is released.

        Args:
            caller: who asks.
            request: what is asked.
            key: Idempotency-Key, under which the use is unique for the client.

        Returns:
            As `authz.uses.Uses.open`.

        Raises:
            UseRefusedError: refused; its code says what the caller may know. Where that is `status-superseded`, the
                field `current` names the version to use instead.
            ModeNotServedError: it would be allowed, but a material has no fields to give yet; nothing was written.
        """
        material, case, lead = yield from store.for_use(request.object_id, request.case_no, caller.party_id)
        if material is None:
            applicant = case.applicant_holder_id if case else None
            found = yield from self._licences.find(request.object_id, applicant, case.people if case else frozenset())
            if found is not None:
                facts = self._cases.facts(case, request.case_no, found.resource.type_code, lead)
                return (yield from self._open_licence(caller, request, found, facts, key))
        facts = self._cases.facts(case, request.case_no, material.type_code if material else None, lead)
        resource = self._resource(material, request.case_no) if material else None
        size, digests = (material.size, {"sha256": material.sha256, "sm3": material.sm3}) if material else (0, {})
        try:
            given = yield from self._uses.open(caller, request, resource, facts, size, digests, key)
        except UseRefusedError as refusal:
            if material is not None and refusal.code == Reason.status_superseded:
                refusal.fields["current"] = yield from store.current_version(material.id)
            raise
        if request.mode is not Mode.copy:  # after the decision, so that it says nothing of what one may not know
            raise ModeNotServedError(mode=request.mode.value)
        return given

    def _open_licence(
        self, caller: Caller, request: UseRequest, found: UsedLicence, facts: CaseFacts, key: str
    ) -> Steps[tuple[Use, list[Statement]]]:
        try:
            use, writes = yield from self._uses.open(
                caller, request, found.resource, facts, found.size, found.digests, key
            )
        except UseRefusedError as refusal:
            if refusal.code == Reason.status_superseded:
                refusal.fields["current"] = yield from self._licences.current_version(found.licence)
            raise
        return use, [*writes, self._licences.plan(found, request, use)]

    @staticmethod
    def deposit_of(use: Use) -> Steps[str]:
        """The log entry of the deposit whose document a use delivers.

        Raises:
            UnknownUseError: the use is of something else.
        """
        found = yield from store.material(use.object_id)
        if found is None:
            raise UnknownUseError
        return found.entry_id

    def object_of(self, use: Use) -> Steps[str | None]:
        """The stored object whose bytes a use delivers; None where it is of a licence and nothing was made of it yet.

        Raises:
            UnknownUseError: the use is of something else.
            UseClosedError: it is of a licence that no longer stands.
        """
        found = self._objects.get(use.object_id) or (yield from store.object_of(use.object_id))
        if found is None:
            copy = yield from self._licences.copy_of(use)
            if copy is None:
                raise UnknownUseError
            return copy.object_id
        if len(self._objects) < _REMEMBERED:
            self._objects[use.object_id] = found
        return found

    def _resource(self, material: Material, case_no: str) -> Resource:
        return resource_of(material, self._catalogue.type(material.type_code), case_no, self._clock.now())


def resource_of(material: Material, kind: MaterialType, case_no: str, now: datetime) -> Resource:
    """A material as the decision must know it in a case."""
    status = status_at(material, kind, now)
    if status is MaterialStatus.active and other_matter(kind.validity, material.origin_case_no, case_no):
        status = MaterialStatus.expired  # made for one matter only, and that is another one
    return Resource(
        kind="material",
        id=material.id,
        type_code=material.type_code,
        share_class=ShareClass(kind.share_class),
        level=kind.level,
        status=status.value,
        holder_id=material.holder_id,
        division=material.division,
        project_id=material.project_id,
        depositor_party_id=material.party_id,
        share_in_project=material.share_in_project,
        dated=material.valid_from or material.deposited_at,
    )
