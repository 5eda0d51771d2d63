"""Rules of the item files are read, and what no rule can be is refused before anybody opens a case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from materials.catalogue import Catalogue
from materials.catalogue.reading import read_item
from materials.errors import CatalogueError
from materials.review.rules import Kind, parse

LEFT, RIGHT = "form.a", "LT01.holder_name"


class TestParse:
    @pytest.mark.parametrize(
        "rule",
        [
            {},
            {"kind": "guess", "of": LEFT},
            {"kind": "equal", "left": LEFT},
            {"kind": "equal", "left": LEFT, "right": RIGHT, "value": 3},
            {"kind": "equal", "left": LEFT, "right": "holder"},
            {"kind": "equal-all", "of": [LEFT]},
            {"kind": "equal-all", "of": [LEFT, LEFT]},
            {"kind": "at-least", "left": LEFT},
            {"kind": "at-least", "left": LEFT, "right": RIGHT, "value": 3},
            {"kind": "at-least", "left": LEFT, "value": True},
            {"kind": "at-least", "left": LEFT, "value": "many"},
            {"kind": "ratio-above", "left": LEFT, "right": RIGHT, "value": "3/2"},
            {"kind": "ratio-above", "left": LEFT, "right": RIGHT, "value": "1/0"},
            {"kind": "months-between", "left": LEFT, "right": RIGHT, "least": 36, "most": 12},
            {"kind": "contains-any", "of": LEFT, "any": []},
            {"kind": "formula", "of": LEFT, "formula": "__import__('os')"},
            {"kind": "status", "of": "LT01", "equals": "valid"},
            {"kind": "status", "of": "material:CL022", "equals": "01"},
            {"kind": "sealed", "of": "LT01", "by": "applicant"},
            {"kind": "in-time", "of": "material:CL022.ends_on"},
        ],
        ids=lambda rule: json.dumps(rule)[:60],
    )
    def test_of_what_is_no_rule(self, rule: dict[str, Any]) -> None:
        with pytest.raises(CatalogueError):
            parse(rule)

    def test_names_what_it_reads(self) -> None:
        held = parse({"kind": "formula", "of": "form.due", "formula": "max(0, head_count * 2) + payroll"})
        assert (held.kind, held.values) == (Kind.formula, ("form.due", "form.head_count", "form.payroll"))
        assert parse({"kind": "sealed", "of": "material:CL054", "by": "union"}).things == ("CL054",)


class TestItem:
    @pytest.mark.parametrize(
        "rule",
        [
            {"kind": "present", "of": ["form.nothing"]},
            {"kind": "present", "of": ["form.premises.name"]},
            {"kind": "present", "of": ["material:CL022.colour"]},
            {"kind": "in-time", "of": "material:CL054"},
            {"kind": "present", "of": ["answer.nobody-asks"]},
            {"kind": "sealed", "of": "material:CL022", "by": "union"},
        ],
        ids=["no-field", "no-list", "nobody-reads", "not-demanded", "not-asked", "no-role"],
    )
    def test_with_a_rule_about_nothing_is_refused(self, rule: dict[str, Any]) -> None:
        code = "11310118XX00000B0W4310100101000"
        held = json.loads(Catalogue.load().definitions[code])
        held["check_points"] = [{"code": "odd", "zh": "奇", "en": "Odd", "rule": rule}]
        with pytest.raises(CatalogueError):
            read_item(held)
