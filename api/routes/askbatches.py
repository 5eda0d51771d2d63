"""Asking for a whole case at once: one notice, each sensitive thing ticked by itself, one signature over the answer.

As with single asks the id of a batch is a capability to read it, and answering takes the holder's signature.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api import metering
from api.routes import edge
from api.routes.grants import ask_document, grant_document, wanted
from api.schemas import AskBatchIn
from api.signerschemas import AnswerIn
from authz.limits import Cost
from certs import qr
from ledger.clock import rfc3339
from materials.asking import Request as Asked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.askbatches import AskBatch

router = APIRouter(prefix="/v1/ask-batches", tags=["grants"])


def document(node: Node, batch: AskBatch) -> dict[str, Any]:
    """A batch as both sides see it: the notice, byte for byte behind its digest, and the asks."""
    waits = bool(batch.open(node.clock.now()))
    answered = all(ask.state.value != "pending" for ask in batch.asks)
    return {
        "batch_id": batch.id,
        "state": "pending" if waits else "answered" if answered else "expired",
        "channel": batch.channel,
        "notice": json.loads(batch.notice),
        "notice_digest": batch.notice_digest,
        "asks": [ask_document(node, ask) for ask in batch.asks],
        "link": node.ask_link(batch.id),
        "created_at": rfc3339(batch.created_at),
        "expires_at": rfc3339(batch.expires_at),
    }


@router.post("", status_code=201, summary="Ask a holder for a whole case", dependencies=[Security(edge.signed)])
def ask(request: Request, body: AskBatchIn) -> Response:
    """Ask the applicant of an open case for several things under one notice. Needs an Idempotency-Key.

    Things of security level 3 or 4 become asks of their own, so the holder may approve a part.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        things = tuple(wanted(each) for each in body.wanted)
        asked = Asked(body.case_no, body.operator, body.cause, things, body.channel, of=body.of)
        made = node.asking.ask(db, caller, asked)
        metering.further(node, caller, Cost.asks, len(made.asks))
        return 201, document(node, made)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/{batch_id}", summary="What is asked together")
def get(request: Request, batch_id: str) -> dict[str, Any]:
    """The notice and the asks, for the holder to read and tick."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        return document(node, node.ask_batches.get(db, edge.uuid(batch_id)))


@router.get("/{batch_id}/qr", summary="A QR code that leads the holder to a batch", response_class=Response)
def qr_code(request: Request, batch_id: str) -> Response:
    """SVG for the screen at the counter; whoever scans it may read what is asked, and nobody but the holder answers."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        batch = node.ask_batches.get(db, edge.uuid(batch_id))
    return Response(qr.svg(node.ask_link(batch.id)), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.get("/{batch_id}/answer", summary="What to sign to answer a batch")
def what_to_sign(
    request: Request,
    batch_id: str,
    approved: Annotated[list[str], Query(max_length=50, description="ids of the asks that are ticked")] = [],  # noqa: B006
) -> dict[str, Any]:
    """The canonical answer and its digest."""
    node = edge.node_of(request)
    ticked = [edge.uuid(each) for each in approved]
    with node.database.unit() as db:
        terms, digest = node.ask_batches.terms(node.ask_batches.get(db, edge.uuid(batch_id)), ticked)
    return {"terms": json.loads(terms), "digest": digest}


@router.post("/{batch_id}/answer", summary="Answer a batch")
def answer(request: Request, batch_id: str, body: AnswerIn) -> Response:
    """Approve what was ticked and refuse the rest, by one signature over the answer. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    held = edge.uuid(batch_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        batch, given = node.ask_batches.answer(db, held, body.approved, body.signed)
        return 200, document(node, batch) | {"grants": [grant_document(node, grant) for grant in given]}

    return edge.once(node, request, f"batch {held}", body, act)
