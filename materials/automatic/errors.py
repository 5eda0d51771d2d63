"""Errors of automatic decisions, rounds and linked changes."""

from __future__ import annotations

from materials.errors import MaterialsError


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


class InquiryTogetherError(MaterialsError):
    """It is answered together with the consents it was asked with; `batch` says where."""

    code = "inquiry-together"


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
