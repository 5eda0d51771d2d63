"""No query about showing, delivering or disputing grows with its table (DESIGN 11): plans on 40,000 rows each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from certs.model import CodeKind
from certs.store import audited, codes, deliveries, presentations
from certs.store.disputes import LICENCES
from ledger.clock import SystemClock
from ledger.ids import new_id
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from ledger.db import Database

ROWS = 40_000
MANY = 10_000
"""So many rows are of one licence, one party and one holder: a page of theirs costs no more than others'."""
PAGE = 50

_OF = "CASE WHEN n <= :many THEN md5('{0}1')::uuid ELSE md5('{0}' || n % 5000)::uuid END"
_CODES = """
INSERT INTO certs.code (id, kind, lookup, holder_id, licence_id, channel, signer_id, request, id_token, audience_org,
  made_at, expires_at, used_at, entry_id, party_id, operator)
SELECT md5('c' || n)::uuid, CASE WHEN n % 10 = 0 THEN 'printed' ELSE 'live' END, sha256(n::text::bytea),
  md5('h' || n)::uuid, md5('l' || n)::uuid, 'app', md5('s')::uuid, '', '', CASE WHEN n % 10 = 0 THEN NULL ELSE 'o' END,
  now() - interval '1 day' * (n % 300), now() - interval '1 day' * (n % 300) + interval '60 s',
  CASE WHEN n % 10 = 0 OR (n > 5000 AND n % 4 = 1) THEN NULL ELSE now() END, CASE WHEN n % 10 = 0 THEN md5('e')::uuid END, NULL, NULL
FROM generate_series(1, :rows) AS n"""
_PRESENTATIONS = f"""
INSERT INTO certs.presentation (id, code_id, holder_id, licence_id, client_id, key, party_id, operator, counter, scenario,
  fingerprint, reason, fields, status, at, entry_id)
SELECT md5('p' || n)::uuid, {_OF.format("c")}, {_OF.format("h")}, {_OF.format("l")}, 'client' || n % 50, 'k' || n,
  md5('o' || n % 200)::uuid, 'o', '1', 's', '', CASE WHEN n % 9 = 0 THEN 'code-used' END, '{{}}', '01',
  now() - interval '1 minute' * n, CASE WHEN n % 9 = 0 THEN NULL ELSE md5('e')::uuid END
FROM generate_series(1, :rows) AS n"""
_DISPUTES = f"""
INSERT INTO certs.dispute (id, licence_id, issuer_party_id, holder_id, signer_id, fields, request, id_token, opened_at,
  due_at, entry_id, state, operator, answer, answered_at, answer_entry_id)
SELECT md5('d' || n)::uuid, md5('l' || n)::uuid, {_OF.format("i")}, {_OF.format("h")}, md5('s')::uuid, '{{}}', '', '',
  now() - interval '1 minute' * n, now() + interval '10 days' - interval '1 minute' * n, md5('e')::uuid,
  CASE WHEN n % 4 = 0 THEN 'open' ELSE 'rejected' END, CASE WHEN n % 4 > 0 THEN 'o' END,
  CASE WHEN n % 4 > 0 THEN ''::bytea END, CASE WHEN n % 4 > 0 THEN now() END,
  CASE WHEN n % 4 > 0 THEN md5('e')::uuid END
FROM generate_series(1, :rows) AS n"""
_CORRECTIONS = f"""
INSERT INTO certs.correction (dispute_id, party_id, at)
SELECT md5('d' || n)::uuid, {_OF.format("o")}, now() - interval '1 minute' * n FROM generate_series(1, :rows) AS n"""
_DELIVERIES = f"""
INSERT INTO certs.delivery (id, licence_id, holder_id, party_id, operator, channel, sent_at, entry_id)
SELECT md5('v' || n)::uuid, {_OF.format("l")}, {_OF.format("h")}, md5('i1')::uuid, 'o', 'app',
  now() - interval '1 minute' * n, md5('e')::uuid FROM generate_series(1, :rows) AS n"""
_EVENTS = f"""
INSERT INTO certs.licence_event (licence_id, entry_id, at, operation, status, reason, party_id, operator)
SELECT md5('l' || n)::uuid, md5('e' || n)::uuid, now() - interval '1 minute' * n, '01', '01', 'issued',
  {_OF.format("i")}, 'o' FROM generate_series(1, :rows) AS n"""
TABLES = {
    "licence_event": _EVENTS,
    "code": _CODES,
    "presentation": _PRESENTATIONS,
    "dispute": _DISPUTES,
    "correction": _CORRECTIONS,
    "delivery": _DELIVERIES,
}


@pytest.fixture(scope="module")
def large(database: Database) -> Database:
    """Many rows of every table; what they refer to is left out, since no query here goes there."""
    with database.unit() as db:
        db.execute(text("SET LOCAL session_replication_role = replica"))
        db.execute(text("SET LOCAL synchronous_commit = off"))
        for statement in TABLES.values():
            values = {"rows": ROWS, "many": MANY}
            db.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})
        for table in TABLES:
            db.execute(text(f"ANALYZE certs.{table}"))
    return database


def _md5(word: str) -> str:
    return str(UUID(bytes=md5(word.encode()).digest()))  # noqa: S324 - as the rows above are made


NOW = SystemClock().now()
FIRST = (datetime(1, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
ACTS: dict[str, Callable[[Connection, int], object]] = {
    "a scanned code": lambda db, n: run(db, codes.by_lookup(bytes(32))),
    "a code": lambda db, n: codes.get(db, _md5(f"c{n}")),
    "the lasting code of a holder": lambda db, n: codes.standing(db, CodeKind.printed, _md5(f"h{n}"), _md5(f"l{n}")),
    "lasting codes of a holder": lambda db, n: codes.lasting(db, _md5(f"h{n}"), PAGE),
    "the code of a company": lambda db, n: codes.standing(db, CodeKind.company, _md5(f"h{n}"), None),
    "what a key showed": lambda db, n: run(db, presentations.by_key(f"client{n % 50}", f"k{n}")),
    "a presentation": lambda db, n: presentations.of_party(db, _md5(f"p{n}"), _md5("o7")),
    "scans of a code": lambda db, n: presentations.of_code(db, _md5(f"c{n}"), PAGE),
    "scans of a holder": lambda db, n: presentations.of_holder(db, _md5(f"h{n}"), PAGE),
    "disputes of an issuer": lambda db, n: LICENCES.of_party(
        db, _md5(f"i{n}"), only_open=False, after=None, limit=PAGE
    ),
    "disputes of an issuer, further": lambda db, n: LICENCES.of_party(
        db, _md5(f"i{n}"), only_open=False, after=(NOW, _md5("d5000")), limit=PAGE
    ),
    "open disputes": lambda db, n: LICENCES.of_party(db, _md5(f"i{n}"), only_open=True, after=None, limit=PAGE),
    "open disputes, further": lambda db, n: LICENCES.of_party(
        db, _md5(f"i{n}"), only_open=True, after=(NOW, _md5("d5000")), limit=PAGE
    ),
    "whether it is disputed": lambda db, n: LICENCES.is_disputed(db, _md5(f"l{n}")),
    "disputes of a holder": lambda db, n: LICENCES.of_holder(db, _md5(f"h{n}"), PAGE),
    "corrections": lambda db, n: LICENCES.corrections(db, _md5(f"o{n}"), after=None, limit=PAGE),
    "corrections, further": lambda db, n: LICENCES.corrections(
        db, _md5(f"o{n}"), after=(NOW, _md5("d5000")), limit=PAGE
    ),
    "taking notice": lambda db, n: LICENCES.seen(db, _md5(f"d{n}"), _md5(f"o{n}"), NOW),
    "who was told": lambda db, n: LICENCES.told(db, _md5(f"d{n}")),
    "deliveries of a licence": lambda db, n: deliveries.of_licence(db, _md5(f"l{n}"), _md5("i1"), PAGE),
    "deliveries of a holder": lambda db, n: deliveries.of_holder(db, _md5(f"h{n}"), PAGE),
    "scans of a licence": lambda db, n: audited.scans_of_licences(db, [_md5(f"l{n}")], FIRST, PAGE),
    "scans of a licence, further": lambda db, n: audited.scans_of_licences(
        db, [_md5(f"l{n}")], (NOW - timedelta(days=5), new_id()), PAGE
    ),
    "scans of a verifier": lambda db, n: audited.scans_of_party(db, _md5(f"o{n % 200}"), FIRST[0], (NOW, _LAST), PAGE),
    "acts of an issuer": lambda db, n: audited.acts_of_party(db, _md5(f"i{n}"), FIRST[0], (NOW, _LAST), PAGE),
    "acts of an issuer, further": lambda db, n: audited.acts_of_party(
        db, _md5(f"i{n}"), FIRST[0], (NOW - timedelta(days=5), new_id()), PAGE
    ),
    "how much a verifier and issuer did": lambda db, n: audited.count(db, _md5(f"o{n % 200}"), FIRST[0], NOW, PAGE),
    "what of a licence was sent": lambda db, n: audited.sent_of(db, [_md5("l777")], FIRST, PAGE),
    "what of a licence was opened": lambda db, n: audited.opened_of(db, [_md5("l777")], FIRST, PAGE),
    "a delivery": lambda db, n: deliveries.get(db, new_id()),
    "forgetting": lambda db, n: codes.forget_unused(db, NOW),
    "overdue": lambda db, n: LICENCES.overdue(db, NOW),
}
WALKS = {"forgetting": 2000, "overdue": ROWS // 4}
"""Reads what there is of a partial index: live codes that nobody scanned, disputes nobody answered."""


class TestPlans:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("number", [1, 777])
    def test_reads_no_more_than_a_page_by_index(self, large: Database, act: str, number: int) -> None:
        nodes = plan(large, lambda db: ACTS[act](db, number))
        kinds = {node["Node Type"] for node in nodes}
        assert not kinds & {"Seq Scan", "Parallel Seq Scan"}, kinds
        assert kinds & {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
        rows = sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in nodes
            if node.get("Relation Name") or node["Node Type"] == "Bitmap Index Scan"
        )
        assert rows <= WALKS.get(act, 2 * PAGE + 2), f"{rows} rows for one page"


def plan(database: Database, act: Callable[[Connection], object]) -> list[dict[str, Any]]:
    """Every node of the plans of what an act asks, with what they cost in fact; undone afterwards."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    nodes: list[dict[str, Any]] = []
    with database.unit() as db:
        undone = db.begin_nested()
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            act(db)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        undone.rollback()
        for statement, values in asked:
            again = db.begin_nested()
            answer = db.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
            again.rollback()
            nodes += _flat((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    assert asked
    return nodes


def _flat(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *[below for child in node.get("Plans", []) for below in _flat(child)]]
