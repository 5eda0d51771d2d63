"""What a checklist is decided on: plain values, read in one glance (`materials.checklist.glance`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from materials.catalogue.items import CommitmentRule

LEVELS: Final = {"self_declared": 1, "staff_checked": 2, "source_verified": 3, "issuer_signed": 4}
"""Verify levels of materials as numbers."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A licence or a material that may fit a line.

    Attributes:
        id: its id (UUID).
        basis: what a use would rest on now; None where it would be refused.
        said: what its refusal would say.
        mode: how far the use could go.
        verify_level: 1 to 4; a licence has 4.
        evidence: ids, dates and codes to show.
        obstacles: why the material's own rule forbids it; the first is told.
        conditions: what the rule wants confirmed.
        confirmed: what of them was.
        use_id: a use of it that delivered in this case.
        here: it was handed in, or made, in this very case.
        made: it was made by the system.
        signed: of a commitment's letter that was made: whether the commitment was signed, and not broken.
    """

    id: str
    basis: str | None
    said: str | None
    mode: str = "copy"
    verify_level: int = 4
    evidence: Mapping[str, str] = field(default_factory=dict)
    obstacles: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    confirmed: frozenset[str] = frozenset()
    use_id: str | None = None
    here: bool = False
    made: bool = False
    signed: bool | None = None


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A result that an earlier case of the bundle gives.

    Attributes:
        case_no: the earlier case.
        decision: of it; None while it goes on.
        result_id: the licence or material it gave.
        stands: that stands, and is about somebody of the two cases.
        people: others the earlier case is about.
    """

    case_no: str
    decision: str | None
    result_id: str | None
    stands: bool = False
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckFact:
    """A question that was put to a source in the case: the newest answer that stands, else the newest attempt.

    Attributes:
        state: `asked`, `answered` or `failed`.
        result: `yes`, `no`, `value` or `unknown`.
        failure: code of what went wrong.
    """

    id: str
    state: str
    result: str | None
    failure: str | None
    valid_until: datetime | None
    source: str
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class AssistFact:
    """The newest request to another department.

    Attributes:
        state: `asked`, `overdue`, `answered`, `refused` or `withdrawn`.
        result: `yes`, `no` or `material`.
    """

    id: str
    state: str
    result: str | None
    due_at: datetime
    material_id: str | None


@dataclass(frozen=True, slots=True)
class OwedFact:
    """What a signed commitment owes for a type.

    Attributes:
        state: of the owed material: `owed`, `overdue`, `fulfilled` or `breached`.
        material_id: what it was fulfilled with.
    """

    commitment_id: str
    state: str
    due_at: datetime
    material_id: str | None


@dataclass(frozen=True, slots=True)
class LetterFact:
    """The commitment a letter was made for.

    Attributes:
        state: of the commitment.
    """

    commitment_id: str
    state: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Everything known for one line.

    Attributes:
        holder_id: whom it is about; None where the case knows nobody of that role.
        licence_type: LTnn of the type, where there is one.
        licence_said, material_said: what a search for nothing is answered: the same whether or not there is something,
            until the holder has consented.
        check_basis, check_said: what a question to the source would rest on, or be refused with.
        check: of the item's own question for the line, and of no other.
        letter: it is the letter of a commitment, which the case takes.
    """

    holder_id: str | None
    licence_type: str | None = None
    licences: tuple[Thing, ...] = ()
    licence_said: str = "not-found"
    materials: tuple[Thing, ...] = ()
    material_said: str = "not-found"
    passed: PassedOn | None = None
    check_basis: str | None = None
    check_said: str | None = None
    check: CheckFact | None = None
    assist: AssistFact | None = None
    owed: OwedFact | None = None
    letter: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a checklist is decided on.

    Attributes:
        at: the moment.
        scenario: of the case.
        rule: the item's rule of commitment.
        lines: by the key of the line.
        sources: questions that a source of this node answers.
        templates: templates of this node.
        barred_until: the applicant broke a commitment; no other is taken before.
    """

    at: datetime
    scenario: str
    rule: CommitmentRule | None
    lines: Mapping[str, LineFacts]
    sources: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    barred_until: datetime | None = None
