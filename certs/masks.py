"""Masks (脱敏) of face data: on by default, by kind, by mode and level.

A mask keeps what lets two people agree that they speak of the same thing, and no more: 张*, 3101**********001X. What is
to be shown without it must be named as such, `id_code:clear`, in the grant the holder signed or in the published duty
entry: the fields of a request are a subset of those of its basis (DESIGN 7), so nobody gets more than was named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from authz.model import CLEAR, Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from certs.licencetypes import FaceField

OPEN_LEVEL: Final = 2
"""Up to this level a field without a mask of its own is shown; above it, what has none is masked by its kind."""
CLEAR_LEVEL: Final[Mapping[Mode, int]] = {Mode.verify: 0, Mode.data: 3, Mode.copy: 4}
"""Up to which level a mode may show a field without its mask, where the basis names it so. Level 4 leaves in whole
documents only, which carry the mark of who took them and why."""
NEVER: Final = "***"
"""What stands for a value of which nothing is shown."""

_PLACE: Final = r"[^省市区县路街号弄村\d]"
_DISTRICT: Final = re.compile(
    rf"(?:{_PLACE}{{2,8}}?(?:省|自治区|特别行政区))?(?:{_PLACE}{{2,8}}?(?:市|自治州|地区|盟))?(?:{_PLACE}{{1,8}}?[区县市旗])?"
)
"""Province, prefecture and district at the beginning of an address, as far as they are written."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def name(value: str) -> str:
    """A name: the first character of each of its parts stays. 张三 becomes 张*, John Smith becomes J*** S****."""
    return re.sub(r"[^\s·•.-]+", lambda found: found[0][0] + "*" * max(1, len(found[0]) - 1), value) or NEVER


def id_code(value: str) -> str:
    """An identity code: of eighteen characters the first and last four stay, of shorter ones fewer."""
    kept = min(4, (len(value) - 2) // 3)
    if kept < 1:
        return NEVER
    return value[:kept] + "*" * (len(value) - 2 * kept) + value[-kept:]


def number(value: str) -> str:
    """A number somebody could be found by, such as that of a licence or a telephone: masked like an identity code."""
    return id_code(value)


def address(value: str) -> str:
    """An address: down to the district; how long the rest is does not show."""
    found = _DISTRICT.match(value)
    return (found[0] if found else "") + NEVER


def date(value: str) -> str:
    """A date, YYYY-MM-DD: the year stays."""
    return f"{value[:4]}-**-**" if _DATE.fullmatch(value) else NEVER


def nothing(_value: str) -> str:
    """A value of which nothing is shown."""
    return NEVER


__all__ = ["CLEAR", "MASKS", "NEVER", "bare", "is_clear", "may_be_clear", "shown"]

MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": name,
    "id_code": id_code,
    "number": number,
    "address": address,
}
_BY_KIND: Final[Mapping[str, Callable[[str], str]]] = {
    "person_name": name,
    "id_code": id_code,
    "address": address,
    "date": date,
    "number": nothing,
    "text": nothing,
    "list": nothing,
}


def bare(wanted: str) -> str:
    """The field's name, without what is said of its mask."""
    return wanted.removesuffix(CLEAR)


def is_clear(wanted: str) -> bool:
    """Whether a field is wanted, or granted, without its mask."""
    return wanted.endswith(CLEAR)


def may_be_clear(field: FaceField, mode: Mode) -> bool:
    """Whether a mode may show a field as it is, where the basis names it so."""
    return field.level <= CLEAR_LEVEL[mode]


def shown(field: FaceField, value: str | tuple[str, ...], mode: Mode, *, clear: bool = False) -> str | list[str]:
    """A value as it may leave in a mode.

    | level of the field | mask | asked and granted in clear | shown in mode `data` |
    |---|---|---|---|
    | 1, 2 | none | - | as it is |
    | 3 | none | no | masked by its kind |
    | 1 to 3 | its own | no | masked |
    | 1 to 3 | any | yes | as it is |
    | 4 | any | any | *** |

    Args:
        field: of the type.
        value: as on the face.
        mode: of the use.
        clear: the request and its basis name it without its mask.
    """
    if clear and may_be_clear(field, mode):
        mask: Callable[[str], str] | None = None
    elif field.level > CLEAR_LEVEL[Mode.data]:
        mask = nothing
    elif field.mask is not None:
        mask = MASKS[field.mask]
    else:
        mask = None if field.level <= OPEN_LEVEL else _BY_KIND[field.kind]
    if isinstance(value, str):
        return value if mask is None else mask(value)
    return [each if mask is None else mask(each) for each in value]
