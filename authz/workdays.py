"""Working days (工作日) of mainland China: how long an answer may take, as rules count it.

A day is a working day if the State Council's yearly notice on holidays makes it one, weekends that are worked in lieu
included (`chinesecalendar`). For a year whose notice is not out yet, or not in the library's release: Monday to Friday.
Days begin and end in China Standard Time. The day of the act does not count (民法典, article 201), so a term of n days
ends at the end of the nth working day after it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

import chinese_calendar

LOCAL: Final = timezone(timedelta(hours=8))
"""China Standard Time; without daylight saving since 1992."""
_SATURDAY: Final = 5


def is_workday(day: date) -> bool:
    """Whether offices are open on a day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year the library knows nothing of
        return day.weekday() < _SATURDAY


def due(at: datetime, days: int) -> datetime:
    """When a term of so many working days that an act begins is over.

    Args:
        at: the act.
        days: at least one.
    """
    day = at.astimezone(LOCAL).date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_workday(day)
    return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(at.tzinfo)
