"""Masks: what stays, by kind, mode and level, and that nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from authz.model import Mode
from certs import masks
from certs.licencetypes import FIELD_KINDS, MASKS, FaceField


def field(kind: str = "text", level: int = 2, mask: str | None = None) -> FaceField:
    return FaceField("some", "某项", "Some", kind, required=True, level=level, mask=mask)


class TestName:
    @pytest.mark.parametrize(
        ("value", "masked"),
        [
            ("张三", "张*"),
            ("陈安澜", "陈**"),
            ("王", "王*"),
            ("阿卜杜拉·买买提", "阿***·买**"),
            ("John Smith", "J*** S****"),
            ("", "***"),
        ],
    )
    def test_keeps_the_first_character_of_each_part(self, value: str, masked: str) -> None:
        assert masks.name(value) == masked


class TestIdCode:
    @pytest.mark.parametrize(
        ("value", "masked"),
        [
            ("31019919900101001X", "3101**********001X"),
            ("E12345678", "E1*****78"),
            ("12345", "1***5"),
            ("1234", "***"),
            ("", "***"),
        ],
    )
    def test_keeps_the_ends(self, value: str, masked: str) -> None:
        assert masks.id_code(value) == masked

    @given(st.text(alphabet="0123456789X", min_size=18, max_size=18))
    def test_hides_birthday_and_sequence(self, value: str) -> None:
        assert masks.id_code(value) == value[:4] + "*" * 10 + value[14:]

    @given(st.text(min_size=5, max_size=40))
    def test_hides_at_least_a_third(self, value: str) -> None:
        assert masks.id_code(value).count("*") * 3 >= len(value)


class TestAddress:
    @pytest.mark.parametrize(
        ("value", "masked"),
        [
            ("上海市宝山区友谊路15号501室", "上海市宝山区***"),
            ("江苏省苏州市昆山市玉山镇", "江苏省苏州市昆山市***"),
            ("新疆维吾尔自治区乌鲁木齐市天山区1号", "新疆维吾尔自治区乌鲁木齐市天山区***"),
            ("友谊路5号小区3栋", "***"),
            ("上海市", "上海市***"),
            ("", "***"),
        ],
    )
    def test_ends_at_the_district(self, value: str, masked: str) -> None:
        assert masks.address(value) == masked

    def test_tells_not_how_long_the_rest_is(self) -> None:
        assert masks.address("上海市青浦区市府路5号") == masks.address("上海市青浦区市府路5号12幢101室")


class TestDate:
    def test_keeps_the_year(self) -> None:
        assert masks.date("1990-01-31") == "1990-**-**"


class TestShown:
    @pytest.mark.parametrize("kind", sorted(FIELD_KINDS))
    @pytest.mark.parametrize("level", [3, 4])
    def test_masks_by_default_what_has_no_mask_of_its_own_from_level_three(self, kind: str, level: int) -> None:
        assert "秘密内容在此" not in str(masks.shown(field(kind, level), "秘密内容在此", Mode.data))

    @pytest.mark.parametrize("kind", sorted(FIELD_KINDS))
    @pytest.mark.parametrize("level", [1, 2])
    def test_shows_below_that_what_has_none(self, kind: str, level: int) -> None:
        assert masks.shown(field(kind, level), "餐饮服务", Mode.data) == "餐饮服务"

    @pytest.mark.parametrize("mask", sorted(MASKS))
    def test_the_field_s_own_mask_counts_at_level_one_too(self, mask: str) -> None:
        assert masks.shown(field(level=1, mask=mask), "31019919900101001X", Mode.data) != "31019919900101001X"

    @pytest.mark.parametrize("level", [1, 2, 3])
    def test_shows_in_clear_what_was_named_so(self, level: int) -> None:
        assert masks.shown(field("person_name", level, "name"), "张三", Mode.data, clear=True) == "张三"

    def test_never_shows_level_four_as_data(self) -> None:
        assert masks.shown(field(level=4), "多重残疾", Mode.data, clear=True) == masks.NEVER

    def test_shows_nothing_in_clear_when_only_verifying(self) -> None:
        assert masks.shown(field("person_name", 2, "name"), "张三", Mode.verify, clear=True) == "张*"

    def test_masks_each_of_a_list(self) -> None:
        assert masks.shown(field("list", 2, "name"), ("张三", "李四"), Mode.data) == ["张*", "李*"]


class TestClear:
    def test_is_a_suffix_of_the_field(self) -> None:
        assert masks.bare("id_code:clear") == masks.bare("id_code") == "id_code"
        assert masks.is_clear("id_code:clear")
        assert not masks.is_clear("id_code")
