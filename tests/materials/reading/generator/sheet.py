"""A page as a list of things placed on it, in points from the upper left, and its two outputs: picture and PDF."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).parents[4] / "web" / "node_modules" / "@expo-google-fonts"
_FILES = {
    "print": (_FONTS / "zcool-xiaowei" / "400Regular" / "ZCOOLXiaoWei_400Regular.ttf", "ZCOOL XiaoWei"),
    "hand": (_FONTS / "ma-shan-zheng" / "400Regular" / "MaShanZheng_400Regular.ttf", "Ma Shan Zheng"),
}
_MEASURE = 100
RED = (196, 28, 30)
BLACK = (24, 24, 26)


@cache
def _font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FILES[name][0]), pixels)


def width(text: str, size: float, font: str = "print", spread: float = 0) -> float:
    """How wide text is, in points."""
    return _font(font, _MEASURE).getlength(text) * size / _MEASURE + spread * len(text)


@dataclass
class Sheet:
    """One page.

    Attributes:
        wide, high: in points; A4 unless told.
        y: where the next line goes.
    """

    wide: float = 595
    high: float = 842
    ink: tuple[int, int, int] = BLACK
    y: float = 60
    items: list[dict] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float = 12, *, font: str = "print", spread: float = 0, color=None
    ) -> None:
        """Text whose upper left corner is at a place; `spread` is space between letters."""
        self.items.append(
            {
                "do": "text",
                "x": x,
                "y": y,
                "text": text,
                "size": size,
                "font": font,
                "spread": spread,
                "color": color or self.ink,
            }
        )

    def title(self, text: str, size: float = 26, *, spread: float = 4, color=None) -> None:
        """A heading in the middle."""
        while width(text, size, spread=spread) > self.wide - 60:
            size, spread = size - 1, max(0, spread - 1)
        self.text((self.wide - width(text, size, spread=spread)) / 2, self.y, text, size, spread=spread, color=color)
        self.y += size * 2

    def line(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.8, color=None) -> None:
        """A straight line."""
        self.items.append(
            {"do": "line", "x": x0, "y": y0, "x1": x1, "y1": y1, "thick": thick, "color": color or self.ink}
        )

    def box(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.8, color=None) -> None:
        """An empty rectangle."""
        for ends in ((x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1)):
            self.line(*ends, thick, color)

    def seal(self, x: float, y: float, name: str, radius: float = 58, purpose: str = "") -> None:
        """A round red seal around a place; drawn over what is there."""
        self.items.append({"do": "seal", "x": x, "y": y, "name": name, "radius": radius, "purpose": purpose})

    def wrap(self, text: str, size: float, room: float) -> list[str]:
        """Text in lines no wider than some room."""
        lines, line = [], ""
        for letter in text:
            if letter == "\n" or width(line + letter, size) > room:
                lines.append(line)
                line = ""
            line += "" if letter == "\n" else letter
        return [*lines, line] if line else lines

    def paragraph(
        self,
        text: str,
        size: float = 12,
        *,
        left: float = 70,
        right: float = 70,
        indent: bool = True,
        leading: float = 1.7,
    ) -> None:
        """Running text across the page."""
        for number, line in enumerate(
            self.wrap(("\u3000\u3000" if indent else "") + text, size, self.wide - left - right)
        ):
            shift = width("\u3000\u3000", size) if indent and number == 0 else 0
            self.text(left + shift, self.y, line.lstrip("\u3000"), size)
            self.y += size * leading

    def field(
        self,
        label: str,
        value: str,
        size: float = 13,
        *,
        left: float = 80,
        at: float = 0,
        room: float = 0,
        leading: float = 2.1,
    ) -> None:
        """A label and its value, the value wrapped in its own column where it is long.

        Args:
            at: where the value's column begins; 0: right behind the label.
            room: width of the column; 0: up to the right margin.
        """
        self.text(left, self.y, label, size)
        begin = at or left + width(label, size) + size * 0.7
        lines = self.wrap(value, size, room or self.wide - begin - 50)
        for number, line in enumerate(lines or [""]):
            if number:
                self.y += size * 1.45
            self.text(begin, self.y, line, size)
        self.y += size * leading

    def table(
        self, rows: list[list[str]], widths: list[float], *, left: float = 60, size: float = 11, high: float = 26
    ) -> None:
        """Cells with borders; text is wrapped in its cell."""
        for row in rows:
            wrapped = [self.wrap(cell, size, room - 10) for cell, room in zip(row, widths, strict=True)]
            tall = max(high, max(len(lines) for lines in wrapped) * size * 1.4 + 10)
            x = left
            for lines, room in zip(wrapped, widths, strict=True):
                self.box(x, self.y, x + room, self.y + tall)
                top = self.y + (tall - len(lines) * size * 1.4) / 2
                for number, line in enumerate(lines):
                    self.text(x + 5, top + number * size * 1.4, line, size)
                x += room
            self.y += tall

    # Outputs

    def picture(self, dpi: int) -> tuple[Image.Image, list[dict]]:
        """The page as a picture without its seals, and the seals, which lie over the print (`noise`)."""
        scale = dpi / 72
        page = Image.new("RGB", (round(self.wide * scale), round(self.high * scale)), "white")
        draw = ImageDraw.Draw(page)
        for item in self.items:
            x, y = item["x"] * scale, item["y"] * scale
            if item["do"] == "text":
                font = _font(item["font"], max(6, round(item["size"] * scale)))
                if item["spread"]:
                    for letter in item["text"]:
                        draw.text((x, y), letter, font=font, fill=tuple(item["color"]))
                        x += font.getlength(letter) + item["spread"] * scale
                else:
                    draw.text((x, y), item["text"], font=font, fill=tuple(item["color"]))
            elif item["do"] == "line":
                draw.line(
                    (x, y, item["x1"] * scale, item["y1"] * scale),
                    fill=tuple(item["color"]),
                    width=max(1, round(item["thick"] * scale)),
                )
        return page, [item for item in self.items if item["do"] == "seal"]

    def pdf(self) -> bytes:
        """The page as a PDF with text in it."""
        folders = [str(path.parent) for path, _ in _FILES.values()]
        families = {name: family for name, (_, family) in _FILES.items()}
        data = json.dumps(
            {"wide": self.wide, "high": self.high, "families": families, "items": self.items}, ensure_ascii=False
        )
        made = typst.compile(
            _TEMPLATE.encode(), sys_inputs={"page": data}, font_paths=folders, ignore_system_fonts=True, format="pdf"
        )
        assert isinstance(made, bytes)
        return made


def seal_picture(item: dict, scale: float, strength: int) -> Image.Image:
    """A round seal with letters around and a star, as an overlay with alpha."""
    radius = item["radius"] * scale
    side = round(radius * 2 + 8)
    drawn = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(drawn)
    middle, red = side / 2, (*RED, strength)
    draw.ellipse((4, 4, side - 4, side - 4), outline=red, width=max(2, round(2.2 * scale)))
    star = [
        (
            middle + radius * 0.3 * (1 if n % 2 == 0 else 0.4) * math.sin(n * math.pi / 5),
            middle - radius * 0.3 * (1 if n % 2 == 0 else 0.4) * math.cos(n * math.pi / 5),
        )
        for n in range(10)
    ]
    draw.polygon(star, fill=red)
    letters = item["name"][:18]
    size = max(8, round(radius * 0.24))
    font = _font("print", size)
    for number, letter in enumerate(letters):
        angle = math.radians(-130 + 260 * (number + 0.5) / len(letters))
        tile = Image.new("RGBA", (size * 2, size * 2), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((size / 2, size / 2), letter, font=font, fill=red)
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        place = (
            round(middle + radius * 0.76 * math.sin(angle) - size),
            round(middle - radius * 0.76 * math.cos(angle) - size),
        )
        drawn.alpha_composite(tile, (max(0, place[0]), max(0, place[1])))
    if item["purpose"]:
        wide = font.getlength(item["purpose"])
        draw.text((middle - wide / 2, middle + radius * 0.45), item["purpose"], font=font, fill=red)
    return drawn


_TEMPLATE = """
#let page-data = json(bytes(sys.inputs.page))
#set page(width: page-data.wide * 1pt, height: page-data.high * 1pt, margin: 0pt)
#set text(top-edge: "ascender", bottom-edge: "descender", fallback: false)
#for item in page-data.items {
  if item.do == "text" {
    place(top + left, dx: item.x * 1pt, dy: item.y * 1pt,
      box(width: 2000pt, text(font: page-data.families.at(item.font), size: item.size * 1pt, tracking: item.spread * 1pt,
        fill: rgb(..item.color), item.text)))
  } else if item.do == "line" {
    place(top + left, line(start: (item.x * 1pt, item.y * 1pt), end: (item.x1 * 1pt, item.y1 * 1pt),
      stroke: item.thick * 1pt + rgb(..item.color)))
  } else {
    place(top + left, dx: (item.x - item.radius) * 1pt, dy: (item.y - item.radius) * 1pt,
      circle(radius: item.radius * 1pt, stroke: 2pt + rgb(196, 28, 30)))
  }
}
"""
