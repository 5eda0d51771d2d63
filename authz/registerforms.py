"""The forms of the registers (`ledger.registers`): which members an entry has, what each must be, what its key is.

A register is public and in clear, so besides the form every free text is checked not to hold an identity or telephone
number. Everything wrong is found at once and said in Chinese and English, with the place, since a person corrects it.
Sources: DOMAIN a (职责目录-数据目录-信息系统), c (codes); sharing classes 国发〔2016〕51号 article 9; protection levels
GB/T 22239; grading of government data DB31/T and TC260 practice as levels 1 to 4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.errors import InvalidIdentityError
from authz.identifiers import check_organisation, names_a_person
from ledger.clock import parse_rfc3339, rfc3339
from ledger.errors import RegisterInvalidError
from ledger.registers import check_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_ENTRIES: Final = 10_000
SHOWN: Final = 10
"""Problems named in a refusal; more say nothing new, the count goes on."""

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/()-]{0,63}")
_LICENCE_TYPE: Final = re.compile(r"LT[0-9]{2}")
_NATIONAL_TYPE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_TYPE_CODE: Final = re.compile(r"CL[0-9]{3}")
_SHOWN_TYPE: Final = re.compile(r"CL[0-9]{3}|LT[0-9]{2}")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}(:clear)?")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_MAX_TEXT: Final = 200
_MAX_LIST: Final = 200
_MAX_DAYS: Final = 1000
_MAX_YEARS: Final = 1000
_MAX_POLICY: Final = 65_536
_POLICY_FILE: Final = re.compile(r"schema\.cedarschema|[a-z][a-z0-9_-]{0,39}\.cedar")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, and what in Chinese and English. Never the value: it may be personal."""

    place: str
    zh: str
    en: str


class _WrongError(Exception):
    """A member is not what it must be."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def _text(value: object) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT or not value.isprintable():
        raise _WrongError(f"须为 1 至 {_MAX_TEXT} 个可见字符", f"1 to {_MAX_TEXT} printable characters")
    if names_a_person(value):
        raise _WrongError("含有身份证件号或手机号", "holds an identity or telephone number")


def _code(value: object) -> None:
    if not isinstance(value, str) or not _CODE.fullmatch(value) or value != value.strip():
        raise _WrongError(
            "须为 1 至 64 个字母、数字或 . _ : / ( ) - 及空格", "1 to 64 letters, digits, spaces or ._:/()-"
        )
    if names_a_person(value):
        raise _WrongError("含有身份证件号或手机号", "holds an identity or telephone number")


def _organisation(value: object) -> None:
    try:
        check_organisation(value if isinstance(value, str) else "")
    except InvalidIdentityError as error:
        raise _WrongError("不是有效的统一社会信用代码", "not a valid unified social credit code") from error


def _type_code(value: object) -> None:
    if not isinstance(value, str) or not _TYPE_CODE.fullmatch(value):
        raise _WrongError("须为材料类型代码 CL001 至 CL999", "a material type, CL and three digits")


def _shown_type(value: object) -> None:
    if not isinstance(value, str) or not _SHOWN_TYPE.fullmatch(value):
        raise _WrongError("须为材料类型代码 CLnnn 或证照类型 LTnn", "a material type CLnnn or a licence type LTnn")


def _moment(value: object) -> None:
    try:
        good = isinstance(value, str) and rfc3339(parse_rfc3339(value)) == value
    except (ValueError, OverflowError):
        good = False
    if not good:
        raise _WrongError("须为 UTC 时间,如 2026-11-21T00:00:00.000Z", "a UTC time such as 2026-11-21T00:00:00.000Z")


def _digest(value: object) -> None:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise _WrongError("须为 64 位小写十六进制 SHA-256", "SHA-256 as 64 lower-case hexadecimal digits")


def _field(value: object) -> None:
    if not isinstance(value, str) or not _FIELD.fullmatch(value):
        raise _WrongError("须为照面字段名,不脱敏者后缀 :clear", "a face field, :clear behind it where unmasked")


def _licence_type(value: object) -> None:
    if not isinstance(value, str) or not _LICENCE_TYPE.fullmatch(value):
        raise _WrongError("须为证照类型代码 LT01 至 LT99", "a licence type, LT and two digits")


def _national_type(value: object) -> None:
    if not isinstance(value, str) or not _NATIONAL_TYPE.fullmatch(value):
        raise _WrongError("须为 21 位证照类型代码:定义机构代码与 3 位序号", "the defining body's code and 3 digits")
    _organisation(value[:18])


def _policy_file(value: object) -> None:
    if not isinstance(value, str) or not _POLICY_FILE.fullmatch(value):
        raise _WrongError("须为 schema.cedarschema 或 *.cedar 文件名", "schema.cedarschema, or a file name *.cedar")


def _policy_text(value: object) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_POLICY:
        raise _WrongError(f"须为 1 至 {_MAX_POLICY} 个字符", f"1 to {_MAX_POLICY} characters")
    if names_a_person(value):
        raise _WrongError("含有身份证件号或手机号", "holds an identity or telephone number")


def _one_of(*words: str | int) -> Callable[[object], None]:
    def check(value: object) -> None:
        if value not in words or isinstance(value, bool):
            shown = ", ".join(map(str, words))
            raise _WrongError(f"须为 {shown} 之一", f"one of {shown}")

    return check


def _list_of(check: Callable[[object], None], *, least: int = 0) -> Callable[[object], None]:
    def each(value: object) -> None:
        if (
            not isinstance(value, list)
            or not least <= len(value) <= _MAX_LIST
            or len(set(map(str, value))) < len(value)
        ):
            raise _WrongError(
                f"须为 {least} 至 {_MAX_LIST} 项且不重复的列表", f"a list of {least} to {_MAX_LIST} different values"
            )
        for one in value:
            check(one)

    return each


@dataclass(frozen=True, slots=True)
class Form:
    """What an entry of a kind is.

    Attributes:
        needed, optional: members with their checks; an optional one may be missing, never null.
        key: members that together name an entry, once in a version.
        period: whether `valid_to` must come after `valid_from`.
    """

    needed: Mapping[str, Callable[[object], None]]
    optional: Mapping[str, Callable[[object], None]]
    key: tuple[str, ...]
    period: bool = False

    def key_of(self, entry: Mapping[str, Any]) -> str:
        """The name of an entry."""
        return " | ".join(str(entry[name]) for name in self.key)


def _days(value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_DAYS:
        raise _WrongError(
            f"须为 0 至 {_MAX_DAYS} 的整数 (工作日)", f"a whole number from 0 to {_MAX_DAYS} (working days)"
        )


def _years(value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX_YEARS:
        raise _WrongError(f"须为 1 至 {_MAX_YEARS} 的整数 (年)", f"a whole number from 1 to {_MAX_YEARS} (years)")


_PERIOD: Final = {"valid_to": _moment}
FORMS: Final[Mapping[str, Form]] = {
    "duties": Form(
        needed={
            "org": _organisation,
            "article": _text,
            "item": _code,
            "types": _list_of(_type_code, least=1),
            "mode": _one_of("verify", "data", "copy"),
            "valid_from": _moment,
        },
        optional={"fields": _list_of(_code), **_PERIOD},
        key=("org", "item", "article", "mode", "valid_from"),
        period=True,
    ),
    "data": Form(
        needed={
            "code": _code,
            "name": _text,
            "org": _organisation,
            "system": _code,
            "fields": _list_of(_text, least=1),
            "share_class": _one_of("O", "C", "D"),
            "level": _one_of(1, 2, 3, 4),
            "update": _one_of("realtime", "daily", "weekly", "monthly", "yearly", "on_change"),
        },
        optional={"standard": _code, "basis": _text},
        key=("code",),
    ),
    "systems": Form(
        needed={
            "code": _code,
            "name": _text,
            "org": _organisation,
            "network": _one_of("government_extranet", "government_intranet", "internet", "private"),
            "protection_level": _one_of(1, 2, 3, 4),
            "state": _one_of("building", "running", "retired"),
        },
        optional={"note": _text},
        key=("code",),
    ),
    "standards": Form(
        needed={
            "code": _code,
            "name": _text,
            "class": _one_of("national", "industry", "local", "group", "internal"),
            "state": _one_of("current", "superseded", "withdrawn"),
        },
        optional={"org": _organisation, "sha256": _digest, "replaces": _list_of(_code)},
        key=("code",),
    ),
    "scenarios": Form(
        needed={
            "code": _code,
            "name": _text,
            "org": _organisation,
            "party_kind": _one_of("government", "enforcement", "social"),
            "purpose": _text,
            "types": _list_of(_shown_type, least=1),
            "mode": _one_of("verify", "data", "copy"),
            "valid_from": _moment,
        },
        optional={"items": _list_of(_code), "fields": _list_of(_field), "basis": _text, **_PERIOD},
        key=("code",),
        period=True,
    ),
    "licences": Form(
        needed={
            "code": _licence_type,
            "licence_type_code": _national_type,
            "name": _text,
            "name_en": _text,
            "org": _organisation,
            "share_class": _one_of("O", "C"),
            "level": _one_of(1, 2, 3, 4),
            "fields": _list_of(_field, least=1),
            "sha256": _digest,
        },
        optional={"version": _code, "material_type": _type_code},
        key=("code",),
    ),
    "items": Form(
        needed={
            "code": _code,
            "version": _code,
            "name": _text,
            "name_en": _text,
            "org": _organisation,
            "promised": _days,
            "statutory": _days,
            "types": _list_of(_type_code, least=1),
            "sha256": _digest,
        },
        optional={},
        key=("code",),
    ),
    "materials": Form(
        needed={
            "code": _type_code,
            "version": _code,
            "name": _text,
            "name_en": _text,
            "issuer": _text,
            "share_class": _one_of("O", "C", "D"),
            "level": _one_of(1, 2, 3, 4),
            "sha256": _digest,
        },
        optional={"retention_years": _years, "licence_type": _licence_type},
        key=("code",),
    ),
    "policies": Form(
        needed={"file": _policy_file, "sha256": _digest, "text": _policy_text}, optional={}, key=("file",)
    ),
}


def form_of(kind: str) -> Form:
    """The form of a kind of register.

    Raises:
        UnknownRegisterError: there is no such kind.
    """
    check_kind(kind)
    return FORMS[kind]


def check(kind: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Check every entry of a version.

    Raises:
        UnknownRegisterError: no such kind.
        RegisterInvalidError: entries are not as the form demands; the first problems in both languages.
    """
    found = problems(form_of(kind), entries)
    if found:
        raise RegisterInvalidError(
            count=len(found),
            problems="; ".join(f"{each.place}: {each.en}" for each in found[:SHOWN]),
            problems_zh=";".join(f"{each.place}:{each.zh}" for each in found[:SHOWN]),
        )


def problems(form: Form, entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Everything wrong with the entries of a version, in their order."""
    if len(entries) > MAX_ENTRIES:
        return [Problem("entries", f"超过 {MAX_ENTRIES} 条", f"more than {MAX_ENTRIES}")]
    found, seen = [], dict[str, int]()
    for number, entry in enumerate(entries):
        wrong = list(_of_entry(form, f"entries[{number}]", entry))
        if not wrong:
            first = seen.setdefault(form.key_of(entry), number)
            if first != number:
                names = "、".join(form.key), ", ".join(form.key)
                wrong = [
                    Problem(
                        f"entries[{number}]", f"{names[0]} 与第 {first} 条相同", f"same {names[1]} as entry {first}"
                    )
                ]
        found += wrong
    return found


def _of_entry(form: Form, place: str, entry: Mapping[str, Any]) -> list[Problem]:
    members = {**form.needed, **form.optional}
    found = [Problem(f"{place}.{name}", "缺少此项", "is missing") for name in form.needed if name not in entry]
    if any(name not in members for name in entry):  # an unknown name is the caller's text: not repeated
        found.append(Problem(place, "有未定义的项", "has a member the form does not know"))
    for name, checked in members.items():
        if name in entry:
            try:
                checked(entry[name])
            except _WrongError as wrong:
                found.append(Problem(f"{place}.{name}", wrong.zh, wrong.en))
    if not found and form.period and "valid_to" in entry and entry["valid_to"] <= entry["valid_from"]:
        found.append(Problem(f"{place}.valid_to", "须晚于 valid_from", "must come after valid_from"))
    return found
