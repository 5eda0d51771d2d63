"""Disputes (异议): a claim freezes a licence, its issuer answers, whoever relied on it hears of a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.schemas import Uuid
from api.showschemas import DisputeAnswerIn, SignedIn
from certs.model import DisputeState
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from certs.model import Correction, Dispute

router = APIRouter(prefix="/v1", tags=["disputes"])

Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[Uuid | None, Query(description="last id of the page before")]


def document(node: Node, held: Dispute) -> dict[str, Any]:
    """A dispute as everybody sees it who has its id; what was written is `texts`."""
    return {
        "dispute_id": held.id,
        "licence_id": held.licence_id,
        "state": held.state.value,
        "fields": list(held.fields),
        "opened_at": rfc3339(held.opened_at),
        "due_at": rfc3339(held.due_at),
        "overdue": held.is_overdue(node.clock.now()),
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "successor_id": held.successor_id,
        "entry_id": held.entry_id,
        "answer_entry_id": held.answer_entry_id,
    }


def texts(node: Node, held: Dispute) -> dict[str, Any]:
    """What holder and issuer wrote to each other, for their eyes only."""
    return {"claim": node.disputes.claim(held), "answer": node.disputes.answer_of(held)}


def correction_document(held: Correction) -> dict[str, Any]:
    """A correction as an organisation that relied on the licence sees it."""
    return {
        "dispute_id": held.dispute_id,
        "licence_id": held.licence_id,
        "successor_id": held.successor_id,
        "fields": list(held.fields),
        "at": rfc3339(held.at),
        "seen_at": rfc3339(held.seen_at) if held.seen_at else None,
    }


@router.post("/disputes", status_code=201, summary="Dispute a licence")
def open_(request: Request, body: SignedIn) -> Response:
    """Take a holder's claim (`dispute`) and freeze the licence at once. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "dispute")
    return edge.once(
        node,
        request,
        f"dispute {asked.subject}",
        body,
        lambda db: (201, document(node, node.disputes.open(db, asked, body.id_token))),
    )


@router.get("/disputes/{dispute_id}/state", summary="Where a dispute stands")
def state(request: Request, dispute_id: str) -> dict[str, Any]:
    """For the holder's app; what both sides wrote is in the issuer's view and in the holder's inbox only."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        return document(node, node.disputes.get(db, edge.uuid(dispute_id)))


@router.post("/disputes/{dispute_id}/withdrawal", summary="Take a dispute back")
def withdraw(request: Request, dispute_id: str, body: SignedIn) -> Response:
    """End a dispute by its holder (`withdraw-dispute`); the licence counts again. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    asked = edge.holder_asks(request, body, "withdraw-dispute", dispute_id)
    return edge.once(
        node,
        request,
        f"dispute {asked.subject}",
        body,
        lambda db: (200, document(node, node.disputes.withdraw(db, asked, body.id_token))),
    )


@router.get("/disputes", summary="Disputes of what you issued", dependencies=[Security(edge.signed)])
def of_party(request: Request, state: DisputeState | None = None, after: After = None, limit: Limit = 50) -> Any:
    """The newest first; `state=open` is what waits for an answer, and `overdue` says which waits too long."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    only_open = state is DisputeState.open
    with node.database.unit() as db:
        held = node.disputes.of_party(db, caller, only_open=only_open, after=after, limit=limit)
    found = [document(node, each) for each in held if state in {None, each.state}]
    return {"disputes": found, "after": held[-1].id if len(held) == limit else None}


@router.get("/disputes/{dispute_id}", summary="A dispute of what you issued", dependencies=[Security(edge.signed)])
def of_issuer(request: Request, dispute_id: str) -> dict[str, Any]:
    """With the holder's claim, and how many who relied on the licence were told of a correction and took notice."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    with node.database.unit() as db:
        held = node.disputes.of_issuer(db, caller, edge.uuid(dispute_id))
        told, seen = node.disputes.told(db, held)
    return document(node, held) | texts(node, held) | {"told": told, "seen": seen}


@router.post("/disputes/{dispute_id}/answer", summary="Answer a dispute", dependencies=[Security(edge.signed)])
def answer(request: Request, dispute_id: str, body: DisputeAnswerIn) -> Response:
    """Say that the licence was right, or that it is corrected: then change it first. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "dispute")
    held = edge.uuid(dispute_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        done = node.disputes.answer(
            db, caller, held, corrected=body.outcome == "corrected", answer=body.answer, operator=body.operator
        )
        return 200, document(node, done)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/corrections", summary="What you relied on and was corrected", dependencies=[Security(edge.signed)])
def corrections(request: Request, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """Corrections of licences your organisation used or was shown, the newest first; the webhooks tell the same."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.disputes.corrections(db, caller, after=after, limit=limit)
    found = [correction_document(each) for each in held]
    return {"corrections": found, "after": held[-1].dispute_id if len(held) == limit else None}


@router.post("/corrections/{dispute_id}/notice", summary="Take notice", dependencies=[Security(edge.signed)])
def take_notice(request: Request, dispute_id: str) -> Response:
    """Say that your organisation knows of a correction. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held = edge.uuid(dispute_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.disputes.take_notice(db, caller, held)
        return 200, {"dispute_id": held}

    return edge.once(node, request, caller.client_id, None, act)
