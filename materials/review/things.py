"""What comes of rules about a document or licence as a whole: its time, status, seals, signatures, legibility. Pure."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING, Final

from materials.review import normal
from materials.review.facts import CLEAR, TEXT_LAYER, Paper, Place
from materials.review.model import Outcome, State
from materials.review.rules import Kind
from materials.review.taking import Ended, unread
from materials.review.words import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from materials.review.facts import Held
    from materials.review.rules import Rule
    from materials.review.taking import Taker

_ACTIVE: Final = "active"
_STANDINGS: Final = {"expired": Why.expired, "not-yet-valid": Why.not_yet_valid}


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _told(state: State, why: Why, rule: Rule, *places: Place, **more: str) -> Outcome:
    return Outcome(state, why, (rule.thing,), places, more=more)


def _in_time(rule: Rule, taker: Taker) -> Outcome:
    things: tuple[Held, ...] | tuple[Paper, ...]
    things = taker.licences(rule.thing) if rule.thing.startswith("LT") else taker.papers(rule.thing)
    over = [(each, why) for each in things if (why := _over(each, taker.facts.today)) is not None]
    if over:
        first, why = over[0]
        ends = " ".join(str(each.ends) for each, _ in over)
        places = (each.place for each, _ in over)
        return _told(State.failed, why, rule, *places, standing=first.standing, ends=ends)
    for each in things:
        if isinstance(each, Paper) and each.ends is None and not each.endless:
            return _told(State.unclear, unread(each) or Why.end_unknown, rule, each.place)
    taker.complete(rule.thing)
    return Outcome(State.passed, places=tuple(each.place for each in things))


def _over(held: Held | Paper, today: date) -> Why | None:
    """Why something is not in its time."""
    if held.standing != _ACTIVE:
        return _STANDINGS.get(held.standing, Why.ended)
    if held.ends is not None and held.ends < today:
        return Why.expired
    begins = getattr(held, "begins", None)
    return Why.not_yet_valid if begins is not None and begins > today else None


def _status(rule: Rule, taker: Taker) -> Outcome:
    try:
        licences = taker.licences(rule.thing)
    except Ended as ended:
        check = taker.check_of(rule.thing)
        if check is None or ended.outcome.state is not State.unclear:
            raise
        return Outcome(State.passed, places=(Place("connector:", check),))
    for each in licences:
        if each.status != rule.text or each.standing != _ACTIVE:
            return _told(State.failed, Why.status, rule, each.place, status=each.status, standing=each.standing)
    taker.complete(rule.thing)
    return Outcome(State.passed, places=tuple(each.place for each in licences))


def _sealed(rule: Rule, taker: Taker) -> Outcome:
    papers = taker.papers(rule.thing)
    codes = taker.facts.organisations.get(rule.text, frozenset())
    for paper in papers:
        if paper.seal_problem and paper.seal_problem != "seal-missing":
            return _told(State.failed, Why.seal_broken, rule, paper.place, problem=paper.seal_problem)
        if paper.seals is None:
            return _told(State.unclear, Why.seals_unchecked, rule, paper.place)
        if not codes:
            return _told(State.unclear, Why.nobody_named, rule, paper.place, side=rule.text)
        own = [each for each in paper.seals if each.org_code in codes]
        if not own:
            return _told(State.failed, Why.no_seal, rule, paper.place, side=rule.text)
        if problem := own[-1].problem:
            return _told(State.failed, Why.seal_broken, rule, paper.place, problem=problem)
    return Outcome(State.passed, places=tuple(each.place for each in papers))


def _signed(rule: Rule, taker: Taker) -> Outcome:
    papers = taker.papers(rule.thing)
    codes = taker.facts.organisations.get(rule.side, frozenset()) if rule.side else frozenset()
    left: list[Paper] = []
    for paper in papers:
        if paper.signed is False:
            return _told(State.failed, Why.not_signed, rule, paper.place)
        own = [each for each in paper.seals or () if each.org_code in codes and each.by_signature and not each.problem]
        if not paper.signed and not own:
            left.append(paper)
    places = tuple(each.place for each in papers)
    if not left:
        return Outcome(State.passed, places=places)
    if not rule.place:
        return _told(State.unclear, Why.signature_unknown, rule, left[0].place)
    return _at_place(rule, taker)


def _at_place(rule: Rule, taker: Taker) -> Outcome:
    """Whether a name stands where a signature belongs, and whether it is the right one."""
    try:
        names = taker.values(rule.place, silence=State.failed)
    except Ended as ended:
        if ended.outcome.state is State.failed:
            return _told(State.failed, Why.not_signed, rule, *ended.outcome.places)
        raise
    if not rule.of:
        return Outcome(State.passed, places=tuple(each.place for each in names), values=names)
    named = taker.values(rule.of[0])
    values, places = (*names, *named), tuple(each.place for each in (*names, *named))
    wanted = {normal.name(each.text) for each in named}
    if all(normal.name(each.text) in wanted for each in names):
        return Outcome(State.passed, places=places, values=values)
    if any(min(paper.clear, default=0) < TEXT_LAYER for paper in taker.papers(rule.thing)):
        # Handwriting that was looked at: a sign read wrongly is no other person.
        return Outcome(State.unclear, Why.low_confidence, (rule.place,), places, values)
    return Outcome(State.failed, Why.other_signer, (rule.place, rule.of[0]), places, values)


def _legible(rule: Rule, taker: Taker) -> Outcome:
    papers = taker.papers(rule.thing)
    looked = [each for each in papers if not each.made]
    lost = tuple(each.place for each in looked if each.reading == "failed")
    if lost:
        return _told(State.failed, Why.unreadable, rule, *lost)
    poor = tuple(
        Place(rule.thing, paper.id, paper.type_code, number)
        for paper in looked
        if paper.reading == "read"
        for number, clear in enumerate(paper.clear or (0,), 1)
        if clear < CLEAR
    )
    if poor:
        return _told(State.failed, Why.illegible, rule, *poor)
    for paper in looked:
        if (why := unread(paper)) is not None:
            return _told(State.unclear, why, rule, paper.place)
    return Outcome(State.passed, places=tuple(each.place for each in papers))


def _base_version(rule: Rule, taker: Taker) -> Outcome:
    taker.papers(rule.thing)
    bases = taker.papers(rule.text)
    for base in bases:
        if base.standing != _ACTIVE:
            return _told(State.failed, Why.base_superseded, rule, base.place, standing=base.standing)
    base_on, name, adopted_on, base_name = rule.of
    for one, other, why in ((name, base_name, Why.base_of_other), (base_on, adopted_on, Why.base_differs)):
        left, right = taker.values(one), taker.values(other)
        values = (*left, *right)
        how = normal.common(left[0].category, right[0].category)
        told = normal.same(how, left[0].text, right[0].text)
        if not told:
            state = State.failed if told is False else State.unclear
            places = tuple(each.place for each in values)
            return Outcome(state, why if told is False else Why.not_comparable, (one, other), places, values)
    return Outcome(State.passed, places=tuple(each.place for each in bases))


THINGS: Final[Mapping[Kind, Callable[[Rule, Taker], Outcome]]] = {
    Kind.in_time: _in_time,
    Kind.status: _status,
    Kind.sealed: _sealed,
    Kind.signed: _signed,
    Kind.legible: _legible,
    Kind.base_version: _base_version,
}
