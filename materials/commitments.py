"""告知承诺 and 容缺受理: a letter, the holder's signature, what is owed by when, and the check afterwards.

1. `plan`: may the item be decided so, may these materials be owed, has the holder kept earlier promises? The last day
   of each is counted in working days; it stands in the letter. An item that demands the letter takes one that owes
   nothing.
2. The letter is generated (`materials.generated`), and `propose` writes the terms: letter, materials, days; the holder
   is asked. They sign their digest as long as all this still holds (`materials.committing`); the letter counts for the
   case from then on. Until the case is accepted they take it back as easily.
3. `fulfil` takes what was owed, also after the case is closed. What is late makes the commitment *overdue*: told to the
   holder by the worker, and no other commitment is taken until it is there.
4. `check` is the department's check afterwards (批后核查), so many working days after the last thing was owed; its
   systems are reminded when that day has come. A *breach* is recorded, told, and bars the holder for the item's stated
   time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from authz.model import Act
from authz.noticekinds import NoticeKind
from authz.terms import ACT_VERSION
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import canonical
from ledger.steps import run
from materials import commitmentrows as rows, store
from materials.catalogue.items import LETTER_TEMPLATE
from materials.checklist.facts import LEVELS
from materials.committing import Committing, place
from materials.errors import (
    CommitmentNotSignedError,
    CommitmentOwedError,
    FulfilmentRefusedError,
    PresenceRequiredError,
)
from materials.generated.model import Value
from materials.validity import LOCAL, other_matter, status_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.commitmentrows import Commitment, Owed
    from materials.generated.model import Content
    from materials.model import Case, Material

TEMPLATE: Final = LETTER_TEMPLATE
_FULFILLED: Final = "commitment.fulfilled"
_CHECKED: Final = "commitment.checked"
_OVERDUE: Final = "commitment.overdue"
_LISTED: Final = 200
_SWEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A commitment about to be proposed.

    Attributes:
        id: of the commitment.
        due: last moment of each material owed, by type.
        barred_days: for which a breach bars the holder.
        post_check_days: working days within which the department checks.
    """

    id: str
    case: Case
    kind: str
    operator: str
    due: Mapping[str, datetime]
    barred_days: int
    post_check_days: int
    names: Mapping[str, str]

    def letter(self) -> dict[str, Value]:
        """What the letter says of it, by source."""
        lines = tuple(f"{self.names[code]}({code}),{_last_day(due)}前" for code, due in sorted(self.due.items()))
        held: dict[str, Content] = {"letter.barred": str(self.barred_days)}
        if lines:
            held["letter.owed"] = lines
        return {source: Value(content, source, None, self.id) for source, content in held.items()}


class Commitments(Committing):
    """Proposes, follows and checks commitments."""

    def plan(
        self, db: Connection, caller: Caller, case_no: str, kind: str, types: Sequence[str], operator: str
    ) -> Proposal:
        """What a commitment would be.

        Args:
            kind: `commitment` or `tolerant`.
            types: what would be owed; none only where the item demands the letter itself.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
            PresenceRequiredError: the applicant is not there.
            CommitmentNotOfferedError: the item, the scenario or a type does not allow it; `problem` says which.
            CommitmentBarredError: the applicant broke one, or owes something overdue.
            HolidaysUnknownError: the days cannot be counted.
        """
        case = self._cases.open_one(db, caller, case_no)
        self._desk.counter.let(db, caller, operator, Act.deposit)
        if case.presence == "none":
            raise PresenceRequiredError
        wanted = sorted(set(types))
        now = self._desk.clock.now()
        days, rule = self._promising.check(db, case, wanted, rows.promised(db, case.case_no), now)
        due = {code: self._workdays.due(case.accepted_at or now, days[code]) for code in wanted}
        names = {code: self._catalogue.type(code).name for code in wanted}
        return Proposal(new_id(), case, kind, operator, due, rule.barred_days, rule.post_check_days, names)

    def propose(self, db: Connection, caller: Caller, proposal: Proposal, letter: Material) -> Commitment:
        """Write a proposed commitment, in the unit that makes its letter a material; it holds nothing until signed."""
        case = proposal.case
        terms = {
            "v": ACT_VERSION,
            "action": "commit",
            "id": proposal.id,
            "kind": proposal.kind,
            "case": case.case_no,
            "item": case.item_code,
            "org": caller.org_code,
            "letter": {"sha256": letter.sha256, "sm3": letter.sm3},
            "owed": [{"type": code, "due": rfc3339(due)} for code, due in sorted(proposal.due.items())],
            "barred_days": proposal.barred_days,
            "post_check_days": proposal.post_check_days,
        }
        values = {
            "id": proposal.id,
            "case": case.case_no,
            "party": caller.party_id,
            "holder": case.applicant_holder_id,
            "item": case.item_code,
            "kind": proposal.kind,
            "operator": proposal.operator,
            "letter": letter.id,
            "terms": canonical(terms),
            "at": self._desk.clock.now(),
        }
        rows.insert(db, values, proposal.due)
        asked = NoticeKind.commitment_asked
        self._desk.notices.tell(db, case.applicant_holder_id, asked, proposal.id, party_id=caller.party_id)
        return self._held(db, proposal.id)

    def fulfil(
        self, db: Connection, caller: Caller, commitment_id: str, type_code: str, material_id: str, operator: str
    ) -> Commitment:
        """Take what was owed: a material of the holder, handed in at the caller's.

        Raises:
            UnknownOperatorError, NotPermittedError: as they say.
            UnknownCommitmentError: none of the caller's organisation.
            CommitmentNotSignedError: it does not bind, or was decided upon.
            FulfilmentRefusedError: nothing of the type is owed, or the material is not what was owed.
        """
        self._desk.counter.let(db, caller, operator, Act.deposit)
        held = self._own(db, caller, commitment_id)
        if held.state not in {"signed", "overdue"}:
            raise CommitmentNotSignedError(state=held.state)
        material = run(db, store.material(material_id))
        if material is None or not self._fits(caller, held, type_code, material):
            raise FulfilmentRefusedError(problem="material")
        least = self._promising.min_level(db, self._cases.get(db, caller, held.case_no), type_code)
        if LEVELS[material.verify_level] < least:
            raise FulfilmentRefusedError(problem="level")
        now = self._desk.clock.now()
        told = {"material": material.id, "material_type": type_code}
        entry = self._append(db, _FULFILLED, held, operator, told)
        values = {"id": held.id, "type": type_code, "at": now, "material": material.id, "entry": entry}
        if not rows.fulfil(db, values):
            raise FulfilmentRefusedError(problem="nothing of the type is owed")
        late = [each for each in rows.owed(db, [held.id]) if each.fulfilled_at is None and each.due_at <= now]
        rows.set_state(db, held.id, "overdue" if held.state == "overdue" and late else "signed")
        return self._held(db, held.id)

    def check(
        self, db: Connection, caller: Caller, commitment_id: str, result: str, finding: str, operator: str
    ) -> Commitment:
        """Write what the check afterwards found; a breach is told to the holder and bars them.

        Args:
            result: `kept` or `breached`.
            finding: in words; encrypted, never in the log.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownCommitmentError: as they say.
            CommitmentNotSignedError: it does not bind, or was checked before.
            CommitmentOwedError: it cannot be kept while something is owed.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, commitment_id)
        if held.state not in {"signed", "overdue"}:
            raise CommitmentNotSignedError(state=held.state)
        missing = [each.type_code for each in rows.owed(db, [held.id]) if each.fulfilled_at is None]
        if result == "kept" and missing:
            raise CommitmentOwedError(types=", ".join(missing))
        now = self._desk.clock.now()
        case = run(db, store.case_of(held.case_no, held.party_id))
        rule = None if case is None else self._catalogue.of(case).commitment
        barred = now + timedelta(days=rule.barred_days if rule else 0) if result == "breached" else None
        told = {"result": result, "missing": missing, "barred_until": rfc3339(barred) if barred else None}
        entry = self._append(db, _CHECKED, held, operator, told)
        values = {"id": held.id, "state": result, "at": now, "operator": operator, "barred": barred, "entry": entry}
        rows.check(db, values | {"finding": self._desk.vault.shut(finding, place("finding", held.id))})
        if barred is not None:
            self._desk.notices.tell(db, held.holder_id, NoticeKind.commitment_breached, held.id, party_id=held.party_id)
        return self._held(db, held.id)

    def sweep(self, db: Connection) -> int:
        """Find what is overdue and tell its holders, and what is to be checked and tell its department; how many.

        Run by the worker.
        """
        now = self._desk.clock.now()
        due, over = rows.check_due(db, now, _SWEPT), rows.overdue(db, now, _SWEPT)
        for held in due:
            rows.check_told(db, held.id, now)
            self._changed(db, held.id, "check-due")
        for held in over:
            missing = [one.type_code for one in rows.owed(db, [held.id]) if one.fulfilled_at is None]
            self._append(db, _OVERDUE, held, held.operator, {"missing": missing})
            rows.set_state(db, held.id, "overdue")
            self._desk.notices.tell(db, held.holder_id, NoticeKind.commitment_overdue, held.id, party_id=held.party_id)
            self._changed(db, held.id)
        return len(due) + len(over)

    # What there is

    def get(self, db: Connection, caller: Caller, commitment_id: str) -> tuple[Commitment, list[Owed]]:
        """A commitment made to the caller's organisation, and what it owes.

        Raises:
            UnknownCommitmentError: there is none; another organisation's looks the same.
        """
        held = self._own(db, caller, commitment_id, lock=False)
        return held, rows.owed(db, [held.id])

    def to_check(self, db: Connection, caller: Caller) -> list[tuple[Commitment, list[Owed]]]:
        """What the caller's organisation still has to check, the 200 most urgent first."""
        held = rows.to_check(db, caller.party_id, _LISTED)
        owed = rows.owed(db, [each.id for each in held])
        return [(each, [one for one in owed if one.commitment_id == each.id]) for each in held]

    def of_case(self, db: Connection, caller: Caller, case_no: str) -> list[tuple[Commitment, list[Owed]]]:
        """Commitments of a case of the caller's, the newest 200 first.

        Raises:
            UnknownCaseError: no such case of the caller's organisation.
        """
        self._cases.get(db, caller, case_no)
        held = rows.of_case(db, case_no, _LISTED)
        owed = rows.owed(db, [each.id for each in held])
        return [(each, [one for one in owed if one.commitment_id == each.id]) for each in held]

    # Parts

    def _fits(self, caller: Caller, held: Commitment, type_code: str, material: Material) -> bool:
        kind = self._catalogue.type(material.type_code)
        return (
            material.party_id == caller.party_id
            and (material.holder_id, material.type_code) == (held.holder_id, type_code)
            # What was handed in outside any case was made for this one.
            and not other_matter(kind.validity, material.origin_case_no or held.case_no, held.case_no)
            and status_at(material, kind, self._desk.clock.now()).value == "active"
        )


def _last_day(due: datetime) -> str:
    """The last day of a term that is over at a moment."""
    return (due - timedelta(seconds=1)).astimezone(LOCAL).strftime("%Y年%m月%d日")
