"""Licence faces, seals and remarks set by Typst, with a Chinese font that comes with the install.

The compiler is kept: a page costs a few milliseconds then. It is one at a time; whoever needs more uses more processes.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import typst
import uharfbuzz
from PIL import Image, ImageColor

from certs.files import metadata
from certs.files.errors import NotRenderedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from certs.files.model import Stamp
    from certs.model import Sheet

FONTS: Final = Path(__file__).parents[2] / "web" / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
WEIGHTS: Final = ("400Regular", "700Bold")
TEMPLATES: Final = Path(__file__).parent / "templates"
SHANGHAI: Final = timezone(timedelta(hours=8))
"""China has one time of day, without summer time."""
SEAL_RED: Final = "#d0201c"
_SEAL_DPI: Final = 200
_SPACES: Final = frozenset(" \n\t\u3000\u00a0")
_GETA: Final = "〓"
"""Printers' sign for a missing letter."""


class Renderer:
    """Sets faces, seals and remarks.

    Args:
        fonts: folder of `@expo-google-fonts/noto-sans-sc`.

    Raises:
        NotRenderedError: the fonts are not installed.
    """

    def __init__(self, fonts: Path = FONTS) -> None:
        self.fonts = tuple(font for weight in WEIGHTS for font in sorted((fonts / weight).glob("*.ttf")))
        if len(self.fonts) != len(WEIGHTS):
            raise NotRenderedError(problem="fonts are missing: run `npm ci` in web/")
        folders = [str(font.parent) for font in self.fonts]
        self._compiler = typst.Compiler(root=str(TEMPLATES), font_paths=folders, ignore_system_fonts=True)
        self._lock = Lock()
        self._letters = frozenset.intersection(*(_letters(font) for font in self.fonts))

    def face(self, sheet: Sheet, at: datetime) -> bytes:
        """A licence's face as PDF/A-3b, unsealed, its metadata attached as `licence.json`.

        Args:
            at: when it is made.

        Raises:
            NotRenderedError: a character that the fonts lack, or a template that fails.
        """
        held = _as_json(sheet, at)
        self._check_letters(held)
        inputs = {"sheet": json.dumps(held, ensure_ascii=False)}
        inputs["metadata"] = json.dumps(metadata.of_licence(sheet), ensure_ascii=False, sort_keys=True)
        return self._compile(f"{sheet.type.template}.typ", inputs, at=at, standards=["a-3b"])

    def remark(self, stamp: Stamp, width: float, height: float) -> bytes:
        """The watermark of a derived copy: one page without ground, to be laid over each page of a licence.

        Args:
            width, height: of the page, in points.
        """
        held = {"requester": stamp.requester, "cause": stamp.cause, "maker": stamp.maker, "copy": stamp.copy_id}
        held |= {"from": moment(stamp.valid_from), "to": moment(stamp.valid_to)}
        text = json.dumps({name: self._printable(each) for name, each in held.items()}, ensure_ascii=False)
        return self._compile("remark.typ", {"remark": text, "width": str(width), "height": str(height)})

    def seal(self, name: str, code: str, purpose: str = "电子证照专用章") -> bytes:
        """The picture of a round seal, red on nothing, PNG, 42 mm at 200 dpi.

        Args:
            name: of the organisation.
            code: its unified social credit code.
            purpose: what the seal is for.
        """
        self._check_letters(name + purpose)
        drawn = self._compile("seal.typ", {"name": name, "code": code, "purpose": purpose}, picture=True)
        return _one_colour(drawn)

    def _compile(
        self,
        template: str,
        inputs: Mapping[str, str],
        *,
        at: datetime | None = None,
        standards: Iterable[str] = (),
        picture: bool = False,
    ) -> bytes:
        with self._lock:
            try:
                made, warnings = self._compiler.compile_with_warnings(
                    str(TEMPLATES / template),
                    sys_inputs=dict(inputs),
                    format="png" if picture else "pdf",
                    ppi=_SEAL_DPI,
                    pdf_standards=list(standards),  # type: ignore[arg-type]
                    timestamp=None if at is None else at.replace(microsecond=0),
                )
            except RuntimeError as error:
                raise NotRenderedError(template=template, problem="compile") from error
        if warnings or not isinstance(made, bytes):
            raise NotRenderedError(template=template, problem="warning")
        return made

    def _check_letters(self, shown: Any) -> None:
        """A missing glyph is an empty box to Typst, and no error: a name must never be printed so."""
        for text in _texts(shown):
            if self._printable(text) != text:
                raise NotRenderedError(problem="a character the fonts lack")

    def _printable(self, text: str) -> str:
        """A text with the geta mark for what cannot be printed; a remark says in full in its metadata what it says."""
        return "".join(each if each in _SPACES or ord(each) in self._letters else _GETA for each in text)


def _texts(shown: Any) -> Iterator[str]:
    """Every text in what a template is given."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, dict | list):
        for each in shown.values() if isinstance(shown, dict) else shown:
            yield from _texts(each)


def moment(at: datetime) -> str:
    """A moment as people in Shanghai write it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day(at: date) -> str:
    """A day as documents write it."""
    return f"{at.year}年{at.month:02d}月{at.day:02d}日"


def _one_colour(png: bytes) -> bytes:
    """The same picture as palette of one red in 256 strengths: a third of the bytes, which every seal carries twice."""
    shape = Image.open(BytesIO(png)).convert("RGBA").getchannel("A")
    picture = Image.frombytes("P", shape.size, shape.tobytes())
    picture.putpalette(ImageColor.getrgb(SEAL_RED) * 256)
    out = BytesIO()
    picture.save(out, "PNG", transparency=bytes(range(256)), optimize=True)
    return out.getvalue()


def _letters(font: Path) -> frozenset[int]:
    return frozenset(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font))).unicodes)


def _as_json(sheet: Sheet, at: datetime) -> dict[str, Any]:
    """What the template shows."""
    made = at.astimezone(UTC)
    until = metadata.LONG if sheet.valid_to is None else f"至 {day(sheet.valid_to)}"
    several = len(sheet.holders) > 1
    holders = []
    for place, (name, kind, code) in enumerate(sheet.holders, start=1):
        title, title_en = metadata.code_title(kind)
        holder = f"持证主体 {place}" if several else "持证主体"
        holders.append({"title": holder, "title_en": "Holder", "name": name, "code": code})
        holders[-1] |= {"code_title": title, "code_title_en": title_en}
    fields = []
    for field in sheet.type.fields:
        value = sheet.face.get(field.name)
        if value:
            shown = value if isinstance(value, str) else list(value)
            fields.append({"zh": field.title_zh, "en": field.title_en, "value": shown})
    return {
        "title": sheet.type.name,
        "title_en": sheet.type.name_en,
        "licence_id": sheet.licence_id,
        "licence_no": sheet.licence_no,
        "version": f"{sheet.version:03d}",
        "issuer_name": sheet.issuer_name,
        "holders": holders,
        "fields": fields,
        "period": f"{day(sheet.valid_from)} {until}",
        "issue_date": day(sheet.issue_date),
        "related": sheet.related_licence_id,
        "made": [made.year, made.month, made.day, made.hour, made.minute, made.second],
    }
