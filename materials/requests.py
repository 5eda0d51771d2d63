"""行政协助: a department asks another one for a fact or a document, instead of asking the applicant.

The asked department sees whom it is about and what is asked, and nothing else of the case. It answers with a statement
(yes or no, and words) or with a material that it has handed in, or refuses with words. Its time is counted in working
days; when that passes, the request is *overdue*: both sides' systems are told, the checklist goes on by the next route,
and a late answer still counts. Questions and answers are encrypted; entries name ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from authz.errors import UnknownPartyError, UseRefusedError
from authz.model import Act, Mode, PartyKind
from authz.noticekinds import NoticeKind
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import run
from materials import requestrows as rows, store
from materials.catalogue.items import APPLICANT
from materials.errors import (
    AskNotDemandedError,
    AssistAnswerError,
    AssistClosedError,
    AssistOpenError,
    AssistPartyError,
    UnknownAssistError,
)
from materials.lawful import Asked, as_use
from materials.validity import status_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.model import Caller, Holder, Identifier
    from authz.uses import Uses
    from authz.workdays import Workdays
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.requestrows import AssistRequest

OUTBOX: Final = "assistance.changed"
"""Kind of outbox message, and type of webhook message: a request was made, ended, or is overdue."""
_ASKED: Final = "assistance.asked"
_ENDED: Final = "assistance.ended"
_OVERDUE: Final = "assistance.overdue"
_LISTED: Final = 200
_SWEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of whom.

    Attributes:
        to: organisation code; that of the item's demand where None.
        question: in words.
        days: working days.
        of: whom it is about: `applicant`, or another the case names, as in its checklist.
    """

    case_no: str
    type_code: str
    question: str = field(repr=False)
    days: int
    cause: str
    operator: str
    to: str | None = None
    of: str = APPLICANT


@dataclass(frozen=True, slots=True)
class Reply:
    """How a request ends.

    Attributes:
        result: `yes`, `no`, `material`, or None where it is refused.
        words: of the statement or the refusal.
        material_id: of the material.
    """

    result: str | None
    words: str = field(repr=False)
    operator: str
    material_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A request in clear, for one of its two sides.

    Attributes:
        subject: whom it is about, and their codes; only for who was asked.
    """

    request: AssistRequest
    question: str = field(repr=False)
    answer: str | None = field(repr=False)
    asker: str
    asked: str
    subject: tuple[Holder, list[Identifier]] | None = field(default=None, repr=False)


class AssistRequests:
    """Makes, answers and follows requests.

    Args:
        catalogue, cases: what is demanded where.
        uses: whether asking is lawful.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases, uses: Uses, workdays: Workdays, desk: Desk) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._uses = uses
        self._workdays = workdays
        self._desk = desk

    def ask(self, db: Connection, caller: Caller, ask: Ask) -> AssistRequest:
        """Ask another department.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
            AskNotDemandedError, RoleInvalidError: the item does not demand the type, or the case names nobody there.
            AssistPartyError: no such department, or one's own.
            AssistOpenError: the case waits for an answer about the type already.
            UseRefusedError: a use of the type would be refused now.
            HolidaysUnknownError: the days cannot be counted.
        """
        case = self._cases.open_one(db, caller, ask.case_no)
        self._desk.counter.let(db, caller, ask.operator, Act.ask)
        if ask.type_code not in self._cases.demanded(case):
            raise AskNotDemandedError
        to = self._party(db, caller, ask, case.item_code)
        if rows.is_open(db, case.case_no, ask.type_code, self._cases.person(db, case, ask.of)):
            raise AssistOpenError
        now, request_id = self._desk.clock.now(), new_id()
        kind = self._catalogue.type(ask.type_code)
        holder_id = self._cases.person(db, case, ask.of)
        asked = Asked(request_id, holder_id, Mode.verify, ask.cause, ask.operator, now)
        request, resource = as_use(case, kind, asked)
        facts = self._cases.facts(case, case.case_no, kind.code, None)
        told = run(db, self._uses.foresee(caller, request, resource, facts, kind.code, kind.level))
        if told.basis is None:
            raise UseRefusedError(told.said or "", reason=told.said or "", policies=(), holder_id=None)
        due = self._workdays.due(now, ask.days)
        values = {
            "id": request_id,
            "case": case.case_no,
            "party": caller.party_id,
            "to": to,
            "holder": holder_id,
            "type": kind.code,
            "operator": ask.operator,
            "question": self._desk.vault.shut(ask.question, _place("question", request_id)),
            "days": ask.days,
            "at": now,
            "due": due,
        }
        parties = {
            "requester": caller.org_code,
            "operator": ask.operator,
            "request": request_id,
            "asked": self._desk.parties.party(db, to).org_code,
            "case": case.case_no,
            "item": case.item_code,
            "material_type": kind.code,
            "due": rfc3339(due),
            "holder": self._desk.holders.pairwise(holder_id, caller.party_id),
        }
        entry = self._desk.evidence.append(db, Record({"type": _ASKED, "time": rfc3339(now)}, parties)).entry_id
        rows.insert(db, values | {"entry": entry})
        held = self._held(db, request_id)
        self._tell(db, held)
        self._desk.notices.tell(db, held.holder_id, NoticeKind.assistance_asked, held.id, party_id=held.party_id)
        return held

    def reply(self, db: Connection, caller: Caller, request_id: str, reply: Reply) -> AssistRequest:
        """Answer or refuse, as the asked department; also late.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownAssistError: none that the caller's organisation was asked.
            AssistClosedError: it ended before.
            AssistAnswerError: the material is not the caller's, of another holder or type, or not active.
        """
        self._desk.counter.let(db, caller, reply.operator, Act.deposit)
        held = rows.get(db, request_id, lock=True)
        if held is None or held.to_party_id != caller.party_id:
            raise UnknownAssistError
        _refuse_ended(held)
        if (reply.result == "material") != (reply.material_id is not None):
            raise AssistAnswerError(problem="a material goes with result material")
        if reply.material_id is not None:
            self._check_material(db, caller, held, reply.material_id)
        state = "refused" if reply.result is None else "answered"
        more = {
            "result": reply.result,
            "answer": self._desk.vault.shut(reply.words, _place("answer", held.id)),
            "material": reply.material_id,
        }
        return self._end(db, caller, held, state, reply.operator, more)

    def withdraw(self, db: Connection, caller: Caller, request_id: str, operator: str) -> AssistRequest:
        """Take a request back, as who asked.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownAssistError: none of the caller's organisation.
            AssistClosedError: it ended before.
        """
        self._desk.counter.let(db, caller, operator, Act.ask)
        held = rows.get(db, request_id, lock=True)
        if held is None or held.party_id != caller.party_id:
            raise UnknownAssistError
        _refuse_ended(held)
        return self._end(db, caller, held, "withdrawn", operator, {})

    def sweep(self, db: Connection) -> int:
        """Escalate what is overdue; how many. Run by the worker."""
        now = self._desk.clock.now()
        over = rows.due(db, now, _SWEPT)
        for held in over:
            record = Record({"type": _OVERDUE, "time": rfc3339(now)}, self._parties(db, held))
            rows.set_overdue(db, held.id, now, self._desk.evidence.append(db, record).entry_id)
            self._tell(db, self._held(db, held.id))
        return len(over)

    # What there is

    def get(self, db: Connection, caller: Caller, request_id: str) -> Shown:
        """A request, for one of its two sides.

        Raises:
            UnknownAssistError: there is none, or the caller is neither.
        """
        held = rows.get(db, request_id)
        if held is None or caller.party_id not in {held.party_id, held.to_party_id}:
            raise UnknownAssistError
        return self.shown(db, caller, held)

    def listed(
        self, db: Connection, caller: Caller, *, received: bool, after: str | None, limit: int
    ) -> list[AssistRequest]:
        """What the caller's organisation sent or received, the newest first."""
        return rows.of_party(db, caller.party_id, received=received, after=after, limit=limit)

    def of_case(self, db: Connection, caller: Caller, case_no: str) -> list[AssistRequest]:
        """Requests of a case of the caller's, the newest 200 first.

        Raises:
            UnknownCaseError: no such case of the caller's organisation.
        """
        self._cases.get(db, caller, case_no)
        return rows.of_case(db, case_no, _LISTED)

    def shown(self, db: Connection, caller: Caller, held: AssistRequest) -> Shown:
        """A request in clear; whom it is about is shown to who was asked, while they have to know."""
        vault, parties = self._desk.vault, self._desk.parties
        subject = None
        if held.to_party_id == caller.party_id and held.ended_at is None:
            holder = self._desk.holders.get(db, held.holder_id)
            codes = [each for each in self._desk.holders.identifiers(db, holder.id) if each.type != "oidc"]
            subject = (holder, codes)
        answer = None if held.answer is None else vault.open(held.answer, _place("answer", held.id))
        names = (parties.party(db, held.party_id).name, parties.party(db, held.to_party_id).name)
        return Shown(held, vault.open(held.question, _place("question", held.id)), answer, *names, subject)

    # Parts

    def _party(self, db: Connection, caller: Caller, ask: Ask, item_code: str) -> str:
        demands = self._catalogue.item(item_code).demands
        named = next((each.assist for each in demands if each.type_code == ask.type_code and each.assist), None)
        try:
            party = self._desk.parties.party_of(db, ask.to or named or "")
        except UnknownPartyError as error:
            raise AssistPartyError(problem="unknown") from error
        if party.id == caller.party_id or party.kind is not PartyKind.government or not party.enabled:
            raise AssistPartyError(problem="not another department")
        return party.id

    def _check_material(self, db: Connection, caller: Caller, held: AssistRequest, material_id: str) -> None:
        material = run(db, store.material(material_id))
        if material is None or material.party_id != caller.party_id:
            raise AssistAnswerError(problem="not a material of yours")
        kind = self._catalogue.type(material.type_code)
        fits = (material.holder_id, material.type_code) == (held.holder_id, held.type_code)
        if not fits or status_at(material, kind, self._desk.clock.now()).value != "active":
            raise AssistAnswerError(problem="another holder or type, or not active")

    def _end(
        self, db: Connection, caller: Caller, held: AssistRequest, state: str, operator: str, more: Mapping[str, object]
    ) -> AssistRequest:
        now = self._desk.clock.now()
        told = {"state": state, "result": more.get("result"), "material": more.get("material")}
        told |= {"by": caller.org_code, "by_operator": operator, "late": now > held.due_at}
        record = Record({"type": _ENDED, "time": rfc3339(now)}, self._parties(db, held) | told)
        entry = self._desk.evidence.append(db, record).entry_id
        values = {"id": held.id, "state": state, "at": now, "operator": operator, "entry": entry}
        rows.end(db, values | dict(more))
        ended = self._held(db, held.id)
        self._tell(db, ended)
        return ended

    def _parties(self, db: Connection, held: AssistRequest) -> dict[str, object]:
        return {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "operator": held.operator,
            "request": held.id,
            "asked_entry": held.entry_id,
            "case": held.case_no,
            "material_type": held.type_code,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }

    def _tell(self, db: Connection, held: AssistRequest) -> None:
        """Let both sides' systems know, by their webhooks."""
        now = self._desk.clock.now()
        body = {"request_id": held.id, "state": held.state, "at": rfc3339(now), "due_at": rfc3339(held.due_at)}
        parties = [held.party_id, held.to_party_id]
        outbox.emit(db, OUTBOX, f"{held.id} {held.state}", body | {"parties": parties}, now)

    @staticmethod
    def _held(db: Connection, request_id: str) -> AssistRequest:
        held = rows.get(db, request_id)
        if held is None:
            raise UnknownAssistError
        return held


def _refuse_ended(held: AssistRequest) -> None:
    if held.ended_at is not None:
        raise AssistClosedError(state=held.state)


def _place(column: str, request_id: str) -> bytes:
    return f"assistance/{column}/{request_id}".encode()
