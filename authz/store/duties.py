"""Queries over the published duty catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.store.uses import DUTY_COLUMNS, as_duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Duty

_RETIRE: Final = "UPDATE authz.duty_version SET current = false WHERE current"
_INSERT_VERSION: Final = """
INSERT INTO authz.duty_version (version, digest, document, entry_id, published_at, current)
VALUES (%(version)s, %(digest)s, %(document)s, %(entry)s, %(at)s, true)"""
_INSERT_DUTY: Final = """
INSERT INTO authz.duty (id, version, org_code, article, item_code, types, fields, mode, valid_from, valid_to)
VALUES (%(id)s, %(version)s, %(org)s, %(article)s, %(item)s, %(types)s, %(fields)s, %(mode)s, %(from)s, %(to)s)"""
_MATCH: Final = f"""
SELECT {DUTY_COLUMNS} FROM authz.duty d JOIN authz.duty_version v ON v.version = d.version AND v.current
WHERE d.org_code = %(org)s AND d.item_code = %(item)s AND %(type)s = ANY(d.types) AND d.mode = ANY(%(modes)s)
  AND d.valid_from <= %(at)s AND (d.valid_to IS NULL OR d.valid_to > %(at)s)
ORDER BY d.valid_to DESC NULLS FIRST, d.id LIMIT 1"""


def put_in_force(db: Connection, values: Mapping[str, Any]) -> None:
    """Make a version the current one."""
    db.exec_driver_sql(_RETIRE)
    db.exec_driver_sql(_INSERT_VERSION, dict(values))


def insert_duties(db: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Store the entries of a version."""
    for row in rows:
        db.exec_driver_sql(_INSERT_DUTY, dict(row))


def match(db: Connection, values: Mapping[str, Any], at: datetime) -> Duty | None:
    """The entry in force for an organisation, item, type and mode."""
    row = db.exec_driver_sql(_MATCH, {**values, "at": at}).first()
    return None if row is None else as_duty(row)
