"""Whether a material may be relied on now: the type's rule of reuse (DOMAIN e) against dates and case. Pure.

Three kinds of answer. What dates and rows decide is an *obstacle*: the material is not reused. What they cannot decide
(are these still the same premises? is the licence still good at its source?) is a *condition*: it may be reused once
somebody or some connector has confirmed it. Neither: it is simply reused.
"""

from __future__ import annotations

import calendar
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Final

from materials.model import Condition, MaterialStatus, Obstacle, Reuse, ValidityKind

if TYPE_CHECKING:
    from datetime import datetime

    from materials.model import Material, MaterialType, Validity

LOCAL: Final = timezone(timedelta(hours=8))
"""China Standard Time, where years and days of a rule begin; without daylight saving since 1992."""


def reuse(material: Material, kind: MaterialType, at: datetime, *, case_no: str, project_id: str | None) -> Reuse:
    """Whether a material may be reused in a case.

    Args:
        material: as stored.
        kind: its type.
        at: the moment.
        case_no: the case that wants it.
        project_id: the case's project.
    """
    status = status_at(material, kind, at)
    obstacles = [] if status is MaterialStatus.active else [Obstacle(status.value)]
    if material.valid_from is not None and at < material.valid_from:
        obstacles.append(Obstacle.not_yet_valid)
    rule, conditions = kind.validity, []
    if other_matter(rule, material.origin_case_no, case_no):
        obstacles.append(Obstacle.other_matter)
    if rule.same == "project" and None not in {material.project_id, project_id}:
        if material.project_id != project_id:
            obstacles.append(Obstacle.other_project)
    elif rule.same not in {None, "case"}:
        conditions.append(Condition(f"same-{rule.same}".replace("_", "-")))
    if rule.kind is ValidityKind.until_valid_to and material.valid_to is None:
        conditions.append(Condition.end_unstated)
    if rule.live or rule.kind is ValidityKind.live:
        conditions.append(Condition.recheck_at_source)
    return Reuse(tuple(obstacles), tuple(conditions))


def other_matter(rule: Validity, origin_case_no: str | None, case_no: str) -> bool:
    """Whether a material made for one matter is wanted in another. One collected outside any case has no matter."""
    return (rule.kind is ValidityKind.one_case or rule.same == "case") and origin_case_no != case_no


def status_at(material: Material, kind: MaterialType, at: datetime) -> MaterialStatus:
    """The status as of a moment: an active material whose time has run out is expired.

    Args:
        material: as stored.
        kind: its type.
        at: the moment.
    """
    return standing(material.status, ends_at(material, kind), at)


def standing(status: MaterialStatus, end: datetime | None, at: datetime) -> MaterialStatus:
    """The status as of a moment, from the stored one and the end of its time."""
    if status is MaterialStatus.active and end is not None and at >= end:
        return MaterialStatus.expired
    return status


def ends_at(material: Material, kind: MaterialType) -> datetime | None:
    """When a material can no longer be reused by dates alone; None where no date ends it."""
    return end_of(kind.validity, material.valid_from or material.deposited_at, material.valid_to)


def end_of(rule: Validity, start: datetime, valid_to: datetime | None) -> datetime | None:
    """When a rule ends what began at a time; None where no date ends it.

    A stated `valid_to` always ends it. A rule of months, days or the year counts from the stated beginning, else from
    the deposit.

    Args:
        rule: of the type.
        start: stated beginning, or the time of deposit.
        valid_to: as stated.
    """
    ends = [valid_to] if valid_to else []
    if rule.months:
        ends.append(add_months(start, rule.months))
    if rule.kind is ValidityKind.days and rule.days:
        ends.append(start + timedelta(days=rule.days))
    if rule.kind is ValidityKind.year:
        here = start.astimezone(LOCAL)
        ends.append(here.replace(year=here.year + 1, month=1, day=1, hour=0, minute=0, second=0, microsecond=0))
    return min(ends) if ends else None


def add_months(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))
