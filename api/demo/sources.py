"""The demo's sources of facts: a signing service in a process of its own, and a front-end database (前置库) by a view.

Both belong to departments of `world.json`. The database is a schema of the embedded PostgreSQL whose only reader is a
login role that sees two views and nothing else.
"""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from api.adapters.connectors import FOLDER
from api.demo import source
from api.demo.world import WORLD

if TYPE_CHECKING:
    from pathlib import Path

ROLE: Final = "cailian_front"
SCHEMA: Final = "front"
SQL_NAME: Final = "front"
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS front.lease (uscc text, address text, ends date, recorded_at timestamptz NOT NULL,
  PRIMARY KEY (uscc, address));
CREATE TABLE IF NOT EXISTS front.payroll_row (uscc text, year text, head_count int, total numeric(14,2),
  recorded_at timestamptz NOT NULL, PRIMARY KEY (uscc, year));
CREATE OR REPLACE VIEW front.registered_lease AS
  SELECT uscc, address, ends >= current_date AS stands, recorded_at FROM front.lease;
CREATE OR REPLACE VIEW front.premises AS
  SELECT DISTINCT ON (uscc) uscc, address, recorded_at FROM front.lease WHERE ends >= current_date
  ORDER BY uscc, recorded_at DESC, address;
CREATE OR REPLACE VIEW front.payroll AS
  SELECT DISTINCT ON (uscc) uscc, year, head_count, total, recorded_at FROM front.payroll_row ORDER BY uscc, year DESC;
"""


def prepare(folder: Path, secrets_dir: Path, database_url: str, port: int) -> Path:
    """Keys, the role with its views, and the operator's file; the file.

    Args:
        folder: the source's own.
        database_url: of an administrator of the embedded PostgreSQL.
        port: where the signing source listens.
    """
    ours = source.key_file(secrets_dir / FOLDER / f"{source.NAME}.pem")
    theirs = source.key_file(folder / "key.pem")
    (folder / "asker.json").write_text(json.dumps(ours.public_jwk))
    _front(database_url, secrets_dir / FOLDER / f"{SQL_NAME}.dsn")
    register = json.loads(json.dumps(WORLD["connectors"]))
    for each in register["sources"]:
        if each["name"] == source.NAME:
            each |= {"url": f"http://127.0.0.1:{port}/", "client": source.CLIENT, "answer_key": theirs.public_jwk}
    path = folder / "connectors.json"
    path.write_text(json.dumps(register, ensure_ascii=False, indent=1))
    return path


def _front(database_url: str, dsn: Path) -> None:
    """The schema, its rows and views, and the role that reads them."""
    url = make_url(database_url)
    password = _password(dsn)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as db:
        db.execute("SELECT pg_advisory_xact_lock(hashtext('cailian demo front'))")
        exists = db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone()
        verb = sql.SQL("ALTER" if exists else "CREATE")
        role = sql.Identifier(ROLE)
        db.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(password)))
        db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
        db.execute(_TABLES)
        for row in WORLD["front"]["leases"]:
            db.execute(
                "INSERT INTO front.lease VALUES (%(uscc)s, %(address)s, %(ends)s, now()) ON CONFLICT DO NOTHING", row
            )
        for row in WORLD["front"]["payroll"]:
            db.execute(
                "INSERT INTO front.payroll_row VALUES (%(uscc)s, %(year)s, %(head_count)s, %(total)s, now())"
                " ON CONFLICT DO NOTHING",
                row,
            )
        db.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(SCHEMA), role))
        db.execute(sql.SQL("GRANT SELECT ON front.registered_lease, front.premises, front.payroll TO {}").format(role))
    reader = url.set(drivername="postgresql", username=ROLE, password=password)
    _write(dsn, reader.render_as_string(hide_password=False))


def _password(dsn: Path) -> str:
    """The role's password: that of before, or a fresh one."""
    held: Any = make_url(dsn.read_text()).password if dsn.exists() else None
    return str(held) if held else secrets.token_hex(24)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
