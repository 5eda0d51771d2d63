"""Queries over sessions that were left; they share the replay table, which all processes see (`authz.tables.jti`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.store.tokens import BIRTH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_LEAVE: Final = "INSERT INTO authz.jti (id, expires_at) VALUES (%(id)s, %(expires)s) ON CONFLICT DO NOTHING"
_LOOK: Final = """
SELECT (SELECT expires_at FROM authz.jti WHERE id = %(birth)s), EXISTS (SELECT 1 FROM authz.jti WHERE id = %(id)s)"""


def leave(db: Connection, session: bytes, expires: datetime) -> None:
    """Remember until its time is over that a session was left."""
    db.exec_driver_sql(_LEAVE, {"id": session, "expires": expires})


def look(db: Connection, session: bytes) -> tuple[datetime | None, bool]:
    """Since when we remember, and whether a session was left."""
    row = db.exec_driver_sql(_LOOK, {"id": session, "birth": BIRTH}).one()
    return row[0], row[1]
