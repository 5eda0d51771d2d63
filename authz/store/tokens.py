"""Queries of the token endpoint and of each request's authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement

BIRTH: Final = bytes(32)
"""Key of the row that says since when the replay table has been remembering; its `expires_at` is that moment."""

_KEY: Final = """
SELECT k.alg, k.jwk, c.scopes FROM authz.client_key k JOIN authz.client c ON c.id = k.client_id
WHERE k.client_id = %(client)s AND k.kid = %(kid)s AND (k.not_after IS NULL OR k.not_after > %(at)s)"""

_CALLER: Final = """
SELECT c.party_id::text, p.kind, p.org_code, p.division
FROM authz.client c JOIN authz.party p ON p.id = c.party_id WHERE c.id = %(client)s"""

# One statement for what every request needs: was the proof seen, since when do we remember, may this client still call.
_SEE: Final = """
WITH fresh AS (
  INSERT INTO authz.jti (id, expires_at) VALUES (%(id)s, %(expires)s) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM fresh), (SELECT expires_at FROM authz.jti WHERE id = %(birth)s), c.epoch,
  c.enabled AND p.enabled
FROM authz.client c JOIN authz.party p ON p.id = c.party_id WHERE c.id = %(client)s"""

_BEAR: Final = "INSERT INTO authz.jti (id, expires_at) VALUES (%(birth)s, %(at)s) ON CONFLICT DO NOTHING"
_FORGET: Final = """
DELETE FROM authz.jti WHERE id IN (
  SELECT id FROM authz.jti WHERE expires_at < %(at)s AND id <> %(birth)s LIMIT %(limit)s)"""


def client_key(db: Connection, client_id: str, kid: str, at: datetime) -> Sequence[Any] | None:
    """Algorithm and JWK of a client's current key, and the scopes the client was given."""
    return db.exec_driver_sql(_KEY, {"client": client_id, "kid": kid, "at": at}).first()


def caller(client_id: str) -> Statement:
    """What a token of this client stands for: party id, kind, organisation code, division."""
    return _CALLER, {"client": client_id}


def see(seen: bytes, expires: datetime, client_id: str) -> Statement:
    """Remember a proof: whether it is fresh (1 or 0), since when we remember, the client's epoch, whether it may call.

    No row where there is no such client.
    """
    return _SEE, {"id": seen, "expires": expires, "birth": BIRTH, "client": client_id}


def bear(db: Connection, at: datetime) -> None:
    """Say since when the replay table remembers, where it does not know."""
    db.exec_driver_sql(_BEAR, {"birth": BIRTH, "at": at})


def forget(db: Connection, at: datetime, limit: int) -> int:
    """Drop proofs that could not be used again anyway; how many."""
    return db.exec_driver_sql(_FORGET, {"at": at, "birth": BIRTH, "limit": limit}).rowcount
