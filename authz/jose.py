"""Strict JSON Web Signatures (RFC 7515, RFC 8725): parse, then verify with a key *we* chose and its one algorithm.

What this stops, by step:
1. size and form: megabyte headers, JWE, padding, text that is no base64url;
2. JSON: duplicate keys, NaN, deep nesting, a header or payload that is no object;
3. header: `crit` and `b64` (unknown extensions), `jwk`, `jku`, `x5u`, `x5c` (keys chosen by the sender), `zip`;
4. algorithm: fixed by the key's registration; `none`, HS256 with a public key as secret, or a second algorithm for
   one key never reach a verifier (RFC 8725 3.1, 3.2).

The signatures themselves are PyJWT's algorithms over `cryptography`, or `cryptography` itself where it is hot. SM2 with
SM3 is GmSSL's (`authz.sm2`); no RFC names it, so its key and algorithm are called as in draft-dang-webauthn-sm2: curve
`SM2`, algorithm `SM2`, the signature R and S as 32 bytes each, the signer's id the default one (GB/T 35276).
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from authz import sm2
from authz.vault import base64url
from ledger import jws as evidence
from ledger.errors import ConsentError, NotCanonicalError
from ledger.strictjson import base64url as bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Refusal: TypeAlias = Callable[[str], Exception]
    """Makes the error of a refusal from its reason; most often a subclass of `authz.errors.CredentialError`."""

MAX_SIZE: Final = 8192
"""Characters of a whole token; ours are under 1,000."""
MAX_HEADER: Final = 2048

_PART: Final = re.compile(r"[A-Za-z0-9_-]+")
_FORBIDDEN: Final = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"})

_ALGORITHMS: Final[dict[str, Algorithm]] = {
    "ES256": ECAlgorithm(ECAlgorithm.SHA256),
    "EdDSA": OKPAlgorithm(),
    "RS256": RSAAlgorithm(RSAAlgorithm.SHA256),
}
SM2: Final = "SM2"
SIGNING: Final = ("ES256", "EdDSA", SM2)
"""Algorithms of clients' keys, as metadata names them."""

_MEMBERS: Final = {
    "ES256": ("crv", "kty", "x", "y"),
    SM2: ("crv", "kty", "x", "y"),
    "EdDSA": ("crv", "kty", "x"),
    "RS256": ("e", "kty", "n"),
}
"""Members that RFC 7638 3.2 hashes; a stored key has these and nothing else."""
_KINDS: Final = {("EC", "P-256"): "ES256", ("EC", "SM2"): SM2, ("OKP", "Ed25519"): "EdDSA"}
_RSA_BITS: Final = (2048, 4096)
"""Shortest and longest; verifiers of evidence read no longer ones."""
_SIZE: Final = 32
"""Bytes of a coordinate on each of the curves, and of an Ed25519 key (RFC 7518, 6.2.1.2; RFC 8037, 2)."""
_ES256: Final = ECDSA(SHA256())
_PAIR_SIZE: Final = 64
"""R and S, 32 bytes each (RFC 7518 3.4)."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS taken apart; nothing of it is verified yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with its one algorithm.

    Attributes:
        jwk: the members RFC 7638 hashes, in its order.
        thumbprint: RFC 7638 with SHA-256, base64url.
    """

    alg: str
    jwk: Mapping[str, str]
    thumbprint: str
    _key: Any

    @classmethod
    def of(cls, jwk: object, error: Refusal, *, rsa: bool = False) -> PublicKey:
        """Read a public JWK.

        Args:
            error: what to raise.
            rsa: allow RS256; only for ID tokens of login providers.

        Raises:
            CredentialError: of the given class: not an object, a private or symmetric key, another curve, a bad point,
                or another spelling of a good one: its thumbprint would be another, and no trust file could name it.
        """
        if not isinstance(jwk, dict) or "d" in jwk or "k" in jwk:
            raise error("key")
        alg = _KINDS.get((str(jwk.get("kty")), str(jwk.get("crv"))))
        if alg is None and rsa and jwk.get("kty") == "RSA":
            alg = "RS256"
        if alg is None or jwk.get("alg", alg) != alg:
            raise error("key algorithm")
        members = tuple((name, jwk.get(name)) for name in _MEMBERS[alg])
        if not all(isinstance(value, str) and len(value) <= 1024 for _, value in members):
            raise error("key members")
        try:
            return _loaded(alg, members)
        except (InvalidKeyError, ValueError, binascii.Error, NotCanonicalError) as cause:
            raise error("key") from cause

    def verify(self, jws: Jws, error: Refusal) -> None:
        """Check a signature by this key; the header must name the key's algorithm.

        Raises:
            CredentialError: of the given class.
        """
        if jws.header.get("alg") != self.alg:
            raise error("algorithm")
        check = _FAST.get(self.alg) or _ALGORITHMS[self.alg].verify
        if not check(jws.signed, self._key, jws.signature):
            raise error("signature")


def _verify_es256(signed: bytes, key: Any, signature: bytes) -> bool:
    """As PyJWT's algorithm (RFC 7518 3.4), at three quarters of its cost: every request brings such a signature."""
    if len(signature) != _PAIR_SIZE:
        return False
    try:
        key.verify(_der(signature), signed, _ES256)
    except InvalidSignature:
        return False
    return True


def _verify_sm2(signed: bytes, key: Any, signature: bytes) -> bool:
    return len(signature) == _PAIR_SIZE and sm2.verify(key, signed, _der(signature))


def _der(pair: bytes) -> bytes:
    """R and S as SEQUENCE {r, s}, which the libraries read."""
    half = _PAIR_SIZE // 2
    return encode_dss_signature(int.from_bytes(pair[:half]), int.from_bytes(pair[half:]))


_FAST: Final[dict[str, Callable[[bytes, Any, bytes], bool]]] = {"ES256": _verify_es256, SM2: _verify_sm2}


@lru_cache(maxsize=4096)
def _loaded(alg: str, members: tuple[tuple[str, str], ...]) -> PublicKey:
    """Load a key once: parsing a point costs as much as a verification."""
    jwk = dict(members)
    _check_spelling(jwk)
    key: Any = _sm2_point(jwk) if alg == SM2 else _ALGORITHMS[alg].from_jwk(jwk)
    if alg == "RS256" and not _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1]:
        raise ValueError(alg)
    canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()
    return PublicKey(alg, jwk, base64url(sha256(canonical).digest()), key)


def _check_spelling(jwk: Mapping[str, str]) -> None:
    """Refuse a second text for one key (RFC 7518, 6.2.1.2 and 6.3.1).

    Raises:
        ValueError: a coordinate of another length, a number that begins with zero.
        NotCanonicalError: padding, or bits behind the last byte.
    """
    if any(len(bytes_of(jwk[name], name)) != _SIZE for name in ("x", "y") if name in jwk):
        raise ValueError("coordinate")
    if any(bytes_of(jwk[name], name)[:1] in {b"", b"\0"} for name in ("n", "e") if name in jwk):
        raise ValueError("number")


def _sm2_point(jwk: Mapping[str, str]) -> bytes:
    """A point of the SM2 curve, 65 bytes.

    Raises:
        ValueError: the coordinates are no point of it.
    """
    halves = [urlsafe_b64decode(jwk[name] + "=" * (-len(jwk[name]) % 4)) for name in ("x", "y")]
    if any(len(half) != sm2.POINT // 2 for half in halves):
        raise ValueError(SM2)
    point = b"\x04" + b"".join(halves)
    if not sm2.is_point(point):
        raise ValueError(SM2)
    return point


def parse(
    token: object,
    error: Refusal,
    *,
    allow: frozenset[str] = frozenset(),
    longest: int = MAX_SIZE,
    longest_header: int = MAX_HEADER,
) -> Jws:
    """Take a compact JWS apart, strictly.

    Args:
        token: what came in.
        error: what to raise.
        allow: header members allowed beyond the plain ones (`jwk` in a DPoP proof).
        longest: most characters of the whole.
        longest_header: most characters of the header; a chain of certificates needs room.

    Raises:
        CredentialError: of the given class, with a reason for the audit log.
    """
    if not isinstance(token, str) or not token or len(token) > longest:
        raise error("size")
    parts = token.split(".")
    if len(parts) != 3 or len(parts[0]) > longest_header or not all(_PART.fullmatch(part) for part in parts):
        raise error("form")
    try:
        header, claims = (_object(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except (ValueError, RecursionError) as cause:
        raise error("json") from cause
    if any(name in header for name in _FORBIDDEN - allow):
        raise error("header")
    return Jws(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def _decode(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _object(text: bytes) -> dict[str, Any]:
    value = _DECODER.decode(text.decode())
    if not isinstance(value, dict):
        msg = "not an object"
        raise ValueError(msg)  # noqa: TRY004 - one kind for everything that is not our JSON
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "duplicate key"
        raise ValueError(msg)
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


# Made once: `json.loads` makes one for each call that names a hook, and every request reads three such texts.
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)


def check_lasting(token: str, error: Refusal) -> None:
    """Refuse a token that verifiers of evidence would not read (docs/evidence.md, 8.1): kept, it would prove nothing.

    Raises:
        CredentialError: of the given class: a claim with a fraction or of 2^53 and more, another spelling.
    """
    try:
        evidence.Jws.parse(token)
    except (ConsentError, NotCanonicalError) as cause:
        raise error("form") from cause


def number(claims: Mapping[str, Any], name: str, error: Refusal) -> float:
    """A NumericDate claim (RFC 7519, 2).

    Raises:
        CredentialError: of the given class: missing or no finite number.
    """
    value = claims.get(name)
    # A huge integer would overflow `float`; every date we accept is far below.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
        raise error(name)
    return float(value)


def text(claims: Mapping[str, Any], name: str, error: Refusal, *, longest: int = 512) -> str:
    """A text claim, 1 to `longest` printable characters.

    Raises:
        CredentialError: of the given class: missing, no text, empty or too long.
    """
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise error(name)
    return value
