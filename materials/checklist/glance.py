"""Everything a checklist is decided on, read in one glance: six statements, however many lines there are.

1. the case with its answers, people, confirmations and the other cases of its bundle; 2. the routes' own rows; 3. what
the vault holds for the lines; 4. what the library holds; 5. what was delivered in the case; 6. grants and duty entries
for everything that may fit (`authz.foreseeing`), with a statement or two for each person who signed for another, and
for each result that an earlier case of the bundle passes on.

Of several things that fit one line only the best is looked ahead for: decisions are most of what a checklist costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from authz.foreseeing import Sought
from authz.model import Mode, Resource, ShareClass, UseRequest
from authz.store import foresight
from materials.catalogue.items import APPLICANT
from materials.checklist import rows
from materials.checklist.facts import LEVELS, Facts, LineFacts
from materials.checklist.model import Route
from materials.checklist.things import Place, View, basis_of, licence_things, material_things
from materials.licence_uses import ACTIVE, standing
from materials.results import is_result
from materials.uses import resource_of
from materials.validity import reuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from authz.model import Caller, CaseFacts
    from authz.uses import Uses
    from certs.model import Licence
    from ledger.clock import Clock
    from ledger.steps import Steps
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Demand, Item
    from materials.checklist.facts import PassedOn
    from materials.checklist.rows import CaseRow, RouteRows
    from materials.licence_uses import LicenceUses
    from materials.model import Material

LICENCES: Final = 3
"""Licences of one type and holder that are looked at: the newest ones, in whatever status."""
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_WAYS: Final = (Mode.copy, Mode.data, Mode.verify)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a glance saw.

    Attributes:
        row: the case.
        item: of the case.
        places: the lines, in the order of the item.
        facts: what they are decided on.
    """

    row: CaseRow
    item: Item
    places: tuple[Place, ...]
    facts: Facts


@dataclass(slots=True)
class _Line:
    """What was found for one line so far."""

    licences: list[Licence]
    materials: list[Material]


class Glance:
    """Reads for checklists.

    Args:
        catalogue: types and items.
        cases: opens answers, knows what a decision must know of a case.
        licence_uses: the library.
        uses: looks ahead.
        clock: tells the time.
        sources: questions that a source of this node answers, with the types each stands for.
        templates: templates of this node.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cases: Cases,
        licence_uses: LicenceUses,
        uses: Uses,
        clock: Clock,
        sources: frozenset[str] = frozenset(),
        templates: frozenset[str] = frozenset(),
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._licence_uses = licence_uses
        self._uses = uses
        self._clock = clock
        self._sources = sources
        self._templates = templates

    def look(self, caller: Caller, case_no: str, operator: str | None) -> Steps[Seen | None]:
        """Everything for the checklist of a case of the caller's; None where there is no such case.

        Args:
            operator: who asks; who opened the case where None.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator.
        """
        row = yield from rows.case_row(case_no, caller.party_id)
        if row is None:
            return None
        now = self._clock.now()
        case = row.case
        item = self._catalogue.of(case)
        answers = self._cases.read_answers(case, row.answers)
        places = tuple(_places(item.demanded(answers), row))
        ways = yield from rows.routes(case_no, case.applicant_holder_id, now)
        found = yield from self._found(places, row, ways)
        passed = yield from self._passed(places, row, now)
        used = yield from foresight.delivered(case_no, caller.party_id)
        request = UseRequest(_NOBODY, Mode.copy, case_no, case.item_code, item.name, operator or case.operator)
        sought = [self._sought(place, line, row, ways, now) for place, line in zip(places, found, strict=True)]
        told = yield from self._uses.foresee_all(caller, request, [each for line in sought for each in line.all()])
        answered = iter(told)
        lines: dict[str, LineFacts] = {}
        for place, line, asked in zip(places, found, sought, strict=True):
            told_of = {id(each): next(answered) for each in asked.all()}
            view = View(row, item.commitment, caller.party_id, now, used, told_of, ways)
            lines[place.key] = self._line(place, line, asked, view, passed.get(place.demand.type_code))
        facts = Facts(now, case.scenario, item.commitment, lines, self._sources, self._templates, ways.barred_until)
        return Seen(row, item, places, facts)

    def _found(self, places: Sequence[Place], row: CaseRow, ways: RouteRows) -> Steps[list[_Line]]:
        """What vault and library hold for the lines."""
        found = [_Line([], []) for _ in places]
        wanted = [
            rows.Wanted(
                number,
                place.holder_id,
                place.demand.type_code,
                place.demand.whose == APPLICANT,
                ways.named(place.demand.type_code, place.holder_id),
            )
            for number, place in enumerate(places)
            if place.holder_id is not None
        ]
        for number, material in (yield from rows.materials(wanted, row.case.project_id)):
            found[number].materials.append(material)
        pairs: dict[tuple[str, str], list[int]] = {}
        for number, place in enumerate(places):
            code = self._licence_type(place.demand)
            if place.holder_id is not None and code is not None and Route.licence in place.demand.routes:
                pairs.setdefault((place.holder_id, code), []).append(number)
        if pairs:
            for licence in (yield from self._licence_uses.licences.of_holders(pairs.keys(), limit=LICENCES)):
                for holder in licence.holder_ids:
                    for number in pairs.get((holder, licence.type_code), ()):
                        found[number].licences.append(licence)
        return found

    def _passed(self, places: Sequence[Place], row: CaseRow, now: datetime) -> Steps[dict[str, PassedOn]]:
        """What earlier cases of the bundle pass on, by type, and whether that stands."""
        bundle = self._catalogue.bundles.get(row.bundle_code or "")
        givers = bundle.passed_to(row.case.item_code) if bundle is not None else {}
        found: dict[str, PassedOn] = {}
        for code in sorted({each.demand.type_code for each in places if each.demand.whose == APPLICANT}):
            sibling = row.siblings.get(givers.get(code, ""))
            if sibling is not None and sibling.result_id is not None:
                about = {row.case.applicant_holder_id, *row.case.people, *sibling.people}
                kind, licences = self._catalogue.type(code), self._licence_uses.licences
                sibling = replace(sibling, stands=(yield from is_result(licences, kind, about, sibling.result_id, now)))
            if sibling is not None:
                found[code] = sibling
        return found

    def _licence_type(self, demand: Demand) -> str | None:
        kind = self._licence_uses.types.for_material(demand.type_code)
        return None if kind is None else kind.code

    def _sought(self, place: Place, line: _Line, row: CaseRow, ways: RouteRows, now: datetime) -> _Sought:
        """What to look ahead for: the best licence, the best material, a question to the source."""
        demand, case = place.demand, row.case
        if place.holder_id is None:
            return _Sought(None, (), None)
        holder_id, kind = place.holder_id, self._catalogue.type(demand.type_code)
        facts = self._cases.facts(case, case.case_no, kind.code, row.lead_holder_id)

        def seek(resource: Resource | None, modes: tuple[Mode, ...]) -> Sought:
            level = kind.level if resource is None else resource.level
            return Sought(resource, holder_id, kind.code, level, facts, modes)

        licence = None
        if Route.licence in demand.routes and (face := self._licence_uses.types.for_material(kind.code)) is not None:
            line.licences.sort(key=lambda each: (standing(each, now) == ACTIVE, each.id), reverse=True)
            best = next(iter(line.licences), None)
            thing = None if best is None else self._licence_uses.resource(best, face, holder_id)
            licence = seek(thing, _WAYS)
        best_ones = self._best(demand, holder_id, line, ways, facts, now)
        materials = [seek(resource_of(each, kind, case.case_no, now), (Mode.copy,)) for each in best_ones]
        if Route.reuse in demand.routes and not materials:
            materials = [seek(None, (Mode.copy,))]
        check = None
        if demand.check in self._sources:
            source = Resource(
                kind="material",
                id=_NOBODY,
                type_code=kind.code,
                share_class=ShareClass(kind.share_class),
                level=kind.level,
                status=ACTIVE,
                holder_id=holder_id,
                division=case.division,
                project_id=None,
                depositor_party_id=_NOBODY,
                dated=now,
            )
            check = seek(source, (Mode.data, Mode.verify))
        return _Sought(licence, tuple(materials), check)

    def _best(
        self, demand: Demand, holder_id: str, line: _Line, ways: RouteRows, facts: CaseFacts, now: datetime
    ) -> list[Material]:
        """The best of the holder's own materials, of what others share, of what they do not, which the lead may allow.

        And what a department answered with.
        """
        found: list[Material] = []
        if Route.reuse in demand.routes:
            line.materials.sort(key=lambda each: self._fitness(each, demand, facts, now), reverse=True)
            before = [each for each in line.materials if each.origin_case_no != facts.case_no]
            own = [each for each in before if each.holder_id == holder_id]
            others = [each for each in before if each.holder_id != holder_id]
            shared = [each for each in others if each.share_in_project]
            found = [*own[:1], *shared[:1], *[each for each in others if not each.share_in_project][:1]]
        answer = ways.answer(demand.type_code, holder_id)
        return [*found, *(each for each in line.materials if each.id == answer and each not in found)]

    def _fitness(
        self, each: Material, demand: Demand, facts: CaseFacts, now: datetime
    ) -> tuple[bool, bool, bool, int, str]:
        """How well a material fits; more is better."""
        kind = self._catalogue.type(each.type_code)
        rule = reuse(each, kind, now, case_no=facts.case_no, project_id=facts.project_id)
        level = LEVELS[each.verify_level]
        near = each.holder_id == facts.applicant_holder_id or each.share_in_project
        return (rule.allowed, level >= demand.min_level, near, level, each.id)

    def _line(self, place: Place, line: _Line, asked: _Sought, view: View, passed: PassedOn | None) -> LineFacts:
        demand, holder_id, ways = place.demand, place.holder_id, view.ways
        if demand.whose != APPLICANT:
            passed = None
        if holder_id is None:
            return LineFacts(None, self._licence_type(demand), passed=passed)
        named = (demand.type_code, holder_id)
        facts = LineFacts(
            holder_id,
            self._licence_type(demand),
            passed=passed,
            check=ways.checks.get((*named, demand.check or "")),
            assist=ways.assists.get(named),
            owed=ways.owed.get(named),
            letter=view.is_letter(demand),
        )
        if asked.check is not None:
            told = view.told[id(asked.check)]
            facts = replace(facts, check_basis=basis_of(told), check_said=told.said)
        if asked.licence is not None:
            told = view.told[id(asked.licence)]
            facts = replace(facts, licence_said=told.said or facts.licence_said)
            if asked.licence.resource is not None:
                facts = replace(facts, licences=tuple(licence_things(line.licences, told, view)))
        said = [view.told[id(each)].said for each in asked.materials if each.resource is None]
        ahead = {each.resource.id: view.told[id(each)] for each in asked.materials if each.resource is not None}
        kind = self._catalogue.type(demand.type_code)
        materials = tuple(material_things(place, kind, line.materials, ahead, view))
        return replace(facts, materials=materials, material_said=next(iter(said), None) or facts.material_said)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked ahead for, for one line."""

    licence: Sought | None
    materials: tuple[Sought, ...]
    check: Sought | None

    def all(self) -> list[Sought]:
        """In one order."""
        return [each for each in (self.licence, *self.materials, self.check) if each is not None]


def _places(demands: Iterable[Demand], row: CaseRow) -> Iterable[Place]:
    """A line for each demand, or for each person of its role; one without a holder where nobody is named."""
    for demand in demands:
        if demand.whose == APPLICANT:
            yield Place(demand, 0, row.case.applicant_holder_id)
            continue
        named: Sequence[str | None] = row.people.get(demand.whose.removeprefix("each:"), ())
        for number, holder in enumerate(named or [None]):
            yield Place(demand, number, holder)
