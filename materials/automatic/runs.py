"""Cases decided without a person, as their department begins, follows, takes over and resumes them.

The worker (`api.automating`) takes a run up and goes through the steps of `materials.automatic.runsteps`; a worker that
dies is followed by another that begins the step again, and a step done twice finds what was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import Act, HolderKind
from authz.noticekinds import NoticeKind
from ledger.ids import new_id
from materials import store
from materials.automatic import runrows as rows
from materials.automatic.errors import AutomaticNotOfferedError, RunExistsError, RunStateError, UnknownRunError
from materials.automatic.inquiries import Words
from materials.automatic.runmoves import rules_of
from materials.automatic.runsteps import APPLY, CONFIRM, RunSteps, named
from materials.errors import CaseAcceptedError, PresenceRequiredError, RoleInvalidError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.workdays import Workdays
    from materials.automatic.entitled import Programmes
    from materials.automatic.facts import FactFinder
    from materials.automatic.inquiries import Inquiries
    from materials.automatic.runrows import Run
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.handling import Handling
    from materials.model import Case

_BEGUN: Final = "automatic.begun"
_RESUMED: Final = "automatic.resumed"
_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a run is begun with.

    Attributes:
        operator: who answers for it; works at the window or reviews.
        registrar: who answers for the licence it changes, where it changes one.
        cause: as every use says.
    """

    case_no: str
    operator: str
    registrar: str | None
    cause: str


class Runs(RunSteps):
    """Begins and follows runs.

    Args:
        catalogue, programmes, cases, handling: what may be decided so, and how a case is accepted and closed.
        facts: gathers what rules read.
        inquiries: asks people.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        programmes: Programmes,
        cases: Cases,
        handling: Handling,
        facts: FactFinder,
        inquiries: Inquiries,
        workdays: Workdays,
        desk: Desk,
    ) -> None:
        super().__init__(catalogue, programmes, handling, facts, inquiries, workdays, desk)
        self._cases = cases

    def begin(self, db: Connection, caller: Caller, given: Beginning) -> Run:
        """Begin: the applicant is asked to sign.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError, CaseAcceptedError: the case.
            PresenceRequiredError: the applicant is not there.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            AutomaticNotOfferedError: the item's file does not allow it, or nobody answers for the licence.
            RoleInvalidError: the case does not name who has to confirm.
            RunExistsError: it was begun before.
            HolidaysUnknownError: the days cannot be counted.
        """
        case = self._cases.open_one(db, caller, given.case_no)
        item = self._catalogue.of(case)
        rule = rules_of(item)
        for act in (Act.open_case, Act.search, Act.close_case):
            self._desk.counter.let(db, caller, given.operator, act)
        if rule.result is not None:
            if given.registrar is None:
                raise AutomaticNotOfferedError(problem="registrar")
            self._desk.counter.let(db, caller, given.registrar, Act.issue)
        if case.accepted_at is not None:
            raise CaseAcceptedError
        if case.presence == "none":
            raise PresenceRequiredError
        people = store.answers_of(db, case.case_no)[1]
        for each in rule.confirm:
            who = people.get(each.role, [])
            if not who or (rule.result is not None and len(who) > 1):
                raise RoleInvalidError(role=each.role)
        now = self._desk.clock.now()
        due = self._workdays.due(now, rule.wait_days)
        run_id = new_id()
        parties = {
            "requester": caller.org_code,
            "operator": given.operator,
            "run": run_id,
            "case": case.case_no,
            "item": item.item_code,
            "item_version": item.version,
            "rules": rule.sha256,
            "holder": self._desk.holders.pairwise(case.applicant_holder_id, caller.party_id),
        }
        values = {
            "id": run_id,
            "case": case.case_no,
            "round": None,
            "party": caller.party_id,
            "holder": case.applicant_holder_id,
            "client": caller.client_id,
            "jkt": caller.jkt,
            "operator": given.operator,
            "registrar": given.registrar,
            "cause": given.cause,
            "item": item.item_code,
            "version": item.version,
            "rules": rule.sha256,
            "state": "waiting",
            "step": APPLY,
            "next": due,
            "wait": due,
            "at": now,
            "entry": self._append(db, _BEGUN, parties),
        }
        if not rows.insert(db, values):
            raise RunExistsError
        facts = {"case": case.case_no, "rules": rule.sha256, "item_version": item.version}
        zh = f"本单位申请{item.name},同意由系统按公开的规则自动办理;不清楚的由人工办理"
        en = f"We apply for: {item.name_en}. We agree that it is decided by published rules; a person decides the rest"
        words = Words("application", run_id, caller.party_id, named(item), zh, en, facts)
        self._inquiries.ask(db, words, [case.applicant_holder_id], due)
        return self.held(db, run_id)

    def take_over(self, db: Connection, caller: Caller, run_id: str, operator: str) -> Run:
        """A person goes on with the case by hand.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownRunError: as they say.
            RunStateError: it has ended.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, run_id)
        if held.state not in {"running", "waiting"} or held.decided_at is not None:
            raise RunStateError(state=held.state)
        self._left(db, held, "taken-over", (), operator)
        rows.by_hand(db, held.id, "person", "taken-over", None)
        self._inquiries.withdraw(db, held.id)
        return self.held(db, held.id)

    def resume(self, db: Connection, caller: Caller, run_id: str, operator: str) -> Run:
        """Let a run go on where it was left to a person, after what stood against it was put right.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownRunError: as they say.
            RunStateError: no person has it, or somebody said no.
            CaseClosedError: the case was closed meanwhile.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, run_id)
        if held.state != "person" or held.step in {APPLY, CONFIRM}:
            raise RunStateError(state=held.state)
        self._cases.open_one(db, caller, held.case_no)
        parties = self._parties(db, held) | {"operator": operator, "step": held.step}
        self._append(db, _RESUMED, parties)
        rows.by_hand(db, held.id, "running", None, self._desk.clock.now())
        return self.held(db, held.id)

    def reconsider(self, db: Connection, run_id: str) -> None:
        """An objection was upheld: what was decided is a person's again, and whom it is about is told."""
        held = self.held(db, run_id)
        if held.state == "person":
            return
        self._left(db, held, "objection-upheld", (), held.operator)
        if held.round_id is not None:  # who applied is told with it
            told = NoticeKind.automatic_left
            self._desk.notices.tell(db, held.holder_id, told, held.case_no, party_id=held.party_id)
        rows.by_hand(db, held.id, "person", "objection-upheld", None)

    def person(self, db: Connection, case: Case, of: str) -> str:
        """Somebody a case is about, as a line of its checklist names them."""
        return self._cases.person(db, case, of)

    def is_of_organisation(self, db: Connection, held: Run) -> bool:
        """Whether an organisation applied, whose name may be read by whoever is asked."""
        return self._desk.holders.get(db, held.holder_id).kind is HolderKind.organisation

    def get(self, db: Connection, caller: Caller, run_id: str) -> Run:
        """A run of the caller's organisation.

        Raises:
            UnknownRunError: there is none; another organisation's looks the same.
        """
        return self._own(db, caller, run_id, lock=False)

    def of_case(self, db: Connection, caller: Caller, case_no: str) -> Run:
        """The run of a case of the caller's.

        Raises:
            UnknownCaseError, UnknownRunError: there is none.
        """
        self._cases.get(db, caller, case_no)
        held = rows.of_case(db, case_no)
        if held is None:
            raise UnknownRunError
        return held

    @staticmethod
    def listed(db: Connection, caller: Caller, state: str | None, after: str | None) -> list[Run]:
        """Runs of the caller's organisation, the newest 200 first."""
        return rows.of_party(db, caller.party_id, state, after, _LISTED)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Run]:
        """Runs about a holder, the newest 200 first."""
        return rows.of_holder(db, holder_id, _LISTED)

    @staticmethod
    def _own(db: Connection, caller: Caller, run_id: str, *, lock: bool = True) -> Run:
        held = rows.get(db, run_id, lock=lock)
        if held is None or held.party_id != caller.party_id:
            raise UnknownRunError
        return held
