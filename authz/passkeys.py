"""Passkeys: registering one, and a holder's signature by one (Web Authentication Level 3; py_webauthn checks it).

The challenge of an assertion is the digest of what is signed, so that the authenticator signs exactly that. py_webauthn
does not require user verification unless told (`require_user_verification` is False by default): here it always is.
Only ES256: every phone has it, and both verifiers of evidence read it. Attestation is not asked for: what ties a key to
its holder is the provider's signature over the enrolment (`authz.enrolment`).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import decode_credential_public_key, encode_cbor, parse_client_data_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authz.errors import CredentialError
from authz.vault import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

_ES256: Final = COSEAlgorithmIdentifier.ECDSA_SHA_256
_COORDINATE: Final = 32
_PARTS: Final = ("client_data_json", "authenticator_data", "signature")
"""Of a signature, base64url each, as `AuthenticatorAssertionResponse` gives them."""
_MAX_CREDENTIAL: Final = 1023
"""Bytes of a credential id (Web Authentication Level 3, 4)."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are made and used.

    Attributes:
        rp_id: the relying party's id, a domain.
        origins: pages that may ask for them, compared byte for byte.
    """

    rp_id: str
    origins: tuple[str, ...]


def options(site: Site, key_id: str, challenge: bytes) -> dict[str, Any]:
    """What a page gives to `navigator.credentials.create()`, JSON (`parseCreationOptionsFromJSON`).

    Args:
        key_id: names the passkey to the person's authenticator; it says nothing of the person.
    """
    made = generate_registration_options(
        rp_id=site.rp_id,
        rp_name="材链 Cailian",
        user_name=f"材链 {key_id[-4:]}",
        user_id=key_id.encode(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        supported_pub_key_algs=[_ES256],
    )
    return dict(json.loads(options_to_json(made)))


def essence(registration: Mapping[str, Any]) -> dict[str, Any]:
    """What a registration is checked by, out of `PublicKeyCredential.toJSON()`; the rest is the browser's talk.

    Raises:
        CredentialError: it is not there.
    """
    try:
        named, response = registration["id"], registration["response"]
        parts = {name: response[name] for name in ("clientDataJSON", "attestationObject")}
    except (KeyError, TypeError) as error:
        raise CredentialError("registration") from error
    if not all(isinstance(each, str) for each in (named, *parts.values())):
        raise CredentialError("registration")
    return {"id": named, "rawId": named, "type": "public-key", "response": parts}


def registered(site: Site, credential: dict[str, Any], challenge: bytes) -> tuple[str, dict[str, str], int]:
    """Check what `navigator.credentials.create()` gave.

    Args:
        credential: its `essence`.
        challenge: as in `options`.

    Returns:
        Id of the credential (base64url), its public key as a JWK, and how often it signed.

    Raises:
        CredentialError: it is not a passkey made here for this challenge, with the person verified.
    """
    error = CredentialError
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            require_user_verification=True,
            supported_pub_key_algs=[_ES256],
        )
        key = decode_credential_public_key(made.credential_public_key)
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise error("registration") from cause
    if made.fmt != AttestationFormat.NONE or len(made.credential_id) > _MAX_CREDENTIAL:
        raise error("attestation")
    if not isinstance(key, DecodedEC2PublicKey) or not len(key.x) == len(key.y) == _COORDINATE:
        raise error("key")
    jwk = {"crv": "P-256", "kty": "EC", "x": base64url(key.x), "y": base64url(key.y)}
    return base64url(made.credential_id), jwk, made.sign_count


def verify(
    site: Site, parts: Mapping[str, Any], digest: str, credential: str, jwk: Mapping[str, str], count: int = 0
) -> int:
    """Check a signature over a digest.

    Args:
        parts: `client_data_json`, `authenticator_data`, `signature`.
        credential: id of the passkey, base64url.
        count: how often it had signed, by its own counter; 0 when looking again.

    Returns:
        Its counter now; 0 of an authenticator that does not count.

    Raises:
        CredentialError: another challenge, page, site, key or type; no person verified; a counter that went back.
    """
    error = CredentialError
    try:
        client_data, authenticator_data, signature = (str(parts[name]) for name in _PARTS)
        response = {"clientDataJSON": client_data, "authenticatorData": authenticator_data, "signature": signature}
        signed = verify_authentication_response(
            credential={"id": credential, "rawId": credential, "type": "public-key", "response": response},
            expected_challenge=_decode(digest),
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            credential_public_key=_cose(jwk),
            credential_current_sign_count=count,
            require_user_verification=True,
        )
        told = parse_client_data_json(_decode(client_data))
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise error("assertion") from cause
    if told.cross_origin:  # asked for inside a page of somebody else, which may cover what the person reads
        raise error("cross origin")
    return signed.new_sign_count


def _cose(jwk: Mapping[str, str]) -> bytes:
    """An ES256 key as COSE has it (RFC 9053, 7.1.1)."""
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: _decode(jwk["x"]), -3: _decode(jwk["y"])})


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
