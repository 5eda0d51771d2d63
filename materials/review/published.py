"""Figures that a government publishes and rules compare with: data (`published.json`), each with its first day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it was when.

    Attributes:
        kind: as of form fields.
        values: from which day what holds, the earliest first.
    """

    zh: str
    en: str
    kind: str
    values: tuple[tuple[date, str], ...]

    def on(self, day: date) -> str | None:
        """What holds on a day; None before the first."""
        return next((value for begins, value in reversed(self.values) if begins <= day), None)


@cache
def figures() -> Mapping[str, Figure]:
    """The figures that come with this version, by their name.

    Raises:
        CatalogueError: the data is wrong.
    """
    held = json.loads(files("materials.review").joinpath("published.json").read_text("utf-8"))["figures"]
    try:
        return {name: _figure(row) for name, row in held.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogueError(problem="published figures") from error


def _figure(row: dict[str, Any]) -> Figure:
    values = tuple(sorted((date.fromisoformat(each["from"]), str(each["value"])) for each in row["values"]))
    return Figure(row["zh"], row["en"], row["kind"], values)
