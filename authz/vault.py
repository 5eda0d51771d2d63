"""Keys over identity: how a code is found, kept and shown to nobody (DESIGN 5).

Three keys, one use each: `lookup` makes the keyed HMAC by which a code is found, `identity` encrypts codes, names and
ID tokens, `pairwise` makes the id under which one recipient knows a holder. A stolen database without them yields
neither codes nor links between recipients.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from authz.errors import SealBrokenError

if TYPE_CHECKING:
    from authz.model import Identifier

KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12
"""Bytes of a GCM nonce, random per value: far below 2^32 values per key (NIST SP 800-38D, 8.3)."""
_VERSION: Final = b"\x01"


class IdentityVault:
    """The three keys and what is done with them.

    Args:
        lookup: 32 bytes, keys the look-up HMAC.
        identity: 32 bytes, AES-256-GCM.
        pairwise: 32 bytes, keys the pairwise ids.

    Raises:
        ValueError: a key of another length, or one key for two uses.
    """

    def __init__(self, lookup: bytes, identity: bytes, pairwise: bytes) -> None:
        keys = (lookup, identity, pairwise)
        if any(len(key) != KEY_SIZE for key in keys) or len(set(keys)) != len(keys):
            msg = "three different keys of 32 bytes are needed"
            raise ValueError(msg)
        self._lookup = lookup
        self._pairwise = pairwise
        self._cipher = AESGCM(identity)

    def find_by(self, identifier: Identifier) -> bytes:
        """The look-up value of an identifier: HMAC-SHA-256 over type, country and code, 32 bytes."""
        text = f"{identifier.type}\0{identifier.country}\0{identifier.code}"
        return hmac.digest(self._lookup, text.encode(), "sha256")

    def keyed(self, what: str, text: str) -> bytes:
        """A look-up value of anything else that must be found and may not be read: HMAC-SHA-256, 32 bytes.

        Args:
            what: names the kind of value, e.g. `licence-no`; values of two kinds never meet.
        """
        return hmac.digest(self._lookup, f"keyed\0{what}\0{text}".encode(), "sha256")

    def shut(self, value: str, place: bytes) -> bytes:
        """Encrypt a value for one place.

        Args:
            place: what it belongs to (table, column, row); the value opens nowhere else.
        """
        nonce = os.urandom(_NONCE_SIZE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value.encode(), _VERSION + place)

    def open(self, sealed: bytes, place: bytes) -> str:
        """Decrypt what `shut` encrypted for the same place.

        Raises:
            SealBrokenError: another place, key or version, or changed bytes.
        """
        try:
            if sealed[:1] != _VERSION:
                raise SealBrokenError
            body = sealed[1 + _NONCE_SIZE :]
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE_SIZE], body, _VERSION + place).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError from error

    def pairwise(self, holder_id: str, recipient: str) -> str:
        """The id under which one recipient knows a holder: 22 characters, unlinkable without the key.

        Args:
            recipient: party id.
        """
        digest = hmac.digest(self._pairwise, f"{holder_id}\0{recipient}".encode(), "sha256")
        return urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def digest_of(document: bytes) -> str:
    """SHA-256 of a document as a holder signs it: base64url, 43 characters."""
    return base64url(sha256(document).digest())
