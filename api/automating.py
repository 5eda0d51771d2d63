"""Driving what is decided without a person: takes runs up, does each step, and writes it in one unit (DESIGN 3).

A step begins with what is there, acts outside any unit where it must, and ends with the unit that writes its outcome
and moves the run on together. So a process may stop anywhere: whoever takes the run up next begins the step anew and
finds what was done, and nothing is decided, issued or told twice. Each run is on its own: what goes wrong with one
leaves it to a person, or is tried again later, and holds up no other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.casegathering import CaseGathering
from api.observe import log
from authz.errors import AuthzError
from authz.model import AskState
from authz.onboardingerrors import QuotaSpentError
from certs.errors import CertsError
from ledger.errors import LedgerError
from ledger.steps import run
from materials.automatic import runsteps as steps
from materials.automatic.errors import RunMovedError
from materials.automatic.versions import differing, draft_of
from materials.checklist.model import LineState
from materials.errors import MaterialsError
from materials.licence_uses import ACTIVE, standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from sqlalchemy import Connection

    from api.casegathering import Parts
    from certs.model import Licence
    from ledger.clock import Clock
    from ledger.db import Database
    from materials.automatic.runrows import Run
    from materials.checklist.service import Checklist
    from materials.forms.model import Form
    from materials.forms.plans import Plan as FormPlan

IDLE_SECONDS: Final = 0.5
MAX_FAILURES: Final = 6
_PAUSE: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)


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
        self._case = CaseGathering(database, parts, clock)
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
        with self._database.glance() as db:  # idle, nothing is locked
            if not self._parts.runs.is_due(db):
                return False
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

    def _applied(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.applied(db, held)

    def _confirmed(self, held: Run) -> None:
        """Ask who has to confirm, in one notice with what else is wanted of them."""
        with self._database.glance() as db:
            known = self._parts.runs.confirmations(db, held)
        together = None if known else self._case.together(self._case.caller(held), held)
        with self._database.unit() as db:
            self._parts.runs.confirmed(db, held, self._parts.runs.case(db, held), together)

    def _fill(self, held: Run) -> None:
        self._fill_then(held, steps.GATHER)

    def _read(self, held: Run) -> None:
        """Fill again, with what the holders allowed."""
        self._fill_then(held, steps.COLLECT)

    def _fill_then(self, held: Run, step: str) -> None:
        """Fill the form; the last unit keeps it and moves the run on."""

        def keep(db: Connection, _form: Form, _plan: FormPlan) -> None:
            self._parts.runs.go(db, held, step)

        self._parts.filling.fill(self._case.caller(held), held.case_no, held.operator, held.cause, keep)

    def _gather(self, held: Run) -> None:
        """Work the checklist down; where holders have to allow something they are asked, once, and waited for."""
        if held.asks:
            self._allowed(held)
            return
        caller = self._case.caller(held)
        if held.round_id is not None:  # nobody applied: there is no list to work down, and nobody to ask yet
            self._case.questions(caller, held)
            self._unit(held, lambda db: self._parts.runs.go(db, held, steps.DECIDE))
            return
        shown = self._case.worked_down(caller, held)
        wants = self._case.wants(caller, held, shown)
        if wants:
            self._case.consent(caller, held, wants)
        else:
            self._gathered(held, shown)

    def _collect(self, held: Run) -> None:
        """Work the checklist down with what the holders allowed; nobody is asked a second time."""
        caller = self._case.caller(held)
        shown = self._case.worked_down(caller, held)
        wants = self._case.wants(caller, held, shown)
        if wants:
            self._give_up(held, "consent-insufficient", min(wants))
        else:
            self._gathered(held, shown)

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
            now, states = self._clock.now(), {ask.state for batch in batches for ask in batch.asks}
            if any(batch.open(now) for batch in batches):
                self._parts.runs.wait(db, held, "consent-late")
            elif states == {AskState.approved}:
                self._parts.runs.go(db, held, steps.READ)
            elif AskState.refused in states:
                self._parts.runs.leave(db, held, "consent-refused")
            else:
                self._parts.runs.leave(db, held, "consent-late")

    def _review(self, held: Run) -> None:
        """Review the case by all that may be known; the last unit keeps the review and moves the run on."""

        def keep(db: Connection, _review: object, _seen: object) -> None:
            self._parts.runs.go(db, held, steps.ACCEPT)

        if self._parts.runs.rule_of(held)[0].check_points:
            self._parts.reviewing.review(self._case.caller(held), held.case_no, held.operator, held.cause, keep)
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
        signed = self._parts.sign(self._case.caller(held).org_code, "cailian-receipt+jwt", runs.receipt_of(held))
        with self._database.unit() as db:
            runs.received(db, held, signed)

    def _close(self, held: Run) -> None:
        with self._database.unit() as db:
            self._parts.runs.closed(db, held, self._parts.runs.case(db, held))

    def _current(self, db: Connection, holder_id: str, type_code: str) -> Licence | None:
        """The licence of a type that a holder has now."""
        found = run(db, self._parts.licences.of_holders([(holder_id, type_code)], limit=3))
        now = self._clock.now()
        return next((each for each in found if standing(each, now) == ACTIVE), None)
