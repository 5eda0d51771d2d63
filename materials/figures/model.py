"""What is counted, and the shares that are made of it. docs/figures.md defines each; both say the same.

Only counts are kept and added; a share is always made of sums, never of shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from materials.tables.figures import MEASURES, OF_CASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

ASKABLE: Final = frozenset({"licence", "check", "reuse", "generated"})
"""Routes that a department can go by itself, at once: who passes one over and asks the applicant asks too much."""
_SPARED: Final = ("by_licence", "by_check", "by_reuse", "by_assistance", "by_generated")
_LINES: Final = (*_SPARED, "by_commitment", "by_upload")


class By(StrEnum):
    """What figures are told apart by."""

    item = "item"
    org = "org"
    district = "district"
    day = "day"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which figures.

    Attributes:
        first, last: days in China, both within.
        by: what they are told apart by; None for the sum alone.
        party_id: of one organisation only.
    """

    first: date
    last: date
    by: By | None = None
    party_id: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums of what is counted (`materials.tables.figures.MEASURES`) over some days."""

    of: Mapping[str, int]

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts({name: self.of.get(name, 0) + other.of.get(name, 0) for name in MEASURES})

    def __getitem__(self, name: str) -> int:
        """One of them."""
        return self.of.get(name, 0)

    @property
    def materials(self) -> int:
        """Materials that accepted cases stood on, by whichever route, those promised among them."""
        return sum(self[name] for name in _LINES)

    @property
    def reused(self) -> int:
        """Of these, documents that were here already: licences fetched, materials reused."""
        return self["by_licence"] + self["by_reuse"]

    @property
    def spared(self) -> int:
        """Of these, what nobody had to hand in, now or later."""
        return sum(self[name] for name in _SPARED)

    def shares(self) -> dict[str, float | None]:
        """Every share, 0 to 1; None where there is nothing to share."""
        return {
            "reuse_rate": _share(self.reused, self.materials),
            "spared_rate": _share(self.spared, self.materials),
            "prefill_rate": _share(self["prefilled"], self["fields"]),
            "first_pass_rate": _share(self["first_pass"], self["intakes"]),
            "second_back_rate": _share(self["second_back"], self["intakes"]),
            "in_time_rate": _share(self["in_time"], self["decided"]),
            "in_law_rate": _share(self["in_law"], self["decided"]),
            "compliance_rate": _share(self["by_upload"] - self["avoidable"], self["by_upload"]),
        }


NOTHING: Final = Counts({})


@dataclass(frozen=True, slots=True)
class OfCase:
    """What one accepted case counts for.

    Attributes:
        day: of its acceptance, in China.
        counts: by name of `materials.tables.figures.OF_CASE`.
    """

    case_no: str
    day: date
    counts: Mapping[str, int]


def count_case(case_no: str, day: date, kept: Mapping[str, object], form: tuple[int, int] | None) -> OfCase:
    """Count one accepted case.

    Args:
        kept: its checklist as it was kept at acceptance (`materials.checklist.service`).
        form: fields and prefilled fields of the form's version that stood at acceptance; None without a form.
    """
    counts = dict.fromkeys(OF_CASE, 0)
    lines = kept["lines"]
    for line in lines if isinstance(lines, list) else ():
        if line["state"] not in {"supplied", "owed"}:
            continue  # an optional one, which did not come
        counts[f"by_{line['route']}"] += 1
        if line["route"] == "upload" and ASKABLE & set(line.get("passed_over", ())):
            counts["avoidable"] += 1
    counts["fields"], counts["prefilled"] = form or (0, 0)
    return OfCase(case_no, day, counts)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
