"""No query on licences whose cost grows with the table (DESIGN 11): plans of every access path on 30,000 licences."""

from __future__ import annotations

import json
from datetime import date
from hashlib import md5
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import text

from certs.store import composites, issuers, representation
from ledger.db import Database
from ledger.ids import new_id
from tests.certs.world import Library

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROWS = 30_000
PAGE = 51
TYPES = [f"LT{number:02d}" for number in range(1, 26)]

_LICENCES = """
INSERT INTO certs.licence (id, licence_id, type_code, licence_no, no_mac, version, first_id, issuer_party_id, holder_kind,
  status, status_reason, status_at, issued_at, valid_from, valid_to, level, share_class, division, frozen, face,
  face_sha256, face_sm3, origin, entry_id)
SELECT md5('l' || n)::uuid, '1.2.' || n, 'LT' || lpad((n % 25 + 1)::text, 2, '0'), '\\x00', sha256(n::text::bytea), 1,
  md5('l' || n)::uuid, CASE WHEN n % 2 = 0 THEN md5('p1')::uuid ELSE md5('p' || n % 500)::uuid END, 'person', '01',
  'gathered', now(), now(), '2025-01-01', date '2026-01-01' + (n % 4000), 1, 'C', '310113', false, '\\x00',
  '\\x00', '\\x00', 'gathered', gen_random_uuid() FROM generate_series(1, :rows) AS n"""
_HOLDERS = """
INSERT INTO certs.licence_holder (licence_id, position, holder_id, type_code, slot, standing)
SELECT id, 1, CASE WHEN substr(licence_id, 5)::int % 2 = 0 THEN md5('h1')::uuid
  ELSE md5('h' || substr(licence_id, 5)::int % 30000)::uuid END, type_code, sha256(licence_id::bytea), true
FROM certs.licence"""
_EVENTS = """
INSERT INTO certs.licence_event (licence_id, entry_id, at, operation, status, reason, party_id, operator)
SELECT id, entry_id, now(), '01', '01', 'gathered', issuer_party_id, 'op' FROM certs.licence"""
_MEMBERS = """
INSERT INTO certs.licence_member (composite_id, member_first_id, position)
SELECT md5('l' || n)::uuid, md5('l' || n + 1)::uuid, 1 FROM generate_series(1, 20000) AS n"""
_FACTS = """
INSERT INTO certs.representation (id, organisation_id, person_id, kind, valid_from, source_party_id, operator, entry_id,
  created_at, licence_id)
SELECT gen_random_uuid(), md5('o' || n)::uuid, md5('h' || n)::uuid, 'legal_representative', now(), md5('p1')::uuid, 'op',
  gen_random_uuid(), now(), md5('l' || n)::uuid FROM generate_series(1, 20000) AS n"""


def _md5(word: str) -> str:
    return str(UUID(bytes=md5(word.encode()).digest()))  # noqa: S324 - as the rows are made


@pytest.fixture(scope="module")
def large(database: Database) -> Library:
    """A library with many rows: one holder and one issuer have half of them."""
    library = Library(database)
    patient = Database(database.url, patience=300)
    with patient.unit() as db:
        db.execute(text("SET LOCAL synchronous_commit = off"))
        db.execute(text("SET LOCAL session_replication_role = replica"))  # the rows fit: no need to look it up
        db.execute(text(_LICENCES), {"rows": ROWS})
        for statement in (_HOLDERS, _EVENTS, _MEMBERS, _FACTS):
            db.execute(text(statement))
        for table in ("licence", "licence_holder", "licence_event", "licence_member", "representation"):
            db.execute(text(f"ANALYZE certs.{table}"))
    patient.close()
    return library


ACTS: dict[str, Callable[[Library], Generator[Any, Any, Any]]] = {
    "get": lambda it: it.store.get(_md5("l77")),
    "get locked": lambda it: it.store.get(_md5("l77"), lock="share"),
    "by_licence_id": lambda it: it.store.by_licence_id("1.2.77"),
    "by_number": lambda it: it.store.by_number("LT01", "11310113XX00000A2R", "77"),
    "current": lambda it: it.store.current(_md5("l77")),
    "versions": lambda it: it.store.versions(_md5("l77")),
    "of_holder big": lambda it: it.store.of_holder(_md5("h1"), TYPES, limit=PAGE),
    "of_holder": lambda it: it.store.of_holder(_md5("h777"), ["LT01", "LT12"], after=new_id(), limit=PAGE),
    "of_holder ended": lambda it: it.store.of_holder(_md5("h1"), ["LT01"], standing=False, limit=PAGE),
    "issued_by big": lambda it: it.store.issued_by(_md5("p1"), limit=PAGE),
    "issued_by type": lambda it: it.store.issued_by(_md5("p1"), type_code="LT11", after=new_id(), limit=PAGE),
    "due": lambda it: it.store.due(date(2026, 1, 3), limit=PAGE),
    "content": lambda it: it.store.content(_md5("l77")),
    "credential": lambda it: it.store.credential(_md5("l77")),
    "events": lambda it: it.store.events(_md5("l77")),
    "rivals": lambda it: it.store.rivals(b"\0" * 32, [_md5("h1"), _md5("h2")], b"\1" * 32),
    "taken_numbers": lambda it: it.store.taken_numbers([b"\0" * 32, b"\1" * 32]),
    "taken_slots": lambda it: it.store.taken_slots([(_md5("h1"), b"\1" * 32)]),
    "known_ids": lambda it: it.store.known_ids(["1.2.77", "1.2.x"]),
    "issues": lambda _: issuers.issues(_md5("p1"), "LT01"),
    "composites.of_member": lambda _: composites.of_member(_md5("l77")),
    "composites.statuses": lambda _: composites.statuses(_md5("l77")),
    "composites.members": lambda _: composites.members(_md5("l77")),
    "representation.kinds": lambda it: representation.kinds(_md5("h1"), _md5("o1"), it.clock.now()),
}
SMALL = {"issues"}
"""Tables with a few hundred rows, where a look at all of them is the better plan."""


def _flat(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *[below for child in node.get("Plans", []) for below in _flat(child)]]


def plan(library: Library, statement: str, values: Any) -> list[dict[str, Any]]:
    with library.database.unit() as db:
        answer = db.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    return _flat((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])


class TestPlans:
    @pytest.mark.parametrize("act", ACTS)
    def test_uses_an_index_and_reads_no_more_than_a_page(self, large: Library, act: str) -> None:
        nodes = plan(large, *next(ACTS[act](large)))
        kinds = {node["Node Type"] for node in nodes}
        if act not in SMALL:
            assert not kinds & {"Seq Scan", "Parallel Seq Scan"}, kinds
        rows = sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in nodes
            if node.get("Relation Name") or node["Node Type"] == "Bitmap Index Scan"
        )
        assert rows <= PAGE * 3 * (len(TYPES) if act == "of_holder big" else 1), f"{rows} rows for one page"

    def test_facts_of_a_licence_are_found_by_index(self, large: Library) -> None:
        values = {"licence": _md5("l77"), "at": large.clock.now()}
        kinds = {node["Node Type"] for node in plan(large, representation._OF_LICENCE, values)}
        assert not kinds & {"Seq Scan", "Parallel Seq Scan"}, kinds
