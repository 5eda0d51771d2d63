"""Step 4 of `ledger.verify`: whether a file is the document a bundle is about, and what it then is. Pure.

Where a bundle holds what was released in the place of a licence's original (section `derived`), that is the document:
a derived copy (加注件), data or an answer. The untouched original is then the wrong file, and told as what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from ledger.digests import sm3
from ledger.errors import DocumentMismatchError, OriginalGivenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.envelope import Bundle

_STEP: Final = 4
_NAME: Final = "document"
_READ: Final = 1 << 20


class Given(StrEnum):
    """What a file is, as far as the records say more than that it is the recorded one."""

    original = "original"
    """The file of a licence as it was issued."""
    ofd = "original-ofd"
    """The same in the other format."""
    copy = "copy"
    """A derived copy (加注件): stamped with cause, requester and period; never the original."""
    data = "data"
    """Fields of a licence, released in its place."""
    verify = "verify"
    """An answer about a licence, released in its place."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A document that agrees.

    Attributes:
        given: what it is; None where the records say no more than that it is theirs.
        size: bytes.
        both: whether SM3 was compared beside SHA-256.
    """

    given: Given | None
    size: int
    both: bool


@dataclass(frozen=True, slots=True)
class _Expected:
    """A file that records name: its digests, its size where one is told, and what it is."""

    digests: Mapping[str, str]
    size: int | None
    given: Given | None


def compare(bundle: Bundle, document: BinaryIO) -> Compared:
    """Compare a file with what the records of a bundle name.

    Args:
        bundle: whose records passed step 3.
        document: read to its end.

    Raises:
        OriginalGivenError: it is the original of what was released.
        DocumentMismatchError: it is another, or the record names none.
    """
    expected, parent = _expected(bundle)
    if not expected:
        raise DocumentMismatchError(_STEP, _NAME, "the record names no document")
    digests, size = {"sha256": sha256()} | ({"sm3": sm3()} if "sm3" in expected[0].digests else {}), 0
    while chunk := document.read(_READ):
        for each in digests.values():
            each.update(chunk)
        size += len(chunk)
    found = {name: each.digest().hex() for name, each in digests.items()}
    for file in expected:
        if file.digests == found and file.size in (None, size):
            return Compared(file.given, size, "sm3" in found)
    if parent == found:
        raise OriginalGivenError(_STEP, _NAME, "this is the original, not what was released")
    raise DocumentMismatchError(_STEP, _NAME, _difference(expected[0], found, size))


def _difference(expected: _Expected, found: Mapping[str, str], size: int) -> str:
    if expected.size not in (None, size):
        return "size differs"
    return "SHA-256 differs" if expected.digests["sha256"] != found["sha256"] else "SM3 differs"


def _expected(bundle: Bundle) -> tuple[list[_Expected], Mapping[str, str] | None]:
    """The files that would agree; and the original that would not, where something else was released."""
    if "derived" in bundle.acts:
        fact = bundle.acts["derived"][0].fact
        return ([], None) if fact is None else ([_of(fact, Given(fact["rendition"]))], fact["parent"])
    main = bundle.acts[bundle.kind][0]
    issued = bundle.acts["licence"][0] if "licence" in bundle.acts else None
    given = Given.original if issued is not None and issued.fact is not None else None
    expected = [_of(main.fact, given)] if main.fact is not None and "digests" in main.fact else []
    ofd = main.parties.get("ofd") if bundle.kind == "licence" and main.parties is not None else None
    return expected + ([_Expected(ofd, None, Given.ofd)] if ofd is not None else []), None


def _of(fact: Mapping[str, Any], given: Given | None) -> _Expected:
    return _Expected(fact["digests"], fact.get("size"), given)
