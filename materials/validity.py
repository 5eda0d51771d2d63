"""Whether a material may be relied on now: the type's rule of reuse (DOMAIN e) against dates. Pure."""

from __future__ import annotations

import calendar
from datetime import timedelta
from typing import TYPE_CHECKING

from materials.model import MaterialStatus, ValidityKind

if TYPE_CHECKING:
    from datetime import datetime

    from materials.model import Material, MaterialType


def status_at(material: Material, kind: MaterialType, at: datetime) -> MaterialStatus:
    """The status as of a moment: an active material whose time has run out is expired.

    Args:
        material: as stored.
        kind: its type.
        at: the moment.
    """
    end = ends_at(material, kind)
    if material.status is MaterialStatus.active and end is not None and at >= end:
        return MaterialStatus.expired
    return material.status


def ends_at(material: Material, kind: MaterialType) -> datetime | None:
    """When a material can no longer be reused by dates alone; None where no date ends it.

    A stated `valid_to` always ends it. A rule of months, days or the year counts from the stated beginning, else from
    the deposit. What only holds for the same premises, vehicle or case is for the checklist to decide, not for a date.
    """
    start = material.valid_from or material.deposited_at
    rule = kind.validity
    ends = [material.valid_to] if material.valid_to else []
    if rule.months:
        ends.append(add_months(start, rule.months))
    if rule.kind is ValidityKind.days and rule.days:
        ends.append(start + timedelta(days=rule.days))
    if rule.kind is ValidityKind.year:
        ends.append(start.replace(year=start.year + 1, month=1, day=1, hour=0, minute=0, second=0, microsecond=0))
    return min(ends) if ends else None


def add_months(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))
