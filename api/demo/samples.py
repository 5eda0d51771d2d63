"""The demonstration's files: real PDFs, a scan and a large drawing with Chinese text, the same bytes every time.

Texts are the Typst files in `documents/`; firms and people come from `world.json` and are synthetic. A missing font is
only a warning to the compiler and a missing glyph not even that: so every warning ends the production, and each
document's characters are looked up in the fonts.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pypdfium2
import typst
from PIL import Image, ImageChops, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTS: Final = Path(__file__).parent / "documents"
FONTS: Final = Path(__file__).parents[2] / "web/node_modules/@expo-google-fonts/noto-sans-sc"
"""Noto Sans SC, SIL Open Font License, from npm; two of its nine weights."""

WEIGHTS: Final = ("400Regular", "700Bold")
DRAWN_AT: Final = time.struct_time((2026, 10, 20, 9, 30, 0, 1, 293, 0))
SCAN_DPI: Final = 200
DRAWING_DPI: Final = 400
DRAWING_GRAIN: Final = 32
DRAWING_QUALITY: Final = 95
_POINTS: Final = 72


class SampleError(RuntimeError):
    """A sample cannot be produced as it should be: fonts are missing, or the compiler warned."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to produce.

    Attributes:
        file: its name.
        media_type: what it is.
        make: writes it.
    """

    file: str
    media_type: str
    make: Callable[[Path], None]


def produce(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write every sample into a folder; files that are there already are made again.

    Args:
        folder: where to; made if need be.

    Returns:
        Path and media type by the sample's name.

    Raises:
        SampleError: the fonts are not installed, or a glyph is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, sample in SAMPLES.items():
        path = folder / sample.file
        partial = path.with_name(f".{path.name}")
        sample.make(partial)
        partial.rename(path)
        made[name] = (path, sample.media_type)
    return made


def compile_document(name: str, *, version: int = 1) -> bytes:
    """A PDF of one of the texts.

    Args:
        name: file name in `documents/` without its ending.
        version: of the articles of association; 2 is the amended one.

    Raises:
        SampleError: the fonts are not installed, or the compiler warned.
    """
    fonts = [font for weight in WEIGHTS for font in (FONTS / weight).glob("*.ttf")]
    if len(fonts) < len(WEIGHTS):
        message = f"fonts are missing under {FONTS}: run `npm ci` in web/"
        raise SampleError(message)
    folders = [str(font.parent) for font in fonts]
    compiler = typst.Compiler(root=str(DOCUMENTS), font_paths=folders, ignore_system_fonts=True)
    document, warnings = compiler.compile_with_warnings(
        str(DOCUMENTS / f"{name}.typ"), sys_inputs=_inputs() | {"version": str(version)}, format="pdf"
    )
    if warnings or not isinstance(document, bytes):
        message = f"{name}: {warnings[0].message if warnings else 'not one file'}"
        raise SampleError(message)
    source = (DOCUMENTS / f"{name}.typ").read_text("utf-8")  # the PDF keeps no text where a glyph is missing
    if absent := absent_glyphs(source + text_of(document), fonts):
        message = f"{name}: no glyph for {sorted(absent)}"
        raise SampleError(message)
    return document


def text_of(document: bytes) -> str:
    """The text of a PDF, page after page."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()


def absent_glyphs(text: str, fonts: list[Path]) -> set[str]:
    """Characters that one of the fonts draws as the empty box it draws for what Unicode does not have."""
    absent = set()
    letters = {letter for letter in text if letter.isprintable() and not letter.isspace()}
    for path in fonts:
        font = ImageFont.truetype(str(path), 24)
        box = bytes(font.getmask("\U0010fffe"))
        absent |= {letter for letter in letters if bytes(font.getmask(letter)) == box}
    return absent


def _inputs() -> dict[str, str]:
    """Names and codes of the firms and people the texts are about."""
    world = json.loads(Path(__file__).with_name("world.json").read_text("utf-8"))
    firm, lessor, *_ = world["firms"]
    names = {person["sub"]: person["name"] for person in world["people"]}
    heads = {firm["legal_representative"], lessor["legal_representative"]}
    other = next(name for sub, name in names.items() if sub not in heads)
    return {
        "firm": firm["name"],
        "code": firm["code"],
        "legal": names[firm["legal_representative"]],
        "other": other,
        "lessor": lessor["name"],
        "lessor_code": lessor["code"],
        "lessor_legal": names[lessor["legal_representative"]],
    }


def _document(name: str, *, version: int = 1) -> Callable[[Path], None]:
    return lambda path: _write(path, compile_document(name, version=version))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _pages(document: bytes, dpi: int) -> list[Image.Image]:
    """Grey pictures of a PDF's pages."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        return [page.render(scale=dpi / _POINTS, grayscale=True).to_pil().convert("L") for page in pdf]
    finally:
        pdf.close()


def _grain(size: tuple[int, int], seed: int, depth: int) -> Image.Image:
    """Noise of a scanner: grey values from 0 to `depth` that are to be taken away from the white of the paper.

    One square laid side by side: no compressor of pictures looks far enough to notice, and memory is spared.
    """
    side = 1024
    grain = random.Random(seed).randbytes(side * side)  # noqa: S311 - the same each time, that is the point
    square = Image.frombytes("L", (side, side), grain)
    square = square.point([value * depth // 255 for value in range(256)])
    noise = Image.new("L", size)
    for left in range(0, size[0], side):
        for top in range(0, size[1], side):
            noise.paste(square, (left, top))
    return noise


def _scan(path: Path) -> None:
    """Both pages of the lease on the glass at once, a little askew, on grey."""
    sheets = _pages(compile_document("lease"), SCAN_DPI)
    width, height = sum(sheet.width for sheet in sheets), max(sheet.height for sheet in sheets)
    glass = Image.new("L", (width + 120, height + 120), 255)
    left = 60
    for sheet in sheets:
        glass.paste(sheet, (left, 60))
        left += sheet.width
    fold = Image.new("L", (26, height), 0).filter(ImageFilter.GaussianBlur(6))
    shade = Image.new("L", glass.size, 0)
    shade.paste(fold.point(lambda _: 40), (60 + sheets[0].width - 13, 60))
    glass = ImageChops.subtract(glass, shade.filter(ImageFilter.GaussianBlur(14)))
    glass = glass.rotate(0.7, resample=Image.Resampling.BICUBIC, fillcolor=232)
    glass = glass.filter(ImageFilter.GaussianBlur(0.6))
    glass = ImageChops.subtract(glass, _grain(glass.size, seed=20260820, depth=22))
    glass.save(path, "JPEG", quality=82, dpi=(SCAN_DPI, SCAN_DPI))


def _drawing(path: Path) -> None:
    """The floor plan as a copy shop hands it back: an A1 sheet scanned at 400 dpi: one picture in a PDF of 60 MB."""
    sheet = _pages(compile_document("drawing"), DRAWING_DPI)[0]
    sheet = ImageChops.subtract(sheet, _grain(sheet.size, seed=20261020, depth=DRAWING_GRAIN))
    sheet.save(
        path,
        "PDF",
        resolution=DRAWING_DPI,
        quality=DRAWING_QUALITY,
        title="经营场所布局平面图（含方位图）",
        creationDate=DRAWN_AT,
        modDate=DRAWN_AT,
    )


SAMPLES: Final = {
    "articles": Sample("articles.pdf", "application/pdf", _document("articles")),
    "articles-2": Sample("articles-2.pdf", "application/pdf", _document("articles", version=2)),
    "lease": Sample("lease.pdf", "application/pdf", _document("lease")),
    "scan": Sample("lease-scan.jpg", "image/jpeg", _scan),
    "drawing": Sample("drawing.pdf", "application/pdf", _drawing),
    "rules": Sample("food-safety-rules.pdf", "application/pdf", _document("rules")),
    "equipment": Sample("equipment.pdf", "application/pdf", _document("equipment")),
}
"""By the demonstration's names: articles CL015, lease CL022, drawing CL025, rules CL051, equipment CL053."""
