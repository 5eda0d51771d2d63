"""All queries on materials, cases and projects. Lists take a required scope; every path has an index (`tables`)."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Uuid, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from materials import tables
from materials.errors import ProjectExistsError, SupersedeRefusedError
from materials.model import Case, CaseState, Material, MaterialStatus, Project

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, TextualSelect

    from ledger.steps import Steps

_MATERIAL_NAMES: Final = tuple(each.name for each in fields(Material))
_CASE_NAMES: Final = tuple(each.name for each in fields(Case))
_MATERIAL: Final = [tables.material.c[name] for name in _MATERIAL_NAMES]
_CASE: Final = [tables.case.c[name] for name in _CASE_NAMES]
_INSERT_MATERIAL: Final = insert(tables.material)
_NEXT_CASE: Final = text("SELECT nextval('materials.case_serial')")
_LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def _listing(scope: str) -> TextualSelect:
    """Active materials of some types within a scope.

    One short walk of the index per type, so that a page costs the same however much a holder or project has.
    """
    columns = ", ".join(_MATERIAL_NAMES)
    return text(
        f"""
        SELECT {columns} FROM unnest(CAST(:types AS text[])) AS wanted(code) CROSS JOIN LATERAL (
            SELECT {columns} FROM materials.material
            WHERE {scope} AND type_code = wanted.code AND status = 'active' AND id < CAST(:after AS uuid)
            ORDER BY id DESC LIMIT :limit
        ) AS found ORDER BY id DESC LIMIT :limit"""
    ).columns(*_MATERIAL)


_OF_HOLDER: Final = _listing("holder_id = CAST(:scope AS uuid)")
_OF_PROJECT: Final = _listing("project_id = CAST(:scope AS uuid) AND share_in_project")

_UUIDS: Final = frozenset(
    column.name for each in (tables.material, tables.case) for column in each.c if isinstance(column.type, Uuid)
)


def _plain(alias: str, names: Sequence[str]) -> str:
    """Columns as psycopg gives them to a model: ids as text."""
    return ", ".join(f"{alias}.{name}::text" if name in _UUIDS else f"{alias}.{name}" for name in names)


_FOR_USE: Final = f"""
WITH found AS (
  SELECT {_plain("m", _MATERIAL_NAMES)} FROM materials.material m WHERE m.id = %(material)s::uuid FOR SHARE
), held AS (
  SELECT {_plain("c", _CASE_NAMES)}, p.lead_holder_id::text
  FROM materials.case_ c LEFT JOIN materials.project p ON p.id = c.project_id
  WHERE c.case_no = %(case)s AND c.party_id = %(party)s::uuid FOR SHARE OF c
)
SELECT found.*, held.* FROM (VALUES (1)) AS one LEFT JOIN found ON true LEFT JOIN held ON true"""


def _material(row: Row[Any]) -> Material:
    return _made_material(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def _made_material(held: dict[str, Any]) -> Material:
    held["sha256"], held["sm3"] = bytes(held["sha256"]).hex(), bytes(held["sm3"]).hex()
    held["status"] = MaterialStatus(held["status"])
    return Material(**held)


def _case(row: Row[Any]) -> Case:
    return _made_case(dict(row._mapping))  # noqa: SLF001


def _made_case(held: dict[str, Any]) -> Case:
    held["state"] = CaseState(held["state"])
    return Case(**held)


def _constraint(error: IntegrityError) -> str | None:
    """Which rule of the database was broken."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)


# Projects


def insert_project(db: Connection, project: Project, members: Collection[str], at: datetime) -> None:
    """Write a project and its members.

    Raises:
        ProjectExistsError: the code is taken.
    """
    values = {each.name: getattr(project, each.name) for each in fields(project)}
    try:
        with db.begin_nested():
            db.execute(insert(tables.project), values | {"created_at": at})
    except IntegrityError as error:
        if _constraint(error) == "uq_project_code":
            raise ProjectExistsError from error
        raise
    rows = [{"project_id": project.id, "holder_id": holder} for holder in sorted({project.lead_holder_id, *members})]
    db.execute(insert(tables.project_member), rows)


def project_by_code(db: Connection, code: str) -> Project | None:
    """A project by its code."""
    columns = [tables.project.c[each.name] for each in fields(Project)]
    row = db.execute(select(*columns).where(tables.project.c.code == code)).first()
    return Project(**row._mapping) if row else None  # noqa: SLF001


def is_member(db: Connection, project_id: str, holder_id: str) -> bool:
    """Whether a holder belongs to a project."""
    held = tables.project_member.c
    found = select(held.holder_id).where(held.project_id == project_id, held.holder_id == holder_id)
    return db.execute(found).first() is not None


# Cases


def next_case_serial(db: Connection) -> int:
    """The next running number of a case."""
    return int(db.execute(_NEXT_CASE).scalar_one())


def insert_case(db: Connection, case: Case, presence_digest: str | None) -> None:
    """Write a case."""
    values = {each.name: getattr(case, each.name) for each in fields(case)}
    db.execute(insert(tables.case), values | {"state": case.state.value, "presence_digest": presence_digest})


def case_of(db: Connection, case_no: str, party_id: str, *, lock: bool = False, share: bool = False) -> Case | None:
    """A case of one organisation.

    Args:
        lock: to change it.
        share: so that it cannot change before the unit ends.
    """
    query = select(*_CASE).where(tables.case.c.case_no == case_no, tables.case.c.party_id == party_id)
    row = db.execute(query.with_for_update(read=share) if lock or share else query).first()
    return _case(row) if row else None


def close_case(db: Connection, case_no: str, at: datetime, entry_id: str) -> None:
    """Close a case that is open and locked by the caller."""
    held = tables.case
    values = {"state": CaseState.closed.value, "closed_at": at, "closing_entry_id": entry_id}
    db.execute(update(held).where(held.c.case_no == case_no), values)


# Materials


def insert_material(db: Connection, material: Material) -> None:
    """Write a material.

    Raises:
        SupersedeRefusedError: another version superseded the same one first (the race ends at the unique key).
    """
    values = {each.name: getattr(material, each.name) for each in fields(material)}
    values |= {"sha256": bytes.fromhex(material.sha256), "sm3": bytes.fromhex(material.sm3)}
    try:
        db.execute(_INSERT_MATERIAL, values | {"status": material.status.value})
    except IntegrityError as error:
        if _constraint(error) == "uq_material_supersedes":
            raise SupersedeRefusedError(problem="not the current version") from error
        raise


def end(db: Connection, material_id: str, status: MaterialStatus, at: datetime, entry_id: str, by: str | None) -> None:
    """End an active version, locked by the caller: superseded `by` another, or withdrawn."""
    held = tables.material
    values = {"status": status.value, "superseded_by": by, "ended_at": at, "ended_entry_id": entry_id}
    db.execute(update(held).where(held.c.id == material_id), values)


def material(db: Connection, material_id: str, *, lock: bool = False) -> Material | None:
    """One material."""
    query = select(*_MATERIAL).where(tables.material.c.id == material_id)
    row = db.execute(query.with_for_update() if lock else query).first()
    return _material(row) if row else None


_CURRENT: Final = """
WITH RECURSIVE chain AS (
  SELECT id, superseded_by FROM materials.material WHERE id = %(material)s::uuid
  UNION ALL SELECT m.id, m.superseded_by FROM materials.material m JOIN chain ON m.id = chain.superseded_by
)
SELECT id::text FROM chain WHERE superseded_by IS NULL"""
_OBJECT_OF: Final = "SELECT object_id::text FROM materials.material WHERE id = %(material)s::uuid"


def current_version(material_id: str) -> Steps[str]:
    """The newest version of a material, following its successors."""
    rows = yield _CURRENT, {"material": material_id}
    return str(rows[0][0])


def object_of(material_id: str) -> Steps[str | None]:
    """The stored object of a material."""
    rows = yield _OBJECT_OF, {"material": material_id}
    return rows[0][0] if rows else None


# Lists: newest first, since ids are UUID version 7 and their order is the order of deposit


def deposited_by(
    db: Connection, party_id: str, *, holder_id: str | None, type_code: str | None, after: str | None, limit: int
) -> list[Material]:
    """What an organisation deposited, in whatever state."""
    held = tables.material.c
    query = select(*_MATERIAL).where(held.party_id == party_id)
    if holder_id:
        query = query.where(held.holder_id == holder_id)
    if type_code:
        query = query.where(held.type_code == type_code)
    if after:
        query = query.where(held.id < after)
    return [_material(row) for row in db.execute(query.order_by(held.id.desc()).limit(limit))]


def of_holder(
    db: Connection, holder_id: str, types: Collection[str], *, after: str | None, limit: int
) -> list[Material]:
    """A holder's active materials of some types."""
    return _of_types(db, _OF_HOLDER, holder_id, types, after, limit)


def of_project(
    db: Connection, project_id: str, types: Collection[str], *, after: str | None, limit: int
) -> list[Material]:
    """A project's active materials of some types that their depositors share in it."""
    return _of_types(db, _OF_PROJECT, project_id, types, after, limit)


def _of_types(
    db: Connection, query: TextualSelect, scope: str, types: Collection[str], after: str | None, limit: int
) -> list[Material]:
    values = {"scope": scope, "types": sorted(types), "after": after or _LAST_ID, "limit": limit}
    return [_material(row) for row in db.execute(query, values)]


# The hot path of a use


def for_use(material_id: str, case_no: str, party_id: str) -> Steps[tuple[Material | None, Case | None, str | None]]:
    """Material, the organisation's case, and who leads its project: one statement.

    Material and case are locked `FOR SHARE`: neither is superseded, withdrawn or closed before the unit ends
    (RELIABILITY Z7). Both locks are taken in this order everywhere, and both are shared, so uses never wait for uses.
    """
    row = (yield _FOR_USE, {"material": material_id, "case": case_no, "party": party_id})[0]
    found = dict(zip(_MATERIAL_NAMES, row, strict=False))
    held = dict(zip(_CASE_NAMES, row[len(_MATERIAL_NAMES) :], strict=False))
    return (
        _made_material(found) if found["id"] is not None else None,
        _made_case(held) if held["case_no"] is not None else None,
        row[-1],
    )
