"""A holder's phone, as far as signing goes: a passkey authenticator and a city app with its key in hardware.

Both are made of their standards (Web Authentication Level 3, 6.1 and 6.5; docs/signers.md), not of our code, and each
can be told to do one thing wrong.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from authz.delegationterms import commitment
from authz.model import Identifier
from authz.signers import SignerKind
from authz.vault import base64url
from tests.authz.world import APP, ISSUER, LOGIN, SITE, Key

if TYPE_CHECKING:
    from authz.enrolment import EnrolmentTerms
    from authz.enrolments import SigningKey
    from tests.authz.world import World

UP, UV, AT = 0x01, 0x04, 0x40


def respelled(jws: str) -> str:
    """The same JWS in another text: of the last of the 86 characters of its signature, four bits stand for nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return jws[:-1] + letters[letters.index(jws[-1]) ^ 1]


@dataclass
class Passkey:
    """A passkey in an authenticator.

    Attributes:
        count: its counter; stays 0 where it does not count, as on most phones.
    """

    rp_id: str = SITE
    origin: str = f"https://{SITE}"
    count: int = 0
    key: Key = field(default_factory=Key)
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    key_id: str = ""

    kind = SignerKind.passkey

    def register(self, challenge_: str, *, flags: int = UP | UV, **client: Any) -> dict[str, Any]:
        """What `navigator.credentials.create()` gives."""
        x, y = (urlsafe_b64decode(self.key.jwk[name] + "=") for name in ("x", "y"))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential).to_bytes(2) + self.credential + cose
        whole = {"fmt": "none", "attStmt": {}, "authData": self._data(flags | AT) + attested}
        return {
            "id": base64url(self.credential),
            "rawId": base64url(self.credential),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": self._client("webauthn.create", challenge_, client),
                "attestationObject": base64url(cbor2.dumps(whole)),
                "transports": ["internal"],
            },
        }

    def sign(self, digest: str, *, flags: int = UP | UV, type_: str = "webauthn.get", **client: Any) -> str:
        """A signature over a digest, as it is handed in."""
        told, data = self._client(type_, digest, client), self._data(flags)
        signed = data + sha256(urlsafe_b64decode(told + "==")).digest()
        signature = self.key.private.sign(signed, ec.ECDSA(SHA256()))
        return json.dumps(
            {
                "kind": "passkey",
                "key_id": self.key_id,
                "client_data_json": told,
                "authenticator_data": base64url(data),
                "signature": base64url(signature),
            }
        )

    def _data(self, flags: int) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, type_: str, challenge: str, more: dict[str, Any]) -> str:
        told = {"type": type_, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | more
        return base64url(json.dumps(told).encode())


@dataclass
class Phone:
    """A phone with the city app; its key never leaves it. `app` is the key of the app's operator."""

    app: Key
    clock: Any
    key: Key = field(default_factory=Key)
    key_id: str = ""

    kind = SignerKind.host_app

    def attest(self, key_id: str, **claims: Any) -> dict[str, Any]:
        """What registers its key."""
        told = {"iss": APP, "aud": ISSUER, "iat": self.clock.seconds, "nonce": key_id} | {
            "jkt": self.key.thumbprint,
            "storage": "secure_element",
        }
        header = {"typ": "cailian-key-attestation+jwt", "kid": "a1"}
        return {"key": self.key.jwk, "attestation": self.app.sign(told | claims, header)}

    def sign(self, digest: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signature over a digest, as it is handed in."""
        told = {"iss": APP, "aud": ISSUER, "iat": self.clock.seconds, "nonce": digest, "uv": "face"} | claims
        jws = self.key.sign(told, {"typ": "cailian-consent+jwt", "kid": self.key_id} | (header or {}))
        return json.dumps({"kind": "host_app", "key_id": self.key_id, "jws": jws})


@dataclass
class Enrolling:
    """What a holder hands in to enrol a key; a test may change any of it."""

    terms: EnrolmentTerms
    salt: str
    registration: dict[str, Any]
    id_token: str


def prepare(world: World, device: Passkey | Phone, subject: str = "chen", named: str | None = None) -> Enrolling:
    """Everything up to handing in.

    Args:
        subject: who logs in.
        named: whom the terms name; the same where None.
    """
    key_id, options = world.enrolments.offer()
    device.key_id = key_id
    salt = os.urandom(16)
    holder = commitment(Identifier.oidc(LOGIN, named or subject), salt)
    registration = device.register(options["challenge"]) if isinstance(device, Passkey) else device.attest(key_id)
    terms = world.enrolments.propose(key_id, device.kind, registration, holder)
    return Enrolling(terms, base64url(salt), registration, world.id_token(subject, terms.digest))


def enrol(world: World, device: Passkey | Phone, subject: str = "chen") -> SigningKey:
    """Enrol a device's key."""
    made = prepare(world, device, subject)
    with world.database.unit() as db:
        return world.enrolments.enrol(db, made.terms, made.salt, made.registration, made.id_token)
