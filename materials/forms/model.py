"""Words and values of a form: what a source said, what somebody stated, and what stands in each field.

A *candidate* is a value one source gave. Where candidates differ, and none is known to be older news, nothing is
chosen: the field is in *conflict* until somebody states which holds. What somebody states stands beside the candidates
and never in their place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from ledger.clock import parse_rfc3339, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Content: TypeAlias = str | tuple[str, ...]
"""A line of text, or a list of lines."""
VERSION: Final = 1
"""Of the form in which a form is kept."""


class SourceKind(StrEnum):
    """What a value came from."""

    licence = "licence"
    material = "material"
    generated = "generated"
    connector = "connector"
    last_case = "last_case"
    same_application = "same_application"
    case = "case"
    computed = "computed"


STATEMENTS: Final = frozenset({SourceKind.last_case, SourceKind.same_application})
"""What was true when somebody said it, and is old news where a source speaks of a later moment."""


class FieldState(StrEnum):
    """Where a field stands."""

    filled = "filled"
    """From a source."""
    stated = "stated"
    """By the applicant or the window."""
    conflict = "conflict"
    """Sources differ; somebody has to say which holds."""
    empty = "empty"
    """No source had a value: the applicant types it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from.

    Attributes:
        source: as the item file names it.
        id: of the use that read a licence or material; of the material itself where it was handed in within the case;
            of the check or case.
        entry_id: log entry of the use, check, confirmation or form it was taken from.
        as_of: the moment the source speaks of.
        live: it is a register that speaks of now, and not of a day in the past.
    """

    kind: SourceKind
    source: str
    id: str | None
    entry_id: str | None
    as_of: datetime
    live: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": self.kind.value,
            "source": self.source,
            "id": self.id,
            "entry_id": self.entry_id,
            "as_of": rfc3339(self.as_of),
            "live": self.live,
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        at = parse_rfc3339(held["as_of"])
        return cls(SourceKind(held["kind"]), held["source"], held["id"], held["entry_id"], at, held["live"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value a source gave.

    Attributes:
        outdated: a source that speaks of a later moment says otherwise, so it takes no part in a conflict.
    """

    content: Content = field(repr=False)
    origin: Origin
    outdated: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"value": _plain(self.content), "outdated": self.outdated} | self.origin.to_json()

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        return cls(_content(held["value"]), Origin.of_json(held), held["outdated"])


def joined_of(found: Sequence[Candidate]) -> list[Candidate]:
    """What a list is joined from: all sources that are no old statement; else the newest statement.

    Args:
        found: candidates that are not outdated, the preferred source first; at least one.
    """
    return [each for each in found if each.origin.kind not in STATEMENTS] or [found[0]]


@dataclass(frozen=True, slots=True)
class Statement:
    """A value somebody stated.

    Attributes:
        by: `applicant` or `window`.
        operator: handle of who typed it in.
        entry_id: log entry of the form it was first kept with; None in that very form.
    """

    content: Content = field(repr=False)
    by: str
    operator: str
    at: datetime
    entry_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "value": _plain(self.content),
            "by": self.by,
            "operator": self.operator,
            "at": rfc3339(self.at),
            "entry_id": self.entry_id,
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        at = parse_rfc3339(held["at"])
        return cls(_content(held["value"]), held["by"], held["operator"], at, held["entry_id"])


@dataclass(frozen=True, slots=True)
class Missing:
    """A source that gave nothing, and why: a code of `materials.checklist.reasons` or `Confirm.consent`."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class FormLine:
    """One field.

    Attributes:
        code: of the item's field.
        kind: what it holds.
        state: where it stands.
        chosen: the candidate that fills it; None in a conflict, and where there is none.
        candidates: every value that was given, the preferred source first.
        missing: sources that gave none.
        statement: what somebody stated; it holds, whatever the candidates say.
    """

    code: str
    kind: str
    state: FieldState
    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    missing: tuple[Missing, ...]
    statement: Statement | None = None

    @property
    def content(self) -> Content | None:
        """What stands in the field."""
        if self.statement is not None:
            return self.statement.content
        return None if self.chosen is None else self.chosen.content

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every source of what fills it: of a joined list all, else the one that was chosen."""
        if self.chosen is None:
            return ()
        if self.kind != "list":
            return (self.chosen.origin,)
        return tuple(each.origin for each in joined_of([each for each in self.candidates if not each.outdated]))

    @property
    def prefilled(self) -> bool:
        """Whether a source filled it, so that the applicant did not have to type it."""
        return self.chosen is not None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "code": self.code,
            "kind": self.kind,
            "state": self.state.value,
            "chosen": None if self.chosen is None else self.chosen.to_json(),
            "candidates": [each.to_json() for each in self.candidates],
            "missing": [[each.source, each.reason] for each in self.missing],
            "statement": None if self.statement is None else self.statement.to_json(),
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> Self:
        """What `to_json` made."""
        return cls(
            held["code"],
            held["kind"],
            FieldState(held["state"]),
            Candidate.of_json(held["chosen"]) if held["chosen"] else None,
            tuple(Candidate.of_json(each) for each in held["candidates"]),
            tuple(Missing(*each) for each in held["missing"]),
            Statement.of_json(held["statement"]) if held["statement"] else None,
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was kept.

    Attributes:
        version: 1 and up; each filling and each change makes one.
        lines: in the order of the item.
    """

    case_no: str
    item_code: str
    version: int
    saved_at: datetime
    operator: str
    entry_id: str
    item_version: str
    lines: tuple[FormLine, ...]

    @property
    def prefilled(self) -> int:
        """How many fields a source filled."""
        return sum(each.prefilled for each in self.lines)

    @property
    def complete(self) -> bool:
        """Whether every field has a value."""
        return all(each.content is not None for each in self.lines)


def _plain(content: Content) -> str | list[str]:
    return content if isinstance(content, str) else list(content)


def _content(held: str | list[str]) -> Content:
    return held if isinstance(held, str) else tuple(held)
