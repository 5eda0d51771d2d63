"""Facts that an authority states: who represents whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge
from api.schemas import RepresentationIn
from authz.model import Act
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/v1", tags=["registers"], dependencies=[Security(edge.signed)])


@router.post("/representations", status_code=201, summary="State who represents an organisation")
def state(request: Request, body: RepresentationIn) -> Response:
    """Record a legal representative; needs a registrar as operator and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "register")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.counter.let(db, caller, body.operator, Act.register)
        made = node.representations.record(
            db,
            organisation=edge.holder(node, db, body.organisation),
            person=edge.holder(node, db, body.person),
            kind=body.kind,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            source=caller.party_id,
            operator=body.operator,
        )
        return 201, {
            "representation_id": made.id,
            "kind": made.kind.value,
            "valid_from": rfc3339(made.valid_from),
            "valid_to": rfc3339(made.valid_to) if made.valid_to else None,
            "entry_id": made.entry_id,
        }

    return edge.once(node, request, caller.client_id, body, act)
