"""What is one thing written in several ways, and what is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from materials.review import normal

HOME = "上海市宝山区友谊路1588号2幢301室"


class TestAddress:
    @pytest.mark.parametrize(
        "text",
        [
            "宝山区友谊路1588号2幢301室",
            "友谊路1588号2幢301",
            "上海市宝山区友谊路 1588 号 2栋 301 室",
            "上海市宝山区友谊路\uff11\uff15\uff18\uff18号\uff12号楼301室",
            "上海宝山区友谊路1588号二幢301室",
            "上海市宝山区友谊路街道友谊路1588号2幢301室",
        ],
        ids=["no-city", "no-district-no-room-sign", "spaces", "full-width", "in-words", "with-its-town"],
    )
    def test_in_another_spelling(self, text: str) -> None:
        assert normal.same(normal.ADDRESS, HOME, text) is True

    @pytest.mark.parametrize(
        "text",
        [
            "上海市宝山区友谊路1589号2幢301室",
            "上海市宝山区友谊路1588号2幢302室",
            "上海市青浦区友谊路1588号2幢301室",
            "上海市宝山区友谊路1588号",
            "上海市宝山区友谊支路1588号2幢301室",
        ],
        ids=["number", "room", "district", "no-room-at-all", "road"],
    )
    def test_of_another_place(self, text: str) -> None:
        assert normal.same(normal.ADDRESS, HOME, text) is False


class TestAmount:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1200000", "1200000"),
            ("1,200,000.00", "1200000"),
            ("人民币120万元", "1200000"),
            ("\uff11\uff12\uff10万元", "1200000"),
            ("壹佰贰拾万元整", "1200000"),
            ("¥3,299.05", "3299.05"),
            ("3%", "3"),
        ],
    )
    def test_as_people_write_it(self, text: str, value: str) -> None:
        assert normal.amount(text) == Decimal(value)

    @pytest.mark.parametrize("text", ["", "若干", "一些钱", "12a", "NaN", "Infinity"])
    def test_that_is_none(self, text: str) -> None:
        assert normal.amount(text) is None
        assert normal.same(normal.AMOUNT, text, "1") is None


class TestDay:
    @pytest.mark.parametrize("text", ["2026-03-05", "2026年3月5日", "2026年03月05日", "2026.3.5", "二〇二六年三月五日"])
    def test_as_people_write_it(self, text: str) -> None:
        assert normal.day(text) == date(2026, 3, 5)

    @pytest.mark.parametrize("text", ["", "长期", "2026年13月5日", "2026-02-30"])
    def test_that_is_none(self, text: str) -> None:
        assert normal.day(text) is None


class TestName:
    def test_in_another_width(self) -> None:
        assert normal.same(normal.TEXT, "青禾\uff08上海\uff09有限公司", "青禾(上海) 有限公司") is True

    def test_in_another_order(self) -> None:
        assert normal.same(normal.TEXT, "陈安澜、徐行舟", "徐行舟、陈安澜") is True
        assert normal.same(normal.TEXT, "陈安澜、徐行舟", "徐行舟") is False
