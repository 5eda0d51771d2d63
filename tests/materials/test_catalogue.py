"""The catalogue as it ships: complete, consistent, and refusing what is not."""

from __future__ import annotations

import pytest

from authz.identifiers import check_code
from materials.catalogue import Catalogue
from materials.content import MEDIA_TYPES
from materials.errors import CatalogueError, UnknownItemError, UnknownMaterialTypeError
from materials.model import MaterialType, Validity, ValidityKind


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
        "change", [{"code": "X1"}, {"share_class": "Z"}, {"level": 5}, {"media_types": ()}, {"name_en": ""}]
    )
    def test_refuses_an_incomplete_type(self, change: dict[str, object]) -> None:
        whole: dict[str, object] = {
            "code": "CL001", "name": "甲", "name_en": "A", "issuer": "b", "licence_type": None, "share_class": "O",
            "validity": Validity(ValidityKind.live), "level": 1, "retention_years": 10, "media_types": ("application/pdf",),
        }  # fmt: skip
        MaterialType(**whole)
        with pytest.raises(CatalogueError):
            MaterialType(**(whole | change))

    def test_refuses_a_rule_of_months_without_months(self) -> None:
        with pytest.raises(CatalogueError):
            Validity(ValidityKind.months)
