"""Queries over requests of OpenID CIBA and the clients that are pinged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger import outbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

PING: Final = "backchannel.ping"
"""Kind of outbox message: a client is to be told that its request was answered."""

_COLUMNS: Final = """id, client_id, batch_id::text, scope, interval, request_id, notification_token, created_at,
  expires_at, polled_at, redeemed_at"""
_INSERT: Final = """
INSERT INTO authz.backchannel (id, client_id, batch_id, scope, interval, request_id, notification_token, created_at,
  expires_at)
VALUES (%(id)s, %(client)s, %(batch)s, %(scope)s, %(interval)s, %(request)s, %(token)s, %(at)s, %(expires)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.backchannel WHERE id = %(id)s FOR UPDATE"
_OF_BATCH: Final = f"SELECT {_COLUMNS} FROM authz.backchannel WHERE batch_id = %(batch)s"
_POLLED: Final = "UPDATE authz.backchannel SET polled_at = %(at)s, interval = %(interval)s WHERE id = %(id)s"
_REDEEMED: Final = "UPDATE authz.backchannel SET redeemed_at = %(at)s WHERE id = %(id)s"
_WAITS: Final = """
SELECT 1 FROM authz.backchannel b WHERE b.batch_id = %(batch)s AND b.notification_token IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM authz.ask a WHERE a.batch_id = b.batch_id AND a.state = 'pending')"""
_REGISTER: Final = """
INSERT INTO authz.backchannel_client (client_id, endpoint, operator, registered_at)
VALUES (%(client)s, %(endpoint)s, %(operator)s, %(at)s)
ON CONFLICT (client_id) DO UPDATE
SET endpoint = excluded.endpoint, operator = excluded.operator, registered_at = excluded.registered_at"""
_REMOVE: Final = "DELETE FROM authz.backchannel_client WHERE client_id = %(client)s"
# Of a client that may call: who is suspended is told nothing either.
_ENDPOINT: Final = """
SELECT b.endpoint FROM authz.backchannel_client b
JOIN authz.client c ON c.id = b.client_id AND c.enabled JOIN authz.party p ON p.id = c.party_id AND p.enabled
WHERE b.client_id = %(client)s"""


def settle(db: Connection, batch_id: str, now: datetime) -> None:
    """In the unit that answers the last ask of a batch: let its client be pinged, if it waits for that."""
    if db.exec_driver_sql(_WAITS, {"batch": batch_id}).first() is not None:
        outbox.emit(db, PING, batch_id, {"batch": batch_id}, now)


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Store a request."""
    db.exec_driver_sql(_INSERT, dict(values))


def get(db: Connection, id_: bytes) -> tuple[Any, ...] | None:
    """A request by the digest of its `auth_req_id`, locked until the unit ends."""
    row = db.exec_driver_sql(_GET, {"id": id_}).first()
    return None if row is None else tuple(row)


def of_batch(db: Connection, batch_id: str) -> tuple[Any, ...] | None:
    """The request that a batch belongs to."""
    row = db.exec_driver_sql(_OF_BATCH, {"batch": batch_id}).first()
    return None if row is None else tuple(row)


def polled(db: Connection, id_: bytes, at: datetime, interval: int) -> None:
    """Date the last poll, and set the least seconds to the next."""
    db.exec_driver_sql(_POLLED, {"id": id_, "at": at, "interval": interval})


def redeemed(db: Connection, id_: bytes, at: datetime) -> None:
    """The token was handed out."""
    db.exec_driver_sql(_REDEEMED, {"id": id_, "at": at})


def register(db: Connection, client_id: str, endpoint: str, operator: str, at: datetime) -> None:
    """Keep where a client is pinged."""
    db.exec_driver_sql(_REGISTER, {"client": client_id, "endpoint": endpoint, "operator": operator, "at": at})


def remove(db: Connection, client_id: str) -> bool:
    """Ping a client no more; False where it never was."""
    return db.exec_driver_sql(_REMOVE, {"client": client_id}).rowcount == 1


def endpoint(db: Connection, client_id: str) -> str | None:
    """Where a client is pinged."""
    row = db.exec_driver_sql(_ENDPOINT, {"client": client_id}).first()
    return None if row is None else str(row[0])
