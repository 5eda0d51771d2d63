"""All queries on materials, cases and projects. Lists take a required scope; every path has an index (`tables`)."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from materials import tables
from materials.errors import ProjectExistsError, SupersedeRefusedError
from materials.model import Case, CaseState, Material, MaterialStatus, Project

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

_MATERIAL: Final = [tables.material.c[each.name] for each in fields(Material)]
_CASE: Final = [tables.case.c[each.name] for each in fields(Case)]
_NEXT_CASE: Final = text("select nextval('materials.case_serial')")


def _material(row: Row[Any]) -> Material:
    held = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    held |= {"sha256": bytes(held["sha256"]).hex(), "sm3": bytes(held["sm3"]).hex()}
    return Material(**(held | {"status": MaterialStatus(held["status"])}))


def _case(row: Row[Any]) -> Case:
    held = dict(row._mapping)  # noqa: SLF001
    return Case(**(held | {"state": CaseState(held["state"])}))


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
        raise ProjectExistsError from error
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


def insert_case(db: Connection, case: Case, presence_digest: bytes | None) -> None:
    """Write a case."""
    values = {each.name: getattr(case, each.name) for each in fields(case)}
    db.execute(insert(tables.case), values | {"state": case.state.value, "presence_digest": presence_digest})


def case_of(db: Connection, case_no: str, party_id: str, *, lock: bool = False) -> Case | None:
    """A case of one organisation."""
    query = select(*_CASE).where(tables.case.c.case_no == case_no, tables.case.c.party_id == party_id)
    row = db.execute(query.with_for_update() if lock else query).first()
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
        db.execute(insert(tables.material), values | {"status": material.status.value})
    except IntegrityError as error:
        if "supersedes" in str(error.orig):
            raise SupersedeRefusedError(material=material.supersedes or "") from error
        raise


def supersede(db: Connection, old: str, new: str, entry_id: str) -> None:
    """Mark a version as superseded by another."""
    held = tables.material
    values = {"status": MaterialStatus.superseded.value, "superseded_by": new, "superseded_entry_id": entry_id}
    db.execute(update(held).where(held.c.id == old), values)


def material(db: Connection, material_id: str, *, lock: bool = False) -> Material | None:
    """One material."""
    query = select(*_MATERIAL).where(tables.material.c.id == material_id)
    row = db.execute(query.with_for_update() if lock else query).first()
    return _material(row) if row else None


def superseded_entry(db: Connection, material_id: str) -> str | None:
    """The entry that says a material was superseded."""
    held = tables.material.c
    return db.execute(select(held.superseded_entry_id).where(held.id == material_id)).scalar()


def _page(query: Select[Any], after: str | None, limit: int) -> Select[Any]:
    """One page, newest first: ids are UUID version 7, so their order is the order of deposit."""
    held = tables.material.c.id
    query = query.where(held < after) if after else query
    return query.order_by(held.desc()).limit(limit)


def deposited_by(
    db: Connection, party_id: str, *, holder_id: str | None, type_code: str | None, after: str | None, limit: int
) -> list[Material]:
    """What an organisation deposited."""
    held = tables.material.c
    query = select(*_MATERIAL).where(held.party_id == party_id)
    if holder_id:
        query = query.where(held.holder_id == holder_id)
    if type_code:
        query = query.where(held.type_code == type_code)
    return [_material(row) for row in db.execute(_page(query, after, limit))]


def of_holder(
    db: Connection, holder_id: str, types: Collection[str], *, after: str | None, limit: int
) -> list[Material]:
    """A holder's active materials of some types."""
    held = tables.material.c
    wanted = (held.holder_id == holder_id, held.type_code.in_(sorted(types)), held.status == MaterialStatus.active)
    return [_material(row) for row in db.execute(_page(select(*_MATERIAL).where(*wanted), after, limit))]


def of_project(
    db: Connection, project_id: str, types: Collection[str], *, after: str | None, limit: int
) -> list[Material]:
    """A project's active materials of some types that their depositors share in it."""
    held = tables.material.c
    wanted = (
        held.project_id == project_id,
        held.share_in_project,
        held.type_code.in_(sorted(types)),
        held.status == MaterialStatus.active,
    )
    return [_material(row) for row in db.execute(_page(select(*_MATERIAL).where(*wanted), after, limit))]


# The hot path of a use


def material_for_use(db: Connection, material_id: str) -> Material | None:
    """One material, which cannot change before the unit ends."""
    query = select(*_MATERIAL).where(tables.material.c.id == material_id).with_for_update(read=True)
    row = db.execute(query).first()
    return _material(row) if row else None


def case_for_use(db: Connection, case_no: str, party_id: str) -> tuple[Case | None, str | None]:
    """A case of one organisation, which cannot close before the unit ends, and who leads its project."""
    lead = select(tables.project.c.lead_holder_id).where(tables.project.c.id == tables.case.c.project_id)
    held = tables.case.c
    query = select(*_CASE, lead.scalar_subquery().label("lead")).where(held.case_no == case_no, held.party_id == party_id)
    row = db.execute(query.with_for_update(read=True, of=tables.case)).first()
    if row is None:
        return None, None
    values = dict(row._mapping)  # noqa: SLF001
    leader = values.pop("lead")
    return Case(**(values | {"state": CaseState(values["state"])})), leader


def current_version(db: Connection, material_id: str) -> str:
    """The newest version of a material, following its successors."""
    held = tables.material.c
    chain = select(held.id, held.superseded_by).where(held.id == material_id).cte(recursive=True)
    following = select(held.id, held.superseded_by).where(held.id == chain.c.superseded_by)
    chain = chain.union_all(following)
    return str(db.execute(select(chain.c.id).where(chain.c.superseded_by.is_(None))).scalar_one())


def object_of(db: Connection, material_id: str) -> str | None:
    """The stored object of a material."""
    return db.execute(select(tables.material.c.object_id).where(tables.material.c.id == material_id)).scalar()
