"""Which things a form's fields are asked of: the item's source strings, gathered by licence, material and question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from materials.catalogue.items import APPLICANT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from certs.catalogue import LicenceCatalogue
    from materials.catalogue.items import Demand, FormField, Item
    from materials.checklist.rows import CaseRow

Place: TypeAlias = tuple[str, str]
"""A field and one of its sources."""


@dataclass(slots=True)
class Group:
    """One licence or material type of one holder that fields are wanted of.

    Attributes:
        code: LTnn, or CLnnn.
        type_code: the material type it is demanded as; empty where the item demands none.
        whose: as `Demand.whose`.
        number: of several persons of one role, the first has 0.
        wanted: names of its fields, with the places that take each.
    """

    code: str
    type_code: str
    whose: str
    number: int
    holder_id: str | None
    wanted: dict[str, list[Place]] = field(default_factory=dict)

    @property
    def is_licence(self) -> bool:
        """Whether it is a licence."""
        return self.code.startswith("LT")

    @property
    def of(self) -> str:
        """Whose it is, as an ask names them: `applicant`, `legal_rep`, `seller.1`."""
        return f"{self.whose[5:]}.{self.number}" if self.whose.startswith("each:") else self.whose

    @property
    def places(self) -> list[Place]:
        """Every place it is wanted for."""
        return [place for places in self.wanted.values() for place in places]


@dataclass(frozen=True, slots=True)
class Wants:
    """What a form asks of whom.

    Attributes:
        groups: licences and materials.
        questions: places by code of question and field of its answer.
    """

    groups: tuple[Group, ...]
    questions: Mapping[str, Mapping[str, Sequence[Place]]]


def wants(
    item: Item, fields: Sequence[FormField], answers: Mapping[str, str], row: CaseRow, licences: LicenceCatalogue
) -> Wants:
    """What the fields of a form are asked of.

    Args:
        item: of the case.
        fields: of its form, after the answers.
        answers: of the case.
        row: applicant and people.
        licences: which material type a licence stands for.
    """
    groups: dict[tuple[str, str, int], Group] = {}
    questions: dict[str, dict[str, list[Place]]] = {}
    for each in fields:
        for source in each.sources:
            place = (each.code, source)
            if source.startswith("connector:"):
                code, _, name = source.removeprefix("connector:").rpartition(".")
                questions.setdefault(code, {}).setdefault(name, []).append(place)
                continue
            if not source.startswith(("LT", "material:")):
                continue
            code, _, name = source.removeprefix("material:").partition(".")
            stands_for = (licences.type(code).material_type or "") if code.startswith("LT") else code
            whose = each.whose or _whose(item, answers, stands_for)
            for number, holder in _holders(row, whose):
                group = Group(code, stands_for, whose, number, holder)
                held = groups.setdefault((code, whose, number), group)
                held.wanted.setdefault(name, []).append(place)
    return Wants(tuple(groups.values()), questions)


def _whose(item: Item, answers: Mapping[str, str], type_code: str) -> str:
    """Whose thing of a type the item demands; what the answers ask for goes first."""
    demands: tuple[Demand, ...] = (*item.demanded(answers), *item.demands)
    return next((each.whose for each in demands if each.type_code == type_code), APPLICANT)


def _holders(row: CaseRow, whose: str) -> list[tuple[int, str | None]]:
    if whose == APPLICANT:
        return [(0, row.case.applicant_holder_id)]
    named = row.people.get(whose.removeprefix("each:"), [])
    return list(enumerate(named)) if named else [(0, None)]
