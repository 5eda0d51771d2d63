"""Wrapped data keys in `ledger.secret`, page by page: for renewing them under another wrapping key, and for backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from ledger import tables
from ledger.objectrows import KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_REPLACE: Final = """
UPDATE ledger.secret s SET value = n.value FROM unnest(%(ids)s::uuid[], %(values)s::bytea[]) AS n(id, value)
WHERE s.kind = 'object' AND s.id = n.id"""


def wrapped(db: Connection, after: str, limit: int) -> list[tuple[str, bytes]]:
    """(object, wrapped key) by object, object > after (`""` to begin), locked until the unit ends."""
    s = tables.secret.c
    query = select(s.id, s.value).where(s.kind == KIND).order_by(s.id).limit(limit).with_for_update()
    rows = db.execute(query.where(s.id > after) if after else query)
    return [(row.id, bytes(row.value)) for row in rows]


def replace(db: Connection, rows: Sequence[tuple[str, bytes]]) -> None:
    """Put other wrapped keys in the place of some objects' present ones. A row that was erased meanwhile stays so."""
    if rows:
        values = {"ids": [row_id for row_id, _ in rows], "values": [value for _, value in rows]}
        db.exec_driver_sql(_REPLACE, values)
