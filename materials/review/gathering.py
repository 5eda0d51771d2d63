"""Gathering the facts of a case for its check points. A glance: nothing is spent and nothing recorded here.

Licences, sources and other departments' documents are looked at as a form is filled (`materials.forms`): what was read
in this case by a use is taken from there, what may be read now is named for a use of its own, what would need consent
is told as such. So a review never says more than a use would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import Presence
from authz.store import foresight
from certs.lifecycle import status_on
from ledger.steps import run
from materials import checkrows, commitmentrows
from materials.catalogue.items import APPLICANT
from materials.checklist import rows as glances
from materials.errors import CaseClosedError, CaseNotSubmittedError, UnknownCaseError
from materials.forms import rows as formrows
from materials.forms.opening import Opener
from materials.forms.plans import Found, Look
from materials.forms.sources import wants
from materials.licence_uses import standing
from materials.model import CaseState
from materials.review import normal
from materials.review.facts import Facts, Held, Known, Place
from materials.review.outside import STATUS, as_field, outside, sealed
from materials.review.published import figures
from materials.review.rules import ACCEPTED, MATERIAL, PUBLISHED, Kind
from materials.review.stated import known as stated_values, stated
from materials.review.words import Why
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from certs.model import Licence
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Demand, Item
    from materials.checklist.rows import CaseRow
    from materials.desk import Desk
    from materials.forms.model import Content
    from materials.forms.plans import Ask, Thing
    from materials.forms.questions import Questions
    from materials.forms.sources import Group
    from materials.forms.things import Things
    from materials.licence_uses import LicenceUses
    from materials.model import Material
    from materials.review.papers import Papers
    from materials.review.rules import Rule

OPEN_LEVEL: Final = 2
"""Up to this level full reasons are told within a case with presence (DESIGN 7)."""
_CHECKS: Final = 200
_COMMITMENTS: Final = 50


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of a case, and what would add to them.

    Attributes:
        things: licences and documents that may be read now, each by a use.
        questions: to be put to sources: code and material type.
        asks: what would need consent first.
        unread: documents of this department that nobody has had read.
        unsealed: documents of this department whose seals were not checked.
    """

    row: CaseRow
    item: Item
    facts: Facts
    things: tuple[Thing, ...]
    questions: tuple[tuple[str, str], ...]
    asks: tuple[Ask, ...]
    unread: tuple[Material, ...]
    unsealed: tuple[Material, ...]


@dataclass(slots=True)
class _Case:
    """A case while its facts are gathered."""

    row: CaseRow
    item: Item
    answers: Mapping[str, str]
    demanded: frozenset[str]
    look: Look
    values: dict[str, tuple[Known, ...]]
    missing: dict[str, str]

    @property
    def rules(self) -> list[Rule]:
        """Of the check points."""
        return [each.checked for each in self.item.check_points]


class Gatherer:
    """Gathers facts.

    Args:
        catalogue, cases: items, and what was answered.
        things, questions: look at licences, documents and sources.
        licence_uses: the library.
        papers: looks at documents.
        desk: holders, vault, time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cases: Cases,
        things: Things,
        questions: Questions,
        licence_uses: LicenceUses,
        papers: Papers,
        desk: Desk,
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._things = things
        self._questions = questions
        self._licence_uses = licence_uses
        self._papers = papers
        self._desk = desk
        self._opener = Opener(desk.vault)

    @property
    def licence_types(self) -> LicenceCatalogue:
        """Types of licence."""
        return self._licence_uses.types

    def gather(self, db: Connection, caller: Caller, case_no: str, operator: str | None = None) -> Gathered:
        """The facts of an open case of the caller's.

        Args:
            operator: who asks; who opened the case where None.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError: no such open case.
        """
        row = run(db, glances.case_row(case_no, caller.party_id))
        if row is None:
            raise UnknownCaseError
        if row.case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if row.case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        item = self._catalogue.of(row.case)
        answers = self._cases.read_answers(row.case, row.answers)
        look = Look(caller, row, item, operator or row.case.operator, self._desk.clock.now())
        demanded = frozenset(each.type_code for each in item.demanded(answers))
        case = _Case(row, item, answers, demanded, look, {}, {})
        form = self._form(db, case)
        self._said(db, case)
        vouched = self._vouched(db, case)
        materials = self._materials(db, case)
        here = [each for each in materials if _is_here(each, case)]
        found, questions, groups = self._look(db, case, frozenset(each.type_code for each in here))
        used = frozenset(run(db, foresight.delivered(case_no, caller.party_id)))
        licences = self._held(db, case, groups, found, used)
        given = self._given(db, case)
        taken = {each.type_code for each in here}
        theirs = [each for each in materials if (each.id in given or each.id in used) and each.type_code not in taken]
        shelf = self._papers.look(db, case_no, here, theirs, given, look.now)
        case.values.update(shelf.values)
        facts = Facts(
            today=look.now.astimezone(LOCAL).date(),
            demanded=demanded,
            form=form,
            values=case.values,
            missing=case.missing,
            papers=shelf.papers,
            licences=licences,
            vouched=vouched,
            owed=self._owed(db, case_no),
            stands_for=self._stands_for(case),
            organisations=self._organisations(db, case),
        )
        named = {code for rule in case.rules for code in rule.things}
        return Gathered(
            row,
            item,
            facts,
            tuple(found.things),
            questions,
            tuple(found.asks),
            tuple(each for each in shelf.unread if each.type_code in named),
            tuple(each for each in shelf.unsealed if each.type_code in sealed(case.rules)),
        )

    # What the case itself says

    def _form(self, db: Connection, case: _Case) -> frozenset[str] | None:
        row = run(db, formrows.newest(case.row.case.case_no))
        if row is None:
            return None
        lines = self._opener.lines(row)
        values, missing = stated(lines, {each.code: each.kind for each in case.item.fields})
        case.values.update(values)
        case.missing.update(missing)
        return frozenset(line.code for line in lines)

    def _said(self, db: Connection, case: _Case) -> None:
        """Applicant, answers, days and published figures."""
        held = case.row.case
        holder = self._desk.holders.get(db, held.applicant_holder_id)
        codes = {each.type: each.code for each in self._desk.holders.identifiers(db, holder.id)}
        said = {"applicant.name": holder.name, "applicant.code": codes.get("001") or codes.get("111")}
        for question in case.item.questions:
            chosen = case.answers.get(question.code)
            said[f"answer.{question.code}"] = next((one.zh for one in question.choices if one.code == chosen), None)
        today = (held.accepted_at or case.look.now).astimezone(LOCAL).date()
        said[ACCEPTED] = today.isoformat()
        for name, figure in figures().items():
            said[f"{PUBLISHED}{name}"] = figure.on(today)
        for source, text in said.items():
            category = normal.DAY if source == ACCEPTED else normal.TEXT
            if text is not None:
                case.values[source] = (Known(text, category, Place(source)),)

    def _vouched(self, db: Connection, case: _Case) -> dict[str, str]:
        """Types of which the item's own question was answered with yes, for everybody they are demanded of."""
        held = checkrows.of_case(db, case.row.case.case_no, _CHECKS)
        yes = {
            (each.type_code, each.holder_id, each.question): each.id
            for each in reversed(held)
            if each.result == "yes" and each.stands(case.look.now)
        }
        vouched: dict[str, str] = {}
        open_ones: set[str] = set()
        for demand in case.item.demanded(case.answers):
            asked = [yes.get((demand.type_code, holder, demand.check or "")) for holder in _holders(case, demand)]
            if asked and all(asked):
                vouched[demand.type_code] = asked[0] or ""
            else:
                open_ones.add(demand.type_code)
        return {code: check for code, check in vouched.items() if code not in open_ones}

    @staticmethod
    def _owed(db: Connection, case_no: str) -> frozenset[str]:
        signed = [each.id for each in commitmentrows.of_case(db, case_no, _COMMITMENTS) if each.state != "proposed"]
        owed = commitmentrows.owed(db, signed) if signed else []
        return frozenset(each.type_code for each in owed if each.fulfilled_at is None)

    def _organisations(self, db: Connection, case: _Case) -> dict[str, frozenset[str]]:
        """Codes of the organisations that rules want seals of."""
        sides = {rule.text for rule in case.rules if rule.kind is Kind.sealed} | {rule.side for rule in case.rules}
        found: dict[str, frozenset[str]] = {}
        for side in sorted(sides - {""}):
            holders = [case.row.case.applicant_holder_id] if side == "applicant" else case.row.people.get(side, [])
            codes = {
                each.code
                for holder in holders
                for each in self._desk.holders.identifiers(db, holder)
                if each.type == "001"
            }
            found[side] = frozenset(codes)
        return found

    # Licences, sources, others' documents

    def _look(
        self, db: Connection, case: _Case, here: frozenset[str]
    ) -> tuple[Found, tuple[tuple[str, str], ...], Sequence[Group]]:
        """What licences and sources say, as far as uses gave it out; what may be read or asked now."""
        found = Found()
        fields = [as_field(source) for source in outside(case.rules)]
        wanted = wants(case.item, fields, case.answers, case.row, self.licence_types)
        groups = [
            each
            for each in wanted.groups
            if (each.type_code in case.demanded or not each.type_code) and each.code not in here
        ]
        self._things.look(db, groups, case.look, found)
        questions = self._questions.look(db, wanted.questions, fields, case.look, found)
        kinds = {each.code: each for each in self.licence_types.types.values()}
        for (_, source), candidates in found.given.items():
            if source.startswith(MATERIAL):
                continue
            code, _, name = source.partition(".")
            field = kinds[code].field_of(name) if code in kinds else None
            category = normal.category(field.kind if field is not None else "text")
            known: list[Known] = []
            for each in candidates:
                place = Place(source, each.origin.id or "", code if code in kinds else "")
                known += stated_values(_joined(each.content), category, place)
            case.values[source] = tuple(known)
        for (_, source), why in found.missing.items():
            case.missing.setdefault(source, why)
        return found, questions, groups

    def _held(
        self, db: Connection, case: _Case, groups: Sequence[Group], found: Found, used: frozenset[str]
    ) -> dict[str, tuple[Held, ...]]:
        """Licences whose status may be told: used or read in this case, readable now, or of a level that is open."""
        codes = {rule.thing for rule in case.rules if rule.thing.startswith("LT")}
        wanted = [each for each in groups if each.code in codes and each.holder_id is not None]
        pairs = sorted({(each.holder_id or "", each.code) for each in wanted})
        if not pairs:
            return {}
        case_no, now = case.row.case.case_no, case.look.now
        known = {each.thing_id for each in run(db, formrows.sources(case_no))}
        known |= used
        known |= {each.id for each in found.things}
        best: dict[tuple[str, str], Licence] = {}
        for each in run(db, self._licence_uses.licences.of_holders(pairs, limit=3)):
            for holder in each.holder_ids:
                pair = (holder, each.type_code)
                if pair in pairs and _rank(each, now) > _rank(best.get(pair), now):
                    best[pair] = each
        told: dict[str, list[Held]] = {}
        for (_, code), each in sorted(best.items(), key=lambda one: one[0]):
            is_open = self.licence_types.type(code).level <= OPEN_LEVEL and case.row.case.presence != Presence.none
            if each.id in known or is_open:
                status = status_on(each, now).value
                told.setdefault(code, []).append(Held(each.id, code, status, standing(each, now), each.valid_to))
        for code in codes:
            if len(told.get(code, ())) < len([pair for pair in pairs if pair[1] == code]) or code not in told:
                case.missing[code] = case.missing.get(f"{code}.{STATUS}", Why.no_value)
        return {code: tuple(held) for code, held in told.items()}

    def _stands_for(self, case: _Case) -> dict[str, str]:
        codes = {code for rule in case.rules for code in rule.things if code.startswith("LT")}
        named = {code: self.licence_types.type(code).material_type for code in codes}
        return {code: material for code, material in named.items() if material is not None}

    # Documents

    def _given(self, db: Connection, case: _Case) -> dict[str, dict[str, str]]:
        """Values of documents that uses gave out in this case, by document and field."""
        given: dict[str, dict[str, str]] = {}
        for each in run(db, formrows.sources(case.row.case.case_no)):
            if each.kind != "licence":
                values = self._opener.read(each)
                given.setdefault(each.thing_id, {}).update({name: _joined(text) for name, text in values.items()})
        return given

    @staticmethod
    def _materials(db: Connection, case: _Case) -> list[Material]:
        """Active documents of the types that rules are about, of the holders they are demanded of."""
        codes = {code for rule in case.rules for code in rule.things if code.startswith("CL")} & case.demanded
        wanted = [
            glances.Wanted(place, holder, code, shared=False)
            for place, (holder, code) in enumerate(sorted(_pairs(case, codes)))
        ]
        found = {each.id: each for _, each in (run(db, glances.materials(wanted, None)) if wanted else [])}
        return sorted((each for each in found.values() if each.status == "active"), key=lambda each: each.id)


def _pairs(case: _Case, codes: Iterable[str]) -> set[tuple[str, str]]:
    """Holders of whom documents of some types are demanded."""
    wanted = set(codes)
    pairs: set[tuple[str, str]] = set()
    for demand in case.item.demanded(case.answers):
        if demand.type_code not in wanted:
            continue
        pairs |= {(holder, demand.type_code) for holder in _holders(case, demand)}
    return pairs


def _holders(case: _Case, demand: Demand) -> list[str]:
    """Whom a document is demanded of."""
    role = demand.whose.removeprefix("each:")
    return case.row.people.get(role, []) if role != APPLICANT else [case.row.case.applicant_holder_id]


def _is_here(each: Material, case: _Case) -> bool:
    return (each.origin_case_no, each.party_id) == (case.row.case.case_no, case.row.case.party_id)


def _rank(each: Licence | None, now: datetime) -> tuple[bool, str]:
    return (False, "") if each is None else (standing(each, now) == "active", each.id)


def _joined(content: Content) -> str:
    return content if isinstance(content, str) else "、".join(content)
