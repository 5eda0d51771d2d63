"""Queries over deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from certs.model import Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, licence_id::text, holder_id::text, party_id::text, operator, channel, sent_at,
  entry_id::text, opened_at, opened_by, opened_entry_id::text"""
_INSERT: Final = """
INSERT INTO certs.delivery (id, licence_id, holder_id, party_id, operator, channel, sent_at, entry_id)
VALUES (%(id)s, %(licence)s, %(holder)s, %(party)s, %(operator)s, %(channel)s, %(at)s, %(entry)s)"""
_OPEN: Final = """
UPDATE certs.delivery SET opened_at = %(at)s, opened_by = %(by)s, id_token = %(id_token)s, opened_entry_id = %(entry)s
WHERE id = %(id)s"""
_GET: Final = f"SELECT {_COLUMNS} FROM certs.delivery WHERE id = %(id)s"
_OF_LICENCE: Final = f"""
SELECT {_COLUMNS} FROM certs.delivery WHERE licence_id = %(licence)s AND party_id = %(party)s
ORDER BY sent_at DESC LIMIT %(limit)s"""

_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM certs.delivery WHERE holder_id = %(holder)s ORDER BY sent_at DESC LIMIT %(limit)s"""


def insert(db: Connection, held: Delivery) -> None:
    """Store a delivery that was sent."""
    row: dict[str, Any] = {"id": held.id, "licence": held.licence_id, "holder": held.holder_id, "party": held.party_id}
    row |= {"operator": held.operator, "channel": held.channel, "at": held.sent_at, "entry": held.entry_id}
    db.exec_driver_sql(_INSERT, row)


def open_(db: Connection, row: Mapping[str, Any]) -> None:
    """Write that a delivery was opened."""
    db.exec_driver_sql(_OPEN, dict(row))


def get(db: Connection, delivery_id: str, *, lock: bool = False) -> Delivery | None:
    """A delivery."""
    row = db.exec_driver_sql(_GET + (" FOR NO KEY UPDATE" if lock else ""), {"id": delivery_id}).first()
    return None if row is None else Delivery(*row)


def of_licence(db: Connection, licence_id: str, party_id: str, limit: int) -> list[Delivery]:
    """What an organisation sent of a licence, the newest first."""
    values = {"licence": licence_id, "party": party_id, "limit": limit}
    return [Delivery(*row) for row in db.exec_driver_sql(_OF_LICENCE, values)]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Delivery]:
    """What was sent to a holder, the newest first."""
    return [Delivery(*row) for row in db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})]
