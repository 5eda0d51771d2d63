"""Schema changes (Alembic), all packages in one line of revisions. `upgrade` is what starts call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMAS: Final = ("ledger", "authz", "certs", "materials", "api")


def upgrade(db: Connection, revision: str = "head") -> None:
    """Bring the database to a revision, inside the caller's transaction: all of it or nothing.

    Args:
        db: a connection with a transaction.
        revision: Alembic revision.
    """
    command.upgrade(configuration(db), revision)


def configuration(db: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = db
    return config
