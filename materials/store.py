"""All queries on materials, cases and projects. Lists take a required scope; every path has an index (`tables`)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Uuid, delete, insert, select, text, update

from ledger.sqltext import copy_line, copy_rows
from materials import tables
from materials.model import Case, CaseState, Material, MaterialStatus, Project

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from psycopg.errors import UniqueViolation
    from sqlalchemy import Connection, Row, TextualSelect

    from ledger.steps import Statement, Steps

_MATERIAL_NAMES: Final = tuple(each.name for each in fields(Material))
_CASE_NAMES: Final = tuple(each.name for each in fields(Case) if each.name != "people")
_CASE_READ: Final = (*_CASE_NAMES, "people")
_MATERIAL: Final = [tables.things.material.c[name] for name in _MATERIAL_NAMES]
_NEXT_CASE: Final = text("SELECT nextval('materials.case_serial')")
_LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


_UUIDS: Final = frozenset(
    column.name
    for each in (tables.things.material, tables.cases.case)
    for column in each.c
    if isinstance(column.type, Uuid)
)


def _plain(alias: str, names: Sequence[str]) -> str:
    """Columns as psycopg gives them to a model: ids as text."""
    return ", ".join(f"{alias}.{name}::text" if name in _UUIDS else f"{alias}.{name}" for name in names)


_PEOPLE: Final = "ARRAY(SELECT cp.holder_id::text FROM materials.case_person cp WHERE cp.case_no = c.case_no)"
CASE_COLUMNS: Final = f"{_plain('c', _CASE_NAMES)}, {_PEOPLE}"
"""What `as_case` reads, of `materials.case_ c`."""
CASE_WIDTH: Final = len(_CASE_READ)
MATERIAL_COLUMNS: Final = _plain("m", _MATERIAL_NAMES)
"""What `as_material` reads, of `materials.material m`."""
MATERIAL_WIDTH: Final = len(_MATERIAL_NAMES)


def _listing(scope: str) -> TextualSelect:
    """Active materials of some types within a scope, and others of it by name.

    One short walk of the index per type, so that a page costs the same however much a holder or project has.
    """
    columns = ", ".join(_MATERIAL_NAMES)
    return text(
        f"""
        SELECT * FROM (
            SELECT {columns} FROM unnest(CAST(:types AS text[])) AS wanted(code) CROSS JOIN LATERAL (
                SELECT {columns} FROM materials.material
                WHERE {scope} AND type_code = wanted.code AND status = 'active' AND id < CAST(:after AS uuid)
                ORDER BY id DESC LIMIT :limit
            ) AS found
            UNION ALL
            SELECT {columns} FROM materials.material
            WHERE id = ANY(CAST(:named AS uuid[])) AND {scope} AND type_code = ANY(CAST(:within AS text[]))
              AND type_code <> ALL(CAST(:types AS text[])) AND status = 'active' AND id < CAST(:after AS uuid)
        ) AS listed ORDER BY id DESC LIMIT :limit"""
    ).columns(*_MATERIAL)


_OF_HOLDER: Final = _listing("holder_id = CAST(:scope AS uuid)")
_OF_PROJECT: Final = _listing("project_id = CAST(:scope AS uuid) AND share_in_project")

_FOR_USE: Final = f"""
WITH found AS (
  SELECT {_plain("m", _MATERIAL_NAMES)} FROM materials.material m WHERE m.id = %(material)s::uuid FOR SHARE
), held AS (
  SELECT {CASE_COLUMNS}, p.lead_holder_id::text
  FROM materials.case_ c LEFT JOIN materials.project p ON p.id = c.project_id
  WHERE c.case_no = %(case)s AND c.party_id = %(party)s::uuid FOR SHARE OF c
)
SELECT found.*, held.* FROM (VALUES (1)) AS one LEFT JOIN found ON true LEFT JOIN held ON true"""


_TYPES_OF: Final = "SELECT id::text, type_code FROM materials.material WHERE id = ANY(%(ids)s::uuid[])"
_MATERIAL_OF: Final = f"SELECT {_plain('m', _MATERIAL_NAMES)} FROM materials.material m WHERE m.id = %(id)s::uuid"
_INSERT_MATERIAL: Final = (
    f"INSERT INTO materials.material ({', '.join(_MATERIAL_NAMES)})"
    f" VALUES ({', '.join(f'%({name})s' for name in _MATERIAL_NAMES)})"
)
_COPY_MATERIALS: Final = f"COPY materials.material ({', '.join(_MATERIAL_NAMES)}) FROM STDIN"
_END: Final = """
UPDATE materials.material SET status = %(status)s, superseded_by = %(by)s, ended_at = %(at)s, ended_entry_id = %(entry)s
WHERE id = %(id)s"""
_CASE_OF: Final = f"""
SELECT {CASE_COLUMNS} FROM materials.case_ c WHERE c.case_no = %(case)s AND c.party_id = %(party)s"""
_CASES_OF: Final = f"""
SELECT {CASE_COLUMNS} FROM materials.case_ c WHERE c.party_id = %(party)s
AND (%(operator)s::text IS NULL OR c.operator = %(operator)s)
AND (%(after)s::text IS NULL OR (c.opened_at, c.case_no) <
  (SELECT b.opened_at, b.case_no FROM materials.case_ b WHERE b.case_no = %(after)s AND b.party_id = %(party)s))
AND CASE %(stage)s::text WHEN 'draft' THEN c.state = 'draft' WHEN 'closed' THEN c.state = 'closed'
  WHEN 'intake' THEN c.state = 'open' AND c.accepted_at IS NULL
  WHEN 'accepted' THEN c.state = 'open' AND c.accepted_at IS NOT NULL ELSE true END
ORDER BY c.opened_at DESC, c.case_no DESC LIMIT %(limit)s"""
_PROJECT: Final = """
SELECT id::text, code, name, lead_holder_id::text, party_id::text FROM materials.project WHERE code = %(code)s"""
_IS_MEMBER: Final = "SELECT 1 FROM materials.project_member WHERE project_id = %(project)s AND holder_id = %(holder)s"


def _material(row: Row[Any]) -> Material:
    return _made_material(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def _made_material(held: dict[str, Any]) -> Material:
    held["sha256"], held["sm3"] = bytes(held["sha256"]).hex(), bytes(held["sm3"]).hex()
    held["status"] = MaterialStatus(held["status"])
    return Material(**held)


def _made_case(held: dict[str, Any]) -> Case:
    held["state"], held["people"] = CaseState(held["state"]), frozenset(held["people"])
    return Case(**held)


def as_case(row: Sequence[Any]) -> Case:
    """A row of case columns as a value."""
    return _made_case(dict(zip(_CASE_READ, row, strict=True)))


def as_material(row: Sequence[Any]) -> Material:
    """A row of material columns as a value."""
    return _made_material(dict(zip(_MATERIAL_NAMES, row, strict=True)))


# Projects


def project_by_code(code: str) -> Steps[Project | None]:
    """A project by its code."""
    rows = yield _PROJECT, {"code": code}
    return Project(*rows[0]) if rows else None


def is_member(project_id: str, holder_id: str) -> Steps[bool]:
    """Whether a holder belongs to a project."""
    return bool((yield _IS_MEMBER, {"project": project_id, "holder": holder_id}))


# Cases


def next_case_serial(db: Connection) -> int:
    """The next running number of a case."""
    return int(db.execute(_NEXT_CASE).scalar_one())


def insert_case(
    db: Connection,
    case: Case,
    presence_digest: str | None,
    answers: bytes | None = None,
    people: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> None:
    """Write a case.

    Args:
        answers: encrypted.
        people: holders by role.
    """
    values = {name: getattr(case, name) for name in _CASE_NAMES}
    held = {"state": case.state.value, "presence_digest": presence_digest, "answers": answers}
    db.execute(insert(tables.cases.case), values | held)
    _insert_people(db, case.case_no, people)


def case_of(case_no: str, party_id: str, *, lock: bool = False, share: bool = False) -> Steps[Case | None]:
    """A case of one organisation.

    Args:
        lock: to change it.
        share: so that it cannot change before the unit ends.
    """
    locking = " FOR UPDATE OF c" if lock else " FOR SHARE OF c" if share else ""
    rows = yield _CASE_OF + locking, {"case": case_no, "party": party_id}
    return as_case(rows[0]) if rows else None


def cases_of(
    db: Connection, party_id: str, *, operator: str | None, stage: str | None, after: str | None, limit: int
) -> list[Case]:
    """Cases of an organisation, the newest first.

    Args:
        operator: only those they opened.
        stage: `draft`, `intake`, `accepted` or `closed`.
        after: number of the case before the first.
    """
    values = {"party": party_id, "operator": operator, "stage": stage, "after": after, "limit": limit}
    return [as_case(row) for row in db.exec_driver_sql(_CASES_OF, values)]


def close_case(
    db: Connection, case_no: str, at: datetime, entry_id: str, decision: str | None = None, result_id: str | None = None
) -> None:
    """Close a case that is locked by the caller, with a decision or without."""
    held = tables.cases.case
    values = {"state": CaseState.closed.value, "closed_at": at, "closing_entry_id": entry_id}
    values |= {"decision": decision, "result_id": result_id}
    db.execute(update(held).where(held.c.case_no == case_no), values)


def submit_case(db: Connection, case_no: str, version: str, scenario: str) -> None:
    """Turn a draft that is locked by the caller into an open case, under a version of its item."""
    held = tables.cases.case
    values = {"state": CaseState.open.value, "item_version": version, "scenario": scenario}
    db.execute(update(held).where(held.c.case_no == case_no), values)


def accept_case(db: Connection, case_no: str, at: datetime, due: tuple[datetime, datetime], entry_id: str) -> None:
    """Write that a case, locked by the caller, was accepted.

    Args:
        due: when the decision is due, as promised and by law.
    """
    held = tables.cases.case
    values = {"accepted_at": at, "due_at": due[0], "statutory_due_at": due[1], "acceptance_entry_id": entry_id}
    db.execute(update(held).where(held.c.case_no == case_no), values)


def send_back_case(db: Connection, case_no: str) -> None:
    """Count that the applicant of a case, locked by the caller, was asked for more."""
    held = tables.cases.case
    db.execute(update(held).where(held.c.case_no == case_no).values(send_backs=held.c.send_backs + 1))


def amend_case(
    db: Connection, case_no: str, scenario: str, answers: bytes, people: Mapping[str, Sequence[str]]
) -> None:
    """Replace the answers and the people of a case that is locked by the caller."""
    held, persons = tables.cases.case, tables.cases.case_person
    db.execute(update(held).where(held.c.case_no == case_no), {"scenario": scenario, "answers": answers})
    db.execute(delete(persons).where(persons.c.case_no == case_no))
    _insert_people(db, case_no, people)


def answers_of(db: Connection, case_no: str) -> tuple[bytes | None, dict[str, list[str]]]:
    """The encrypted answers of a case, and its people by role."""
    held, persons = tables.cases.case, tables.cases.case_person
    answers = db.execute(select(held.c.answers).where(held.c.case_no == case_no)).scalar_one()
    people: dict[str, list[str]] = {}
    named = select(persons.c.role, persons.c.holder_id).where(persons.c.case_no == case_no)
    for role, holder in db.execute(named.order_by(persons.c.role, persons.c.number)):
        people.setdefault(role, []).append(holder)
    return None if answers is None else bytes(answers), people


def _insert_people(db: Connection, case_no: str, people: Mapping[str, Sequence[str]]) -> None:
    rows = [
        {"case_no": case_no, "role": role, "number": number, "holder_id": holder}
        for role, holders in people.items()
        for number, holder in enumerate(holders)
    ]
    if rows:
        db.execute(insert(tables.cases.case_person), rows)


# Materials


def insert_material(material: Material) -> Statement:
    """What writes a material; fails by `is_superseded` where another version superseded the same one first."""
    values = {name: getattr(material, name) for name in _MATERIAL_NAMES}
    values |= {"sha256": bytes.fromhex(material.sha256), "sm3": bytes.fromhex(material.sm3)}
    return _INSERT_MATERIAL, values | {"status": material.status.value}


def copy_materials(db: Connection, materials: Iterable[Material]) -> None:
    """Write materials by COPY. A file name has no character that would need an escape (`model.check_file_name`)."""
    copy_rows(db, _COPY_MATERIALS, (copy_line(_copied(each)) for each in materials))


def _copied(material: Material) -> list[object]:
    values = {name: getattr(material, name) for name in _MATERIAL_NAMES}
    values |= {"sha256": bytes.fromhex(material.sha256), "sm3": bytes.fromhex(material.sm3)}
    return list((values | {"status": material.status.value}).values())


def is_superseded(error: UniqueViolation) -> bool:
    """Whether a version could not be written because the one it replaces was replaced already."""
    return error.diag.constraint_name == "uq_material_supersedes"


def end(material_id: str, status: MaterialStatus, at: datetime, entry_id: str, by: str | None) -> Statement:
    """What ends an active version, locked by the caller: superseded `by` another, or withdrawn."""
    return _END, {"id": material_id, "status": status.value, "by": by, "at": at, "entry": entry_id}


def material(material_id: str, *, lock: bool = False) -> Steps[Material | None]:
    """One material."""
    rows = yield _MATERIAL_OF + (" FOR UPDATE" if lock else ""), {"id": material_id}
    return _made_material(dict(zip(_MATERIAL_NAMES, rows[0], strict=True))) if rows else None


_CURRENT: Final = """
WITH RECURSIVE chain AS (
  SELECT id, superseded_by FROM materials.material WHERE id = %(material)s::uuid
  UNION ALL SELECT m.id, m.superseded_by FROM materials.material m JOIN chain ON m.id = chain.superseded_by
)
SELECT id::text FROM chain WHERE superseded_by IS NULL"""
_VERSIONS_BEFORE: Final = """
WITH RECURSIVE chain AS (
  SELECT id, supersedes FROM materials.material WHERE id = %(material)s::uuid
  UNION ALL SELECT m.id, m.supersedes FROM materials.material m JOIN chain ON m.id = chain.supersedes
)
SELECT id::text FROM chain"""
_FREEZE: Final = "UPDATE materials.material SET status = %(to)s WHERE id = %(id)s AND status = %(before)s"
_OBJECT_OF: Final = "SELECT object_id::text FROM materials.material WHERE id = %(material)s::uuid"


def current_version(material_id: str) -> Steps[str]:
    """The newest version of a material, following its successors."""
    rows = yield _CURRENT, {"material": material_id}
    return str(rows[0][0])


def versions_before(material_id: str) -> Steps[list[str]]:
    """A material and the versions it superseded, the newest first."""
    return [row[0] for row in (yield _VERSIONS_BEFORE, {"material": material_id})]


def freeze(material_id: str, before: MaterialStatus, to: MaterialStatus) -> Statement:
    """What marks a material, locked by the caller, as disputed, or as active again."""
    return _FREEZE, {"id": material_id, "before": before.value, "to": to.value}


def object_of(material_id: str) -> Steps[str | None]:
    """The stored object of a material."""
    rows = yield _OBJECT_OF, {"material": material_id}
    return rows[0][0] if rows else None


# Lists: newest first, since ids are UUID version 7 and their order is the order of deposit


def deposited_by(
    db: Connection, party_id: str, *, holder_id: str | None, type_code: str | None, after: str | None, limit: int
) -> list[Material]:
    """What an organisation deposited, in whatever state."""
    held = tables.things.material.c
    query = select(*_MATERIAL).where(held.party_id == party_id)
    if holder_id:
        query = query.where(held.holder_id == holder_id)
    if type_code:
        query = query.where(held.type_code == type_code)
    if after:
        query = query.where(held.id < after)
    return [_material(row) for row in db.execute(query.order_by(held.id.desc()).limit(limit))]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which materials of a scope a list may show.

    Attributes:
        types: every one of these types.
        named: ids of others, as far as they are of one of the types `within`.
    """

    types: Collection[str]
    named: Collection[str] = ()
    within: Collection[str] = ()


def of_holder(db: Connection, holder_id: str, wanted: Wanted, *, after: str | None, limit: int) -> list[Material]:
    """A holder's active materials."""
    return _of_types(db, _OF_HOLDER, holder_id, wanted, after, limit)


def of_project(db: Connection, project_id: str, wanted: Wanted, *, after: str | None, limit: int) -> list[Material]:
    """A project's active materials that their depositors share in it."""
    return _of_types(db, _OF_PROJECT, project_id, wanted, after, limit)


def _of_types(
    db: Connection, query: TextualSelect, scope: str, wanted: Wanted, after: str | None, limit: int
) -> list[Material]:
    values: dict[str, Any] = {"scope": scope, "types": sorted(wanted.types), "named": sorted(wanted.named)}
    values |= {"within": sorted(wanted.within), "after": after or _LAST_ID, "limit": limit}
    return [_material(row) for row in db.execute(query, values)]


def types_of(db: Connection, ids: Collection[str]) -> dict[str, str]:
    """Type codes of materials by id; what is none is left out."""
    rows = db.exec_driver_sql(_TYPES_OF, {"ids": list(ids)})
    return {row[0]: row[1] for row in rows}


# The hot path of a use


def for_use(material_id: str, case_no: str, party_id: str) -> Steps[tuple[Material | None, Case | None, str | None]]:
    """Material, the organisation's case, and who leads its project: one statement.

    Material and case are locked `FOR SHARE`: neither is superseded, withdrawn or closed before the unit ends
    (RELIABILITY Z7). Both locks are taken in this order everywhere, and both are shared, so uses never wait for uses.
    """
    row = (yield _FOR_USE, {"material": material_id, "case": case_no, "party": party_id})[0]
    found = dict(zip(_MATERIAL_NAMES, row, strict=False))
    held = dict(zip(_CASE_READ, row[len(_MATERIAL_NAMES) :], strict=False))
    return (
        _made_material(found) if found["id"] is not None else None,
        _made_case(held) if held["case_no"] is not None else None,
        row[-1],
    )
