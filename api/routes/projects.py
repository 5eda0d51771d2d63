"""Projects: members with roles, whose materials may be shared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.caseschemas import JoiningIn, JoiningTermsIn, ProjectIn, ProjectMemberIn
from api.routes import edge
from api.schemas import Code
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Security(edge.signed)])


@router.post("/projects", status_code=201, summary="Create a project")
def create_project(request: Request, body: ProjectIn) -> Response:
    """Create a project with a lead and members, whose materials may be shared in it. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        lead = edge.holder(node, db, body.lead)
        members = {}
        for each in body.members:
            named, role = (each.holder, each.role) if isinstance(each, ProjectMemberIn) else (each, "member")
            members[edge.holder(node, db, named)] = role
        made = node.projects.create(
            db, caller, code=body.code, name=body.name, lead=lead, members=members, operator=body.operator
        )
        return 201, {"project_id": made.id, "code": made.code, "name": made.name}

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/projects/{code}", summary="A project of your organisation")
def get_project(request: Request, code: Code) -> dict[str, Any]:
    """Its members by role; members are named as in your own records only."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        project = node.projects.get(db, caller, code)
        members = node.projects.members(db, project)
    return {
        "project_id": project.id,
        "code": project.code,
        "name": project.name,
        "members": [
            {
                "holder": node.holders.pairwise(each.holder_id, caller.party_id),
                "role": each.role,
                "joined_at": rfc3339(each.joined_at) if each.joined_at else None,
                "entry_id": each.entry_id,
            }
            for each in members
        ],
    }


@router.post("/projects/{code}/members/terms", summary="What a lead signs to let somebody join")
def what_to_sign(request: Request, code: Code, body: JoiningTermsIn) -> dict[str, Any]:
    """The canonical words and their digest; nothing is kept but who the member is."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        project = node.projects.get(db, caller, code)
        terms, digest = node.projects.terms(caller, project, edge.holder(node, db, body.member), body.role)
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/projects/{code}/members", status_code=201, summary="Let somebody join a project")
def join(request: Request, code: Code, body: JoiningIn) -> Response:
    """By the lead's signature over the digest of .../terms, which is kept. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        holder_id = edge.holder(node, db, body.member)
        project = node.projects.join(db, caller, code, holder_id, body.role, body.operator, body.signature)
        return 201, {"project_id": project.id, "code": project.code, "role": body.role}

    return edge.once(node, request, caller.client_id, body, act)
