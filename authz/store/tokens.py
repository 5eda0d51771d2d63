"""Queries of the token endpoint and of each request's authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.sqltext import array, hexed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement

BIRTH: Final = bytes(32)
"""Key of the row that says since when the replay table has been remembering; its `expires_at` is that moment."""

_KEY: Final = """
SELECT k.alg, k.jwk, c.scopes, p.id::text, p.kind
FROM authz.client_key k JOIN authz.client c ON c.id = k.client_id JOIN authz.party p ON p.id = c.party_id
WHERE k.client_id = %(client)s AND k.kid = %(kid)s AND (k.not_after IS NULL OR k.not_after > %(at)s)"""

_CERTIFICATE: Final = """
SELECT c.scopes, p.id::text, p.kind
FROM authz.client_certificate k JOIN authz.client c ON c.id = k.client_id JOIN authz.party p ON p.id = c.party_id
WHERE k.thumbprint = %(thumbprint)s AND k.client_id = %(client)s AND k.not_after > %(at)s"""

# What a request with a certificate needs, which is remembered nowhere: the epoch, and whether it still may call.
_STANDING: Final = """
SELECT c.epoch, c.enabled AND p.enabled AND EXISTS (
  SELECT FROM authz.client_certificate k
  WHERE k.thumbprint = %(thumbprint)s AND k.client_id = c.id AND k.not_after > %(at)s)
FROM authz.client c JOIN authz.party p ON p.id = c.party_id WHERE c.id = %(client)s"""

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

# The same for many. Of one proof sent twice in a group only the first is fresh; sorted, so that two processes that are
# sent the same proofs wait for each other in one order.
_SEE_ALL: Final = """
WITH asked AS (
  SELECT * FROM unnest(%(ids)s::bytea[], %(expires)s::timestamptz[], %(clients)s::text[])
  WITH ORDINALITY AS a (id, expires, client, n)
), fresh AS (
  INSERT INTO authz.jti (id, expires_at) SELECT id, expires FROM asked ORDER BY id ON CONFLICT DO NOTHING RETURNING id
)
SELECT (f.id IS NOT NULL AND row_number() OVER (PARTITION BY a.id ORDER BY a.n) = 1)::int,
  (SELECT expires_at FROM authz.jti WHERE id = %(birth)s), c.epoch, c.enabled AND p.enabled
FROM asked a LEFT JOIN fresh f ON f.id = a.id
LEFT JOIN authz.client c ON c.id = a.client LEFT JOIN authz.party p ON p.id = c.party_id ORDER BY a.n"""

_EPOCH: Final = """
SELECT c.epoch FROM authz.client c JOIN authz.party p ON p.id = c.party_id
WHERE c.id = %(client)s AND c.enabled AND p.enabled"""
_REVOKE: Final = "UPDATE authz.client SET epoch = epoch + 1 WHERE id = %(client)s"

_BEAR: Final = "INSERT INTO authz.jti (id, expires_at) VALUES (%(birth)s, %(at)s) ON CONFLICT DO NOTHING"
_FORGET: Final = """
DELETE FROM authz.jti WHERE id IN (
  SELECT id FROM authz.jti WHERE expires_at < %(at)s AND id <> %(birth)s LIMIT %(limit)s)"""


def client_key(db: Connection, client_id: str, kid: str, at: datetime) -> Sequence[Any] | None:
    """Algorithm and JWK of a client's current key, the scopes the client was given, its party and the party's kind."""
    return db.exec_driver_sql(_KEY, {"client": client_id, "kid": kid, "at": at}).first()


def key(client_id: str, kid: str, at: datetime) -> Statement:
    """As `client_key`."""
    return _KEY, {"client": client_id, "kid": kid, "at": at}


def certificate(client_id: str, thumbprint: str, at: datetime) -> Statement:
    """The scopes of a client, its party and the party's kind, where the certificate is one of its current ones."""
    return _CERTIFICATE, {"client": client_id, "thumbprint": thumbprint, "at": at}


def standing(client_id: str, thumbprint: str, at: datetime) -> Statement:
    """A client's epoch, and whether it may call with this certificate."""
    return _STANDING, {"client": client_id, "thumbprint": thumbprint, "at": at}


def caller(client_id: str) -> Statement:
    """What a token of this client stands for: party id, kind, organisation code, division."""
    return _CALLER, {"client": client_id}


def epoch(db: Connection, client_id: str) -> int | None:
    """The epoch under which a client's tokens are good; None where it may not call."""
    row = db.exec_driver_sql(_EPOCH, {"client": client_id}).first()
    return None if row is None else int(row[0])


def revoke(db: Connection, client_id: str) -> None:
    """End every token of a client."""
    db.exec_driver_sql(_REVOKE, {"client": client_id})


def see(seen: bytes, expires: datetime, client_id: str) -> Statement:
    """Remember a proof: whether it is fresh (1 or 0), since when we remember, the client's epoch, whether it may call.

    No row where there is no such client.
    """
    return _SEE, {"id": seen, "expires": expires, "birth": BIRTH, "client": client_id}


def is_see(statement: Statement) -> bool:
    """Whether this is what `see` makes."""
    return statement[0] is _SEE


def see_all(each: Sequence[Statement]) -> Statement:
    """Several `see` in one: a row for each, in order; `None` for the last two where there is no such client."""
    asked = [values for _, values in each]
    return _SEE_ALL, {
        "ids": array(hexed(values["id"]) for values in asked),
        "expires": array(quoted(values["expires"].isoformat()) for values in asked),
        "clients": array(quoted(values["client"]) for values in asked),
        "birth": BIRTH,
    }


def bear(db: Connection, at: datetime) -> None:
    """Say since when the replay table remembers, where it does not know."""
    db.exec_driver_sql(_BEAR, {"birth": BIRTH, "at": at})


def forget(db: Connection, at: datetime, limit: int) -> int:
    """Drop proofs that could not be used again anyway; how many."""
    return db.exec_driver_sql(_FORGET, {"at": at, "birth": BIRTH, "limit": limit}).rowcount
