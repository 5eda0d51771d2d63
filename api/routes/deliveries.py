"""Deliveries (送达): a licence sent to its holder, and the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.schemas import Uuid
from api.showschemas import DeliveryIn, ReceiptIn, SignedIn
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from certs.model import Delivery

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])


def document(held: Delivery) -> dict[str, Any]:
    """A delivery as both sides see it."""
    return {
        "delivery_id": held.id,
        "licence_id": held.licence_id,
        "channel": held.channel,
        "sent_at": rfc3339(held.sent_at),
        "entry_id": held.entry_id,
        "opened_at": rfc3339(held.opened_at) if held.opened_at else None,
        "opened_by": held.opened_by,
        "receipt_entry_id": held.opened_entry_id,
    }


@router.post("", status_code=201, summary="Send a licence to a holder", dependencies=[Security(edge.signed)])
def send(request: Request, body: DeliveryIn) -> Response:
    """Put a licence you issued into its holder's inbox, and say by which channel you tell them.

    Over the window it is handed over at once, and that is the receipt. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        sent = node.deliveries.send(
            db,
            caller,
            licence_id=body.licence_id,
            holder_id=edge.holder(node, db, body.holder),
            channel=body.channel,
            operator=body.operator,
        )
        return 201, document(sent)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("", summary="What you sent of a licence", dependencies=[Security(edge.signed)])
def of_licence(request: Request, licence_id: Annotated[Uuid, Query()]) -> dict[str, Any]:
    """The newest 200 deliveries of a licence by your organisation, each with when it was opened."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    with node.database.unit() as db:
        return {"deliveries": [document(each) for each in node.deliveries.of_licence(db, caller, licence_id)]}


@router.post("/{delivery_id}/opening", summary="Open a delivery")
def open_(request: Request, delivery_id: str, body: SignedIn) -> Response:
    """Take the holder's receipt (`open-delivery`); its time and log entry are what both sides keep.

    Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "open-delivery", delivery_id)
    return edge.once(
        node,
        request,
        f"delivery {asked.subject}",
        body,
        lambda db: (200, document(node.deliveries.open(db, asked, body.signed))),
    )


@router.post("/{delivery_id}/receipt", summary="Say that it was handed over", dependencies=[Security(edge.signed)])
def handed_over(request: Request, delivery_id: str, body: ReceiptIn) -> Response:
    """For a delivery by post, when the signed slip came back. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    held = edge.uuid(delivery_id)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, document(node.deliveries.handed_over(db, caller, held, body.operator))),
    )
