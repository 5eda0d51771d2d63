"""Rows of webhooks: who wants to be told, and what was told when. Secrets are encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz.store.parties import enabled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_WEBHOOK: Final = (
    """id::text, party_id::text, url, events, state, reason, created_at, secret, older_secret, older_until"""
)
_MESSAGE: Final = """m.id::text, m.webhook_id::text, m.type, m.body, m.created_at, m.state, m.attempts, m.last_status,
  m.last_error, m.delivered_at"""
_INSERT: Final = """
INSERT INTO api.webhook (id, party_id, url, events, operator, state, secret, created_at)
VALUES (%(id)s, %(party)s, %(url)s, %(events)s, %(operator)s, 'active', %(secret)s, %(at)s)"""
# One unit at a time counts and adds a party's webhooks.
_COUNT: Final = "SELECT count(*) FROM api.webhook WHERE party_id = %(party)s AND state <> 'removed'"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(party)s, 41))"
_OF_PARTY: Final = f"""
SELECT {_WEBHOOK} FROM api.webhook WHERE party_id = %(party)s AND state <> 'removed' ORDER BY id"""
_GET: Final = f"SELECT {_WEBHOOK} FROM api.webhook WHERE id = %(id)s AND state <> 'removed'"
_STATE: Final = "UPDATE api.webhook SET state = %(state)s, reason = %(reason)s WHERE id = %(id)s"
_ROTATE: Final = """
UPDATE api.webhook SET older_secret = secret, older_until = %(until)s, secret = %(secret)s WHERE id = %(id)s"""
_TO_TELL: Final = """
SELECT id::text FROM api.webhook
WHERE party_id = ANY(%(parties)s::uuid[]) AND state = 'active' AND %(type)s = ANY(events) ORDER BY id"""
_ADD: Final = """
INSERT INTO api.webhook_message (id, webhook_id, event, type, body, created_at, state, attempts)
VALUES (%(id)s, %(webhook)s, %(event)s, %(type)s, %(body)s, %(at)s, 'pending', 0)
ON CONFLICT DO NOTHING RETURNING 1"""
_MESSAGES: Final = f"""
SELECT {_MESSAGE} FROM api.webhook_message m
WHERE m.webhook_id = %(webhook)s AND m.id < %(before)s::uuid ORDER BY m.id DESC LIMIT %(limit)s"""
_ONE: Final = f"SELECT {_MESSAGE} FROM api.webhook_message m WHERE m.id = %(id)s"
_SINCE: Final = """
SELECT id::text FROM api.webhook_message
WHERE webhook_id = %(webhook)s AND state = 'failed' AND id > %(after)s::uuid AND created_at >= %(since)s
ORDER BY id LIMIT %(limit)s"""
_DELIVERED: Final = """
UPDATE api.webhook_message SET state = 'delivered', attempts = attempts + 1, last_status = %(status)s,
  last_error = NULL, delivered_at = %(at)s
WHERE id = %(id)s"""
_FAILED: Final = """
UPDATE api.webhook_message SET state = %(state)s, attempts = attempts + 1, last_status = %(status)s,
  last_error = %(error)s
WHERE id = %(id)s"""
_PENDING: Final = """
UPDATE api.webhook_message SET state = 'pending', replays = replays + 1 WHERE id = %(id)s RETURNING replays"""
_FORGET: Final = """
DELETE FROM api.webhook_message WHERE id IN (
  SELECT id FROM api.webhook_message WHERE created_at < %(before)s AND state <> 'pending' LIMIT 1000)"""

FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"
LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a party wants to be told.

    Attributes:
        events: types of message it wants.
        state: active or disabled.
        reason: why it is disabled.
        secret, older_secret: encrypted; the older one signs too until `older_until`.
    """

    id: str
    party_id: str
    url: str
    events: tuple[str, ...]
    state: str
    reason: str | None
    created_at: datetime
    secret: bytes
    older_secret: bytes | None
    older_until: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One message to one webhook; `body` is sent byte for byte, however often."""

    id: str
    webhook_id: str
    type: str
    body: bytes
    created_at: datetime
    state: str
    attempts: int
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


def insert(db: Connection, held: Webhook, operator: str) -> None:
    """Store a webhook."""
    values = {"id": held.id, "party": held.party_id, "url": held.url, "events": list(held.events)}
    db.exec_driver_sql(_INSERT, values | {"operator": operator, "secret": held.secret, "at": held.created_at})


def count(db: Connection, party_id: str) -> int:
    """How many webhooks a party has, counted by one unit at a time."""
    db.exec_driver_sql(_LOCK, {"party": party_id})
    return int(db.exec_driver_sql(_COUNT, {"party": party_id}).scalar_one())


def of_party(db: Connection, party_id: str) -> list[Webhook]:
    """All webhooks of a party."""
    return [_webhook(row) for row in db.exec_driver_sql(_OF_PARTY, {"party": party_id})]


def get(db: Connection, webhook_id: str, *, lock: bool = False) -> Webhook | None:
    """A webhook; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_GET + (" FOR UPDATE" if lock else ""), {"id": webhook_id}).first()
    return None if row is None else _webhook(row)


def set_state(db: Connection, webhook_id: str, state: str, reason: str | None) -> None:
    """Enable, disable or remove a webhook."""
    db.exec_driver_sql(_STATE, {"id": webhook_id, "state": state, "reason": reason})


def rotate(db: Connection, webhook_id: str, secret: bytes, until: datetime) -> None:
    """Give a webhook another secret; the present one signs beside it until then."""
    db.exec_driver_sql(_ROTATE, {"id": webhook_id, "secret": secret, "until": until})


def to_tell(db: Connection, parties: Sequence[str], kind: str) -> list[str]:
    """Active webhooks of some parties that want messages of a type; of none that is suspended."""
    told = enabled(db, parties)
    return [row[0] for row in db.exec_driver_sql(_TO_TELL, {"parties": told, "type": kind})]


def add(db: Connection, message: WebhookMessage, event: str) -> bool:
    """Store a message; False where this webhook was told of this event before.

    Args:
        event: names what happened; one message of it goes to a webhook.
    """
    values: dict[str, Any] = {"id": message.id, "webhook": message.webhook_id, "event": event, "type": message.type}
    values |= {"body": message.body, "at": message.created_at}
    return db.exec_driver_sql(_ADD, values).first() is not None


def messages(db: Connection, webhook_id: str, *, before: str | None, limit: int) -> list[WebhookMessage]:
    """Messages of a webhook, the newest first."""
    values = {"webhook": webhook_id, "before": before or LAST_ID, "limit": limit}
    return [_message(row) for row in db.exec_driver_sql(_MESSAGES, values)]


def message(db: Connection, message_id: str, *, lock: bool = False) -> WebhookMessage | None:
    """A message; with `lock`, until the unit ends."""
    row = db.exec_driver_sql(_ONE + (" FOR UPDATE" if lock else ""), {"id": message_id}).first()
    return None if row is None else _message(row)


def failed_since(db: Connection, webhook_id: str, since: datetime, limit: int) -> list[str]:
    """Messages that were given up, the oldest first."""
    values = {"webhook": webhook_id, "after": FIRST_ID, "since": since, "limit": limit}
    return [row[0] for row in db.exec_driver_sql(_SINCE, values)]


def delivered(db: Connection, message_id: str, status: int, at: datetime) -> None:
    """The receiver took it."""
    db.exec_driver_sql(_DELIVERED, {"id": message_id, "status": status, "at": at})


def failed(db: Connection, message_id: str, *, given_up: bool, status: int | None, error: str) -> None:
    """An attempt failed, the last one or not."""
    state = "failed" if given_up else "pending"
    db.exec_driver_sql(_FAILED, {"id": message_id, "state": state, "status": status, "error": error})


def again(db: Connection, message_id: str) -> int:
    """Mark a message to be sent again; the how manieth time that is."""
    return int(db.exec_driver_sql(_PENDING, {"id": message_id}).scalar_one())


def forget(db: Connection, before: datetime) -> None:
    """Delete a thousand of the messages that are older and done with."""
    db.exec_driver_sql(_FORGET, {"before": before})


def _webhook(row: Sequence[Any]) -> Webhook:
    values = list(row)
    values[3], values[7] = tuple(values[3]), bytes(values[7])
    values[8] = None if values[8] is None else bytes(values[8])
    return Webhook(*values)


def _message(row: Sequence[Any]) -> WebhookMessage:
    values = list(row)
    values[3] = bytes(values[3])
    return WebhookMessage(*values)
