"""After a withdrawal: what a recipient has to stop or delete, and its acknowledgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge
from api.schemas import AcknowledgementIn
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Cessation

router = APIRouter(prefix="/v1/cessations", tags=["grants"], dependencies=[Security(edge.signed)])


def document(node: Node, held: Cessation) -> dict[str, Any]:
    """A cessation as its recipient and overseers see it."""
    return {
        "grant_id": held.grant_id,
        "state": held.state(node.clock.now()),
        "uses": held.uses,
        "asked_at": rfc3339(held.asked_at),
        "due_at": rfc3339(held.due_at),
        "acknowledged_at": rfc3339(held.acknowledged_at) if held.acknowledged_at else None,
        "action": held.action,
        "reason": held.reason,
        "entry_id": held.entry_id,
    }


@router.get("", summary="Withdrawn grants of yours that were used")
def listing(request: Request) -> dict[str, Any]:
    """What you have to stop or delete and acknowledge, the most urgent first; then what you did."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        return {"cessations": [document(node, each) for each in node.cessations.of_party(db, caller)]}


@router.post("/{grant_id}/acknowledgement", summary="Say that you stopped or deleted")
def acknowledge(request: Request, grant_id: str, body: AcknowledgementIn) -> Response:
    """Acknowledge a withdrawal: stopped, deleted, or retained by a law you name. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(grant_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done = node.cessations.acknowledge(
            db, caller, held, action=body.action, reason=body.reason, operator=body.operator
        )
        return 200, document(node, done)

    return edge.once(node, request, caller.client_id, body, act)
