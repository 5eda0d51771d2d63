"""An empty database again, for the next test of a module."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

_TABLES: Final = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(:schemas)"
_RESTART: Final = """
SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false)
FROM pg_sequences WHERE schemaname = ANY(:schemas) AND last_value IS NOT NULL"""


def empty(db: Connection, *schemas: str) -> None:
    """Delete every row of some schemas, whatever guards it, and let their sequences begin anew.

    For the few rows of a test that is ten times as fast as TRUNCATE, which makes and syncs new files for every table.

    Args:
        db: an open unit, as the superuser: no trigger and no foreign key has a say. Who only owns the tables truncates.
        schemas: every table of each.
    """
    tables = list(db.execute(text(_TABLES), {"schemas": list(schemas)}).scalars())
    if db.execute(text("SHOW is_superuser")).scalar_one() == "off":
        db.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
        return
    role = "SET LOCAL session_replication_role = "
    deletes = [f"DELETE FROM {each}" for each in tables]
    db.exec_driver_sql("; ".join([role + "replica", *deletes, role + "origin"]))
    db.execute(text(_RESTART), {"schemas": list(schemas)})
