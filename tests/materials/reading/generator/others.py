"""The 51 types that are recognised only: titles, rows and sentences of `others.json`, set in one of four layouts."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.materials.reading.generator.sheet import BLACK, Sheet
from tests.materials.reading.generator.values import _BRANDS, Values, long_date, padded_date

KINDS = json.loads(Path(__file__).with_name("others.json").read_text("utf-8"))


def _fill(v: Values, kind: str, firm: str) -> str:
    if kind.startswith("="):
        return _sentence(v, kind[1:], firm)
    if kind.startswith("uscc"):
        return v.uscc(v.district()[1], kind[4:] or "91")
    first = v.day(2015, 2025)
    made = {
        "person": v.person,
        "firm": lambda: firm,
        "address": v.address,
        "date": lambda: v.one(long_date, padded_date)(first),
        "period": lambda: f"{first:%Y.%m.%d}-{first.replace(year=first.year + 5, day=min(first.day, 28)):%Y.%m.%d}",
        "id": lambda: v.citizen()[0],
        "no": lambda: v.digits(10),
        "money": lambda: f"{v.money(1000, 900000, cents=True):,.2f}",
        "phone": v.phone,
        "int": lambda: v.digits(2),
        "district": lambda: v.district()[0],
        "brand": lambda: "".join(v.random.sample(_BRANDS, 2)),
    }
    return made[kind]()


def _sentence(v: Values, text: str, firm: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: _fill(v, found[1], firm), text)


def make(code: str, v: Values) -> Sheet:
    """One page of a type."""
    kind = KINDS[code]
    firm = v.firm()[0]
    layout = v.one("rows", "table", "framed")
    sheet = Sheet(ink=v.one(BLACK, (50, 45, 40)), y=v.one(56, 84, 110))
    if layout == "framed":
        sheet.box(28, 28, 567, 814, 2, (110, 80, 50))
    sheet.title(_sentence(v, v.one(*kind["titles"]), firm), v.one(22, 25, 28), spread=v.one(1, 4))
    rows = [[label, _fill(v, what, firm)] for label, what in kind["rows"]]
    size = v.one(11.5, 12.5, 13)
    if rows and layout == "table":
        sheet.table(rows, [150, 320], left=62, size=size, high=30)
        sheet.y += 16
    else:
        for label, value in rows:
            sheet.field(label, value, size, left=72, at=max(200, 72 + size * (len(label) + 1)), room=300, leading=2)
        sheet.y += 6
    for line in kind["text"]:
        sheet.paragraph(_sentence(v, line, firm), size, leading=1.8)
    if kind["seal"] == "drawing":
        _drawing(v, sheet)
    elif kind["seal"]:
        name = firm if kind["seal"] == "firm" else f"上海市{v.district()[0]}{kind['seal']}"
        sheet.y = min(sheet.y + 30, 760)
        if v.one(True, False):
            sheet.text(380, sheet.y, v.one(long_date, padded_date)(v.day(2018, 2026)), size)
        sheet.seal(430, sheet.y + 6, name, 54)
    return sheet


def _drawing(v: Values, sheet: Sheet) -> None:
    top = sheet.y + 14
    sheet.box(80, top, 515, top + 260, 2.2)
    across = sorted(v.random.randrange(150, 450) for _ in range(3))
    for x, name in zip(across, ("粗加工", "烹饪区", "备餐间"), strict=True):
        sheet.line(x, top, x, top + 150, 1.4)
        sheet.text(x - 46, top + 60, name, 10)
    sheet.line(80, top + 150, 515, top + 150, 1.4)
    sheet.text(260, top + 200, "就餐区", 13)
    sheet.text(84, top + 268, "入口", 10)
