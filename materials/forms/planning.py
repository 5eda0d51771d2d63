"""Looking for what can fill a form: what was read before, what may be read now, and what would need consent first.

Nothing is spent or recorded here, and nothing of a licence or of somebody else's material is opened that was not read
by a use in this case before. What a use would be answered is asked of the use's own decision (`Uses.foresee`), so that
a form says no more than a checklist: before the holder has consented, a thing of level 3 or 4 needs consent whether or
not there is one (DESIGN 7).

What the caller's own organisation took in within this very case is read without a use, once staff have vouched for it:
they have the document before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.model import Presence
from ledger.steps import run
from materials.checklist import rows as glances
from materials.errors import CaseClosedError, CaseNotSubmittedError, PresenceRequiredError, UnknownCaseError
from materials.forms import rows
from materials.forms.composing import Held
from materials.forms.errors import NoFormError
from materials.forms.model import STATEMENTS, Origin, SourceKind
from materials.forms.opening import Opener
from materials.forms.plans import Found, Look, Plan
from materials.forms.questions import Questions
from materials.forms.sources import wants
from materials.forms.things import Things
from materials.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.grants import Grants
    from authz.model import Caller
    from authz.uses import Uses
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.items import FormField
    from materials.checks import Checks
    from materials.desk import Desk
    from materials.licence_uses import LicenceUses


class Planner:
    """Looks for what can fill a form.

    Args:
        catalogue: types and items.
        cases: opens answers, knows what a decision must know of a case.
        licence_uses: the library.
        uses: looks ahead.
        grants: what holders gave.
        checks: questions and their answers.
        desk: holders, vault, time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cases: Cases,
        licence_uses: LicenceUses,
        uses: Uses,
        grants: Grants,
        checks: Checks,
        desk: Desk,
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._licence_uses = licence_uses
        self._things = Things(catalogue, cases, licence_uses, uses, grants, desk)
        self._questions = Questions(catalogue, cases, checks, uses)
        self._desk = desk
        self._opener = Opener(desk.vault)

    def plan(self, db: Connection, caller: Caller, case_no: str, operator: str) -> Plan:
        """What is known for the form of an open case of the caller's, and what could be asked.

        Args:
            db: a glance, not a unit: decisions lock what they read, and several in one unit could wait in a circle.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError: no such open case.
            PresenceRequiredError: the applicant is not there.
            NoFormError: the item has no form.
            UnknownOperatorError: the caller's organisation has no such operator.
        """
        row = run(db, glances.case_row(case_no, caller.party_id))
        if row is None:
            raise UnknownCaseError
        case = row.case
        if case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        if case.presence == Presence.none:
            raise PresenceRequiredError
        item = self._catalogue.of(case)
        answers = self._cases.read_answers(case, row.answers)
        fields = item.form(answers)
        if not fields:
            raise NoFormError
        wanted = wants(item, fields, answers, row, self._licence_uses.types)
        found, look = Found(), Look(caller, row, item, operator, self._desk.clock.now())
        self._of_case(db, fields, answers, look, found)
        self._statements(db, fields, look, found)
        self._things.look(db, wanted.groups, look, found)
        questions = self._questions.look(db, wanted.questions, fields, look, found)
        held = Held(found.given, found.missing)
        before = run(db, rows.newest(case_no))
        return Plan(row, item, fields, held, tuple(found.things), questions, tuple(found.asks), before)

    # What the case itself says

    def _of_case(
        self, db: Connection, fields: Sequence[FormField], answers: Mapping[str, str], look: Look, found: Found
    ) -> None:
        case = look.row.case
        holder = self._desk.holders.get(db, case.applicant_holder_id)
        codes = {each.type: each.code for each in self._desk.holders.identifiers(db, holder.id)}
        said: dict[str, str | None] = {
            "applicant.name": holder.name,
            "applicant.code": codes.get("001") or codes.get("111"),
        }
        for question in look.item.questions:
            chosen = answers.get(question.code)
            said[f"answer.{question.code}"] = next((one.zh for one in question.choices if one.code == chosen), None)
        for each in fields:
            for source in each.sources:
                if (content := said.get(source)) is not None:
                    origin = Origin(SourceKind.case, source, case.case_no, case.entry_id, case.opened_at)
                    found.give((each.code, source), content, origin)

    def _statements(self, db: Connection, fields: Sequence[FormField], look: Look, found: Found) -> None:
        """What the applicant stated before: in the last case of the same item, and in this application.

        Only that: what a licence or a register said then is asked of it again, as it is now and as is permitted now.
        """
        case = look.row.case
        siblings = [each.case_no for each in look.row.siblings.values()]
        earlier = run(db, rows.earlier(case.case_no, case.applicant_holder_id, case.item_code, case.party_id, siblings))
        for kind, row in earlier:
            stated = {line.code: line for line in self._opener.lines(row)}
            for each in fields:
                line = stated.get(each.code)
                source = "last_case" if "last_case" in each.sources else "applicant"
                if line is None or line.kind != each.kind or source not in each.sources:
                    continue
                if kind == SourceKind.last_case.value and source != "last_case":
                    continue
                statement, before = line.statement, line.chosen
                if statement is not None:
                    origin = Origin(
                        SourceKind(kind), source, row.case_no, statement.entry_id or row.entry_id, statement.at
                    )
                    found.give((each.code, source), statement.content, origin)
                elif before is not None and before.origin.kind in STATEMENTS:
                    told = before.origin
                    origin = Origin(SourceKind(kind), source, row.case_no, told.entry_id, told.as_of)
                    found.give((each.code, source), before.content, origin)
