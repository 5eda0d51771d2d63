"""Conditions over the answers of a questionnaire: small JSON, evaluated by one pure function.

    {"q": "tenure", "is": "lease"}    {"all": [..]}    {"any": [..]}    {"not": ..}

A question nobody has answered is answered by nothing, so that `is` does not hold for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEPTH: Final = 8
"""Levels of a condition; a person has to be able to read it."""


@dataclass(frozen=True, slots=True)
class Is:
    """A question has this answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with no part it always holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = Is | Every | Some | Not
ALWAYS: Final = Every(())


def holds(condition: Condition, answers: Mapping[str, str]) -> bool:
    """Whether a condition holds for answers by question."""
    match condition:
        case Is(question, answer):
            return answers.get(question) == answer
        case Every(parts):
            return all(holds(part, answers) for part in parts)
        case Some(parts):
            return any(holds(part, answers) for part in parts)
        case Not(part):
            return not holds(part, answers)


def asked(condition: Condition) -> Iterator[Is]:
    """Every question and answer that a condition names."""
    match condition:
        case Is():
            yield condition
        case Every(parts) | Some(parts):
            for part in parts:
                yield from asked(part)
        case Not(part):
            yield from asked(part)


def parse(given: Any, depth: int = 0) -> Condition:
    """Read a condition; nothing given always holds.

    Raises:
        CatalogueError: not of the form above, or too deep.
    """
    if given is None:
        return ALWAYS
    if depth >= _DEPTH or not isinstance(given, dict):
        raise CatalogueError(condition=str(given)[:60], problem="form")
    match given:
        case {"q": str(question), "is": str(answer)} if len(given) == 2:
            return Is(question, answer)
        case {"all": [_, *_] as parts} if len(given) == 1:
            return Every(tuple(parse(part, depth + 1) for part in parts))
        case {"any": [_, *_] as parts} if len(given) == 1:
            return Some(tuple(parse(part, depth + 1) for part in parts))
        case {"not": part} if len(given) == 1 and part is not None:
            return Not(parse(part, depth + 1))
    raise CatalogueError(condition=str(given)[:60], problem="form")
