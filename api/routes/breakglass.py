"""Emergencies (紧急调用): one person opens, a second approves, minutes to use, a third reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.dutyschemas import ActedIn, BreakGlassIn, ReviewIn
from api.routes import edge
from api.routes.operations import SCOPE as OVERSEE
from api.schemas import Code, Uuid
from authz.breakglass import Wanted
from authz.model import Act, Mode
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.store.breakglass import HeldGlass

router = APIRouter(prefix="/v1", tags=["duty use"], dependencies=[Security(edge.signed)])

Last = Annotated[Uuid | None, Query(description="last emergency of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def document(node: Node, held: HeldGlass) -> dict[str, Any]:
    """An emergency as its organisation and overseers see it."""
    asked, now = held.emergency, node.clock.now()
    due = held.review_due_at
    return {
        "break_glass_id": asked.id,
        "case_no": asked.case_no,
        "types": sorted(asked.types),
        "mode": asked.mode.value,
        "ground": held.ground,
        "reason": node.break_glass.reason(held),
        "state": "waiting" if held.approved_at is None else "standing" if asked.stands(now) else "over",
        "opened_by": asked.opened_by,
        "opened_at": rfc3339(asked.opened_at),
        "approved_by": asked.approved_by,
        "approved_at": rfc3339(held.approved_at) if held.approved_at else None,
        "ends_at": rfc3339(asked.ends_at) if asked.ends_at else None,
        "review_due_at": rfc3339(due) if due else None,
        "overdue": due is not None and held.reviewed_at is None and now >= due,
        "verdict": held.verdict,
        "finding": node.break_glass.finding(held),
        "reviewed_at": rfc3339(held.reviewed_at) if held.reviewed_at else None,
        "entry_id": held.entry_id,
        "approval_entry_id": asked.approval_entry_id,
        "review_entry_id": held.review_entry_id,
    }


@router.post("/break-glass", status_code=201, summary="Say that it is an emergency")
def open_(request: Request, body: BreakGlassIn) -> Response:
    """The first person's word: which types of the things of a case's applicant, and why.

    It stands once a second person approved it. Needs an operator at the window and an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        case = node.cases.open_one(db, caller, body.case_no)
        types = [node.catalogue.type(code).code for code in body.types]
        wanted = Wanted(case.case_no, case.applicant_holder_id, types, Mode(body.mode), body.ground, body.reason)
        return 201, document(node, node.break_glass.open(db, caller, wanted, body.operator))

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/break-glass/{break_glass_id}/approval", summary="Approve an emergency")
def approve(request: Request, break_glass_id: str, body: ActedIn) -> Response:
    """The second person's word, within ten minutes; from now on it stands for fifteen, and the auditor is told.

    `objects` are the things it covers: use them by `POST /v1/uses` with `break_glass_id`. Needs a reviewer, another
    person than who opened it, and an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(break_glass_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done = node.break_glass.approve(db, caller, held, body.operator)
        return 200, document(node, done) | {"objects": node.urgent_things.of(db, done.emergency)}

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/break-glass", summary="Emergencies of yours")
def of_party(request: Request, before: Last = None, limit: Limit = 50) -> dict[str, Any]:
    """The newest first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        held = node.break_glass.of_party(db, caller, before=before, limit=limit)
    return {
        "emergencies": [document(node, each) for each in held],
        "before": held[-1].emergency.id if len(held) == limit else None,
    }


@router.get("/break-glass/{break_glass_id}", summary="An emergency of yours")
def get(request: Request, break_glass_id: str) -> dict[str, Any]:
    """Where it stands; while it stands, with the things it covers."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.break_glass.own(db, caller, edge.uuid(break_glass_id))
        stands = held.emergency.stands(node.clock.now())
        things = node.urgent_things.of(db, held.emergency) if stands else []
    return document(node, held) | {"objects": things}


@router.get("/operations/break-glass", summary="Emergencies that nobody reviewed")
def unreviewed(
    request: Request, operator: Annotated[Code, Query()], after: Last = None, limit: Limit = 50
) -> dict[str, Any]:
    """Of every organisation, the most urgent first, with what was used and what was refused.

    Needs an overseer as operator.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        held = node.break_glass.unreviewed(db, after=after, limit=limit)
        shown = [_overseen(node, db, each) for each in held]
    return {"emergencies": shown, "after": held[-1].emergency.id if len(held) == limit else None}


@router.post("/operations/break-glass/{break_glass_id}/review", summary="Review an emergency")
def review(request: Request, break_glass_id: str, body: ReviewIn) -> Response:
    """The third person's word. Needs an overseer as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(break_glass_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done = node.break_glass.review(
            db, caller, held, verdict=body.verdict, finding=body.finding, operator=body.operator
        )
        return 200, _overseen(node, db, done)

    return edge.once(node, request, caller.client_id, body, act)


def _overseen(node: Node, db: Connection, held: HeldGlass) -> dict[str, Any]:
    party = node.parties.party(db, held.emergency.party_id)
    names = ("use_id", "object_id", "mode", "operator", "opened_at", "state", "entry_id")
    uses = [dict(zip(names, each, strict=True)) for each in node.break_glass.uses(db, held.emergency.id)]
    tried = ("refusal_id", "org_code", "object_id", "mode", "operator", "at", "reason", "entry_id")
    attempts = [dict(zip(tried, each, strict=True)) for each in node.break_glass.attempts(db, held.emergency.id)]
    return document(node, held) | {
        "organisation": party.name,
        "org_code": party.org_code,
        "uses": [each | {"opened_at": rfc3339(each["opened_at"])} for each in uses],
        "attempts": [each | {"at": rfc3339(each["at"])} for each in attempts],
    }
