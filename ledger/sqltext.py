"""Values as PostgreSQL's text reads them, for statements with thousands of rows: adapting lists costs far more."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import psycopg

from ledger.db import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def array(items: Iterable[str]) -> str:
    """An array as PostgreSQL reads it; the items must need no quotes. Far cheaper than letting psycopg adapt a list."""
    return f"{{{','.join(items)}}}"


def hexed(value: bytes) -> str:
    """Bytes as an item of `array`."""
    return rf"\\x{value.hex()}"


def quoted(value: str) -> str:
    """Any text as an item of `array`."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def copy_line(values: Iterable[object]) -> str:
    """A line of COPY's text format; texts must need no escape: no backslash, no control character."""
    return "\t".join(map(_copied, values)) + "\n"


def _copied(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def copy_rows(db: Connection, statement: str, lines: Iterable[str]) -> None:
    """Run one COPY in PostgreSQL's text format; the values must need no escape.

    Raises:
        StorageFullError: the disk is full. COPY goes past SQLAlchemy, so the unit would not translate it.
        LogFrozenError, LogMismatchError: the log takes no entries from this process.
    """
    connection = db.connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        msg = "the ledger runs on psycopg"
        raise TypeError(msg)
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("".join(lines))
    except psycopg.Error as error:
        if (refused := refusal(error)) is not None:
            raise refused from error
        raise
