"""Keys that seal and sign for organisations, as the rest of `certs` sees them.

A *signer* is one key with the X.509 certificate that names its organisation; where the private half lies (a file, a
hardware module) is its provider's business. Every issuer has one current key per algorithm: P-256 (`ES256`) seals PDF
and signs credentials, SM2 seals OFD.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Algorithm(StrEnum):
    """Signature algorithms."""

    ES256 = "ES256"
    """ECDSA on P-256 with SHA-256 (FIPS 186-5); signatures are r || s, 64 bytes (RFC 7518, 3.4)."""
    SM2 = "SM2"
    """SM2 with SM3 (GB/T 32918.2-2016), signer id 1234567812345678; signatures are DER SEQUENCE {r, s}."""


class Signer(Protocol):
    """One organisation's key, ready to sign."""

    @property
    def kid(self) -> str:
        """Id of the key, a UUID."""
        ...

    @property
    def algorithm(self) -> Algorithm:
        """What it signs with."""
        ...

    @property
    def org_code(self) -> str:
        """Unified social credit code of its organisation."""
        ...

    @property
    def org_name(self) -> str:
        """Name of its organisation, as on the seal."""
        ...

    @property
    def certificate(self) -> bytes:
        """Its X.509 certificate, DER."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates above it, DER, nearest first; the last is the root."""
        ...

    @property
    def eseal(self) -> bytes:
        """Its electronic seal (SESeal of GB/T 38540-2020), DER; empty for P-256."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign a message (not its digest)."""
        ...


class SealKeys(Protocol):
    """Gives every organisation its signer."""

    def seal(self, org_code: str, algorithm: str, at: datetime) -> Signer:
        """The current key of an organisation.

        Call it outside any unit of work: it may open one, and its signer may ask a hardware module.

        Args:
            org_code: unified social credit code.
            algorithm: of `Algorithm`.
            at: when it will sign.

        Raises:
            NoSealKeyError: the organisation has none, it was revoked, or its certificate does not cover `at`.
        """
        ...


@dataclass(frozen=True, slots=True)
class TrustedCas:
    """Whose certificates are believed, and which of them no more.

    Attributes:
        roots: certificates of trusted roots, DER.
        revoked: when a certificate stopped being good, by its SHA-256.
    """

    roots: tuple[bytes, ...]
    revoked: tuple[tuple[bytes, datetime], ...] = ()

    def revoked_at(self, fingerprint: bytes) -> datetime | None:
        """The first moment a certificate was no longer good."""
        return min((at for held, at in self.revoked if held == fingerprint), default=None)
