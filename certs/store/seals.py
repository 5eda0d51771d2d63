"""Queries over seal keys and the certificate authorities behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from certs.signing.errors import SealKeyEndedError
from certs.signing.model import Algorithm, SealCa, SealKey, TrustedCas

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, org_code, org_name, algorithm, provider, certificate, chain, eseal, valid_from, valid_to,
  created_at, retired_at, revoked_at, revoked_reason, entry_id::text, end_entry_id::text"""
_INSERT: Final = """
INSERT INTO certs.seal_key (id, org_code, org_name, algorithm, provider, certificate, fingerprint, chain, eseal,
  valid_from, valid_to, created_at, entry_id)
VALUES (%(id)s, %(org_code)s, %(org_name)s, %(algorithm)s, %(provider)s, %(certificate)s, %(fingerprint)s, %(chain)s,
  %(eseal)s, %(valid_from)s, %(valid_to)s, %(at)s, %(entry)s)"""
_RETIRE: Final = """
UPDATE certs.seal_key SET retired_at = %(at)s
WHERE org_code = %(org_code)s AND algorithm = %(algorithm)s AND retired_at IS NULL AND revoked_at IS NULL"""
_CURRENT: Final = f"""
SELECT {_COLUMNS} FROM certs.seal_key
WHERE org_code = %(org_code)s AND algorithm = %(algorithm)s AND retired_at IS NULL AND revoked_at IS NULL"""
_GET: Final = f"SELECT {_COLUMNS} FROM certs.seal_key WHERE id = %(id)s FOR UPDATE"
_OF: Final = f"SELECT {_COLUMNS} FROM certs.seal_key WHERE org_code = %(org_code)s ORDER BY created_at, id"
_REVOKE: Final = """
UPDATE certs.seal_key SET revoked_at = %(since)s, revoked_reason = %(reason)s, end_entry_id = %(entry)s
WHERE id = %(id)s AND revoked_at IS NULL"""
_ROOTS: Final = "SELECT certificate FROM certs.seal_ca ORDER BY created_at, id"
_REVOKED: Final = "SELECT fingerprint, revoked_at FROM certs.seal_key WHERE revoked_at IS NOT NULL"
_CA: Final = """
SELECT id::text, algorithm, certificate, provider, maker_id::text, maker_certificate FROM certs.seal_ca
WHERE algorithm = %(algorithm)s AND provider IS NOT NULL"""
_INSERT_CA: Final = """
INSERT INTO certs.seal_ca (id, algorithm, certificate, fingerprint, provider, maker_id, maker_certificate, created_at)
VALUES (%(id)s, %(algorithm)s, %(certificate)s, %(fingerprint)s, %(provider)s, %(maker)s, %(maker_certificate)s, %(at)s)
ON CONFLICT DO NOTHING"""


def insert(db: Connection, key: SealKey, fingerprint: bytes) -> None:
    """Store a key as its organisation's current one of its algorithm; the one of before retires.

    Raises:
        SealKeyEndedError: another became current meanwhile, or the certificate is known.
    """
    values: dict[str, Any] = {"id": key.id, "org_code": key.org_code, "org_name": key.org_name}
    values |= {"algorithm": key.algorithm.value, "provider": key.provider, "certificate": key.certificate}
    values |= {"fingerprint": fingerprint, "chain": list(key.chain), "eseal": key.eseal or None}
    values |= {"valid_from": key.valid_from, "valid_to": key.valid_to, "at": key.created_at, "entry": key.entry_id}
    db.exec_driver_sql(_RETIRE, values)
    try:
        db.exec_driver_sql(_INSERT, values)
    except IntegrityError as error:
        raise SealKeyEndedError(problem="another key came first") from error


def current(db: Connection, org_code: str, algorithm: Algorithm) -> SealKey | None:
    """An organisation's current key."""
    row = db.exec_driver_sql(_CURRENT, {"org_code": org_code, "algorithm": algorithm.value}).first()
    return None if row is None else _as_key(row)


def get(db: Connection, key_id: str) -> SealKey | None:
    """A key, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": key_id}).first()
    return None if row is None else _as_key(row)


def of(db: Connection, org_code: str) -> list[SealKey]:
    """Every key an organisation ever had, the oldest first."""
    return [_as_key(row) for row in db.exec_driver_sql(_OF, {"org_code": org_code})]


def revoke(db: Connection, key_id: str, since: datetime, reason: str, entry_id: str) -> None:
    """Mark a key as revoked.

    Raises:
        SealKeyEndedError: it is so already.
    """
    values = {"id": key_id, "since": since, "reason": reason, "entry": entry_id}
    if db.exec_driver_sql(_REVOKE, values).rowcount != 1:
        raise SealKeyEndedError


def trusted(db: Connection) -> TrustedCas:
    """Roots, and what was revoked. Seal keys are one or two an organisation, revoked ones few."""
    roots = tuple(bytes(row[0]) for row in db.exec_driver_sql(_ROOTS))
    return TrustedCas(roots, tuple((bytes(row[0]), row[1]) for row in db.exec_driver_sql(_REVOKED)))


def demo_ca(db: Connection, algorithm: Algorithm) -> SealCa | None:
    """The CA of our own for an algorithm, where there is one."""
    row = db.exec_driver_sql(_CA, {"algorithm": algorithm.value}).first()
    return None if row is None else SealCa(row[0], Algorithm(row[1]), *row[2:])


def insert_ca(db: Connection, ca: SealCa, fingerprint: bytes, at: datetime) -> bool:
    """Store a CA; one of our own only where there is none of its algorithm.

    Returns:
        Whether it was stored.
    """
    values: dict[str, Any] = {"id": ca.id, "algorithm": ca.algorithm.value, "certificate": ca.certificate}
    values |= {"fingerprint": fingerprint, "provider": ca.provider, "maker": ca.maker_id}
    values |= {"maker_certificate": ca.maker_certificate, "at": at}
    return db.exec_driver_sql(_INSERT_CA, values).rowcount == 1


def _as_key(row: Sequence[Any]) -> SealKey:
    values = list(row)
    values[3], values[5], values[7] = Algorithm(values[3]), bytes(values[5]), bytes(values[7] or b"")
    values[6] = tuple(bytes(each) for each in values[6])
    return SealKey(*values)
