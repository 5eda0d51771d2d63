"""Reading JSON from outside so that no two programs can read one text in two ways (docs/evidence.md, section 1). Pure.

Also the few shapes that our files are made of: objects with exactly known members, texts, base64 of one spelling.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_LONGEST_INTEGER: Final = 17
"""Characters of -(2^53 - 1): a longer one need not be computed to be refused."""


def read(raw: bytes, limit: int) -> dict[str, Any]:
    """Read one JSON object of the canonical subset.

    Args:
        raw: the text, UTF-8 without byte order mark.
        limit: bytes it may have.

    Raises:
        NotCanonicalError: too large, not UTF-8, not JSON, not an object, a duplicate key, a float, an integer of 2^53
            or more, a key beyond ASCII, a lone surrogate, or more than 32 levels; `reason` says which.
    """
    if len(raw) > limit:
        raise NotCanonicalError(reason=f"larger than {limit} bytes")
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
        )
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(reason="not JSON") from error
    canonical(value)
    if not isinstance(value, dict):
        raise NotCanonicalError(reason="not an object")
    return value


def members(value: object, needed: Collection[str], optional: Collection[str], what: str) -> dict[str, Any]:
    """An object that has every member of `needed` and no other beside those of `optional`.

    Raises:
        NotCanonicalError: it is none.
    """
    held = mapping(value, what)
    unknown, missing = held.keys() - set(needed) - set(optional), set(needed) - held.keys()
    if unknown:
        raise NotCanonicalError(reason=f"unknown member of {what}: {min(unknown)[:40]}")
    if missing:
        raise NotCanonicalError(reason=f"missing member of {what}: {min(missing)}")
    return held


def mapping(value: object, what: str) -> dict[str, Any]:
    """An object.

    Raises:
        NotCanonicalError: it is none.
    """
    if not isinstance(value, dict):
        raise NotCanonicalError(reason=f"{what} is not an object")
    return value


def items(value: object, most: int, what: str, *, least: int = 0) -> list[Any]:
    """A list of at least `least` and at most `most` items.

    Raises:
        NotCanonicalError: it is none.
    """
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise NotCanonicalError(reason=f"{what} is not a list of {least} to {most}")
    return value


def text(value: object, what: str) -> str:
    """A text.

    Raises:
        NotCanonicalError: it is none.
    """
    if not isinstance(value, str):
        raise NotCanonicalError(reason=f"{what} is not text")
    return value


def integer(value: object, what: str) -> int:
    """An integer of 0 or more.

    Raises:
        NotCanonicalError: it is none.
    """
    if type(value) is not int or value < 0:
        raise NotCanonicalError(reason=f"{what} is not an integer of 0 or more")
    return value


def base64(value: object, size: int, what: str) -> bytes:
    """Bytes in base64 (RFC 4648 section 4).

    A spelling with bits behind the last byte is refused: it would be a second text for the same bytes.

    Args:
        value: the text.
        size: bytes it must stand for.
        what: its name in the error.

    Raises:
        NotCanonicalError: it is none.
    """
    spelled = text(value, what)
    try:
        raw = b64decode(spelled, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotCanonicalError(reason=f"{what} is not base64") from error
    if len(raw) != size or b64(raw) != spelled:
        raise NotCanonicalError(reason=f"{what} is not base64 of {size} bytes")
    return raw


def base64url(value: object, what: str) -> bytes:
    """Bytes in base64url without padding (RFC 4648 section 5), of one spelling only.

    Raises:
        NotCanonicalError: it is none.
    """
    spelled = text(value, what)
    try:
        raw = b64decode(spelled + "=" * (-len(spelled) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotCanonicalError(reason=f"{what} is not base64url") from error
    if unpadded(raw) != spelled:
        raise NotCanonicalError(reason=f"{what} is not base64url")
    return raw


def b64(raw: bytes) -> str:
    """Standard base64, as in the C2SP formats."""
    return b64encode(raw).decode()


def unpadded(raw: bytes) -> str:
    """base64url without padding, as in JOSE and in the digests of terms."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def is_digest(value: object) -> bool:
    """Whether a value is 32 bytes in lower-case hex."""
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _unique(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotCanonicalError(reason="duplicate key")
    return value


def _no_float(_: str) -> float:
    raise NotCanonicalError(reason="not an integer")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER or digits == "-0":
        raise NotCanonicalError(reason="integer of 2^53 or more")
    return int(digits)
