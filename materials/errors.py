"""Errors of materials. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class MaterialsError(Exception):
    """Root of everything `materials` raises on bad data or a refusal.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "materials-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class CatalogueError(MaterialsError):
    """A data file of the catalogue is incomplete or contradicts another."""

    code = "catalogue-invalid"


class UnknownMaterialTypeError(MaterialsError):
    """No material type has this code."""

    code = "unknown-material-type"


class UnknownItemError(MaterialsError):
    """No service item has this code."""

    code = "unknown-item"


class UnknownBundleError(MaterialsError):
    """No bundle has this code."""

    code = "unknown-bundle"


class UnknownScenarioError(MaterialsError):
    """The item has no such scenario."""

    code = "unknown-scenario"


class AnswerInvalidError(MaterialsError):
    """An answer to a question the item does not ask, or one it cannot have; `question` and `problem` say which."""

    code = "answer-invalid"


class AnswersIncompleteError(MaterialsError):
    """Questions are still open, so the scenario is not known; `question` is the next."""

    code = "answers-incomplete"


class ItemNotYoursError(MaterialsError):
    """The item is run by another organisation (its code begins with the body that runs it)."""

    code = "item-not-yours"


class ApplicantKindError(MaterialsError):
    """The item is not open to this kind of applicant."""

    code = "applicant-kind"


class FileNameTooLongError(MaterialsError):
    """The file name is over 200 bytes of UTF-8."""

    code = "file-name-too-long"


class FileNameInvalidError(MaterialsError):
    """The file name has path parts, control or direction characters, or is reserved on some system."""

    code = "file-name-invalid"


class PeriodInvalidError(MaterialsError):
    """The end of validity lies before its beginning, or a time has no zone; `problem` says which."""

    code = "period-invalid"


class UnknownMaterialError(MaterialsError):
    """No such material, or none the caller may know of; the two are told alike (DESIGN 7)."""

    code = "unknown-material"


class SupersedeRefusedError(MaterialsError):
    """Only the current version can be superseded, by the same type for the same holder."""

    code = "supersede-refused"


class MaterialNotActiveError(MaterialsError):
    """The material is superseded, disputed, withdrawn or destroyed; `status` says which."""

    code = "material-not-active"


class UnknownCaseError(MaterialsError):
    """No such case of the caller's organisation."""

    code = "unknown-case"


class CaseClosedError(MaterialsError):
    """The case is closed."""

    code = "case-closed"


class CaseNotDraftError(MaterialsError):
    """The case was handed in already."""

    code = "case-not-draft"


class CaseNotSubmittedError(MaterialsError):
    """The case is a draft, which nothing can be used in."""

    code = "case-not-submitted"


class CaseAcceptedError(MaterialsError):
    """The case is accepted; its scenario and people no longer change."""

    code = "case-accepted"


class CaseNotAcceptedError(MaterialsError):
    """The case is not accepted yet, so it cannot be granted or refused."""

    code = "case-not-accepted"


class CaseIncompleteError(MaterialsError):
    """Lines of the checklist are neither supplied nor owed; `lines` names them."""

    code = "case-incomplete"


class UnknownLineError(MaterialsError):
    """The checklist has no such line, or the thing is not what it offers."""

    code = "unknown-line"


class ConfirmationExistsError(MaterialsError):
    """The reuse of this thing for this line is confirmed already."""

    code = "confirmation-exists"


class RoleInvalidError(MaterialsError):
    """The item, or a project, knows no such role."""

    code = "role-invalid"


class ResultInvalidError(MaterialsError):
    """What is named as the result is not what the item gives, or not the applicant's."""

    code = "result-invalid"


class AlreadyMemberError(MaterialsError):
    """The holder belongs to the project already."""

    code = "already-member"


class PresenceRequiredError(MaterialsError):
    """The case was opened without the applicant's presence: only the item's generic list may be shown."""

    code = "presence-required"


class UnknownProjectError(MaterialsError):
    """No such project that the caller may rely on."""

    code = "unknown-project"


class ProjectExistsError(MaterialsError):
    """The project code is taken."""

    code = "project-exists"


class CursorInvalidError(MaterialsError):
    """The cursor was not given out by this node for this kind of list."""

    code = "cursor-invalid"


class EmptyFileError(MaterialsError):
    """The file has no bytes."""

    code = "empty-file"


class FileTruncatedError(MaterialsError):
    """The file stops before its end; `missing` says what was looked for."""

    code = "file-truncated"


class ContentTypeNotAllowedError(MaterialsError):
    """The declared media type is not one the material type takes."""

    code = "content-type-not-allowed"


class ContentTypeMismatchError(MaterialsError):
    """The content is not of the declared type; `detected` says what it looks like."""

    code = "content-type-mismatch"


class ContentUnsafeError(MaterialsError):
    """The content is of two types at once, or built to harm whoever opens it; `reason` says how."""

    code = "content-unsafe"


class UseCodeInvalidError(MaterialsError):
    """The use code is not of this organisation and case, or its time is over."""

    code = "use-code-invalid"


class AskNotDemandedError(MaterialsError):
    """The case's item does not demand what a holder is asked for, so consent to it may not be asked."""

    code = "ask-not-demanded"


class PresenceRefusedError(MaterialsError):
    """What shall prove that the applicant is there does not; `check` names what failed."""

    code = "presence-refused"


class ModeNotServedError(MaterialsError):
    """A material is used as a whole; it has no fields that could be given or checked alone."""

    code = "mode-not-served"


class NoPagesError(MaterialsError):
    """A file has no pages that could be drawn."""

    code = "preview-unavailable"


class PagesBusyError(MaterialsError):
    """As many pages as may be are being drawn by this process, or wait for that; nothing was drawn."""

    code = "pages-busy"


class UnknownCommitmentError(MaterialsError):
    """No such commitment, or none of the caller's organisation."""

    code = "unknown-commitment"


class CommitmentNotOfferedError(MaterialsError):
    """The item, the scenario, the number or a type does not allow a commitment; `problem` says which."""

    code = "commitment-not-offered"


class CommitmentBarredError(MaterialsError):
    """The holder broke a commitment, or owes something overdue, and gets no other for its time."""

    code = "commitment-barred"


class CommitmentSignedError(MaterialsError):
    """The commitment was signed before."""

    code = "commitment-signed"


class CommitmentStandsError(MaterialsError):
    """The case was accepted with the commitment, which cannot be taken back any more."""

    code = "commitment-stands"


class CommitmentNotSignedError(MaterialsError):
    """The commitment does not bind (yet, or any more); `state` says where it stands."""

    code = "commitment-not-signed"


class CommitmentOwedError(MaterialsError):
    """The commitment is not kept while something is owed; `types` says what."""

    code = "commitment-owed"


class UnknownCounterSignatureError(MaterialsError):
    """No such letter signed at the counter, or none of the caller's organisation."""

    code = "unknown-counter-signature"


class FulfilmentRefusedError(MaterialsError):
    """What was handed in is not what was owed; `problem` says how."""

    code = "fulfilment-refused"


class UnknownAssistError(MaterialsError):
    """No such request of the caller's organisation, or to it."""

    code = "unknown-assist-request"


class AssistPartyError(MaterialsError):
    """The department that is to be asked is unknown, or is the caller's own."""

    code = "assist-party-invalid"


class AssistOpenError(MaterialsError):
    """The case waits for an answer about this type already."""

    code = "assist-request-open"


class AssistClosedError(MaterialsError):
    """The request was answered, refused or withdrawn before; `state` says which."""

    code = "assist-request-closed"


class AssistAnswerError(MaterialsError):
    """The answer's material is not what was asked for; `problem` says how."""

    code = "assist-answer-invalid"
