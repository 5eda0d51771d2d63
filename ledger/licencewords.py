"""What a report says about licences in plain words, in Chinese and English. Pure.

Only words of ours: no text of a bundle comes in, so that none can drive the reader's terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.documentcheck import Given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.envelope import Bundle

DOCUMENTS: Final[Mapping[Given, tuple[str, str]]] = {
    Given.original: ("这是签发的证照原件，不是加注件", "the licence as issued, not a derived copy"),
    Given.ofd: ("这是签发的证照原件（OFD），不是加注件", "the licence as issued (in OFD), not a derived copy"),
    Given.copy: (
        "这是加注件（为一次调用制作的副本），不是证照原件",
        "a derived copy for one use, not the original",
    ),
    Given.data: ("这是为一次调用给出的照面数据，不是证照原件", "licence data given for one use, not the original"),
    Given.verify: ("这是为一次调用给出的核验答复，不是证照原件", "an answer given for one use, not the original"),
}
"""What a document is."""

_RELEASED: Final[Mapping[str, tuple[str, str]]] = {
    "copy": ("给出的是加注件，不是原件", "what was released is a derived copy, not the original"),
    "data": ("给出的是照面数据，不是原件", "what was released is data, not the original"),
    "verify": ("给出的是核验答复，不是原件", "what was released is an answer, not the original"),
}
_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "01": ("有效", "valid"),
    "02": ("暂扣", "suspended"),
    "03": ("撤销", "revoked"),
    "04": ("注销", "cancelled"),
    "05": ("失效", "lapsed"),
    "06": ("办理转出", "transferred out"),
    "07": ("吊销", "permit withdrawn"),
    "99": ("其他", "other"),
}


def told(bundle: Bundle) -> list[tuple[str, str]]:
    """What the licence records of a bundle say beyond their types.

    Args:
        bundle: whose records passed step 3.
    """
    released = [entry.fact for entry in bundle.acts.get("derived", ()) if entry.fact is not None]
    said = [_RELEASED[fact["rendition"]] for fact in released]
    changed = bundle.acts.get("licence", ())[1:]
    if changed and changed[0].parties is not None:
        zh, en = _STATUSES[changed[0].parties["status"]]
        said.append((f"证照状态：{zh}（此后是否又变，未证明）", f"state of the licence: {en} (as recorded then)"))
    return said
