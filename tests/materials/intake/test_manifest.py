"""Manifests as archives write them: tables and JSON lines, other encodings, and lines that are none."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from materials.intake.errors import IntakeRowError
from materials.intake.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "path,type_code,holder_name,holder_code,size,reference"
LINE = "a/1.pdf,CL022,宝山青禾餐饮管理有限公司,91310113XX0000019X,812,D-1"


def table(folder: Path, *lines: str, encoding: str = "utf-8", name: str = "m.csv") -> Path:
    file = folder / name
    file.write_bytes("\r\n".join(lines).encode(encoding))
    return file


class TestTable:
    def test_gives_rows_in_order_with_what_they_say(self, tmp_path: Path) -> None:
        rows = list(Manifest(table(tmp_path, HEAD, LINE, "", LINE.replace("1.pdf", "2.pdf").replace("D-1", ""))).rows())
        assert [(row.number, row.path) for row in rows] == [(1, "a/1.pdf"), (2, "a/2.pdf")]
        assert rows[0].given == {
            "type_code": "CL022",
            "holder_name": "宝山青禾餐饮管理有限公司",
            "holder_code": "91310113XX0000019X",
            "size": 812,
            "reference": "D-1",
        }
        assert "reference" not in rows[1].given
        assert "青禾" not in repr(rows[0])

    def test_reads_a_byte_order_mark_and_quoted_fields(self, tmp_path: Path) -> None:
        file = table(tmp_path, HEAD, '"a,b/1.pdf",CL022,"宝山 ""青禾""",91310113XX0000019X,,', encoding="utf-8-sig")
        (row,) = Manifest(file).rows()
        assert (row.path, row.given["holder_name"]) == ("a,b/1.pdf", '宝山 "青禾"')

    def test_reads_gb18030_where_told(self, tmp_path: Path) -> None:
        (row,) = Manifest(table(tmp_path, HEAD, LINE, encoding="gb18030"), "gb18030").rows()
        assert row.given["holder_name"] == "宝山青禾餐饮管理有限公司"
        with pytest.raises(IntakeRowError, match="encoding"):
            Manifest(tmp_path / "m.csv", "latin-1")

    def test_marks_a_row_that_has_other_columns(self, tmp_path: Path) -> None:
        first, second, third = Manifest(table(tmp_path, HEAD, "a,b", LINE.replace("812", "many"), LINE)).rows()
        assert first.problem is not None
        assert second.problem is not None
        assert (second.problem.fields["member"], third.problem) == ("size", None)

    @pytest.mark.parametrize(
        "head",
        ["path,type_code,holder_name", f"{HEAD},colour", f"{HEAD},path", ""],
        ids=["missing", "unknown", "twice", "empty"],
    )
    def test_refuses_another_head_line(self, tmp_path: Path, head: str) -> None:
        with pytest.raises(IntakeRowError):
            list(Manifest(table(tmp_path, head, LINE)).rows())

    def test_a_quote_never_closed_does_not_swallow_the_file(self, tmp_path: Path) -> None:
        file = table(tmp_path, HEAD, '"a', *[LINE] * 2000)
        with pytest.raises(IntakeRowError):
            list(Manifest(file).rows())


class TestLines:
    def test_gives_rows_and_marks_those_that_are_none(self, tmp_path: Path) -> None:
        file = tmp_path / "m.ndjson"
        good = {"path": "1.pdf", "type_code": "CL022", "holder_name": "n", "holder_code": "c", "size": 5}
        lines = [
            json.dumps(good),
            "",
            "[]",
            '{"path": "a", "path": "b"}',
            '{"path": "a", "hue": 1}',
            '{"size": 5}',
            "{",
        ]
        file.write_text("\n".join(lines))
        rows = list(Manifest(file).rows())
        assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
        assert [row.problem is None for row in rows] == [True, False, False, False, False, False]
        assert rows[0].given["size"] == 5


class TestMeasure:
    def test_names_the_manifest_by_its_bytes(self, tmp_path: Path) -> None:
        file = table(tmp_path, HEAD, LINE, LINE)
        assert Manifest(file).measure() == (hashlib.sha256(file.read_bytes()).hexdigest(), 2)

    @pytest.mark.parametrize("count", [0, 100_001])
    def test_refuses_none_and_too_many(self, tmp_path: Path, count: int) -> None:
        with pytest.raises(IntakeRowError):
            Manifest(table(tmp_path, HEAD, *["x,y,z,w,1,r"] * count)).measure()

    def test_never_holds_it_whole(self, tmp_path: Path) -> None:
        file = table(tmp_path, HEAD, *[LINE] * 20_000)
        tracemalloc.start()
        try:
            Manifest(file).measure()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < file.stat().st_size / 3
