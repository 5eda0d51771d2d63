"""Signatures by a key in a phone's hardware, asked for through the city app's bridge (宿主应用; docs/signers.md).

The app makes a P-256 key that never leaves the phone's secure element, and its operator's servers attest that. A page
in the app's web view asks `window.cailianHost.sign(...)`; the phone shows who asks, verifies the person and signs:

    attestation  {"typ": "cailian-key-attestation+jwt", "kid"}
                 {"iss": app, "aud": node, "iat", "nonce": key id, "jkt", "storage"}
    signature    {"typ": "cailian-consent+jwt", "kid": key id}
                 {"iss": app, "aud": node, "iat", "nonce": digest, "uv"}

`jkt` is the key's RFC 7638 thumbprint, `storage` where it lies, `uv` how the person was verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz import jose
from authz.errors import CredentialError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ATTESTATION_TYP: Final = "cailian-key-attestation+jwt"
SIGNATURE_TYP: Final = "cailian-consent+jwt"
FRESH_SECONDS: Final = 300
AHEAD_SECONDS: Final = 10
HARDWARE: Final = frozenset({"secure_element", "tee"})
VERIFIED_BY: Final = frozenset({"pin", "face", "fingerprint"})


@dataclass(frozen=True, slots=True)
class HostApp:
    """An app whose phones may hold keys.

    Attributes:
        id: its identifier, compared byte for byte.
        keys: public keys of its operator as JWKs, by `kid`.
    """

    id: str
    keys: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class HostApps:
    """The apps this node trusts.

    Attributes:
        audience: this node's base address.
        apps: by id.
    """

    audience: str
    apps: Mapping[str, HostApp]

    def attested(self, attestation: object, key_id: str, key: jose.PublicKey, now: datetime) -> str:
        """Check that an app's operator vouches for a key; the app's id.

        Raises:
            CredentialError: another app, key or node, not fresh, or not in hardware.
        """
        error = CredentialError
        jws = jose.parse(attestation, error)
        app = self.apps.get(jose.text(jws.claims, "iss", error))
        held = None if app is None else app.keys.get(jose.text(jws.header, "kid", error))
        if app is None or held is None:
            raise error("app")
        jose.PublicKey.of(dict(held), error).verify(jws, error)
        if jws.header.get("typ") != ATTESTATION_TYP:
            raise error("typ")
        told = (jws.claims.get("aud"), jws.claims.get("nonce"), jws.claims.get("jkt"))
        if told != (self.audience, key_id, key.thumbprint):
            raise error("attestation")
        if jws.claims.get("storage") not in HARDWARE:
            raise error("storage")
        _fresh(jws, now)
        return app.id

    def verify(self, jws_text: object, digest: str, key_id: str, app_id: str, jwk: Mapping[str, str]) -> jose.Jws:
        """Check a signature over a digest, at whatever time; ask `fresh` too of a new one.

        Raises:
            CredentialError: another key, app, node, digest, or no person verified; or the app is trusted no more.
        """
        error = CredentialError
        jws = jose.parse(jws_text, error)
        jose.PublicKey.of(dict(jwk), error).verify(jws, error)
        if jws.header.get("typ") != SIGNATURE_TYP or jws.header.get("kid") != key_id:
            raise error("header")
        if app_id not in self.apps or (jws.claims.get("iss"), jws.claims.get("aud")) != (app_id, self.audience):
            raise error("iss or aud")
        if jws.claims.get("nonce") != digest:
            raise error("nonce")
        if jws.claims.get("uv") not in VERIFIED_BY:
            raise error("uv")
        return jws

    @staticmethod
    def fresh(jws: jose.Jws, now: datetime) -> None:
        """Refuse a signature that was not made just now.

        Raises:
            CredentialError: it was not.
        """
        _fresh(jws, now)


def _fresh(jws: jose.Jws, now: datetime) -> None:
    if not -AHEAD_SECONDS <= now.timestamp() - jose.number(jws.claims, "iat", CredentialError) <= FRESH_SECONDS:
        raise CredentialError("iat")
