"""The catalogue as it ships: complete, consistent, and refusing what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from authz.identifiers import check_code
from authz.registerforms import check
from certs.catalogue import LicenceCatalogue
from materials.cases import CASE_NUMBER
from materials.catalogue import Catalogue
from materials.catalogue.conditions import Condition, Every, Is, Not, Some, holds, parse
from materials.catalogue.items import Demand, FormField, Limits, check_case_number
from materials.checklist.model import Route
from materials.content import MEDIA_TYPES
from materials.errors import AnswerInvalidError, CatalogueError, UnknownItemError, UnknownMaterialTypeError
from materials.generated.templates import Templates
from materials.model import MaterialType, Validity, ValidityKind
from materials.reading import fieldrules

if TYPE_CHECKING:
    from materials.catalogue.items import Item

FOOD = "11310118XX00000B0W4310100101000"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


class TestTypes:
    def test_holds_all_57(self, catalogue: Catalogue) -> None:
        assert sorted(catalogue.types) == [f"CL{number:03d}" for number in range(1, 58)]

    def test_names_each_licence_type_once(self, catalogue: Catalogue) -> None:
        held = [kind.licence_type for kind in catalogue.types.values() if kind.licence_type]
        assert sorted(held) == [f"LT{number:02d}" for number in range(1, 26)]

    def test_keeps_personal_documents_from_being_open(self, catalogue: Catalogue) -> None:
        assert not [kind.code for kind in catalogue.types.values() if kind.level >= 3 and kind.share_class == "O"]

    def test_takes_a_pdf_for_every_type(self, catalogue: Catalogue) -> None:
        assert all("application/pdf" in kind.media_types for kind in catalogue.types.values())

    def test_shares_without_condition_what_the_reference_does(self, catalogue: Catalogue) -> None:
        unconditional = {1, 2, 3, 5, *range(29, 38), 46}
        for kind in catalogue.types.values():
            assert kind.share_class == ("O" if int(kind.code[2:]) in unconditional else "C"), kind.code

    def test_takes_only_media_types_whose_content_is_checked(self, catalogue: Catalogue) -> None:
        for kind in catalogue.types.values():
            assert set(kind.media_types) <= MEDIA_TYPES.keys(), kind.code

    def test_keeps_for_ever_or_for_the_periods_of_the_archives(self, catalogue: Catalogue) -> None:
        assert {kind.retention_years for kind in catalogue.types.values()} == {10, 30, None}

    @pytest.mark.parametrize(
        ("code", "rule"),
        [
            ("CL001", Validity(ValidityKind.live)),
            ("CL013", Validity(ValidityKind.until_valid_to, same="case")),
            ("CL015", Validity(ValidityKind.until_superseded)),
            ("CL022", Validity(ValidityKind.until_valid_to, same="premises")),
            ("CL028", Validity(ValidityKind.live, same="premises")),
            ("CL039", Validity(ValidityKind.until_valid_to, live=True)),
            ("CL044", Validity(ValidityKind.months, months=12, same="premises")),
            ("CL046", Validity(ValidityKind.permanent, same="project")),
            ("CL048", Validity(ValidityKind.days, days=30)),
            ("CL049", Validity(ValidityKind.year)),
            ("CL052", Validity(ValidityKind.until_superseded, months=36)),
            ("CL055", Validity(ValidityKind.one_case)),
            ("CL056", Validity(ValidityKind.permanent, same="vehicle")),
        ],
    )
    def test_reuses_by_the_rule_of_the_reference(self, catalogue: Catalogue, code: str, rule: Validity) -> None:
        assert catalogue.type(code).validity == rule

    def test_refuses_an_unknown_code(self, catalogue: Catalogue) -> None:
        with pytest.raises(UnknownMaterialTypeError):
            catalogue.type("CL058")


class TestItems:
    def test_names_the_body_that_runs_each(self, catalogue: Catalogue) -> None:
        for item in catalogue.items.values():
            check_code("001", item.org_code)
            assert item.item_code[18] in "123456"
            assert item.generic
            assert item.scenarios

    def test_food_licence_demands_what_the_reference_lists(self, catalogue: Catalogue) -> None:
        item = catalogue.item("11310118XX00000B0W4310100101000")
        listed = {"CL001", "CL006", "CL025", "CL053", "CL051", "CL041", "CL040", "CL022", "CL021", "CL013"}
        assert item.types >= listed

    def test_refuses_an_unknown_code(self, catalogue: Catalogue) -> None:
        with pytest.raises(UnknownItemError):
            catalogue.item("nothing")


class TestChecks:
    def test_refuses_a_code_twice(self, catalogue: Catalogue) -> None:
        with pytest.raises(CatalogueError):
            Catalogue([catalogue.type("CL001"), catalogue.type("CL001")], [])

    @pytest.mark.parametrize(
        "change",
        [
            {"code": "X1"},
            {"version": "1"},
            {"share_class": "Z"},
            {"level": 5},
            {"media_types": ()},
            {"name_en": ""},
            {"retention_years": 0},
        ],
    )
    def test_refuses_an_incomplete_type(self, change: dict[str, object]) -> None:
        whole: dict[str, object] = {
            "code": "CL001", "version": "2026.1", "name": "甲", "name_en": "A", "issuer": "b", "licence_type": None, "share_class": "O",
            "validity": Validity(ValidityKind.live), "level": 1, "retention_years": 10, "media_types": ("application/pdf",),
        }  # fmt: skip
        MaterialType(**whole)
        with pytest.raises(CatalogueError):
            MaterialType(**(whole | change))

    def test_refuses_a_rule_of_months_without_months(self) -> None:
        with pytest.raises(CatalogueError):
            Validity(ValidityKind.months)


def changed(catalogue: Catalogue, **changes: object) -> Item:
    return replace(catalogue.item(FOOD), **changes)  # type: ignore[arg-type]


class TestItemFiles:
    def test_are_those_of_the_reference(self, catalogue: Catalogue) -> None:
        names = {item.name for item in catalogue.items.values()}
        for part in (
            "食品经营",
            "企业设立",
            "非机动车",
            "残疾人就业保障金",
            "公共场所卫生",
            "危货",
            "集体合同",
            "不动产转移",
            "就业补贴",
            "变更联办",
        ):
            assert any(part in name for name in names), part
        assert {bundle.name for bundle in catalogue.bundles.values()} == {"开餐馆一件事", "出生一件事"}

    def test_have_questions_a_form_check_points_and_limits(self, catalogue: Catalogue) -> None:
        for item in catalogue.items.values():
            assert item.fields, item.name
            assert item.limits.promised <= item.limits.statutory
            for each in item.questions:
                assert all((each.zh, each.en, each.help_zh, each.help_en)), item.name
        assert len(next(each for each in catalogue.items.values() if "集体合同" in each.name).check_points) == 20

    def test_name_types_fields_and_licences_that_exist(self, catalogue: Catalogue) -> None:
        faces = LicenceCatalogue.load().types
        meta = {"holder_name", "holder_code", "licence_no"}
        for item in catalogue.items.values():
            for source in (source for each in item.fields for source in each.sources):
                if source.startswith("LT"):
                    code, _, name = source.partition(".")
                    assert name in meta or name in faces[code].by_name, (item.name, source)
                elif source.startswith("material:"):
                    assert source[9:14] in catalogue.types, (item.name, source)

    def test_fill_forms_from_values_that_there_are(self, catalogue: Catalogue) -> None:
        read = {code: {each.code for each in rows} for code, rows in fieldrules.rules().types.items()}
        made: dict[str, set[str]] = {}
        for template in Templates.load().by_code.values():
            for code in template.types:
                made.setdefault(code, set()).update(slot.name for slot in template.slots)
        for item in catalogue.items.values():
            for source in (source for each in item.fields for source in each.sources if source.startswith("material:")):
                code, _, name = source.removeprefix("material:").partition(".")
                assert name in read.get(code, set()) | made.get(code, set()), (item.name, source)

    def test_lead_every_complete_set_of_answers_to_a_scenario(self, catalogue: Catalogue) -> None:
        for item in catalogue.items.values():
            answers: list[dict[str, str]] = [{}]
            while answers:
                held = answers.pop()
                left = item.open_questions(held)
                if not left:
                    assert item.scenario_of(held) in item.scenarios
                    assert item.demanded(held), item.name
                    continue
                answers += [held | {left[0].code: choice.code} for choice in left[0].choices]

    def test_are_published_with_the_digest_of_their_file(self, catalogue: Catalogue) -> None:
        entries = catalogue.entries()
        assert [each["code"] for each in entries] == list(catalogue.items)
        check("items", entries)


class TestItemChecks:
    @pytest.mark.parametrize(
        "condition",
        [{"q": "a"}, {"q": "a", "is": 1}, {"all": []}, {"not": None}, {"xor": []}, [], {"q": "a", "is": "b", "c": 1}],
        ids=str,
    )
    def test_refuses_a_condition_of_another_form(self, condition: object) -> None:
        with pytest.raises(CatalogueError):
            parse(condition)

    def test_refuses_a_condition_nobody_can_read(self) -> None:
        deep: dict[str, object] = {"q": "a", "is": "b"}
        for _ in range(9):
            deep = {"not": deep}
        with pytest.raises(CatalogueError):
            parse(deep)

    def test_refuses_a_question_that_depends_on_a_later_one(self, catalogue: Catalogue) -> None:
        first, *rest = catalogue.item(FOOD).questions
        circle = replace(first, when=Is(rest[-1].code, rest[-1].choices[0].code))
        with pytest.raises(CatalogueError, match="circle"):
            changed(catalogue, questions=(circle, *rest))

    @pytest.mark.parametrize(
        "when", [Is("colour", "red"), Is("tenure", "stolen")], ids=["unknown question", "unknown answer"]
    )
    def test_refuses_a_demand_on_what_is_not_asked(self, catalogue: Catalogue, when: Is) -> None:
        demands = catalogue.item(FOOD).demands
        with pytest.raises(CatalogueError):
            changed(catalogue, demands=(replace(demands[0], when=when), *demands[1:]))

    def test_refuses_a_scenario_whose_answers_lead_elsewhere(self, catalogue: Catalogue) -> None:
        first, second = catalogue.item(FOOD).scenarios
        for scenarios in ((replace(first, answers=second.answers), second), (replace(first, answers={}), second)):
            with pytest.raises(CatalogueError):
                changed(catalogue, scenarios=scenarios)

    @pytest.mark.parametrize(
        "change",
        [
            {"need": "perhaps"},
            {"routes": ()},
            {"routes": (Route.upload, Route.licence)},
            {"routes": (Route.check, Route.upload)},
            {"routes": (Route.upload,), "check": "a.b"},
            {"routes": (Route.commitment,), "owed_days": 0},
            {"min_level": 5},
            {"whose": "each:NOBODY"},
        ],
        ids="-".join,
    )
    def test_refuses_a_demand_that_no_rule_knows(self, change: dict[str, object]) -> None:
        with pytest.raises(CatalogueError):
            Demand(**({"type_code": "CL001", "routes": (Route.upload,)} | change))  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "pattern", ["{division}{day:%Y}", "{serial}{colour}", "{serial:06d", "C-{serial} {day}", "{serial!x}", "{}"]
    )
    def test_refuses_a_pattern_that_numbers_no_cases(self, pattern: str) -> None:
        with pytest.raises(CatalogueError):
            check_case_number(pattern)

    def test_takes_the_patterns_that_are_seen(self) -> None:
        for pattern in (CASE_NUMBER, "{item}{day:%Y%m%d}{serial:04d}", "SP{day:%y%m%d}{serial:07d}"):
            check_case_number(pattern)

    def test_refuses_a_promise_longer_than_the_law(self) -> None:
        with pytest.raises(CatalogueError):
            Limits(5, 6)

    def test_refuses_an_item_that_demands_an_unknown_type(self, catalogue: Catalogue) -> None:
        strange = changed(catalogue, demands=(*catalogue.item(FOOD).demands, Demand("CL999", routes=(Route.upload,))))
        with pytest.raises(CatalogueError):
            Catalogue(list(catalogue.types.values()), [strange])

    @pytest.mark.parametrize("source", ["material:CL054.name", "LT04.union_name"])
    def test_refuses_a_form_filled_from_what_the_item_does_not_demand(self, catalogue: Catalogue, source: str) -> None:
        field = FormField("strange", "名", "Name", "text", (source, "applicant"))
        strange = changed(catalogue, fields=(*catalogue.item(FOOD).fields, field))
        with pytest.raises(CatalogueError, match=source):
            Catalogue(list(catalogue.types.values()), [strange])


class TestAnswers:
    def test_are_refused_where_the_question_is_not_asked(self, catalogue: Catalogue) -> None:
        first, second, *rest = catalogue.item(FOOD).questions
        held = changed(catalogue, questions=(first, replace(second, when=Is(first.code, "restaurant")), *rest))
        assert held.checked({first.code: "restaurant", second.code: "own"})
        with pytest.raises(AnswerInvalidError):
            held.checked({first.code: "canteen", second.code: "own"})

    @given(st.recursive(st.builds(Is, st.sampled_from("abc"), st.sampled_from("xy")), lambda inner: st.one_of(
        st.builds(Every, st.lists(inner, max_size=3).map(tuple)), st.builds(Some, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner)), max_leaves=8), st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")))  # fmt: skip
    def test_decide_conditions_as_logic_does(self, condition: Condition, answers: dict[str, str]) -> None:
        assert holds(Not(condition), answers) is not holds(condition, answers)
        assert holds(Every((condition, condition)), answers) is holds(condition, answers)
        assert holds(Some((condition, Not(condition))), answers)
