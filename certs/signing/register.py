"""Which organisation's seals are good: enrolled, rotated, revoked, each with its entry in the log (DESIGN 5).

A key is *current* until a newer one of its organisation and algorithm takes its place (rotation): it seals no more, and
what it sealed stays good. A *revoked* key's seals are not believed from a stated moment on, which may lie in the past.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from certs.signing.errors import InvalidSealCertificateError, SealKeyEndedError, UnknownSealKeyError
from certs.signing.x509 import Certificate, check_signer
from certs.store import seals as store
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from certs.signing.model import SealCa, SealKey, TrustedCas
    from certs.signing.workshop import NewKey
    from ledger.clock import Clock
    from ledger.evidence import Evidence

REASONS: Final = frozenset({"key-compromise", "affiliation-changed", "superseded", "cessation-of-operation"})
"""Reasons of RFC 5280, 5.3.1, as far as they fit a seal."""


class SealRegister:
    """Enrols and revokes seal keys.

    Args:
        evidence: the log.
        clock: tells the time.
    """

    def __init__(self, evidence: Evidence, clock: Clock) -> None:
        self._evidence = evidence
        self._clock = clock

    def enrol(self, db: Connection, new: NewKey, *, operator: str) -> SealKey:
        """Make a key its organisation's current one; the key of before retires.

        Args:
            new: from `Workshop.make` or `Workshop.install`.
            operator: handle of who does it.

        Raises:
            SignerUntrustedError, SignerExpiredError, SignerRevokedError, InvalidSealCertificateError: its certificate
                would not be believed now, or names another organisation.
            SealKeyEndedError: another key became current meanwhile.
        """
        now = self._clock.now()
        certificate = Certificate(new.certificate)
        if (certificate.org_code, certificate.algorithm) != (new.org_code, new.algorithm):
            raise InvalidSealCertificateError(problem="names another organisation or algorithm")
        check_signer(certificate, new.chain, self.trusted(db), now)
        record = Record(
            {"type": "seal-key.enrolled", "time": rfc3339(now)},
            {
                "requester": new.org_code,
                "operator": operator,
                "seal_key": new.id,
                "algorithm": new.algorithm.value,
                "certificate": certificate.fingerprint.hex(),
                "valid_from": rfc3339(certificate.not_before),
                "valid_to": rfc3339(certificate.not_after),
            },
        )
        key = new.as_key(certificate, now, self._evidence.append(db, record).entry_id)
        store.insert(db, key, certificate.fingerprint)
        return key

    def revoke(
        self, db: Connection, key_id: str, *, reason: str, operator: str, since: datetime | None = None
    ) -> SealKey:
        """Revoke a key. Once the unit is committed destroy its private half with its provider.

        Args:
            reason: of `REASONS`.
            operator: handle of who does it.
            since: from when on its seals are not believed; now where None.

        Raises:
            UnknownSealKeyError: no such key.
            SealKeyEndedError: it was revoked before.
            ValueError: an unknown reason, or a moment to come.
        """
        now = self._clock.now()
        since = since or now
        if reason not in REASONS or since > now:
            msg = f"reason one of {sorted(REASONS)}, and not from a moment to come"
            raise ValueError(msg)
        key = store.get(db, key_id)
        if key is None:
            raise UnknownSealKeyError
        if key.revoked_at is not None:
            raise SealKeyEndedError
        parties = {"requester": key.org_code, "operator": operator, "seal_key": key.id, "reason": reason}
        parties |= {"enrolled_entry": key.entry_id, "since": rfc3339(since)}
        record = Record({"type": "seal-key.revoked", "time": rfc3339(now)}, parties)
        store.revoke(db, key_id, since, reason, self._evidence.append(db, record).entry_id)
        return key

    def trust(self, db: Connection, ca: SealCa) -> bool:
        """Trust a root.

        Returns:
            Whether it was not trusted before.

        Raises:
            InvalidSealCertificateError: not a root of P-256 or SM2.
        """
        root = Certificate(ca.certificate)
        if not (root.is_ca and root.signed(root) and root.algorithm is ca.algorithm):
            raise InvalidSealCertificateError(problem="not a root")
        return store.insert_ca(db, ca, sha256(ca.certificate).digest(), self._clock.now())

    def trusted(self, db: Connection) -> TrustedCas:
        """Whose certificates are believed, and which no more."""
        return store.trusted(db)

    def of(self, db: Connection, org_code: str) -> list[SealKey]:
        """Every key an organisation ever had, the oldest first."""
        return store.of(db, org_code)
