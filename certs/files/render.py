"""Licence faces, seals and remarks set by Typst (`certs.files.typesetting`)."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageColor

from certs.files import metadata
from certs.files.typesetting import FONTS, Typesetter

if TYPE_CHECKING:
    from datetime import date, datetime

    from certs.files.model import Stamp
    from certs.model import Sheet

TEMPLATES: Final = Path(__file__).parent / "templates"
SHANGHAI: Final = timezone(timedelta(hours=8))
"""China has one time of day, without summer time."""
SEAL_RED: Final = "#d0201c"


class Renderer:
    """Sets faces, seals and remarks.

    Args:
        fonts: folder of `@expo-google-fonts/noto-sans-sc`.

    Raises:
        NotRenderedError: the fonts are not installed.
    """

    def __init__(self, fonts: Path = FONTS) -> None:
        self._setter = Typesetter(TEMPLATES, fonts)
        self.fonts = self._setter.fonts

    def face(self, sheet: Sheet, at: datetime) -> bytes:
        """A licence's face as PDF/A-3b, unsealed, its metadata attached as `licence.json`.

        Args:
            at: when it is made.

        Raises:
            NotRenderedError: a character that the fonts lack, or a template that fails.
        """
        held = _as_json(sheet, at)
        self._setter.check_letters(held)
        inputs = {"sheet": json.dumps(held, ensure_ascii=False)}
        inputs["metadata"] = json.dumps(metadata.of_licence(sheet), ensure_ascii=False, sort_keys=True)
        return self._setter.set(f"{sheet.type.template}.typ", inputs, at=at, standards=["a-3b"])

    def remark(self, stamp: Stamp, width: float, height: float) -> bytes:
        """The watermark of a derived copy: one page without ground, to be laid over each page of a licence.

        Args:
            width, height: of the page, in points.
        """
        held = {"requester": stamp.requester, "cause": stamp.cause, "maker": stamp.maker, "copy": stamp.copy_id}
        held |= {"from": moment(stamp.valid_from), "to": moment(stamp.valid_to)}
        text = json.dumps({name: self._setter.printable(each) for name, each in held.items()}, ensure_ascii=False)
        return self._setter.set("remark.typ", {"remark": text, "width": str(width), "height": str(height)})

    def seal(self, name: str, code: str, purpose: str = "电子证照专用章") -> bytes:
        """The picture of a round seal, red on nothing, PNG, 42 mm at 200 dpi.

        Args:
            name: of the organisation.
            code: its unified social credit code.
            purpose: what the seal is for.
        """
        self._setter.check_letters(name + purpose)
        drawn = self._setter.set("seal.typ", {"name": name, "code": code, "purpose": purpose}, picture=True)
        return _one_colour(drawn)


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
