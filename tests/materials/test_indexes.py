"""No query whose cost grows with the table (DESIGN 11): the plans of every access path on 200,000 materials."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from ledger.db import Database
from ledger.ids import new_id
from ledger.steps import run
from materials import auditrows, store
from materials.checklist import rows
from materials.figures import store as figures
from materials.intake import store as intakes
from materials.store import Wanted
from tests.materials.world import FOOD, World, offline_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

ROWS = 200_000
BIG = 40_000
"""So many materials belong to one holder, one party and one project: a page of theirs must cost no more than others'.

Holder and party have ten materials in common: the path that asks for both must not walk all of either.
"""
PAGE = 51

_CASES = """
INSERT INTO materials.case_ (case_no, item_code, item_version, scenario, applicant_holder_id, presence, party_id,
  operator, division, state, opened_at, entry_id)
SELECT lpad(n::text, 20, '0'), :item, '1', 'default', md5('h' || n)::uuid, 'holder_login', md5('p' || n % 50)::uuid, 'op',
  '310118', 'open', now(), md5('e' || n)::uuid FROM generate_series(1, 20000) AS n"""
_PROJECTS = """
INSERT INTO materials.project (id, code, name, lead_holder_id, party_id, created_at)
SELECT md5('j' || n)::uuid, 'J' || n, 'j', md5('h' || n)::uuid, md5('p' || n % 50)::uuid, now()
FROM generate_series(1, 5000) AS n"""
_MEMBERS = """
INSERT INTO materials.project_member (project_id, holder_id)
SELECT md5('j' || n)::uuid, md5('h' || n)::uuid FROM generate_series(1, 5000) AS n"""
_MATERIALS = """
INSERT INTO materials.material (id, type_code, holder_id, version, status, object_id, file_name, media_type, size, sha256,
  sm3, division, party_id, operator, channel, verify_level, project_id, share_in_project, deposited_at, entry_id)
SELECT gen_random_uuid(), 'CL0' || lpad((n % 57 + 1)::text, 2, '0'),
  CASE WHEN n <= :big THEN md5('h1')::uuid ELSE md5('h' || n % 30000)::uuid END, 1, 'active', gen_random_uuid(), 'a.pdf',
  'application/pdf', 1000, sha256(n::text::bytea), sha256(n::text::bytea), '310113',
  CASE WHEN n BETWEEN :big - 9 AND 2 * :big THEN md5('p1')::uuid ELSE md5('p' || n % 2000)::uuid END, 'op', 'counter', 'staff_checked',
  CASE WHEN n <= :big THEN md5('j1')::uuid WHEN n % 5 = 0 THEN md5('j' || n % 5000 + 1)::uuid END,
  n <= :big OR n % 5 = 0, now(), gen_random_uuid() FROM generate_series(1, :rows) AS n"""


@pytest.fixture(scope="module")
def large(database: Database) -> Iterator[World]:
    """A world with many rows of every table."""
    objects = offline_objects()
    world = World(database, objects)
    patient = Database(database.url, patience=300)  # such an INSERT takes longer than any statement of ours
    with patient.unit() as db:
        db.execute(text("SET LOCAL synchronous_commit = off"))
        db.execute(text(_PROJECTS))
        db.execute(text(_MEMBERS))
        db.execute(text(_CASES), {"item": FOOD})
        db.execute(text(_MATERIALS), {"rows": ROWS, "big": BIG})
        for table in ("project", "project_member", "case_", "material"):
            db.execute(text(f"ANALYZE materials.{table}"))
    patient.close()
    yield world
    objects.close()


def plan(world: World, act: Callable[[Connection], object]) -> list[dict[str, Any]]:
    """Every node of the plans of what an act asks, with what they cost in fact."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    engine = world.database.engine
    with world.database.unit() as db:
        event.listen(engine, "before_cursor_execute", note)
        try:
            act(db)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        nodes: list[dict[str, Any]] = []
        for statement, values in asked:
            answer = db.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
            nodes += _flat((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    assert asked
    return nodes


def _flat(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *[below for child in node.get("Plans", []) for below in _flat(child)]]


NOW = datetime.now(UTC)
EVER = datetime(1, 1, 1, tzinfo=UTC)
LATEST = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")
ALL_TYPES = [f"CL{number:03d}" for number in range(1, 58)]
ACTS: dict[str, Callable[[Connection, str], object]] = {
    "of_holder": lambda db, h: store.of_holder(db, h, Wanted(ALL_TYPES, [new_id()], ALL_TYPES), after=None, limit=PAGE),
    "of_holder page": lambda db, h: store.of_holder(db, h, Wanted(["CL022", "CL025"]), after=new_id(), limit=PAGE),
    "of_project": lambda db, _: store.of_project(db, _md5("j1"), Wanted(ALL_TYPES), after=None, limit=PAGE),
    "of_project small": lambda db, _: store.of_project(db, _md5("j77"), Wanted(["CL022"]), after=new_id(), limit=PAGE),
    "deposited_by": lambda db, _: store.deposited_by(
        db, _md5("p1"), holder_id=None, type_code=None, after=None, limit=PAGE
    ),
    "deposited_by page": lambda db, _: store.deposited_by(
        db, _md5("p7"), holder_id=None, type_code=None, after=new_id(), limit=PAGE
    ),
    "deposited_by type": lambda db, _: store.deposited_by(
        db, _md5("p1"), holder_id=None, type_code="CL022", after=None, limit=PAGE
    ),
    "deposited_by holder": lambda db, h: store.deposited_by(
        db, _md5("p1"), holder_id=h, type_code=None, after=None, limit=PAGE
    ),
    "what a department deposited": lambda db, _: auditrows.deposits_of(db, _md5("p1"), EVER, LATEST, PAGE),
    "what it deposited before": lambda db, _: auditrows.deposits_of(db, _md5("p7"), EVER, (NOW, new_id()), PAGE),
    "which cases a department opened": lambda db, _: auditrows.cases_of(db, _md5("p1"), EVER, LATEST, PAGE),
    "what was deposited for a case": lambda db, _: auditrows.deposited_for(
        db, "00000000000000000077", (EVER, _md5("p1")), PAGE
    ),
    "what of it ended": lambda db, _: auditrows.ended_for(db, "00000000000000000077", (EVER, _md5("p1")), PAGE),
    "how much a department did": lambda db, _: auditrows.count(db, _md5("p1"), EVER, LATEST[0], PAGE // 2),
    "material": lambda db, _: run(db, store.material(new_id())),
    "object_of": lambda db, _: run(db, store.object_of(new_id())),
    "for_use": lambda db, _: run(db, store.for_use(new_id(), "00000000000000000077", _md5("p27"))),
    "case_of": lambda db, _: run(db, store.case_of("00000000000000000077", _md5("p27"), share=True)),
    "checklist case": lambda db, _: run(db, rows.case_row("00000000000000000077", _md5("p27"))),
    "checklist routes": lambda db, h: run(db, rows.routes("00000000000000000077", h, datetime.now(UTC))),
    "checklist materials": lambda db, h: run(
        db, rows.materials([rows.Wanted(n, h, code, True) for n, code in enumerate(ALL_TYPES[:10])], _md5("j1"))
    ),
    "intake duplicates": lambda db, h: intakes.same(
        db, _md5("p1"), [(n, sha256(str(n).encode()).hexdigest(), "CL022", h) for n in range(50)]
    ),
    "project_by_code": lambda db, _: run(db, store.project_by_code("J77")),
    "is_member": lambda db, h: run(db, store.is_member(_md5("j1"), h)),
}


def _md5(word: str) -> str:
    return str(UUID(bytes=md5(word.encode()).digest()))  # noqa: S324 - as the rows above are made


class TestPlans:
    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("holder", ["h1", "h777"])
    def test_uses_an_index_and_reads_no_more_than_a_page(self, large: World, act: str, holder: str) -> None:
        nodes = plan(large, lambda db: ACTS[act](db, _md5(holder)))
        kinds = {node["Node Type"] for node in nodes}
        assert not kinds & {"Seq Scan", "Parallel Seq Scan"}, kinds
        assert kinds & {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
        read = sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            for node in nodes
            if node.get("Relation Name") or node["Node Type"] == "Bitmap Index Scan"
        )
        most = PAGE * (len(ALL_TYPES) if act.startswith("of_") else 1)
        if act == "checklist materials":
            most = 2 * 10 * (rows.OWN_LIMIT + 1)
        assert read <= most, f"{read} rows for one page"

    @pytest.mark.parametrize(
        "act",
        [
            lambda db: figures.roll(
                db, date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)
            ),
            figures.bounds,
            lambda db: figures.uncounted(db, 500),
            lambda db: figures.overdue(db, None, datetime.now(UTC)),
        ],
        ids=["a day's sums", "which days are due", "cases to count", "cases overdue"],
    )
    def test_counting_costs_what_a_day_holds(self, large: World, act: Callable[[Connection], object]) -> None:
        """No look at the figures walks the materials or the cases."""
        for node in plan(large, act):
            if node.get("Relation Name") in {"material", "case_"}:
                assert node["Node Type"] != "Seq Scan"
                assert (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] <= 1

    def test_superseding_finds_the_successor_by_index(self, large: World) -> None:
        with large.database.unit() as db:
            some = str(db.execute(text("SELECT id::text FROM materials.material LIMIT 1")).scalar_one())
        nodes = plan(large, lambda db: run(db, store.current_version(some)))
        assert "Seq Scan" not in {node["Node Type"] for node in nodes}
