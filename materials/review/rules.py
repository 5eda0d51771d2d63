"""The rules of check points: a closed set of kinds, each with its members, read from an item's file.

| kind | members | holds if |
|---|---|---|
| `equal` | left, right | every value left is among the values right |
| `equal-all` | of | they all say the same |
| `differs` | left, right | no value left is among the values right |
| `present` | of | each of them has a value |
| `contains-any`, `contains-all` | of, any or all | words are in it; a list in a list names words for one thing |
| `at-least`, `at-most` | left, right or value | numbers |
| `months-between` | left, right, least, most | whole months from the first day to the last, both counted |
| `before` | left, right | the left day is not after the right one |
| `within-days` | left, right, value | the right day is at most so many days after the left one |
| `ratio-at-least`, `ratio-above` | left, right, value `2/3` | left of right |
| `sum` | of, equals | amounts add up |
| `formula` | of, formula | it is what a line of arithmetic over the form comes to (`materials.catalogue.expressions`) |
| `in-time` | of | a licence or material whose time has come and is not over |
| `status` | of, equals | a licence's status in the national list |
| `sealed` | of, by | an organisation's electronic seal is on it, and holds |
| `signed` | of, by, at, side | signed by whom `by` names: at the place `at`, or by that side's signature for its seal |
| `legible` | of | every page can be read |
| `base-version` | of, base | an amendment amends the version that is current, of the same company |

A *source* is `form.premises` (`.name` and `.amount` of a list's lines), `answer.what`, `applicant.name`,
`LT01.domicile`, `LT01`, `material:CL022.premises`, `material:CL022`, `connector:tax.payroll.total`, `case.accepted_at`
(the day of acceptance, before that today), `published:minimum-wage.monthly` (`published.json`).

Everything is checked when the catalogue is read. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from materials.catalogue import expressions
from materials.errors import CatalogueError
from materials.reading import fieldrules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from materials.catalogue.items import Item


class Kind(StrEnum):
    """What a rule asks."""

    equal = "equal"
    equal_all = "equal-all"
    differs = "differs"
    present = "present"
    contains_any = "contains-any"
    contains_all = "contains-all"
    at_least = "at-least"
    at_most = "at-most"
    months_between = "months-between"
    before = "before"
    within_days = "within-days"
    ratio_at_least = "ratio-at-least"
    ratio_above = "ratio-above"
    sum = "sum"
    formula = "formula"
    in_time = "in-time"
    status = "status"
    sealed = "sealed"
    signed = "signed"
    legible = "legible"
    base_version = "base-version"


FORM: Final = "form."
MATERIAL: Final = "material:"
CONNECTOR: Final = "connector:"
PUBLISHED: Final = "published:"
ACCEPTED: Final = "case.accepted_at"
PARTS: Final = frozenset({"name", "amount"})
"""What a line of a list in a form may be asked for: 陈安澜 1200000.00."""
_VALUE: Final = re.compile(
    r"form\.[a-z][a-z0-9_-]*(\.(name|amount))?|answer\.[a-z][a-z0-9_-]*|applicant\.(name|code)"
    r"|LT\d{2}\.[a-z][a-z0-9_]*|material:CL\d{3}\.[a-z][a-z0-9_]*|connector:[a-z0-9-]+(\.[a-z0-9-]+)+\.\w+"
    r"|case\.accepted_at|published:[a-z-]+\.[a-z-]+"
)
_THING: Final = re.compile(r"LT\d{2}|material:CL\d{3}")
_LICENCE: Final = re.compile(r"LT\d{2}")
_PAPER: Final = re.compile(r"material:CL\d{3}")
_SIDES: Final = re.compile(r"applicant|[a-z][a-z_]{0,30}")
_STATUS: Final = re.compile(r"\d{2}")
_NEEDS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.equal: ("left", "right"),
    Kind.equal_all: ("of",),
    Kind.differs: ("left", "right"),
    Kind.present: ("of",),
    Kind.contains_any: ("of", "any"),
    Kind.contains_all: ("of", "all"),
    Kind.at_least: ("left", "right|value"),
    Kind.at_most: ("left", "right|value"),
    Kind.months_between: ("left", "right", "least", "most"),
    Kind.before: ("left", "right"),
    Kind.within_days: ("left", "right", "value"),
    Kind.ratio_at_least: ("left", "right", "value"),
    Kind.ratio_above: ("left", "right", "value"),
    Kind.sum: ("of", "equals"),
    Kind.formula: ("of", "formula"),
    Kind.in_time: ("of",),
    Kind.status: ("of", "equals"),
    Kind.sealed: ("of", "by"),
    Kind.signed: ("of", "by?", "at?", "side?"),
    Kind.legible: ("of",),
    Kind.base_version: ("of", "base"),
}
BASE: Final = {"of": ("base_on", "name"), "base": ("adopted_on", "name")}
"""Fields that tell which version an amendment amends: of the amendment, of the version."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was checked.

    Attributes:
        of: sources it is about, the left one first.
        thing: licence or material it is about as a whole.
        number: what is compared with, where that stands in the rule.
        least, most: bounds.
        share: of `ratio-*`.
        words: each entry the words that stand for one thing.
        text: status, formula, or the organisation that seals.
        side: whose signature for a seal counts as theirs.
        place: field where a signature stands.
    """

    kind: Kind
    of: tuple[str, ...] = ()
    thing: str = ""
    number: Decimal | None = None
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    share: Fraction = Fraction(1)
    words: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    side: str = ""
    place: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """Every value it reads."""
        more: tuple[str, ...] = (self.place,) if self.place else ()
        if self.kind is Kind.formula:
            more = tuple(f"{FORM}{each}" for each in sorted(expressions.names(self.text)))
        return (*self.of, *more)

    @property
    def things(self) -> tuple[str, ...]:
        """Every licence and material it is about, by code."""
        named = [self.thing, *self.values]
        codes = [each.removeprefix(MATERIAL).partition(".")[0] for each in named if each.startswith(("LT", MATERIAL))]
        return tuple(dict.fromkeys(codes))


def parse(given: Mapping[str, Any]) -> Rule:
    """Read a rule.

    Raises:
        CatalogueError: a kind or member nobody knows, one that is missing, or a value that is none.
    """
    try:
        kind = Kind(given["kind"])
        _check_members(kind, given)
        return _READERS.get(kind, _two)(kind, given)
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise CatalogueError(rule=str(given.get("kind"))[:40], problem="form") from error


def _check_members(kind: Kind, given: Mapping[str, Any]) -> None:
    known = {"kind"}
    for need in _NEEDS[kind]:
        names = need.rstrip("?").split("|")
        known.update(names)
        if sum(each in given for each in names) != 1 and not need.endswith("?"):
            raise CatalogueError(rule=kind.value, member=need)
    if strange := sorted(set(given) - known):
        raise CatalogueError(rule=kind.value, member=strange[0], problem="unknown")


def _source(text: Any) -> str:
    if not isinstance(text, str) or not _VALUE.fullmatch(text):
        raise CatalogueError(source=str(text)[:60], problem="form")
    return text


def _matched(pattern: re.Pattern[str], text: Any) -> str:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise CatalogueError(source=str(text)[:60], problem="form")
    return text


def _two(kind: Kind, given: Mapping[str, Any]) -> Rule:
    names = [name for name in ("left", "right") if name in given]
    return Rule(kind, tuple(_source(given[name]) for name in names))


def _listed(kind: Kind, given: Mapping[str, Any]) -> Rule:
    of = tuple(_source(each) for each in given["of"])
    if not of or len(set(of)) != len(of) or (kind is Kind.equal_all and len(of) < 2):
        raise CatalogueError(rule=kind.value, problem="too few, or one twice")
    return Rule(kind, of)


def _contains(kind: Kind, given: Mapping[str, Any]) -> Rule:
    told = given["any"] if kind is Kind.contains_any else given["all"]
    words = tuple((each,) if isinstance(each, str) else tuple(each) for each in told)
    if not words or not all(group and all(isinstance(each, str) and each for each in group) for group in words):
        raise CatalogueError(rule=kind.value, problem="no words")
    return Rule(kind, (_source(given["of"]),), words=words)


def _bound(kind: Kind, given: Mapping[str, Any]) -> Rule:
    held = _two(kind, given)
    if "value" not in given:
        return held
    return Rule(kind, held.of, number=_number(given["value"]))


def _range(kind: Kind, given: Mapping[str, Any]) -> Rule:
    least, most = _number(given["least"]), _number(given["most"])
    if least > most:
        raise CatalogueError(rule=kind.value, problem="bounds")
    return Rule(kind, _two(kind, given).of, least=least, most=most)


def _ratio(kind: Kind, given: Mapping[str, Any]) -> Rule:
    share = Fraction(given["value"])
    if not 0 < share <= 1:
        raise CatalogueError(rule=kind.value, problem="share")
    return Rule(kind, _two(kind, given).of, share=share)


def _sum(kind: Kind, given: Mapping[str, Any]) -> Rule:
    return Rule(kind, (_source(given["of"]), _source(given["equals"])))


def _formula(kind: Kind, given: Mapping[str, Any]) -> Rule:
    expressions.parse(given["formula"])
    return Rule(kind, (_source(given["of"]),), text=given["formula"])


def _whole(kind: Kind, given: Mapping[str, Any]) -> Rule:
    thing = _matched(_THING if kind is Kind.in_time else _LICENCE if kind is Kind.status else _PAPER, given["of"])
    if kind is Kind.status:
        return Rule(kind, thing=thing, text=_matched(_STATUS, given["equals"]))
    if kind is Kind.sealed:
        return Rule(kind, thing=thing, text=_matched(_SIDES, given["by"]))
    if kind is Kind.base_version:
        base = _matched(_PAPER, given["base"])
        of = [f"{thing}.{name}" for name in BASE["of"]] + [f"{base}.{name}" for name in BASE["base"]]
        return Rule(kind, tuple(of), thing=thing, text=base)
    return Rule(kind, thing=thing)


def _signed(kind: Kind, given: Mapping[str, Any]) -> Rule:
    of = (_source(given["by"]),) if "by" in given else ()
    place = _source(given["at"]) if "at" in given else ""
    side = _matched(_SIDES, given["side"]) if "side" in given else ""
    return Rule(kind, of, thing=_matched(_PAPER, given["of"]), place=place, side=side)


def _number(given: Any) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise CatalogueError(problem="a number")
    return Decimal(str(given))


_READERS: Final = {
    Kind.equal_all: _listed,
    Kind.present: _listed,
    Kind.contains_any: _contains,
    Kind.contains_all: _contains,
    Kind.at_least: _bound,
    Kind.at_most: _bound,
    Kind.within_days: _bound,
    Kind.months_between: _range,
    Kind.ratio_at_least: _ratio,
    Kind.ratio_above: _ratio,
    Kind.sum: _sum,
    Kind.formula: _formula,
    Kind.in_time: _whole,
    Kind.status: _whole,
    Kind.sealed: _whole,
    Kind.legible: _whole,
    Kind.base_version: _whole,
    Kind.signed: _signed,
}


def check(rule: Rule, item: Item) -> None:
    """Check that all a rule names is there: fields of the form, questions, roles, fields that can be read.

    Raises:
        CatalogueError: something is not.
    """
    for problem in _strange(rule, item):
        raise CatalogueError(item=item.item_code, rule=rule.kind.value, problem=problem)


def _strange(rule: Rule, item: Item) -> Iterator[str]:
    fields = {each.code: each for each in item.fields}
    for source in rule.values:
        head, _, rest = source.partition(".")
        if source.startswith(FORM):
            code, _, part = rest.partition(".")
            if code not in fields or (part and fields[code].kind != "list"):
                yield f"the form has no {rest}"
        elif head == "answer" and rest not in {each.code for each in item.questions}:
            yield f"nobody asks {rest}"
        elif source.startswith(MATERIAL) and fieldrules.rules().field(head.removeprefix(MATERIAL), rest) is None:
            yield f"nobody reads {source}"
    for code in rule.things:
        if code.startswith("CL") and code not in item.types:
            yield f"{code} is not demanded"
    for side in {rule.text if rule.kind is Kind.sealed else "", rule.side} - {"", "applicant"}:
        if side not in item.roles:
            yield f"no role {side}"
