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


class ConnectorConfigError(MaterialsError):
    """The operator's file of sources and questions is malformed; `problem` says how."""

    code = "connectors-invalid"


class NoSourceError(MaterialsError):
    """No source is connected that answers for this material type."""

    code = "no-source"


class CheckGivenError(MaterialsError):
    """A question lacks what it must bring, or brings more; `fields` names what it takes."""

    code = "check-given-invalid"


class CheckSubjectError(MaterialsError):
    """The applicant has no identity code that a source could be asked by."""

    code = "check-subject-unknown"


class UnknownCheckError(MaterialsError):
    """No such check in a case of the caller's organisation."""

    code = "unknown-check"


class SourceError(MaterialsError):
    """A source did not answer as it must; recorded with the check, and the next route is open."""

    code = "source-failed"


class SourceTimeoutError(SourceError):
    """The source did not answer in time."""

    code = "source-timeout"


class SourceUnavailableError(SourceError):
    """The source cannot be reached, or refuses."""

    code = "source-unavailable"


class SourceSignatureError(SourceError):
    """The answer is not signed by the source, or is the answer to something else."""

    code = "source-signature"


class SourceAnswerInvalidError(SourceError):
    """The source answered something that is no answer to the question."""

    code = "source-answer-invalid"


class SourceContradictsError(SourceError):
    """The source answered the same question otherwise before, on the same day."""

    code = "source-contradicts"


class SourceInterruptedError(SourceError):
    """The question was put, and this node stopped before it kept an answer."""

    code = "source-interrupted"


class NoPagesError(MaterialsError):
    """A file has no pages that could be drawn."""

    code = "preview-unavailable"


class PagesBusyError(MaterialsError):
    """As many pages as may be are being drawn by this process; nothing was read."""

    code = "pages-busy"


class UnknownTemplateError(MaterialsError):
    """No template of that code makes a document of that type."""

    code = "unknown-template"


class DocumentFormError(MaterialsError):
    """What a request states for a document is not what its template takes; `field` and `takes` say."""

    code = "document-form-invalid"


class DocumentSourceMissingError(MaterialsError):
    """A value that a document needs has no source; `field` names it, `reason` why the best source gave none."""

    code = "document-source-missing"


class DocumentNotRenderedError(MaterialsError):
    """The document cannot be set: a character the fonts lack."""

    code = "document-not-rendered"


class UnknownDocumentError(MaterialsError):
    """No such generated document of the caller's organisation."""

    code = "unknown-document"


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


class CommitmentNotSignedError(MaterialsError):
    """The commitment does not bind (yet, or any more); `state` says where it stands."""

    code = "commitment-not-signed"


class CommitmentOwedError(MaterialsError):
    """The commitment is not kept while something is owed; `types` says what."""

    code = "commitment-owed"


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


class SealPlaceError(MaterialsError):
    """The document has no such place for a seal, it is sealed already, or nobody is there to seal it."""

    code = "seal-place-invalid"


class UnknownFormError(MaterialsError):
    """The case has no form yet."""

    code = "unknown-form"


class FormFieldError(MaterialsError):
    """The form has no such field, or it cannot hold that; `problem` says how."""

    code = "form-field-invalid"


class FormChangedError(MaterialsError):
    """The form was changed meanwhile; `version` is what it has now."""

    code = "form-changed"


class NoFormError(MaterialsError):
    """The item has no form."""

    code = "item-without-form"


class UnknownReviewError(MaterialsError):
    """The case has not been reviewed yet."""

    code = "unknown-review"


class NoCheckPointsError(MaterialsError):
    """The item has no check points."""

    code = "item-without-check-points"


class UnknownFindingError(MaterialsError):
    """The review has no such finding, or it is none that anybody could settle."""

    code = "unknown-finding"


class FindingChangedError(MaterialsError):
    """The finding is another one by now."""

    code = "finding-changed"


class UnknownIntakeError(MaterialsError):
    """The organisation has no such bulk intake."""

    code = "unknown-intake"


class IntakeBodyError(MaterialsError):
    """The archive of a bulk intake's request is not what it should be; nothing of it was taken."""

    code = "intake-body-invalid"


class IntakeRowError(MaterialsError):
    """A row of a manifest says something it cannot say; `member` and `problem` tell which."""

    code = "intake-row-invalid"


class IntakeDuplicateError(MaterialsError):
    """The same document of the same type and holder is here already, or in an earlier row."""

    code = "intake-duplicate"


class IntakeDigestError(MaterialsError):
    """A file is not the one its row describes: another size or digest."""

    code = "intake-digest-mismatch"


class IntakeFileError(MaterialsError):
    """A file that a manifest names cannot be read; `problem` says why."""

    code = "intake-file-unavailable"


class AutomaticNotOfferedError(MaterialsError):
    """The item is not decided automatically, or nobody answers for the licence it changes; `problem` says which."""

    code = "automatic-not-offered"


class RunExistsError(MaterialsError):
    """The case is handled automatically already."""

    code = "run-exists"


class UnknownRunError(MaterialsError):
    """No such automatic handling of the caller's organisation."""

    code = "unknown-run"


class RunStateError(MaterialsError):
    """Where the automatic handling stands does not allow that; `state` says where."""

    code = "run-state"


class RunMovedError(MaterialsError):
    """Somebody else moved the automatic handling on meanwhile; never leaves the worker."""

    code = "run-moved"


class UnknownInquiryError(MaterialsError):
    """Nobody was asked that."""

    code = "unknown-inquiry"


class InquiryClosedError(MaterialsError):
    """It was answered or taken back, or it is too late; `state` says which."""

    code = "inquiry-closed"


class UnknownObjectionError(MaterialsError):
    """No such objection."""

    code = "unknown-objection"


class ObjectionClosedError(MaterialsError):
    """The objection was answered before."""

    code = "objection-closed"


class UnknownProgrammeError(MaterialsError):
    """There is no such programme, or it is another department's."""

    code = "unknown-programme"


class UnknownRoundError(MaterialsError):
    """There is no such round."""

    code = "unknown-round"


class RoundExistsError(MaterialsError):
    """There is a round of this programme and period already."""

    code = "round-exists"


class RoundStateError(MaterialsError):
    """Where the round stands does not allow that; `problem` says what is missing."""

    code = "round-state"


class UnknownLinkError(MaterialsError):
    """There is no such rule, or no such change."""

    code = "unknown-linked-change"


class LinkStateError(MaterialsError):
    """The change was made, or somebody has it; `state` says which."""

    code = "linked-change-state"
