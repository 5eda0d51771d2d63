"""Errors of seal keys and of signers' certificates."""

from __future__ import annotations

from certs.errors import CertsError


class NoSealKeyError(CertsError):
    """The organisation has no key of that algorithm that may seal now."""

    code = "no-seal-key"


class UnknownSealKeyError(CertsError):
    """No such seal key, or it is another organisation's."""

    code = "unknown-seal-key"


class SealKeyEndedError(CertsError):
    """The seal key was revoked before."""

    code = "seal-key-ended"


class SealKeyUnreadableError(CertsError):
    """The private half of a seal key is not where it should be, or does not open with this node's keys."""

    code = "seal-key-unreadable"


class InvalidSealCertificateError(CertsError):
    """A certificate that is none, or not one a seal may stand on."""

    code = "invalid-seal-certificate"


class SignerUntrustedError(CertsError):
    """The signer's certificate does not lead to a trusted root."""

    code = "signer-untrusted"


class SignerExpiredError(CertsError):
    """The signer's certificate, or one above it, does not cover the time."""

    code = "signer-expired"


class SignerRevokedError(CertsError):
    """The signer's certificate, or one above it, had been revoked by then."""

    code = "signer-revoked"


class MalformedSealError(CertsError):
    """Not a seal signature of GB/T 38540-2020 with SM2 and SM3."""

    code = "malformed-seal"


class SealInvalidError(CertsError):
    """A seal's signature does not hold, or the seal may not be used by whoever set it, or not then."""

    code = "seal-invalid"
