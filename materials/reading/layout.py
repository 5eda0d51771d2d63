"""Rows and running text out of lines with places. Pure.

A *row* is what stands side by side; its *pieces* are separated by gaps wider than a letter. The *flow* is a page's
letters in the order they are read, without any space or line end, each knowing the line it came from: so that a pattern
finds an address that was broken over two lines, and its box is still known.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Final

from materials.reading.model import SCALE, Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from materials.reading.model import Line, PageText

_SAME_ROW: Final = 0.55
"""Share of a line's height by which the middles of one row may differ."""
_JOINED: Final = 0.45
"""Gap in heights below which two lines of a row are one piece of text."""
_TRADITIONAL: Final = str.maketrans(
    "電發車產動號證業營執權應關團體類標準書執機構會員區樓場廠屬種項單價稅額買賣銷貨購備註開辦無線領導衛環檢驗對質說",
    "电发车产动号证业营执权应关团体类标准书执机构会员区楼场厂属种项单价税额买卖销货购备注开办无线领导卫环检验对质说",
)
"""Signs that a reader of simplified print mistakes for their older forms."""
_STOP: Final = re.compile(r"(?<=[\u3400-\u9fff)”])\.(?![0-9A-Za-z])")
"""A full point behind a Chinese sign is the end of a sentence."""
_FOLDED: Final = str.maketrans("：，；（）￥〔〕—", ":,;()¥()一")


def plain(text: str) -> str:
    """Text as rules compare it: one width, no space; a dash that stands for a stroke is the character 一."""
    folded = "".join(unicodedata.normalize("NFKC", text.translate(_FOLDED)).split())
    return _STOP.sub("。", folded.translate(_TRADITIONAL))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a letter came from: its line, its place in it, and how many letters that has."""

    line: Line
    place: int
    count: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Text without a gap in it.

    Attributes:
        text: in its plain form.
        flat: where it stands, the page straight.
        spots: for each letter where it came from.
    """

    text: str
    flat: Box
    spots: tuple[Spot, ...]

    def part(self, start: int, end: int | None = None) -> Piece:
        """Some of its letters; the place is taken in proportion."""
        stop = len(self.text) if end is None else end
        wide = (self.flat.x1 - self.flat.x0) / max(1, len(self.text))
        flat = Box(round(self.flat.x0 + start * wide), self.flat.y0, round(self.flat.x0 + stop * wide), self.flat.y1)
        return Piece(self.text[start:stop], flat, self.spots[start:stop])


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces side by side, from left to right."""

    pieces: tuple[Piece, ...]
    flat: Box


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as rows and as running text."""

    number: int
    rows: tuple[Row, ...]
    flow: Piece
    shape: int

    def across(self, distance: float) -> float:
        """A distance across in the measure of heights."""
        return distance * self.shape / SCALE


def sheet(page: PageText) -> Sheet:
    """Put a page's lines in order."""
    rows = [_row(lines, page.shape) for lines in _grouped(page.lines)]
    pieces = [piece for row in rows for piece in row.pieces]
    text = "".join(piece.text for piece in pieces)
    spots = tuple(spot for piece in pieces for spot in piece.spots)
    return Sheet(page.number, tuple(rows), Piece(text, Box(0, 0, SCALE, SCALE), spots), page.shape)


def _grouped(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines whose middles are at one height."""
    groups: list[list[Line]] = []
    for line in sorted((each for each in lines if each.text.strip()), key=lambda each: each.flat.middle):
        near = groups[-1] if groups else None
        if near is not None:
            middle = sum(each.flat.middle for each in near) / len(near)
            tall = min(line.flat.height, max(each.flat.height for each in near))
            if abs(line.flat.middle - middle) <= tall * _SAME_ROW:
                near.append(line)
                continue
        groups.append([line])
    return groups


def _row(lines: Sequence[Line], shape: int) -> Row:
    pieces: list[Piece] = []
    for line in sorted(lines, key=lambda each: each.flat.x0):
        text = plain(line.text)
        if not text:
            continue
        fresh = Piece(text, line.flat, tuple(Spot(line, place, len(text)) for place in range(len(text))))
        last = pieces[-1] if pieces else None
        if last is not None:
            gap = (line.flat.x0 - last.flat.x1) * shape / SCALE
            if gap < _JOINED * min(line.flat.height, last.flat.height):
                pieces[-1] = Piece(last.text + text, last.flat.around(line.flat), last.spots + fresh.spots)
                continue
        pieces.append(fresh)
    return Row(tuple(pieces), reduce(Box.around, (line.flat for line in lines)))


def place(spots: Sequence[Spot]) -> tuple[Box, int]:
    """Where letters stand on the page as it is, and how sure they are at worst, percent."""
    lines: dict[Line, list[Spot]] = {}
    for spot in spots:
        lines.setdefault(spot.line, []).append(spot)
    return reduce(Box.around, (_part(*held) for held in lines.items())), min(line.score for line in lines)


def _part(line: Line, spots: Sequence[Spot]) -> Box:
    """Some letters of a line that lies level, in proportion; the whole line where it lies on its side."""
    box, wide = line.box, line.box.x1 - line.box.x0
    if wide < box.height:
        return box
    first, last, count = spots[0].place, spots[-1].place + 1, spots[0].count
    return Box(round(box.x0 + wide * first / count), box.y0, round(box.x0 + wide * last / count), box.y1)
