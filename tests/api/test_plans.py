"""No query on copies, webhooks, a thing's uses or what is counted whose cost grows with the table (DESIGN 11)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from api import webhookrows
from authz.store import auditlooks, breakglass, ledger, limits, uses
from certs.store import audited, copies
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.ids import new_id
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

PAGE = 51
ROWS = 20_000

_COPIES = """
INSERT INTO certs.copy (id, use_id, licence_id, rendition, fields, valid_from, valid_to, object_id, sha256, sm3, made_at,
  entry_id)
SELECT md5('c' || n)::uuid, md5('u' || n)::uuid, md5('l' || n % 500)::uuid, 'copy', '{}', now(), now() + interval '1 day',
  gen_random_uuid(), sha256(n::text::bytea), '\\x00', now(), gen_random_uuid() FROM generate_series(1, :rows) AS n"""
_LICENCES = """
INSERT INTO certs.licence (id, licence_id, type_code, licence_no, no_mac, version, first_id, issuer_party_id, holder_kind,
  status, status_reason, status_at, issued_at, valid_from, level, share_class, division, frozen, face, face_sha256,
  face_sm3, pdf_object_id, pdf_size, pdf_sha256, pdf_sm3, ofd_object_id, ofd_size, ofd_sha256, ofd_sm3, origin, entry_id)
SELECT md5('l' || n)::uuid, '1.2.' || n, 'LT01', '\\x00', sha256(n::text::bytea), 1, md5('l' || n)::uuid,
  md5('p')::uuid, 'person', '01', 'issued', now(), now(), '2025-01-01', 1, 'C', '310113', false, '\\x00', '\\x00', '\\x00',
  gen_random_uuid(), 1, sha256(('p' || n)::bytea), '\\x00', gen_random_uuid(), 1, sha256(('o' || n)::bytea), '\\x00',
  'issued', gen_random_uuid() FROM generate_series(1, :rows) AS n"""
_USES = """
INSERT INTO authz.use_ (id, client_id, key, jkt, party_id, operator, object_id, holder_id, holder_seq, mode, basis,
  case_no, item_code, cause, policies, policy_version, size, sha256, sm3, state, opened_at, closes_at, intent_entry_id)
SELECT md5('u' || n)::uuid, 'c', n::text, 'j', md5('p' || n % 9)::uuid, 'op', md5('l' || n % 2000)::uuid,
  md5('h')::uuid, n, 'copy', 'open', 'case', 'item', 'why', '{}', 'v', 1, '', '', 'open', now(), now(),
  gen_random_uuid() FROM generate_series(1, :rows) AS n"""
_WEBHOOKS = """
INSERT INTO api.webhook (id, party_id, url, events, operator, state, secret, created_at)
SELECT md5('w' || n)::uuid, md5('p' || n / 5)::uuid, 'https://example.org', '{licence.changed}', 'op', 'active', '\\x00',
  now() FROM generate_series(1, 5000) AS n"""
_MESSAGES = """
INSERT INTO api.webhook_message (id, webhook_id, event, type, body, created_at, state, attempts)
SELECT gen_random_uuid(), md5('w' || n % 10 + 1)::uuid, n::text, 'licence.changed', '\\x00', now(),
  CASE n % 100 WHEN 0 THEN 'failed' ELSE 'delivered' END, 1 FROM generate_series(1, :rows) AS n"""
_REFUSALS = """
INSERT INTO authz.refusal (id, client_id, party_id, operator, holder_id, emergency_id, case_no, item_code, mode, reason,
  said, at, entry_id)
SELECT gen_random_uuid(), 'c', md5('p1')::uuid, 'op', md5('h' || n % 3)::uuid,
  CASE n % 100 WHEN 0 THEN md5('g' || n)::uuid END, 'case', 'item', 'copy', 'why', 'why', now(), gen_random_uuid()
FROM generate_series(1, :rows) AS n"""
_TOGETHER = """
INSERT INTO authz.use_holder (use_id, holder_id, opened_at)
SELECT md5('u' || n)::uuid, md5('h' || n % 3)::uuid, now() FROM generate_series(1, :rows) AS n"""
_USAGE = """
INSERT INTO authz.party_usage (party_id, what, since, amount)
SELECT md5('p' || n)::uuid, 'requests', now() - n % 300 * interval '1 day', 1 FROM generate_series(1, :rows) AS n"""
_TABLES = (
    "certs.copy",
    "certs.licence",
    "authz.use_",
    "authz.refusal",
    "authz.use_holder",
    "authz.party_usage",
    "api.webhook",
    "api.webhook_message",
)


@pytest.fixture(scope="module")
def large(database: Database) -> Database:
    """A database with many rows of each."""
    patient = Database(database.url, patience=300)
    with patient.unit() as db:
        db.execute(text("SET LOCAL synchronous_commit = off"))
        db.execute(text("SET LOCAL session_replication_role = replica"))  # the rows fit: no need to look it up
        for statement in (_LICENCES, _COPIES, _USES, _REFUSALS, _TOGETHER, _USAGE, _WEBHOOKS, _MESSAGES):
            db.execute(text(statement), {"rows": ROWS} if ":rows" in statement else {})
        for table in _TABLES:
            db.execute(text(f"ANALYZE {table}"))
    patient.close()
    return database


def _md5(word: str) -> str:
    return str(UUID(bytes=md5(word.encode()).digest()))  # noqa: S324 - as the rows are made


NOW = SystemClock().now()
EVER = datetime(1, 1, 1, tzinfo=UTC)
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")
ACTS: dict[str, Callable[[Connection], object]] = {
    "copies.of_use": lambda db: run(db, copies.of_use(_md5("u77"))),
    "copies.by_digest": lambda db: run(db, copies.by_digest("ab" * 32)),
    "copies.original": lambda db: run(db, copies.original("ab" * 32)),
    "uses.users": lambda db: uses.users(db, _md5("l77")),
    "audit: what a department used": lambda db: auditlooks.by_department(db, _md5("p1"), EVER, LATEST, PAGE, "used"),
    "audit: what it was refused": lambda db: auditlooks.by_department(db, _md5("p1"), EVER, LATEST, PAGE, "refused"),
    "audit: copies of uses": lambda db: audited.copies_of(db, [_md5(f"u{each}") for each in range(1, PAGE)]),
    "audit: how much": lambda db: auditlooks.count(db, _md5("p1"), EVER, LATEST[0], PAGE // 2),
    "uses.cut": lambda db: uses.cut(db, _md5("l77"), NOW, NOW),
    "breakglass.attempts": lambda db: breakglass.attempts(db, _md5("g100"), PAGE),
    "ledger.joint": lambda db: ledger.joint(db, _md5("h1"), (NOW, new_id()), NOW, PAGE),
    "limits.forget": lambda db: limits.forget(db, ["requests_a_minute", "tokens_a_minute"], NOW),
    "webhooks.of_party": lambda db: webhookrows.of_party(db, _md5("p77")),
    "webhooks.count": lambda db: webhookrows.count(db, _md5("p77")),
    "webhooks.get": lambda db: webhookrows.get(db, _md5("w77"), lock=True),
    "webhooks.to_tell": lambda db: webhookrows.to_tell(db, [_md5("p77"), _md5("p78")], "licence.changed"),
    "webhooks.messages": lambda db: webhookrows.messages(db, _md5("w7"), before=None, limit=PAGE),
    "webhooks.messages page": lambda db: webhookrows.messages(db, _md5("w7"), before=new_id(), limit=PAGE),
    "webhooks.message": lambda db: webhookrows.message(db, new_id(), lock=True),
    "webhooks.failed_since": lambda db: webhookrows.failed_since(db, _md5("w7"), NOW, PAGE),
    "webhooks.forget": lambda db: webhookrows.forget(db, NOW.replace(year=2020)),
}


def plan(database: Database, act: Callable[[Connection], object]) -> list[dict[str, Any]]:
    """Every node of the plans of what an act asks, with what they cost in fact."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    with database.unit() as db:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            act(db)
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        nodes: list[dict[str, Any]] = []
        for statement, values in asked:
            answer = db.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
            nodes += _flat((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    assert asked
    return nodes


def _flat(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *[below for child in node.get("Plans", []) for below in _flat(child)]]


class TestPlans:
    @pytest.mark.parametrize("act", ACTS)
    def test_uses_an_index_and_reads_no_more_than_a_page(self, large: Database, act: str) -> None:
        nodes = plan(large, ACTS[act])
        kinds = {node["Node Type"] for node in nodes}
        assert not kinds & {"Seq Scan", "Parallel Seq Scan"}, kinds
        rows = sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in nodes
            if node.get("Relation Name") or node["Node Type"] == "Bitmap Index Scan"
        )
        assert rows <= 3 * PAGE, f"{rows} rows for one page"
