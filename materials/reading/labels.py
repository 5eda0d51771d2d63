"""Values that stand by a label: behind it, right of it, in the lines below its own column. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from materials.reading import fieldrules
from materials.reading.layout import Piece
from materials.reading.model import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from materials.reading.fieldrules import FieldRule
    from materials.reading.layout import Row, Sheet

_WIDE: Final = 2.2
"""A gap of so many heights ends a value."""
_COLUMN: Final = 1.4
"""Lines of one column begin within so many heights of each other."""
_NEXT: Final = 2.1
"""The next line of a value is at most so many heights below."""
_BESIDE: Final = 1.5
"""Lines of a cell are at most so many heights above and below the label in its middle."""
_BETWEEN: Final = re.compile(r"[:.\-_;,]*")


@dataclass(frozen=True, slots=True)
class Found:
    """Letters that may hold a value.

    Attributes:
        exact: the label was read letter by letter.
    """

    piece: Piece
    exact: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    """A label in a row: which, and the letters of the row that it fills."""

    label: str
    start: int
    end: int
    exact: bool


def labelled(rule: FieldRule, known: Sequence[FieldRule], sheet: Sheet) -> Iterator[Found]:
    """Letters by each place where a label of the rule stands; likelier labels first."""
    wanted = (*rule.labels, *rule.side_labels)
    every = tuple({label for each in known for label in (*each.labels, *each.side_labels)})
    marks = [_marks(row, every) for row in sheet.rows]
    for label in wanted:
        for index, row in enumerate(sheet.rows):
            for mark in marks[index]:
                if mark.label == label and _is_on_side(row, mark, rule):
                    found = _value(rule, sheet, marks, index, mark)
                    if found is not None:
                        yield Found(found, mark.exact)


def _is_on_side(row: Row, mark: _Mark, rule: FieldRule) -> bool:
    if rule.side is None or (mark.label in rule.labels and rule.kind != "uscc"):
        return True
    piece, at = _letter(row, mark.start)
    x = piece.part(at, at + 1).flat.x0
    return (x < SCALE / 2) == (rule.side == "left")


# Finding labels


@lru_cache(64)
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some labels, the longest first; in a long one a letter may be wrong."""
    exact = [re.escape(label) for label in labels]
    loose = [
        re.escape(label[:place]) + "." + re.escape(label[place + 1 :])
        for label in labels
        if len(label) >= 4
        for place in range(len(label))
    ]
    return re.compile("|".join(sorted({*exact, *loose}, key=lambda each: (-len(each), "." in each))))


def _marks(row: Row, every: tuple[str, ...]) -> tuple[_Mark, ...]:
    """The labels in a row: each begins a piece, follows a sign, or follows a value in the same piece."""
    text = "".join(piece.text for piece in row.pieces)
    starts = _starts(row)
    labels = (*every, *fieldrules.rules().stops)
    marks: list[_Mark] = []
    for found in _pattern(labels).finditer(text):
        begin = max(start for start in starts if start <= found.start())
        follows = any(mark.start >= begin for mark in marks)
        before = text[found.start() - 1] if found.start() else ":"
        alone = len(found[0]) > 1 or (found.start() in starts and found.end() in {*starts, len(text)})
        if alone and (found.start() in starts or follows or not _is_letter(before)):
            marks.append(_Mark(_meant(found[0], labels), found.start(), found.end(), found[0] in labels))
    return tuple(marks)


def _meant(text: str, labels: Sequence[str]) -> str:
    """The label that a text with at most one wrong letter stands for."""
    if text in labels:
        return text
    same = [each for each in labels if len(each) == len(text)]
    return next((each for each in same if sum(a != b for a, b in zip(each, text, strict=True)) <= 1), text)


def _is_letter(sign: str) -> bool:
    return sign.isalnum()


def _starts(row: Row) -> list[int]:
    starts, offset = [], 0
    for piece in row.pieces:
        starts.append(offset)
        offset += len(piece.text)
    return starts


def _letter(row: Row, offset: int) -> tuple[Piece, int]:
    """The piece that a letter of the row is in, and its place there."""
    for piece in row.pieces:
        if offset < len(piece.text):
            return piece, offset
        offset -= len(piece.text)
    return row.pieces[-1], len(row.pieces[-1].text)


# Finding values


def _value(rule: FieldRule, sheet: Sheet, marks: Sequence[tuple[_Mark, ...]], index: int, mark: _Mark) -> Piece | None:
    row = sheet.rows[index]
    end = min((each.start for each in marks[index] if each.start >= mark.end), default=None)
    first = _behind(sheet, row, mark.end, end)
    if first is None:
        return _beside(sheet, marks, index, mark) or None
    return _with_next(rule, sheet, marks, index, first)


def _behind(sheet: Sheet, row: Row, start: int, end: int | None) -> Piece | None:
    """What stands in the row behind a label, up to the next label or a wide gap."""
    parts: list[Piece] = []
    offset = 0
    for piece in row.pieces:
        low, high = max(0, start - offset), min(len(piece.text), (end if end is not None else 1 << 30) - offset)
        offset += len(piece.text)
        if low >= high:
            continue
        part = piece.part(low, high)
        skipped = len(_BETWEEN.match(part.text)[0])  # type: ignore[index]  # it matches nothing at least
        part = part.part(skipped)
        if not part.text:
            continue
        if parts and sheet.across(part.flat.x0 - parts[-1].flat.x1) > _WIDE * part.flat.height:
            break
        parts.append(part)
    return _joined(parts)


def _joined(parts: Sequence[Piece]) -> Piece | None:
    if not parts:
        return None
    flat = parts[0].flat
    for part in parts[1:]:
        flat = flat.around(part.flat)
    return Piece("".join(part.text for part in parts), flat, tuple(spot for part in parts for spot in part.spots))


def _with_next(rule: FieldRule, sheet: Sheet, marks: Sequence[tuple[_Mark, ...]], index: int, first: Piece) -> Piece:
    """The value with the lines below that go on in its column."""
    parts, last = [first], first.flat
    tall = first.flat.height
    for below in range(index + 1, len(sheet.rows)):
        if len(parts) >= rule.lines:
            break
        row = sheet.rows[below]
        if row.flat.middle - last.middle > _NEXT * tall + (row.flat.height - tall) / 2:
            break
        found = _in_column(sheet, row, marks[below], first)
        if found is None:
            continue
        parts.append(found)
        last = found.flat
    joined = _joined(parts)
    return first if joined is None else joined


def _in_column(sheet: Sheet, row: Row, marks: Sequence[_Mark], first: Piece) -> Piece | None:
    """The piece of a row that begins under a value's beginning and is no label's own."""
    starts = _starts(row)
    for place, piece in enumerate(row.pieces):
        if abs(sheet.across(piece.flat.x0 - first.flat.x0)) > _COLUMN * first.flat.height:
            continue
        at = starts[place]
        if any(at <= mark.start < at + len(piece.text) for mark in marks):
            return None
        if place and any(mark.end >= at - 1 and mark.start < at for mark in marks):
            return None
        end = min((mark.start for mark in marks if mark.start > at), default=None)
        return _behind(sheet, row, at, end)
    return None


def _beside(sheet: Sheet, marks: Sequence[tuple[_Mark, ...]], index: int, mark: _Mark) -> Piece | None:
    """Lines of a cell right of a label that stands at half their height; else the line right below the label."""
    row = sheet.rows[index]
    piece, at = _letter(row, mark.start)
    own = piece.part(at, at + mark.end - mark.start).flat
    tall = own.height
    cells = []
    for other, near in enumerate(sheet.rows):
        if other == index or abs(near.flat.middle - own.middle) > _BESIDE * tall:
            continue
        right = [each for each in near.pieces if each.flat.x0 >= own.x1 - tall]
        if right and not (marks[other] and marks[other][0].start == 0):
            cells.append(right[0])
    if cells:
        return _joined(cells)
    for below in range(index + 1, min(index + 3, len(sheet.rows))):
        for each in sheet.rows[below].pieces:
            under = each.flat.x0 < own.x1 and each.flat.x1 > own.x0
            if under and not marks[below] and each.flat.middle - own.middle < _NEXT * tall:
                return each
    return None
