"""Metadata that travels inside a licence file (GB/T 36903-2018, 36905-2018), named by pinyin initials (DOMAIN 0.3).

The same names stand in an OFD's CustomDatas and in the PDF's attachment `licence.json`. Face fields are prefixed `KZ_`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from certs.files.model import Stamp
    from certs.model import Sheet

CODE_TYPES: Final = {
    "001": ("统一社会信用代码", "Unified social credit code"),
    "099": ("其他法人证件", "Other organisation identity"),
    "111": ("公民身份号码", "Citizen identification number"),
    "414": ("普通护照", "Passport"),
    "511": ("台胞证", "Mainland travel permit for Taiwan residents"),
    "516": ("港澳通行证", "Mainland travel permit for Hong Kong and Macao residents"),
    "553": ("外国人永久居留身份证", "Foreign permanent resident identity card"),
    "999": ("其他自然人证件", "Other personal identity"),
}
"""Titles of 持证主体代码类型 (DOMAIN c1)."""
LONG: Final = "长期"
"""How a period without a last day is written."""
COPY_NAMES: Final = ("JZJZZSJ", "JZJZZZ", "JZJZZSY", "JZJYXQJZSJ")
"""A file that has these is a copy with a remark (加注件): time, maker, cause, last moment."""


def of_licence(sheet: Sheet) -> dict[str, str]:
    """Metadata of a licence."""
    kinds = [kind for _, kind, _ in sheet.holders]
    held = {
        "ZZBS": sheet.licence_id,
        "ZZMC": sheet.type.name,
        "ZZBH": sheet.licence_no,
        "ZZLXDM": sheet.type.type_code,
        "ZZBBH": f"{sheet.version:03d}",
        "ZZBFJG": sheet.issuer_name,
        "ZZBFJGDM": sheet.issuer_code,
        "ZZBFRQ": sheet.issue_date.isoformat(),
        "CZZT": ",".join(name for name, _, _ in sheet.holders),
        "CZZTDM": ",".join(code for _, _, code in sheet.holders),
        "CZZTDMLX": ",".join(code_title(kind)[0] for kind in kinds),
        "CZZTDMLXDM": ",".join(kinds),
        "ZZYXQQSRQ": sheet.valid_from.isoformat(),
        "ZZYXQJZRQ": LONG if sheet.valid_to is None else sheet.valid_to.isoformat(),
    }
    if sheet.related_licence_id:
        held["GLZZBS"] = sheet.related_licence_id
    for field in sheet.type.fields:
        value = sheet.face.get(field.name)
        if value:
            held[f"KZ_{field.name}"] = value if isinstance(value, str) else "\n".join(value)
    return held


def of_copy(original: dict[str, str], stamp: Stamp, at: str) -> dict[str, str]:
    """Metadata of a copy with a remark: whose copy of what, for whom, why, until when, and its parent's digests.

    Args:
        original: metadata of the licence; what it says of holder and face is left out.
        at: when it is made, RFC 3339.
    """
    kept = {name: value for name, value in original.items() if name.startswith(("ZZ", "GL"))}
    return kept | {
        "JZJBS": stamp.copy_id,
        "JZJZZSJ": at,
        "JZJZZZ": stamp.maker,
        "JZJZZZDM": stamp.maker_code,
        "JZJZZSY": stamp.cause,
        "JZJSYZ": stamp.requester,
        "JZJSYZDM": stamp.requester_code,
        "JZJYXQQSSJ": stamp.valid_from.isoformat(),
        "JZJYXQJZSJ": stamp.valid_to.isoformat(),
        "YJSHA256": stamp.parent_sha256,
        "YJSM3": stamp.parent_sm3,
    }


def code_title(kind: str) -> tuple[str, str]:
    """Chinese and English title of a code type."""
    return CODE_TYPES.get(kind, ("证件号码", "Identity code"))
