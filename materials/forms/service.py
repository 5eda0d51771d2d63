"""Forms: what stands in each field is kept, shown, and changed by what somebody states.

1. `plan` (`materials.forms.planning`), a glance: what can be asked, and what needs consent first.
2. `FormReader.read`, a unit for each licence or material: a use locks its grant, and two in one unit could wait for
   each other in a circle.
3. Questions are put to sources outside any unit, as any check is (`materials.checks`).
4. `keep`, a unit: the form as it stands, encrypted, with an entry that names the source of every field.

Filling again asks only for what is new, and keeps what somebody stated. A version is never overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.vault import digest_of
from ledger.clock import rfc3339
from ledger.record import Record, canonical
from ledger.steps import run
from materials import store
from materials.checklist.reasons import WhyNot
from materials.errors import CaseClosedError, CaseNotSubmittedError, UnknownCaseError
from materials.forms import rows
from materials.forms.composing import COMPUTED, Held, checked, compose
from materials.forms.errors import FormChangedError, FormFieldError, UnknownFormError
from materials.forms.model import Form, Statement
from materials.forms.opening import Opener
from materials.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.forms.model import Candidate, Content, FormLine
    from materials.forms.planning import Planner
    from materials.forms.plans import Plan
    from materials.forms.rows import FormRow
    from materials.model import Case

_FILLED: Final = "form.filled"
_CHANGED: Final = "form.changed"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody states.

    Attributes:
        by: `applicant` or `window`.
        version: of the form they saw.
        values: by field; None takes a statement back.
    """

    case_no: str
    operator: str
    by: str
    version: int
    values: Mapping[str, Content | None]


class Forms:
    """Keeps forms.

    Args:
        planner: looks for what can fill one.
        catalogue, cases: items, and what was answered.
        desk: who acts, the log, the time.
    """

    def __init__(self, planner: Planner, catalogue: Catalogue, cases: Cases, desk: Desk) -> None:
        self._planner = planner
        self._catalogue = catalogue
        self._cases = cases
        self._desk = desk
        self._opener = Opener(desk.vault)

    def plan(self, db: Connection, caller: Caller, case_no: str, operator: str) -> Plan:
        """What is known for a form, and what could be asked.

        Args:
            db: a glance, as `Planner.plan`.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            as `Planner.plan`.
        """
        self._desk.counter.let(db, caller, operator, Act.search)
        return self._planner.plan(db, caller, case_no, operator)

    def keep(self, db: Connection, caller: Caller, plan: Plan, operator: str) -> Form:
        """Keep a form as it stands.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError: the case ended meanwhile.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        self._desk.counter.let(db, caller, operator, Act.search)
        case = self._locked(db, caller, plan.row.case.case_no)
        before = run(db, rows.newest(case.case_no))
        now = self._desk.clock.now()
        codes = {each.code for each in plan.fields}
        stated = {code: said for code, said in self._statements(before).items() if code in codes}
        unread = {place: WhyNot.no_value.value for thing in plan.things for place in thing.group.places}
        held = Held(plan.held.given, unread | dict(plan.held.missing))
        lines = compose(plan.fields, held, stated, now)
        return self._write(db, caller, case, before, lines, operator, {"type": _FILLED})

    def change(self, db: Connection, caller: Caller, change: Change) -> Form:
        """Take what somebody states; computed fields follow, and what sources said stays beside it.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError, UnknownFormError: no such form, or too late.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            FormChangedError: it is not the version they saw.
            FormFieldError: the form has no such field, or it cannot hold that.
        """
        self._desk.counter.let(db, caller, change.operator, Act.open_case)
        case = self._locked(db, caller, change.case_no)
        before = run(db, rows.newest(case.case_no))
        if before is None:
            raise UnknownFormError
        if before.version != change.version:
            raise FormChangedError(version=before.version)
        held = self._opener.lines(before)
        codes = {each.code for each in held}
        fields = {each.code: each for each in self._catalogue.of(case).fields if each.code in codes}
        stated = self._statements(before)
        now = self._desk.clock.now()
        for code, content in sorted(change.values.items()):
            if code not in fields:
                raise FormFieldError(field=code[:40], problem="unknown")
            if content is None:
                stated.pop(code, None)
            else:
                stated[code] = Statement(checked(fields[code], content), change.by, change.operator, now)
        known = Held(_given(held), {(line.code, each.source): each.reason for line in held for each in line.missing})
        lines = compose(tuple(fields.values()), known, stated, now)
        told = {"type": _CHANGED, "changed": sorted(change.values), "by": change.by}
        return self._write(db, caller, case, before, lines, change.operator, told)

    def get(self, db: Connection, caller: Caller, case_no: str) -> Form:
        """The newest version of the form of a case of the caller's organisation, open or closed.

        Raises:
            UnknownCaseError, UnknownFormError: there is none.
        """
        self._cases.get(db, caller, case_no)
        held = run(db, rows.newest(case_no))
        if held is None:
            raise UnknownFormError
        return self._form(held, self._opener.lines(held))

    # Parts

    def _locked(self, db: Connection, caller: Caller, case_no: str) -> Case:
        """The open case, locked, so that two versions of its form come one after the other."""
        case = run(db, store.case_of(case_no, caller.party_id, lock=True))
        if case is None:
            raise UnknownCaseError
        if case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        return case

    def _statements(self, before: FormRow | None) -> dict[str, Statement]:
        """What somebody stated so far, each with the entry of the form it came with."""
        if before is None:
            return {}
        return {
            line.code: replace(line.statement, entry_id=line.statement.entry_id or before.entry_id)
            for line in self._opener.lines(before)
            if line.statement is not None
        }

    def _write(
        self,
        db: Connection,
        caller: Caller,
        case: Case,
        before: FormRow | None,
        lines: Sequence[FormLine],
        operator: str,
        told: Mapping[str, Any],
    ) -> Form:
        now, version = self._desk.clock.now(), 1 if before is None else before.version + 1
        document = self._opener.document(lines)
        form = Form(case.case_no, case.item_code, version, now, operator, "", case.item_version, tuple(lines))
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case.case_no,
            "item": case.item_code,
            "version": version,
            # The case number keeps equal forms of two cases apart.
            "form": digest_of(case.case_no.encode() + b"\0" + canonical(document)),
            "sources": [
                {"field": line.code, "from": origin.source, "entry": origin.entry_id}
                for line in lines
                for origin in line.origins
            ],
            "conflicts": [line.code for line in lines if line.state == "conflict"],
            "stated": [line.code for line in lines if line.statement is not None],
            "holder": self._desk.holders.pairwise(case.applicant_holder_id, caller.party_id),
        }
        fact = {"type": told["type"], "time": rfc3339(now)}
        more = {name: value for name, value in told.items() if name != "type"}
        entry = self._desk.evidence.append(db, Record(fact, parties | more)).entry_id
        row = {
            "case": case.case_no,
            "version": version,
            "party": caller.party_id,
            "holder": case.applicant_holder_id,
            "item": case.item_code,
            "operator": operator,
            "body": self._opener.shut(document, case.case_no, version),
            "fields": len(lines),
            "prefilled": form.prefilled,
            "at": now,
            "entry": entry,
        }
        rows.insert(db, row)
        return replace(form, entry_id=entry)

    @staticmethod
    def _form(held: FormRow, lines: tuple[FormLine, ...]) -> Form:
        kept = (held.case_no, held.item_code, held.version, held.saved_at, held.operator, held.entry_id)
        return Form(*kept, held.item_version, lines)


def _given(lines: Sequence[FormLine]) -> dict[tuple[str, str], tuple[Candidate, ...]]:
    """Candidates by field and source, without what is computed anew."""
    given: dict[tuple[str, str], tuple[Candidate, ...]] = {}
    for line in lines:
        for each in line.candidates:
            if each.origin.source != COMPUTED:
                place = (line.code, each.origin.source)
                given[place] = (*given.get(place, ()), replace(each, outdated=False))
    return given
