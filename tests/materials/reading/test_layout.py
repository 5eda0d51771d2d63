"""Rows and running text."""

from __future__ import annotations

from materials.reading.layout import place, plain, sheet
from tests.materials.reading.lines import line, page


class TestPlain:
    def test_folds_width_space_and_old_forms(self) -> None:
        assert plain("名　　称：（電動車）") == "名称:(电动车)"

    def test_a_point_behind_a_sign_ends_the_sentence(self) -> None:
        assert plain("设备齐全.面积12.5平方米.") == "设备齐全。面积12.5平方米。"


class TestRows:
    def test_what_stands_side_by_side_is_one_row_from_left_to_right(self) -> None:
        held = sheet(page(line("右边", 6000, 1010), line("左边", 1000, 1000), line("下面", 1000, 1400)))
        assert [[piece.text for piece in row.pieces] for row in held.rows] == [["左边", "右边"], ["下面"]]

    def test_lines_that_touch_are_one_piece(self) -> None:
        code = line("91310113", 1000, 1000)
        rest = line("XX0000019X", code.box.x1 + 20, 1000)
        held = sheet(page(code, rest))
        assert [piece.text for piece in held.rows[0].pieces] == ["91310113XX0000019X"]

    def test_an_empty_page_has_none(self) -> None:
        held = sheet(page())
        assert (held.rows, held.flow.text) == ((), "")


class TestFlow:
    def test_letters_know_the_lines_they_came_from(self) -> None:
        one, two = line("坐落于上海市宝山区友谊路", 1000, 1000, score=98), line("1588号的房屋", 1000, 1250, score=80)
        held = sheet(page(one, two))
        assert held.flow.text == "坐落于上海市宝山区友谊路1588号的房屋"
        box, score = place(held.flow.part(3, 17).spots)
        assert (box.y0, box.y1, score) == (1000, 1410, 80)

    def test_letters_of_a_line_have_their_own_part_of_its_place(self) -> None:
        held = sheet(page(line("名称青禾餐饮", 1000, 1000, wide=1200)))
        box, _ = place(held.flow.part(2, 6).spots)
        assert (box.x0, box.x1) == (1400, 2200)
