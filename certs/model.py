"""Words and values of e-licences (电子证照), and the fact that one holder represents another.

A *licence* is one version of an e-licence: what a renewal or change makes is another row with the next version number
that names its predecessor. Statuses and operations are those of GB/T 36903 (DOMAIN c1). A stored status is what
somebody did; whether time has run out is computed when asked (`certs.lifecycle.status_on`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from certs.errors import InvalidRepresentationError, LicencePeriodError

if TYPE_CHECKING:
    from datetime import date, datetime

    from certs.licencetypes import LicenceType

Face: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""Face data (照面信息) by field name: text, or texts for a field of kind `list`. Dates are YYYY-MM-DD."""


class LicenceStatus(StrEnum):
    """Status codes of the national list (DOMAIN c1)."""

    valid = "01"
    suspended = "02"
    """暂扣"""
    revoked = "03"
    """撤销: it should never have been given"""
    cancelled = "04"
    """注销: it was given up"""
    lapsed = "05"
    """失效: its time ran out, or a newer version took its place"""
    transferred = "06"
    """办理转出"""
    withdrawn_permit = "07"
    """吊销: taken away as a penalty"""
    other = "99"

    @property
    def is_standing(self) -> bool:
        """Whether the licence still occupies its place: valid, or suspended and may come back."""
        return self in {LicenceStatus.valid, LicenceStatus.suspended}


class Operation(StrEnum):
    """What is done to a licence, by the national list (DOMAIN c1)."""

    issue = "01"
    renew = "02"
    suspend = "03"
    expire = "04"
    cancel = "05"
    """Cancel, revoke, withdraw or transfer out: the target status says which."""
    restore = "06"
    other = "07"
    transfer_in = "08"
    change = "09"
    undo_transfer = "10"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file of a licence: its object, size in bytes, digests in hexadecimal."""

    object_id: str
    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Licence:
    """One version of an e-licence.

    Attributes:
        id: UUID; the only name of a licence that goes into addresses and logs.
        licence_id: 电子证照标识, GB/T 36904.
        type_code: LTnn.
        licence_no: the number printed on it; personal for some types, encrypted at rest.
        version: 1 to 999, the same number as in `licence_id`.
        first_id: the licence that was version 1 here; all versions share it.
        predecessor_id, successor_id: the versions before and after.
        issuer_party_id: who issued it.
        holder_ids: in the order of the face.
        holder_kind: person, organisation or mixed.
        status: as stored.
        status_reason: kebab-case code, empty for none.
        valid_from, valid_to: first and last day, in Shanghai; no last day where None.
        frozen: a dispute stands against it.
        face_sha256, face_sm3: of the salted canonical face (`certs.faces`).
        credential_sha256: of the SD-JWT VC as issued, without key binding.
        status_list: list id and index in it.
        origin: issued or gathered.
        entry_id: log entry `licence.issued`.
        changed_entry_id: the newest log entry `licence.changed`.
    """

    id: str
    licence_id: str
    type_code: str
    licence_no: str
    version: int
    first_id: str
    predecessor_id: str | None
    issuer_party_id: str
    holder_ids: tuple[str, ...]
    holder_kind: str
    status: LicenceStatus
    status_reason: str
    status_at: datetime
    issued_at: datetime
    valid_from: date
    valid_to: date | None
    level: int
    share_class: str
    division: str
    frozen: bool
    face_sha256: str
    face_sm3: str
    pdf: FileRef | None
    ofd: FileRef | None
    credential_sha256: str | None
    status_list: tuple[str, int] | None
    origin: str
    entry_id: str
    changed_entry_id: str | None = None
    successor_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise LicencePeriodError(problem="ends before it begins")

    @property
    def is_current_version(self) -> bool:
        """Whether no newer version took its place."""
        return self.successor_id is None


@dataclass(frozen=True, slots=True)
class LicenceEvent:
    """A line of a licence's life.

    Attributes:
        status: what it had afterwards.
        party_id, operator: who did it.
    """

    at: datetime
    operation: Operation
    status: LicenceStatus
    reason: str
    party_id: str
    operator: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a face shows, in clear and in memory only: the one input of files and credential.

    Attributes:
        issuer_code: unified social credit code.
        holders: name, code type (DOMAIN c1) and code of each.
        issue_date: day of issue in Shanghai.
        related_licence_id: 关联证照标识, the predecessor's licence id.
    """

    type: LicenceType
    licence_id: str
    licence_no: str
    version: int
    issuer_name: str
    issuer_code: str
    holders: tuple[tuple[str, str, str], ...]
    face: Face
    issue_date: date
    valid_from: date
    valid_to: date | None
    related_licence_id: str | None = None


class CodeKind(StrEnum):
    """What a holder shows: 亮证 on a screen, 离线随申码 on paper, 一企一码 on a wall."""

    live = "live"
    printed = "printed"
    company = "company"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that a holder shows. What is in the QR code is opaque and not here.

    Attributes:
        licence_id: what it shows; None for a company code, behind which are all its licences.
        channel: app, relative, kiosk or window.
        signer_id: the person who signed for it; None where it was made at a counter.
        party_id: the organisation at whose counter it was made.
        audience_org, audience_counter: whom a live code is for; any counter of the organisation where None.
        fields: what the holder shows; all the type presents where None.
        entry_id: log entry `licence.code-issued` of a lasting code.
    """

    id: str
    kind: CodeKind
    holder_id: str
    licence_id: str | None
    channel: str
    signer_id: str | None
    party_id: str | None
    audience_org: str | None
    audience_counter: str | None
    fields: tuple[str, ...] | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Presentation:
    """A scan of a code: what a verifier was shown, or why not.

    Attributes:
        licence_id: what was shown; of a refused scan what the code is of, None of a company's.
        client_id, key, fingerprint: of the verifier's request.
        counter: where it was, as the verifier names it.
        scenario: the verifier's scope.
        reason: code of a refusal; None where something was shown.
        fields: names of what was shown, `:clear` behind those without mask.
        status: of the licence then.
        entry_id: log entry `licence.presented`.
    """

    id: str
    code_id: str
    code_kind: str
    holder_id: str
    licence_id: str | None
    client_id: str
    key: str
    party_id: str
    operator: str
    counter: str
    scenario: str
    reason: str | None
    fields: tuple[str, ...]
    status: str | None
    at: datetime
    entry_id: str | None
    fingerprint: bytes = field(repr=False)


class DisputeState(StrEnum):
    """Where a dispute stands. Overdue follows from its time and is no state."""

    open = "open"
    rejected = "rejected"
    corrected = "corrected"
    withdrawn = "withdrawn"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A holder's dispute (异议) of a licence, or of a material (`materials.disputes`).

    Attributes:
        subject_id: the licence or material.
        party_id: who answers: its issuer or depositor.
        signer_id: the person who signed: the holder, or who represents it.
        fields: which fields it is about; all where empty.
        request: encrypted; what was signed, with the claim.
        entry_id: log entry `licence.disputed` or `material.disputed`.
        answer: encrypted.
        successor_id: the corrected version; None where it was ended instead.
        answer_entry_id: log entry of the end of the dispute.
    """

    id: str
    subject_id: str
    party_id: str
    holder_id: str
    signer_id: str
    fields: tuple[str, ...]
    request: bytes = field(repr=False)
    opened_at: datetime
    due_at: datetime
    entry_id: str
    state: DisputeState
    operator: str | None = None
    answer: bytes | None = field(default=None, repr=False)
    successor_id: str | None = None
    answered_at: datetime | None = None
    answer_entry_id: str | None = None

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have been answered."""
        return self.state is DisputeState.open and at >= self.due_at


@dataclass(frozen=True, slots=True)
class Correction:
    """That an organisation was told of a correction of something it had relied on.

    Attributes:
        subject_id: the licence or material that was wrong.
        successor_id: what holds instead; None where it was ended.
        fields: which fields were disputed; all where empty.
        seen_at: when it took notice.
    """

    dispute_id: str
    subject_id: str
    successor_id: str | None
    fields: tuple[str, ...]
    at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A licence sent to one of its holders (送达).

    Attributes:
        channel: app, sms, email, post or window.
        entry_id: log entry `licence.delivered`.
        opened_by: `holder`, who signed for it, or `operator`, who saw it handed over.
        opened_entry_id: log entry `licence.delivery-opened`, the receipt (送达回执).
    """

    id: str
    licence_id: str
    holder_id: str
    party_id: str
    operator: str
    channel: str
    sent_at: datetime
    entry_id: str
    opened_at: datetime | None = None
    opened_by: str | None = None
    opened_entry_id: str | None = None


class RepresentationKind(StrEnum):
    """In which capacity, the strongest first. Only the first two sign for another (`authz.signatures.CONSENTING`)."""

    legal_representative = "legal_representative"
    guardian = "guardian"
    spouse = "spouse"
    co_owner = "co_owner"


@dataclass(frozen=True, slots=True)
class Representation:
    """One fact: `person` represents `organisation` from then until then.

    Attributes:
        organisation_id: holder that is represented.
        person_id: holder that represents.
        valid_to: the first moment it no longer holds; None while open.
        source_party_id: the authority that states it.
        operator: handle of its registrar.
        entry_id: log entry `representation.recorded`.
        end_entry_id: log entry `representation.ended`.
        licence_id: the licence (its first version) it follows from; None where an authority stated it by itself.

    Raises:
        InvalidRepresentationError: somebody for themselves, or an end before the beginning.
    """

    id: str
    organisation_id: str
    person_id: str
    kind: RepresentationKind
    valid_from: datetime
    valid_to: datetime | None
    source_party_id: str
    operator: str
    entry_id: str
    end_entry_id: str | None = None
    licence_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.organisation_id == self.person_id:
            raise InvalidRepresentationError(problem="self")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidRepresentationError(problem="period")
