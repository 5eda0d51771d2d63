"""People and firms that do not exist, with codes that pass their checks; division 310199 is nobody's."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from certs.licencetypes import years_after

_FIRST: Final = date(1950, 1, 1)
_DAYS: Final = 18_000
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100; all letters of our organisation codes are X, 33 in GB 11714."""


def person(number: int) -> str:
    """The identity code of one of nine million people."""
    born = _FIRST + timedelta(days=number % _DAYS)
    body = f"310199{born:%Y%m%d}{number // _DAYS * 2 % 1000:03d}"
    total = sum(pow(2, 17 - place, 11) * int(digit) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def firm(number: int) -> str:
    """The unified social credit code of one of a million firms."""
    organisation = f"XX{number:06d}"
    values = (33 if each == "X" else int(each) for each in organisation)
    inner = sum(weight * value for weight, value in zip((3, 7, 9, 10, 5, 8, 4, 2), values, strict=True))
    body = f"91310199{organisation}{'0123456789X0'[11 - inner % 11]}"
    total = sum(pow(3, place, 31) * _ALPHABET.index(each) for place, each in enumerate(body))
    return body + _ALPHABET[-total % 31]


def card(number: int, today: date) -> dict[str, Any]:
    """An identity card to issue."""
    code = person(number)
    face = {"name": f"测试{number}", "sex": "男" if int(code[16]) % 2 else "女", "ethnicity": "汉"}
    face |= {"born_on": f"{code[6:10]}-{code[10:12]}-{code[12:14]}", "issuing_authority": "上海市公安局试验分局"}
    face |= {"address": f"上海市试验区试验路 {number} 号"}
    return {
        "type_code": "LT05",
        "licence_no": code,
        "holders": [{"name": face["name"], "code_type": "111", "code": code}],
        "face": face,
        "valid_from": today.isoformat(),
        "valid_to": years_after(today, 10).isoformat(),
        "operator": "ga-002",
    }


def permit(name: str, number: int) -> dict[str, Any]:
    """A food permit to gather."""
    face = {
        "business_kind": "餐饮服务经营者",
        "business_items": "热食类食品制售;冷食类食品制售",
        "legal_representative": "测试",
    }
    return {
        "type": "LT12",
        "licence_no": f"JY{name}{number:07d}",
        "holders": [{"name": f"测试餐饮有限公司{number}", "type": "001", "code": firm(number)}],
        "face": face | {"premises": f"上海市宝山区试验路 {name} 弄 {number} 号"},
        "issued_on": "2024-05-06",
        "valid_to": "2029-05-05",
    }
