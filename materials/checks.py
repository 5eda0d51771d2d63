"""数据核验: a question put to the source of a fact, in an open case, as an act with its own record.

1. `begin`, a unit: is the type demanded, does a source answer for it, would a use of the type be lawful now? The same
   decision as for any use says so (`authz.uses.Uses.foresee`): the source's data is the holder's as much as a document.
2. The question is put outside any unit, within the source's time.
3. `answered` or `failed`, a unit: the answer is a use, decided, spent and in the holder's ledger, with the digest of
   what the source said; a source that answered the same question otherwise on the same day is not believed.

A check whose node stopped between 2 and 3 fails by `sweep`. Values and questions are encrypted; entries hold digests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act, Mode
from authz.workdays import LOCAL
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import execute
from materials import checkrows, lawful
from materials.catalogue.items import APPLICANT
from materials.connectors.errors import (
    CheckGivenError,
    CheckSubjectError,
    SourceContradictsError,
    SourceInterruptedError,
    UnknownCheckError,
)
from materials.connectors.port import Kind, Question, is_value
from materials.errors import AskNotDemandedError
from materials.lawful import Asked, as_use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.errors import UseRefusedError
    from authz.model import Caller, Identifier
    from authz.uses import Uses
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.checkrows import Check
    from materials.connectors.port import Answer, QuestionKind
    from materials.connectors.register import ConnectorRegister
    from materials.desk import Desk
    from materials.model import Case

LEFT: Final = timedelta(minutes=2)
"""After so long nobody waits for an answer any more: no source has more than ten seconds."""
_ASKED_BY: Final = ("001", "111")
"""Kinds of identity code that sources know people and organisations by (DOMAIN c1)."""
_LISTED: Final = 200
_SWEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Asking:
    """What a caller asks.

    Attributes:
        question: code; the item's own, or the first that stands for the type, where None.
        given: what the question must bring.
        cause: as every use says.
        of: whom it is about: `applicant`, or another the case names, as in its checklist.
    """

    case_no: str
    type_code: str
    cause: str
    operator: str
    question: str | None = None
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    of: str = APPLICANT


class Checks:
    """Puts questions to sources, around the port that does.

    Args:
        register: sources and questions.
        catalogue: types.
        cases: which one a question belongs to.
        uses: decides, and records the answer as a use.
        desk: who asks, the log, the time.
    """

    def __init__(self, register: ConnectorRegister, catalogue: Catalogue, cases: Cases, uses: Uses, desk: Desk) -> None:
        self.register = register
        self._catalogue = catalogue
        self._cases = cases
        self._uses = uses
        self._desk = desk

    def begin(self, db: Connection, caller: Caller, asking: Asking) -> Question:
        """Write down that a question is about to be put; the question.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
            AskNotDemandedError: the item does not demand the type.
            NoSourceError: no source answers for the type.
            CheckGivenError: the question needs other values.
            UseRefusedError: a use of the type would be refused now; its code says how. Keep that with `refuse`.
            RoleInvalidError: the case names nobody there.
            CheckSubjectError: whom it is about has no code the source could know.
        """
        case = self._cases.open_one(db, caller, asking.case_no, share=True)
        self._desk.counter.let(db, caller, asking.operator, Act.search)
        if asking.type_code not in self._cases.demanded(case):
            raise AskNotDemandedError
        kind = self._kind(case, asking)
        wanted = {each.name for each in kind.given}
        if asking.given.keys() != wanted or not all(is_value(each) for each in asking.given.values()):
            raise CheckGivenError(question=kind.code, fields=", ".join(sorted(wanted)))
        check_id, holder_id = new_id(), self._cases.person(db, case, asking.of)
        lawful.check(db, self._uses, self._as_use(caller, case, kind, asking, (check_id, holder_id)))
        subject = self._subject(db, holder_id)
        question = Question(
            check_id, kind, subject, asking.given, case.case_no, case.item_code, caller.org_code, asking.cause
        )
        self._insert(db, caller, case, asking, question, holder_id)
        return question

    def answered(self, db: Connection, caller: Caller, question: Question, answer: Answer) -> Check:
        """Keep an answer, as a use of the holder's data.

        Raises:
            UnknownCheckError, UnknownCaseError, CaseClosedError: the case or check ended meanwhile.
            UseRefusedError: the use is refused by now, e.g. the grant was withdrawn; keep that with `failed`, and
                `refuse`.
            SourceContradictsError: the source answered otherwise before today; keep that with `failed`.
        """
        held = self._waiting(db, question.id)
        case = self._cases.open_one(db, caller, held.case_no, share=True)
        now = self._desk.clock.now()
        said = canonical({"result": answer.result.value, "values": dict(answer.values)})
        mac = self._desk.vault.keyed("check-answer", said.decode())
        if checkrows.answered_otherwise(db, held.asked_mac, mac, _day_of(now)):
            raise SourceContradictsError(source=held.source)
        asking = Asking(held.case_no, held.type_code, question.cause, held.operator, held.question, question.given)
        wanted = self._as_use(caller, case, question.kind, asking, (held.id, held.holder_id))
        # Not the digest of the answer, which anybody could guess, but of the source's own text.
        said_so = evidence(held.id, answer.proof)
        use, digests = lawful.answered(db, self._uses, wanted, said_so, f"check/{held.id}")
        parties = self._parties(db, held) | {"result": answer.result.value, "use": use.id}
        fact = {"type": "check.answered", "time": rfc3339(now), "digests": digests}
        entry = self._desk.evidence.append(db, Record(fact, parties)).entry_id
        kept = json.dumps({"values": dict(answer.values), "proof": answer.proof}, ensure_ascii=False)
        values = self._ended(held, now, entry) | {
            "state": "answered",
            "result": answer.result.value,
            "mac": mac,
            "answer": self._desk.vault.shut(kept, _place("answer", held.id)),
            "as_of": answer.as_of,
            "until": now + timedelta(hours=question.kind.valid_hours),
            "use": use.id,
        }
        checkrows.end(db, values)
        return self._get(db, held.id)

    def refuse(self, db: Connection, caller: Caller, asking: Asking, refusal: UseRefusedError) -> None:
        """Keep that a question was refused as the use it would have been: it stands in the holder's ledger.

        Args:
            db: a unit of its own, since that of the question is undone.
        """
        case = self._cases.get(db, caller, asking.case_no)
        about = (new_id(), self._cases.person(db, case, asking.of))
        wanted = self._as_use(caller, case, self._kind(case, asking), asking, about)
        execute(db, self._uses.refuse(caller, wanted.request, refusal))

    def failed(self, db: Connection, check_id: str, code: str, answer: Answer | None = None) -> Check:
        """Keep that a question came to nothing.

        Args:
            code: of the error.
            answer: what the source said, where it contradicts itself: the digest is kept, so that it is not believed
                a third time either.

        Raises:
            UnknownCheckError: the check ended meanwhile.
        """
        held = self._waiting(db, check_id)
        now = self._desk.clock.now()
        fact = {"type": "check.failed", "time": rfc3339(now)}
        entry = self._desk.evidence.append(db, Record(fact, self._parties(db, held) | {"failure": code})).entry_id
        values = self._ended(held, now, entry) | {"state": "failed", "failure": code}
        if answer is not None:
            said = canonical({"result": answer.result.value, "values": dict(answer.values)}).decode()
            values |= {"mac": self._desk.vault.keyed("check-answer", said), "result": answer.result.value}
        checkrows.end(db, values)
        return self._get(db, held.id)

    def sweep(self, db: Connection) -> int:
        """Fail what was asked so long ago that nobody waits for it; how many. Run by the worker."""
        over = checkrows.left(db, self._desk.clock.now() - LEFT, _SWEPT)
        for held in over:
            self.failed(db, held.id, SourceInterruptedError.code)
        return len(over)

    # What was said

    def get(self, db: Connection, caller: Caller, check_id: str) -> Check:
        """A check of the caller's organisation.

        Raises:
            UnknownCheckError: there is none; another organisation's looks the same.
        """
        held = checkrows.get(db, check_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownCheckError
        return held

    def of_case(self, db: Connection, caller: Caller, case_no: str) -> list[Check]:
        """Checks of a case of the caller's, the newest 200 first.

        Raises:
            UnknownCaseError: no such case of the caller's organisation.
        """
        self._cases.get(db, caller, case_no)
        return checkrows.of_case(db, case_no, _LISTED)

    def values(self, held: Check) -> dict[str, str]:
        """The values of an answer, in clear; for whoever may have the check itself. None after it failed."""
        return {str(name): str(value) for name, value in self._kept(held).get("values", {}).items()}

    def proof(self, held: Check) -> str | None:
        """What the source answered, as it came; the digests of the entry are those of `evidence` of it."""
        proof = self._kept(held).get("proof")
        return None if proof is None else str(proof)

    def _kept(self, held: Check) -> dict[str, Any]:
        if held.answer is None or held.state != "answered":
            return {}
        opened: dict[str, Any] = json.loads(self._desk.vault.open(held.answer, _place("answer", held.id)))
        return opened

    # Parts

    def _named(self, case: Case, asking: Asking) -> str | None:
        """The question that the case's item names for a type about somebody."""
        role = asking.of.partition(".")[0]
        demands = [each for each in self._catalogue.of(case).demands if each.type_code == asking.type_code]
        own = [each for each in demands if each.whose.removeprefix("each:") == role]
        return next((each.check for each in own or demands if each.check), None)

    def _kind(self, case: Case, asking: Asking) -> QuestionKind:
        return self.register.find(asking.type_code, asking.question or self._named(case, asking))

    def _as_use(
        self, caller: Caller, case: Case, kind: QuestionKind, asking: Asking, of: tuple[str, str]
    ) -> lawful.Wanted:
        """A check as the decision knows it: a use of something of that type, in mode `verify`, or `data` by fields.

        Args:
            of: id of the check and of whom it is about.
        """
        values = kind.kind is Kind.value
        asked = Asked(
            *of,
            Mode.data if values else Mode.verify,
            asking.cause,
            asking.operator,
            self._desk.clock.now(),
            kind.names if values else (),
        )
        facts = self._cases.facts(case, case.case_no, asking.type_code, None)
        return lawful.Wanted(caller, *as_use(case, self._catalogue.type(asking.type_code), asked), facts)

    def _subject(self, db: Connection, holder_id: str) -> Identifier:
        held = {each.type: each for each in self._desk.holders.identifiers(db, holder_id)}
        for each in _ASKED_BY:
            if each in held:
                return held[each]
        raise CheckSubjectError

    def _insert(
        self, db: Connection, caller: Caller, case: Case, asking: Asking, question: Question, holder_id: str
    ) -> None:
        now = self._desk.clock.now()
        given = json.dumps(dict(question.given), ensure_ascii=False, sort_keys=True)
        values = {
            "id": question.id,
            "case": case.case_no,
            "party": case.party_id,
            "holder": holder_id,
            "type": asking.type_code,
            "question": question.kind.code,
            "source": question.kind.source,
            "operator": asking.operator,
            "cause": asking.cause,
            "mac": self._desk.vault.keyed("check", f"{question.kind.code}\0{holder_id}\0{given}"),
            "given": self._desk.vault.shut(given, _place("given", question.id)),
            "at": now,
        }
        parties = {
            "requester": caller.org_code,
            "operator": asking.operator,
            "check": question.id,
            "case": case.case_no,
            "item": case.item_code,
            "material_type": asking.type_code,
            "question": question.kind.code,
            "source": question.kind.source,
            "holder": self._desk.holders.pairwise(holder_id, case.party_id),
        }
        record = Record({"type": "check.asked", "time": rfc3339(now)}, parties)
        checkrows.insert(db, values | {"entry": self._desk.evidence.append(db, record).entry_id})

    def _parties(self, db: Connection, held: Check) -> dict[str, object]:
        return {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "operator": held.operator,
            "check": held.id,
            "case": held.case_no,
            "material_type": held.type_code,
            "question": held.question,
            "source": held.source,
            "asked": held.asked_entry_id,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }

    @staticmethod
    def _ended(held: Check, now: datetime, entry_id: str) -> dict[str, object]:
        nothing = dict.fromkeys(("result", "failure", "mac", "answer", "as_of", "until", "use"))
        return nothing | {"id": held.id, "at": now, "entry": entry_id}

    @staticmethod
    def _waiting(db: Connection, check_id: str) -> Check:
        held = checkrows.get(db, check_id, lock=True)
        if held is None or held.state != "asked":
            raise UnknownCheckError
        return held

    @staticmethod
    def _get(db: Connection, check_id: str) -> Check:
        held = checkrows.get(db, check_id)
        if held is None:
            raise UnknownCheckError
        return held


def evidence(check_id: str, proof: str) -> bytes:
    """What the digests of an answered check are of: the check's id and the source's own text, canonical."""
    return canonical({"check": check_id, "proof": proof})


def _day_of(now: datetime) -> datetime:
    """When the day of a moment began, in Shanghai."""
    return datetime.combine(now.astimezone(LOCAL).date(), time(), LOCAL)


def _place(column: str, check_id: str) -> bytes:
    return f"check/{column}/{check_id}".encode()
