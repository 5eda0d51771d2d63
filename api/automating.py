"""Driving what is decided without a person: takes runs up, does each step, and writes it in one unit (DESIGN 3).

A step begins with what is there, acts outside any unit where it must, and ends with the unit that writes its outcome
and moves the run on together. So a process may stop anywhere: whoever takes the run up next begins the step anew and
finds what was done, and nothing is decided, issued or told twice. Each run is on its own: what goes wrong with one
leaves it to a person, or is tried again later, and holds up no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.observe import log
from authz.errors import AuthzError, UseRefusedError
from authz.model import AskState, Mode, UseRequest
from authz.onboardingerrors import QuotaSpentError
from certs.errors import CertsError
from ledger.errors import LedgerError
from ledger.steps import execute, run
from materials.asking import Request, Wanted
from materials.automatic import runrows, runsteps as steps
from materials.automatic.versions import differing, draft_of
from materials.catalogue import expressions
from materials.checklist.model import Confirm, LineState, Route
from materials.checklist.reasons import WhyNot
from materials.checks import Asking as Question
from materials.connectors.port import Kind
from materials.errors import MaterialsError, RunMovedError
from materials.licence_uses import ACTIVE, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from threading import Event
    from typing import Any

    from sqlalchemy import Connection

    from api.checking import Checking
    from api.filling import FormFilling
    from api.reviewing import Reviewing
    from authz.askbatches import AskBatches
    from authz.model import Caller
    from authz.uses import Uses
    from certs.drafts import Plan, Prepared
    from certs.issuing import Issuing
    from certs.model import Licence
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from ledger.db import Database
    from materials.asking import Asking
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
    from materials.forms.model import Form
    from materials.forms.plans import Ask, Plan as FormPlan
    from materials.forms.service import Forms

IDLE_SECONDS: Final = 0.5
ROUNDS: Final = 4
"""How often a checklist is worked through in one step: each round may open a next route for a line."""
MAX_FAILURES: Final = 6
_PAUSE: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)
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
    asking: Asking
    batches: AskBatches
    licences: LicenceStore
    issuing: Issuing
    make: Callable[[Plan], Prepared]
    sign: Callable[[str, str, Mapping[str, Any]], str]


class Automating:
    """Works runs off.

    Args:
        database: for units of its own.
        parts: services.
        clock: tells the time.
    """

    def __init__(self, database: Database, parts: Parts, clock: Clock) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock
        self._steps: dict[str, Callable[[Run], None]] = {
            steps.APPLY: self._applied,
            steps.CONFIRM: self._confirmed,
            steps.FILL: self._fill,
            steps.GATHER: self._gather,
            steps.READ: self._read,
            steps.COLLECT: self._collect,
            steps.REVIEW: self._review,
            steps.ACCEPT: self._accept,
            steps.DECIDE: self._decide,
            steps.RESULT: self._result,
            steps.RECEIPT: self._receipt,
            steps.CLOSE: self._close,
        }

    def run(self, stop: Event) -> None:
        """Work until stopped."""
        while not stop.is_set():
            if not self.once():
                stop.wait(IDLE_SECONDS)

    def once(self) -> bool:
        """One step of the run, and one piece of the round, that have been due the longest; False where none is."""
        worked = self._round()
        return self._run() or worked

    def _round(self) -> bool:
        rounds = self._parts.rounds
        with self._database.glance() as db:
            due = rounds.due(db)
        if due is None:
            return False
        try:
            with self._database.unit() as db:
                rounds.work(db, due)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            log.error("round not moved", round=due, error=type(error).__name__, code=getattr(error, "code", None))
            with self._database.unit() as db:
                rounds.postpone(db, due)
        return True

    def _run(self) -> bool:
        with self._database.unit() as db:
            held = self._parts.runs.claim(db)
        if held is None:
            return False
        try:
            self._step(held)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on; this one after its lease
            log.error("run not moved", run=held.id, step=held.step, error=type(error).__name__)
        return True

    def _step(self, held: Run) -> None:
        try:
            self._steps[held.step](held)
        except RunMovedError:
            log.info("run moved meanwhile", run=held.id, step=held.step)
        except QuotaSpentError as error:  # the department has had its uses of the day
            self._again(held, error)
        except (AuthzError, CertsError, MaterialsError) as error:
            self._give_up(held, "step-refused", error.code)
        except LedgerError as error:  # log or store: it will be there again, and the run waits for it
            self._again(held, error)
        except Exception as error:  # noqa: BLE001 - tried again, and then somebody has to look
            if held.failures + 1 >= MAX_FAILURES:
                self._give_up(held, "internal", type(error).__name__)
            else:
                self._again(held, error)

    def _again(self, held: Run, error: Exception) -> None:
        log.error("step failed", run=held.id, step=held.step, error=type(error).__name__)
        pause = min(_PAUSE * 2 ** min(held.failures, 10), _LONGEST)
        self._unit(held, lambda db: self._parts.runs.again(db, held, pause))

    def _give_up(self, held: Run, reason: str, detail: str) -> None:
        log.warning("left to a person", run=held.id, step=held.step, reason=reason, detail=detail)
        self._unit(held, lambda db: self._parts.runs.leave(db, held, reason, (detail,)))

    def _unit(self, held: Run, act: Callable[[Connection], None]) -> None:
        """A unit about a run; nothing is written where a person or another worker has it by now."""
        try:
            with self._database.unit() as db:
                act(db)
        except RunMovedError:
            log.info("run moved meanwhile", run=held.id, step=held.step)

    # Steps

    def _applied(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.applied(db, held)

    def _confirmed(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.confirmed(db, held, self._parts.runs.case(db, held))

    def _fill(self, held: Run) -> None:
        self._fill_then(held, steps.GATHER)

    def _read(self, held: Run) -> None:
        """Fill again, with what the holders allowed."""
        self._fill_then(held, steps.COLLECT)

    def _fill_then(self, held: Run, step: str) -> None:
        """Fill the form; the last unit keeps it and moves the run on."""

        def keep(db: Connection, _form: Form, _plan: FormPlan) -> None:
            self._parts.runs.go(db, held, step)

        self._parts.filling.fill(self._caller(held), held.case_no, held.operator, held.cause, keep)

    def _gather(self, held: Run) -> None:
        """Work the checklist down; where holders have to allow something they are asked, once, and waited for."""
        if held.asks:
            self._allowed(held)
            return
        caller = self._caller(held)
        if held.round_id is not None:  # nobody applied: there is no list to work down, and nobody to ask yet
            self._questions(caller, held)
            self._unit(held, lambda db: self._parts.runs.go(db, held, steps.DECIDE))
            return
        shown = self._worked_down(caller, held)
        wants = self._wants(caller, held, shown)
        if wants:
            self._consent(caller, held, wants)
        else:
            self._gathered(held, shown)

    def _collect(self, held: Run) -> None:
        """Work the checklist down with what the holders allowed; nobody is asked a second time."""
        caller = self._caller(held)
        shown = self._worked_down(caller, held)
        wants = self._wants(caller, held, shown)
        if wants:
            self._give_up(held, "consent-insufficient", min(wants))
        else:
            self._gathered(held, shown)

    def _worked_down(self, caller: Caller, held: Run) -> Checklist:
        """What can be had without anybody is had; the checklist as it stands then."""
        self._questions(caller, held)
        shown, tried = self._look(caller, held), set[tuple[str, str]]()
        for line in filter(_is_worth_another, shown.open_lines):
            self._supply(caller, held, line, Route.check)
        shown = self._look(caller, held)
        for _ in range(ROUNDS):
            todo = [line for line in shown.open_lines if _by_itself(line) and (line.key, _route(line)) not in tried]
            if not todo:
                break
            for line in todo:
                tried.add((line.key, _route(line)))
                self._supply(caller, held, line, line.offer.route if line.offer else None)
            shown = self._look(caller, held)
        return shown

    def _questions(self, caller: Caller, held: Run) -> None:
        """Put the questions that rules ask, each on its own: a source that fails leaves its rule unclear."""
        for code, type_code in self._parts.runs.rule_of(held)[1].questions:
            self._put(caller, held, Question(held.case_no, type_code, held.cause, held.operator, code))

    def _gathered(self, held: Run, shown: Checklist) -> None:
        stuck = [each.key for each in shown.open_lines if each.state is not LineState.waiting]
        with self._database.unit() as db:
            if stuck:
                self._parts.runs.leave(db, held, "material-missing", stuck)
            elif shown.open_lines:
                self._parts.runs.wait(db, held, "answer-late")
            else:
                self._parts.runs.go(db, held, steps.REVIEW)

    def _allowed(self, held: Run) -> None:
        """Whether the holders have answered: all of them everything, or a person goes on."""
        with self._database.unit() as db:
            batches = [self._parts.batches.get(db, each) for each in held.asks]
            now = self._clock.now()
            if any(batch.open(now) for batch in batches):
                self._parts.runs.wait(db, held, "consent-late")
            elif {ask.state for batch in batches for ask in batch.asks} == {AskState.approved}:
                self._parts.runs.go(db, held, steps.READ)
            else:
                self._parts.runs.leave(db, held, "consent-refused")

    def _review(self, held: Run) -> None:
        """Review the case by all that may be known; the last unit keeps the review and moves the run on."""

        def keep(db: Connection, _review: object, _seen: object) -> None:
            self._parts.runs.go(db, held, steps.ACCEPT)

        if self._parts.runs.rule_of(held)[0].check_points:
            self._parts.reviewing.review(self._caller(held), held.case_no, held.operator, held.cause, keep)
        else:
            self._unit(held, lambda db: self._parts.runs.go(db, held, steps.ACCEPT))

    def _accept(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.accepted(db, held, self._parts.runs.case(db, held))

    def _decide(self, held: Run) -> None:
        with self._database.unit() as db:
            if held.round_id is None:
                self._parts.runs.decide(db, held)
            else:
                self._parts.rounds.judge(db, held)

    def _result(self, held: Run) -> None:
        """Make the next version of the licence that the decision changes, unless it says so already."""
        runs = self._parts.runs
        rule = runs.rule_of(held)[1].result
        if rule is None:
            msg = "a step of an item without a result"
            raise RuntimeError(msg)
        with self._database.glance() as db:
            caller = runs.caller(db, held)
            licence = self._current(db, runs.whose(db, held, rule.whose), rule.licence)
            content = None if licence is None else run(db, self._parts.licences.content(licence.id))
        said = runs.facts(held)["shown"]
        if licence is None or content is None or licence.issuer_party_id != held.party_id:
            self._give_up(held, "result-not-ours", rule.licence)
            return
        fields = differing(content, {name: said[code] for name, code in rule.fields.items()})
        if not fields:
            self._unit(held, lambda db: runs.resulted(db, held, licence.id))
            return
        with self._database.unit() as db:
            plan = self._parts.issuing.plan(db, caller, draft_of(licence, content, fields, held.registrar or ""))
        prepared = self._parts.make(plan)
        with self._database.unit() as db:
            made, _ = self._parts.issuing.record(db, caller, plan, prepared)
            runs.resulted(db, held, made.id)

    def _receipt(self, held: Run) -> None:
        runs = self._parts.runs
        signed = self._parts.sign(self._caller(held).org_code, "cailian-receipt+jwt", runs.receipt_of(held))
        with self._database.unit() as db:
            runs.received(db, held, signed)

    def _close(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.closed(db, held, self._parts.runs.case(db, held))

    # Parts of gathering

    def _caller(self, held: Run) -> Caller:
        with self._database.glance() as db:
            return self._parts.runs.caller(db, held)

    def _look(self, caller: Caller, held: Run) -> Checklist:
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
        except (AuthzError, MaterialsError) as error:
            log.info("question not put", run=held.id, code=error.code)

    def _wants(self, caller: Caller, held: Run, shown: Checklist) -> dict[str, dict[str, tuple[str, ...]]]:
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

    def _consent(self, caller: Caller, held: Run, wants: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        """Ask each holder under one notice."""
        with self._database.unit() as db:
            made = []
            for of, types in sorted(wants.items()):
                things = tuple(code for code, fields in sorted(types.items()) if not fields)
                wanted = [Wanted((), things, (), Mode.verify, _USES, _VALID_DAYS)] if things else []
                wanted += [
                    Wanted((), (code,), fields, Mode.data, _USES, _VALID_DAYS)
                    for code, fields in sorted(types.items())
                    if fields
                ]
                asked = Request(held.case_no, held.operator, held.cause, tuple(wanted), of=of)
                made.append(self._parts.asking.ask(db, caller, asked).id)
            self._parts.runs.asked(db, held, made)

    def _current(self, db: Connection, holder_id: str, type_code: str) -> Licence | None:
        """The licence of a type that a holder has now."""
        found = run(db, self._parts.licences.of_holders([(holder_id, type_code)], limit=3))
        now = self._clock.now()
        return next((each for each in found if standing(each, now) == ACTIVE), None)


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
