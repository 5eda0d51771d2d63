"""Questions to sources of facts that a form can be filled from: answers that stand, and what is worth asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Mode
from ledger.steps import run
from materials import checkrows
from materials.catalogue.items import APPLICANT
from materials.checklist.model import Confirm
from materials.checklist.reasons import WhyNot
from materials.connectors.port import Kind
from materials.forms.model import Origin, SourceKind
from materials.forms.plans import NOTHING, Ask
from materials.lawful import Asked, as_use

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.uses import Uses
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.items import FormField
    from materials.checkrows import Check
    from materials.checks import Checks
    from materials.forms.plans import Found, Look
    from materials.forms.sources import Place

_CHECKS: Final = 200
_FAILURES: Final = {each.value: each.value for each in (WhyNot.source_unavailable, WhyNot.source_contradicts)}


class Questions:
    """Looks at questions.

    Args:
        catalogue: types.
        cases: what a decision must know of a case.
        checks: questions of this node, and their answers.
        uses: looks ahead.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases, checks: Checks, uses: Uses) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._checks = checks
        self._uses = uses

    def look(
        self,
        db: Connection,
        wanted: Mapping[str, Mapping[str, Sequence[Place]]],
        fields: Sequence[FormField],
        look: Look,
        found: Found,
    ) -> tuple[tuple[str, str], ...]:
        """Take answers that stand; the questions that are worth putting, with the type each is asked for."""
        asked = reversed(checkrows.of_case(db, look.case_no, _CHECKS))
        about = look.row.case.applicant_holder_id  # what was said of others is no value of the applicant's form
        answered = {each.question: each for each in asked if each.holder_id == about}
        order = {each.code: each.sources for each in fields}
        put: list[tuple[str, str]] = []
        for code, names in wanted.items():
            places = [place for held in names.values() for place in held]
            check = answered.get(code)
            if check is not None and check.stands(look.now):
                self._answered(check, names, look, found)
                found.miss(places, WhyNot.no_value.value)
                continue
            type_code = self._askable(code, places, look, found)
            found.miss(places, _failure(check, look.now))
            unknown = check is not None and check.result == "unknown" and _lasts(check.valid_until, look.now)
            if type_code is None or unknown or not any(_is_first(order[place[0]], place, found) for place in places):
                continue
            if self._may_ask(db, code, type_code, places, look, found):
                put.append((code, type_code))
        return tuple(put)

    def _answered(self, check: Check, names: Mapping[str, Sequence[Place]], look: Look, found: Found) -> None:
        values = self._checks.values(check)
        at = check.as_of or check.answered_at or look.now
        for name, held in names.items():
            for place in held if values.get(name) else ():
                origin = Origin(SourceKind.connector, place[1], check.id, check.entry_id, at, live=True)
                found.give(place, values[name], origin)

    def _askable(self, code: str, places: Sequence[Place], look: Look, found: Found) -> str | None:
        """The type that a question of this node gives values for and the item demands; None where there is none."""
        kind = self._checks.register.questions.get(code)
        if kind is None or kind.kind is not Kind.value or kind.given:
            found.miss(places, WhyNot.no_source.value)
            return None
        type_code = next((each for each in kind.types if each in look.item.types), None)
        if type_code is None:
            found.miss(places, WhyNot.not_foreseen.value)
        return type_code

    def _may_ask(
        self, db: Connection, code: str, type_code: str, places: Sequence[Place], look: Look, found: Found
    ) -> bool:
        kind = self._checks.register.questions[code]
        about = look.row.case.applicant_holder_id
        asked = Asked(NOTHING, about, Mode.data, look.item.name, look.operator, look.now, kind.names)
        request, resource = as_use(look.row.case, self._catalogue.type(type_code), asked)
        facts = self._cases.facts(look.row.case, look.case_no, type_code, None)
        told = run(db, self._uses.foresee(look.caller, request, resource, facts, type_code, resource.level))
        if told.basis is None:
            for place in places:
                found.missing.pop(place, None)
            found.refused(places, told.said, Ask(code, type_code, tuple(sorted(kind.names)), APPLICANT))
        return told.basis is not None


def _is_first(sources: Sequence[str], place: Place, found: Found) -> bool:
    """Whether no source before this one has a value for the field."""
    before = sources[: list(sources).index(place[1])]
    return not any(found.given.get((place[0], each)) for each in before)


def _lasts(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def _failure(check: Check | None, now: datetime) -> str:
    """Why there is no answer."""
    if check is None:
        return Confirm.ask.value
    if check.state == "failed":
        return _FAILURES.get(check.failure or "", WhyNot.source_unavailable.value)
    if check.result == "unknown" and _lasts(check.valid_until, now):
        return WhyNot.source_unknowing.value
    return Confirm.ask.value
