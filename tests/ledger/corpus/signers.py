"""Holders' devices, a login provider and a department's system with fixed keys; deterministic signatures throughout."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.digests import digest
from ledger.record import canonical
from tests.ledger.corpus.logs import private_key

ISSUER: Final = "https://login.example"
AUDIENCE: Final = "cailian"
NODE: Final = "https://node.example"
SITE: Final = "node.example"
APP: Final = "city-app"
CLIENT: Final = "qp-window"
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P: Final = int(
    "fba3843be82bfcdbaf1bb0264a60437f64b1aae3e74a106669473397067b234549edda3531ef7f0faa0893865b4b6112"
    "eaab6d284869cb10e44048871a77ffe2fa6741175eabb60b2df9dae6ad2367b72d85061d077f63b18397a2c7a072f9bb"
    "da2d168240c2bcbf2852a80b8c4b55a6d5a84eb47eeabf6f655ad77932a8d3d7",
    16,
)
_Q: Final = int(
    "d629b1e02d95e290d0b82240c74d8ac6f34b163436de14d4db481e0941faf11eb16b4ee039ebb3a0dacdfb7b1e60b929"
    "2158541eb7f7c1eaef6bb39a5d9021504cb482b22a993c4bbcdd9ea55fb51e506fb7fa7caeb5673d08cee9eda8ba79d3"
    "d2f71ba879b826ba04f9f71f838375840c1d5917f5a9acba7b2ac73df66d286b",
    16,
)
SMALL_RSA: Final = int(
    "d19f0d5c799ebc3bcbafd61c045aefff718ed1839efa6205b788c1f0f192270deac59aafca450992a1419e86cd83fc8d"
    "7d6526fe9815cf2c78d95348b90943a2bcbbe25b166a08a976c9222d4174f9229f53239e348d3a4a163ce290696f126e"
    "7ea4048496082f417b01af1ae357b0376a6f76e0ec7bb9d692a396b8ff89f5f1",
    16,
)
"""Modulus of a key of 1,024 bits, which must be refused."""


def b64url(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def digest_of(value: dict[str, Any]) -> str:
    """What is signed."""
    return b64url(sha256(canonical(value)).digest())


class P256:
    """The P-256 test key of a name."""

    alg = "ES256"

    def __init__(self, name: str) -> None:
        scalar = int.from_bytes(sha256(b"cailian corpus p256 " + name.encode()).digest()) % (ORDER - 1) + 1
        self._key = derive_private_key(scalar, SECP256R1())
        numbers = self._key.public_key().public_numbers()
        self.jwk = {
            "crv": "P-256",
            "kty": "EC",
            "x": b64url(numbers.x.to_bytes(32)),
            "y": b64url(numbers.y.to_bytes(32)),
        }

    def der(self, message: bytes) -> bytes:
        """A signature as passkeys make it."""
        return self._key.sign(message, ECDSA(SHA256(), deterministic_signing=True))

    def sign(self, message: bytes) -> bytes:
        """A signature as JOSE has it."""
        r, s = decode_dss_signature(self.der(message))
        return r.to_bytes(32) + s.to_bytes(32)


class Ed25519:
    """The Ed25519 test key of a name."""

    alg = "EdDSA"

    def __init__(self, name: str) -> None:
        self._key = private_key("eddsa " + name)
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": b64url(self._key.public_key().public_bytes_raw())}

    def sign(self, message: bytes) -> bytes:
        """A signature."""
        return self._key.sign(message)


class Rsa:
    """The one RSA test key."""

    alg = "RS256"

    def __init__(self) -> None:
        e, n = 65537, _P * _Q
        d = pow(e, -1, (_P - 1) * (_Q - 1))
        numbers = RSAPrivateNumbers(
            _P, _Q, d, rsa_crt_dmp1(d, _P), d % (_Q - 1), rsa_crt_iqmp(_P, _Q), RSAPublicNumbers(e, n)
        )
        self._key = numbers.private_key()
        self.jwk = {"e": "AQAB", "kty": "RSA", "n": b64url(n.to_bytes(256))}

    def sign(self, message: bytes) -> bytes:
        """A signature."""
        return self._key.sign(message, PKCS1v15(), SHA256())


PROVIDERS: Final = {"p1": P256("provider"), "p2": Ed25519("provider"), "p3": Rsa()}
"""Keys of the login provider, by `kid`."""


class Sm2:
    """The SM2 test key of a name: GB/T 32918.2-2016 over ten lines of curve, so that its signatures are fixed."""

    alg = "SM2"
    _p: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
    _n: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    _b: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
    _g: Final = (
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    )

    def __init__(self, name: str) -> None:
        self._d = int.from_bytes(sha256(b"cailian corpus sm2 " + name.encode()).digest()) % (self._n - 2) + 1
        self._x, self._y = self._times(self._d)
        self.jwk = {
            "crv": "SM2",
            "kty": "EC",
            "x": b64url(self._x.to_bytes(32)),
            "y": b64url(self._y.to_bytes(32)),
        }

    def sign(self, message: bytes) -> bytes:
        """R and S."""
        named = (self._p - 3, self._b, *self._g, self._x, self._y)
        z = digest(b"\0\x80" + b"1234567812345678" + b"".join(each.to_bytes(32) for each in named)).sm3
        e = int.from_bytes(digest(z + message).sm3)
        k = int.from_bytes(sha256(b"cailian corpus nonce " + message).digest()) % (self._n - 1) + 1
        r = (e + self._times(k)[0]) % self._n
        s = (k - r * self._d) * pow(1 + self._d, -1, self._n) % self._n
        return r.to_bytes(32) + s.to_bytes(32)

    def _times(self, factor: int) -> tuple[int, int]:
        total, power = None, self._g
        while factor:
            if factor & 1:
                total = power if total is None else self._add(total, power)
            power, factor = self._add(power, power), factor >> 1
        assert total is not None
        return total

    def _add(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        p, (x1, y1), (x2, y2) = self._p, one, other
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, p) if one == other else (y2 - y1) * pow(x2 - x1, -1, p)
        x3 = (slope * slope - x1 - x2) % p
        return x3, (slope * (x1 - x3) - y1) % p


WINDOW: Final = P256("window")
WINDOW_SM2: Final = Sm2("window")
"""The department's keys."""


def jws(key: P256 | Ed25519 | Rsa | Sm2, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A compact JWS."""
    parts = ({"alg": key.alg} | header, claims)
    signed = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{signed}.{b64url(key.sign(signed.encode()))}"


def trust() -> dict[str, Any]:
    """The member `signers` of the trust file that fits."""
    return {
        "audience": NODE,
        "passkeys": {"rp_id": SITE, "origins": [NODE, f"https://www.{SITE}"]},
        "providers": [
            {
                "issuer": ISSUER,
                "audience": AUDIENCE,
                "keys": [{"kid": kid} | key.jwk for kid, key in PROVIDERS.items()],
                "assurance": 2,
                "acr": {"face": 3, "sms": 1},
            }
        ],
        "host_apps": [APP],
        "clients": [
            {
                "id": CLIENT,
                "org": "11310199XX00000C1X",
                "keys": [{"kid": "w1"} | WINDOW.jwk, {"kid": "w2"} | WINDOW_SM2.jwk],
            }
        ],
    }
