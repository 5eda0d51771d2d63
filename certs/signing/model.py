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


@dataclass(frozen=True, slots=True)
class SealKey:
    """A seal key as it is kept: everything but its private half.

    Attributes:
        id: UUID; the key's name with its provider, and its `kid`.
        provider: where the private half lies.
        certificate: DER.
        chain: certificates above it, DER, nearest first.
        eseal: SESeal, DER; empty for P-256.
        valid_from, valid_to: of the certificate.
        retired_at: when a newer key took its place; what it sealed stays good.
        revoked_at: from when on its seals are not believed; may lie before the revocation itself.
        revoked_reason: kebab-case code.
        entry_id: log entry `seal-key.enrolled`.
        end_entry_id: log entry `seal-key.revoked`.
    """

    id: str
    org_code: str
    org_name: str
    algorithm: Algorithm
    provider: str
    certificate: bytes
    chain: tuple[bytes, ...]
    eseal: bytes
    valid_from: datetime
    valid_to: datetime
    created_at: datetime
    retired_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    entry_id: str
    end_entry_id: str | None


@dataclass(frozen=True, slots=True)
class SealCa:
    """A trusted root; one of our own (demo) has a provider, and for SM2 a maker of seals.

    Attributes:
        id: UUID; the name of its key with the provider.
        certificate: DER.
        provider: where its key lies; None for a root of others.
        maker_id: UUID of the seal maker's key.
        maker_certificate: DER.
    """

    id: str
    algorithm: Algorithm
    certificate: bytes
    provider: str | None = None
    maker_id: str | None = None
    maker_certificate: bytes | None = None
