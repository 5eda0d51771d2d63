"""The console's editors of definitions (`web/console/src/editor`) beside the code that reads what they write."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from certs.catalogue import LicenceCatalogue
from materials.catalogue import Catalogue
from materials.catalogue.items import check_case_number
from materials.editing import Editing
from materials.editing.errors import DefinitionInvalidError
from materials.errors import CatalogueError
from tests.web.test_verifier import node

if TYPE_CHECKING:
    from pathlib import Path

STAFF: Final = "11310113XX00000A2R4310700501000"
"""Its cases are about workers; it is decided without a person."""
SALE: Final = "11310118XX00000B0W4310700601000"
"""Its cases are about a seller."""
DAY: Final = datetime(2026, 3, 9, tzinfo=UTC)
PATTERNS: Final = (
    "{division}{day:%Y%m%d}{serial:06d}",
    "{org}-{day:%y.%m}-{serial:04}",
    "{item}{serial}",
    "QP.{serial:08d}",
    "{serial:06d}",
    "{serial:6d}",
    "{serial}",
    "{day:%Y%m%d}",
    "qp-{serial:06d}",
    "{division}{serial:06d",
    "{division}}{serial:06d}",
    "{people}{serial:06d}",
    "{serial:06x}",
    "{serial:0999999999d}",
    "{day:%B}{serial:06d}",
    "",
)
WRONG: Final = (
    ("item", SALE, '"seller": [', '"Seller": [', "roles.Seller"),
    ("item", SALE, '"seller": [', '"buyer": ["买受人", " "], "seller": [', "roles.buyer[2]"),
    ("item", SALE, '"each:seller"', '"each:buyer"', "demands[1].whose"),
    ("item", SALE, '"version": "2026.2"', '"version": "2026.2", "case_number": "X-1"', "case_number"),
    ("item", STAFF, '"wait_days": 10', '"wait_days": 0', "automatic.wait_days"),
    ("item", STAFF, '"shown": [', '"shown": ["nothing", ', "automatic.shown"),
    ("item", STAFF, '"role": "worker",', '"role": "boss",', "automatic.confirm"),
    ("item", STAFF, '"employer": "new_employer"', '"boss": "new_employer"', "automatic.result"),
    ("item", STAFF, '"code": "supplied"', '"code": "Supplied"', "automatic.rules[1].code"),
    ("item", STAFF, '"code": "reviewed"', '"code": "supplied"', "automatic.rules[2].code"),
    ("item", STAFF, '"en": "The new employer is another"', '"en": ""', "automatic.rules[5].en"),
    ("item", STAFF, '"zh": "新旧单位不同"', '"zh": " "', "automatic.rules[5].zh"),
    ("item", STAFF, '"{applicant}申请', '"{申请人}申请', "automatic.confirm"),
    ("item", STAFF, '"op": "differs"', '"op": ""', "automatic.rules[5].rule.op"),
    ("item", STAFF, '"left": "old_employer"', '"left": "nothing"', "automatic.rules[5].rule"),
    ("item", STAFF, '"en": "Qualification number"', '"en": " "', "fields[2].en"),
    ("item", STAFF, '"en": "The driving licence stands"', '"en": null', "check_points[2].en"),
    ("item", STAFF, '"name_en": "Change of employer"', '"name_en": ""', "scenarios[1].name_en"),
    ("item", STAFF, '"version": "2026.2"', '"version": ""', "version"),
    ("licence-type", "LT22", '"name_en": "Driving licence"', '"name_en": ""', "name_en"),
    ("licence-type", "LT22", '435905"', '435905", "11100000MB0143028R901"', "type_codes[2]"),
    ("licence-type", "LT22", '435905"', '435905", "11100000XX00000435905"', "type_codes[2]"),
    ("licence-type", "LT22", '435905"', '435905", "11100000XX0000043590"', "type_codes[2]"),
    ("licence-type", "LT22", '435905"', '435906"', "type_codes"),
    ("licence-type", "LT01", '"holder_kinds": [', '"holder_kinds": ["firm", ', "holder_kinds"),
    ("licence-type", "LT01", '"organisation"', '"person"', "holder_kinds"),
)
"""Kind and code of a definition, what stands there, what is put in its place, and where the form leads then."""


def told(tmp_path: Path, given: dict[str, Any]) -> dict[str, Any]:
    """What the page makes of the cases."""
    path = tmp_path / "given.json"
    path.write_text(json.dumps(given))
    done = node("tests/web/editor.mjs", path)
    assert done.returncode == 0, done.stderr
    held: dict[str, Any] = json.loads(done.stdout)
    return held


class TestNumbers:
    def test_shows_the_number_that_the_node_would_make_and_none_it_refuses(self, tmp_path: Path) -> None:
        day = [DAY.year, DAY.month - 1, DAY.day]
        given = [{"pattern": each, "item": STAFF, "day": day} for each in PATTERNS]
        shown = told(tmp_path, {"numbers": given})["numbers"]
        assert shown == [made(each) for each in PATTERNS]
        assert shown.count(None) == len(PATTERNS) - 5


def made(pattern: str) -> str | None:
    try:
        check_case_number(pattern)
    except CatalogueError:
        return None
    return pattern.format(division=STAFF[2:8], day=DAY, serial=1, item=STAFF, org=STAFF[:18])


class TestPlaces:
    def test_leads_to_what_is_refused(self, tmp_path: Path) -> None:
        catalogue, licences = Catalogue.load(), LicenceCatalogue.load()
        editing = Editing(catalogue, licences, None, None, None)  # type: ignore[arg-type]  # checking asks nobody
        held = {"item": catalogue.definitions, "licence-type": licences.definitions}
        given = []
        for kind, code, before, after, _ in WRONG:
            text = json.dumps(json.loads(held[kind][code]), ensure_ascii=False, indent=1).replace(before, after, 1)
            with pytest.raises(DefinitionInvalidError) as raised:
                editing.check(kind, text)
            given.append({"text": text, "fields": raised.value.fields})
        assert told(tmp_path, {"places": given})["places"] == [place for *_, place in WRONG]
