"""The licence catalogue: whole, consistent with itself and with the materials its types stand for."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import pytest

from authz import registerforms
from authz.identifiers import check_organisation
from certs.catalogue import LicenceCatalogue
from certs.catalogue.catalogue import read_type
from certs.errors import LicenceCatalogueError, LicencePeriodError, UnknownLicenceTypeError
from certs.licencetypes import LicenceValidity, LicenceValidityKind, years_after
from materials.catalogue import Catalogue

CATALOGUE = LicenceCatalogue.load()


def row(**changes: Any) -> dict[str, Any]:
    whole = {
        "code": "LT99", "version": "2026.1", "name": "测试证", "name_en": "Test licence", "type_codes": ["11100000MB0143028R999"],
        "defining_org": "11100000MB0143028R", "issuer": "某局", "material_type": None, "holder_kinds": ["person"],
        "several_holders": False, "validity": {"kind": "live"}, "share_class": "C", "level": 2,
        "unique_per_holder": False, "sharing": ["a"], "presenting": ["a"], "template": "certificate", "vct": "/v1/x",
        "fields": [{"name": "a", "title_zh": "甲", "title_en": "A", "kind": "text", "required": True, "level": 1}],
    }  # fmt: skip
    return whole | changes


class TestLoad:
    def test_has_the_25_types_and_the_composite(self) -> None:
        assert sorted(CATALOGUE.types) == [f"LT{number:02d}" for number in range(1, 27)]
        assert [each.code for each in CATALOGUE.types.values() if each.composite] == ["LT26"]

    @pytest.mark.parametrize("kind", Catalogue.load().types.values(), ids=lambda kind: kind.code)
    def test_agrees_with_the_materials(self, kind: Any) -> None:
        held = CATALOGUE.for_material(kind.code)
        assert (held.code if held else None) == kind.licence_type
        if held is not None:
            assert (held.share_class, held.level) == (kind.share_class, kind.level)

    def test_type_codes_are_those_of_their_organisations(self) -> None:
        for kind in CATALOGUE.types.values():
            check_organisation(kind.defining_org)
            assert CATALOGUE.of_type_code(kind.type_code) is kind

    def test_people_are_masked(self) -> None:
        for kind in CATALOGUE.types.values():
            for field in kind.fields:
                if kind.is_personal and field.kind in {"person_name", "id_code"}:
                    assert field.mask, (kind.code, field.name)

    def test_no_level_4_leaves_as_data(self) -> None:
        for kind in CATALOGUE.types.values():
            assert all(kind.by_name[name].level <= 3 for name in kind.sharing)

    def test_refuses_an_unknown_type(self) -> None:
        with pytest.raises(UnknownLicenceTypeError):
            CATALOGUE.type("LT99")
        with pytest.raises(UnknownLicenceTypeError):
            CATALOGUE.of_type_code("11100000MB0143028R998")


class TestEntries:
    def test_are_what_the_register_takes(self) -> None:
        entries = CATALOGUE.entries()
        registerforms.check("licences", entries)
        assert len(entries) == 26
        assert entries[0]["sha256"] == sha256(CATALOGUE.definitions["LT01"]).hexdigest()


class TestReadType:
    def test_reads_a_good_one(self) -> None:
        assert read_type(row()).field_of("a") is not None

    @pytest.mark.parametrize(
        "changes",
        [
            {"code": "XX01"},
            {"type_codes": []},
            {"type_codes": ["11100000MB03271699001"]},
            {"share_class": "D"},
            {"level": 5},
            {"holder_kinds": []},
            {"sharing": ["b"]},
            {"object_field": "b"},
            {"validity": {"kind": "years"}},
            {"validity": {"kind": "forever"}},
            {"surprise": 1},
            {"version": "1"},
            {"fields": [row()["fields"][0] | {"since": "2026.2"}]},
            {
                "fields": [
                    {"name": "A", "title_zh": "甲", "title_en": "A", "kind": "text", "required": True, "level": 1}
                ]
            },
            {
                "fields": [
                    {"name": "a", "title_zh": "甲", "title_en": "A", "kind": "blob", "required": True, "level": 1}
                ]
            },
            {"fields": row()["fields"] * 2},
            {
                "fields": [
                    *row()["fields"],
                    {"name": "status", "title_zh": "状", "title_en": "S", "kind": "text", "required": True, "level": 1},
                ]
            },
        ],
    )
    def test_refuses(self, changes: dict[str, Any]) -> None:
        with pytest.raises(LicenceCatalogueError):
            read_type(row(**changes))

    def test_refuses_a_missing_member(self) -> None:
        short = row()
        del short["issuer"]
        with pytest.raises(LicenceCatalogueError):
            read_type(short)

    def test_refuses_a_code_twice(self) -> None:
        with pytest.raises(LicenceCatalogueError):
            LicenceCatalogue([read_type(row()), read_type(row())], "1")


class TestValidity:
    @pytest.mark.parametrize(
        ("kind", "years", "long", "last", "carried"),
        [
            ("live", (), False, None, False),
            ("permanent", (), False, None, False),
            ("dated", (), True, None, False),
            ("dated", (), False, date(2100, 1, 1), False),
            ("years", (5,), False, date(2031, 11, 21), False),
            ("years", (5,), False, date(2031, 11, 20), False),
            ("years", (5, 10), False, date(2036, 11, 20), False),
            ("up_to_years", (5,), False, date(2027, 1, 1), False),
            ("years", (5,), False, date(2032, 6, 1), True),
            ("years", (5,), False, date(2028, 6, 1), True),
        ],
    )
    def test_lets(self, kind: str, years: tuple[int, ...], long: bool, last: date | None, carried: bool) -> None:
        rule = LicenceValidity(LicenceValidityKind(kind), years, long=long)
        rule.check(date(2026, 11, 21), last, carried=carried)

    @pytest.mark.parametrize(
        ("kind", "years", "last", "carried"),
        [
            ("live", (), date(2030, 1, 1), False),
            ("permanent", (), date(2030, 1, 1), False),
            ("dated", (), None, False),
            ("dated", (), date(2026, 11, 20), False),
            ("years", (5,), None, False),
            ("years", (5,), date(2030, 11, 20), False),
            ("years", (5,), date(2031, 11, 22), False),
            ("up_to_years", (5,), date(2031, 11, 22), False),
            ("years", (5,), date(2032, 12, 1), True),
            ("years", (5,), date(2026, 11, 20), True),
        ],
    )
    def test_refuses(self, kind: str, years: tuple[int, ...], last: date | None, carried: bool) -> None:
        with pytest.raises(LicencePeriodError):
            LicenceValidity(LicenceValidityKind(kind), years).check(date(2026, 11, 21), last, carried=carried)

    def test_counts_from_a_leap_day(self) -> None:
        assert years_after(date(2024, 2, 29), 5) == date(2029, 3, 1)
