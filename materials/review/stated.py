"""What stands in a form, as values of rules. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from materials.forms.model import FieldState
from materials.review import normal
from materials.review.facts import Known, Place
from materials.review.rules import FORM, PARTS
from materials.review.words import Why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from materials.forms.model import Content, FormLine

_LINE: Final = re.compile(
    r"(?P<name>.*?)[\s:\uff1a,\uff0c、]+(?P<amount>(?:人民币|[¥\uffe5])?[0-9][0-9,\uff0c.]*[万亿]?元?整?)"
)


def stated(lines: Sequence[FormLine], kinds: Mapping[str, str]) -> tuple[dict[str, tuple[Known, ...]], dict[str, str]]:
    """Values by source, and why a field has none.

    Args:
        kinds: of the item's fields.
    """
    values: dict[str, tuple[Known, ...]] = {}
    missing: dict[str, str] = {}
    for line in lines:
        source = f"{FORM}{line.code}"
        if line.content is None:
            why = Why.conflict if line.state is FieldState.conflict else Why.empty
            missing |= dict.fromkeys((source, *(f"{source}.{part}" for part in sorted(PARTS))), why.value)
            continue
        values[source] = known(line.content, normal.category(kinds.get(line.code, "text")), Place(source, line.code))
        if not isinstance(line.content, str):
            _parts(source, line.code, line.content, values, missing)
    return values, missing


def known(content: Content, category: str, place: Place) -> tuple[Known, ...]:
    """A value for each line."""
    lines = (content,) if isinstance(content, str) else content
    return tuple(Known(each, category, place) for each in lines)


def split(line: str) -> tuple[str, str | None]:
    """Name and amount of a line: 陈安澜 1,200,000.00, 陈安澜:120万元; no amount where the line has none."""
    found = _LINE.fullmatch(line.strip())
    return (found["name"], found["amount"]) if found else (line.strip(), None)


def _parts(
    source: str, code: str, lines: Sequence[str], values: dict[str, tuple[Known, ...]], missing: dict[str, str]
) -> None:
    """Name and amount of the lines of a list; where one line has no amount nothing is added up."""
    told = [split(line) for line in lines]
    values[f"{source}.name"] = tuple(Known(head, normal.TEXT, Place(f"{source}.name", code)) for head, _ in told)
    place = Place(f"{source}.amount", code)
    amounts = tuple(Known(each, normal.AMOUNT, place) for _, each in told if each is not None)
    if len(amounts) == len(told):
        values[f"{source}.amount"] = amounts
    else:
        missing[f"{source}.amount"] = Why.empty.value
