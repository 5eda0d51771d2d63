"""The words and codes of licences: nothing that the verifier accepts, and nothing that issuers write, is without them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest

from authz.model import Mode
from certs.model import LicenceStatus, Operation
from ledger import acts
from ledger.documentcheck import Given
from ledger.licencewords import DOCUMENTS, told
from ledger.verify import load_bundle
from tests.ledger.corpus.world import FOLDER

PAGE: Final = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
BROWSER: Final = Path(__file__).parents[2] / "web" / "verifier" / "src" / "licences.ts"


class TestCodes:
    def test_are_those_that_issuers_write(self) -> None:
        assert {status.value for status in LicenceStatus} == acts.STATUSES
        assert {operation.value for operation in Operation} == acts.OPERATIONS
        assert {mode.value for mode in Mode} == acts.RENDITIONS

    def test_are_named_on_the_page(self) -> None:
        assert set(re.findall(r"`(\d\d)`", PAGE)) >= acts.STATUSES
        assert {each.value for each in Given} <= set(re.findall(r"`([a-z-]+)`", PAGE))

    def test_are_known_to_the_browser(self) -> None:
        source = BROWSER.read_text(encoding="utf-8")
        assert all(source.count(f'"{status}": "') == 2 for status in acts.STATUSES)


class TestTold:
    @pytest.mark.parametrize("rendition", sorted(acts.RENDITIONS))
    def test_has_words_for_every_rendition(self, rendition: str) -> None:
        assert DOCUMENTS[Given(rendition)]
        value = json.loads((FOLDER / "good-derived.cailian.json").read_text())
        value["sections"]["derived"]["entries"][0]["opening"]["fact"]["content"]["rendition"] = rendition
        ((zh, en),) = told(load_bundle(json.dumps(value).encode()))
        assert "不是原件" in zh
        assert "not the original" in en

    @pytest.mark.parametrize("status", sorted(acts.STATUSES))
    def test_has_words_for_every_status(self, status: str) -> None:
        value = json.loads((FOLDER / "good-licence-suspended.cailian.json").read_text())
        value["sections"]["licence"]["entries"][1]["opening"]["parties"]["content"]["status"] = status
        ((zh, en),) = told(load_bundle(json.dumps(value).encode()))
        assert zh.startswith("证照状态：")
        assert en.startswith("state of the licence: ")

    def test_says_nothing_of_what_was_erased(self) -> None:
        for name in ("good-licence-change-erased", "good-use-of-a-licence-derived-erased"):
            assert told(load_bundle((FOLDER / f"{name}.cailian.json").read_bytes())) == []
