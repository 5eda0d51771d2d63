"""The steps of a case that is decided without a person, each in the unit that writes its outcome.

1. `apply`: the applicant signs that it wants to be decided so; nothing is looked at before.
2. `confirm`: everybody the item names says yes on their phone.
3. `fill`, `gather`: form and checklist, from licences, sources and the vault, by the same uses and checks as at a
   window. Where a holder has to allow something, they are asked once; `read` and `collect` then do the same again.
4. `review`, `accept`, `decide`: the check points, the acceptance, then the rules are judged on what is there; the
   decision is an entry with their digest.
5. `result`, `receipt`, `close`: the licence that changes, the signed receipt, the end of the case, and the notice.

Whatever is unclear leaves the case to a person, with the reason: open, with all that was gathered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from materials import store
from materials.automatic import runrows as rows
from materials.automatic.inquiries import NO, YES, Words
from materials.automatic.rules import Said, judge
from materials.automatic.runmoves import RunMoves
from materials.automatic.runrows import Move
from materials.model import Outcome
from materials.openings import UNDECIDED, Decision

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.workdays import Workdays
    from materials.automatic.entitled import Programmes
    from materials.automatic.facts import FactFinder
    from materials.automatic.inquiries import Inquiries, Together
    from materials.automatic.inquiryrows import Inquiry
    from materials.automatic.rules import Automatic
    from materials.automatic.runrows import Run
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Item
    from materials.desk import Desk
    from materials.handling import Handling
    from materials.model import Case

APPLY: Final = "apply"
CONFIRM: Final = "confirm"
FILL: Final = "fill"
GATHER: Final = "gather"
READ: Final = "read"
COLLECT: Final = "collect"
REVIEW: Final = "review"
ACCEPT: Final = "accept"
DECIDE: Final = "decide"
RESULT: Final = "result"
RECEIPT: Final = "receipt"
CLOSE: Final = "close"


class RunSteps(RunMoves):
    """Does the steps that need nothing outside.

    Args:
        handling: accepts and closes.
        facts: gathers what rules read.
        inquiries: asks people.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        programmes: Programmes,
        handling: Handling,
        facts: FactFinder,
        inquiries: Inquiries,
        workdays: Workdays,
        desk: Desk,
    ) -> None:
        super().__init__(catalogue, programmes, workdays, desk)
        self._handling = handling
        self._facts = facts
        self._inquiries = inquiries

    def applied(self, db: Connection, held: Run) -> None:
        """Step `apply`: go on where the applicant signed."""
        found = self._inquiries.of_subject(db, held.id, "application")
        answers = [each.answer for each in found]
        if answers == [YES]:
            self.go(db, held, CONFIRM)
        elif NO in answers:
            rows.move(db, held, Move("declined", APPLY, ended_at=self._desk.clock.now()))
        else:
            self.wait(db, held, "application-late")

    def confirmed(self, db: Connection, held: Run, case: Case, together: Together | None = None) -> None:
        """Step `confirm`: ask who has to confirm, and go on where all of them did.

        Args:
            together: asks them in the same notice for what else is wanted of them.
        """
        item, rule = self.rule_of(held)
        people = store.answers_of(db, case.case_no)[1]
        due = held.wait_until or self._workdays.due(self._desk.clock.now(), rule.wait_days)
        name = self._desk.holders.get(db, case.applicant_holder_id).name
        found: list[Inquiry] = []
        for each in rule.confirm:
            words = Words(
                "confirmation",
                held.id,
                held.party_id,
                named(item),
                each.zh.format(applicant=name),
                each.en.format(applicant=name),
                {"applicant": name, "case": case.case_no},
            )
            found = self._inquiries.ask(db, words, people.get(each.role, []), due, together)
        answers = [self._inquiries.settle(db, each) for each in found]
        if NO in answers:
            self.leave(db, held, "confirmation-refused")
        elif "partly" in answers:
            self.leave(db, held, "consent-refused")
        elif "late" in answers:
            self.leave(db, held, "confirmation-late")
        elif all(each == YES for each in answers):
            self.go(db, held, FILL)
        else:
            self.wait(db, held, "confirmation-late", due)

    def confirmations(self, db: Connection, held: Run) -> list[Inquiry]:
        """Who was asked to confirm."""
        return self._inquiries.of_subject(db, held.id, "confirmation")

    def accepted(self, db: Connection, held: Run, case: Case) -> None:
        """Step `accept`: accept the case, unless a person did."""
        if case.accepted_at is None:
            self._handling.accept(db, self.caller(db, held), held.case_no, held.operator)
        self.go(db, held, DECIDE)

    def decide(self, db: Connection, held: Run) -> None:
        """Step `decide`: judge the rules; the decision, its rules and what they read are written together."""
        item, rule = self.rule_of(held)
        if (rule.sha256, item.version) != (held.rules, held.item_version):
            self.leave(db, held, "rules-changed")
            return
        rows.hold(db, held)
        caller = self.caller(db, held)
        facts = self._facts.of_case(db, caller, held, rule.rules, self._people(db, held, rule))
        said = judge(rule.rules, facts)
        document = facts.document(rule.rules, rule.kept, said)
        short = tuple(code for code, each in said.items() if each is not Said.holds)
        if short:
            self.keep_facts(db, held, document)
            self.leave(db, held, "rules-not-met", short)
            return
        self.write_decision(db, held, "granted", document)
        self.go(db, held, RESULT if rule.result is not None else RECEIPT)

    def receipt_of(self, held: Run) -> dict[str, Any]:
        """What a receipt says; to be signed outside the unit."""
        item, rule = self.rule_of(held)
        facts = self.facts(held)
        decided = held.decided_at or self._desk.clock.now()
        return {
            "v": 1,
            "type": "cailian/automatic-receipt",
            "run": held.id,
            "case": held.case_no,
            "item": {"code": item.item_code, "version": held.item_version, "name": item.name, "name_en": item.name_en},
            "decision": "granted",
            "decided_at": rfc3339(decided),
            "rules": held.rules,
            "entry": held.decision_entry_id,
            "result": held.result_id,
            "fields": {code: facts["shown"][code] for code in rule.shown},
        }

    def received(self, db: Connection, held: Run, receipt: str) -> None:
        """Step `receipt`: keep what was signed."""
        rows.receipt(db, held.id, self._shut_receipt(held, receipt))
        self.go(db, held, CLOSE)

    def closed(self, db: Connection, held: Run, case: Case) -> None:
        """Step `close`: end the case, and tell the applicant."""
        applied = held.round_id is None
        if applied and case.closed_at is not None and case.decision != Outcome.granted.value:
            self.leave(db, held, "case-closed")
            return
        if case.closed_at is None:
            item = self._catalogue.of(case)
            granted = Decision(Outcome.granted, held.result_id if item.gives is not None else None)
            decision = granted if applied else UNDECIDED  # nobody applied, so nothing was accepted
            self._handling.close(db, self.caller(db, held), held.case_no, held.operator, decision)
        if applied:
            told = NoticeKind.automatic_decided
            self._desk.notices.tell(db, held.holder_id, told, held.case_no, party_id=held.party_id)
        rows.move(db, held, Move("granted", CLOSE, ended_at=self._desk.clock.now()))

    def whose(self, db: Connection, held: Run, role: str) -> str:
        """Whose licence a decision changes: the applicant's, or that of the case's first person of a role."""
        return held.holder_id if role == "applicant" else store.answers_of(db, held.case_no)[1][role][0]

    def resulted(self, db: Connection, held: Run, licence_id: str) -> None:
        """Step `result`: the licence says what was decided."""
        rows.result(db, held.id, licence_id)
        self.go(db, held, RECEIPT)

    def _people(self, db: Connection, held: Run, rule: Automatic) -> dict[str, bool]:
        """Who confirmed, by role."""
        people = store.answers_of(db, held.case_no)[1]
        said = {each.holder_id: each.answer for each in self._inquiries.of_subject(db, held.id, "confirmation")}
        return {each.role: all(said.get(one) == YES for one in people.get(each.role, ["-"])) for each in rule.confirm}


def named(item: Item) -> tuple[str, str, str]:
    """Code and names of an item, as people are asked about it."""
    return item.item_code, item.name, item.name_en
