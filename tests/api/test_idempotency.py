"""Idempotency-Key: one effect, one answer, and neither answer nor request to be read in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from api import idempotency
from api.errors import IdempotencyKeyMissingError, IdempotencyKeyReusedError, MalformedRequestError
from api.idempotency import Answers
from authz.errors import SealBrokenError
from ledger.steps import execute, run

if TYPE_CHECKING:
    from ledger.db import Database

FIRST = idempotency.Answer(201, '{"name":"陈示例"}'.encode())
ANSWERS = Answers(bytes(range(32)))
ASKED = b"f" * 32


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
            execute(db, ANSWERS.keep("client", "again", ASKED, FIRST))
        with database.unit() as db:
            assert run(db, ANSWERS.find("client", "again", ASKED)) == FIRST

    def test_keeps_many_at_once(self, database: Database) -> None:
        other = idempotency.Answer(200, b"{}")
        with database.unit() as db:
            execute(db, ANSWERS.keep_all([("client", 'a"\\', ASKED, FIRST), ("client", "b", b"g" * 32, other)]))
        with database.unit() as db:
            assert run(db, ANSWERS.find("client", 'a"\\', ASKED)) == FIRST
            assert run(db, ANSWERS.find("client", "b", b"g" * 32)) == other

    def test_refuses_another_body(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "other", ASKED, FIRST))
        with database.unit() as db, pytest.raises(IdempotencyKeyReusedError):
            run(db, ANSWERS.find("client", "other", b"g" * 32))

    def test_keeps_principals_apart(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "mine", ASKED, FIRST))
            assert run(db, ANSWERS.find("stranger", "mine", b"g" * 32)) is None

    def test_lets_only_one_of_two_commit(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "race", ASKED, FIRST))
        with pytest.raises(IntegrityError) as lost, database.unit() as db:
            execute(db, ANSWERS.keep("client", "race", ASKED, idempotency.Answer(201, b"{}")))
        assert idempotency.is_taken(lost.value)
        with database.unit() as db:
            assert run(db, ANSWERS.find("client", "race", ASKED)) == FIRST


class TestSealed:
    def rows(self, database: Database, key: str) -> tuple[bytes, bytes]:
        with database.unit() as db:
            found = "SELECT fingerprint, body FROM api.idempotency WHERE principal = 'client' AND key = %(key)s"
            asked, body = db.exec_driver_sql(found, {"key": key}).one()
            return bytes(asked), bytes(body)

    def test_neither_answer_nor_digest_lies_in_clear(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "one", ASKED, FIRST))
            execute(db, ANSWERS.keep_all([("client", "many", ASKED, FIRST)]))
        held = [self.rows(database, key) for key in ("one", "many")]
        for asked, body in held:
            assert asked != ASKED
            assert "陈示例".encode() not in body
        assert held[0][0] != held[1][0]  # nor do two rows show that they asked the same

    def test_an_answer_moved_to_another_row_does_not_open(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "from", ASKED, FIRST))
            execute(db, ANSWERS.keep("client", "to", ASKED, FIRST))
            db.exec_driver_sql(
                "UPDATE api.idempotency SET body = (SELECT body FROM api.idempotency WHERE key = 'from')"
                " WHERE principal = 'client' AND key = 'to'"
            )
            with pytest.raises(SealBrokenError):
                run(db, ANSWERS.find("client", "to", ASKED))

    def test_another_node_reads_nothing(self, database: Database) -> None:
        with database.unit() as db:
            execute(db, ANSWERS.keep("client", "ours", ASKED, FIRST))
            with pytest.raises(SealBrokenError):
                run(db, Answers(bytes(32)).find("client", "ours", None))

    def test_an_answer_of_the_release_before_is_given_again(self, database: Database) -> None:
        row = {"asked": ASKED, "body": FIRST.body}
        with database.unit() as db:
            db.exec_driver_sql(
                "INSERT INTO api.idempotency (principal, key, fingerprint, status, body)"
                " VALUES ('client', 'before', %(asked)s, 201, %(body)s)",
                row,
            )
            assert run(db, ANSWERS.find("client", "before", ASKED)) == FIRST
            with pytest.raises(IdempotencyKeyReusedError):
                run(db, ANSWERS.find("client", "before", b"g" * 32))
