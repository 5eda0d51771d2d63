"""Using a licence in a case: the same request, decision and receipt as for a material, another thing that leaves.

A licence is used as the material type it stands for (营业执照, CL001), so grants, duty entries and items that name the
type cover both. It is read `FOR SHARE` in the unit that decides, so a change of its status is ordered against the use;
and once more before anything of it leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.errors import UnknownUseError, UseClosedError
from authz.model import Mode, Resource, ShareClass
from certs import derived
from certs.lifecycle import has_begun, status_on
from certs.model import LicenceStatus
from certs.store import copies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from authz.holders import Holders
    from authz.model import Party, Use, UseRequest
    from certs.catalogue import LicenceCatalogue
    from certs.faces import Content
    from certs.licencetypes import LicenceType
    from certs.model import Licence
    from certs.store.copies import Copy
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.objectrows import StoredObject
    from ledger.steps import Statement, Steps

ACTIVE: Final = "active"
SUPERSEDED: Final = "superseded"
_STATUSES: Final[Mapping[LicenceStatus, str]] = {
    LicenceStatus.valid: ACTIVE,
    LicenceStatus.suspended: "suspended",
    LicenceStatus.revoked: "revoked",
    LicenceStatus.cancelled: "cancelled",
    LicenceStatus.lapsed: "expired",
    LicenceStatus.transferred: "transferred",
    LicenceStatus.withdrawn_permit: "permit-withdrawn",
    LicenceStatus.other: "ended",
}
"""Status of the national list as the policies name it (`authz/policies/uses.cedar`)."""


@dataclass(frozen=True, slots=True)
class UsedLicence:
    """A licence about to be used.

    Attributes:
        size, digests: of the sealed PDF; of the face where there is no file.
    """

    licence: Licence
    kind: LicenceType
    resource: Resource
    size: int
    digests: dict[str, str]


def standing(licence: Licence, at: datetime) -> str:
    """Whether a licence may be used at a moment: `active`, or why not, as the policies name it."""
    if not licence.is_current_version:
        return SUPERSEDED
    if licence.frozen:
        return "disputed"
    status = _STATUSES[status_on(licence, at)]
    return "not-yet-valid" if status == ACTIVE and not has_begun(licence, at) else status


class LicenceUses:
    """What uses must know of licences, and what they deliver of them.

    Args:
        catalogue: types of licence.
        licences: the rows.
        evidence: the log.
        holders: names holders pairwise.
        clock: tells the time.
        period: how long a copy may be relied on.
    """

    def __init__(
        self,
        catalogue: LicenceCatalogue,
        licences: LicenceStore,
        evidence: Evidence,
        holders: Holders,
        clock: Clock,
        *,
        period: timedelta,
    ) -> None:
        self.types = catalogue
        self.licences = licences
        self._evidence = evidence
        self._holders = holders
        self._clock = clock
        self._period = period

    def find(
        self, licence_id: str, applicant_id: str | None, people: Collection[str] = frozenset()
    ) -> Steps[UsedLicence | None]:
        """A licence, locked against changes until the unit ends, as the decision must know it.

        Args:
            licence_id: UUID.
            applicant_id: of the case. Of several holders, each of whom may show the licence, the applicant is meant.
            people: others the case is about, one of whom is meant next.
        """
        held = yield from self.licences.get(licence_id, lock="share")
        if held is None:
            return None
        kind = self.types.type(held.type_code)
        if kind.material_type is None:
            return None
        if held.pdf is not None:
            size = held.pdf.size
        else:
            content = yield from self.licences.content(licence_id)
            size = len(content.committed()) if content else 0
        resource = self.resource(held, kind, applicant_id, people)
        return UsedLicence(held, kind, resource, size, derived.parent(held))

    def resource(
        self, held: Licence, kind: LicenceType, applicant_id: str | None, people: Collection[str] = frozenset()
    ) -> Resource:
        """A licence as the decision must know it."""
        meant = (each for each in held.holder_ids if each == applicant_id)
        named = (each for each in held.holder_ids if each in people)
        holder_id = next(meant, None) or next(named, held.holder_ids[0])
        return Resource(
            kind="licence",
            id=held.id,
            type_code=kind.material_type or kind.code,
            share_class=ShareClass(kind.class_of(held.share_class)),
            level=kind.level_of(held.level),
            status=standing(held, self._clock.now()),
            holder_id=holder_id,
            division=held.division,
            project_id=None,
            depositor_party_id=held.issuer_party_id,
            dated=held.issued_at,
            co_holders=frozenset(held.holder_ids) - {holder_id} if kind.joint_consent else frozenset(),
        )

    def current_version(self, held: Licence) -> Steps[str]:
        """The newest version of a licence."""
        newest = yield from self.licences.current(held.first_id)
        return newest.id if newest else held.id

    def plan(self, found: UsedLicence, request: UseRequest, use: Use) -> Statement:
        """What writes down, in the unit of an allowed use, what it is to deliver.

        Raises:
            LicenceFileMissingError, FieldsMissingError, FieldUnknownError, FieldMaskedError: it cannot deliver that.
        """
        return copies.plan(derived.plan(found.licence, found.kind, use, request.fields, self._period))

    # Delivery

    def copy_of(self, use: Use) -> Steps[Copy | None]:
        """What a use of a licence delivers, if it is one and the licence still stands.

        Raises:
            UseClosedError: the licence was suspended, frozen, ended or superseded meanwhile.
        """
        copy = yield from copies.of_use(use.id)
        if copy is not None:
            yield from self._standing(copy.licence_id)
        return copy

    def check(self, use: Use) -> Steps[tuple[Copy, Licence]]:
        """A use's copy and its licence, locked against changes until the unit ends.

        Raises:
            UnknownUseError: the use is of something else.
            UseClosedError: as `copy_of`.
        """
        copy = yield from copies.of_use(use.id)
        if copy is None:
            raise UnknownUseError
        return copy, (yield from self._standing(copy.licence_id, lock="share"))

    def content(self, licence: Licence) -> Steps[Content | None]:
        """The face of a licence, in clear."""
        return self.licences.content(licence.id)

    def document(
        self, copy: Copy, licence: Licence, content: Content, issuer: Party, requester: Party, use: Use
    ) -> bytes:
        """What a use in mode `data` or `verify` delivers (`certs.derived.document`)."""
        kind = self.types.type(licence.type_code)
        return derived.document(copy, licence, kind, content, issuer, requester, use, self._clock.now())

    def made(self, copy: Copy, licence: Licence, use: Use, stored: StoredObject, org_code: str) -> list[Statement]:
        """What writes down that a copy was made and stored, with its log entry; the first says whether it was needed.

        Args:
            org_code: of the requester.
        """
        now = self._clock.now()
        holder = self._holders.pairwise(use.holder_id, use.party_id)
        record = derived.record(copy, licence, use, stored, org_code, holder, now)
        promise, writes = self._evidence.prepare(record)
        return [copies.made(copy, stored, now, promise.entry_id), *writes]

    @staticmethod
    def delivers(use: Use) -> Steps[dict[str, str] | None]:
        """Digests of the bytes that a use delivers; None where they have not been made yet."""
        copy = yield from copies.of_use(use.id)
        if copy is None:  # a material, of which a copy is the original; values for a form have no digests of their own
            return {"sha256": use.sha256, "sm3": use.sm3} if use.mode is Mode.copy else None
        return {"sha256": copy.sha256, "sm3": copy.sm3} if copy.sha256 and copy.sm3 else None

    @staticmethod
    def is_of_licence(use: Use) -> Steps[bool]:
        """Whether a use is of a licence."""
        return (yield from copies.of_use(use.id)) is not None

    def entries_of(self, use: Use) -> Steps[tuple[str, str | None] | None]:
        """Log entries of the licence a use is of, and of what it delivered; None where it is of something else."""
        copy = yield from copies.of_use(use.id)
        # A use that filled a form delivered values and made no copy; it names the licence itself.
        held = yield from self.licences.get(copy.licence_id if copy else use.object_id)
        return None if held is None else (held.entry_id, copy.entry_id if copy else None)

    def _standing(self, licence_id: str, *, lock: str = "") -> Steps[Licence]:
        held = yield from self.licences.get(licence_id, lock=lock)
        if held is None or standing(held, self._clock.now()) != ACTIVE:
            raise UseClosedError(why="status")
        return held
