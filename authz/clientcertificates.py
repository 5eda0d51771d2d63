"""Certificates by which clients are known (RFC 8705, 2.2 and 3): registered by their thumbprint, whoever issued them.

No chain is built: what counts is that people compared this very certificate when they registered it, as with a key. So
a self-signed one is as good as one of a province's CA, and no CA can make another that passes for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from authz.onboardingerrors import InvalidCertificateError
from authz.vault import base64url

if TYPE_CHECKING:
    from datetime import datetime

MAX_SIZE: Final = 16_384
"""Characters of a certificate as text; ours are under 2,000."""
_MIN_RSA_BITS: Final = 2048
_MIN_EC_BITS: Final = 256


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate.

    Attributes:
        der: X.509 (RFC 5280).
        thumbprint: SHA-256 of `der`, base64url (`x5t#S256`, RFC 7515 4.1.8).
        not_after: until when it is good.
    """

    der: bytes
    thumbprint: str
    not_after: datetime

    @classmethod
    def read(cls, text: str, now: datetime) -> ClientCertificate:
        """Read one for registration.

        Args:
            text: PEM, exactly one certificate.

        Raises:
            InvalidCertificateError: unreadable, over, or of a weak or unknown key.
        """
        if len(text) > MAX_SIZE or text.count("-----BEGIN") != 1:
            raise InvalidCertificateError(problem="form")
        try:
            held = x509.load_pem_x509_certificate(text.encode())
            key = held.public_key()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise InvalidCertificateError(problem="form") from error
        strong = (
            isinstance(key, ed25519.Ed25519PublicKey)
            or (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= _MIN_EC_BITS)
            or (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA_BITS)
        )
        if not strong:
            raise InvalidCertificateError(problem="key")
        if not held.not_valid_before_utc <= now < held.not_valid_after_utc:
            raise InvalidCertificateError(problem="period")
        der = held.public_bytes(Encoding.DER)
        return cls(der, thumbprint(der), held.not_valid_after_utc)


def thumbprint(der: bytes) -> str:
    """SHA-256 of a certificate, base64url (RFC 8705 3.1)."""
    return base64url(sha256(der).digest())
