"""Errors of sources of facts and of questions to them."""

from __future__ import annotations

from materials.errors import MaterialsError


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
