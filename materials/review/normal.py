"""Values in the form in which they are compared: names, addresses, amounts, days, codes. Pure.

What people write in several ways is one thing: full and half width, spaces, 友谊路1588号2栋 and 友谊路 1588 号 2 幢,
1,200 元 and 1200.00, 2026年3月5日 and 2026-03-05. Nothing is guessed beyond that: what is no number is no number.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from materials.reading import values

ADDRESS: Final = "address"
AMOUNT: Final = "amount"
CODE: Final = "code"
DAY: Final = "day"
TEXT: Final = "text"
_CATEGORY: Final = {
    "address": ADDRESS,
    "money": AMOUNT,
    "number": AMOUNT,
    "area": AMOUNT,
    "count": AMOUNT,
    "heads": AMOUNT,
    "percent": AMOUNT,
    "date": DAY,
    "end_date": DAY,
    "code": CODE,
    "uscc": CODE,
    "citizen": CODE,
    "digits": CODE,
    "id_code": CODE,
}
_ORDER: Final = (ADDRESS, AMOUNT, DAY, CODE)
_NOISE: Final = re.compile(r"[\s,,。.、;:·•・()()\[\]【】“”\"'-]+")
_PROVINCE: Final = re.compile(r"^(?:中国)?(?:上海市?|江苏省|浙江省|安徽省)")
_DISTRICT: Final = re.compile(r"^([\u3400-\u9fff]{1,6}?(?:新区|区|县|市))")
_TOWN: Final = re.compile(r"^([\u3400-\u9fff]{1,6}?(?:街道|镇|乡))(?=[\u3400-\u9fff]*(?:路|街|道|弄|村|公路))")
_NUMERALS: Final = re.compile("[零〇一二三四五六七八九十百]+(?=[号弄幢栋座楼层室单])")
_SIGNS: Final = (
    (re.compile("号楼|[栋座]"), "幢"),
    (re.compile("(?<=[0-9a-z])楼"), "层"),
    (re.compile("[巷]"), "弄"),
    (re.compile("(?<=[0-9])f(?![0-9a-z])"), "层"),
    (re.compile("第(?=[0-9])"), ""),
    (re.compile("(?:室|号室|房)$"), ""),
    (re.compile("(?<=[0-9])号(?=[0-9]+$)"), "号"),
)
_MONEY_NOISE: Final = re.compile(r"人民币|[¥¥元圆整正,,\s]")
_UNITS: Final = {"万": 10_000, "亿": 100_000_000}


def category(kind: str) -> str:
    """How values of a kind (of a form or of a face) are compared."""
    return _CATEGORY.get(kind, TEXT)


def read_category(kind: str) -> str:
    """How values of a reading's kind are compared: there a number is that of a document or thing."""
    return CODE if kind == "number" else category(kind)


def common(one: str, other: str) -> str:
    """How values of two categories are compared: by the stricter one."""
    return next((each for each in _ORDER if each in {one, other}), TEXT)


def same(how: str, one: str, other: str) -> bool | None:
    """Whether two values say the same; None where one is no value of the category."""
    if how == AMOUNT:
        left, right = amount(one), amount(other)
        return None if left is None or right is None else left == right
    if how == DAY:
        first, second = day(one), day(other)
        return None if first is None or second is None else first == second
    if how == ADDRESS:
        return _same_place(address(one), address(other))
    return _listed(one) == _listed(other)


def name(text: str) -> str:
    """A name or text: one width, one case, no spaces."""
    return re.sub("[·•・∙]", "·", "".join(unicodedata.normalize("NFKC", text).casefold().split()))


def _listed(text: str) -> list[str]:
    """The names of a list in one line, whatever their order."""
    return sorted(name(text).split("、"))


def address(text: str) -> tuple[str, str, str]:
    """An address: district, town (each empty where it is not said), and the rest in one spelling."""
    held = _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())
    held = _PROVINCE.sub("", held)
    district, town = "", ""
    if found := _DISTRICT.match(held):
        district, held = found[1], held[found.end() :]
    if found := _TOWN.match(held):
        town, held = found[1], held[found.end() :]
    held = _NUMERALS.sub(lambda found: _figures(found[0]), held)
    for pattern, sign in _SIGNS:
        held = pattern.sub(sign, held)
    return district, town, held


def _same_place(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    """What only one of them says of district and town is no difference; what both say differently is one."""
    parts = zip(one[:2], other[:2], strict=True)
    return one[2] == other[2] and all(not left or not right or left == right for left, right in parts)


def _figures(text: str) -> str:
    if len(text) > 1 and not set(text) & set("十百"):  # 一二〇室 is said digit by digit
        return "".join(str("零一二三四五六七八九".find(each.replace("〇", "零"))) for each in text)
    found = values.amount_in_words(text.replace("〇", "零"))
    return text if found is None else f"{found:f}"


def amount(text: str) -> Decimal | None:
    """A number, amount or share in per cent, as people write it."""
    held = _MONEY_NOISE.sub("", unicodedata.normalize("NFKC", text)).rstrip("%")
    times = _UNITS.get(held[-1:], 1)
    try:
        found = Decimal(held[:-1] if times > 1 else held) * times
    except InvalidOperation:
        words = unicodedata.normalize("NFKC", text).removeprefix("人民币").rstrip("整正")
        spoken = values.amount_in_words(words) if words and not words.isascii() else None
        return spoken or None
    return found if found.is_finite() else None


def day(text: str) -> date | None:
    """A day, in figures or words."""
    try:
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d{2}-\d{2}", text) else _read_day(text)
    except ValueError:
        return None


def _read_day(text: str) -> date | None:
    parsed = values.parse("date", name(text))
    return None if parsed is None or parsed.problems else date.fromisoformat(parsed.value)
