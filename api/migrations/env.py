"""Alembic's environment: the connection comes from the caller, the metadata from the packages."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

import api.tables
import authz.tables
import certs.tables
import ledger.tables
import materials.tables
from api.migrations import SCHEMAS

PACKAGES = {package.__name__: package.tables.metadata for package in (ledger, authz, certs, materials, api)}
LOOKED_AT = context.config.attributes.get("schemas", SCHEMAS)
"""Schemas to compare; one of them when a package's revision is made."""


def ours(name: str | None, kind: str, _: object) -> bool:
    """Whether Alembic looks at a schema or table."""
    return kind != "schema" or name in LOOKED_AT


connection = context.config.attributes["connection"]
for schema in SCHEMAS:
    connection.execute(text(f"create schema if not exists {schema}"))
connection.execute(text("set local lock_timeout = '4s'"))
context.configure(
    connection=connection,
    target_metadata=[PACKAGES[schema] for schema in LOOKED_AT],
    include_schemas=True,
    include_name=ours,
    version_table_schema="api",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
