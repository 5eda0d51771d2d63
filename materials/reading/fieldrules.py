"""What fields a type has and how each is found: data (`rules/fields.json`), checked when it is read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from materials.errors import CatalogueError
from materials.reading import values
from materials.reading.layout import plain

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is found.

    Attributes:
        zh, en: its names for people.
        kind: of the value (`values.KINDS`).
        labels: what stands in front of it, the likeliest first.
        flow: patterns of running text, the value in group 1; tried before the labels.
        lines: how many lines the value may fill.
        side: half of the page it stands in, `left` or `right`; `side_labels` count only there.
        anywhere: a value of this kind counts wherever it stands, if its check digit holds.
        optional: a document without it is complete.
        many: every place that fits belongs to the value.
    """

    code: str
    zh: str
    en: str
    kind: str
    labels: tuple[str, ...] = ()
    flow: tuple[re.Pattern[str], ...] = ()
    lines: int = 1
    side: str | None = None
    side_labels: tuple[str, ...] = ()
    anywhere: bool = False
    optional: bool = False
    many: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that could find nothing."""
        if self.kind not in values.KINDS or not (self.labels or self.flow or self.side_labels):
            raise CatalogueError(field=self.code, problem="kind, or nothing to find it by")
        if self.side not in {None, "left", "right"} or any(each.groups != 1 for each in self.flow):
            raise CatalogueError(field=self.code, problem="side, or a pattern without its one group")


@dataclass(frozen=True, slots=True)
class HolderRule:
    """Where a type names its holder.

    Attributes:
        codes: fields that hold the holder's code, with the code's type (DOMAIN c1).
        names: fields of which one is the holder's name.
    """

    codes: Mapping[str, str]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldRules:
    """The fields of each type that is read.

    Attributes:
        stops: words where any value ends.
        holders: where a type names its holder.
        ends: the field that says until when a document of a type holds.
        begins: the field that says from when, where the type's own rule says how long.
    """

    types: Mapping[str, tuple[FieldRule, ...]]
    stops: tuple[str, ...]
    holders: Mapping[str, HolderRule]
    ends: Mapping[str, str]
    begins: Mapping[str, str]

    def of(self, type_code: str | None) -> tuple[FieldRule, ...]:
        """The fields of a type; none where the type is only recognised."""
        return self.types.get(type_code or "", ())

    def field(self, type_code: str, code: str) -> FieldRule | None:
        """A field of a type."""
        return next((each for each in self.of(type_code) if each.code == code), None)


@cache
def rules() -> FieldRules:
    """The rules that come with this version.

    Raises:
        CatalogueError: the data is wrong.
    """
    held = json.loads(files("materials.reading").joinpath("rules/fields.json").read_text("utf-8"))
    types = {code: tuple(_rule(each) for each in rows) for code, rows in held["types"].items()}
    holders = {code: HolderRule(row["codes"], tuple(row["names"])) for code, row in held["holders"].items()}
    stops = tuple(plain(each) for each in held["stops"])
    return FieldRules(types, stops, holders, held["ends"], held["begins"])


def _rule(row: dict[str, Any]) -> FieldRule:
    texts = {name: tuple(plain(each) for each in row.get(name, ())) for name in ("labels", "side_labels")}
    try:
        return FieldRule(**(row | texts | {"flow": tuple(re.compile(each) for each in row.get("flow", ()))}))
    except (TypeError, re.error) as error:
        raise CatalogueError(field=str(row.get("code")), problem="incomplete") from error
