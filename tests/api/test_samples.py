"""The demonstration's files: made whole, the same each time, and taken by the checks a deposit passes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image

from api.demo import samples
from api.demo.samples import SAMPLES, SampleError, absent_glyphs, compile_document, produce, text_of
from materials.content import MEDIA_TYPES, Inspector

if TYPE_CHECKING:
    from pathlib import Path

FIRM, CODE = "宝山青禾餐饮管理有限公司", "91310113XX0000019X"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Every sample, made once."""
    return produce(tmp_path_factory.mktemp("samples") / "files")


def flat(path: Path) -> str:
    """A PDF's text without white space."""
    return "".join(text_of(path.read_bytes()).split())


class TestProduce:
    def test_makes_every_sample_and_nothing_else(self, made: dict[str, tuple[Path, str]]) -> None:
        assert made.keys() == SAMPLES.keys()
        folder = made["lease"][0].parent
        assert {path.name for path in folder.iterdir()} == {sample.file for sample in SAMPLES.values()}

    @pytest.mark.parametrize("name", SAMPLES)
    def test_passes_the_content_check_of_a_deposit(self, made: dict[str, tuple[Path, str]], name: str) -> None:
        path, media_type = made[name]
        inspector = Inspector(media_type, MEDIA_TYPES)
        with path.open("rb") as file:
            while piece := file.read(1024 * 1024):
                inspector.feed(piece)
        inspector.finish()

    @pytest.mark.parametrize("name", SAMPLES)
    def test_is_the_same_each_time(self, made: dict[str, tuple[Path, str]], tmp_path: Path, name: str) -> None:
        again = tmp_path / "again"
        SAMPLES[name].make(again)
        assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(made[name][0].read_bytes()).digest()

    @pytest.mark.parametrize(
        ("name", "pages", "words"),
        [
            ("articles", 3, ["章程", "第二十八条", "壹佰万", "法定代表人", CODE]),
            ("articles-2", 3, ["2026年10月28日股东会修订", "贰佰万", "集体用餐配送", CODE]),
            ("lease", 2, ["房屋租赁合同", "青浦云岫食品有限公司", "91310118XX00000271", "陈安澜", CODE]),
            ("rules", 1, ["食品安全规章制度目录清单", "食品留样管理制度", CODE]),
            ("equipment", 1, ["主要设备设施清单", "油烟净化装置", CODE]),
        ],
    )
    def test_documents_say_what_they_should(
        self, made: dict[str, tuple[Path, str]], name: str, pages: int, words: list[str]
    ) -> None:
        path, _ = made[name]
        text = flat(path)
        assert all(word in text for word in [*words, FIRM, "合成样例"])
        assert f"共{pages}页" in text

    def test_drawing_is_one_large_picture(self, made: dict[str, tuple[Path, str]]) -> None:
        path, _ = made["drawing"]
        assert 58_000_000 < path.stat().st_size < 64_000_000
        pdf = pypdfium2.PdfDocument(path)
        width, height = pdf[0].get_size()
        assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (841, 594)
        ink = pdf[0].render(scale=0.5, grayscale=True).to_pil().convert("L").histogram()
        pdf.close()
        assert sum(ink[:100]) > 0.02 * sum(ink)

    def test_scan_is_a_grey_picture_that_stands_askew(self, made: dict[str, tuple[Path, str]]) -> None:
        with Image.open(made["scan"][0]) as scan:
            assert (scan.format, scan.mode, round(scan.info["dpi"][0])) == ("JPEG", "L", 200)
            assert scan.width > scan.height > 2000
            corners = [scan.getpixel(place) for place in ((1, scan.height - 30), (scan.width - 2, 30))]
        assert all(isinstance(grey, int) and grey < 240 for grey in corners)  # the lid shows beside the paper


class TestCompileDocument:
    def test_missing_fonts_are_an_error(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(samples, "FONTS", tmp_path)
        with pytest.raises(SampleError, match="fonts are missing"):
            compile_document("lease")

    def test_a_warning_is_an_error(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "x.typ").write_text('#set text(font: "SimSun")\n材料')
        monkeypatch.setattr(samples, "DOCUMENTS", tmp_path)
        with pytest.raises(SampleError, match="unknown font"):
            compile_document("x")

    def test_a_missing_glyph_is_an_error(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "x.typ").write_text('#set text(font: "Noto Sans SC")\n材料 ཀ')
        monkeypatch.setattr(samples, "DOCUMENTS", tmp_path)
        with pytest.raises(SampleError, match="no glyph"):
            compile_document("x")

    def test_chinese_has_glyphs(self) -> None:
        fonts = [font for weight in samples.WEIGHTS for font in (samples.FONTS / weight).glob("*.ttf")]
        assert absent_glyphs("材料链 ¥㎡①℃−≥★ཀ", fonts) <= {"ཀ", "★", "①", "㎡"}
        assert absent_glyphs("ཀ", fonts) == {"ཀ"}
