"""Pages written by hand: lines of text at places."""

from __future__ import annotations

from materials.reading.model import Box, Line, PageText, Source


def line(text: str, x: int, y: int, *, tall: int = 160, score: int = 99, wide: int | None = None) -> Line:
    """A line of text in 16-point letters whose upper left corner is at a place."""
    box = Box(x, y, x + (wide or len(text) * 226), y + tall)
    return Line(text, box, box, score)


def page(*lines: Line, number: int = 1) -> PageText:
    """An upright page."""
    return PageText(number, Source.ocr, lines)
