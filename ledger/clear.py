"""Entries in clear (DESIGN 5): districts' checkpoints and published registers, the only leaves that say what they are.

    leaf = canonical({"clear": {"type": ..., "time": ..., ...}, "v": 1})

Neither is about a person, a use or a document. A sealed leaf has the one member `c` beside `v` and is 57 bytes long
(`ledger.record`); a clear one has `clear`, is longer than that, and has no record and no salts: it opens to itself.

A reader accepts exactly the canonical bytes of a known type with exactly its members, so that one leaf has one meaning.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ledger.clock import parse_rfc3339, rfc3339
from ledger.errors import ClearLeafError, NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_LEAF: Final = 65_535
"""Bytes; an entry bundle writes a leaf's length as a uint16 (tlog-tiles, "Log entries")."""

DIVISION: Final = re.compile(r"[0-9]{6}([0-9]{3}){0,2}")
"""Division code: six digits (GB/T 2260), nine or twelve below the district (GB/T 10114)."""

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX: Final = b'{"clear":'
_KIND: Final = re.compile(r"[a-z]{1,16}")
_OWNER: Final = re.compile(r"[0-9A-Z]{1,32}")
_MAX_VERSION: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class DistrictCheckpoint:
    """A checkpoint of a district's log, accepted by this log's operator.

    Attributes:
        time: when it was accepted.
        district: division code.
        checkpoint: the whole signed note of the district's log.
    """

    type: ClassVar[str] = "district.checkpoint"

    time: datetime
    district: str
    checkpoint: str

    def __post_init__(self) -> None:
        """Refuse a malformed division code or an empty note."""
        if not DIVISION.fullmatch(self.district) or not self.checkpoint:
            raise ClearLeafError(reason="district.checkpoint")

    def content(self) -> dict[str, object]:
        """What stands under `clear`."""
        return {
            "type": self.type,
            "time": rfc3339(self.time),
            "district": self.district,
            "checkpoint": self.checkpoint,
        }

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> DistrictCheckpoint:
        """Read what `content` wrote."""
        return cls(_time(value["time"]), _text(value["district"]), _text(value["checkpoint"]))


@dataclass(frozen=True, slots=True)
class RegisterPublished:
    """A version of a register was published.

    Attributes:
        time: when.
        register: its kind, e.g. `duties`.
        version: from 1, without gaps.
        owner: code of the organisation that answers for its content.
        sha256, sm3: hexadecimal digests of the document's canonical bytes.
    """

    type: ClassVar[str] = "register.published"

    time: datetime
    register: str
    version: int
    owner: str
    sha256: str
    sm3: str

    def __post_init__(self) -> None:
        """Refuse malformed values."""
        if not _KIND.fullmatch(self.register) or not _OWNER.fullmatch(self.owner):
            raise ClearLeafError(reason="register or owner")
        if type(self.version) is not int or not 0 < self.version <= _MAX_VERSION:
            raise ClearLeafError(reason="version")
        if not _HEX.fullmatch(self.sha256) or not _HEX.fullmatch(self.sm3):
            raise ClearLeafError(reason="digest")

    def content(self) -> dict[str, object]:
        """What stands under `clear`."""
        return {
            "type": self.type,
            "time": rfc3339(self.time),
            "register": self.register,
            "version": self.version,
            "owner": self.owner,
            "sha256": self.sha256,
            "sm3": self.sm3,
        }

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> RegisterPublished:
        """Read what `content` wrote."""
        return cls(
            _time(value["time"]),
            _text(value["register"]),
            value["version"],
            _text(value["owner"]),
            _text(value["sha256"]),
            _text(value["sm3"]),
        )


Clear = DistrictCheckpoint | RegisterPublished
_TYPES: Final[dict[str, type[DistrictCheckpoint | RegisterPublished]]] = {
    DistrictCheckpoint.type: DistrictCheckpoint,
    RegisterPublished.type: RegisterPublished,
}


def clear_leaf(clear: Clear) -> bytes:
    """The leaf of an entry in clear.

    Raises:
        ClearLeafError: longer than an entry bundle can hold.
        NotCanonicalError: a text holds a lone surrogate.
    """
    leaf = canonical({"clear": clear.content(), "v": 1})
    if len(leaf) > MAX_LEAF:
        raise ClearLeafError(reason="longer than 65535 bytes")
    return leaf


def is_clear(leaf: bytes) -> bool:
    """Whether a leaf claims to be in clear; no sealed leaf begins so."""
    return leaf.startswith(_PREFIX)


def read_clear(leaf: bytes) -> Clear:
    """Read a leaf in clear, strictly.

    Raises:
        ClearLeafError: not the canonical bytes of a known type with exactly its members.
    """
    if len(leaf) > MAX_LEAF:
        raise ClearLeafError(reason="longer than 65535 bytes")
    try:
        value = json.loads(leaf)
        kind = _TYPES[value["clear"]["type"]]
        clear = kind.read(value["clear"])
        again = clear_leaf(clear)
    except (ValueError, KeyError, TypeError, RecursionError, NotCanonicalError) as error:
        raise ClearLeafError(reason="not a clear leaf of a known type") from error
    if again != leaf:  # other members, another order, another spelling: two leaves of one meaning
        raise ClearLeafError(reason="another spelling")
    return clear


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ClearLeafError(reason="member of another type")
    return value


def _time(value: object) -> datetime:
    return parse_rfc3339(_text(value))
