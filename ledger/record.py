"""Records and the leaf that commits to them (DESIGN 5).

A leaf is `{"c": ..., "v": 1}` of one fixed length for every type of record, so that the public log says nothing but
"something was recorded": type, time and organisation are inside the commitment. A record has two parts, each with its
own salt, so that the holder of an opening can show the `fact` (type, time, digests) and keep the `parties` shut:

    fact_c    = SHA-256("cailian/fact/v1"    0x00 fact_salt    canonical(fact))
    parties_c = SHA-256("cailian/parties/v1" 0x00 parties_salt canonical(parties))
    c         = SHA-256("cailian/record/v1"  0x00 outer_salt   canonical({"fact": hex, "parties": hex, "v": 1}))
    leaf      = canonical({"c": base64url(c), "v": 1})

Salts are 128 random bits: with them destroyed the commitment cannot be tested against guesses.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from ledger.errors import CommitmentError, NotCanonicalError

if TYPE_CHECKING:
    from collections.abc import Mapping

SALT_SIZE: Final = 16
SALTS_SIZE: Final = 3 * SALT_SIZE
"""Outer, fact and parties salt, in this order."""

LEAF_SIZE: Final = 57
"""Bytes of every leaf of version 1."""

_MAX_INTEGER: Final = 2**53 - 1
"""Largest integer a JSON number holds exactly everywhere (RFC 7493 2.2)."""
_MAX_DEPTH: Final = 32

# Built once; `_check` bounds the depth, so the encoder need not look for cycles.
_encode: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode

_FACT: Final = b"cailian/fact/v1\0"
_PARTIES: Final = b"cailian/parties/v1\0"
_RECORD: Final = b"cailian/record/v1\0"


def canonical(value: object) -> bytes:
    """The one byte form of a value that is hashed or signed; equals RFC 8785 on the subset it accepts.

    Args:
        value: strings, integers below 2^53, booleans, None, lists, and mappings with ASCII keys.

    Raises:
        NotCanonicalError: anything else: a float, a larger integer, a lone surrogate, another type, or more than 32
            levels.
    """
    _check(value, _MAX_DEPTH)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError(reason="lone surrogate") from error


def _check(value: object, depth: int) -> None:
    if isinstance(value, str) or value is None or value is True or value is False:
        return
    if isinstance(value, int):
        if not -_MAX_INTEGER <= value <= _MAX_INTEGER:
            raise NotCanonicalError(reason="integer of 2^53 or more")
        return
    if depth == 0:
        raise NotCanonicalError(reason="nested too deeply")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonicalError(reason="key that is not ASCII text")
            if type(item) is not str:  # most values are text; this saves a call for each, on the hottest path there is
                _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    else:
        raise NotCanonicalError(reason=f"value of type {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Record:
    """What an entry commits to.

    Attributes:
        fact: `type`, `time` (RFC 3339, milliseconds) and, where a document is concerned, `digests`
            {"sha256": hex, "sm3": hex}.
        parties: requester, operator handle, case, grant, the holder as a pairwise id. Never an identity code or name.
    """

    fact: Mapping[str, object]
    parties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record ready to be stored: its leaf, the canonical bytes of both parts, and 48 bytes of salts."""

    leaf: bytes
    fact: bytes
    parties: bytes
    salts: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """An opened part of a record: its salt and canonical bytes."""

    salt: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """What shows the content of a leaf: the outer salt and, for each part, either the part or its commitment."""

    salt: bytes
    fact: Part | bytes
    parties: Part | bytes

    @classmethod
    def of(cls, fact: bytes, parties: bytes, salts: bytes, *, hide_parties: bool = False) -> Opening:
        """Open a stored record, wholly or its fact only."""
        outer, fact_salt, parties_salt = _split(salts)
        shut = _commit(_PARTIES, parties_salt, parties)
        return cls(outer, Part(fact_salt, fact), shut if hide_parties else Part(parties_salt, parties))


def seal(record: Record, salts: bytes | None = None) -> SealedRecord:
    """Commit to a record.

    Args:
        record: what to commit to.
        salts: 48 bytes; fresh random ones unless a test vector needs its own.

    Raises:
        NotCanonicalError: the record holds something outside the canonical subset.
    """
    salts = os.urandom(SALTS_SIZE) if salts is None else salts
    return seal_parts(canonical(dict(record.fact)), canonical(dict(record.parties)), salts)


def seal_parts(fact: bytes, parties: bytes, salts: bytes) -> SealedRecord:
    """Commit to the two parts of a record.

    Args:
        fact: as `canonical` writes it.
        parties: the same.
        salts: 48 fresh random bytes.
    """
    outer, fact_salt, parties_salt = _split(salts)
    leaf = _leaf(outer, _commit(_FACT, fact_salt, fact), _commit(_PARTIES, parties_salt, parties))
    return SealedRecord(leaf, fact, parties, salts)


def open_leaf(leaf: bytes, opening: Opening) -> None:
    """Check that an opening opens a leaf.

    Raises:
        CommitmentError: it does not: a byte of the leaf, a salt or a part differs.
    """
    fact = _commit(_FACT, opening.fact.salt, opening.fact.content) if isinstance(opening.fact, Part) else opening.fact
    parties = opening.parties
    if isinstance(parties, Part):
        parties = _commit(_PARTIES, parties.salt, parties.content)
    if not compare_digest(_leaf(opening.salt, fact, parties), leaf):
        raise CommitmentError
    # A salt of another length moves the border between salt and content: the same hash would open to another text.
    for salt in (opening.salt, *(part.salt for part in (opening.fact, opening.parties) if isinstance(part, Part))):
        if len(salt) != SALT_SIZE:
            raise CommitmentError(reason="salt size")


def _split(salts: bytes) -> tuple[bytes, bytes, bytes]:
    if len(salts) != SALTS_SIZE:
        msg = "salts are 48 bytes"
        raise ValueError(msg)
    return salts[:SALT_SIZE], salts[SALT_SIZE : 2 * SALT_SIZE], salts[2 * SALT_SIZE :]


def _commit(domain: bytes, salt: bytes, content: bytes) -> bytes:
    return sha256(domain + salt + content).digest()


def _leaf(salt: bytes, fact: bytes, parties: bytes) -> bytes:
    # Written out instead of calling `canonical`: this runs for every entry, and both forms are fixed.
    inner = b'{"fact":"%b","parties":"%b","v":1}' % (fact.hex().encode(), parties.hex().encode())
    c = sha256(_RECORD + salt + inner).digest()
    return b'{"c":"%b","v":1}' % urlsafe_b64encode(c).rstrip(b"=")
