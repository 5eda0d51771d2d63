"""From pages to findings: type and fields of a whole document. Pure."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from materials.reading.classify import classify
from materials.reading.extract import extract
from materials.reading.layout import sheet
from materials.reading.model import Findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from materials.reading.model import PageText


def find(pages: Sequence[PageText], type_code: str | None = None) -> Findings:
    """What a document says.

    Args:
        pages: its pages in order; those that could not be read have no lines.
        type_code: reads the fields of this type, whatever the document looks like.
    """
    sheets = [sheet(page) for page in pages]
    guess = classify(sheets)
    return Findings(guess, extract(type_code or guess.type_code, sheets), tuple(_clear(page) for page in pages))


def _clear(page: PageText) -> int:
    """How sure a page's letters are, percent: the middle one of them all."""
    return round(statistics.median_low([each.score for each in page.lines for _ in each.text])) if page.lines else 0
