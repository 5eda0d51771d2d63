"""Units of work: nothing leaves the process while one is open, and a failed one leaves nothing behind."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from ledger.chain import Chain
from ledger.db import Database, outside_any_unit
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from tests.conftest import Bucket


class TestOutsideAnyUnit:
    def test_lets_pass_where_no_unit_is_open(self, database: Database) -> None:
        with database.unit():
            pass
        outside_any_unit("an act")

    @pytest.mark.parametrize("kind", ["unit", "glance"])
    def test_refuses_inside_one(self, database: Database, kind: str) -> None:
        with getattr(database, kind)(), pytest.raises(RuntimeError):
            outside_any_unit("an act")

    def test_refuses_a_second_unit(self, database: Database) -> None:
        with database.unit(), pytest.raises(RuntimeError), database.unit():
            pass

    def test_keeps_s3_and_the_chain_out_of_units(self, database: Database, s3: Bucket, chain_url: str) -> None:
        settings = S3Settings(s3.endpoint, s3.access_key, s3.secret_key, s3.region, s3.bucket)
        objects = ObjectStore(settings, KeyRing(b"k" * 32), profile=Profile.INTL)
        until = datetime.now(UTC) + timedelta(minutes=1)
        stored = objects.put(io.BytesIO(b"x"), retain_until=until)
        chain = Chain(chain_url, b"\x01" * 32)
        acts = (
            lambda: objects.put(io.BytesIO(b"x"), retain_until=until),
            lambda: objects.open(stored).read_all(),
            chain.nonce,
        )
        with database.unit():
            for act in acts:
                with pytest.raises(RuntimeError):
                    act()
        for act in acts:
            act()
        objects.close()


class TestUnit:
    def test_rolls_back_what_raises(self, database: Database) -> None:
        with database.unit() as db:
            db.execute(text("create table if not exists kept (n int)"))
        with pytest.raises(ZeroDivisionError):
            insert_and_fail(database)
        with database.unit() as db:
            assert db.execute(text("select count(*) from kept")).scalar() == 0

    def test_is_durable_before_it_is_acknowledged(self, database: Database) -> None:
        with database.unit() as db:
            assert [db.execute(text(f"show {name}")).scalar() for name in ("fsync", "synchronous_commit")] == [
                "on",
                "on",
            ]


def insert_and_fail(database: Database) -> None:
    with database.unit() as db:
        db.execute(text("insert into kept values (1)"))
        raise ZeroDivisionError
