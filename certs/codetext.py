"""What stands in a QR code: `CL1:` division `:` 32 letters. Nothing in it says whose it is or what it shows.

The letters are an HMAC of the code's id under a key the database does not know; the database keeps only the digest of
the text. So a request that is sent again gets its code again, and a stolen database shows nothing. The division says
which library resolves the code.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from typing import Final
from uuid import UUID

from certs.errors import CodeElsewhereError, UnknownCodeError

PREFIX: Final = "CL1"
"""Form and version."""
_SECRET_BYTES: Final = 20
"""160 bits: 32 letters of base32 (RFC 4648, 6) without padding, in the smallest QR alphabet."""
_FORM: Final = re.compile(rf"{PREFIX}:([0-9]{{6}}):([A-Z2-7]{{32}})")


class CodeTexts:
    """Makes and reads the texts of codes.

    Args:
        key: 32 bytes, for this alone.
        division: of this library.
    """

    def __init__(self, key: bytes, division: str) -> None:
        self._key = key
        self._division = division

    def of(self, code_id: str) -> str:
        """The text of a code."""
        secret = hmac.digest(self._key, b"code" + UUID(code_id).bytes, "sha256")[:_SECRET_BYTES]
        return f"{PREFIX}:{self._division}:{b32encode(secret).decode()}"

    def lookup(self, text: str) -> bytes:
        """By what a scanned code is found: 32 bytes.

        Raises:
            UnknownCodeError: not a code of our form.
            CodeElsewhereError: a code of another library.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise UnknownCodeError
        if found[1] != self._division:
            raise CodeElsewhereError(division=found[1])
        return sha256(text.encode()).digest()

    def id_at_counter(self, client_id: str, key: str) -> str:
        """The id of the code that a counter's system makes under an Idempotency-Key: the same whenever it asks."""
        named = bytearray(hmac.digest(self._key, f"counter\0{client_id}\0{key}".encode(), "sha256")[:16])
        named[6], named[8] = named[6] & 0x0F | 0x80, named[8] & 0x3F | 0x80  # version 8 (RFC 9562, 5.8)
        return str(UUID(bytes=bytes(named)))
