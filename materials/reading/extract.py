"""The values of a document's fields, each with its place and how sure it is. Pure.

A value is looked for in three ways, in this order: by a pattern of running text, behind (or right of, or below) its
label, and, where a check digit vouches for it, anywhere. How sure it is begins with how sure its letters are; whatever
speaks against it (a check digit, an impossible date, another field) brings it down to at most `DOUBTED`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Final

from materials.reading import fieldrules, values
from materials.reading.labels import Found, labelled
from materials.reading.layout import place
from materials.reading.model import SCALE, Box, FieldRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from materials.reading.fieldrules import FieldRule
    from materials.reading.layout import Piece, Sheet

DOUBTED: Final = 30
"""Percent: the most a value may have that something speaks against; no one may take it unseen."""
VOUCHED: Final = 97
"""Percent: the least of a value whose check digits hold."""
_LOOSE: Final = 0.9
"""What a value counts whose label has a wrong letter."""
_UNUSUAL: Final = frozenset({"unusual-name", "unlikely-address"})
_UNUSUAL_PERCENT: Final = 60


def extract(type_code: str | None, sheets: Sequence[Sheet]) -> tuple[FieldRead, ...]:
    """The fields of a document of a type, in the order of the rules; what is not there is left out."""
    known = fieldrules.rules().of(type_code)
    found = [(rule, _best(rule, known, sheets)) for rule in known]
    return _crossed({rule.code: held for rule, held in found if held is not None})


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value with the letters it stands in, and how far the label was read rightly."""

    parsed: values.Parsed
    piece: Piece
    page: int
    factor: float


def _best(rule: FieldRule, known: Sequence[FieldRule], sheets: Sequence[Sheet]) -> FieldRead | None:
    """The first candidate that nothing speaks against, else the first; all of them where a value has many places."""
    first: FieldRead | None = None
    if rule.many:
        return _joined([_read(rule, candidate) for candidate in _candidates(rule, known, sheets)])
    for candidate in _candidates(rule, known, sheets):
        held = _read(rule, candidate)
        if not held.problems:
            return held
        first = first or held
    return first


def _joined(found: Sequence[FieldRead]) -> FieldRead | None:
    """One value of many places: as sure as the least sure, on the page of the first."""
    if not found:
        return None
    first = found[0]
    box = reduce(Box.around, (each.box for each in found if each.page == first.page))
    text = "、".join(dict.fromkeys(each.value for each in found))
    return replace(first, value=text, box=box, confidence=min(each.confidence for each in found))


def _candidates(rule: FieldRule, known: Sequence[FieldRule], sheets: Sequence[Sheet]) -> Iterator[_Candidate]:
    for pattern in rule.flow:
        for sheet in sheets:
            for found in pattern.finditer(sheet.flow.text):
                piece = sheet.flow.part(found.start(1), found.end(1))
                yield from _parsed(rule, Found(piece, exact=True), sheet.number)
    for sheet in sheets:
        for held in labelled(rule, known, sheet):
            yield from _parsed(rule, held, sheet.number)
    if rule.anywhere:
        for sheet in sheets:
            for piece in (each for row in sheet.rows for each in row.pieces if _on_side(each, rule.side)):
                yield from _vouched(rule, piece, sheet.number)


def _vouched(rule: FieldRule, piece: Piece, page: int) -> Iterator[_Candidate]:
    for candidate in _parsed(rule, Found(piece, exact=True), page):
        if candidate.parsed.certain:
            yield candidate


def _parsed(rule: FieldRule, found: Found, page: int) -> Iterator[_Candidate]:
    parsed = values.parse(rule.kind, found.piece.text)
    if parsed is not None:
        piece = found.piece.part(parsed.start, parsed.end)
        yield _Candidate(parsed, piece, page, 1.0 if found.exact else _LOOSE)


def _on_side(piece: Piece, side: str | None) -> bool:
    """Whether a piece begins in a half of the page."""
    return side is None or (piece.flat.x0 + piece.flat.x1 < SCALE) == (side == "left")


def _read(rule: FieldRule, candidate: _Candidate) -> FieldRead:
    box, score = place(candidate.piece.spots)
    parsed = candidate.parsed
    confidence = round(score * candidate.factor)
    if parsed.certain:
        confidence = max(confidence, VOUCHED)
    if parsed.problems:
        unusual = _UNUSUAL.issuperset(parsed.problems)
        confidence = min(confidence, _UNUSUAL_PERCENT if unusual else DOUBTED)
    return FieldRead(rule.code, parsed.value, confidence, candidate.page, box, parsed.problems)


# What fields say about each other


def _crossed(found: dict[str, FieldRead]) -> tuple[FieldRead, ...]:
    """Doubt what contradicts another field."""
    doubts: dict[str, str] = {}
    number = found.get("id_number")
    if number is not None and "check-digit" not in number.problems:
        born = f"{number.value[6:10]}-{number.value[10:12]}-{number.value[12:14]}"
        sex = "男" if int(number.value[16]) % 2 else "女"
        doubts |= {
            name: "contradicts-id-number"
            for name, right in (("born_on", born), ("sex", sex))
            if name in found and found[name].value != right
        }
    for first, last in (("starts_on", "ends_on"), ("valid_from", "valid_to")):
        if first in found and last in found and not _in_order(found[first].value, found[last].value):
            doubts |= {first: "period-reversed", last: "period-reversed"}
    if {"total", "total_words"} <= found.keys() and found["total"].value != found["total_words"].value:
        doubts |= {"total": "amounts-differ", "total_words": "amounts-differ"}
    return tuple(_doubted(held, doubts.get(code)) for code, held in found.items())


def _doubted(held: FieldRead, problem: str | None) -> FieldRead:
    if problem is None:
        return held
    return replace(held, confidence=min(held.confidence, DOUBTED), problems=(*held.problems, problem))


def _in_order(first: str, last: str) -> bool:
    """Whether a period begins before it ends; what is no date is judged elsewhere."""
    try:
        return last == values.LONG or date.fromisoformat(first) < date.fromisoformat(last)
    except ValueError:
        return True
