"""What may be promised in a case: whether its item takes a commitment, and what may be owed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from materials import commitmentrows as rows
from materials.catalogue.items import APPLICANT
from materials.checklist.deciding import takes_commitment
from materials.errors import CommitmentBarredError, CommitmentNotOfferedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.catalogue.items import CommitmentRule, Demand
    from materials.model import Case

LETTER: Final = "CL020"


class Promising:
    """Knows what may be promised.

    Args:
        catalogue, cases: what is demanded where.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases) -> None:
        self._catalogue = catalogue
        self._cases = cases

    def check(
        self, db: Connection, case: Case, types: Collection[str], promised: Collection[str], now: datetime
    ) -> tuple[dict[str, int], CommitmentRule]:
        """Check that a case takes a commitment now; the working days of each type it may owe, and the item's rule.

        Args:
            types: what would be owed; none only where the letter itself is demanded.
            promised: what is owed or was, by signed commitments of the case.

        Raises:
            CommitmentNotOfferedError: the item, the scenario, the number or a type does not allow it.
            CommitmentBarredError: the applicant broke one, or owes something overdue.
        """
        rule = self._catalogue.of(case).commitment
        if rule is None:
            raise CommitmentNotOfferedError(problem="item")
        if not takes_commitment(rule, case.scenario):
            raise CommitmentNotOfferedError(problem="scenario")
        demands = self._demands(db, case)
        least = 0 if any(each.type_code == LETTER for each in demands) else 1
        if not least <= len(types) <= rule.most_owed - len(promised):
            raise CommitmentNotOfferedError(problem="number", most=rule.most_owed)
        if rows.is_barred(db, case.applicant_holder_id, now):
            raise CommitmentBarredError
        days = {each.type_code: each.owed_days for each in demands if each.owed_days and each.type_code not in promised}
        if strange := sorted(set(types) - days.keys()):
            raise CommitmentNotOfferedError(problem="type", type=strange[0][:16])
        return days, rule

    def min_level(self, db: Connection, case: Case, type_code: str) -> int:
        """How closely a material must have been looked at that keeps a promise: 1 to 4."""
        demands = self._demands(db, case)
        return max((each.min_level for each in demands if each.type_code == type_code and each.owed_days), default=1)

    def _demands(self, db: Connection, case: Case) -> list[Demand]:
        """What the case demands of the applicant's own, after its answers."""
        answers, _ = self._cases.answers(db, case)
        return [each for each in self._catalogue.of(case).demanded(answers) if each.whose == APPLICANT]
