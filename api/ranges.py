"""The Range header (RFC 9110 14): one range of bytes, which is all that a resumed download needs."""

from __future__ import annotations

import re
from typing import Final

from api.errors import RangeNotSatisfiableError

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def parse(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes to send, as a half-open span; None where the whole document is meant.

    A header in another unit or form is ignored, as RFC 9110 14.2 allows; so are several ranges, which would let a small
    request ask for a large answer many times over.

    Args:
        header: value of Range.
        size: bytes of the document, at least 1.

    Raises:
        RangeNotSatisfiableError: the range begins past the end, or is empty.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise RangeNotSatisfiableError(size=size)
        return size - length, size
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiableError(size=size)
    return start, end
