"""Duty use (依职能): decisions that holders are told of it later. The uses themselves are `POST /v1/uses`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.dutyschemas import ActedIn, DelayIn
from api.routes import edge
from api.routes.operations import SCOPE as OVERSEE
from api.schemas import Code, Uuid
from authz.model import Act
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.store.dutyuses import Delay

router = APIRouter(prefix="/v1", tags=["duty use"], dependencies=[Security(edge.signed)])

Before = Annotated[Uuid | None, Query(description="last delay of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def document(node: Node, held: Delay) -> dict[str, Any]:
    """A delay as its organisation and overseers see it."""
    over = held.ended_at is not None or held.until <= node.clock.now()
    return {
        "delay_id": held.id,
        "case_no": held.case_no,
        "ground": held.ground,
        "article": held.article,
        "decided_by": held.decided_by,
        "decided_at": rfc3339(held.decided_at),
        "until": rfc3339(held.until),
        "state": "over" if over else "standing",
        "ended_by": held.ended_by,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "entry_id": held.entry_id,
        "end_entry_id": held.end_entry_id,
    }


@router.post("/duty-delays", status_code=201, summary="Tell the holder of a case's duty uses later")
def decide(request: Request, body: DelayIn) -> Response:
    """From now on duty uses in an open case of yours are told at `until`, those of other operators than who decides.

    Uses made before are told already. Needs a reviewer as operator and an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        case = node.cases.open_one(db, caller, body.case_no)
        made = node.duty_notices.decide(
            db,
            caller,
            case_no=case.case_no,
            ground=body.ground,
            article=body.article,
            until=body.until,
            operator=body.operator,
        )
        return 201, document(node, made)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/duty-delays", summary="Your decisions to tell later")
def of_party(request: Request, before: Before = None, limit: Limit = 50) -> dict[str, Any]:
    """The newest first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        held = node.duty_notices.of_party(db, caller, before=before, limit=limit)
    return {
        "delays": [document(node, each) for each in held],
        "before": held[-1].id if len(held) == limit else None,
    }


@router.get("/duty-delays/{delay_id}", summary="A decision of yours to tell later")
def get(request: Request, delay_id: str) -> dict[str, Any]:
    """Whether it stands, and until when."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        return document(node, node.duty_notices.get(db, caller, edge.uuid(delay_id)))


@router.post("/duty-delays/{delay_id}/end", summary="Tell the holder now")
def lift(request: Request, delay_id: str, body: ActedIn) -> Response:
    """End a delay before its time; `told` says how many notices go out now.

    Needs a reviewer as operator and an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(delay_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done, told = node.duty_notices.lift(db, caller, held, body.operator)
        return 200, document(node, done) | {"told": told}

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/operations/duty-delays", summary="Delays that stand, of every organisation")
def standing(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The first 200 to run out, with how many uses each holds back; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        return {
            "delays": [
                document(node, each) | {"uses": count, "org_code": node.parties.party(db, each.party_id).org_code}
                for each, count in node.duty_notices.standing(db)
            ]
        }
