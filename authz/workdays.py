"""Working days (工作日) of mainland China: how long an answer may take, as rules count it.

A day is a working day if the State Council's yearly notice on holidays makes it one, weekends that are worked in lieu
included: by `chinesecalendar`, or by the operator's own file (setting `holidays`) for a year whose notice is out and
the library's release is not. Days begin and end in China Standard Time. The day of the act does not count (民法典,
article 201), so a term of n days ends with the nth working day after it.

A term that bars or reports somebody when it passes is never guessed (`due`); one that an office set itself is, rather
than stop its work (`office_due`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, Self

import chinese_calendar

from authz.errors import HolidaysInvalidError, HolidaysUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LOCAL: Final = timezone(timedelta(hours=8))
"""China Standard Time; without daylight saving since 1992."""
_SATURDAY: Final = 5
MOST_DAYS: Final = 1000


@dataclass(frozen=True, slots=True)
class Year:
    """One year's notice: days off that are no weekend, and weekend days that are worked in lieu."""

    off: frozenset[date]
    worked: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether offices are open on a day of this year."""
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)


class Workdays:
    """Counts working days.

    Args:
        years: notices beside those of the library, by year; they prevail.
    """

    def __init__(self, years: Mapping[int, Year] | None = None) -> None:
        self._years = dict(years or {})

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read `{"years": {"2027": {"off": ["2027-01-01", ...], "worked": [...]}}}`.

        Raises:
            HolidaysInvalidError: a date is none, or of another year.
        """
        years = {}
        try:
            for name, row in document["years"].items():
                days = {kind: frozenset(map(date.fromisoformat, row[kind])) for kind in ("off", "worked")}
                years[int(name)] = Year(**days)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise HolidaysInvalidError(problem="not the form, or not a date") from error
        for number, year in years.items():
            if any(day.year != number for day in year.off | year.worked):
                raise HolidaysInvalidError(year=number, problem="a day of another year")
        return cls(years)

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Read the operator's file; None: the library's notices only.

        Raises:
            HolidaysInvalidError: it cannot be read, or is not of its form.
        """
        if path is None:
            return cls()
        try:
            document = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise HolidaysInvalidError(file=path.name, problem="unreadable") from error
        return cls.read(document)

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on a day.

        Raises:
            HolidaysUnknownError: nobody has told the holidays of its year.
        """
        held = self._years.get(day.year)
        if held is not None:
            return held.works(day)
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError as error:
            raise HolidaysUnknownError(year=day.year) from error

    def due(self, at: datetime, days: int) -> datetime:
        """When a term is over that somebody else is held to, of so many working days after an act.

        Args:
            at: the act.
            days: 1 to 1000.

        Returns:
            The end of its last day, in China Standard Time.

        Raises:
            HolidaysUnknownError: the term reaches into a year whose holidays are not known.
        """
        return _end(at, days, self.is_workday)

    def office_due(self, at: datetime, days: int) -> datetime:
        """When a term is over that an office set itself: as `due`, but an unknown year stops nobody.

        Its days count Monday to Friday: an office is reminded a few days early, and no case has to wait for a notice.
        """
        return _end(at, days, self._is_likely)

    def _is_likely(self, day: date) -> bool:
        try:
            return self.is_workday(day)
        except HolidaysUnknownError:
            return day.weekday() < _SATURDAY


def _end(at: datetime, days: int, is_workday: Callable[[date], bool]) -> datetime:
    if not 1 <= days <= MOST_DAYS:
        msg = "a term of 1 to 1000 working days"
        raise ValueError(msg)
    day, left = at.astimezone(LOCAL).date(), days
    while left > 0:
        day += timedelta(days=1)
        left -= is_workday(day)
    return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(at.tzinfo)
