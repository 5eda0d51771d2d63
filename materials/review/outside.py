"""What rules want that is no part of the case itself, in the words in which forms look for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from materials.catalogue.items import FormField
from materials.reading import fieldrules
from materials.review.reads import source_of
from materials.review.rules import CONNECTOR, MATERIAL, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from materials.review.rules import Rule

STATUS: Final = "status"
"""Field of a licence that stands for it as a whole."""


def outside(rules: Sequence[Rule]) -> list[str]:
    """Sources that are no part of the case itself; for a thing as a whole stand its status, or the days it states."""
    named = [source for rule in rules for source in rule.values if source.startswith(("LT", MATERIAL, CONNECTOR))]
    named += [f"{rule.thing}.{STATUS}" for rule in rules if rule.thing.startswith("LT")]
    days = fieldrules.rules()
    for code in (rule.thing.removeprefix(MATERIAL) for rule in rules if rule.kind is Kind.in_time):
        named += [source_of(code, held[code]) for held in (days.ends, days.begins) if code in held]
    return list(dict.fromkeys(named))


def as_field(source: str) -> FormField:
    """A source as a field of a form of its own, so that it is looked for as those are."""
    return FormField(source, "", "", "text", (source,))


def sealed(rules: Sequence[Rule]) -> set[str]:
    """Types of which a rule wants seals or signatures."""
    return {rule.thing.removeprefix(MATERIAL) for rule in rules if rule.kind in {Kind.sealed, Kind.signed}}
