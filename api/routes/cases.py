"""Cases and projects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.schemas import CaseIn, ClosingIn, Code, ProjectIn
from authz.model import Identifier, Presence
from ledger.clock import rfc3339
from materials.cases import Opening
from materials.presence import Proof, presence_terms

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.schemas import PresenceIn
    from materials.model import Case

router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Security(edge.signed)])


def document(case: Case) -> dict[str, Any]:
    """A case as its organisation sees it."""
    return {
        "case_no": case.case_no,
        "item_code": case.item_code,
        "item_version": case.item_version,
        "scenario": case.scenario,
        "presence": case.presence,
        "operator": case.operator,
        "state": case.state.value,
        "opened_at": rfc3339(case.opened_at),
        "closed_at": rfc3339(case.closed_at) if case.closed_at else None,
        "entry_id": case.entry_id,
    }


@router.post("/cases", status_code=201, summary="Open a case")
def open_case(request: Request, body: CaseIn) -> Response:
    """Open a case of one of your items for an applicant; needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        opening = Opening(
            item_code=body.item_code,
            scenario=body.scenario,
            applicant_id=edge.holder(node, db, body.applicant),
            applicant_kind=body.applicant.kind,
            presence=Presence(body.presence.kind),
            evidence=body.presence.evidence,
            project_code=body.project_code,
            operator=body.operator,
            proof=_proof(body.presence),
        )
        return 201, document(node.cases.open(db, caller, opening))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/cases/presence/{login_id}", summary="What an applicant signs to be there by login")
def what_to_sign(request: Request, login_id: str, item_code: Annotated[Code, Query()]) -> dict[str, Any]:
    """The canonical words and their digest, for presence `holder_login` in a case of this item of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    terms, digest = presence_terms(edge.uuid(login_id), caller.org_code, item_code)
    return {"terms": json.loads(terms), "digest": digest}


def _proof(given: PresenceIn) -> Proof:
    card = given.card
    return Proof(
        login_id=given.login_id,
        signature=given.id_token,
        code=given.code,
        counter=given.counter,
        card=None if card is None else Identifier(card.type, card.code, card.country),
        delegation_id=given.delegation_id,
    )


@router.get("/cases/{case_no}", summary="A case of your organisation")
def get_case(request: Request, case_no: Code) -> dict[str, Any]:
    """State of a case, and the item's generic material list, which may always be shown."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        case = node.cases.get(db, caller, case_no)
    return document(case) | {"materials": node.catalogue.item(case.item_code).generic}


@router.post("/cases/{case_no}/closing", summary="Close a case")
def close_case(request: Request, case_no: Code, body: ClosingIn) -> Response:
    """Close a case; nothing can be used in it afterwards. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node.cases.close(db, caller, case_no, body.operator))),
    )


@router.post("/projects", status_code=201, summary="Create a project")
def create_project(request: Request, body: ProjectIn) -> Response:
    """Create a project with a lead and members, whose materials may be shared in it. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        lead = edge.holder(node, db, body.lead)
        members = [edge.holder(node, db, member) for member in body.members]
        made = node.projects.create(
            db, caller, code=body.code, name=body.name, lead=lead, members=members, operator=body.operator
        )
        return 201, {"project_id": made.id, "code": made.code, "name": made.name}

    return edge.once(node, request, caller.client_id, body, act)
