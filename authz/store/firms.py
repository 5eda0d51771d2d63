"""Queries over what organisations are found by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_FIND: Final = """
SELECT holder_id::text FROM authz.firm_name WHERE beginning = %(beginning)s ORDER BY holder_id LIMIT %(limit)s"""
_INSERT: Final = """
INSERT INTO authz.firm_name (beginning, holder_id)
SELECT beginning, holder_id FROM unnest(%(beginnings)s::bytea[], %(holders)s::uuid[]) AS e (beginning, holder_id)
JOIN authz.holder h ON h.id = e.holder_id
ON CONFLICT DO NOTHING"""


def find(db: Connection, beginning: bytes, limit: int) -> list[str]:
    """Organisations with a beginning, in the order in which they became known."""
    return [row[0] for row in db.exec_driver_sql(_FIND, {"beginning": beginning, "limit": limit})]


def insert(db: Connection, by_holder: Mapping[str, Sequence[bytes]]) -> None:
    """Keep what organisations are found by; of holders that are not there, nothing."""
    pairs = [(each, holder_id) for holder_id, held in by_holder.items() for each in held]
    if pairs:
        values = {"beginnings": [each for each, _ in pairs], "holders": [holder_id for _, holder_id in pairs]}
        db.exec_driver_sql(_INSERT, values)
