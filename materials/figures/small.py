"""Groups too small to be told of in public. Pure.

Who reads "item X in March: one case, sent back twice" and knows one applicant knows too much. A group is told where
everything in it stands for at least `LEAST` cases or deposits, or for none. What is left out must not be had by
subtraction either: the groups that are left out together are at least two and at least `LEAST`, and where they are not,
the smallest of the others joins them; where none is left, nothing is told but that.

Public figures are of whole months and by one division of the whole only (items), so that no two tables can be
subtracted from each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from materials.figures.model import NOTHING, Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST: Final = 10
"""Cases or deposits; the threshold that statistical offices commonly use is 3 to 10 (Eurostat, SDC handbook 3.2)."""
_PEOPLE: Final = ("deposits", "archived", "cases", "intakes", "decided")
"""Counts of which every one stands for somebody."""


def suppressed(rows: Sequence[tuple[str, Counts]]) -> tuple[list[tuple[str, Counts | None]], Counts | None]:
    """Rows and total as everybody may read them.

    Args:
        rows: by key.

    Returns:
        rows in their order, None where one is left out; and the total, None where it is too small.
    """
    total = sum((counts for _, counts in rows), NOTHING)
    if _is_small(total):
        return [(key, None) for key, _ in rows], None
    hidden = {key for key, counts in rows if _is_small(counts)}
    left = sorted((_size(counts), key) for key, counts in rows if key not in hidden and _size(counts))
    while hidden and left and not _is_hidden_well([counts for key, counts in rows if key in hidden]):
        hidden.add(left.pop(0)[1])
    return [(key, None if key in hidden else counts) for key, counts in rows], total


def _is_hidden_well(hidden: Sequence[Counts]) -> bool:
    return len(hidden) > 1 and not _is_small(sum(hidden, NOTHING))


def _is_small(counts: Counts) -> bool:
    return any(0 < counts[name] < LEAST for name in _PEOPLE)


def _size(counts: Counts) -> int:
    return max(counts[name] for name in _PEOPLE)
