"""The pages of an OFD, read off the pages of the PDF: one template sets both, so they cannot say different things.

Typst's pages hold nothing but runs of glyphs and plain paths; their positions, colours and texts become OFD TextObjects
and PathObjects (GB/T 33190-2016, 9.1 and 11). Lengths in OFD are millimetres from the upper left corner.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Final

import pypdfium2.raw as pdfium
import uharfbuzz

from certs.files.errors import NotRenderedError
from certs.files.pdfium import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

MM: Final = 25.4 / 72
_ASCENT: Final = 1.16
"""Of Noto Sans SC, in ems: where a text object's box begins above the baseline."""
_HEIGHT: Final = 1.45
_NAME_SIZE: Final = 128
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs on one baseline: font (index), size and positions in mm."""

    font: int
    size: float
    colour: Colour
    x: tuple[float, ...]
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A path: OFD's abbreviated data, relative to its box (x, y, width, height), mm."""

    box: tuple[float, float, float, float]
    data: str
    line: float | None
    fill: Colour | None
    colour: Colour


@dataclass(frozen=True, slots=True)
class Page:
    """One page: size in mm, what stands on it."""

    width: float
    height: float
    runs: tuple[Run, ...]
    strokes: tuple[Stroke, ...]


@dataclass(slots=True)
class Pages:
    """All pages, and the letters that each font must have."""

    pages: list[Page] = field(default_factory=list)
    letters: dict[int, set[str]] = field(default_factory=dict)


def read(pdf: bytes) -> Pages:
    """Read the pages of an unsealed face.

    Args:
        pdf: from `Renderer.face`.

    Raises:
        NotRenderedError: something on a page is neither text nor path.
    """
    found = Pages()
    with opened(pdf) as document:
        for page in document:
            width, height = page.get_size()
            runs = tuple(_runs(page, height))
            for run in runs:
                found.letters.setdefault(run.font, set()).update(run.text)
            found.pages.append(Page(width * MM, height * MM, runs, tuple(_strokes(page, height))))
    return found


def subset(font: uharfbuzz.Face, letters: set[str]) -> bytes:
    """A font file with only these letters."""
    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.update(map(ord, letters))
    wanted.layout_feature_tag_set.clear()
    wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    return bytes(uharfbuzz.subset(font, wanted).blob.data)


_Style = tuple[int, float, Colour]
"""Font (index), size in mm, colour."""


def _runs(page: Any, height: float) -> Iterator[Run]:
    for ((font, size, colour), y), group in groupby(_glyphs(page, height), key=lambda glyph: glyph[:2]):
        glyphs = list(group)
        letters = "".join(letter for *_, letter in glyphs)
        yield Run(font, size, colour, tuple(x for _, _, x, _ in glyphs), y, letters)


def _glyphs(page: Any, height: float) -> Iterator[tuple[_Style, float, float, str]]:
    """Style, baseline and x (mm) and letter of every glyph that is drawn, in the order of the page."""
    text = page.get_textpage()
    raw, x, y = text.raw, ctypes.c_double(), ctypes.c_double()
    styles: dict[int, _Style] = {}  # by text object: asking for each glyph would cost half of the reading
    for index in range(pdfium.FPDFText_CountChars(raw)):
        if pdfium.FPDFText_IsGenerated(raw, index):
            continue
        pdfium.FPDFText_GetCharOrigin(raw, index, x, y)
        held = ctypes.addressof(pdfium.FPDFText_GetTextObject(raw, index).contents)
        style = styles.get(held)
        if style is None:
            style = styles[held] = _style(raw, index)
        letter = chr(pdfium.FPDFText_GetUnicode(raw, index))
        yield style, round((height - y.value) * MM, 3), round(x.value * MM, 3), letter


def _style(raw: Any, index: int) -> _Style:
    name, flags = ctypes.create_string_buffer(_NAME_SIZE), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, index, name, _NAME_SIZE, flags)
    parts = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFText_GetFillColor(raw, index, *parts)
    red, green, blue, _ = (part.value for part in parts)
    size = pdfium.FPDFText_GetFontSize(raw, index)
    return int(name.value.endswith(b"Bold")), round(size * MM, 3), (red, green, blue)


def _strokes(page: Any, height: float) -> Iterator[Stroke]:
    for index in range(pdfium.FPDFPage_CountObjects(page.raw)):
        held = pdfium.FPDFPage_GetObject(page.raw, index)
        kind = pdfium.FPDFPageObj_GetType(held)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield _stroke(held, height)
        elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
            raise NotRenderedError(problem="a template draws what OFD pages do not carry")


def _stroke(held: Any, height: float) -> Stroke:
    matrix, filling, stroked, line = pdfium.FS_MATRIX(), ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
    pdfium.FPDFPageObj_GetMatrix(held, matrix)
    pdfium.FPDFPath_GetDrawMode(held, filling, stroked)
    pdfium.FPDFPageObj_GetStrokeWidth(held, line)
    steps = []
    for place in range(pdfium.FPDFPath_CountSegments(held)):
        segment, x, y = pdfium.FPDFPath_GetPathSegment(held, place), ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        across = matrix.a * x.value + matrix.c * y.value + matrix.e
        down = height - (matrix.b * x.value + matrix.d * y.value + matrix.f)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        steps.append((kind, across * MM, down * MM, bool(pdfium.FPDFPathSegment_GetClose(segment))))
    width = line.value * MM if stroked.value else None
    pad = width or 0.0
    left, top = min(step[1] for step in steps) - pad, min(step[2] for step in steps) - pad
    right, bottom = max(step[1] for step in steps) + pad, max(step[2] for step in steps) + pad
    box = (round(left, 3), round(top, 3), round(right - left, 3), round(bottom - top, 3))
    data = _abbreviated([(kind, x - left, y - top, closed) for kind, x, y, closed in steps])
    colour = _colour(held, pdfium.FPDFPageObj_GetStrokeColor)
    return Stroke(box, data, width, _colour(held, pdfium.FPDFPageObj_GetFillColor) if filling.value else None, colour)


def _abbreviated(steps: list[tuple[int, float, float, bool]]) -> str:
    """Path data of GB/T 33190-2016, table 36: M, L, B (cubic) and C (close)."""
    words: list[str] = []
    curve: list[str] = []
    for kind, x, y, closed in steps:
        point = f"{x:.3f} {y:.3f}"
        if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            curve.append(point)
            if len(curve) == 3:
                words.append("B " + " ".join(curve))
                curve.clear()
        else:
            words.append(("M " if kind == pdfium.FPDF_SEGMENT_MOVETO else "L ") + point)
        if closed:
            words.append("C")
    return " ".join(words)


def _colour(held: Any, get: Any) -> Colour:
    parts = [ctypes.c_uint() for _ in range(4)]
    get(held, *parts)
    red, green, blue, _ = (part.value for part in parts)
    return red, green, blue


def steps_between(xs: tuple[float, ...]) -> str:
    """The distances from each glyph to the next, as DeltaX wants them."""
    return " ".join(f"{right - left:.3f}" for left, right in pairwise(xs))


def box_of(run: Run) -> tuple[float, float, float, float]:
    """The box of a run of glyphs: x, y, width, height, mm."""
    width = run.x[-1] - run.x[0] + run.size * 1.1
    return round(run.x[0], 3), round(run.y - run.size * _ASCENT, 3), round(width, 3), round(run.size * _HEIGHT, 3)
