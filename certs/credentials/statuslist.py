"""Token Status List (draft 21): two bits for each credential, packed, deflated and signed.

A verifier fetches the list and learns the status of one credential without telling us which. Pure.

`0` valid, `1` invalid for good, `2` suspended (7.1). What stops counting and tracking: indices are random, a part of
each list belongs to nobody (decoys, which change status like the others), and there are several lists.
"""

from __future__ import annotations

import zlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from authz import jose
from authz.vault import base64url
from certs.credentials import jws
from certs.errors import CredentialNotCurrentError, InvalidStatusListError
from certs.model import LicenceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from certs.signing.model import Signer, TrustedCas

TYPE: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"
ALGORITHM: Final = jws.ALGORITHM
BITS: Final = 2
CAPACITY: Final = 2**20
"""Entries of one list; 256 KiB before deflating."""
EXPIRES: Final = timedelta(hours=24)
"""How long a list may be used by a verifier that cannot fetch a newer one."""
TTL_SECONDS: Final = 60
"""How long a verifier with a network may keep it before it asks again; whoever asks gets what holds now."""
SKEW: Final = timedelta(seconds=60)
_PER_BYTE: Final = 8 // BITS
_MASK: Final = (1 << BITS) - 1
_MAX_TOKEN: Final = 1024 * 1024
_MAX_RAW: Final = 4 * 1024 * 1024


class Status(IntEnum):
    """Status types (draft 7.1)."""

    valid = 0
    invalid = 1
    """For good."""
    suspended = 2


def status_of(status: LicenceStatus, *, is_current: bool = True, frozen: bool = False) -> Status:
    """How a licence's status shows in its list.

    Args:
        status: as stored.
        is_current: no newer version took its place.
        frozen: a dispute stands against it.

    A licence that is being moved elsewhere may come back (operation 10), hence only suspended.
    """
    if not is_current:
        return Status.invalid
    if status is LicenceStatus.valid:
        return Status.suspended if frozen else Status.valid
    if status in {LicenceStatus.suspended, LicenceStatus.transferred, LicenceStatus.other}:
        return Status.suspended
    return Status.invalid


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was read and checked."""

    uri: str
    raw: bytes

    def __len__(self) -> int:
        return len(self.raw) * _PER_BYTE

    def __getitem__(self, index: int) -> int:
        """Status at an index.

        Raises:
            InvalidStatusListError: the list has no such index.
        """
        if not 0 <= index < len(self):
            raise InvalidStatusListError(reason="index")
        return self.raw[index // _PER_BYTE] >> index % _PER_BYTE * BITS & _MASK


def pack(statuses: Iterable[tuple[int, int]], capacity: int = CAPACITY) -> bytes:
    """The bytes of a list, lowest index in the lowest bits of the first byte (draft 4.1).

    Args:
        statuses: index and status, at most one each; what is not named is valid.
        capacity: entries, a multiple of four.
    """
    raw = bytearray(capacity // _PER_BYTE)
    for index, status in statuses:
        raw[index // _PER_BYTE] |= status << index % _PER_BYTE * BITS
    return bytes(raw)


def put(raw: bytearray, index: int, status: int) -> bool:
    """Set one entry; whether it was another before."""
    at, shift = index // _PER_BYTE, index % _PER_BYTE * BITS
    changed = raw[at] & ~(_MASK << shift) | status << shift
    differs = changed != raw[at]
    raw[at] = changed
    return differs


def sign(raw: bytes, uri: str, signer: Signer, now: datetime) -> str:
    """The token of a list (draft 5.1).

    Args:
        raw: as `pack` made it.
        uri: its address, as credentials name it.
        signer: key of the library.
        now: the time.
    """
    at = int(now.timestamp())
    held = {"bits": BITS, "lst": base64url(zlib.compress(raw, 9))}
    payload = {"sub": uri, "iat": at, "exp": at + int(EXPIRES.total_seconds()), "ttl": TTL_SECONDS}
    return jws.sign(TYPE, payload | {"status_list": held}, signer)


def read(token: str, uri: str, publisher: str, trusted: TrustedCas, at: datetime) -> StatusList:
    """Check a list and unpack it (draft 8.3).

    Args:
        token: as fetched.
        uri: where the credential said it is.
        publisher: code of the organisation that may speak of it: else any certified body could say what is valid.
        trusted: the CAs believed, and what was revoked.
        at: the time.

    Raises:
        InvalidStatusListError: malformed, of another address, out of date, or a signature that fails.
        InvalidSealCertificateError, SignerUntrustedError, SignerExpiredError, SignerRevokedError: its signer.
    """
    held = jws.read(token, TYPE, _refuse, longest=_MAX_TOKEN)
    if jws.check(held, trusted, at, _refuse).org_code != publisher:
        raise InvalidStatusListError(reason="publisher")
    if jose.text(held.claims, "sub", _refuse, longest=2048) != uri:
        raise InvalidStatusListError(reason="address")
    issued, expires = (jose.number(held.claims, name, _refuse) for name in ("iat", "exp"))
    if not issued - SKEW.total_seconds() <= at.timestamp() < expires:
        raise InvalidStatusListError(reason="time")
    inner = held.claims.get("status_list")
    if not isinstance(inner, dict) or inner.get("bits") != BITS or not isinstance(inner.get("lst"), str):
        raise InvalidStatusListError(reason="form")
    return StatusList(uri, _inflate(inner["lst"]))


def check(status: tuple[str, int], held: StatusList) -> None:
    """See to it that a credential is valid now.

    Args:
        status: address and index, as the credential says.
        held: the list of that address.

    Raises:
        InvalidStatusListError: the list is of another address or has no such index.
        CredentialNotCurrentError: suspended, or invalid for good; `status` says which.
    """
    uri, index = status
    if held.uri != uri:
        raise InvalidStatusListError(reason="address")
    if held[index] != Status.valid:
        raise CredentialNotCurrentError(status="suspended" if held[index] == Status.suspended else "invalid")


def _inflate(given: str) -> bytes:
    """Unpack; a small text must not become gigabytes."""
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(urlsafe_b64decode(given + "=" * (-len(given) % 4)), _MAX_RAW)
    except (ValueError, zlib.error) as error:
        raise InvalidStatusListError(reason="deflate") from error
    if not opened.eof or opened.unused_data:
        raise InvalidStatusListError(reason="deflate")
    return raw


def _refuse(reason: str) -> InvalidStatusListError:
    return InvalidStatusListError(reason=reason)
