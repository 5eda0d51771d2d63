"""One row by itself: what it must say, and what it cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from authz.model import HolderKind
from materials.catalogue import Catalogue
from materials.intake.model import CHANNEL, IntakeRow, Refusal
from materials.intake.rows import read
from materials.model import Material, MaterialStatus
from materials.validity import ends_at

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 21)
ROW = {
    "row": 7,
    "file_name": "lease.pdf",
    "media_type": "application/pdf",
    "size": 812,
    "sha256": "ab" * 32,
    "type_code": "CL022",
    "holder_name": "宝山青禾餐饮管理有限公司",
    "holder_code": "91310113xx0000019x",
}


def judged(**changes: Any) -> IntakeRow | Refusal:
    """The row with changes; a member of value None is left out."""
    given = {name: value for name, value in (ROW | changes).items() if value is not None}
    return read(given, CATALOGUE, "bs-017", TODAY)


def good(**changes: Any) -> IntakeRow:
    found = judged(**changes)
    assert isinstance(found, IntakeRow), found
    return found


class TestRead:
    def test_takes_a_row(self) -> None:
        row = good(reference="WS·2024·D30-0001", verify_level="staff_checked")
        assert (row.number, row.type.code, row.holder.code) == (7, "CL022", "91310113XX0000019X")
        assert (row.holder_kind, row.reference) == (HolderKind.organisation, "WS·2024·D30-0001")
        assert (row.meta.channel, row.meta.operator, row.meta.verify_level) == (CHANNEL, "bs-017", "staff_checked")

    def test_names_a_project_and_the_version_it_replaces(self) -> None:
        row = good(project="P-1", supersedes="019a0000-0000-7000-8000-000000000000")
        assert (row.meta.project_code, row.meta.supersedes) == ("P-1", "019a0000-0000-7000-8000-000000000000")
        refused = judged(supersedes="the old one")
        assert isinstance(refused, Refusal)
        assert refused.fields["member"] == "supersedes"

    def test_tells_persons_by_their_code_type(self) -> None:
        row = good(holder_code_type="111", holder_code="310199199001010018", holder_name="陈安澜")
        assert row.holder_kind is HolderKind.person
        assert "陈安澜" not in repr(row)
        assert "310199" not in repr(row)

    def test_counts_days_in_china_and_the_last_one_whole(self) -> None:
        row = good(dated_on="2024-03-01", valid_to="2024-12-31")
        assert row.meta.valid_from is not None
        assert row.meta.valid_to is not None
        assert row.meta.valid_from.astimezone(UTC) == datetime(2024, 2, 29, 16, tzinfo=UTC)
        assert row.meta.valid_to.astimezone(UTC) == datetime(2024, 12, 31, 16, tzinfo=UTC)

    def test_an_old_document_does_not_become_fresh(self) -> None:
        """A type that may be reused for months counts from the document's day, not from its intake."""
        code = next(code for code, kind in sorted(CATALOGUE.types.items()) if kind.validity.months)
        row = good(type_code=code, dated_on="2020-01-01", media_type=CATALOGUE.types[code].media_types[0])
        values: dict[str, Any] = dict.fromkeys(Material.__dataclass_fields__)
        held = Material(
            **values
            | {"status": MaterialStatus.active, "deposited_at": datetime(2026, 11, 21, tzinfo=UTC)}
            | {"valid_from": row.meta.valid_from}
        )
        ends = ends_at(held, row.type)
        assert ends is not None
        assert ends < datetime(2026, 11, 21, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("changes", "code", "fields"),
        [
            ({"row": 0}, "intake-row-invalid", {"member": "row"}),
            ({"row": True}, "intake-row-invalid", {"member": "row"}),
            ({"row": 100_001}, "intake-row-invalid", {"member": "row"}),
            ({"file_name": None}, "intake-row-invalid", {"member": "file_name", "problem": "missing"}),
            ({"holder_code": ""}, "intake-row-invalid", {"member": "holder_code", "problem": "missing"}),
            ({"colour": "red"}, "intake-row-invalid", {"member": "colour"}),
            ({"reference": 12}, "intake-row-invalid", {"member": "reference", "problem": "not a text"}),
            ({"type_code": "CL999"}, "unknown-material-type", {}),
            ({"media_type": "text/html"}, "content-type-not-allowed", {}),
            ({"size": 0}, "intake-row-invalid", {"member": "size"}),
            ({"size": 1.5}, "intake-row-invalid", {"member": "size"}),
            ({"sha256": "AB" * 32}, "intake-row-invalid", {"member": "sha256"}),
            ({"holder_code": "91310113XX0000019Y"}, "invalid-identity", {"type": "001"}),
            (
                {"holder_code_type": "111", "holder_code": "310199199001010019"},
                "invalid-identity",
                {"problem": "check"},
            ),
            ({"holder_code_type": "111", "holder_code": "310199199013010018"}, "invalid-identity", {"problem": "date"}),
            ({"holder_code_type": "oidc", "holder_code": "A1B2"}, "invalid-identity", {"problem": "login"}),
            ({"holder_country": "CN"}, "invalid-identity", {"problem": "country"}),
            ({"holder_name": " \t"}, "invalid-identity", {"problem": "name"}),
            ({"file_name": "../x.pdf"}, "file-name-invalid", {}),
            ({"verify_level": "certain"}, "intake-row-invalid", {"member": "verify_level"}),
            ({"dated_on": "2026-11-22"}, "intake-row-invalid", {"member": "dated_on", "problem": "after today"}),
            ({"dated_on": "1.3.2024"}, "intake-row-invalid", {"member": "dated_on"}),
            ({"dated_on": "20240301"}, "intake-row-invalid", {"member": "dated_on"}),
            ({"dated_on": "2024-03-02", "valid_to": "2024-03-01"}, "period-invalid", {}),
            ({"reference": "310199199001010018"}, "intake-row-invalid", {"member": "reference"}),
            ({"reference": "３１０１９９１９９００１０１００１８"}, "intake-row-invalid", {"member": "reference"}),
            ({"reference": "a\\b"}, "intake-row-invalid", {"member": "reference"}),
            ({"reference": "x" * 129}, "intake-row-invalid", {"member": "reference"}),
        ],
        ids=lambda value: "-".join(f"{k}={v}"[:24] for k, v in value.items()) if isinstance(value, dict) else value,
    )
    def test_refuses_by_name(self, changes: dict[str, Any], code: str, fields: dict[str, str]) -> None:
        found = judged(**changes)
        assert isinstance(found, Refusal)
        assert found.code == code
        assert fields.items() <= found.fields.items()
        said = repr(found)
        assert "310199199" not in said
        assert "青禾" not in said

    @pytest.mark.parametrize("given", [None, [], "row", {"row": "7"}], ids=["none", "list", "text", "number as text"])
    def test_refuses_what_is_no_row(self, given: object) -> None:
        found = read(given, CATALOGUE, "bs-017", TODAY)
        assert isinstance(found, Refusal)
        assert (found.number, found.code) == (0, "intake-row-invalid")
