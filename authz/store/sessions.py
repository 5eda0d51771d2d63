"""Queries over sessions begun and left; they share the replay table `jti`, which all processes see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.store.tokens import BIRTH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_REMEMBER: Final = "INSERT INTO authz.jti (id, expires_at) VALUES (%(id)s, %(expires)s) ON CONFLICT DO NOTHING"
_UNTIL: Final = "SELECT expires_at FROM authz.jti WHERE id = %(id)s"
_SEEN: Final = "UPDATE authz.jti SET expires_at = %(until)s WHERE id = %(id)s AND expires_at > %(now)s"
_LOOK: Final = """
SELECT (SELECT expires_at FROM authz.jti WHERE id = %(birth)s), EXISTS (SELECT 1 FROM authz.jti WHERE id = %(id)s),
  %(key)s::uuid IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM authz.signing_key WHERE id = %(key)s::uuid AND revoked_at IS NULL)"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a session: since when anything is remembered, whether it was left, and its key revoked."""

    since: datetime | None
    left: bool
    key_revoked: bool


def begin(db: Connection, begun: bytes, until: datetime) -> datetime:
    """Remember that a session began, and until when it is good: what was said when it began first."""
    db.exec_driver_sql(_REMEMBER, {"id": begun, "expires": until})
    first: datetime = db.exec_driver_sql(_UNTIL, {"id": begun}).scalar_one()
    return first


def seen(db: Connection, session: bytes, now: datetime, until: datetime) -> bool:
    """Remember that somebody is there still; False where nobody was for too long."""
    return db.exec_driver_sql(_SEEN, {"id": session, "now": now, "until": until}).rowcount == 1


def leave(db: Connection, session: bytes, expires: datetime) -> None:
    """Remember until its time is over that a session was left."""
    db.exec_driver_sql(_REMEMBER, {"id": session, "expires": expires})


def look(db: Connection, session: bytes, key_id: str | None) -> Known:
    """What is known of a session.

    Args:
        key_id: the key that began it, where one did.
    """
    return Known(*db.exec_driver_sql(_LOOK, {"id": session, "birth": BIRTH, "key": key_id}).one())
