"""Rules of automatic decisions: what each kind says, and what no catalogue may say."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, strategies as st

from materials.automatic.rules import Facts, FieldFact, LineFact, Rule, Said, judge
from materials.catalogue.reading import read_item
from materials.errors import CatalogueError

ITEMS = files("materials.catalogue").joinpath("items")


def facts(**changes: Any) -> Facts:
    whole: dict[str, Any] = {
        "fields": {
            "head": FieldFact("200", sourced=True),
            "disabled": FieldFact("3", sourced=True),
            "typed": FieldFact("3", sourced=False),
            "name": FieldFact("宝山青禾", sourced=True),
            "wide": FieldFact("宝山青禾 ", sourced=True),
            "scope": FieldFact(("危险货物运输(3类)", "普通货运"), sourced=True),
            "conflict": FieldFact(None, sourced=False),
            "word": FieldFact("many", sourced=True),
        },
        "lines": [LineFact("CL001", "supplied", "licence")],
        "failed": (),
        "unclear": (),
        "confirmed": {"worker": True},
        "checks": {"credit.standing": "yes"},
    }
    return Facts(**(whole | changes))


def say(test: dict[str, Any], held: Facts | None = None) -> Said:
    return judge([Rule("a", "甲", "A", test)], held or facts())["a"]


class TestJudge:
    @pytest.mark.parametrize(
        ("test", "said"),
        [
            ({"kind": "supplied", "by": ["licence"]}, Said.holds),
            ({"kind": "supplied", "by": ["check"]}, Said.fails),
            ({"kind": "review"}, Said.holds),
            ({"kind": "confirmed", "role": "worker"}, Said.holds),
            ({"kind": "confirmed", "role": "other"}, Said.unclear),
            ({"kind": "sourced", "fields": ["head", "name"]}, Said.holds),
            ({"kind": "sourced", "fields": ["head", "typed"]}, Said.unclear),
            ({"kind": "sourced", "fields": ["conflict"]}, Said.unclear),
            ({"kind": "compare", "left": "disabled", "op": "at-most", "right": "head"}, Said.holds),
            ({"kind": "compare", "left": "head", "op": "at-most", "right": "disabled"}, Said.fails),
            ({"kind": "compare", "left": "name", "op": "differs", "right": "wide"}, Said.fails),
            ({"kind": "compare", "left": "name", "op": "equal", "right": "wide"}, Said.holds),
            ({"kind": "compare", "left": "head", "op": "at-least", "right": "word"}, Said.unclear),
            ({"kind": "compare", "left": "head", "op": "equal", "right": "conflict"}, Said.unclear),
            ({"kind": "value", "field": "head", "op": "at-least", "value": "1"}, Said.holds),
            ({"kind": "value", "field": "scope", "op": "contains", "value": ["危险货物"]}, Said.holds),
            ({"kind": "value", "field": "name", "op": "one-of", "value": ["青浦云岫"]}, Said.fails),
            ({"kind": "value", "field": "none", "op": "one-of", "value": ["a"]}, Said.unclear),
            ({"kind": "check", "question": "credit.standing", "type": "CL001", "is": "yes"}, Said.holds),
            ({"kind": "check", "question": "credit.other", "type": "CL001", "is": "yes"}, Said.unclear),
        ],
        ids=lambda given: json.dumps(given, ensure_ascii=True)[:60] if isinstance(given, dict) else str(given),
    )
    def test_each_kind(self, test: dict[str, Any], said: Said) -> None:
        assert say(test) is said

    @pytest.mark.parametrize("answer", ["unknown", "failed", "value"])
    def test_source_that_says_nothing_is_never_a_yes_or_a_no(self, answer: str) -> None:
        held = facts(checks={"credit.standing": answer})
        for wanted in ("yes", "no"):
            assert say({"kind": "check", "question": "credit.standing", "type": "CL001", "is": wanted}, held) is (
                Said.unclear
            )

    def test_review_nobody_made_or_with_doubts_is_unclear(self) -> None:
        assert say({"kind": "review"}, facts(failed=None)) is Said.unclear
        assert say({"kind": "review"}, facts(unclear=("same-address",))) is Said.unclear
        assert say({"kind": "review"}, facts(failed=("same-address",), unclear=("more",))) is Said.fails

    @given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["at-most", "at-least", "equal", "differs"]))
    def test_odd_values_are_judged_without_an_error(self, left: str, right: str, op: str) -> None:
        held = facts(fields={"a": FieldFact(left, sourced=True), "b": FieldFact(right, sourced=True)})
        assert say({"kind": "compare", "left": "a", "op": op, "right": "b"}, held) in set(Said)


class TestRead:
    def item(self, name: str = "hazardous-transport-staff.json") -> dict[str, Any]:
        row: dict[str, Any] = json.loads(ITEMS.joinpath(name).read_text("utf-8"))
        return row

    def test_takes_what_comes_with_this_version(self) -> None:
        held = read_item(self.item()).automatic
        assert held is not None
        assert (len(held.sha256), held.confirm[0].role, held.result is not None) == (64, "worker", True)

    @pytest.mark.parametrize(
        "change",
        [
            {"rules": []},
            {"wait_days": 0},
            {"wait_days": "ten"},
            {"shown": ["nothing"]},
            {"more": 1},
            {"confirm": []},
            {"confirm": [{"role": "worker", "zh": "甲"}]},
            {"result": {"licence": "LT21", "whose": "nobody", "set": {"employer": "new_employer"}}},
            {"result": {"licence": "LT21", "whose": "worker", "set": {"employer": "nothing"}}},
            {"result": {"licence": "employer", "whose": "worker", "set": {"employer": "new_employer"}}},
        ],
        ids=lambda change: json.dumps(change)[:50],
    )
    def test_refuses_a_section_that_does_not_fit_its_item(self, change: dict[str, Any]) -> None:
        row = self.item()
        with pytest.raises(CatalogueError):
            read_item(row | {"automatic": row["automatic"] | change})

    @pytest.mark.parametrize(
        "rule",
        [
            {"kind": "guess"},
            {"kind": ["review"]},
            {"kind": "review", "more": 1},
            {"kind": "supplied", "by": ["upload"]},
            {"kind": "supplied", "by": []},
            {"kind": "sourced", "fields": ["nothing"]},
            {"kind": "compare", "left": "old_employer", "op": "like", "right": "new_employer"},
            {"kind": "compare", "left": "qualification_no", "op": "equal", "right": "new_employer"},
            {"kind": "value", "field": "new_employer", "op": "one-of", "value": "a"},
            {"kind": "check", "question": "credit", "type": "CL001", "is": "yes"},
            {"kind": "check", "question": "credit.standing", "type": "CL043", "is": "yes"},
            {"kind": "check", "question": "credit.standing", "type": "CL001", "is": "maybe"},
        ],
        ids=lambda rule: json.dumps(rule)[:60],
    )
    def test_refuses_a_rule_nobody_knows(self, rule: dict[str, Any]) -> None:
        row = self.item()
        rules = [*row["automatic"]["rules"], {"code": "odd", "zh": "怪", "en": "Odd", "rule": rule}]
        with pytest.raises(CatalogueError):
            read_item(row | {"automatic": row["automatic"] | {"rules": rules}})

    def test_refuses_to_refuse_who_applied(self) -> None:
        row = self.item()
        rules = [row["automatic"]["rules"][0] | {"decisive": True}, *row["automatic"]["rules"][1:]]
        with pytest.raises(CatalogueError):
            read_item(row | {"automatic": row["automatic"] | {"rules": rules}})
