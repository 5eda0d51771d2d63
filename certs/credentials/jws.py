"""JSON Web Signatures by an organisation's seal key: the certificate travels in `x5c` (RFC 7515 4.1.6).

What both a credential and a status list are. The chain is never believed by itself: it must end in a CA the verifier
trusts, and what it says about the organisation counts, not what the payload says.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final

from authz import jose
from authz.vault import base64url
from certs.errors import InvalidCredentialError
from certs.signing.model import Algorithm
from certs.signing.x509 import Certificate, as_der, check_signer, verify as verify_signature

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.jose import Jws, Refusal
    from certs.signing.model import Signer, TrustedCas

ALGORITHM: Final = Algorithm.ES256
"""The one algorithm: SM2 has no name in JOSE that wallets know."""
MAX_HEADER: Final = 16 * 1024
_LONGEST_CHAIN: Final = 4
_SIGNATURE_SIZE: Final = 64


def sign(typ: str, payload: Mapping[str, Any], signer: Signer) -> str:
    """A compact JWS.

    Args:
        typ: its `typ`; no token of one kind may pass for another (RFC 8725 3.11).
        payload: its claims.
        signer: an organisation's P-256 key.

    Raises:
        InvalidCredentialError: the signer is of another algorithm.
    """
    if signer.algorithm is not ALGORITHM:
        raise InvalidCredentialError(reason="algorithm")
    # The root stays away (RFC 7515 4.1.6 allows it): who trusts it has it.
    chain = [b64encode(each).decode() for each in (signer.certificate, *signer.chain[:-1])]
    header = {"alg": ALGORITHM.value, "typ": typ, "kid": signer.kid, "x5c": chain}
    parts = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in (header, payload))
    signed = ".".join(base64url(part) for part in parts)
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def read(token: str, typ: str, refuse: Refusal, *, longest: int) -> Jws:
    """Take a token apart and check its kind; its signature is not looked at.

    Args:
        typ: what it must say it is.
        refuse: makes the error.
        longest: most characters.

    Raises:
        Exception: as `refuse` makes it.
    """
    held = jose.parse(token, refuse, allow=frozenset({"x5c"}), longest=longest, longest_header=MAX_HEADER)
    if held.header.get("typ") != typ or held.header.get("alg") != ALGORITHM.value:
        raise refuse("type or algorithm")
    return held


def check(held: Jws, trusted: TrustedCas, at: datetime, refuse: Refusal) -> Certificate:
    """Check chain and signature; the certificate of who signed.

    Args:
        trusted: the CAs believed, and what was revoked.
        at: the time at which the certificate must hold.
        refuse: makes the error of a bad signature or a malformed chain.

    Raises:
        InvalidSealCertificateError, SignerUntrustedError, SignerExpiredError, SignerRevokedError: the chain.
        Exception: as `refuse` makes it.
    """
    leaf, *above = _chain(held.header.get("x5c"), refuse)
    certificate = Certificate(leaf)
    check_signer(certificate, above, trusted, at)
    if certificate.algorithm is not ALGORITHM or len(held.signature) != _SIGNATURE_SIZE:
        raise refuse("signature form")
    signature = as_der(ALGORITHM, held.signature)
    if not verify_signature(ALGORITHM, certificate.public, held.signed, signature):
        raise refuse("signature")
    return certificate


def _chain(given: object, refuse: Refusal) -> list[bytes]:
    if not isinstance(given, list) or not 1 <= len(given) <= _LONGEST_CHAIN:
        raise refuse("certificates")
    try:
        return [b64decode(each, validate=True) for each in given]
    except (ValueError, TypeError) as error:
        raise refuse("certificates") from error
