"""What type a document is. Pure; the rules are data (`rules/types.json`).

Three things speak for a type: a heading that is its name, a line somewhere that is its name, and words that go with it.
A heading counts most, more so the longer the name; the last words of a heading count, since in Chinese the head of a
name stands last: 公司章程修正案 is an amendment, not articles. Words against a type take away.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from materials.reading.layout import Piece, plain
from materials.reading.model import SCALE, Guess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from materials.reading.layout import Sheet

_TOP: Final = 0.5
"""A heading stands in this part of its page."""
_BIG: Final = 1.15
"""A heading is at least so many times as tall as the text."""
_EXTRA: Final = 24
"""Letters that may stand before a type's name in its heading: the name of a firm."""
_NEXT_WORDS: Final = 3
"""What one word against a type takes away."""


@dataclass(frozen=True, slots=True)
class TypeRule:
    """What speaks for a type: names, words with their weight; and words against it."""

    titles: tuple[str, ...]
    words: Mapping[str, int]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All types, what a name counts in each place, the least score that counts and the lead it must have."""

    types: Mapping[str, TypeRule]
    heading: int
    line: int
    inside: int
    least: int
    margin: int


@cache
def rules() -> Rules:
    """The rules that come with this version."""
    held = json.loads(files("materials.reading").joinpath("rules/types.json").read_text("utf-8"))
    types = {
        code: TypeRule(
            tuple(plain(title) for title in each["titles"]),
            {plain(word).lower(): weight for word, weight in each.get("words", {}).items()},
            tuple(plain(word) for word in each.get("against", ())),
        )
        for code, each in held["types"].items()
    }
    return Rules(types, **held["scores"], least=held["least"], margin=held["margin"])


def classify(sheets: Sequence[Sheet]) -> Guess:
    """What type a document looks like, by its first two pages."""
    first = sheets[:2]
    pieces = [(piece, sheet.number == 1) for sheet in first for row in sheet.rows for piece in row.pieces]
    if not pieces:
        return Guess(None, 0)
    tall = statistics.median(piece.flat.height for piece, _ in pieces)
    flow = "".join(sheet.flow.text for sheet in first).lower()
    known = rules()
    scores = {code: _score(rule, known, pieces, tall, flow) for code, rule in known.types.items()}
    (best, most), (_, second) = sorted(scores.items(), key=lambda each: -each[1])[:2]
    if most < known.least:
        return Guess(None, 0)
    lead = most - second
    confidence = round(min(1.0, 0.45 + most / 60 + lead / 24) * 100)
    return Guess(best if lead >= known.margin else None, confidence if lead >= known.margin else 0)


def _score(rule: TypeRule, known: Rules, pieces: Sequence[tuple[Piece, bool]], tall: float, flow: str) -> float:
    named = max((_named(rule, known, piece, first, tall) for piece, first in pieces), default=0.0)
    words = sum(weight for word, weight in rule.words.items() if word in flow)
    against = sum(_NEXT_WORDS for word in rule.against if word in flow)
    return named + min(words, 14) - against


def _named(rule: TypeRule, known: Rules, piece: Piece, first: bool, tall: float) -> float:  # noqa: FBT001 - a fact
    """What a piece counts as the type's name."""
    best = 0.0
    for title in rule.titles:
        found = _ends_with(piece.text, title)
        if found:
            heads = first and piece.flat.middle < SCALE * _TOP and piece.flat.height > tall * _BIG
            best = max(best, (known.heading if heads else known.line) * found + len(title) * 0.5)
        elif len(title) >= 4 and title in piece.text:
            best = max(best, known.inside + len(title) * 0.1)
    return best


def _ends_with(text: str, title: str) -> float:
    """How much a piece ends with a name, from 0 to 1; a letter read wrongly in a long name is forgiven."""
    extra = len(text) - len(title)
    if not 0 <= extra <= _EXTRA:
        return 0.0
    tail = text[extra:]
    wrong = sum(a != b for a, b in zip(tail, title, strict=True))
    if wrong == 0:
        return 1.0 if extra < 4 else 0.92
    return 0.75 if len(title) >= 5 and wrong <= len(title) // 5 else 0.0
