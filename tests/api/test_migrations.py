"""Migrations and tables agree, up and down."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text

from api import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from api.stack.model import Parts


@pytest.fixture
def empty(parts: Parts) -> Iterator[Connection]:
    name = f"empty_{uuid.uuid4().hex[:12]}"
    admin = create_engine(parts.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f"create database {name}"))
    engine = create_engine(parts.database_url.rsplit("/", 1)[0] + f"/{name}")
    with engine.connect() as db:
        yield db
    engine.dispose()
    with admin.connect() as db:
        db.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def tables(db: Connection) -> set[str]:
    found = inspect(db)
    return {f"{schema}.{name}" for schema in migrations.SCHEMAS for name in found.get_table_names(schema)}


class TestUpgrade:
    def test_makes_what_the_packages_declare(self, empty: Connection) -> None:
        with empty.begin():
            migrations.upgrade(empty)
        with empty.begin():
            command.check(migrations.configuration(empty))

    def test_is_repeatable(self, empty: Connection) -> None:
        for _ in range(2):
            with empty.begin():
                migrations.upgrade(empty)

    def test_goes_down_and_up_again(self, empty: Connection) -> None:
        with empty.begin():
            migrations.upgrade(empty)
        before = tables(empty)
        empty.rollback()
        with empty.begin():
            command.downgrade(migrations.configuration(empty), "base")
        assert tables(empty) == {"api.alembic_version"}
        empty.rollback()
        with empty.begin():
            migrations.upgrade(empty)
        assert tables(empty) == before

    def test_keeps_the_replay_table_unlogged(self, empty: Connection) -> None:
        with empty.begin():
            migrations.upgrade(empty)
        kind = text("select relpersistence from pg_class where oid = 'authz.jti'::regclass")
        assert empty.execute(kind).scalar() == "u"
