"""What a document says against what it was deposited as. Pure.

*Grave* ones cannot be confirmed at all: a document of another type or about somebody else was handed in wrongly, and is
withdrawn. The others may be right (a firm that changed its name, a lease that ended): staff confirm them by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from materials.reading import fieldrules, values
from materials.reading.layout import plain
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a material was deposited as.

    Attributes:
        holder_codes: the holder's codes by type (DOMAIN c1); a type may be missing.
    """

    type_code: str
    holder_codes: Mapping[str, frozenset[str]]
    holder_name: str
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing that does not go together.

    Attributes:
        problem: kebab-case.
        field: the field that says otherwise; None for the type.
    """

    problem: str
    field: str | None
    grave: bool


def contradictions(
    type_code: str | None, fields: Mapping[str, str], deposit: Deposit, now: datetime
) -> tuple[Contradiction, ...]:
    """Everything that does not go together.

    Args:
        type_code: what the document looks like, or what staff say it is; None where nobody knows.
        fields: values by field, as they were read or confirmed.
        deposit: what it was deposited as.
        now: for what is over.
    """
    if type_code is not None and type_code != deposit.type_code:
        return (Contradiction("type-differs", None, grave=True),)
    return (*_holder(fields, deposit), *_period(fields, deposit, now))


def _holder(fields: Mapping[str, str], deposit: Deposit) -> Iterator[Contradiction]:
    rule = fieldrules.rules().holders.get(deposit.type_code)
    if rule is None:
        return
    for field, kind in rule.codes.items():
        known = deposit.holder_codes.get(kind)
        if known and field in fields and fields[field] not in known:
            yield Contradiction("holder-differs", field, grave=True)
    named = [field for field in rule.names if field in fields]
    if named and plain(deposit.holder_name) not in {plain(fields[field]) for field in named}:
        yield Contradiction("holder-name-differs", named[0], grave=False)


def _period(fields: Mapping[str, str], deposit: Deposit, now: datetime) -> Iterator[Contradiction]:
    field = fieldrules.rules().ends.get(deposit.type_code, "")
    last = _day(fields.get(field, ""))
    if last is None:
        return
    if deposit.valid_to is not None and deposit.valid_to.astimezone(LOCAL).date() not in {last, last + _A_DAY}:
        yield Contradiction("valid-to-differs", field, grave=False)
    if last < now.astimezone(LOCAL).date():
        yield Contradiction("expired", field, grave=False)


def end_of(type_code: str, fields: Mapping[str, str]) -> date | None:
    """The last day that a document states; None where it states none, or that it holds without end."""
    return _day(fields.get(fieldrules.rules().ends.get(type_code, ""), ""))


def _day(text: str) -> date | None:
    return None if text in {"", values.LONG} else values.read_date(text)
