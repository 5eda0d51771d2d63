"""Rows of a bulk request: NDJSON as it comes in, within bounds, each row read or refused on its own.

The body is kept as it came until it is whole, 4 MiB at most: nothing of a request that is too large is ever stored, and
nothing at all before the caller is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.errors import BodyTooLargeError, MalformedRowError, PersonalReferenceError, TooManyRowsError
from authz.identifiers import names_a_person
from ledger.errors import InvalidKeptDocumentError
from ledger.kept import KeptDocument

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

MAX_ROWS: Final = 10_000
MAX_BYTES: Final = 4 * 1024**2
MAX_ROW: Final = 1024
"""Bytes of one row; the longest good one has about 430."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its number, counted from 1 like lines of a file, the problem's code and its fields."""

    number: int
    code: str
    fields: dict[str, str | int]


async def receive(stream: AsyncIterator[bytes], *, limit: int = MAX_BYTES, rows: int = MAX_ROWS) -> bytes:
    """Take a body in; the rest of one that is too large is never read.

    Args:
        stream: the body's pieces.
        limit: most bytes.
        rows: most rows; the last one needs no line feed.

    Raises:
        BodyTooLargeError: more bytes.
        TooManyRowsError: more rows.
    """
    pieces, size, lines = [], 0, 0
    async for piece in stream:
        size += len(piece)
        lines += piece.count(b"\n")
        if size > limit:
            raise BodyTooLargeError(limit=limit)
        if lines > rows:
            raise TooManyRowsError(limit=rows)
        pieces.append(piece)
    body = b"".join(pieces)
    if lines == rows and not body.endswith(b"\n"):
        raise TooManyRowsError(limit=rows)
    return body


def read(body: bytes) -> Iterator[tuple[int, KeptDocument] | Refused]:
    """Each row of a body, in order, with its number."""
    for number, line in _lines(body):
        try:
            yield number, document(line)
        except (MalformedRowError, PersonalReferenceError, InvalidKeptDocumentError) as error:
            yield Refused(number, error.code, error.fields)


def values(body: bytes, *, longest: int) -> Iterator[tuple[int, object]]:
    """Each row's JSON value with its number; None for a row that is no JSON, has a member twice, or is too long.

    Args:
        longest: bytes of a row.
    """
    for number, line in _lines(body):
        try:
            value = _DECODER.decode(line.decode()) if len(line) <= longest else None
        except (ValueError, RecursionError):
            value = None
        yield number, value


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    lines = body.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return iter(enumerate(lines, 1))


def document(text: bytes) -> KeptDocument:
    """Read one document.

    Raises:
        MalformedRowError: not one JSON object, a member twice, or too long.
        InvalidKeptDocumentError: a member is missing, unknown or of another form.
        PersonalReferenceError: the reference holds what looks like an identity or phone number.
    """
    if len(text) > MAX_ROW:
        raise MalformedRowError(limit=MAX_ROW)
    try:
        value = _DECODER.decode(text.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedRowError from error
    if not isinstance(value, dict):
        raise MalformedRowError
    held = KeptDocument.of(value)
    if names_a_person(held.reference):
        raise PersonalReferenceError
    return held


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "duplicate member"
        raise ValueError(msg)
    return value


# Made once: `json.loads` makes one for each call that names a hook, which costs more than reading a row.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique)
