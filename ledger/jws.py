"""Compact JWS (RFC 7515) as evidence holds them, and the keys that verify them. Pure.

Stricter than a login needs (docs/evidence.md, 8.1): header and payload are JSON as our files use it, base64url has one
spelling, the algorithm is the key's one algorithm, and no header may choose a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import gmssl_pyx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.errors import ConsentError
from ledger.record import canonical
from ledger.strictjson import base64url, mapping, members, read, text, unpadded

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIZE: Final = 8192
"""Characters of a whole JWS; ours are under 1,000."""
_FORM: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_FORBIDDEN: Final = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"})
_MEMBERS: Final = {
    "ES256": ("crv", "kty", "x", "y"),
    "SM2": ("crv", "kty", "x", "y"),
    "EdDSA": ("crv", "kty", "x"),
    "RS256": ("e", "kty", "n"),
}
"""Members that RFC 7638, 3.2 hashes."""
_KINDS: Final = {
    ("EC", "P-256"): "ES256",
    ("EC", "SM2"): "SM2",
    ("OKP", "Ed25519"): "EdDSA",
    ("RSA", None): "RS256",
}
_PAIRS: Final = frozenset({"ES256", "SM2"})
"""Algorithms whose signature is R and S, 32 bytes each (RFC 7518, 3.4)."""
_SM2_ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SM2_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SM2_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
"""Order, prime and b of the recommended curve, a = -3 (GB/T 32918.5-2017)."""
_POINT: Final = 32
_MIN_RSA: Final = 256
_MAX_RSA: Final = 512
"""Bytes of an RSA modulus: 2,048 to 4,096 bits."""
_EXPONENT: Final = "AQAB"
"""65537, the one every provider uses (RFC 8017, 3.1 allows more)."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A JWS taken apart; nothing of it is verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @classmethod
    def parse(cls, value: object) -> Jws:
        """Read a compact JWS.

        Raises:
            NotCanonicalError: header or payload is not JSON as section 1 of docs/evidence.md has it, or another
                spelling of base64url.
            ConsentError: larger than 8,192 characters, of another form, or a header that says more than it may.
        """
        whole = text(value, "JWS")
        parts = _FORM.fullmatch(whole) if len(whole) <= MAX_SIZE else None
        if parts is None:
            raise ConsentError(reason="not a compact JWS")
        header, claims, signature = (base64url(part, "part of a JWS") for part in parts.groups())
        held = read(header, MAX_SIZE)
        if _FORBIDDEN & held.keys():
            raise ConsentError(reason="header of a JWS")
        return cls(held, read(claims, MAX_SIZE), f"{parts[1]}.{parts[2]}".encode(), signature)

    def time(self, name: str) -> int:
        """A NumericDate claim, whole seconds since 1970.

        Raises:
            ConsentError: missing, or no such number.
        """
        value = self.claims.get(name)
        if type(value) is not int or value < 0:
            raise ConsentError(reason=f"{name} of a JWS")
        return value

    def claim(self, name: str) -> str:
        """A claim that is a text and not empty.

        Raises:
            ConsentError: it is none.
        """
        value = self.claims.get(name)
        if not isinstance(value, str) or not value:
            raise ConsentError(reason=f"{name} of a JWS")
        return value


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its one algorithm.

    Attributes:
        alg: `ES256`, `SM2`, `EdDSA` or `RS256`.
        jwk: the members that RFC 7638 hashes.
        kid: how it is called; empty where it needs no name.
    """

    alg: str
    jwk: Mapping[str, str]
    kid: str = ""

    @classmethod
    def of(cls, value: object, *, named: bool = False) -> Key:
        """Read a public JWK with exactly the members of its type, and `kid` where it is `named`.

        Raises:
            NotCanonicalError: it has others.
            ConsentError: another type, curve or size.
        """
        held = mapping(value, "key")
        kty, crv = held.get("kty"), held.get("crv")
        alg = _KINDS.get((kty, crv)) if isinstance(kty, str) and (crv is None or isinstance(crv, str)) else None
        if alg is None:
            raise ConsentError(reason="type of a key")
        members(held, {*_MEMBERS[alg], *(("kid",) if named else ())}, (), "key")
        for name in held:
            text(held[name], f"{name} of a key")
        if alg == "RS256":
            modulus = base64url(held["n"], "modulus")
            good = held["e"] == _EXPONENT and _MIN_RSA <= len(modulus) <= _MAX_RSA and modulus[0] > 0
        else:
            good = all(len(base64url(held[name], name)) == _POINT for name in ("x", "y") if name in held)
        if not good or (named and not held["kid"]):
            raise ConsentError(reason="members of a key")
        return cls(alg, {name: held[name] for name in _MEMBERS[alg]}, held["kid"] if named else "")

    def to_json(self) -> dict[str, str]:
        """As it stands in a trust file."""
        return ({"kid": self.kid} if self.kid else {}) | dict(self.jwk)

    @property
    def thumbprint(self) -> str:
        """RFC 7638 with SHA-256, base64url."""
        return unpadded(sha256(canonical(dict(self.jwk))).digest())

    def verify(self, jws: Jws) -> None:
        """Check a JWS by this key.

        Raises:
            ConsentError: another algorithm, or a bad signature.
        """
        if jws.header.get("alg") != self.alg:
            raise ConsentError(reason="algorithm of a JWS")
        signature = jws.signature
        if self.alg in _PAIRS:
            if len(signature) != 2 * _POINT:
                raise ConsentError(reason="signature")
            r, s = int.from_bytes(signature[:_POINT]), int.from_bytes(signature[_POINT:])
            if self.alg == "SM2" and not (0 < r < _SM2_ORDER and 0 < s < _SM2_ORDER):
                raise ConsentError(reason="signature")
            signature = encode_dss_signature(r, s)
        self.verify_raw(jws.signed, signature)

    def verify_raw(self, signed: bytes, signature: bytes) -> None:
        """Check a signature over bytes; of ES256 and SM2 in DER (RFC 3279, 2.2.3).

        Raises:
            ConsentError: a bad signature, or the key is no point of its curve.
        """
        raw = {name: base64url(value, name) for name, value in self.jwk.items() if name in {"x", "y", "n", "e"}}
        try:
            if self.alg == "ES256":
                x, y = int.from_bytes(raw["x"]), int.from_bytes(raw["y"])
                EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key().verify(signature, signed, ECDSA(SHA256()))
            elif self.alg == "SM2":
                _verify_sm2(raw["x"], raw["y"], signed, signature)
            elif self.alg == "EdDSA":
                Ed25519PublicKey.from_public_bytes(raw["x"]).verify(signature, signed)
            else:
                numbers = RSAPublicNumbers(int.from_bytes(raw["e"]), int.from_bytes(raw["n"]))
                numbers.public_key().verify(signature, signed, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError, gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError) as error:
            raise ConsentError(reason="signature") from error


def _verify_sm2(x: bytes, y: bytes, signed: bytes, signature: bytes) -> None:
    """SM2 with SM3 under the default id of a signer (GB/T 32918.2-2016; GB/T 35276-2017, 10).

    Raises:
        ValueError: no point of the curve, or a bad signature.
    """
    u, v = int.from_bytes(x), int.from_bytes(y)
    if max(u, v) >= _SM2_P or (v * v - u * u * u + 3 * u - _SM2_B) % _SM2_P:
        msg = "not a point"
        raise ValueError(msg)
    if not gmssl_pyx.sm2_verify(x + y, signed, signature):
        msg = "signature"
        raise ValueError(msg)
