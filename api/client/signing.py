"""What a client signs: the assertion that gets it a token, and one DPoP proof for each request."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class ClientKey:
    """A client's P-256 key (ES256).

    Args:
        pem: PKCS#8 PEM without a password.
        key_id: the `kid` it was registered under; the RFC 7638 thumbprint where None.

    Raises:
        ValueError: not a P-256 private key.
    """

    def __init__(self, pem: str, key_id: str | None = None) -> None:
        key = load_pem_private_key(pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            msg = "a P-256 private key is needed"
            raise ValueError(msg)
        self._key = key
        point = key.public_key().public_numbers()
        self.public_jwk = {
            "crv": "P-256",
            "kty": "EC",
            "x": _b64(point.x.to_bytes(32)),
            "y": _b64(point.y.to_bytes(32)),
        }
        canonical = json.dumps(self.public_jwk, separators=(",", ":"), sort_keys=True)
        self.thumbprint = _b64(hashlib.sha256(canonical.encode()).digest())
        self.key_id = key_id or self.thumbprint

    def assertion(self, client_id: str, audience: str) -> str:
        """A client assertion (RFC 7523 3), good for one minute and one use.

        Args:
            client_id: issuer and subject.
            audience: the node's base address.
        """
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key, "ES256", {"kid": self.key_id})

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """A DPoP proof (RFC 9449 4.2) for one request.

        Args:
            method: HTTP method.
            url: address without query and fragment.
            token: the access token it goes with; None at the token endpoint.
        """
        claims: dict[str, Any] = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
        if token is not None:
            claims["ath"] = _b64(hashlib.sha256(token.encode()).digest())
        return jwt.encode(claims, self._key, "ES256", {"typ": "dpop+jwt", "jwk": self.public_jwk})

    def statement(self, client_id: str, audience: str, seen: dict[str, str], operator: str, role: str) -> str:
        """What one of the staff states of a consent at the counter (docs/signers.md).

        Args:
            client_id: issuer.
            audience: the node's base address.
            seen: `statement` as the node answered it; compare it with what you saw.
            operator: handle of who states it.
            role: `window` of the first, `reviewer` of the second.
        """
        claims = {"iss": client_id, "aud": audience, "iat": int(time.time())} | seen
        header = {"typ": "cailian-assistance+jwt", "kid": self.key_id}
        return jwt.encode(claims | {"operator": operator, "role": role}, self._key, "ES256", header)

    def sign(self, claims: dict[str, Any], kind: str) -> str:
        """Claims as a compact JWS.

        Args:
            kind: `typ` of its header.
        """
        return jwt.encode(claims, self._key, "ES256", {"typ": kind, "kid": self.key_id})
