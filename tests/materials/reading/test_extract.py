"""Values by their labels, in running text, and against each other."""

from __future__ import annotations

from materials.reading.extract import DOUBTED, VOUCHED, extract
from materials.reading.layout import sheet
from materials.reading.model import FieldRead, PageText
from tests.materials.reading.lines import line, page

NUMBER = "310199199001010018"


def fields(type_code: str, *pages: PageText) -> dict[str, FieldRead]:
    return {each.code: each for each in extract(type_code, [sheet(each) for each in pages])}


def card(**changes: str) -> PageText:
    held = {"姓名": "陈安澜", "性别": "男", "出生": "1990年1月1日", "公民身份号码": NUMBER} | changes
    return page(*(line(label + value, 1000, 1000 + place * 400) for place, (label, value) in enumerate(held.items())))


class TestLabels:
    def test_behind_its_label_up_to_the_next(self) -> None:
        held = fields("CL006", page(line("性别女民族土家", 1000, 1000)))
        assert (held["sex"].value, held["ethnicity"].value) == ("女", "土家")

    def test_letters_of_a_label_may_stand_apart(self) -> None:
        held = fields(
            "CL001", page(line("名", 1000, 1000), line("称", 1900, 1000), line("青禾餐饮有限公司", 3000, 1000))
        )
        assert held["name"].value == "青禾餐饮有限公司"

    def test_a_letter_of_a_long_label_may_be_wrong(self) -> None:
        held = fields("CL001", page(line("法走代表人", 1000, 1000), line("陈安澜", 3000, 1000)))
        assert held["legal_representative"].value == "陈安澜"
        assert held["legal_representative"].confidence < 95

    def test_goes_on_below_in_its_own_column_only(self) -> None:
        held = fields(
            "CL001",
            page(
                line("住所", 5000, 1000), line("上海市宝山区友谊路", 6200, 1000), line("名称", 800, 1000), line("青禾公司", 2000, 1000),
                line("1588号2幢", 6200, 1230), line("别的内容", 2000, 1460),
                line("301室", 6200, 1460), line("成立日期", 5000, 1700), line("2019年3月12日", 6200, 1700),
            ),
        )  # fmt: skip
        assert held["domicile"].value == "上海市宝山区友谊路1588号2幢301室"
        assert held["domicile"].box.as_list()[1::2] == [1000, 1620]
        assert held["name"].value == "青禾公司"

    def test_of_a_cell_of_two_lines_stands_above_and_below_the_label(self) -> None:
        held = fields(
            "CL022",
            page(
                line("房屋坐落", 1000, 1110),
                line("上海市浦东新区共和新路", 3000, 1000),
                line("1234号888室", 3000, 1225),
            ),
        )
        assert held["premises"].value == "上海市浦东新区共和新路1234号888室"

    def test_by_the_half_of_the_page(self) -> None:
        held = fields("CL056", page(line("名称:姚建", 400, 1000), line("名称:青禾车业有限公司", 5200, 1000)))
        assert (held["buyer"].value, held["seller"].value) == ("姚建", "青禾车业有限公司")


class TestFlow:
    def test_over_the_end_of_a_line(self) -> None:
        held = fields(
            "CL022",
            page(
                line("租赁期限自2026年6月1日起至2029", 1000, 1000),
                line("年5月31日止,月租金为人民币18600元", 1000, 1250),
            ),
        )
        assert [held[code].value for code in ("starts_on", "ends_on", "rent")] == [
            "2026-06-01",
            "2029-05-31",
            "18600.00",
        ]

    def test_on_a_later_page(self) -> None:
        held = fields(
            "CL015",
            page(line("公司名称:青禾餐饮有限公司。", 1000, 1000)),
            page(line("公司注册资本为人民币200万元。", 1000, 1000), number=2),
        )
        assert held["registered_capital"].page == 2


class TestConfidence:
    def test_a_check_digit_that_holds_vouches_for_bad_print(self) -> None:
        held = fields("CL006", page(line(f"公民身份号码{NUMBER}", 1000, 1000, score=71)))
        assert held["id_number"].confidence == VOUCHED

    def test_one_that_fails_makes_good_print_doubtful(self) -> None:
        held = fields("CL006", page(line("公民身份号码310199199001010010", 1000, 1000, score=99)))
        assert (held["id_number"].confidence, held["id_number"].problems) == (DOUBTED, ("check-digit",))

    def test_birth_and_sex_must_be_those_of_the_number(self) -> None:
        """A stamp once turned 2026 into 2020 with a score of 0.94."""
        held = fields("CL006", card(出生="1998年1月1日", 性别="女"))
        assert held["born_on"].problems == held["sex"].problems == ("contradicts-id-number",)
        assert max(held["born_on"].confidence, held["sex"].confidence) <= DOUBTED
        assert held["id_number"].problems == ()
        assert fields("CL006", card())["born_on"].problems == ()

    def test_a_period_that_ends_before_it_begins(self) -> None:
        held = fields("CL022", page(line("租赁期限自2029年6月1日起至2026年5月31日止", 1000, 1000)))
        assert held["ends_on"].problems == ("period-reversed",)

    def test_an_amount_that_is_another_in_words(self) -> None:
        held = fields("CL056", page(line("价税合计(大写)叁仟元整", 1000, 1000), line("(小写)¥8000.00", 6000, 1000)))
        assert held["total"].problems == held["total_words"].problems == ("amounts-differ",)
        assert held["total"].confidence <= DOUBTED

    def test_what_is_not_there_is_left_out(self) -> None:
        assert fields("CL006", page(line("今天天气很好", 1000, 1000))) == {}
        assert fields("CL044", card()) == {}  # a type that is only recognised
