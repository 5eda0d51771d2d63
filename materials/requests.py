"""行政协助: a department asks another one for a fact or a document, instead of asking the applicant.

The asked department sees whom it is about and what is asked, and nothing else of the case. It answers with a statement
(yes or no, and words) or with a material that it has handed in, or refuses with words. Its time is counted in working
days; when that passes, the request is *overdue*: both sides' systems are told, the checklist goes on by the next route,
and a late answer still counts. Questions and answers are encrypted; entries name ids.

A statement is a use of the holder's data by who asked, decided when it comes: it spends the grant and stands in the
holder's ledger. A material is only named by its answer, and used like any other. Where that is not lawful any more, or
the case is closed, nothing is taken from the department: the request ends as *withdrawn*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from authz.errors import AuthzError, UnknownPartyError, UseRefusedError
from authz.model import Act, Caller, Mode, PartyKind
from authz.noticekinds import NoticeKind
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import execute, run
from materials import lawful, requestrows as rows, store
from materials.errors import (
    AskNotDemandedError,
    AssistAnswerError,
    AssistClosedError,
    AssistOpenError,
    AssistPartyError,
    MaterialsError,
    UnknownAssistError,
)
from materials.lawful import Asked, as_use
from materials.requestforms import Shown
from materials.validity import status_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.uses import Uses
    from authz.workdays import Workdays
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.model import Case
    from materials.requestforms import Ask, Reply
    from materials.requestrows import AssistRequest

OUTBOX: Final = "assistance.changed"
"""Kind of outbox message, and type of webhook message: a request was made, ended, or is overdue."""
_ASKED: Final = "assistance.asked"
_ENDED: Final = "assistance.ended"
_OVERDUE: Final = "assistance.overdue"
_MATERIAL: Final = "material"
_LISTED: Final = 200
_SWEPT: Final = 100


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
            UseRefusedError: a use of the type would be refused now. Keep that with `refuse`.
            HolidaysUnknownError: the days cannot be counted.
        """
        case = self._cases.open_one(db, caller, ask.case_no, share=True)
        self._desk.counter.let(db, caller, ask.operator, Act.ask)
        if ask.type_code not in self._cases.demanded(case):
            raise AskNotDemandedError
        to = self._party(db, caller, ask, case)
        request_id, now = new_id(), self._desk.clock.now()
        wanted = self._wanted(db, caller, case, ask, request_id)
        holder_id = wanted.resource.holder_id
        if rows.is_open(db, case.case_no, ask.type_code, holder_id):
            raise AssistOpenError
        lawful.check(db, self._uses, wanted)
        due = self._workdays.due(now, ask.days)
        values = {
            "id": request_id,
            "case": case.case_no,
            "party": caller.party_id,
            "to": to,
            "holder": holder_id,
            "type": ask.type_code,
            "client": caller.client_id,
            "operator": ask.operator,
            "cause": ask.cause,
            "question": self._desk.vault.shut(ask.question, _place("question", request_id)),
            "days": ask.days,
            "at": now,
            "due": due,
        }
        told = {"asked": self._desk.parties.party(db, to).org_code, "item": case.item_code, "due": rfc3339(due)}
        entry = self._append_asked(db, caller, values, told)
        try:
            rows.insert(db, values | {"entry": entry})
        except IntegrityError as error:
            if rows.is_second(error):  # another request asked the same meanwhile
                raise AssistOpenError from error
            raise
        held = self._held(db, request_id)
        self._tell(db, held)
        self._desk.notices.tell(db, held.holder_id, NoticeKind.assistance_asked, held.id, party_id=held.party_id)
        return held

    def refuse(self, db: Connection, caller: Caller, ask: Ask, refusal: UseRefusedError) -> None:
        """Keep that asking was refused as the use it would have been: it stands in the holder's ledger.

        Args:
            db: a unit of its own, since that of the request is undone.
        """
        wanted = self._wanted(db, caller, self._cases.get(db, caller, ask.case_no), ask, new_id())
        execute(db, self._uses.refuse(caller, wanted.request, refusal))

    def reply(self, db: Connection, caller: Caller, request_id: str, reply: Reply) -> AssistRequest:
        """Answer or refuse, as the asked department; also late.

        Returns:
            The request as it ended: `withdrawn`, with nothing of the answer, where it may not be taken any more.

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
        if (reply.result == _MATERIAL) != (reply.material_id is not None):
            raise AssistAnswerError(problem="a material goes with result material")
        if reply.material_id is not None:
            self._check_material(db, caller, held, reply.material_id)
        more: dict[str, Any] = {"result": reply.result, "material": reply.material_id}
        more |= {"answer": self._desk.vault.shut(reply.words, _place("answer", held.id))}
        if reply.result is None:
            return self._end(db, caller, held, "refused", reply.operator, more)
        try:
            more["use"] = self._taken(db, held, reply)
        except (AuthzError, MaterialsError) as error:
            return self._end(db, caller, held, "withdrawn", reply.operator, {"why": error.code})
        return self._end(db, caller, held, "answered", reply.operator, more)

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

    def _party(self, db: Connection, caller: Caller, ask: Ask, case: Case) -> str:
        demands = self._catalogue.of(case).demands
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

    def _taken(self, db: Connection, held: AssistRequest, reply: Reply) -> str | None:
        """The use that a statement is, by who asked; None for a material, which is used by a use of its own.

        Raises:
            AuthzError, MaterialsError: it may not be taken any more; a refused use is recorded.
        """
        party = self._desk.parties.party(db, held.party_id)
        asker = Caller(held.client_id, party.id, party.kind, party.org_code, party.division, frozenset(), "")
        case = self._cases.open_one(db, asker, held.case_no, share=True)
        now = self._desk.clock.now()
        asked = Asked(held.id, held.holder_id, Mode.verify, held.cause, held.operator, now)
        wanted = self._as_use(asker, case, held.type_code, asked)
        try:
            if reply.result == _MATERIAL:
                lawful.check(db, self._uses, wanted)
                return None
            said = evidence(held.id, reply.result or "", reply.words)
            return lawful.answered(db, self._uses, wanted, said, f"assistance/{held.id}")[0].id
        except UseRefusedError as refusal:
            execute(db, self._uses.refuse(asker, wanted.request, refusal))
            raise

    def _append_asked(self, db: Connection, caller: Caller, values: Mapping[str, Any], told: Mapping[str, str]) -> str:
        parties = {
            "requester": caller.org_code,
            "operator": values["operator"],
            "request": values["id"],
            "case": values["case"],
            "material_type": values["type"],
            "holder": self._desk.holders.pairwise(values["holder"], caller.party_id),
        }
        record = Record({"type": _ASKED, "time": rfc3339(values["at"])}, parties | dict(told))
        return self._desk.evidence.append(db, record).entry_id

    def _wanted(self, db: Connection, caller: Caller, case: Case, ask: Ask, request_id: str) -> lawful.Wanted:
        holder_id, now = self._cases.person(db, case, ask.of), self._desk.clock.now()
        asked = Asked(request_id, holder_id, Mode.verify, ask.cause, ask.operator, now)
        return self._as_use(caller, case, ask.type_code, asked)

    def _as_use(self, caller: Caller, case: Case, type_code: str, asked: Asked) -> lawful.Wanted:
        facts = self._cases.facts(case, case.case_no, type_code, None)
        return lawful.Wanted(caller, *as_use(case, self._catalogue.type(type_code), asked), facts)

    def _end(
        self, db: Connection, caller: Caller, held: AssistRequest, state: str, operator: str, more: Mapping[str, object]
    ) -> AssistRequest:
        now = self._desk.clock.now()
        told = {name: more.get(name) for name in ("result", "material", "use", "why")} | {"state": state}
        told |= {"by": caller.org_code, "by_operator": operator, "late": now > held.due_at}
        record = Record({"type": _ENDED, "time": rfc3339(now)}, self._parties(db, held) | told)
        entry = self._desk.evidence.append(db, record).entry_id
        values = {"id": held.id, "state": state, "at": now, "operator": operator, "entry": entry}
        rows.end(db, values | {name: value for name, value in more.items() if name != "why"})
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


def evidence(request_id: str, result: str, words: str) -> bytes:
    """What the digests of an answered request are of: its id, the result and the words, canonical."""
    return canonical({"request": request_id, "result": result, "words": words})


def _refuse_ended(held: AssistRequest) -> None:
    if held.ended_at is not None:
        raise AssistClosedError(state=held.state)


def _place(column: str, request_id: str) -> bytes:
    return f"assistance/{column}/{request_id}".encode()
