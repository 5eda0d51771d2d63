"""Deliveries that wait, fail or were given up, and doing them again: the exchange's upkeep over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.consoleschemas import OutboxReplayIn
from api.routes import edge
from api.routes.operations import SCOPE
from api.schemas import Code
from ledger.clock import rfc3339
from ledger.outboxwatch import Standing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ledger.outboxwatch import Pile, Undone

router = APIRouter(prefix="/v1/operations/outbox", tags=["operations"], dependencies=[Security(edge.signed)])

Kind = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9.-]{0,63}$", description="only this kind")]


@router.get("", summary="What is to be delivered, by kind")
def summary(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """Waiting, failing (tried again by itself) and dead (given up); needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        return {"kinds": [_pile(each) for each in node.replaying.summary(db, caller, operator)]}


@router.get("/messages", summary="Single deliveries")
def messages(
    request: Request,
    operator: Annotated[Code, Query()],
    kind: Kind = None,
    standing: Annotated[Standing | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, lt=2**53, description="the `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The newest first: kind, times, tries, the last error's code; never what is in them. Needs an overseer."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        found = node.replaying.listed(db, caller, operator, kind, standing, before=before, limit=limit)
    return {
        "messages": [_message(each) for each in found],
        "next": found[-1].id if len(found) == limit else None,
    }


@router.post("/replay", status_code=202, summary="Deliver again what failed")
def replay(request: Request, body: OutboxReplayIn) -> Response:
    """One delivery or all of a kind that were given up or wait long; each receiver gets what it would have got.

    An entry of the log says who did it and why. Needs an administrator as operator, and an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        wanted = (body.kind, body.message_id, body.reason)
        return 202, {"kind": body.kind, "messages": node.replaying.replay(db, caller, body.operator, *wanted)}

    return edge.once(node, request, caller.client_id, body, act)


def _pile(held: Pile) -> dict[str, Any]:
    return {
        "kind": held.kind,
        "standing": held.standing.value,
        "messages": held.count,
        "oldest": rfc3339(held.oldest),
        "attempts": held.attempts,
    }


def _message(held: Undone) -> dict[str, Any]:
    return {
        "message_id": held.id,
        "kind": held.kind,
        "standing": held.standing.value,
        "attempts": held.attempts,
        "created_at": rfc3339(held.created_at),
        "next_at": None if held.dead_at else rfc3339(held.due_at),
        "given_up_at": rfc3339(held.dead_at) if held.dead_at else None,
        "error": held.error,
    }
