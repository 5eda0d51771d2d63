"""Forms of the five registers: what fits, and that everything wrong is said at once, in both languages, without values."""

from __future__ import annotations

from typing import Any

import pytest

from authz import registerforms
from authz.registerforms import FORMS
from ledger.errors import RegisterInvalidError, UnknownRegisterError
from ledger.registers import KINDS

ORG = "11310118XX00000B0W"
GOOD: dict[str, dict[str, Any]] = {
    "duties": {
        "org": ORG,
        "article": "食品安全法 第三十五条",
        "item": "11310118XX00000B0W4310100101000",
        "types": ["CL022"],
        "mode": "data",
        "valid_from": "2026-11-21T00:00:00.000Z",
    },
    "data": {
        "code": "DATA-310199-0001",
        "name": "食品经营许可信息",
        "org": ORG,
        "system": "SYS-310199-001",
        "fields": ["许可证编号", "经营者名称"],
        "share_class": "C",
        "level": 2,
        "update": "daily",
    },
    "systems": {
        "code": "SYS-310199-001",
        "name": "食品经营许可审批系统",
        "org": ORG,
        "network": "government_extranet",
        "protection_level": 3,
        "state": "running",
    },
    "standards": {"code": "GB/T 36903-2018", "name": "电子证照 元数据规范", "class": "national", "state": "current"},
    "scenarios": {
        "code": "SCN-310199-001",
        "name": "银行开户核验营业执照",
        "org": ORG,
        "party_kind": "social",
        "purpose": "核验企业主体资格",
        "types": ["CL001"],
        "mode": "verify",
        "valid_from": "2026-11-21T00:00:00.000Z",
        "valid_to": "2027-11-21T00:00:00.000Z",
    },
    "licences": {
        "code": "LT01",
        "licence_type_code": "11100000MB0143028R901",
        "name": "营业执照",
        "name_en": "Business licence",
        "org": "11100000MB0143028R",
        "share_class": "O",
        "level": 1,
        "fields": ["domicile"],
        "sha256": "0" * 64,
        "material_type": "CL001",
    },
    "materials": {
        "code": "CL036",
        "version": "2026.1",
        "name": "城镇污水排入排水管网许可证",
        "name_en": "Drainage licence",
        "issuer": "水务局",
        "share_class": "O",
        "level": 1,
        "retention_years": 30,
        "sha256": "0" * 64,
        "licence_type": "LT19",
    },
    "items": {
        "code": "11310118XX00000B0W4310100101000",
        "version": "2026.2",
        "name": "食品经营许可新办(餐饮)",
        "name_en": "New food business licence (catering)",
        "org": "11310118XX00000B0W",
        "promised": 5,
        "statutory": 10,
        "types": ["CL001", "CL006"],
        "sha256": "0" * 64,
    },
    "policies": {
        "file": "uses.cedar",
        "sha256": "0" * 64,
        "text": '@id("a") permit (principal, action, resource);\n',
    },
}


def refused(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(RegisterInvalidError) as raised:
        registerforms.check(kind, entries)
    return raised.value.fields


class TestCheck:
    def test_there_is_a_form_for_each_kind(self) -> None:
        assert FORMS.keys() == KINDS.keys() == GOOD.keys()

    @pytest.mark.parametrize("kind", GOOD)
    def test_takes_what_fits(self, kind: str) -> None:
        registerforms.check(kind, [GOOD[kind]])
        registerforms.check(kind, [])

    def test_refuses_an_unknown_kind(self) -> None:
        with pytest.raises(UnknownRegisterError):
            registerforms.check("people", [])

    @pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in GOOD for name in FORMS[kind].needed])
    def test_names_what_is_missing(self, kind: str, name: str) -> None:
        entry = {each: value for each, value in GOOD[kind].items() if each != name}
        assert refused(kind, entry) == {
            "count": 1,
            "problems": f"entries[0].{name}: is missing",
            "problems_zh": f"entries[0].{name}:缺少此项",
        }

    @pytest.mark.parametrize(
        ("kind", "name", "value"),
        [
            ("duties", "org", "11310118XX00000B0X"),
            ("duties", "org", 7),
            ("duties", "types", []),
            ("duties", "types", ["lease"]),
            ("duties", "types", ["CL022", "CL022"]),
            ("duties", "types", "CL022"),
            ("duties", "mode", "read"),
            ("duties", "mode", ["data"]),
            ("duties", "article", " "),
            ("duties", "article", "a\u202eb"),
            ("duties", "article", "x" * 201),
            ("duties", "valid_from", "2026-11-20"),
            ("duties", "valid_from", "2026-11-20T00:00:00Z"),
            ("duties", "valid_from", "2026-02-30T00:00:00.000Z"),
            ("duties", "valid_to", None),
            ("data", "level", 5),
            ("data", "level", True),
            ("data", "level", "2"),
            ("data", "fields", [""]),
            ("data", "share_class", "X"),
            ("systems", "network", "wifi"),
            ("systems", "code", "a\nb"),
            ("standards", "sha256", "AB" * 32),
            ("standards", "replaces", [7]),
            ("scenarios", "party_kind", "person"),
        ],
    )
    def test_names_what_is_wrong_without_its_value(self, kind: str, name: str, value: object) -> None:
        said = refused(kind, GOOD[kind] | {name: value})
        assert said["count"] == 1
        assert said["problems"].startswith(f"entries[0].{name}: ")
        assert said["problems_zh"].startswith(f"entries[0].{name}:")
        if isinstance(value, str) and len(value.strip()) > 2:
            assert value not in said["problems"] + said["problems_zh"]

    @pytest.mark.parametrize("number", ["310199199001010018", "13800138000"])
    def test_no_person_in_a_public_register(self, number: str) -> None:
        said = refused("systems", GOOD["systems"] | {"name": f"联系人 {number}"})
        assert "identity or telephone number" in said["problems"]
        assert number not in str(said)

    def test_unknown_members_are_refused_and_not_repeated(self) -> None:
        said = refused("systems", GOOD["systems"] | {"张三的电话": "x"})
        assert said["problems"] == "entries[0]: has a member the form does not know"
        assert "张三" not in str(said)

    def test_an_end_before_the_beginning(self) -> None:
        said = refused("scenarios", GOOD["scenarios"] | {"valid_to": "2026-11-21T00:00:00.000Z"})
        assert said["problems"] == "entries[0].valid_to: must come after valid_from"

    def test_one_key_twice(self) -> None:
        said = refused("systems", GOOD["systems"], GOOD["systems"] | {"name": "另一系统"})
        assert said["problems"] == "entries[1]: same code as entry 0"

    def test_a_duty_may_be_renewed(self) -> None:
        later = GOOD["duties"] | {"valid_from": "2027-11-21T00:00:00.000Z"}
        registerforms.check("duties", [GOOD["duties"], later])

    def test_says_ten_and_counts_all(self) -> None:
        said = refused("systems", *[{"code": str(number)} for number in range(20)])
        assert said["count"] == 100
        assert said["problems"].count(";") == 9

    def test_too_many(self) -> None:
        said = refused("systems", *[{}] * 10_001)
        assert said["problems"] == "entries: more than 10000"
