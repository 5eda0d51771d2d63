"""Words and values of reading. Places are in ten-thousandths of the page's width and height, from its upper left."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

SCALE: Final = 10_000
"""Parts of a page's width or height: a box means the same whatever size the page is shown at."""


class Source(StrEnum):
    """Where a page's lines come from."""

    text = "text"
    ocr = "ocr"
    unread = "unread"


class ReadingState(StrEnum):
    """Where a reading stands: what staff confirmed is the end, and so is a document that cannot be read."""

    queued = "queued"
    read = "read"
    failed = "failed"
    confirmed = "confirmed"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, in ten-thousandths of its width and height."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> int:
        """How tall it is, at least 1."""
        return max(1, self.y1 - self.y0)

    def around(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def as_list(self) -> list[int]:
        """As JSON has it: [x0, y0, x1, y1]."""
        return [self.x0, self.y0, self.x1, self.y1]


@dataclass(frozen=True, slots=True)
class Line:
    """Text that stands in one place.

    Attributes:
        box: where, on the page as it is.
        flat: where it would be if the page lay straight; rows are found by it.
        score: how sure the text is, percent; 100 for a text layer.
    """

    text: str
    box: Box
    flat: Box
    score: int


@dataclass(frozen=True, slots=True)
class PageText:
    """What stands on one page.

    Attributes:
        number: from 1.
        shape: width over height, times `SCALE`: so that distances across and down can be compared.
        failure: why it could not be read, kebab-case; then it has no lines.
    """

    number: int
    source: Source
    lines: tuple[Line, ...]
    shape: int = 7071
    failure: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a pipe or a sealed row."""
        lines = [[each.text, each.box.as_list(), each.flat.as_list(), each.score] for each in self.lines]
        return {"number": self.number, "source": self.source.value, "lines": lines, "shape": self.shape} | (
            {"failure": self.failure} if self.failure else {}
        )

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        lines = tuple(Line(text, Box(*box), Box(*flat), score) for text, box, flat, score in held["lines"])
        return cls(held["number"], Source(held["source"]), lines, held["shape"], held.get("failure"))


@dataclass(frozen=True, slots=True)
class Guess:
    """What type a document looks like.

    Attributes:
        type_code: CLnnn, or None where nothing is likely enough.
        confidence: percent.
    """

    type_code: str | None
    confidence: int


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One value that was read.

    Attributes:
        value: in its one form: a date as YYYY-MM-DD, an amount in yuan with two decimals, text without spaces.
        confidence: percent; low where a check failed.
        page, box: where it stands.
        problems: what speaks against it, kebab-case.
    """

    code: str
    value: str
    confidence: int
    page: int
    box: Box
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"box": self.box.as_list(), "problems": list(self.problems)}

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        return cls(**(dict(held) | {"box": Box(*held["box"]), "problems": tuple(held["problems"])}))


@dataclass(frozen=True, slots=True)
class Findings:
    """What a document says, as far as rules could tell.

    Attributes:
        clear: how sure the letters of each page are, percent; 0 for a page without any.
    """

    guess: Guess
    fields: tuple[FieldRead, ...]
    clear: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        guess = {"type_code": self.guess.type_code, "confidence": self.guess.confidence}
        return {"guess": guess, "fields": [each.to_json() for each in self.fields], "clear": list(self.clear)}

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        fields = tuple(FieldRead.of_json(each) for each in held["fields"])
        return cls(Guess(**held["guess"]), fields, tuple(held.get("clear", ())))
