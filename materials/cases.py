"""Cases: who applies for what, where, in which scenario, and how the applicant is there.

A case is opened by answers of the item's questionnaire, which lead to its scenario, or by a scenario's name, which
stands for that scenario's preset answers. A *draft* can be looked at and changed, and is used for nothing; an *open*
case can be used before and after its acceptance (`materials.handling`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from authz.model import Act, CaseFacts, Presence
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run
from materials import store
from materials.catalogue.items import AGENT, APPLICANT, LEGAL_REP, check_case_number
from materials.errors import (
    ApplicantKindError,
    CaseAcceptedError,
    CaseClosedError,
    CaseNotAcceptedError,
    CaseNotDraftError,
    CaseNotSubmittedError,
    ItemNotYoursError,
    PresenceRequiredError,
    RoleInvalidError,
    UnknownCaseError,
    UnknownProjectError,
    UnknownScenarioError,
)
from materials.model import Case, CaseState, Outcome
from materials.openings import UNDECIDED, Amendment, Decision, Opening, answers_place
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Item, Scenario
    from materials.desk import Desk
    from materials.presence import Presences

CASE_NUMBER: Final = "{division}{day:%Y%m%d}{serial:06d}"
"""20 digits, one of the lengths seen in Shanghai (DOMAIN d). A node's setting and an item's file may say otherwise;
what they may name: `division`, `day`, `serial`, `item`, `org`."""


class Cases:
    """Opens, answers for and closes cases."""

    def __init__(
        self,
        catalogue: Catalogue,
        presences: Presences,
        desk: Desk,
        number: str = CASE_NUMBER,
    ) -> None:
        self._catalogue = catalogue
        self._presences = presences
        self._desk = desk
        check_case_number(number)
        self._number = number

    def open(self, db: Connection, caller: Caller, opening: Opening) -> Case:
        """Open a case of one of the caller's items, and tell the applicant of it.

        Raises:
            UnknownItemError, UnknownScenarioError, ItemNotYoursError, ApplicantKindError: the item does not fit.
            AnswerInvalidError, AnswersIncompleteError, RoleInvalidError: answers or people do not fit it.
            UnknownProjectError: no such project, or the applicant does not belong to it.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            PresenceRefusedError: what shall prove the presence does not.
        """
        item = self._catalogue.item(opening.item_code)
        if item.org_code != caller.org_code:
            raise ItemNotYoursError
        scenario, answers = self.scenario_of(item, opening.scenario, opening.answers)
        if opening.applicant_kind not in item.applicant_kinds:
            raise ApplicantKindError(kinds=", ".join(item.applicant_kinds))
        self._desk.counter.let(db, caller, opening.operator, Act.open_case)
        project_id = self._project_id(db, opening)
        shown = opening.shown if opening.bundle_run_id else self.present(db, caller, opening, item.item_code)
        people = self._people(db, item, opening)
        at = self._desk.clock.now()
        case_no = self._next_number(db, caller, item, at)
        # What a terminal reads holds identity codes, and those can be guessed: only a keyed digest is kept.
        evidence = shown or opening.evidence
        seen = self._desk.holders.pairwise(f"presence {evidence}", case_no) if evidence else None
        parties: dict[str, object] = {
            "requester": caller.org_code,
            "operator": opening.operator,
            "case": case_no,
            "item": item.item_code,
            "scenario": scenario.code,
            "presence": opening.presence.value,
            "holder": self._desk.holders.pairwise(opening.applicant_id, caller.party_id),
        }
        parties |= {"presence_evidence": seen} if seen else {}
        parties |= {"people": self._told(people, caller)} if people else {}
        promise = self._desk.evidence.append(db, Record({"type": "case.opened", "time": rfc3339(at)}, parties))
        case = Case(
            case_no=case_no,
            item_code=item.item_code,
            item_version=item.version,
            scenario=scenario.code,
            applicant_holder_id=opening.applicant_id,
            project_id=project_id,
            presence=opening.presence.value,
            party_id=caller.party_id,
            operator=opening.operator,
            division=caller.division,
            state=CaseState.draft if opening.draft else CaseState.open,
            opened_at=at,
            closed_at=None,
            entry_id=promise.entry_id,
            from_case_no=opening.from_case_no,
            bundle_run_id=opening.bundle_run_id,
            people=frozenset(holder for holders in people.values() for holder in holders),
        )
        store.insert_case(db, case, seen, self._shut(case_no, answers), people)
        # Who did not apply is told of each duty use, and of the list they are on, not of a case in their name.
        if opening.presence is not Presence.proactive:
            self._desk.notices.tell(db, opening.applicant_id, NoticeKind.case_opened, case_no, party_id=caller.party_id)
        return case

    def present(
        self, db: Connection, caller: Caller, opening: Opening, code: str, items: Sequence[str] = ()
    ) -> str | None:
        """Check that an applicant is there; what shall be kept of the proof.

        Args:
            code, items: as `Presences.check`.

        Raises:
            PresenceRefusedError: what shall prove it does not.
        """
        return self._presences.check(db, caller, opening.presence, opening.proof, code, opening.applicant_id, items)

    def _next_number(self, db: Connection, caller: Caller, item: Item, at: datetime) -> str:
        """The next case number, by the item's pattern or the node's."""
        return (item.case_number or self._number).format(
            division=caller.division,
            day=at.astimezone(LOCAL),
            serial=store.next_case_serial(db),
            item=item.item_code,
            org=item.org_code,
        )

    @staticmethod
    def scenario_of(item: Item, named: str, answers: Mapping[str, str] | None) -> tuple[Scenario, Mapping[str, str]]:
        """Scenario and answers of a case: as answered, or as named.

        Raises:
            UnknownScenarioError: the item has none of that name.
            AnswerInvalidError, AnswersIncompleteError: the answers do not lead to one.
        """
        if answers is not None:
            checked = item.checked(answers)
            return item.scenario_of(checked), checked
        scenario = item.scenario(named)
        if scenario is None:
            raise UnknownScenarioError(item=item.item_code)
        return scenario, scenario.answers

    def _people(self, db: Connection, item: Item, opening: Opening) -> dict[str, Sequence[str]]:
        """Everybody the case is about beside the applicant, by role, each once."""
        if strange := sorted(set(opening.people) - set(item.roles)):
            raise RoleInvalidError(role=strange[0])
        people: dict[str, Sequence[str]] = {role: tuple(dict.fromkeys(held)) for role, held in opening.people.items()}
        if any(demand.whose == LEGAL_REP for demand in item.demands):
            leaders = self._presences.leaders(db, opening.applicant_id)
            people[LEGAL_REP] = leaders or ([opening.applicant_id] if opening.applicant_kind == "person" else [])
        if opening.presence is Presence.agent_grant and opening.proof.card is not None:
            agent = self._desk.holders.resolve(db, opening.proof.card)
            people[AGENT] = [agent] if agent is not None else []
        return {role: held for role, held in people.items() if held}

    def _told(self, people: Mapping[str, Sequence[str]], caller: Caller) -> dict[str, list[str]]:
        return {
            role: [self._desk.holders.pairwise(each, caller.party_id) for each in held] for role, held in people.items()
        }

    def _shut(self, case_no: str, answers: Mapping[str, str]) -> bytes:
        return self._desk.vault.shut(json.dumps(dict(answers), sort_keys=True), answers_place(case_no))

    def answers(self, db: Connection, case: Case) -> tuple[dict[str, str], dict[str, list[str]]]:
        """What the applicant answered, in clear, and the people of the case by role."""
        sealed, people = store.answers_of(db, case.case_no)
        return self.read_answers(case, sealed), people

    def read_answers(self, case: Case, sealed: bytes | None) -> dict[str, str]:
        """Answers in clear; the scenario's own of a case that is older than the questionnaire."""
        if sealed is not None:
            return {
                str(name): str(said)
                for name, said in json.loads(self._desk.vault.open(bytes(sealed), answers_place(case.case_no))).items()
            }
        scenario = self._catalogue.of(case).scenario(case.scenario)
        return {} if scenario is None else dict(scenario.answers)

    def person(self, db: Connection, case: Case, of: str) -> str:
        """The applicant of a case, or another it is about, as a line of its checklist names them.

        Args:
            of: `applicant`, `legal_rep`, `agent`, or a role with a number: `seller.1`.

        Raises:
            RoleInvalidError: the case names nobody there.
        """
        if of == APPLICANT:
            return case.applicant_holder_id
        role, _, number = of.partition(".")
        named = store.answers_of(db, case.case_no)[1].get(role, [])
        place = int(number) if number.isascii() and number.isdigit() else 0
        if place >= len(named):
            raise RoleInvalidError(role=role)
        return named[place]

    def amend(self, db: Connection, caller: Caller, case_no: str, change: Amendment) -> Case:
        """Change the answers or the people of a case before its acceptance; the scenario follows.

        Raises:
            UnknownCaseError, CaseClosedError, CaseAcceptedError: no such case, or too late.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            AnswerInvalidError, AnswersIncompleteError, RoleInvalidError: they do not fit the item.
        """
        self._desk.counter.let(db, caller, change.operator, Act.open_case)
        case = self._locked(db, caller, case_no)
        if case.state is CaseState.closed:
            raise CaseClosedError(case=case_no)
        if case.accepted_at is not None:
            raise CaseAcceptedError
        item = self._catalogue.of(case)
        answers, people = self.answers(db, case)
        scenario = item.scenario(case.scenario) or item.scenarios[0]
        if change.answers is not None:
            scenario, given = self.scenario_of(item, "", change.answers)
            answers = dict(given)
        for role, held in change.people.items():
            if role not in item.roles:
                raise RoleInvalidError(role=role)
            people[role] = list(dict.fromkeys(held))
        leaders = self._presences.leaders(db, case.applicant_holder_id)
        if LEGAL_REP in people and leaders:
            people[LEGAL_REP] = leaders
        at = self._desk.clock.now()
        parties: dict[str, object] = {"requester": caller.org_code, "operator": change.operator, "case": case_no}
        parties |= {"scenario": scenario.code, "people": self._told(people, caller)}
        self._desk.evidence.append(db, Record({"type": "case.amended", "time": rfc3339(at)}, parties))
        store.amend_case(db, case_no, scenario.code, self._shut(case_no, answers), people)
        return self.get(db, caller, case_no)

    def submit(self, db: Connection, caller: Caller, case_no: str, operator: str) -> Case:
        """Hand in a draft, under the item as it is now; what is published later does not touch the case.

        Raises:
            UnknownCaseError, CaseNotDraftError, UnknownOperatorError, NotPermittedError: as they say.
            AnswerInvalidError, AnswersIncompleteError: another version of the item was published since they were
                given, and they do not fit it.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        case = self._locked(db, caller, case_no)
        if case.state is not CaseState.draft:
            raise CaseNotDraftError
        item = self._catalogue.of(case)
        scenario = case.scenario
        if item.version != case.item_version:
            scenario = self.scenario_of(item, scenario, self.answers(db, case)[0])[0].code
        at = self._desk.clock.now()
        parties = {"requester": caller.org_code, "operator": operator, "case": case_no}
        self._desk.evidence.append(db, Record({"type": "case.submitted", "time": rfc3339(at)}, parties))
        store.submit_case(db, case_no, item.version, scenario)
        return self.get(db, caller, case_no)

    def _locked(self, db: Connection, caller: Caller, case_no: str) -> Case:
        case = run(db, store.case_of(case_no, caller.party_id, lock=True))
        if case is None:
            raise UnknownCaseError
        return case

    def _project_id(self, db: Connection, opening: Opening) -> str | None:
        if opening.project_code is None:
            return opening.project_id
        project = run(db, store.project_by_code(opening.project_code))
        if project is None or not run(db, store.is_member(project.id, opening.applicant_id)):
            raise UnknownProjectError
        return project.id

    def get(self, db: Connection, caller: Caller, case_no: str) -> Case:
        """A case of the caller's organisation.

        Raises:
            UnknownCaseError: there is none; another organisation's looks the same.
        """
        case = run(db, store.case_of(case_no, caller.party_id))
        if case is None:
            raise UnknownCaseError
        return case

    def listed(
        self, db: Connection, caller: Caller, *, operator: str | None, stage: str | None, after: str | None, limit: int
    ) -> list[Case]:
        """Cases of the caller's organisation, the newest first.

        Args:
            operator: only those they opened.
            stage: `draft`, `intake`, `accepted` or `closed`.
            after: number of the last case of the page before.
        """
        return store.cases_of(db, caller.party_id, operator=operator, stage=stage, after=after, limit=limit)

    def people(self, db: Connection, caller: Caller, case_no: str) -> dict[str, list[str]]:
        """Whom an open case is about, as the caller's organisation named them: the applicant, and others by role.

        Raises:
            UnknownCaseError, CaseClosedError: there is none, or it is closed.
            PresenceRequiredError: the applicant is not there, and nothing personal is shown.
        """
        case = self.get(db, caller, case_no)
        if case.state is CaseState.closed:
            raise CaseClosedError(case=case_no)
        if case.presence == Presence.none:
            raise PresenceRequiredError
        named = self.answers(db, case)[1]
        return {APPLICANT: [case.applicant_holder_id]} | {role: named[role] for role in named if role != LEGAL_REP}

    def open_one(self, db: Connection, caller: Caller, case_no: str, *, share: bool = False) -> Case:
        """An open case of the caller's organisation.

        Args:
            share: so that it is not closed before the unit ends.

        Raises:
            UnknownCaseError: there is none.
            CaseNotSubmittedError, CaseClosedError: it is a draft, or closed.
        """
        case = run(db, store.case_of(case_no, caller.party_id, share=share))
        if case is None:
            raise UnknownCaseError
        if case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        return case

    def close(
        self, db: Connection, caller: Caller, case_no: str, operator: str, decision: Decision = UNDECIDED
    ) -> Case:
        """Close a case; closing a closed one is an error, since whoever does it believes something else.

        Args:
            decision: how it ended; a case can also be closed without one.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
            CaseNotAcceptedError: it is granted or refused before it was accepted.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        case = self._locked(db, caller, case_no)
        if case.state is CaseState.closed:
            raise CaseClosedError(case=case_no)
        if decision.outcome in {Outcome.granted, Outcome.refused} and case.accepted_at is None:
            raise CaseNotAcceptedError
        at = self._desk.clock.now()
        parties = {"requester": caller.org_code, "operator": operator, "case": case_no}
        if decision.outcome is not None:
            parties["decision"] = decision.outcome.value
        if decision.result_id is not None:
            parties["result"] = decision.result_id
        promise = self._desk.evidence.append(db, Record({"type": "case.closed", "time": rfc3339(at)}, parties))
        outcome = None if decision.outcome is None else decision.outcome.value
        store.close_case(db, case_no, at, promise.entry_id, outcome, decision.result_id)
        return self.get(db, caller, case_no)

    def demanded(self, case: Case) -> frozenset[str]:
        """Types that the item of a case may demand."""
        return self._catalogue.of(case).types

    def facts(self, case: Case | None, case_no: str, type_code: str | None, project_lead_id: str | None) -> CaseFacts:
        """What a decision must know of a case.

        Args:
            case: the caller's own case, or None where there is none.
            case_no: as asked.
            type_code: the type that is wanted; None where the thing does not exist.
            project_lead_id: who leads the case's project.
        """
        if case is None:
            return CaseFacts(
                case_no=case_no,
                exists=False,
                open=False,
                own_org=False,
                item_code=None,
                demanded=False,
                presence=Presence.none,
            )
        return CaseFacts(
            case_no=case_no,
            exists=True,
            open=case.state is CaseState.open,
            own_org=True,
            item_code=case.item_code,
            demanded=type_code in self.demanded(case),
            presence=Presence(case.presence),
            applicant_holder_id=case.applicant_holder_id,
            project_id=case.project_id,
            project_lead_id=project_lead_id,
            people=case.people,
        )
