"""Webhooks: be told when a licence your organisation used changes, and look again at what you were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api import idempotency
from api.routes import edge
from api.routes.operations import SCOPE as OVERSEE
from api.schemas import ReplayIn, WebhookIn, WebhookOperatorIn
from authz.model import Act
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from api.node import Node
    from api.webhookrows import Webhook, WebhookMessage
    from authz.model import Caller

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], dependencies=[Security(edge.signed)])


def document(held: Webhook) -> dict[str, Any]:
    """A webhook as its organisation sees it; the secret has an address of its own."""
    return {
        "webhook_id": held.id,
        "url": held.url,
        "events": list(held.events),
        "state": held.state,
        "reason": held.reason,
        "created_at": rfc3339(held.created_at),
    }


def message_document(held: WebhookMessage) -> dict[str, Any]:
    """A message and what came of it."""
    return {
        "message_id": held.id,
        "webhook_message": f"msg_{held.id}",
        "type": held.type,
        "state": held.state,
        "attempts": held.attempts,
        "last_status": held.last_status,
        "last_error": held.last_error,
        "created_at": rfc3339(held.created_at),
        "delivered_at": rfc3339(held.delivered_at) if held.delivered_at else None,
    }


def _caller(node: Node, request: Request) -> Caller:
    """Whoever uses things, or oversees the node: the latter are told of emergencies."""
    return edge.caller(node, request, "use", OVERSEE)


def _let(node: Node, db: Connection, caller: Caller, operator: str) -> None:
    node.counter.let(db, caller, operator, Act.search if "use" in caller.scopes else Act.inspect)


@router.post("", status_code=201, summary="Add a webhook")
def add(request: Request, body: WebhookIn) -> Response:
    """Name an HTTPS address of yours; `GET .../secret` tells what verifies its messages. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    idempotency.check_key(request.headers.get("idempotency-key"))
    node.webhooks.check(body.url)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        _let(node, db, caller, body.operator)
        return 201, document(node.webhooks.register(db, caller.party_id, body.url, body.events, body.operator))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("", summary="Webhooks of your organisation")
def listing(request: Request) -> dict[str, Any]:
    """All of them, without secrets."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    with node.database.glance() as db:
        return {"webhooks": [document(each) for each in node.webhooks.of_party(db, caller.party_id)]}


@router.get("/{webhook_id}", summary="A webhook of yours")
def get(request: Request, webhook_id: str) -> dict[str, Any]:
    """Its address and state; `disabled` after the receiver answered 410."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    with node.database.glance() as db:
        return document(node.webhooks.get(db, caller.party_id, edge.uuid(webhook_id)))


@router.get("/{webhook_id}/secret", summary="What verifies a webhook's messages")
def secret(request: Request, webhook_id: str, response: Response) -> dict[str, Any]:
    """The secret, as Standard Webhooks libraries take it."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    response.headers["Cache-Control"] = "private, no-store"
    with node.database.glance() as db:
        return {"secret": node.webhooks.secret(node.webhooks.get(db, caller.party_id, edge.uuid(webhook_id)))}


@router.post("/{webhook_id}/secret", summary="Replace the secret")
def rotate(request: Request, webhook_id: str, body: WebhookOperatorIn) -> Response:
    """The one before signs beside the new one for a day. Needs an Idempotency-Key."""

    def act(node: Node, db: Connection, held: Webhook) -> tuple[int, dict[str, Any]]:
        node.webhooks.rotate(db, held)
        return 200, document(held)

    return _change(request, webhook_id, body, act)


@router.post("/{webhook_id}/enabling", summary="Let a disabled webhook be told again")
def enable(request: Request, webhook_id: str, body: WebhookOperatorIn) -> Response:
    """What was given up meanwhile can be replayed. Needs an Idempotency-Key."""

    def act(node: Node, db: Connection, held: Webhook) -> tuple[int, dict[str, Any]]:
        node.webhooks.set_state(db, held, "active")
        return 200, document(node.webhooks.get(db, held.party_id, held.id))

    return _change(request, webhook_id, body, act)


@router.post("/{webhook_id}/removal", summary="Remove a webhook")
def remove(request: Request, webhook_id: str, body: WebhookOperatorIn) -> Response:
    """Nothing is sent to it any more. Needs an Idempotency-Key."""

    def act(node: Node, db: Connection, held: Webhook) -> tuple[int, dict[str, Any]]:
        node.webhooks.set_state(db, held, "removed")
        return 200, document(held) | {"state": "removed"}

    return _change(request, webhook_id, body, act)


@router.post("/{webhook_id}/test", status_code=202, summary="Send a message that says nothing")
def test(request: Request, webhook_id: str, body: WebhookOperatorIn) -> Response:
    """To see whether your receiver takes and verifies it. Needs an Idempotency-Key."""
    return _change(
        request, webhook_id, body, lambda node, db, held: (202, {"message_id": node.webhooks.test(db, held)})
    )


@router.get("/{webhook_id}/messages", summary="What a webhook was told")
def messages(
    request: Request,
    webhook_id: str,
    before: Annotated[str | None, Query(max_length=36, description="the `next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """The newest first; they are kept for thirty days."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    with node.database.unit() as db:
        held = node.webhooks.get(db, caller.party_id, edge.uuid(webhook_id))
        found = node.webhooks.messages(db, held, before=edge.uuid(before) if before else None, limit=limit)
    return {
        "messages": [message_document(each) for each in found],
        "next": found[-1].id if len(found) == limit else None,
    }


@router.post("/{webhook_id}/messages/{message_id}/replay", status_code=202, summary="Send a message once more")
def replay(request: Request, webhook_id: str, message_id: str, body: WebhookOperatorIn) -> Response:
    """With the same `webhook-id` and body, so that a receiver that has it can tell. Needs an Idempotency-Key."""
    wanted = edge.uuid(message_id)

    def act(node: Node, db: Connection, held: Webhook) -> tuple[int, dict[str, Any]]:
        node.webhooks.replay(db, held, wanted)
        return 202, {"message_id": wanted}

    return _change(request, webhook_id, body, act)


@router.post("/{webhook_id}/replay", status_code=202, summary="Send once more what was given up")
def replay_failed(request: Request, webhook_id: str, body: ReplayIn) -> Response:
    """Up to 500 messages that failed since a time. Needs an Idempotency-Key."""
    return _change(
        request,
        webhook_id,
        body,
        lambda node, db, held: (202, {"messages": node.webhooks.replay_failed(db, held, body.since)}),
    )


def _change(
    request: Request,
    webhook_id: str,
    body: WebhookOperatorIn,
    act: Callable[[Node, Connection, Webhook], tuple[int, dict[str, Any]]],
) -> Response:
    """Do something to one of the caller's webhooks, once per Idempotency-Key."""
    node = edge.node_of(request)
    caller = _caller(node, request)
    wanted = edge.uuid(webhook_id)

    def whole(db: Connection) -> tuple[int, dict[str, Any]]:
        _let(node, db, caller, body.operator)
        return act(node, db, node.webhooks.get(db, caller.party_id, wanted, lock=True))

    return edge.once(node, request, caller.client_id, body, whole)
