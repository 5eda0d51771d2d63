"""Working days (工作日) for terms that somebody is held to: strict where `authz.workdays` guesses.

A commitment or a request names its last day to people who are barred or reported when it passes, so a day is counted
only where the State Council's notice for its year is known: from `chinesecalendar`, or from the operator's own file
(setting `holidays`) for a year whose notice is out and the library's release is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import chinese_calendar

from authz.workdays import LOCAL
from materials.errors import HolidaysInvalidError, HolidaysUnknownError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        """When a term of so many working days after an act is over: the end of its last day, in China Standard Time.

        The day of the act does not count (民法典, article 201).

        Args:
            at: the act.
            days: 1 to 1000.

        Raises:
            HolidaysUnknownError: the term reaches into a year whose holidays are not known.
        """
        if not 1 <= days <= MOST_DAYS:
            msg = "a term of 1 to 1000 working days"
            raise ValueError(msg)
        day, left = at.astimezone(LOCAL).date(), days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_workday(day)
        return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(at.tzinfo)
