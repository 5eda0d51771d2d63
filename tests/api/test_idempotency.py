"""Idempotency-Key: one effect, one answer."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from api import idempotency
from api.errors import IdempotencyKeyMissingError, IdempotencyKeyReusedError, MalformedRequestError
from ledger.db import Database
from ledger.steps import execute, run

FIRST = idempotency.Answer(201, b'{"a":1}')


class TestCheckKey:
    def test_wants_a_key(self) -> None:
        with pytest.raises(IdempotencyKeyMissingError):
            idempotency.check_key(None)

    @pytest.mark.parametrize("key", ["", "x" * 201, "tab\t", "键"])
    def test_refuses_odd_keys(self, key: str) -> None:
        with pytest.raises(MalformedRequestError):
            idempotency.check_key(key)


class TestKeepAndFind:
    def test_gives_the_first_answer_again(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, idempotency.keep("client", "again", b"f" * 32, FIRST))
        with database.unit() as db:
            assert run(db, idempotency.find("client", "again", b"f" * 32)) == FIRST

    def test_refuses_another_body(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, idempotency.keep("client", "other", b"f" * 32, FIRST))
        with database.unit() as db, pytest.raises(IdempotencyKeyReusedError):
            run(db, idempotency.find("client", "other", b"g" * 32))

    def test_keeps_principals_apart(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, idempotency.keep("client", "mine", b"f" * 32, FIRST))
            assert run(db, idempotency.find("stranger", "mine", b"g" * 32)) is None

    def test_lets_only_one_of_two_commit(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, idempotency.keep("client", "race", b"f" * 32, FIRST))
        with pytest.raises(IntegrityError) as lost, database.unit() as db:
            execute(db, idempotency.keep("client", "race", b"f" * 32, idempotency.Answer(201, b"{}")))
        assert idempotency.is_taken(lost.value)
        with database.unit() as db:
            assert run(db, idempotency.find("client", "race", b"f" * 32)) == FIRST
