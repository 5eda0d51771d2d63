"""Values out of text, and what speaks against them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from materials.reading.layout import plain
from materials.reading.values import LONG, amount_in_words, parse


class TestParse:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            ("date", "2019年03月12日", "2019-03-12"),
            ("date", "2019年3月2日起", "2019-03-02"),
            ("date", "2014.01.10-2034.01.10", "2014-01-10"),
            ("date", "二〇一九年十一月二十三日", "2019-11-23"),
            ("end_date", "长期", LONG),
            ("end_date", "2034.01.10", "2034-01-10"),
            ("money", "人民币壹佰万元整", "1000000.00"),
            ("money", "人民币贰仵伍佰陆拾万元整", "25600000.00"),  # a sign that is often misread
            ("money", "1,234.50元", "1234.50"),
            ("money", "420万元人民币", "4200000.00"),
            ("person", "陈安澜", "陈安澜"),
            ("firm", "上海光航酒店管理有限公司", "上海光航酒店管理有限公司"),  # 店 ends no name here
            ("firm", "宝山老弄堂面馆店", "宝山老弄堂面馆店"),
            ("people", "土家", "土家"),
            ("sex", "女民族", "女"),
            ("area", "126.5平方米", "126.50"),
            ("digits", "O12345678l", "0123456781"),
        ],
    )
    def test_gives_the_one_form(self, kind: str, text: str, value: str) -> None:
        found = parse(kind, plain(text))
        assert found is not None
        assert (found.value, found.problems) == (value, ())

    @pytest.mark.parametrize("kind", ["date", "money", "uscc", "citizen", "digits", "area", "sex", "people", "person"])
    def test_finds_nothing_in_nothing(self, kind: str) -> None:
        assert parse(kind, "") is None
        assert parse(kind, ":") is None

    def test_names_a_day_that_does_not_exist(self) -> None:
        found = parse("date", "2026年02月30日")
        assert found is not None
        assert found.problems == ("not-a-date",)

    def test_says_where_the_value_stands(self) -> None:
        found = parse("date", "自2026年06月01日起")
        assert found is not None
        assert (found.start, found.end) == (1, 12)


class TestCodes:
    def test_check_digits_vouch_for_a_code(self) -> None:
        for kind, code in (("uscc", "91310113XX0000019X"), ("citizen", "310199199001010018")):
            found = parse(kind, f":{code}")
            assert found is not None
            assert (found.value, found.certain) == (code, True)

    def test_a_letter_taken_for_a_digit_is_put_right_where_the_check_agrees(self) -> None:
        found = parse("uscc", "9I3IO113XXOOOOO19X")
        assert found is not None
        assert (found.value, found.certain) == ("91310113XX0000019X", True)

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("uscc", "91310113XX0000018X"),  # a digit
            ("uscc", "91310113XX00000119"),  # two swapped
            ("citizen", "310199199001010010"),
            ("citizen", "310199199013010018"),  # month 13
        ],
    )
    def test_a_wrong_one_is_given_as_read_and_named(self, kind: str, code: str) -> None:
        found = parse(kind, code)
        assert found is not None
        assert (found.value, found.certain, found.problems) == (code, False, ("check-digit",))

    def test_a_part_of_a_longer_code_is_none(self) -> None:
        assert parse("uscc", "A91310113XX0000019X") is None


class TestAmounts:
    @pytest.mark.parametrize(
        ("words", "yuan"),
        [
            ("壹佰万元整", "1000000"),
            ("叁仟玖佰陆拾捌元陆角叁分", "3968.63"),
            ("伍万壹仟捌佰元整", "51800"),
            ("壹亿零贰佰万元", "102000000"),
            ("拾元整", "10"),
            ("叁仟玖佰贰拾陆元零伍分", "3926.05"),
        ],
    )
    def test_in_words(self, words: str, yuan: str) -> None:
        assert amount_in_words(words) == Decimal(yuan)

    def test_of_other_signs_is_none(self) -> None:
        assert amount_in_words("猫元") is None
