"""What sources are called, for whoever reads a finding; and findings from outcomes. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.record import canonical
from materials.reading import fieldrules
from materials.review import words
from materials.review.model import Finding, State
from materials.review.published import figures
from materials.review.rules import CONNECTOR, FORM, MATERIAL, PUBLISHED

if TYPE_CHECKING:
    from certs.catalogue import LicenceCatalogue
    from materials.catalogue import Catalogue
    from materials.catalogue.items import CheckPoint, Item
    from materials.review.model import Outcome

_PARTS: Final = {"name": ("姓名", "name"), "amount": ("金额", "amount")}
_FIXED: Final = {
    "applicant.name": ("申请人名称", "the applicant's name"),
    "applicant.code": ("申请人证件号码", "the applicant's code"),
    "case.accepted_at": ("受理日期", "the day of acceptance"),
}


class Names:
    """Names sources.

    Args:
        catalogue: types and items.
        licences: types of licence.
    """

    def __init__(self, catalogue: Catalogue, licences: LicenceCatalogue) -> None:
        self._catalogue = catalogue
        self._licences = licences

    def of(self, source: str, item: Item) -> tuple[str, str]:
        """What a source is called, in Chinese and English."""
        if source in _FIXED:
            return _FIXED[source]
        head, _, rest = source.partition(".")
        if source.startswith(FORM):
            return self._form(rest, item)
        if source.startswith(MATERIAL):
            return self._material(head.removeprefix(MATERIAL), rest)
        if source.startswith(PUBLISHED):
            figure = figures()[source.removeprefix(PUBLISHED)]
            return figure.zh, figure.en
        if source.startswith(CONNECTOR):
            name = source.rpartition(".")[2]
            return f"数据核验结果({name})", f"the source's answer ({name})"
        return self._answer(rest, item) if head == "answer" else self._licence(head, rest)

    @staticmethod
    def _answer(code: str, item: Item) -> tuple[str, str]:
        question = next(each for each in item.questions if each.code == code)
        return f"情形问卷“{question.zh}”", f"the answer to “{question.en}”"

    def _licence(self, head: str, rest: str) -> tuple[str, str]:
        kind = self._licences.type(head)
        field = kind.field_of(rest) if rest else None
        if field is None:
            return f"《{kind.name}》", f"“{kind.name_en}”"
        return f"《{kind.name}》{field.title_zh}", f"{field.title_en} on “{kind.name_en}”"

    def _form(self, rest: str, item: Item) -> tuple[str, str]:
        code, _, part = rest.partition(".")
        field = next(each for each in item.fields if each.code == code)
        zh, en = _PARTS.get(part, ("", ""))
        return f"申请表“{field.zh}”{zh}", f"“{field.en}” of the form{' ' if en else ''}{en}"

    def _material(self, code: str, name: str) -> tuple[str, str]:
        kind = self._catalogue.type(code)
        field = fieldrules.rules().field(code, name) if name else None
        if field is None:
            return f"《{kind.name}》", f"“{kind.name_en}”"
        return f"《{kind.name}》{field.zh}", f"{field.en} in “{kind.name_en}”"

    def finding(self, point: CheckPoint, outcome: Outcome, item: Item) -> Finding:
        """An outcome in words."""
        zh, en, todo = point.zh, point.en, None
        if outcome.why:
            named = [self.of(source, item) for source in outcome.about]
            told = words.wording(outcome.why)
            texts = [
                {key: pair[place] for key, pair in zip("ab", named, strict=False)} | dict(outcome.more)
                for place in (0, 1)
            ]
            zh = f"{point.zh}:{words.said(told.zh, texts[0])}"
            en = f"{point.en}: {words.said(told.en, texts[1])}"
            if told.do_zh and outcome.state in {State.failed, State.unclear}:
                todo = words.said(told.do_zh, texts[0]), words.said(told.do_en, texts[1])
        values = tuple({"source": each.place.source, "value": each.text} for each in outcome.values)
        places = tuple(each.to_json() for each in dict.fromkeys(outcome.places))
        compared = {
            "state": outcome.state.value,
            "why": outcome.why,
            "values": [dict(each) for each in values],
            "places": [dict(each) for each in places],
            "more": dict(outcome.more),
        }
        digest = sha256(point.code.encode() + b"\0" + canonical(compared)).hexdigest()
        kind = str(point.rule["kind"])
        return Finding(point.code, kind, outcome.state, outcome.why, zh, en, todo, places, values, digest)
