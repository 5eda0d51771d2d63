"""What comes of a rule. Pure: facts in, an outcome with its places out.

1. Whatever a rule needs is taken (`Taker`). What the item does not ask for, or what was supplied without a document,
   is *not applicable*; what is missing, being read, doubtful or waits for consent is *unclear*.
2. What was taken is compared in its normal form (`normal`). What cannot be compared is unclear.
3. A document that was read well and does not say a thing fails a rule that demands it (`present`, `signed`, words).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from materials.catalogue import expressions
from materials.review import normal
from materials.review.model import Outcome, State
from materials.review.rules import FORM, Kind
from materials.review.taking import Ended, Taker
from materials.review.things import THINGS, add_months
from materials.review.words import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from materials.review.facts import Facts, Known
    from materials.review.rules import Rule

_CENT: Final = Decimal("0.01")
_A_DAY: Final = timedelta(days=1)


def judge(rule: Rule, facts: Facts) -> Outcome:
    """What comes of a rule."""
    try:
        return _JUDGES[rule.kind](rule, Taker(facts))
    except Ended as ended:
        return ended.outcome


def _ended(state: State, why: Why, rule: Rule, values: Sequence[Known], **more: str) -> Outcome:
    return Outcome(state, why, rule.of, tuple(each.place for each in values), tuple(values), more)


def _passed(values: Sequence[Known]) -> Outcome:
    return Outcome(State.passed, places=tuple(each.place for each in values), values=tuple(values))


# Values that are compared


def _among(rule: Rule, taker: Taker) -> tuple[list[bool | None], tuple[Known, ...]]:
    """For each value left whether it is among those right; None where it cannot be told."""
    left, right = (taker.values(source) for source in rule.of)
    found: list[bool | None] = []
    for one in left:
        told = [normal.same(normal.common(one.category, each.category), one.text, each.text) for each in right]
        found.append(True if True in told else None if None in told else False)
    return found, (*left, *right)


def _equal(rule: Rule, taker: Taker) -> Outcome:
    found, values = _among(rule, taker)
    if False in found:
        return _ended(State.failed, Why.differs, rule, values)
    return _ended(State.unclear, Why.not_comparable, rule, values) if None in found else _passed(values)


def _differs(rule: Rule, taker: Taker) -> Outcome:
    found, values = _among(rule, taker)
    if True in found:
        return _ended(State.failed, Why.same, rule, values)
    return _ended(State.unclear, Why.not_comparable, rule, values) if None in found else _passed(values)


def _equal_all(rule: Rule, taker: Taker) -> Outcome:
    """Sources that do not count here are left out; what is there is compared even if something is still open."""
    taken: list[Known] = []
    opened: list[Outcome] = []
    for source in rule.of:
        try:
            taken += taker.values(source)
        except Ended as ended:
            opened.append(ended.outcome)
    for one in taken:
        for other in taken:
            told = normal.same(normal.common(one.category, other.category), one.text, other.text)
            if told is False:
                about = (one.place.source, other.place.source)
                return Outcome(State.failed, Why.differs, about, (one.place, other.place), tuple(taken))
            if told is None:
                return _ended(State.unclear, Why.not_comparable, rule, taken)
    unclear = next((each for each in opened if each.state is State.unclear), None)
    if unclear is not None:
        return unclear
    return _passed(taken) if len({each.place.source for each in taken}) > 1 else opened[0]


def _present(rule: Rule, taker: Taker) -> Outcome:
    values: list[Known] = []
    for source in rule.of:
        values += taker.values(source, silence=State.failed)
    return _passed(values)


def _contains(rule: Rule, taker: Taker) -> Outcome:
    values = taker.values(rule.of[0], silence=State.failed)
    for each in values:
        text = normal.name(each.text)
        there = [any(normal.name(word) in text for word in group) for group in rule.words]
        if not (all(there) if rule.kind is Kind.contains_all else any(there)):
            lacking = [group[0] for group, is_there in zip(rule.words, there, strict=True) if not is_there]
            return _ended(State.failed, Why.lacks_words, rule, values, words="、".join(lacking))
    return _passed(values)


# Numbers


def _numbers(rule: Rule, values: Sequence[Known]) -> list[Decimal]:
    found = [normal.amount(each.text) for each in values]
    told = [each for each in found if each is not None]
    if len(told) < len(found):
        raise Ended(_ended(State.unclear, Why.not_comparable, rule, values))
    return told


def _bounded(rule: Rule, taker: Taker) -> Outcome:
    left = taker.values(rule.of[0])
    right = taker.values(rule.of[1]) if len(rule.of) > 1 else ()
    bounds = _numbers(rule, right) if right else [rule.number or Decimal(0)]
    values = (*left, *right)
    is_least = rule.kind is Kind.at_least
    for one in _numbers(rule, left):
        if any(one < bound if is_least else one > bound for bound in bounds):
            why = Why.too_small if is_least else Why.too_large
            return _ended(State.failed, why, rule, values, bound=f"{bounds[0]:f}")
    return _passed(values)


def _ratio(rule: Rule, taker: Taker) -> Outcome:
    left, right = taker.values(rule.of[0]), taker.values(rule.of[1])
    values = (*left, *right)
    part, whole = (Fraction(_numbers(rule, each)[0]) for each in (left, right))
    if whole <= 0:
        return _ended(State.unclear, Why.not_comparable, rule, values)
    share = part / whole
    holds = share >= rule.share if rule.kind is Kind.ratio_at_least else share > rule.share
    if holds and share <= 1:
        return _passed(values)
    return _ended(State.failed, Why.share if share <= 1 else Why.more_than_all, rule, values, share=str(rule.share))


def _sum(rule: Rule, taker: Taker) -> Outcome:
    parts, whole = taker.values(rule.of[0]), taker.values(rule.of[1])
    values = (*parts, *whole)
    total = sum(_numbers(rule, parts), Decimal(0))
    if total == _numbers(rule, whole)[0]:
        return _passed(values)
    return _ended(State.failed, Why.sum_differs, rule, values, bound=f"{total:f}")


def _formula(rule: Rule, taker: Taker) -> Outcome:
    stated = taker.values(rule.of[0])
    read: dict[str, tuple[Known, ...]] = {}
    for name in sorted(expressions.names(rule.text)):
        read[name] = taker.values(f"{FORM}{name}")
    values = (*stated, *(each for held in read.values() for each in held))
    numbers = {name: _numbers(rule, held)[0] for name, held in read.items()}
    right = expressions.evaluate(rule.text, numbers)
    if right is None or not right.is_finite():
        return _ended(State.unclear, Why.not_comparable, rule, values)
    if _numbers(rule, stated)[0].quantize(_CENT) == right.quantize(_CENT):
        return _passed(values)
    return _ended(State.failed, Why.formula_differs, rule, values, bound=f"{right.quantize(_CENT):f}")


# Days


def _days(rule: Rule, taker: Taker, *forgiven: str) -> tuple[date, date, tuple[Known, ...]]:
    left, right = (taker.values(source, forgiven=forgiven) for source in rule.of)
    values = (*left, *right)
    first, last = normal.day(left[0].text), normal.day(right[0].text)
    if first is None or last is None:
        raise Ended(_ended(State.unclear, Why.not_comparable, rule, values))
    return first, last, values


def _before(rule: Rule, taker: Taker) -> Outcome:
    # What a reading doubts because the days are the wrong way round is what is asked here.
    first, last, values = _days(rule, taker, "period-reversed")
    return _passed(values) if first <= last else _ended(State.failed, Why.out_of_order, rule, values)


def _within_days(rule: Rule, taker: Taker) -> Outcome:
    first, last, values = _days(rule, taker)
    days = (last - first).days
    if 0 <= days <= (rule.number or 0):
        return _passed(values)
    why = Why.too_late if days > 0 else Why.out_of_order
    return _ended(State.failed, why, rule, values, days=f"{rule.number or 0:f}")


def _months_between(rule: Rule, taker: Taker) -> Outcome:
    """Both ways of counting are written: a year from 1 March ends on 28 February or on 1 March."""
    first, last, values = _days(rule, taker, "period-reversed")
    least = add_months(first, int(rule.least)) - _A_DAY
    most = add_months(first, int(rule.most))
    if least <= last <= most:
        return _passed(values)
    return _ended(State.failed, Why.term, rule, values, least=f"{rule.least:f}", most=f"{rule.most:f}")


_JUDGES: Final[Mapping[Kind, Callable[[Rule, Taker], Outcome]]] = {
    Kind.equal: _equal,
    Kind.differs: _differs,
    Kind.equal_all: _equal_all,
    Kind.present: _present,
    Kind.contains_any: _contains,
    Kind.contains_all: _contains,
    Kind.at_least: _bounded,
    Kind.at_most: _bounded,
    Kind.months_between: _months_between,
    Kind.before: _before,
    Kind.within_days: _within_days,
    Kind.ratio_at_least: _ratio,
    Kind.ratio_above: _ratio,
    Kind.sum: _sum,
    Kind.formula: _formula,
    **THINGS,
}
