"""What rules are judged on: form, checklist, review and sources of one case, as they are in the unit that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.steps import run as glance
from materials import checkrows
from materials.automatic.rules import Facts, FieldFact, LineFact
from materials.forms.errors import UnknownFormError
from materials.forms.model import STATEMENTS, FieldState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from ledger.clock import Clock
    from materials.automatic.rules import Rule
    from materials.automatic.runrows import Run
    from materials.checklist.service import Checklist, Checklists
    from materials.forms.model import FormLine
    from materials.forms.service import Forms
    from materials.review.service import Reviews

_CHECKS: Final = 200


class FactFinder:
    """Gathers what rules read.

    Args:
        forms, checklists, reviews: what is known of a case.
        clock: tells the time.
    """

    def __init__(self, forms: Forms, checklists: Checklists, reviews: Reviews, clock: Clock) -> None:
        self._forms = forms
        self._checklists = checklists
        self._reviews = reviews
        self._clock = clock

    def of_case(
        self, db: Connection, caller: Caller, held: Run, rules: Sequence[Rule], confirmed: Mapping[str, bool]
    ) -> Facts:
        """Everything the rules read of an open case; a review is made only where a rule reads it.

        Raises:
            UnknownCaseError, CaseClosedError, PresenceRequiredError: the case ended meanwhile.
        """
        kinds = {rule.test["kind"] for rule in rules}
        failed: tuple[str, ...] | None = None
        unclear: tuple[str, ...] = ()
        if "review" in kinds:
            review = self._reviews.run(db, caller, held.case_no, held.operator)
            failed = tuple(each.code for each in review.failed)
            unclear = tuple(each.code for each in review.unclear)
        lines: list[LineFact] = []
        if "supplied" in kinds:
            lines = required(glance(db, self._checklists.get(caller, held.case_no, held.operator)))
        try:
            form = self._forms.get(db, caller, held.case_no).lines
        except UnknownFormError:
            form = ()
        fields = {line.code: _fact(line) for line in form}
        return Facts(fields, lines, failed, unclear, confirmed, self._checks(db, held))

    def _checks(self, db: Connection, held: Run) -> dict[str, str]:
        """What sources said about the applicant, the newest answer of each question; one too old says nothing."""
        now = self._clock.now()
        said: dict[str, str] = {}
        for each in checkrows.of_case(db, held.case_no, _CHECKS):
            if each.holder_id != held.holder_id or each.question in said:
                continue
            lasts = each.state == "answered" and each.valid_until is not None and now < each.valid_until
            said[each.question] = each.result or "unknown" if lasts else "failed"
        return said


def required(shown: Checklist) -> list[LineFact]:
    """The required lines of a checklist."""
    return [
        LineFact(line.key, line.state.value, line.offer.route.value if line.offer else None)
        for line in shown.lines
        if line.demand.need == "required"
    ]


def _fact(line: FormLine) -> FieldFact:
    """A field: what was only stated, now or before, counts for no source."""
    if line.state is FieldState.conflict:
        return FieldFact(None, sourced=False)
    chosen = line.chosen
    sourced = line.statement is None and chosen is not None and chosen.origin.kind not in STATEMENTS
    return FieldFact(line.content, sourced, chosen.origin.entry_id if chosen and sourced else None)
