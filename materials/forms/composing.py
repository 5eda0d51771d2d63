"""What stands in each field, from what the sources said and somebody stated. Pure.

1. Candidates stand in the order of the item's sources.
2. A statement of an earlier case is *outdated* where a source that speaks of a later moment says otherwise.
3. Candidates that differ otherwise are a conflict: both are shown, none is chosen. Values are compared in their one
   form (width, spaces, digits), so that a full-width bracket is no conflict.
4. A list is joined from all licences and materials that have lines for it; there nothing can differ.
5. Computed fields come last, in the order of the item, from what stands in the fields they read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from materials.catalogue import expressions
from materials.catalogue.items import NUMERIC
from materials.checklist.reasons import WhyNot
from materials.connectors.port import is_value
from materials.forms.errors import FormFieldError
from materials.forms.model import STATEMENTS, Candidate, FieldState, FormLine, Missing, Origin, SourceKind, joined_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from materials.catalogue.items import FormField
    from materials.forms.model import Content, Statement

COMPUTED: Final = "computed"
MAX_LINES: Final = 200
LARGEST: Final = Decimal(10) ** 15
_CENT: Final = Decimal("0.01")
_SIX: Final = Decimal("0.000001")
_ADDRESS_NOISE: Final = re.compile(r"[\s,,。.、()()-]")


@dataclass(frozen=True, slots=True)
class Held:
    """What is known for a form.

    Attributes:
        given: candidates by field and source.
        missing: why a source gave none, by field and source.
    """

    given: Mapping[tuple[str, str], tuple[Candidate, ...]]
    missing: Mapping[tuple[str, str], str]


def compose(
    fields: Sequence[FormField], held: Held, statements: Mapping[str, Statement], now: datetime
) -> tuple[FormLine, ...]:
    """The lines of a form.

    Args:
        fields: of the item, as the answers leave them.
        held: what the sources said.
        statements: what somebody stated, by field.
        now: the moment computed fields speak of.
    """
    lines: list[FormLine] = []
    numbers: dict[str, Decimal] = {}
    for each in fields:
        candidates: list[Candidate] = []
        missing: list[Missing] = []
        for source in each.sources:
            found = held.given.get((each.code, source), ())
            if source == COMPUTED:
                found = _computed(each, numbers, now)
            candidates += found
            why = held.missing.get((each.code, source))
            if not found and source == COMPUTED:
                why = WhyNot.no_value.value
            if not found and why is not None:
                missing.append(Missing(source, why))
        line = _line(each, candidates, tuple(missing), statements.get(each.code))
        lines.append(line)
        if each.kind in NUMERIC and isinstance(line.content, str) and (number := as_number(line.content)) is not None:
            numbers[each.code] = number
    return tuple(lines)


def checked(given: FormField, content: Content) -> Content:
    """A value somebody states, in its one form.

    Raises:
        FormFieldError: no value of the field's kind looks like this.
    """
    lines = (content,) if isinstance(content, str) else content
    if not lines or len(lines) > MAX_LINES or not all(is_value(each) and each.strip() for each in lines):
        raise FormFieldError(field=given.code, problem="no text, too long or too many lines")
    if (given.kind == "list") == isinstance(content, str):
        raise FormFieldError(field=given.code, problem="a list" if given.kind == "list" else "one value")
    if isinstance(content, str):
        content = content.strip()
        if given.kind in NUMERIC and as_number(content) is None:
            raise FormFieldError(field=given.code, problem="a number")
        if given.kind == "date" and not _is_day(content):
            raise FormFieldError(field=given.code, problem="a date, YYYY-MM-DD")
    return content


def as_number(text: str) -> Decimal | None:
    """A number as people write it; None where it is none."""
    try:
        found = Decimal(unicodedata.normalize("NFKC", text).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def same(kind: str, one: Content, other: Content) -> bool:
    """Whether two values of a kind say the same."""
    if isinstance(one, str) and isinstance(other, str) and kind in NUMERIC:
        left, right = as_number(one), as_number(other)
        if left is not None and right is not None:
            return left == right
    return _bare(kind, one) == _bare(kind, other)


def _line(
    given: FormField, found: Sequence[Candidate], missing: tuple[Missing, ...], statement: Statement | None
) -> FormLine:
    candidates = _dated(given.kind, [_fitted(given.kind, each) for each in found])
    fresh = [each for each in candidates if not each.outdated]
    chosen: Candidate | None = fresh[0] if fresh else None
    state = FieldState.filled if fresh else FieldState.empty
    if given.kind == "list" and chosen is not None:
        chosen = _joined(fresh)
    elif any(not same(given.kind, fresh[0].content, each.content) for each in fresh[1:]):
        chosen, state = None, FieldState.conflict
    if statement is not None:
        state = FieldState.stated
    return FormLine(given.code, given.kind, state, chosen, tuple(candidates), missing, statement)


def _dated(kind: str, found: Sequence[Candidate]) -> list[Candidate]:
    """Candidates, with those marked that a source of a later moment contradicts."""

    def later(each: Candidate) -> bool:
        return each.origin.kind in STATEMENTS and any(
            (other.origin.live or other.origin.as_of > each.origin.as_of)
            and not same(kind, other.content, each.content)
            for other in found
        )

    return [replace(each, outdated=later(each)) for each in found]


def _joined(found: Sequence[Candidate]) -> Candidate:
    """One list of what all its sources have."""
    own = joined_of(found)
    lines = (line for each in own for line in ((each.content,) if isinstance(each.content, str) else each.content))
    return replace(own[0], content=tuple(dict.fromkeys(lines)))


def _fitted(kind: str, each: Candidate) -> Candidate:
    """A field of one value takes a source's list as one line."""
    if kind != "list" and not isinstance(each.content, str):
        return replace(each, content="、".join(each.content))
    return each


def _computed(given: FormField, numbers: Mapping[str, Decimal], now: datetime) -> tuple[Candidate, ...]:
    found = expressions.evaluate(given.compute, numbers)
    if found is None or not found.is_finite() or abs(found) >= LARGEST:
        return ()
    if given.kind == "money":
        text = format(found.quantize(_CENT), "f")
    else:
        text = format(found.quantize(_SIX).normalize(), "f")
    return (Candidate(text, Origin(SourceKind.computed, COMPUTED, None, None, now, live=True)),)


def _bare(kind: str, content: Content) -> tuple[str, ...]:
    lines = (content,) if isinstance(content, str) else tuple(sorted(content))
    plain = ("".join(unicodedata.normalize("NFKC", each).casefold().split()) for each in lines)
    return tuple(_ADDRESS_NOISE.sub("", each) if kind == "address" else each for each in plain)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
