"""What was read of a document, as values with places, and the document itself as rules see it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from materials.model import MaterialStatus, ValidityKind
from materials.reading import fieldrules
from materials.reading.values import LONG
from materials.review import normal
from materials.review.facts import SURE, Known, Paper, Place
from materials.review.things import add_months
from materials.review.words import Why
from materials.validity import LOCAL, ends_at, status_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from materials.model import Material, MaterialType
    from materials.reading.model import Findings

_ENDLESS: Final = frozenset(
    {ValidityKind.permanent, ValidityKind.until_superseded, ValidityKind.live, ValidityKind.one_case}
)
_A_MOMENT: Final = timedelta(microseconds=1)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Read:
    """A reading in clear.

    Attributes:
        state: `queued`, `read`, `failed` or `confirmed`; `none` where nobody had it read, or it is forgotten.
        confirmed: what staff vouch for, by field.
    """

    state: str = "none"
    failure: str = ""
    findings: Findings | None = None
    confirmed: Mapping[str, str] | None = None


NOTHING: Final = Read()


def source_of(type_code: str, name: str) -> str:
    """A field of a document as rules name it."""
    return f"material:{type_code}.{name}"


def value_of(
    material: Material,
    name: str,
    text: str,
    where: tuple[int, tuple[int, int, int, int]] | None = None,
    doubt: str = "",
) -> Known:
    """A value of a document."""
    rule = fieldrules.rules().field(material.type_code, name)
    category = normal.read_category(rule.kind if rule is not None else "text")
    page, box = where or (None, None)
    source = source_of(material.type_code, name)
    return Known(text, category, Place(source, material.id, material.type_code, page, box), doubt)


def values_of(material: Material, read: Read) -> list[Known]:
    """What a reading says: what staff confirmed, else what a machine read, with what speaks against it."""
    found = () if read.findings is None else read.findings.fields
    places = {each.code: (each.page, (each.box.x0, each.box.y0, each.box.x1, each.box.y1)) for each in found}
    if read.confirmed is not None:
        told = [(name, text) for name, text in read.confirmed.items() if text]
        return [value_of(material, name, text, places.get(name)) for name, text in told]
    held: list[Known] = []
    for each in found:
        doubt = each.problems[0] if each.problems else Why.low_confidence.value if each.confidence < SURE else ""
        held.append(value_of(material, each.code, each.value, places[each.code], doubt))
    return held


def paper_of(
    material: Material, kind: MaterialType, known: Sequence[Known], read: Read, now: datetime, *, made: bool = False
) -> Paper:
    """A document without its seals.

    Args:
        known: its values, wherever they come from.
        made: the exchange made it.
    """
    standing = status_at(material, kind, now)
    told = standing.value
    if standing is MaterialStatus.active and material.valid_from is not None and now < material.valid_from:
        told = "not-yet-valid"
    values = {each.place.source: each for each in known}
    begins, ends, endless = _period(material, kind, values)
    clear: tuple[int, ...] = ()
    other = False
    if read.confirmed is not None:
        clear = (100,)
    elif read.findings is not None:
        clear = read.findings.clear or (100,)  # read before pages were judged
        other = read.findings.guess.type_code != material.type_code
    state = "read" if read.state in {"read", "confirmed"} else read.state
    return Paper(material.id, material.type_code, told, begins, ends, endless, state, read.failure, clear, other, made)


def _period(
    material: Material, kind: MaterialType, known: Mapping[str, Known]
) -> tuple[date | None, date | None, bool]:
    """First and last day, and whether it has no last day; None where nothing says it.

    How long a type may be relied on counts from the day the document states, never from the day it was handed in.
    """
    code, rule = material.type_code, kind.validity
    begins = None if material.valid_from is None else material.valid_from.astimezone(LOCAL).date()
    ends = None if material.valid_to is None else (material.valid_to - _A_MOMENT).astimezone(LOCAL).date()
    names = fieldrules.rules()
    said_end = _sure(known.get(source_of(code, names.ends.get(code, ""))))
    said_start = _sure(known.get(source_of(code, names.begins.get(code, ""))))
    if said_end == LONG:
        return begins, ends, ends is None
    found = [each for each in (ends, normal.day(said_end) if said_end else None) if each is not None]
    start = begins or (normal.day(said_start) if said_start else None)
    if rule.kind is ValidityKind.months and rule.months and start is not None:
        found.append(add_months(start, rule.months) - _A_DAY)
    if rule.kind in {ValidityKind.days, ValidityKind.year} and (end := ends_at(material, kind)):
        found.append((end - _A_MOMENT).astimezone(LOCAL).date())
    return start, min(found, default=None), not found and rule.kind in _ENDLESS


def _sure(known: Known | None) -> str | None:
    return None if known is None or known.doubt else known.text
