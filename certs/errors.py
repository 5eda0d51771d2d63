"""Errors of e-licences. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class CertsError(Exception):
    """Root of everything `certs` raises on bad data.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "certs-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class InvalidRepresentationError(CertsError):
    """A fact of representation is malformed: nobody represents themselves, an end before the beginning."""

    code = "invalid-representation"


class RepresentationOverlapError(CertsError):
    """The organisation has a legal representative for some of that time; end that fact first."""

    code = "representation-overlap"


class UnknownRepresentationError(CertsError):
    """No such fact, or another organisation stated it."""

    code = "unknown-representation"


class RepresentationEndedError(CertsError):
    """The fact has ended already."""

    code = "representation-ended"


class LicenceCatalogueError(CertsError):
    """The files of licence types contradict themselves; the node does not start."""

    code = "licence-catalogue"


class LicencePeriodError(CertsError):
    """The period is not one the type allows, or ends before it begins."""

    code = "licence-period"


# Credentials


class InvalidCredentialError(CertsError):
    """The credential or its presentation is not one of ours, was changed, or its issuer is not trusted.

    `reason` is a short constant; nothing of the credential is in it.
    """

    code = "credential-invalid"


class CredentialNotCurrentError(CertsError):
    """The credential's time has not come or is over."""

    code = "credential-not-current"


class HolderBindingError(CertsError):
    """Who presents the credential did not prove, to this verifier and now, that it is theirs."""

    code = "holder-binding"


class UnknownCredentialFieldError(CertsError):
    """The credential has no such field."""

    code = "credential-field-unknown"


class InvalidStatusListError(CertsError):
    """The status list is malformed, out of date, of another address, or not signed by whom we trust."""

    code = "status-list-invalid"


class UnknownStatusListError(CertsError):
    """There is no such status list."""

    code = "status-list-unknown"


class UnknownLicenceTypeError(CertsError):
    """There is no such type of licence."""

    code = "unknown-licence-type"


class LicenceIdError(CertsError):
    """A licence id has a wrong form or a wrong check character."""

    code = "licence-id-invalid"


class LicenceTransitionError(CertsError):
    """The licence's status does not allow this operation."""

    code = "licence-transition"


class StatusReasonError(CertsError):
    """The reason of a change is not a kebab-case code."""

    code = "status-reason-invalid"


class FaceInvalidError(CertsError):
    """Face data do not fit the type: `field` says where, `problem` what; never the value."""

    code = "face-invalid"


class HolderKindError(CertsError):
    """The type is not for such holders, or not for so many."""

    code = "licence-holders"


class SecondLicenceError(CertsError):
    """The holder has a standing licence where only one may be; renew or change that one."""

    code = "second-licence"


class LicenceOverlapError(CertsError):
    """The period overlaps that of another version or of a licence for the same premises or thing."""

    code = "licence-overlap"


class LicenceNoTakenError(CertsError):
    """Another standing licence of the type and issuer has that number, or the id is there already."""

    code = "licence-no-taken"


class UnknownLicenceError(CertsError):
    """No such licence, or none the caller may know of."""

    code = "unknown-licence"


class NotCurrentVersionError(CertsError):
    """A newer version took its place; `current` names it."""

    code = "licence-not-current"


class LicenceFrozenError(CertsError):
    """A dispute stands against the licence; answer it first."""

    code = "licence-frozen"


class InvalidRequestError(CertsError):
    """What a holder is said to have asked is not a request of ours; `term` says where."""

    code = "holder-request-invalid"


class LicenceNotShownError(CertsError):
    """The licence cannot be shown now: it is not valid, disputed, or a newer version took its place."""

    code = "licence-not-shown"


class PresentationRefusedError(CertsError):
    """A shown code does not let this verifier see anything."""

    code = "presentation-refused"


class UnknownCodeError(PresentationRefusedError):
    """No such code, or not one the caller may know of."""

    code = "unknown-code"


class CodeElsewhereError(PresentationRefusedError):
    """The code is of another library; `division` names it."""

    code = "code-elsewhere"


class CodeVoidError(PresentationRefusedError):
    """The code was revoked, replaced by a newer one, or its licence has a newer version."""

    code = "code-void"


class CodeExpiredError(PresentationRefusedError):
    """The time of the code is over."""

    code = "code-expired"


class CodeUsedError(PresentationRefusedError):
    """The live code was used: it serves one verification."""

    code = "code-used"


class CodeAudienceError(PresentationRefusedError):
    """The live code was made for another verifier or another counter."""

    code = "code-other-counter"


class IdentityCardRequiredError(PresentationRefusedError):
    """A printed code counts with its holder's identity card only; read it and send its number."""

    code = "identity-card-required"


class IdentityCardMismatchError(PresentationRefusedError):
    """The identity card is not of the holder of the printed code."""

    code = "identity-card-mismatch"


class NothingToShowError(PresentationRefusedError):
    """Behind the company code there is no such licence that the verifier's scope covers."""

    code = "nothing-to-show"


class CodeKeyReusedError(CertsError):
    """The Idempotency-Key made another code before."""

    code = "code-key-reused"


class InvalidKitError(CertsError):
    """The file is no kit for verifying without a network."""

    code = "offline-kit-invalid"


class UnknownPresentationError(CertsError):
    """No such presentation to the caller's organisation."""

    code = "unknown-presentation"


class UnknownDeliveryError(CertsError):
    """No such delivery, or none the caller may know of."""

    code = "unknown-delivery"


class DeliveryOpenedError(CertsError):
    """The delivery was opened before."""

    code = "delivery-opened"


class UnknownDisputeError(CertsError):
    """No such dispute, or none the caller may know of."""

    code = "unknown-dispute"


class DisputeOpenError(CertsError):
    """A dispute stands against the licence already."""

    code = "dispute-open"


class DisputeClosedError(CertsError):
    """The dispute was answered or withdrawn."""

    code = "dispute-closed"


class CorrectionMissingError(CertsError):
    """The dispute is answered as corrected, and the licence has no corrected version yet; change it first."""

    code = "correction-missing"


class IssuerNotListedError(CertsError):
    """The organisation does not issue this type here (发证清单)."""

    code = "issuer-not-listed"


class CompositeMembersError(CertsError):
    """The members of a composite licence do not fit; `member` counts from 0."""

    code = "composite-members"


class RelatedPersonError(CertsError):
    """Who the licence names beside its holders is missing, too many, or not who its face names."""

    code = "related-person"


class LicenceFileMissingError(CertsError):
    """The licence was gathered without a file, so no copy of one can be made."""

    code = "licence-file-missing"


class FieldsMissingError(CertsError):
    """Data are wanted, but no fields were named."""

    code = "fields-missing"


class FieldUnknownError(CertsError):
    """The type has no such field, or does not share it."""

    code = "field-unknown"


class FieldMaskedError(CertsError):
    """The field never leaves without its mask, or not on this basis."""

    code = "field-masked"


class LicenceNoInvalidError(CertsError):
    """The number of a licence is empty, over 64 characters, or cannot be printed."""

    code = "licence-no-invalid"


class GatherRowError(CertsError):
    """A row to be gathered has another form; `member` says where, never what stands there."""

    code = "gather-row"


class GatherIncompleteError(CertsError):
    """A row to be gathered lacks something; `member` says what."""

    code = "gather-incomplete"
