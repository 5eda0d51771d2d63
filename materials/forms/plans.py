"""What is found for a form: values, reasons, what may be read or asked, what would need consent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from materials.checklist.deciding import CURABLE
from materials.checklist.model import Confirm
from materials.checklist.reasons import WhyNot
from materials.forms.model import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from authz.model import Caller
    from materials.catalogue.items import FormField, Item
    from materials.checklist.rows import CaseRow
    from materials.forms.composing import Held
    from materials.forms.model import Content, Origin
    from materials.forms.rows import FormRow
    from materials.forms.sources import Group, Place

NOTHING: Final = "00000000-0000-0000-0000-000000000000"
"""Id of no thing: what a look for nothing asks for, so that it is answered like any other."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A licence or material that may be read now.

    Attributes:
        fields: as the use names them.
        group: what it is wanted for.
        grant_id: a grant that names all the fields; the decision looks for a basis itself where None.
    """

    id: str
    fields: tuple[str, ...]
    group: Group
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a holder would have to allow before a source can be asked.

    Attributes:
        source: LTnn, CLnnn, or the code of a question.
        type_code: to name in the ask, in mode `data`.
        fields: to name in the ask.
        of: who is asked: `applicant`, `legal_rep`, `seller.1`.
    """

    source: str
    type_code: str
    fields: tuple[str, ...]
    of: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known for a form, and what could be asked.

    Attributes:
        fields: of the form, after the answers.
        held: what the sources said so far.
        things: to be read, each by a use.
        questions: to be put: code and material type.
        asks: what would need consent first.
        before: the newest version of the form.
    """

    row: CaseRow
    item: Item
    fields: tuple[FormField, ...]
    held: Held
    things: tuple[Thing, ...]
    questions: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    before: FormRow | None


class Seen(Protocol):
    """What was seen of a case, and what may be read and asked for it: a form's plan, the facts of a review."""

    @property
    def row(self) -> CaseRow:
        """The case."""

    @property
    def things(self) -> Sequence[Thing]:
        """To be read, each by a use."""

    @property
    def questions(self) -> Sequence[tuple[str, str]]:
        """To be put: code and material type."""


@dataclass(frozen=True, slots=True)
class Look:
    """What every part of a plan is seen with."""

    caller: Caller
    row: CaseRow
    item: Item
    operator: str
    now: datetime

    @property
    def case_no(self) -> str:
        """Number of the case."""
        return self.row.case.case_no


class Found:
    """Candidates and reasons as they come."""

    def __init__(self) -> None:
        self.given: dict[Place, tuple[Candidate, ...]] = {}
        self.missing: dict[Place, str] = {}
        self.things: list[Thing] = []
        self.asks: list[Ask] = []

    def give(self, place: Place, content: Content, origin: Origin) -> None:
        """A value of one source of a field."""
        self.given[place] = (*self.given.get(place, ()), Candidate(content, origin))

    def miss(self, places: Iterable[Place], why: str) -> None:
        """Why sources gave none; the first reason stays."""
        for place in places:
            self.missing.setdefault(place, why)

    def refused(self, places: Sequence[Place], said: str | None, ask: Ask) -> None:
        """What a use would be refused with; what a consent cures is told as such."""
        if said in CURABLE:
            self.asks.append(ask)
            self.miss(places, Confirm.consent.value)
        else:
            self.miss(places, said or WhyNot.no_value.value)
