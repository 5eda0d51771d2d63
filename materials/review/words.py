"""What findings say, in Chinese and English (`words.json`): why, and what to do. No value stands here.

`{a}` and `{b}` are the names of what the finding is about; the rest comes from the rule.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from materials.checklist import reasons
from materials.checklist.model import Confirm
from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Why(StrEnum):
    """Why a check point did not pass."""

    differs = "differs"
    same = "same"
    not_stated = "not-stated"
    lacks_words = "lacks-words"
    too_small = "too-small"
    too_large = "too-large"
    share = "share"
    more_than_all = "more-than-all"
    sum_differs = "sum-differs"
    formula_differs = "formula-differs"
    out_of_order = "out-of-order"
    too_late = "too-late"
    term = "term"
    expired = "expired"
    not_yet_valid = "not-yet-valid"
    ended = "ended"
    status = "status"
    no_seal = "no-seal"
    seal_broken = "seal-broken"
    not_signed = "not-signed"
    other_signer = "other-signer"
    illegible = "illegible"
    unreadable = "unreadable"
    base_superseded = "base-superseded"
    base_differs = "base-differs"
    base_of_other = "base-of-other"
    # Unclear
    no_value = "value-missing"
    no_form = "no-form"
    empty = "empty"
    conflict = "conflict"
    no_document = "no-document"
    not_read = "not-read"
    being_read = "being-read"
    other_type = "other-type"
    poor_image = "poor-image"
    low_confidence = "low-confidence"
    doubtful = "doubtful"
    not_comparable = "not-comparable"
    end_unknown = "end-unknown"
    seals_unchecked = "seals-unchecked"
    nobody_named = "nobody-named"
    signature_unknown = "signature-unknown"
    # Not applicable
    not_demanded = "not-demanded"
    vouched = "vouched"
    owed = "owed"


@dataclass(frozen=True, slots=True)
class Wording:
    """A reason and what to do, each in Chinese and English; nothing to do where empty."""

    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


_OTHER: Final = Wording(
    "{a}暂不能取得:{said}", "{a} cannot be had yet: {said}", "{said}后重新预审", "Review again after that: {said}"
)
_LOOK: Final = ("补充该来源,或对照原件人工核对", "Supply that source, or look at the original")


@cache
def table() -> Mapping[Why, Wording]:
    """The words of every reason of ours.

    Raises:
        CatalogueError: one has none.
    """
    held = json.loads(files("materials.review").joinpath("words.json").read_text("utf-8"))
    if set(held) != {each.value for each in Why}:
        raise CatalogueError(problem="words of a review")
    return {why: Wording(*held[why.value]) for why in Why}


def wording(why: str) -> Wording:
    """What a reason is in words; of other vocabularies too (`materials.checklist.reasons`).

    Raises:
        KeyError: a code nobody knows.
    """
    if why in set(Why):
        return table()[Why(why)]
    told = reasons.condition_wording(why) if why in set(Confirm) else reasons.wording(why)
    zh, en = (text.replace("{said}", said) for text, said in zip((_OTHER.zh, _OTHER.en), told, strict=True))
    if why not in set(Confirm):
        return Wording(zh, en, *_LOOK)
    return Wording(zh, en, _OTHER.do_zh.replace("{said}", told[0]), _OTHER.do_en.replace("{said}", told[1]))


def said(text: str, names: Mapping[str, str]) -> str:
    """A text with its names in it; a name that is not there is left out."""
    for name in ("a", "b", *names):
        text = text.replace("{" + name + "}", names.get(name, ""))
    return text
