"""Key binding (RFC 9901 4.3): the holder's device signs for one verifier, one nonce and exactly what is shown.

`bind` is the device's part; it runs in the demo, in tests and in the Python client, a phone does the same in its own
language. `check` is the verifier's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from authz import jose
from authz.vault import base64url
from certs.errors import HolderBindingError

if TYPE_CHECKING:
    from authz.jose import PublicKey

TYPE: Final = "kb+jwt"
FRESH: Final = timedelta(seconds=300)
"""How old a binding may be; a live code lasts 60 s, people at a counter need a little more."""
SKEW: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a verifier asks a holder's device to sign: who the verifier is, and something only this once."""

    audience: str
    nonce: str


def bind(presentation: str, key: EllipticCurvePrivateKey, challenge: Challenge, now: datetime) -> str:
    """Add a key binding to a presentation.

    Args:
        presentation: what is shown, ending in `~`.
        key: the holder's P-256 key.
        challenge: the verifier's.
        now: the time.
    """
    header = {"alg": "ES256", "typ": TYPE}
    claims: dict[str, str | int] = {"aud": challenge.audience, "nonce": challenge.nonce}
    claims |= {"iat": int(now.timestamp()), "sd_hash": _hash(presentation)}
    signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    return f"{presentation}{signed}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


def check(bound: str | None, presentation: str, key: PublicKey, challenge: Challenge, at: datetime) -> None:
    """Check a key binding.

    Args:
        bound: the KB-JWT, or None where there was none.
        presentation: what it must have been made over, up to and with the last `~`.
        key: the credential's `cnf` key.
        challenge: what was asked.
        at: the time.

    Raises:
        HolderBindingError: missing, of another kind, not by that key, for another verifier, nonce, presentation or
            time; `reason` says which.
    """
    if bound is None:
        raise HolderBindingError(reason="missing")
    jws = jose.parse(bound, _refuse)
    if jws.header.get("typ") != TYPE:
        raise HolderBindingError(reason="type")
    key.verify(jws, _refuse)
    wanted = {"aud": challenge.audience, "nonce": challenge.nonce, "sd_hash": _hash(presentation)}
    for name, value in wanted.items():
        if not compare_digest(jose.text(jws.claims, name, _refuse).encode(), value.encode()):
            raise HolderBindingError(reason=name)
    age = at.timestamp() - jose.number(jws.claims, "iat", _refuse)
    if not -SKEW.total_seconds() <= age <= FRESH.total_seconds():
        raise HolderBindingError(reason="time")


def _hash(presentation: str) -> str:
    return base64url(sha256(presentation.encode("ascii")).digest())


def _refuse(reason: str) -> HolderBindingError:
    return HolderBindingError(reason=reason)
