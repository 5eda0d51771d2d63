"""Cases and projects: who applies for what, where, and how the applicant is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import Act, CaseFacts, Presence
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import run
from materials import store
from materials.errors import (
    ApplicantKindError,
    CaseClosedError,
    ItemNotYoursError,
    UnknownCaseError,
    UnknownProjectError,
    UnknownScenarioError,
)
from materials.model import Case, CaseState, Project
from materials.presence import Proof
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.notices import Notices
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from materials.catalogue import Catalogue
    from materials.presence import Presences

CASE_NUMBER: Final = "{division}{day:%Y%m%d}{serial:06d}"
"""20 digits, one of the lengths seen in Shanghai (DOMAIN d); the pattern is an argument of `Cases`."""

NO_PROOF: Final = Proof()


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with.

    Attributes:
        applicant_id: holder who applies.
        applicant_kind: person or organisation.
        evidence: what the terminal read; only a keyed digest is kept.
        proof: what proves the presence.
    """

    item_code: str
    scenario: str
    applicant_id: str
    applicant_kind: str
    presence: Presence
    evidence: str | None
    project_code: str | None
    operator: str
    proof: Proof = NO_PROOF


class Cases:
    """Opens, answers for and closes cases."""

    def __init__(
        self,
        catalogue: Catalogue,
        evidence: Evidence,
        holders: Holders,
        counter: Counter,
        clock: Clock,
        presences: Presences,
        notices: Notices,
        number: str = CASE_NUMBER,
    ) -> None:
        self._catalogue = catalogue
        self._evidence = evidence
        self._holders = holders
        self._counter = counter
        self._clock = clock
        self._presences = presences
        self._notices = notices
        self._number = number

    def open(self, db: Connection, caller: Caller, opening: Opening) -> Case:
        """Open a case of one of the caller's items, and tell the applicant of it.

        Raises:
            UnknownItemError, UnknownScenarioError, ItemNotYoursError, ApplicantKindError: the item does not fit.
            UnknownProjectError: no such project, or the applicant does not belong to it.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            PresenceRefusedError: what shall prove the presence does not.
        """
        item = self._catalogue.item(opening.item_code)
        if item.org_code != caller.org_code:
            raise ItemNotYoursError
        if item.scenario(opening.scenario) is None:
            raise UnknownScenarioError(item=item.item_code)
        if opening.applicant_kind not in item.applicant_kinds:
            raise ApplicantKindError(kinds=", ".join(item.applicant_kinds))
        self._counter.let(db, caller, opening.operator, Act.open_case)
        project_id = self._project_id(db, opening)
        shown = self._presences.check(db, caller, opening.presence, opening.proof, item.item_code, opening.applicant_id)
        at = self._clock.now()
        serial = store.next_case_serial(db)
        case_no = self._number.format(division=caller.division, day=at.astimezone(LOCAL), serial=serial)
        # What a terminal reads holds identity codes, and those can be guessed: only a keyed digest is kept.
        evidence = shown or opening.evidence
        seen = self._holders.pairwise(f"presence {evidence}", case_no) if evidence else None
        parties = {
            "requester": caller.org_code,
            "operator": opening.operator,
            "case": case_no,
            "item": item.item_code,
            "scenario": opening.scenario,
            "presence": opening.presence.value,
            "holder": self._holders.pairwise(opening.applicant_id, caller.party_id),
        } | ({"presence_evidence": seen} if seen else {})
        promise = self._evidence.append(db, Record({"type": "case.opened", "time": rfc3339(at)}, parties))
        case = Case(
            case_no=case_no,
            item_code=item.item_code,
            item_version=item.version,
            scenario=opening.scenario,
            applicant_holder_id=opening.applicant_id,
            project_id=project_id,
            presence=opening.presence.value,
            party_id=caller.party_id,
            operator=opening.operator,
            division=caller.division,
            state=CaseState.open,
            opened_at=at,
            closed_at=None,
            entry_id=promise.entry_id,
        )
        store.insert_case(db, case, seen)
        self._notices.tell(db, opening.applicant_id, NoticeKind.case_opened, case_no, party_id=caller.party_id)
        return case

    def _project_id(self, db: Connection, opening: Opening) -> str | None:
        if opening.project_code is None:
            return None
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

    def open_one(self, db: Connection, caller: Caller, case_no: str) -> Case:
        """An open case of the caller's organisation.

        Raises:
            UnknownCaseError: there is none.
            CaseClosedError: it is closed.
        """
        case = self.get(db, caller, case_no)
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        return case

    def close(self, db: Connection, caller: Caller, case_no: str, operator: str) -> Case:
        """Close a case; closing a closed one is an error, since whoever does it believes something else.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
        """
        self._counter.let(db, caller, operator, Act.close_case)
        case = run(db, store.case_of(case_no, caller.party_id, lock=True))
        if case is None:
            raise UnknownCaseError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        at = self._clock.now()
        parties = {"requester": caller.org_code, "operator": operator, "case": case_no}
        promise = self._evidence.append(db, Record({"type": "case.closed", "time": rfc3339(at)}, parties))
        store.close_case(db, case_no, at, promise.entry_id)
        return self.get(db, caller, case_no)

    def demanded(self, case: Case) -> frozenset[str]:
        """Types that the item of a case may demand."""
        return self._catalogue.item(case.item_code).types

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
        )


class Projects:
    """Projects and their members."""

    def __init__(self, evidence: Evidence, holders: Holders, counter: Counter, clock: Clock) -> None:
        self._evidence = evidence
        self._holders = holders
        self._counter = counter
        self._clock = clock

    def create(
        self,
        db: Connection,
        caller: Caller,
        *,
        code: str,
        name: str,
        lead: str,
        members: Collection[str],
        operator: str,
    ) -> Project:
        """Create a project.

        Args:
            lead: holder who leads it; a member too.
            members: other holders.

        Raises:
            ProjectExistsError: the code is taken.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        self._counter.let(db, caller, operator, Act.open_case)
        at = self._clock.now()
        project = Project(new_id(), code, name, lead, caller.party_id)
        store.insert_project(db, project, members, at)
        everybody = [self._holders.pairwise(holder, caller.party_id) for holder in sorted({lead, *members})]
        parties = {"requester": caller.org_code, "operator": operator, "project": project.id, "members": everybody}
        self._evidence.append(db, Record({"type": "project.created", "time": rfc3339(at)}, parties))
        return project
