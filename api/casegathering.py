"""What a case that is decided without a person still wants: questions, looks at licences, what to ask holders.

Each act is a short unit of its own, by the same services as at a window; what comes of it the next look at the
checklist shows. So nothing here need be remembered, and doing it again does only what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from api.observe import log
from authz.errors import AuthzError, UseRefusedError
from authz.limits import Cost
from authz.model import Mode, UseRequest
from authz.onboardingerrors import QuotaSpentError
from ledger.clock import parse_rfc3339
from ledger.steps import execute, run
from materials.asking import Request, Wanted
from materials.automatic import runrows
from materials.catalogue import expressions
from materials.catalogue.items import APPLICANT
from materials.checklist.model import Confirm, LineState, Route
from materials.checklist.reasons import WhyNot
from materials.checks import Asking as Question
from materials.connectors.port import Kind
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta
    from typing import Any

    from sqlalchemy import Connection

    from api.checking import Checking
    from api.filling import FormFilling
    from api.reviewing import Reviewing
    from authz.askbatches import AskBatches
    from authz.limits import Meter
    from authz.model import Caller
    from authz.uses import Uses
    from certs.drafts import Plan, Prepared
    from certs.issuing import Issuing
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.db import Database
    from materials.asking import Asking
    from materials.automatic.inquiries import Together
    from materials.automatic.looking import Looker
    from materials.automatic.rounds import Rounds
    from materials.automatic.rules import Automatic
    from materials.automatic.runrows import Run
    from materials.automatic.runs import Runs
    from materials.catalogue.items import Item
    from materials.checklist.model import Line
    from materials.checklist.service import Checklist, Checklists
    from materials.checkrows import Check
    from materials.checks import Checks
    from materials.forms.plans import Ask
    from materials.forms.service import Forms

ROUNDS: Final = 4
"""How often a checklist is worked through in one step: each round may open a next route for a line."""
_VALID_DAYS: Final = 30
_USES: Final = 5
_FETCH: Final = {Confirm.fetch.value}
_ASK: Final = {Confirm.ask.value}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is worked with.

    Attributes:
        make: makes the files of a planned licence, outside any unit.
        sign: signs a document by an organisation's seal: its code, a `typ`, the claims; outside any unit.
    """

    runs: Runs
    rounds: Rounds
    filling: FormFilling
    reviewing: Reviewing
    forms: Forms
    checklists: Checklists
    checks: Checks
    checking: Checking
    looker: Looker
    uses: Uses
    meter: Meter
    asking: Asking
    batches: AskBatches
    licences: LicenceStore
    issuing: Issuing
    make: Callable[[Plan], Prepared]
    sign: Callable[[str, str, Mapping[str, Any]], str]


class CaseGathering:
    """Gathers for a case.

    Args:
        database: for units of its own.
        parts: services.
        clock: tells the time.
    """

    def __init__(self, database: Database, parts: Parts, clock: Clock) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock

    def worked_down(self, caller: Caller, held: Run) -> Checklist:
        """What can be had without anybody is had; the checklist as it stands then."""
        self.questions(caller, held)
        shown, tried = self.look(caller, held), set[tuple[str, str]]()
        for line in filter(_is_worth_another, shown.open_lines):
            self._supply(caller, held, line, Route.check)
        shown = self.look(caller, held)
        for _ in range(ROUNDS):
            todo = [line for line in shown.open_lines if _by_itself(line) and (line.key, _route(line)) not in tried]
            if not todo:
                break
            for line in todo:
                tried.add((line.key, _route(line)))
                self._supply(caller, held, line, line.offer.route if line.offer else None)
            shown = self.look(caller, held)
        return shown

    def questions(self, caller: Caller, held: Run) -> None:
        """Put the questions that rules ask, each on its own: a source that fails leaves its rule unclear."""
        for code, type_code in self._parts.runs.rule_of(held)[1].questions:
            self._put(caller, held, Question(held.case_no, type_code, held.cause, held.operator, code))

    def caller(self, held: Run) -> Caller:
        """In whose name a run acts."""
        with self._database.glance() as db:
            return self._parts.runs.caller(db, held)

    def look(self, caller: Caller, held: Run) -> Checklist:
        """The checklist as it stands now."""
        with self._database.glance() as db:
            return run(db, self._parts.checklists.get(caller, held.case_no, held.operator))

    def _supply(self, caller: Caller, held: Run, line: Line, route: Route | None) -> None:
        """Do what a line wants; what comes of it the next look shows."""
        evidence = line.offer.evidence if line.offer else {}
        if route is Route.check:
            self._put(
                caller, held, Question(held.case_no, line.demand.type_code, held.cause, held.operator, of=line.of)
            )
            return
        named = (held.case_no, held.item_code, held.cause, held.operator)
        request = UseRequest(evidence["licence"], Mode.verify, *named, None, ())
        self._parts.meter.charge(caller.party_id, caller.party_kind, (Cost.uses,))
        try:
            with self._database.unit() as db:
                runrows.hold(db, held)
                self._parts.looker.verify(db, caller, request, f"automatic/{held.id}/{evidence['licence']}")
        except UseRefusedError as refusal:
            with self._database.unit() as db:
                execute(db, self._parts.uses.refuse(caller, request, refusal))

    def _put(self, caller: Caller, held: Run, question: Question) -> None:
        """Put a question to a source, unless it is answered; that it may not be put is for the rules to notice."""
        if question.question is not None:
            with self._database.glance() as db:
                known = self._parts.checks.of_case(db, caller, held.case_no)
            now = self._clock.now()
            if any(each.question == question.question and _lasts(each, now) for each in known):
                return
        try:
            self._parts.checking.ask(caller, question, lambda _db, _check: None)
        except QuotaSpentError:
            raise
        except (AuthzError, MaterialsError) as error:
            log.info("question not put", run=held.id, code=error.code)

    def wants(self, caller: Caller, held: Run, shown: Checklist) -> dict[str, dict[str, tuple[str, ...]]]:
        """What holders would have to allow: for each person the types, with the fields where values are read."""
        item, rule = self._parts.runs.rule_of(held)
        wants: dict[str, dict[str, tuple[str, ...]]] = {}
        for line in shown.open_lines:
            if line.offer is None or Confirm.consent.value not in line.offer.conditions:
                continue
            if line.offer.route not in {Route.licence, Route.check}:
                continue
            kind = self._parts.checks.register.questions.get(line.demand.check or "")
            values = line.offer.route is Route.check and kind is not None and kind.kind is Kind.value
            wants.setdefault(line.of, {})[line.demand.type_code] = kind.names if values and kind is not None else ()
        with self._database.glance() as db:
            plan = self._parts.forms.plan(db, caller, held.case_no, held.operator)
        for ask in plan.asks:
            if _is_read(ask, item, rule):
                of = wants.setdefault(ask.of, {})
                of[ask.type_code] = tuple(sorted({*of.get(ask.type_code, ()), *ask.fields}))
        return wants

    def together(self, caller: Caller, held: Run) -> Together:
        """Asks somebody who has to confirm for all that will be wanted of them, as far as the list says it now.

        Nothing is looked at for it: a list that is not worked down yet says what needs consent, and no more.
        """
        wants = self.wants(caller, held, self.look(caller, held))

        def ask(db: Connection, holder_id: str, statement: Mapping[str, Any]) -> str | None:
            case = self._parts.runs.case(db, held)
            if not self._parts.runs.is_of_organisation(db, held):
                return None  # a notice names no person
            for of, types in sorted(wants.items()):
                if of != APPLICANT and self._parts.runs.person(db, case, of) == holder_id:
                    left = parse_rfc3339(statement["due"]) - self._clock.now()
                    return self._ask(db, caller, held, of, types, confirms=statement, open_for=left)
            return None

        return ask

    def consent(self, caller: Caller, held: Run, wants: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        """Ask each holder under one notice."""
        with self._database.unit() as db:
            made = []
            for of, types in sorted(wants.items()):
                made.append(self._ask(db, caller, held, of, types))
            self._parts.runs.asked(db, held, made)

    def _ask(
        self,
        db: Connection,
        caller: Caller,
        held: Run,
        of: str,
        types: Mapping[str, tuple[str, ...]],
        *,
        confirms: Mapping[str, Any] | None = None,
        open_for: timedelta | None = None,
    ) -> str:
        """Ask one holder under one notice; the batch."""
        things = tuple(code for code, fields in sorted(types.items()) if not fields)
        wanted = [Wanted((), things, (), Mode.verify, _USES, _VALID_DAYS)] if things else []
        wanted += [
            Wanted((), (code,), fields, Mode.data, _USES, _VALID_DAYS)
            for code, fields in sorted(types.items())
            if fields
        ]
        named = (held.case_no, held.operator, held.cause)
        asked = Request(*named, tuple(wanted), open_for=open_for, of=of, confirms=confirms)
        return self._parts.asking.ask(db, caller, asked).id


def _lasts(each: Check, now: datetime) -> bool:
    """Whether a source's answer, whatever it said, still stands."""
    return each.state == "answered" and each.valid_until is not None and now < each.valid_until


def _route(line: Line) -> str:
    return line.offer.route.value if line.offer else ""


def _by_itself(line: Line) -> bool:
    """Whether a line wants nothing of anybody: a licence that may be looked at, a question that may be put."""
    if line.offer is None or line.state is not LineState.offered:
        return False
    left = set(line.offer.conditions)
    if line.offer.route is Route.licence:
        return left == _FETCH and "licence" in line.offer.evidence
    return line.offer.route is Route.check and left == _ASK


def _is_worth_another(line: Line) -> bool:
    """Whether a source was not reached last time; each time a case is worked down it is asked once more."""
    return any(each.route is Route.check and each.reason == WhyNot.source_unavailable for each in line.refused)


def _is_read(ask: Ask, item: Item, rule: Automatic) -> bool:
    """Whether a field that the decision needs, or one it is computed from, could be filled by what is asked for."""
    by_code = {each.code: each for each in item.fields}
    codes: set[str] = set()
    more: Sequence[str] = sorted(rule.reads)
    while more:
        codes |= set(more)
        more = [
            name
            for code in more
            if by_code[code].compute
            for name in expressions.names(by_code[code].compute)
            if name not in codes
        ]
    sources = {source for code in codes for source in by_code[code].sources}
    return any(
        source.removeprefix("connector:").removeprefix("material:").rpartition(".")[0] == ask.source
        for source in sources
    )
