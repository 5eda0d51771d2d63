"""The notice a holder reads before consenting (告知书): who asks for what, why, how far, by which law.

Articles 14, 17, 23, 29 and 30 of 个人信息保护法. It is one canonical object with the sentences that are shown, in two
languages; its digest is part of the terms that are signed, so what was read can be proven. It names no person.

    {"v": 1, "type": "cailian/consent-notice", "version", "batch", "who": {"org", "name", "division"},
     "why": {"item", "item_name", "item_name_en", "case", "cause"},
     "binding", "asked": [{"ask", "basis", "things": [{"object" | "type", "name", "name_en", "level"}],
                           "fields": [{"name", "zh", "en"}], "zh", "en"}],
     "law": {"zh", "en"}, "rights": {"zh": [...], "en": [...]}}

Where the holder is also asked to confirm something (a change of employer, `materials.automatic.inquiries`), the notice
has a member `confirms` with that whole statement: whoever approves everything that is asked says yes to it with the
same signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from authz.model import CLEAR, Mode
from authz.terms import NOTICE_VERSION, SEPARATE
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from authz.model import Party
    from authz.terms import GrantBody

VERSION: Final = 1
KIND: Final = "cailian/consent-notice"
SENSITIVE: Final = 3
"""From this security level on each thing needs a consent of its own (单独同意)."""

_MODES: Final = {
    Mode.verify: ("核验是否有效,不取得内容", "to be told whether it is valid, without its content"),
    Mode.data: ("读取所列字段", "to read the fields listed"),
    Mode.copy: ("取得副本", "to obtain a copy"),
}
_UNITS: Final = {"hour": ("每小时", "an hour"), "day": ("每天", "a day"), "week": ("每周", "a week")} | {
    "month": ("每三十天", "in thirty days")
}
_LAW: Final = (
    "《中华人民共和国个人信息保护法》第十三条第一款第一项(个人同意);第二十三条、第二十九条(单独同意)",
    "Personal Information Protection Law of the PRC, articles 13(1)(1) (consent), 23 and 29 (separate consent)",
)
_RIGHTS: Final = (
    (
        "您可以全部或部分拒绝;拒绝后仍可自行提交材料办理",
        "同意后可随时撤回,与同意同样方便;撤回前已发生的使用不受影响,对方须停止使用或删除并予确认",
        "每一次使用都会记入您的使用记录,您可以查阅、复制、要求更正或删除,并可提出异议或举报",
    ),
    (
        "You may refuse all or part; you can then hand the material in yourself",
        "You may withdraw at any time, as easily; earlier uses stand, the recipient must stop or delete, and say so",
        "Every use is written into your record, where you may read, copy, correct, delete, dispute and report",
    ),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is asked for.

    Attributes:
        object_id: of one thing; None where a type is meant.
        type_code: of the thing, or the type that is meant; None where there is no such thing.
        name, name_en: of the type.
        level: security level 1 to 4; 4 where nobody knows.
    """

    object_id: str | None
    type_code: str | None
    name: str
    name_en: str
    level: int

    @property
    def sensitive(self) -> bool:
        """Whether it needs a consent of its own."""
        return self.level >= SENSITIVE

    def document(self) -> dict[str, Any]:
        """The thing as the notice names it."""
        named = {"object": self.object_id} if self.object_id is not None else {"type": self.type_code}
        return named | {"name": self.name, "name_en": self.name_en, "level": self.level}


@dataclass(frozen=True, slots=True)
class Part:
    """One consent that is asked for: its terms and what they name.

    Attributes:
        titles: of fields, in Chinese and English.
    """

    terms: GrantBody
    things: tuple[Thing, ...]
    titles: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What it is asked for, in words.

    Attributes:
        name, name_en: of the service item.
        binding: a word that the holder also sees where they are asked (OpenID CIBA 7.1); None where there is none.
        confirms: what approving everything says yes to besides; it names no person.
    """

    name: str
    name_en: str
    binding: str | None = None
    confirms: Mapping[str, Any] | None = field(default=None, repr=False)


def write(batch_id: str, party: Party, purpose: Purpose, parts: Sequence[Part]) -> bytes:
    """The notice over what is asked together, as it is shown and hashed.

    Args:
        parts: at least one, of one item and case.
    """
    first = parts[0].terms
    confirms = {} if purpose.confirms is None else {"confirms": dict(purpose.confirms)}
    return canonical(
        {
            "v": VERSION,
            "type": KIND,
            "version": NOTICE_VERSION,
            "batch": batch_id,
            "who": {"org": party.org_code, "name": party.name, "division": party.division},
            "why": {
                "item": first.item_code,
                "item_name": purpose.name,
                "item_name_en": purpose.name_en,
                "case": first.case_no,
                "cause": first.cause,
            },
            "binding": purpose.binding,
            "asked": [_asked(part) for part in parts],
            "law": {"zh": _LAW[0], "en": _LAW[1]},
            "rights": {"zh": list(_RIGHTS[0]), "en": list(_RIGHTS[1])},
        }
        | confirms
    )


def _asked(part: Part) -> dict[str, Any]:
    zh, en = _sentences(part)
    things = [thing.document() for thing in part.things]
    titles = [(name, *_field(name, part.titles)) for name in part.terms.fields]
    fields = [dict(zip(("name", "zh", "en"), each, strict=True)) for each in titles]
    return {"ask": part.terms.id, "basis": part.terms.basis, "things": things, "fields": fields, "zh": zh, "en": en}


def _sentences(part: Part) -> tuple[str, str]:
    """What one consent allows, as a sentence in Chinese and one in English."""
    terms = part.terms
    names = "、".join(thing.name for thing in part.things), ", ".join(thing.name_en for thing in part.things)
    mode = _MODES[terms.mode]
    zh = [f"材料:{names[0]}", f"方式:{mode[0]}"]
    en = [f"What: {names[1]}", f"How: {mode[1]}"]
    if terms.fields:
        fields = [_field(name, part.titles) for name in terms.fields]
        zh.append("字段:" + "、".join(each[0] for each in fields))
        en.append("Fields: " + ", ".join(each[1] for each in fields))
    zh.append(f"次数:最多 {terms.max_uses} 次")
    en.append(f"How often: at most {terms.max_uses} times")
    if terms.frequency is not None:
        unit = _UNITS[terms.frequency.unit]
        zh[-1] += f",{unit[0]}至多 {terms.frequency.count} 次"
        en[-1] += f", {terms.frequency.count} {unit[1]}"
    if terms.fresh_days is not None:
        zh.append(f"新旧:只限 {terms.fresh_days} 天内的材料")
        en.append(f"Age: nothing older than {terms.fresh_days} days")
    zh.append(f"期限:{_day(terms.valid_from)} 至 {_day(terms.valid_to)} (UTC)")
    en.append(f"When: {_day(terms.valid_from)} to {_day(terms.valid_to)} (UTC)")
    zh.append("地区(行政区划代码):" + "、".join(terms.regions))
    en.append("Regions (division codes): " + ", ".join(terms.regions))
    if terms.basis == SEPARATE:
        zh.append("本项须您单独同意")
        en.append("This needs a consent of its own")
    return ";".join(zh) + "。", "; ".join(en) + "."


def _field(name: str, titles: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    plain = name.removesuffix(CLEAR)
    zh, en = titles.get(plain, (plain, plain))
    return (zh, en) if plain == name else (zh + "(不脱敏)", en + " (unmasked)")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
