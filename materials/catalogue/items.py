"""Service items as data: what may be asked of an applicant, in which scenario, and how it may be supplied.

An item is checked when it is made: every condition names a question that is asked and an answer it can have, a question
depends only on questions before it (so there is no circle), every scenario's preset answers are complete, and every
route that needs something (a question for a source, a template, days to be owed) says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from materials.catalogue import expressions
from materials.catalogue.conditions import ALWAYS, Condition, asked, holds
from materials.checklist.model import Route
from materials.errors import AnswerInvalidError, AnswersIncompleteError, CatalogueError
from materials.review import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.automatic.rules import Automatic

REQUIRED: Final = "required"
OPTIONAL: Final = "optional"
APPLICANT: Final = "applicant"
LEGAL_REP: Final = "legal_rep"
AGENT: Final = "agent"
_OTHERS: Final = frozenset({APPLICANT, LEGAL_REP, AGENT})
"""Whose a material may be without a role of the item; no role has such a name."""
LETTER_TEMPLATE: Final = "commitment-letter"
"""Template of a commitment's letter, which supplies a line once it is signed."""
_ROLE: Final = re.compile(r"[a-z][a-z_]{0,30}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_QUESTION_OF_SOURCE: Final = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*")
_NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z._-]{5,63}")
_WIDE: Final = re.compile(r":[^}]*(?:\d{3}|\{)")
"""A part padded to more than a number holds, or to what another part says; made, it could fill the memory."""
_ORDER: Final = {route: place for place, route in enumerate(Route)}
_SOURCE: Final = re.compile(
    r"LT\d{2}\.\w+|material:CL\d{3}\.\w+|connector:[a-z0-9-]+(\.[a-z0-9-]+)+\.\w+|last_case|computed"
    r"|answer\.[a-z][a-z0-9_-]*|applicant(\.name|\.code)?"
)
KINDS: Final = frozenset({"text", "code", "date", "number", "money", "address", "choice", "list"})
"""What a form field can hold."""
NUMERIC: Final = frozenset({"number", "money"})
"""Kinds that can be computed with."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A material an item demands.

    Attributes:
        type_code: CLnnn.
        need: `required` or `optional`.
        when: over the questionnaire's answers.
        routes: how it may be supplied, the best first (the order of `Route`).
        min_level: lowest verify level of a stored material, 1 (self declared) to 4 (signed by the issuer).
        check: the question a source is asked, for route `check`.
        generate: the template, for route `generated`.
        owed_days: working days after acceptance, for route `commitment`.
        whose: `applicant`, `legal_rep`, `agent` or `each:<role>` of the case's people.
        assist: what the assisting department is asked for, for route `assistance`: its organisation code.
    """

    type_code: str
    need: str = REQUIRED
    when: Condition = ALWAYS
    routes: tuple[Route, ...] = (Route.licence, Route.reuse, Route.upload)
    min_level: int = 1
    check: str | None = None
    generate: str | None = None
    owed_days: int | None = None
    whose: str = APPLICANT
    assist: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no rule knows."""
        if self.need not in {REQUIRED, OPTIONAL}:
            raise CatalogueError(type=self.type_code, need=self.need)
        places = [_ORDER[route] for route in self.routes]
        if not places or places != sorted(set(places)):
            raise CatalogueError(type=self.type_code, problem="routes are none, repeated or out of order")
        is_each = self.whose.startswith("each:") and _ROLE.fullmatch(self.whose[5:])
        if self.whose not in _OTHERS and not is_each:
            raise CatalogueError(type=self.type_code, problem="whose")
        if not 1 <= self.min_level <= 4:
            raise CatalogueError(type=self.type_code, problem="min_level")
        needs = {
            Route.check: self.check is not None and bool(_QUESTION_OF_SOURCE.fullmatch(self.check)),
            Route.generated: bool(self.generate),
            Route.commitment: bool(self.owed_days) and (self.owed_days or 0) > 0,
            Route.assistance: bool(self.assist),
        }
        for route, said in needs.items():
            if said != (route in self.routes):
                raise CatalogueError(type=self.type_code, problem=f"route {route.value} and what it needs")

    @property
    def better(self) -> tuple[Route, ...]:
        """All routes there are, from the best to the item's last."""
        return tuple(Route)[: _ORDER[self.routes[-1]] + 1]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a question can have."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Question:
    """One step of a questionnaire.

    Attributes:
        when: asked only where this holds for the answers before it.
        help_zh, help_en: what an applicant must know to answer.
    """

    code: str
    zh: str
    en: str
    help_zh: str
    help_en: str
    choices: tuple[Choice, ...]
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Scenario:
    """A variant of an item (情形).

    Attributes:
        when: the answers that lead here; of several scenarios the first that holds.
        answers: what a case opened by the scenario's name starts with.
    """

    code: str
    name: str
    name_en: str
    answers: Mapping[str, str]
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form.

    Attributes:
        kind: of `KINDS`.
        sources: in order of preference: `LT01.domicile`, `material:CL022.premises`, `connector:tax.payroll.total`,
            `answer.business` (of the questionnaire), `applicant.name`, `applicant.code` (as the case was opened for),
            `last_case`, `computed`, `applicant` (who then types it).
        compute: what it is computed by, over other fields of the form (`materials.catalogue.expressions`).
        whose: whose licence or material is meant, as `Demand.whose`; as the item demands the type where empty.
    """

    code: str
    zh: str
    en: str
    kind: str
    sources: tuple[str, ...]
    when: Condition = ALWAYS
    compute: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """A point of review (审查要点), its rule as data.

    Attributes:
        rule: as the file has it.
        checked: the rule, read (`materials.review.rules`).
    """

    code: str
    zh: str
    en: str
    rule: Mapping[str, Any]
    checked: rules.Rule = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the rule."""
        object.__setattr__(self, "checked", rules.parse(self.rule))


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days from acceptance to the decision: by law, and as promised. 0 is on the spot."""

    statutory: int
    promised: int

    def __post_init__(self) -> None:
        """A promise is never longer than the law."""
        if not 0 <= self.promised <= self.statutory:
            raise CatalogueError(problem="limits")


def check_case_number(pattern: str) -> None:
    """Check a pattern of case numbers.

    Raises:
        CatalogueError: it names something else, gives two cases one number, or a number no case can have.
    """
    day = datetime(2026, 11, 21, tzinfo=UTC)
    named = {"division": "310118", "day": day, "item": "1" * 31, "org": "1" * 18}
    if _WIDE.search(pattern):
        raise CatalogueError(problem="pattern of case numbers")
    try:
        made = [pattern.format(serial=serial, **named) for serial in (1, 2, 1_000_000)]
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise CatalogueError(problem="pattern of case numbers") from error
    if len(set(made)) < len(made) or not all(_NUMBER.fullmatch(each) for each in made):
        raise CatalogueError(problem="pattern of case numbers")


@dataclass(frozen=True, slots=True)
class CommitmentRule:
    """When a commitment is taken (告知承诺, 容缺受理).

    Attributes:
        scenarios: where; all where empty.
        post_check_days: working days within which the department checks afterwards (批后核查).
        barred_days: calendar days for which a holder who broke one gets no other.
        most_owed: materials that may be owed at once.
    """

    scenarios: tuple[str, ...]
    post_check_days: int
    barred_days: int
    most_owed: int


@dataclass(frozen=True, slots=True)
class Item:
    """A service item: what may be asked of an applicant.

    Attributes:
        item_code: 实施编码, 31 characters; the first 18 are the body that runs it (GB/T 39554.1).
        gives: the type of the result, where one is issued.
        roles: of others a case can be about, with their names in Chinese and English.
        case_number: pattern of its case numbers, where not the node's (`materials.cases`).
        generic: the material list in plain words, shown without presence.
        automatic: when it is decided without a person; never where None.
    """

    item_code: str
    version: str
    name: str
    name_en: str
    division: str
    applicant_kinds: tuple[str, ...]
    limits: Limits
    scenarios: tuple[Scenario, ...]
    demands: tuple[Demand, ...]
    generic: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    fields: tuple[FormField, ...] = ()
    check_points: tuple[CheckPoint, ...] = ()
    commitment: CommitmentRule | None = None
    gives: str | None = None
    case_number: str | None = None
    automatic: Automatic | None = None
    roles: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no item can be."""
        if len(self.item_code) != 31 or not self.scenarios or not self.demands or not self.generic:
            raise CatalogueError(item=self.item_code, problem="code, scenarios, demands or generic list")
        if self.case_number is not None:
            check_case_number(self.case_number)
        _check_roles(self)
        _check_codes(self)
        _check_questions(self)
        for scenario in self.scenarios:
            try:
                left = self.open_questions(self.checked(scenario.answers))
            except AnswerInvalidError as error:
                raise CatalogueError(item=self.item_code, scenario=scenario.code, problem="its answers") from error
            if left:
                raise CatalogueError(item=self.item_code, scenario=scenario.code, unanswered=left[0].code)
            if self.scenario_of(scenario.answers) is not scenario:
                raise CatalogueError(item=self.item_code, scenario=scenario.code, problem="its answers lead elsewhere")
        for demand in self.demands:
            if Route.commitment in demand.routes and self.commitment is None:
                raise CatalogueError(item=self.item_code, type=demand.type_code, problem="no rule of commitment")
            if demand.generate == LETTER_TEMPLATE and (self.commitment is None or self.commitment.scenarios):
                # else a letter that nobody signed would supply the line
                raise CatalogueError(item=self.item_code, type=demand.type_code, problem="a letter nobody could sign")
            if demand.whose.startswith("each:") and demand.whose[5:] not in self.roles:
                raise CatalogueError(item=self.item_code, type=demand.type_code, problem="unknown role")
        for point in self.check_points:
            rules.check(point.checked, self)

    @property
    def org_code(self) -> str:
        """The body that runs it."""
        return self.item_code[:18]

    @property
    def types(self) -> frozenset[str]:
        """Codes of the types it may demand."""
        return frozenset(demand.type_code for demand in self.demands)

    def scenario(self, code: str) -> Scenario | None:
        """A scenario by its code."""
        return next((each for each in self.scenarios if each.code == code), None)

    # The questionnaire

    def checked(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Answers in the order of the questions, after a check.

        Raises:
            AnswerInvalidError: no such question, one that is not asked after the other answers, or no such answer.
        """
        by_code = {question.code: question for question in self.questions}
        if unknown := sorted(set(answers) - by_code.keys()):
            raise AnswerInvalidError(question=unknown[0], problem="unknown question")
        kept: dict[str, str] = {}
        for question in self.questions:
            if question.code not in answers:
                continue
            if not holds(question.when, kept):
                raise AnswerInvalidError(question=question.code, problem="not asked")
            if answers[question.code] not in {choice.code for choice in question.choices}:
                raise AnswerInvalidError(question=question.code, problem="unknown answer")
            kept[question.code] = answers[question.code]
        return kept

    def open_questions(self, answers: Mapping[str, str]) -> tuple[Question, ...]:
        """What is still to be asked, as far as the answers so far say; the first is the next step."""
        return tuple(each for each in self.questions if each.code not in answers and holds(each.when, answers))

    def scenario_of(self, answers: Mapping[str, str]) -> Scenario:
        """The scenario that complete answers lead to.

        Raises:
            AnswersIncompleteError: a question is open, or no scenario fits.
        """
        if left := self.open_questions(answers):
            raise AnswersIncompleteError(question=left[0].code)
        found = next((each for each in self.scenarios if holds(each.when, answers)), None)
        if found is None:
            raise AnswersIncompleteError(problem="no scenario")
        return found

    def form(self, answers: Mapping[str, str]) -> tuple[FormField, ...]:
        """The fields of the form after these answers."""
        return tuple(each for each in self.fields if holds(each.when, answers))

    def demanded(self, answers: Mapping[str, str]) -> tuple[Demand, ...]:
        """What the item demands after these answers."""
        return tuple(demand for demand in self.demands if holds(demand.when, answers))


def _check_roles(item: Item) -> None:
    for code, names in item.roles.items():
        if not _ROLE.fullmatch(code) or code in _OTHERS:
            raise CatalogueError(item=item.item_code, role=code, problem="code of a role")
        if not all(isinstance(name, str) and name.strip() for name in names):
            raise CatalogueError(item=item.item_code, role=code, problem="names of a role")


def _check_codes(item: Item) -> None:
    named = (
        [each.code for each in item.questions],
        [each.code for each in item.scenarios],
        [each.code for each in item.fields],
        [each.code for each in item.check_points],
        [f"{each.type_code} {each.whose} {each.when}" for each in item.demands],
    )
    for codes in named:
        if len(codes) != len(set(codes)):
            raise CatalogueError(item=item.item_code, problem="a code is there twice")
    if any(not _CODE.fullmatch(code) for codes in named[:3] for code in codes):
        raise CatalogueError(item=item.item_code, problem="spelling of a code")
    for each in item.fields:
        if each.kind not in KINDS or not each.sources or not all(_SOURCE.fullmatch(one) for one in each.sources):
            raise CatalogueError(item=item.item_code, field=each.code, problem="kind or sources")
    _check_computed(item)


def _check_computed(item: Item) -> None:
    """A computed field reads numbers of fields before it, so that nothing goes in a circle."""
    before: set[str] = set()
    for each in item.fields:
        if bool(each.compute) != ("computed" in each.sources):
            raise CatalogueError(item=item.item_code, field=each.code, problem="computed, and what by")
        if each.compute and (unknown := expressions.names(each.compute) - before):
            raise CatalogueError(item=item.item_code, field=each.code, problem=f"computed from {min(unknown)}")
        questions = {one.removeprefix("answer.") for one in each.sources if one.startswith("answer.")}
        if strange := questions - {one.code for one in item.questions}:
            raise CatalogueError(item=item.item_code, field=each.code, question=min(strange))
        if each.whose.startswith("each:") and each.whose[5:] not in item.roles:
            raise CatalogueError(item=item.item_code, field=each.code, problem="unknown role")
        if each.kind in NUMERIC:
            before.add(each.code)


def _check_questions(item: Item) -> None:
    """Every condition names what is asked; a question only what was asked before it."""
    known: dict[str, set[str]] = {}
    for question in item.questions:
        if not question.choices or len({each.code for each in question.choices}) != len(question.choices):
            raise CatalogueError(item=item.item_code, question=question.code, problem="choices")
        _check_condition(item, question.when, known, "asked later: a circle, or unknown")
        known[question.code] = {choice.code for choice in question.choices}
    conditions = [
        *(each.when for each in item.scenarios),
        *(each.when for each in item.demands),
        *(each.when for each in item.fields),
    ]
    for condition in conditions:
        _check_condition(item, condition, known, "unknown question")


def _check_condition(item: Item, condition: Condition, known: Mapping[str, set[str]], otherwise: str) -> None:
    for each in asked(condition):
        if each.question not in known:
            raise CatalogueError(item=item.item_code, question=each.question, problem=otherwise)
        if each.answer not in known[each.question]:
            raise CatalogueError(item=item.item_code, question=each.question, problem="unknown answer")
