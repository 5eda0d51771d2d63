"""Handling a case: accepted with the checklist it stood on, sent back, decided, begun again from an old one.

Acceptance (受理) keeps the checklist: by which route each material came and why no better one, as ids and reasons; its
digest is in the log. Deadlines count working days from there (`authz.workdays`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from authz.model import Act
from authz.noticekinds import NoticeKind
from authz.workdays import LOCAL
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run
from materials import store
from materials.checklist.model import LineState
from materials.errors import (
    CaseAcceptedError,
    CaseClosedError,
    CaseIncompleteError,
    CaseNotSubmittedError,
    ResultInvalidError,
    UnknownCaseError,
    UnknownLineError,
)
from materials.model import CaseState, Outcome
from materials.openings import NO_PROOF, Decision, Opening
from materials.results import is_result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller, Presence
    from authz.workdays import Workdays
    from certs.store.licences import LicenceStore
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.checklist.service import Checklist, Checklists
    from materials.desk import Desk
    from materials.model import Case
    from materials.presence import Proof


@dataclass(frozen=True, slots=True)
class Again:
    """What a case that is made from an old one needs anew.

    Attributes:
        presence, evidence, proof: of the applicant, who is there again.
        answers: where they changed; the old ones else.
    """

    operator: str
    presence: Presence
    evidence: str | None = None
    proof: Proof = NO_PROOF
    answers: Mapping[str, str] | None = field(default=None, repr=False)


class Handling:
    """Accepts and decides cases.

    Args:
        catalogue: items and their limits.
        cases: opens and closes them.
        checklists: say what is there.
        licences: the library, for results.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cases: Cases,
        checklists: Checklists,
        licences: LicenceStore,
        workdays: Workdays,
        desk: Desk,
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._checklists = checklists
        self._licences = licences
        self._workdays = workdays
        self._desk = desk

    def accept(self, db: Connection, caller: Caller, case_no: str, operator: str) -> tuple[Case, Checklist]:
        """Accept a case all of whose required materials are there or owed.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError, CaseAcceptedError: the case.
            PresenceRequiredError: the applicant is not there.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            CaseIncompleteError: something is outstanding; `lines` names it.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        self._intake(db, caller, case_no)
        shown = run(db, self._checklists.get(caller, case_no, operator))
        if shown.open_lines:
            raise CaseIncompleteError(lines=", ".join(line.key for line in shown.open_lines))
        at = self._desk.clock.now()
        limits = self._catalogue.of(shown.case).limits
        due = self._due(at, limits.promised), self._due(at, limits.statutory)
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case_no,
            "holder": self._desk.holders.pairwise(shown.case.applicant_holder_id, caller.party_id),
            "due": rfc3339(due[0]),
            "statutory_due": rfc3339(due[1]),
            "uploads": shown.uploads,
        }

        def entry_of(digest: str) -> str:
            record = Record({"type": "case.accepted", "time": rfc3339(at)}, parties | {"checklist": digest})
            return self._desk.evidence.append(db, record).entry_id

        entry_id = self._checklists.keep(db, shown, at, entry_of)
        store.accept_case(db, case_no, at, due, entry_id)
        self._desk.notices.tell(
            db, shown.case.applicant_holder_id, NoticeKind.case_accepted, case_no, party_id=caller.party_id
        )
        return self._cases.get(db, caller, case_no), shown

    def send_back(self, db: Connection, caller: Caller, case_no: str, lines: Sequence[str], operator: str) -> Case:
        """Ask the applicant once for everything that is outstanding (补正, 一次告知).

        Args:
            lines: keys of the checklist; each must be one that is not there yet.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError, CaseAcceptedError: the case.
            PresenceRequiredError: the applicant is not there.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            UnknownLineError: no such line, or it is supplied.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        case = self._intake(db, caller, case_no)
        shown = run(db, self._checklists.get(caller, case_no, operator))
        wanted = {line.key for line in shown.lines if line.state is not LineState.supplied}
        if not lines or (strange := sorted(set(lines) - wanted)):
            raise UnknownLineError(line=strange[0] if lines else "")
        at = self._desk.clock.now()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case_no,
            "lines": sorted(set(lines)),
            "count": case.send_backs + 1,
        }
        self._desk.evidence.append(db, Record({"type": "case.sent-back", "time": rfc3339(at)}, parties))
        store.send_back_case(db, case_no)
        subject = case_no if case.send_backs == 0 else f"{case_no}.{case.send_backs + 1}"
        self._desk.notices.tell(
            db, case.applicant_holder_id, NoticeKind.case_sent_back, subject, party_id=caller.party_id
        )
        return self._cases.get(db, caller, case_no)

    def close(self, db: Connection, caller: Caller, case_no: str, operator: str, decision: Decision) -> Case:
        """Close a case, with its decision and result.

        Raises:
            ResultInvalidError: the result is not of the type the item gives, does not stand, is older than the case, or
                is about nobody of it.
            Others as `Cases.close`.
        """
        if decision.result_id is not None:
            case = self._cases.get(db, caller, case_no)
            if decision.outcome is not Outcome.granted or not self._is_result(db, case, decision.result_id):
                raise ResultInvalidError
        return self._cases.close(db, caller, case_no, operator, decision)

    def again(self, db: Connection, caller: Caller, case_no: str, terms: Again) -> Case:
        """Open a draft for the same item, applicant, people and answers as an older case (再来一单).

        The item's current version holds: an answer it no longer knows is refused, not dropped.

        Raises:
            UnknownCaseError: no such case of the caller's.
            Others as `Cases.open`.
        """
        old = self._cases.get(db, caller, case_no)
        answers, people = self._cases.answers(db, old)
        item = self._catalogue.item(old.item_code)
        named = {role: held for role, held in people.items() if role in item.roles}
        opening = Opening(
            item_code=old.item_code,
            scenario=old.scenario,
            applicant_id=old.applicant_holder_id,
            applicant_kind=self._desk.holders.get(db, old.applicant_holder_id).kind.value,
            presence=terms.presence,
            evidence=terms.evidence,
            project_code=None,
            operator=terms.operator,
            proof=terms.proof,
            answers=answers if terms.answers is None else terms.answers,
            people=named,
            draft=True,
            from_case_no=old.case_no,
            project_id=old.project_id,
        )
        return self._cases.open(db, caller, opening)

    def _due(self, at: datetime, days: int) -> datetime:
        """When a limit is over: with the day itself where it is 0, on the spot (即办)."""
        if days == 0:
            day = at.astimezone(LOCAL).date()
            return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(at.tzinfo)
        return self._workdays.office_due(at, days)

    def _intake(self, db: Connection, caller: Caller, case_no: str) -> Case:
        """A case that is handed in and not accepted yet, locked."""
        case = run(db, store.case_of(case_no, caller.party_id, lock=True))
        if case is None:
            raise UnknownCaseError
        if case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if case.state is CaseState.closed:
            raise CaseClosedError(case=case_no)
        if case.accepted_at is not None:
            raise CaseAcceptedError
        return case

    def _is_result(self, db: Connection, case: Case, result_id: str) -> bool:
        """Whether something is what the item gives, stands, and came for the case's people since it was opened."""
        gives, now = self._catalogue.of(case).gives, self._desk.clock.now()
        if gives is None:
            return False
        kind, about = self._catalogue.type(gives), {case.applicant_holder_id, *case.people}
        # A licence that comes from its issuer's own system bears the day of its issue only.
        since = datetime.combine(case.opened_at.astimezone(LOCAL).date(), time(), LOCAL)
        return run(db, is_result(self._licences, kind, about, result_id, now, since))
