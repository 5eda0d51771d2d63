"""Values out of text, each kind in its one form, and what speaks against it. Pure.

A letter that is often taken for another (O for 0, l for 1) is put right only where the code's own rule leaves no
choice; check digits are never *made* to hold: a code that fails its check is given as it was read, with the problem.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from authz.errors import InvalidIdentityError
from authz.identifiers import check_organisation, check_person

if TYPE_CHECKING:
    from collections.abc import Callable

LONG: Final = "long"
"""A period without end (长期)."""
_DIGIT: Final = str.maketrans("OoQDlI|ZSB〇", "00001112580")
_USCC_LETTER: Final = str.maketrans("OIZS", "0125")
"""GB 32100-2015, 5: I O S V Z are no letters of a code."""
_DATE: Final = re.compile(r"((?:19|20)[0-9]{2})(?:年|[-./])([01]?[0-9])(?:月|[-./])([0-3]?[0-9])(?:[日号]|(?![0-9]))")
_CHINESE_DATE: Final = re.compile(
    r"([一二三四五六七八九〇零○]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_SIGNS: Final = re.compile(r"[0-9A-Z]+")
_CITIZEN: Final = re.compile(r"(?<![0-9])([0-9]{17}[0-9Xx×])(?![0-9])")
_MONEY: Final = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(亿|万)?")
_WORDS: Final = re.compile(
    r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿一二三四五六七八九十百两]+[元圆](?:[零壹贰叁肆伍陆柒捌玖一二三四五六七八九]+[角分])*[整正]?"
    r"|[壹贰叁肆伍陆柒捌玖拾佰仟]+[万亿]"
)
_DIGITS_IN_WORDS: Final = ("零壹贰叁肆伍陆柒捌玖", "〇一二三四五六七八九")
_NUMERAL: Final = {each: place for group in _DIGITS_IN_WORDS for place, each in enumerate(group)} | {"两": 2, "○": 0}
_TENS: Final = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_MISREAD: Final = str.maketrans("仵件千式叄園肄", "仟仟仟贰叁圆肆")
"""Signs of an amount in words that are taken for others."""
_COMPANY: Final = re.compile(r"[\u3400-\u9fff()·a-zA-Z0-9]{2,60}?公司")
_HOUSE: Final = re.compile(
    r"[\u3400-\u9fff()·a-zA-Z0-9]{2,60}?(?:厂|店|中心|合作社|事务所|经营部|商行|工作室|[(]有限合伙[)])"
)
_COUNT: Final = re.compile("[0-9]{1,7}|[一二三四五六七八九十百两]+")
_NAMES: Final = re.compile("[\u3400-\u9fff·]{2,8}(?:[、,;][\u3400-\u9fff·]{2,8})+")
_EARLIEST: Final = date(1900, 1, 1)
_LATEST: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value.

    Attributes:
        certain: a check digit vouches for it.
        problems: what speaks against it.
        start, end: the letters that it stands in.
    """

    value: str
    start: int
    end: int
    certain: bool = False
    problems: tuple[str, ...] = ()


def parse(kind: str, text: str) -> Parsed | None:
    """A value of a kind in plain text, or None where there is none."""
    return _KINDS[kind](text)


def _text(text: str) -> Parsed | None:
    held = text.strip(":,.;、。·_-")
    begin = text.find(held) if held else 0
    return Parsed(held, begin, begin + len(held)) if held else None


def _name(text: str) -> Parsed | None:
    """A person or a firm, in Chinese letters."""
    found = re.search(r"[\u3400-\u9fff\uff0a()·a-zA-Z0-9]{2,60}", text)
    return Parsed(found[0], found.start(), found.end()) if found else None


def _person(text: str) -> Parsed | None:
    found = re.search(r"[\u3400-\u9fff·]{2,20}", text)
    if found is None:
        return None
    problems = () if len(found[0]) <= 4 or "·" in found[0] else ("unusual-name",)
    return Parsed(found[0], found.start(), found.end(), problems=problems)


def _firm(text: str) -> Parsed | None:
    found = _COMPANY.search(text) or _HOUSE.search(text)
    return Parsed(found[0], found.start(), found.end()) if found else None


def _party(text: str) -> Parsed | None:
    """A firm, or else a person."""
    return _firm(text) or _person(text)


def read_date(text: str) -> date | None:
    """A date that is all of a text, in figures."""
    found = _DATE.search(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _date(text: str) -> Parsed | None:
    found = _DATE.search(text)
    if found:
        parts = [int(part) for part in found.groups()]
    else:
        found = _CHINESE_DATE.search(text)
        if found is None:
            return None
        parts = [int("".join(str(_NUMERAL[each]) for each in found[1])), _small(found[2]), _small(found[3])]
    try:
        day = date(*parts)
    except ValueError:
        return Parsed(found[0], found.start(), found.end(), problems=("not-a-date",))
    problems = () if _EARLIEST <= day <= _LATEST else ("unlikely-date",)
    return Parsed(day.isoformat(), found.start(), found.end(), problems=problems)


def _small(text: str) -> int:
    """A number up to 99 in Chinese."""
    before, ten, after = text.partition("十")
    if not ten:
        return _NUMERAL.get(before, 0)
    return _NUMERAL.get(before, 1) * 10 + (_NUMERAL.get(after, 0) if after else 0)


def _end_date(text: str) -> Parsed | None:
    """The end of a period: a date, or none (长期)."""
    if re.fullmatch(".期", text):
        return Parsed(LONG, 0, len(text))
    for word in ("长期", "不约定期限", "永久"):
        if word in text and not _DATE.search(text.partition(word)[0]):
            return Parsed(LONG, text.index(word), text.index(word) + len(word))
    return _date(text)


def _uscc(text: str) -> Parsed | None:
    """A code of 18 signs that is no part of a longer one; the first whose check digits hold, else the first."""
    best: Parsed | None = None
    for found in _SIGNS.finditer(text.upper()):
        if len(found[0]) != 18:
            continue
        code = found[0].translate(_USCC_LETTER)
        code = code[:2] + code[2:8].translate(_DIGIT) + code[8:]
        try:
            check_organisation(code)
        except InvalidIdentityError:
            best = best or Parsed(code, found.start(), found.end(), problems=("check-digit",))
            continue
        return Parsed(code, found.start(), found.end(), certain=True)
    return best


def _citizen(text: str) -> Parsed | None:
    held = text.translate(_DIGIT)
    best: Parsed | None = None
    for found in _CITIZEN.finditer(held):
        number = found[1].replace("x", "X").replace("×", "X")
        try:
            check_person(number)
        except InvalidIdentityError:
            best = best or Parsed(number, found.start(), found.end(), problems=("check-digit",))
            continue
        return Parsed(number, found.start(), found.end(), certain=True)
    return best


def _money(text: str) -> Parsed | None:
    """An amount in figures, with 万 or 亿; else in words."""
    found = _MONEY.search(text)
    words = _WORDS.search(text.translate(_MISREAD))
    if found and not (words and words.start() < found.start()):
        amount = Decimal(found[1].replace(",", "")) * {None: 1, "万": 10_000, "亿": 100_000_000}[found[2]]
        return Parsed(f"{amount:.2f}", found.start(), found.end())
    if words is None:
        return None
    spoken = amount_in_words(words[0])
    return None if spoken is None else Parsed(f"{spoken:.2f}", words.start(), words.end())


def amount_in_words(text: str) -> Decimal | None:
    """Yuan of an amount in words, e.g. 壹仟贰佰元零伍分."""
    whole, _, rest = re.sub("圆", "元", text).partition("元")
    total, group, digit = 0, 0, 0
    for each in whole:
        if each in _NUMERAL:
            digit = _NUMERAL[each]
        elif each in _TENS:
            group, digit = group + (digit or 1) * _TENS[each], 0
        elif each == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        elif each == "亿":
            total, group, digit = (total + group + digit) * 100_000_000, 0, 0
        else:
            return None
    cents = 0
    for sign, unit in re.findall(r"([壹贰叁肆伍陆柒捌玖一二三四五六七八九])([角分])", rest):
        cents += _NUMERAL[sign] * (10 if unit == "角" else 1)
    return Decimal(total + group + digit) + Decimal(cents) / 100


def _count(text: str) -> Parsed | None:
    """A whole number, in figures or in words."""
    found = _COUNT.search(text)
    spoken = None if found is None else Decimal(found[0]) if found[0].isascii() else amount_in_words(found[0])
    return None if found is None or spoken is None else Parsed(f"{spoken:f}", found.start(), found.end())


def _heads(text: str) -> Parsed | None:
    """How many people: a number, or as many as are named."""
    named = _NAMES.match(text)
    if named is not None:
        return Parsed(str(len(re.split("[、,;]", named[0]))), named.start(), named.end())
    return _count(text)


def _percent(text: str) -> Parsed | None:
    """A share of a hundred."""
    found = re.search(r"([0-9]+(?:\.[0-9]+)?)%|百分之([一二三四五六七八九十]+)", text)
    if found is None:
        return None
    spoken = Decimal(found[1]) if found[1] else amount_in_words(found[2])
    return None if spoken is None else Parsed(f"{spoken.normalize():f}%", found.start(), found.end())


def _number(text: str) -> Parsed | None:
    """A number of one document or thing: letters and digits."""
    found = re.search(r"[0-9A-Za-z][0-9A-Za-z-]{5,39}", text)
    return Parsed(found[0].upper(), found.start(), found.end()) if found else None


def _digits(text: str) -> Parsed | None:
    held = text.translate(_DIGIT)
    found = re.search(r"[0-9]{6,30}", held)
    return Parsed(found[0], found.start(), found.end()) if found else None


def _area(text: str) -> Parsed | None:
    found = re.search(r"([0-9]+(?:\.[0-9]+)?)(?:平方米|平米|m2|㎡|M2)?", text)
    return Parsed(f"{Decimal(found[1]):.2f}", found.start(), found.end()) if found else None


def _address(text: str) -> Parsed | None:
    held = text.strip(":,.;、。")
    begin = text.find(held) if held else 0
    if len(held) < 5:
        return None
    problems = () if re.search(r"[省市区县镇乡村路街弄号幢室]", held) else ("unlikely-address",)
    return Parsed(held, begin, begin + len(held), problems=problems)


def _sex(text: str) -> Parsed | None:
    found = re.search("[男女]", text[:3])
    return Parsed(found[0], found.start(), found.end()) if found else None


_PEOPLES_NAMED: Final = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 "
    "土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 "
    "乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 "
)
_PEOPLES: Final = frozenset(_PEOPLES_NAMED.split())
"""GB/T 3304-1991."""


def _people(text: str) -> Parsed | None:
    held = text.strip(":")
    for length in (4, 3, 2, 1):
        if held[:length] in _PEOPLES:
            start = text.find(held[:length])
            return Parsed(held[:length], start, start + length)
    return None


_KINDS: Final[dict[str, Callable[[str], Parsed | None]]] = {
    "text": _text,
    "name": _name,
    "person": _person,
    "firm": _firm,
    "party": _party,
    "date": _date,
    "end_date": _end_date,
    "uscc": _uscc,
    "citizen": _citizen,
    "count": _count,
    "heads": _heads,
    "percent": _percent,
    "money": _money,
    "number": _number,
    "digits": _digits,
    "area": _area,
    "address": _address,
    "sex": _sex,
    "people": _people,
}
KINDS: Final = frozenset(_KINDS)
"""Kinds a rule may name."""
