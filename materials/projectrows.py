"""Queries that write projects and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from materials import tables
from materials.errors import AlreadyMemberError, ProjectExistsError
from materials.model import LEAD, Member

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from materials.model import Project

_MEMBERS: Final = """
SELECT holder_id::text, role, joined_at, entry_id::text FROM materials.project_member
WHERE project_id = %(project)s ORDER BY role <> 'lead', joined_at NULLS FIRST, holder_id"""


def insert_project(db: Connection, project: Project, members: Mapping[str, str], at: datetime) -> None:
    """Write a project with its members.

    Args:
        members: roles by holder; the lead is one whatever stands here.

    Raises:
        ProjectExistsError: the code is taken.
    """
    values = {"id": project.id, "code": project.code, "name": project.name, "party_id": project.party_id}
    try:
        with db.begin_nested():
            values |= {"lead_holder_id": project.lead_holder_id}
            db.execute(insert(tables.cases.project), values | {"created_at": at})
    except IntegrityError as error:
        if _constraint(error) == "uq_project_code":
            raise ProjectExistsError from error
        raise
    roles = {**members, project.lead_holder_id: LEAD}
    rows = [{"project_id": project.id, "holder_id": holder, "role": roles[holder]} for holder in sorted(roles)]
    db.execute(insert(tables.cases.project_member), rows)


def join(db: Connection, values: dict[str, Any]) -> None:
    """Write a member who joins later.

    Raises:
        AlreadyMemberError: the holder belongs to the project already.
    """
    try:
        with db.begin_nested():
            db.execute(insert(tables.cases.project_member), values)
    except IntegrityError as error:
        if _constraint(error) == "pk_project_member":
            raise AlreadyMemberError from error
        raise


def members(db: Connection, project_id: str) -> list[Member]:
    """Who belongs to a project, the lead first."""
    return [Member(*row) for row in db.exec_driver_sql(_MEMBERS, {"project": project_id})]


def _constraint(error: IntegrityError) -> str | None:
    """Which rule of the database was broken."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)
