"""Bundles (一件事): several items applied for together, with one questionnaire, one form and one set of materials.

A result of one item is passed on to another inside the bundle (`gives`): the business licence of the first step is
never asked of the applicant in the second. Until it is there, the later case waits for it instead of asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from materials.errors import AnswerInvalidError, CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.catalogue.items import Demand, FormField, Item, Question


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A result of one member that another one uses.

    Attributes:
        giver, taker: item codes.
        gives: type of the result.
    """

    giver: str
    gives: str
    taker: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle.

    Attributes:
        code: of the bundle.
        items: codes of its members, in the order in which they are run.
        passes: results passed on.
    """

    code: str
    version: str
    name: str
    name_en: str
    applicant_kinds: tuple[str, ...]
    items: tuple[str, ...]
    passes: tuple[PassedOn, ...]

    def check(self, known: Mapping[str, Item]) -> None:
        """Hold the bundle against the items of the catalogue.

        Raises:
            CatalogueError: an unknown member, a question two members ask differently, a result passed backwards, that
                its giver does not give or its taker does not demand.
        """
        if unknown := [code for code in self.items if code not in known] or len(set(self.items)) != len(self.items):
            raise CatalogueError(bundle=self.code, problem=f"members {unknown}")
        members = [known[code] for code in self.items]
        asked: dict[str, Question] = {}
        for question in (each for item in members for each in item.questions):
            if asked.setdefault(question.code, question) != question:
                raise CatalogueError(bundle=self.code, question=question.code, problem="asked in two ways")
        fields: dict[str, FormField] = {}
        for one in (each for item in members for each in item.fields):
            if fields.setdefault(one.code, one).kind != one.kind:
                raise CatalogueError(bundle=self.code, field=one.code, problem="of two kinds")
        for each in self.passes:
            if each.giver not in self.items or each.taker not in self.items:
                raise CatalogueError(bundle=self.code, problem="passes on to a stranger")
            forward = self.items.index(each.giver) < self.items.index(each.taker)
            if not forward or known[each.giver].gives != each.gives or each.gives not in known[each.taker].types:
                raise CatalogueError(bundle=self.code, problem=f"passes on {each.gives}")

    def questions(self, known: Mapping[str, Item]) -> tuple[Question, ...]:
        """The questions of all members, each asked once."""
        asked = {question.code: question for code in self.items for question in known[code].questions}
        return tuple(asked.values())

    def open_questions(self, known: Mapping[str, Item], answers: Mapping[str, str]) -> tuple[Question, ...]:
        """What is still to be asked for any member, each once."""
        left = {
            each.code: each
            for code in self.items
            for each in known[code].open_questions(self.answers_for(known[code], answers))
        }
        return tuple(left.values())

    def refuse_strangers(self, known: Mapping[str, Item], answers: Mapping[str, str]) -> None:
        """Check that every answer is to a question of a member.

        Raises:
            AnswerInvalidError: one is not.
        """
        asked = {question.code for question in self.questions(known)}
        if strange := sorted(set(answers) - asked):
            raise AnswerInvalidError(question=strange[0], problem="unknown question")

    def fields(self, known: Mapping[str, Item]) -> tuple[FormField, ...]:
        """The form: the fields of all members, each asked once."""
        found: dict[str, FormField] = {}
        for one in (each for code in self.items for each in known[code].fields):
            found.setdefault(one.code, one)
        return tuple(found.values())

    def demands(self, known: Mapping[str, Item], answers: Mapping[str, str]) -> tuple[tuple[Demand, str], ...]:
        """The set of materials: each type and holder once, with the member that demands it first.

        A type that a member gives to a later one is not in it: nobody is asked for it.
        """
        passed = {(each.taker, each.gives) for each in self.passes}
        found: dict[tuple[str, str], tuple[Demand, str]] = {}
        for code in self.items:
            for demand in known[code].demanded(self.answers_for(known[code], answers)):
                if (code, demand.type_code) not in passed:
                    found.setdefault((demand.type_code, demand.whose), (demand, code))
        return tuple(found.values())

    @staticmethod
    def answers_for(item: Item, answers: Mapping[str, str]) -> dict[str, str]:
        """The part of a bundle's answers that one member asks for."""
        return {each.code: answers[each.code] for each in item.questions if each.code in answers}

    def passed_to(self, item_code: str) -> Mapping[str, str]:
        """Types a member gets from an earlier one, with the giver."""
        return {each.gives: each.giver for each in self.passes if each.taker == item_code}


def read_bundle(row: dict[str, Any]) -> Bundle:
    """A bundle from its file.

    Raises:
        CatalogueError: incomplete.
    """
    try:
        passes = tuple(PassedOn(each["from"], each["gives"], each["to"]) for each in row["passes"])
        lists = {"applicant_kinds": tuple(row["applicant_kinds"]), "items": tuple(row["items"]), "passes": passes}
        return Bundle(**(row | lists))
    except (TypeError, KeyError) as error:
        raise CatalogueError(bundle=str(row.get("code")), problem="incomplete") from error
