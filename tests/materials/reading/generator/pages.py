"""The manifest's pages: made when asked for, kept in `build/reading-set` (a picture takes half a second)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.materials.reading.generator import others
from tests.materials.reading.generator.keytypes import MAKERS
from tests.materials.reading.generator.noise import wear
from tests.materials.reading.generator.values import Values

MANIFEST = Path(__file__).with_name("manifest.json")
CACHE = Path(__file__).parents[4] / "build" / "reading-set"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be made.

    Attributes:
        form: `text`: a PDF with text; `clean`, `office`, `phone`: a picture, by how it came about.
        dpi: of the picture.
        split: `dev` or `held`.
    """

    id: str
    type_code: str
    seed: int
    form: str
    dpi: int
    split: str

    @property
    def media_type(self) -> str:
        """What file it makes."""
        return "application/pdf" if self.form == "text" else "image/jpeg"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file and what is on it."""

    page: Page
    content: bytes
    fields: dict[str, str]


def pages(split: str | None = None) -> list[Page]:
    """The manifest, or one split of it."""
    version = json.loads(MANIFEST.read_text("utf-8"))
    return [page for page in (Page(*row) for row in version["pages"]) if split in {None, page.split}]


def make(page: Page) -> Labelled:
    """The file of a page and its label."""
    values = Values(page.seed)
    if page.type_code in MAKERS:
        sheet, fields = MAKERS[page.type_code](values)
    else:
        sheet, fields = others.make(page.type_code, values), {}
    file = CACHE / _version() / f"{page.id}.{'pdf' if page.form == 'text' else 'jpg'}"
    if not file.exists():
        content = sheet.pdf() if page.form == "text" else _picture(sheet, page)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(content)
        part.replace(file)
    return Labelled(page, file.read_bytes(), {name: "".join(value.split()) for name, value in fields.items()})


def _picture(sheet, page: Page) -> bytes:
    drawn, seals = sheet.picture(page.dpi)
    if page.form != "clean" and page.seed % 3 == 0:  # a stamp that hits print where nobody meant it to
        texts = [item for item in sheet.items if item["do"] == "text" and item["y"] > sheet.high / 3]
        hit = values_of(page).random.choice(texts or sheet.items)
        seals = [*seals, {"x": hit["x"] + 60, "y": hit["y"], "name": "与原件核对一致专用", "radius": 46, "purpose": ""}]
    return wear(drawn, seals, page.form, page.dpi, page.seed)


def values_of(page: Page) -> Values:
    """Draws for what happens to the page, apart from what stands on it."""
    return Values(page.seed ^ 0x5EED)


def _version() -> str:
    """Pages made by another state of the generator are not taken from the cache."""
    from hashlib import sha256  # noqa: PLC0415

    digest = sha256()
    for file in sorted(Path(__file__).parent.glob("*.*")):
        if file.suffix in {".py", ".json"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
