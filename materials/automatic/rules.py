"""Rules of automatic decisions as data: a closed set of kinds, checked when the catalogue is read.

    {"kind": "supplied", "by": ["licence", "check", "reuse"]}   every required line, by these routes only
    {"kind": "review"}                                          no check point failed or is unclear
    {"kind": "confirmed", "role": "worker"}                     everybody of that role said yes on their phone
    {"kind": "sourced", "fields": ["due"]}                      filled by a source, neither stated nor in conflict
    {"kind": "compare", "left": "a", "op": "differs", "right": "b"}        two fields of the form
    {"kind": "value", "field": "a", "op": "at-least", "value": "1"}        a field and a fixed value
    {"kind": "check", "question": "credit.standing", "type": "CL001", "is": "yes"}   what a source answered

A rule *holds*, *fails*, or is *unclear*: a value is missing, in conflict or no number, a source was not reached. Only a
grant is ever decided automatically. What does not hold goes to a person with the rule's name, so nobody is refused by a
machine (个人信息保护法, article 24). A programme that nobody applied for may call a rule `decisive`: who plainly fails
it is not on the list; what is unclear goes to a person there too.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.record import canonical
from materials.checklist.model import Route
from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

Content = str | tuple[str, ...]
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
_QUESTION: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_LICENCE: Final = re.compile(r"LT\d{2}")
_ASKED: Final = re.compile(r"(?:[^{}]|\{applicant\})*")
"""What somebody is asked: nothing in braces but `{applicant}`."""
_FORMS: Final[Mapping[str, frozenset[str]]] = {
    "supplied": frozenset({"by"}),
    "review": frozenset(),
    "confirmed": frozenset({"role"}),
    "sourced": frozenset({"fields"}),
    "compare": frozenset({"left", "op", "right"}),
    "value": frozenset({"field", "op", "value"}),
    "check": frozenset({"question", "type", "is"}),
}
"""Members of each kind beside `kind`: these, and no other."""
_PAIRS: Final = frozenset({"at-most", "at-least", "equal", "differs"})
_FIXED: Final = frozenset({"at-most", "at-least", "equal", "one-of", "contains"})
MAX_DAYS: Final = 60


class Said(StrEnum):
    """What came of a rule."""

    holds = "holds"
    fails = "fails"
    unclear = "unclear"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        test: as in the module's description.
        decisive: who plainly fails it is not entitled; only in programmes.
    """

    code: str
    zh: str
    en: str
    test: Mapping[str, Any]
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The licence that a decision changes: fields of its next version, from the form.

    Attributes:
        licence: LTnn.
        whose: role of the case's people; `applicant` too.
        fields: of the licence's face, by name; the field of the form each is taken from.
    """

    licence: str
    whose: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirm:
    """Whose yes is needed first, on their phone, and what they are asked; `{applicant}` stands for its name."""

    role: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """When an item is decided without a person.

    Attributes:
        confirm: who is asked first.
        wait_days: working days for which somebody is waited for, before a person takes over.
        rules: all of which must hold.
        shown: fields of the form that the receipt repeats.
        result: the licence that is changed by it.
        sha256: of the canonical JSON of all this, hexadecimal.
    """

    confirm: tuple[Confirm, ...]
    wait_days: int
    rules: tuple[Rule, ...]
    shown: tuple[str, ...]
    result: Result | None
    sha256: str

    @property
    def kept(self) -> tuple[str, ...]:
        """Fields of the form that are kept with a decision whether or not a rule reads them."""
        return (*self.shown, *(self.result.fields.values() if self.result else ()))

    @property
    def reads(self) -> frozenset[str]:
        """Every field of the form that a decision needs."""
        return frozenset({code for rule in self.rules for code in _fields(rule.test)} | set(self.kept))

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """Questions to sources that rules ask: code and material type."""
        asked = [each.test for each in self.rules if each.test["kind"] == "check"]
        return tuple(dict.fromkeys((each["question"], each["type"]) for each in asked))


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A field of the form.

    Attributes:
        content: None where it is empty or in conflict.
        sourced: a source filled it, and nobody stated otherwise.
        entry_id: the log entry it was taken from.
    """

    content: Content | None = field(repr=False)
    sourced: bool
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class LineFact:
    """A required line of the checklist."""

    key: str
    state: str
    route: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules are judged on.

    Attributes:
        fields: by code.
        lines: the required ones.
        failed, unclear: check points of the review; None where none was made.
        confirmed: by role: everybody said yes.
        checks: what sources said, by question; `failed` where one was not reached in time.
    """

    fields: Mapping[str, FieldFact]
    lines: Sequence[LineFact]
    failed: Sequence[str] | None
    unclear: Sequence[str]
    confirmed: Mapping[str, bool]
    checks: Mapping[str, str]

    def document(self, rules: Sequence[Rule], shown: Sequence[str], said: Mapping[str, Said]) -> dict[str, Any]:
        """As it is kept with a decision, and hashed: everything the rules read, with where it came from.

        Args:
            shown: more fields of the form, for the receipt.
            said: what came of each rule.
        """
        read = {code for rule in rules for code in _fields(rule.test)}
        return {
            "fields": {
                code: {"value": _plain(held.content), "sourced": held.sourced, "entry": held.entry_id}
                for code, held in sorted(self.fields.items())
                if code in read
            },
            "lines": [{"line": each.key, "state": each.state, "route": each.route} for each in self.lines],
            "review": None if self.failed is None else {"failed": list(self.failed), "unclear": list(self.unclear)},
            "confirmed": dict(sorted(self.confirmed.items())),
            "checks": dict(sorted(self.checks.items())),
            "shown": {code: _plain(self.fields[code].content) for code in shown if code in self.fields},
            "rules": {code: each.value for code, each in said.items()},
        }


# Reading


def read(row: Mapping[str, Any], forms: Mapping[str, str], roles: Collection[str], types: Collection[str]) -> Automatic:
    """The section `automatic` of an item file.

    Args:
        forms: kinds of the item's form fields, by code.
        roles: of the item.
        types: material types it demands.

    Raises:
        CatalogueError: incomplete, a member or kind nobody knows, or it names what the item does not have.
    """
    if row.keys() - {"confirm", "wait_days", "rules", "shown", "result"}:
        raise CatalogueError(problem="automatic: members")
    rules = read_rules(row["rules"], forms, roles, types)
    if any(rule.decisive for rule in rules):
        raise CatalogueError(problem="automatic: nobody who applied is refused by a rule")
    confirm, days, shown = tuple(Confirm(**each) for each in row.get("confirm", ())), row["wait_days"], row["shown"]
    if not all(
        _worded(each.zh, each.en) and _ASKED.fullmatch(each.zh) and _ASKED.fullmatch(each.en) for each in confirm
    ):
        raise CatalogueError(problem="automatic: what is asked, no braces but {applicant}")
    if strange := set(shown) - forms.keys():
        raise CatalogueError(field=min(strange), problem="automatic: unknown field")
    confirmed = sorted(rule.test["role"] for rule in rules if rule.test["kind"] == "confirmed")
    if confirmed != sorted(each.role for each in confirm):
        raise CatalogueError(problem="automatic: who confirms, and the rule that they did")
    if not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        raise CatalogueError(problem="automatic: wait_days")
    given = row.get("result")
    result = None if given is None else _result(given, forms, roles)
    return Automatic(confirm, days, rules, tuple(shown), result, sha256(canonical(dict(row))).hexdigest())


def read_rules(
    rows: Sequence[Mapping[str, Any]], forms: Mapping[str, str], roles: Collection[str], types: Collection[str]
) -> tuple[Rule, ...]:
    """Rules as a file has them.

    Raises:
        CatalogueError: as `read`.
    """
    rules = []
    for row in rows:
        if row.keys() - {"decisive"} != {"code", "zh", "en", "rule"} or not _CODE.fullmatch(row["code"]):
            raise CatalogueError(rule=str(row.get("code"))[:40], problem="members or code")
        if not _worded(row["zh"], row["en"]):
            raise CatalogueError(rule=row["code"], problem="words of a rule")
        test = row["rule"]
        if not isinstance(test, dict) or _FORMS.get(str(test.get("kind"))) != frozenset(test.keys() - {"kind"}):
            raise CatalogueError(rule=row["code"], problem="kind")
        if not _fits(test, forms, roles, types):
            raise CatalogueError(rule=row["code"], problem="names what is not there")
        rules.append(Rule(row["code"], row["zh"], row["en"], test, row.get("decisive", False) is True))
    if not rules or len({rule.code for rule in rules}) != len(rules):
        raise CatalogueError(problem="rules: none, or a code is there twice")
    return tuple(rules)


def _worded(*words: object) -> bool:
    return all(isinstance(each, str) and each.strip() for each in words)


def _fits(  # noqa: PLR0911 - one for each kind
    test: Mapping[str, Any], forms: Mapping[str, str], roles: Collection[str], types: Collection[str]
) -> bool:
    match test["kind"]:
        case "supplied":
            return bool(test["by"]) and set(test["by"]) <= {each.value for each in Route} - {"upload"}
        case "confirmed":
            return test["role"] in roles
        case "sourced":
            return bool(test["fields"]) and set(test["fields"]) <= forms.keys()
        case "compare":
            known = {test["left"], test["right"]} <= forms.keys()
            return known and test["op"] in _PAIRS and forms[test["left"]] == forms[test["right"]]
        case "value":
            several = test["op"] in {"one-of", "contains"}
            kind = list if several else str
            return test["field"] in forms and test["op"] in _FIXED and isinstance(test["value"], kind)
        case "check":
            known = _QUESTION.fullmatch(test["question"]) is not None and test["type"] in types
            return known and test["is"] in {"yes", "no"}
        case _:
            return True


def _result(row: Mapping[str, Any], forms: Mapping[str, str], roles: Collection[str]) -> Result:
    if row.keys() != {"licence", "whose", "set"} or not _LICENCE.fullmatch(row["licence"]):
        raise CatalogueError(problem="automatic: result")
    if row["whose"] not in {"applicant", *roles} or not row["set"] or not set(row["set"].values()) <= forms.keys():
        raise CatalogueError(problem="automatic: result names what is not there")
    return Result(row["licence"], row["whose"], dict(row["set"]))


# Judging


def judge(rules: Sequence[Rule], facts: Facts) -> dict[str, Said]:
    """What comes of each rule, by code, in their order."""
    return {rule.code: _JUDGES[rule.test["kind"]](rule.test, facts) for rule in rules}


def _said(holds: bool) -> Said:  # noqa: FBT001 - nothing else it could be
    return Said.holds if holds else Said.fails


def _supplied(test: Mapping[str, Any], facts: Facts) -> Said:
    if any(each.state != "supplied" for each in facts.lines):
        return Said.unclear
    return _said(all(each.route in test["by"] for each in facts.lines))


def _review(_test: Mapping[str, Any], facts: Facts) -> Said:
    if facts.failed is None or (facts.unclear and not facts.failed):
        return Said.unclear
    return _said(not facts.failed)


def _confirmed(test: Mapping[str, Any], facts: Facts) -> Said:
    held = facts.confirmed.get(test["role"])
    return Said.unclear if held is None else _said(held)


def _sourced(test: Mapping[str, Any], facts: Facts) -> Said:
    held = [facts.fields.get(code) for code in test["fields"]]
    return Said.holds if all(each is not None and each.sourced and each.content for each in held) else Said.unclear


def _compare(test: Mapping[str, Any], facts: Facts) -> Said:
    pair = [_content(facts, test[side]) for side in ("left", "right")]
    return _related(pair[0], test["op"], pair[1])


def _value(test: Mapping[str, Any], facts: Facts) -> Said:
    held, wanted = _content(facts, test["field"]), test["value"]
    if held is None:
        return Said.unclear
    if test["op"] == "one-of":
        return _said(held in wanted)
    if test["op"] == "contains":
        text = held if isinstance(held, str) else "\n".join(held)
        return _said(any(each in text for each in wanted))
    return _related(held, test["op"], wanted)


def _check(test: Mapping[str, Any], facts: Facts) -> Said:
    said = facts.checks.get(test["question"])
    return _said(said == test["is"]) if said in {"yes", "no"} else Said.unclear


_JUDGES: Final[Mapping[str, Callable[[Mapping[str, Any], Facts], Said]]] = {
    "supplied": _supplied,
    "review": _review,
    "confirmed": _confirmed,
    "sourced": _sourced,
    "compare": _compare,
    "value": _value,
    "check": _check,
}


def _related(left: Content | None, op: str, right: Content | None) -> Said:
    if left is None or right is None:
        return Said.unclear
    if op in {"equal", "differs"}:
        return _said((_bare(left) == _bare(right)) == (op == "equal"))
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return Said.unclear
    return _said(one <= other if op == "at-most" else one >= other)


def _bare(content: Content) -> tuple[str, ...]:
    """Text without differences of width, case and blanks."""
    lines = (content,) if isinstance(content, str) else content
    return tuple("".join(unicodedata.normalize("NFKC", each).casefold().split()) for each in lines)


def _number(content: Content) -> Decimal | None:
    if not isinstance(content, str):
        return None
    try:
        found = Decimal(unicodedata.normalize("NFKC", content).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _content(facts: Facts, code: str) -> Content | None:
    held = facts.fields.get(code)
    return None if held is None else held.content


def _fields(test: Mapping[str, Any]) -> list[str]:
    return [*test.get("fields", ()), *(test[name] for name in ("left", "right", "field") if name in test)]


def _plain(content: Content | None) -> str | list[str] | None:
    return list(content) if isinstance(content, tuple) else content
