"""The labelled set is what it says, and the rules read its development split; the held-out one is for `make bench`."""

from __future__ import annotations

from collections import Counter

import pytest

from authz.identifiers import check_organisation, check_person
from materials.catalogue import Catalogue
from materials.reading import classify, fieldrules
from materials.reading.document import open_document
from materials.reading.findings import find
from materials.reading.layout import plain
from materials.reading.model import PageText, Source
from tests.materials.reading.generator import pages
from tests.materials.reading.generator.keytypes import MAKERS
from tests.materials.reading.generator.values import Values
from tests.materials.reading.lines import line, page

TEXTS = {each.id: each for each in pages.pages("dev") if each.form == "text"}


class TestManifest:
    def test_holds_out_more_than_three_hundred_pages_of_all_types(self) -> None:
        held = Counter(each.type_code for each in pages.pages("held"))
        assert sum(held.values()) >= 300
        assert held.keys() == Catalogue.load().types.keys()
        assert min(held[code] for code in MAKERS) >= 20

    def test_splits_share_no_seed(self) -> None:
        dev, held = ({each.seed for each in pages.pages(split)} for split in ("dev", "held"))
        assert not dev & held

    def test_most_pages_are_pictures_with_wear(self) -> None:
        forms = Counter(each.form for each in pages.pages("held"))
        assert forms["office"] + forms["phone"] > 0.6 * forms.total()

    def test_a_seed_gives_one_page(self) -> None:
        first, again = (MAKERS["CL001"](Values(7)) for _ in range(2))
        assert (first[0].items, first[1]) == (again[0].items, again[1])

    def test_its_people_and_firms_have_valid_codes(self) -> None:
        values = Values(3)
        for _ in range(50):
            check_person(values.citizen()[0])
            check_organisation(values.firm()[1])


class TestRules:
    def test_know_every_type_of_the_catalogue(self) -> None:
        assert classify.rules().types.keys() == Catalogue.load().types.keys()
        assert fieldrules.rules().types.keys() >= MAKERS.keys()

    def test_find_every_field_the_set_labels(self) -> None:
        for code, make in MAKERS.items():
            assert make(Values(1))[1].keys() <= {rule.code for rule in fieldrules.rules().of(code)}

    @pytest.mark.parametrize("name", sorted(TEXTS)[::3])
    def test_read_pages_with_text(self, name: str) -> None:
        made = pages.make(TEXTS[name])
        opened = open_document(made.content, "application/pdf", lambda _: ())
        text = opened.page(1)
        assert text.source is Source.text
        findings = find([text])
        assert findings.guess.type_code == made.page.type_code
        read = {each.code: plain(each.value) for each in findings.fields}
        assert {code: read.get(code) for code in made.fields} == {
            code: plain(value) for code, value in made.fields.items()
        }


class TestUnknown:
    @pytest.mark.parametrize(
        "texts",
        [
            ("会议通知", "各部门:", "定于下周三下午两点召开季度工作例会,请准时参加。", "办公室"),
            ("菜单", "红烧肉 38元", "清炒时蔬 18元", "米饭 2元"),
            ("关于营业执照办理时间的说明", "窗口工作时间为上午九点至下午五点。"),
            (),
        ],
        ids=["notice", "menu", "talks-about-one", "empty"],
    )
    def test_document_is_of_no_type(self, texts: tuple[str, ...]) -> None:
        held = page(*(line(text, 1000, 800 + place * 500) for place, text in enumerate(texts)))
        findings = find([held])
        assert (findings.guess.type_code, findings.guess.confidence, findings.fields) == (None, 0, ())

    def test_page_that_could_not_be_read_does_not_hide_the_others(self) -> None:
        lost = PageText(1, Source.unread, (), failure="took-too-long")
        good = page(line("授权委托书", 3000, 800, tall=300), line("委托人:青禾", 1000, 2000), number=2)
        assert find([lost, good]).guess.type_code == "CL013"
