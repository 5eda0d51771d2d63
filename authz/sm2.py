"""SM2 signatures with SM3 (GB/T 32918.2-2016), done by GmSSL.

`cryptography` has no SM2 curve. Keys that matter belong in a hardware module; this serves keys kept in files and every
verification, of seals (`certs.signing`) and of what clients sign (`authz.jose`). Signer id is the default of GB/T
35276-2017, section 10: 1234567812345678.
"""

from __future__ import annotations

from typing import Final

import gmssl_pyx
from asn1crypto.algos import DSASignature

POINT: Final = 65
"""Bytes of an uncompressed point: 04, x, y (GB/T 35276-2017, 7.1)."""

_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
"""Prime and coefficients of the recommended curve (GB/T 32918.5-2017)."""


def generate() -> tuple[bytes, bytes]:
    """A fresh key.

    Returns:
        Private scalar, 32 bytes, and public point, 65 bytes.
    """
    public, private = gmssl_pyx.sm2_key_generate()
    return private, b"\x04" + public


def sign(private: bytes, public: bytes, data: bytes) -> bytes:
    """Sign a message.

    Args:
        private: scalar, 32 bytes.
        public: point, 65 bytes; it is part of what is signed (the Z value of GB/T 32918.2, 5.5).

    Returns:
        DER SEQUENCE {r, s}.
    """
    signature: bytes = gmssl_pyx.sm2_sign(private, public[1:], data)
    return signature


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature over a message is this key's; False for anything malformed too."""
    if len(public) != POINT or public[0] != 4 or not _is_der(signature):
        return False
    try:
        return bool(gmssl_pyx.sm2_verify(public[1:], data, signature))
    except (gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError, ValueError):
        return False


def is_point(public: bytes) -> bool:
    """Whether 65 bytes are a point of the curve (GB/T 32918.5-2017): y^2 = x^3 + ax + b over its prime."""
    x, y = int.from_bytes(public[1:33]), int.from_bytes(public[33:])
    on_it = (y * y - (x * x * x + _A * x + _B)) % _P == 0
    return len(public) == POINT and public[0] == 4 and max(x, y) < _P and on_it


def _is_der(signature: bytes) -> bool:
    """Whether these bytes are the one encoding of two positive integers; GmSSL reports others on standard error."""
    try:
        held = DSASignature.load(signature, strict=True)
        numbers = [int(held[name].native) for name in ("r", "s")]
    except (ValueError, TypeError):
        return False
    return all(0 < number < 2**256 for number in numbers) and held.dump(force=True) == signature
