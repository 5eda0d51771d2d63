"""What a case is opened with, how it changes before its acceptance, and how it ends: the forms of `materials.cases`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from materials.presence import Proof

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from authz.model import Presence
    from materials.model import Outcome

NO_PROOF: Final = Proof()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with.

    Attributes:
        applicant_id: holder who applies.
        applicant_kind: person or organisation.
        evidence: what the terminal read; only a keyed digest is kept.
        scenario: by name, where no answers are given.
        answers: of the item's questionnaire, complete.
        people: other holders it is about, by role of the item.
        proof: what proves the presence.
        draft: it is not handed in yet.
        from_case_no: the older case it is made from.
        bundle_run_id: the application for a bundle it is part of, for which the presence was proven.
        shown: of such a case, what is kept of that proof (`Presences.check`).
        project_id: by its id, where it was checked before.
    """

    item_code: str
    scenario: str
    applicant_id: str
    applicant_kind: str
    presence: Presence
    evidence: str | None
    project_code: str | None
    operator: str
    proof: Proof = NO_PROOF
    answers: Mapping[str, str] | None = field(default=None, repr=False)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    draft: bool = False
    from_case_no: str | None = None
    bundle_run_id: str | None = None
    shown: str | None = field(default=None, repr=False)
    project_id: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changes in a case before its acceptance.

    Attributes:
        answers: all of them anew; as they are where None.
        people: by role; roles that are not named stay.
    """

    operator: str
    answers: Mapping[str, str] | None = field(default=None, repr=False)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """How a case ended.

    Attributes:
        result_id: the licence or material that was issued, checked by `materials.handling`.
    """

    outcome: Outcome | None = None
    result_id: str | None = None


UNDECIDED: Final = Decision()


def answers_place(case_no: str) -> bytes:
    """What the answers of a case are bound to when encrypted."""
    return f"case/answers/{case_no}".encode()
