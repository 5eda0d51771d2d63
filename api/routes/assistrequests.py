"""行政协助: requests to another department for a fact or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, Security

from api.routes import edge
from api.routeschemas import AssistReplyIn, AssistRequestIn, AssistWithdrawalIn
from api.schemas import Code, Uuid
from authz.errors import UseRefusedError
from ledger.clock import rfc3339
from materials.requestforms import Ask, Reply

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller
    from materials.requestrows import AssistRequest

router = APIRouter(prefix="/v1", tags=["assistance"], dependencies=[Security(edge.signed)])


def document(node: Node, db: Connection, caller: Caller, held: AssistRequest) -> dict[str, Any]:
    """A request as one of its two sides sees it."""
    shown = node.routes.requests.shown(db, caller, held)
    told: dict[str, Any] = {
        "request_id": held.id,
        "case_no": held.case_no if held.party_id == caller.party_id else None,
        "type_code": held.type_code,
        "asked_by": shown.asker,
        "asked": shown.asked,
        "question": shown.question,
        "state": held.state,
        "days": held.days,
        "asked_at": rfc3339(held.asked_at),
        "due_at": rfc3339(held.due_at),
        "overdue_at": rfc3339(held.overdue_at) if held.overdue_at else None,
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "result": held.result,
        "words": shown.answer,
        "material_id": held.material_id,
        "use_id": held.use_id if held.party_id == caller.party_id else None,
        "entry_id": held.ended_entry_id or held.overdue_entry_id or held.entry_id,
    }
    if shown.subject is not None:
        holder, codes = shown.subject
        told["subject"] = {
            "kind": holder.kind.value,
            "name": holder.name,
            "identifiers": [{"type": each.type, "country": each.country, "code": each.code} for each in codes],
        }
    return told


@router.post("/cases/{case_no}/assistance-requests", status_code=201, summary="Ask another department")
def ask(request: Request, case_no: Code, body: AssistRequestIn) -> Response:
    """Ask for a fact or a document instead of asking the applicant, with a time in working days.

    The holder is told. Lawful where a use of the type would be; a statement that comes is that use. Needs an
    Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    asked = Ask(case_no, body.type_code, body.question, body.days, body.cause, body.operator, body.to, body.of)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, document(node, db, caller, node.routes.requests.ask(db, caller, asked))

    try:
        return edge.once(node, request, caller.client_id, body, act)
    except UseRefusedError as refusal:
        with node.database.unit() as db:
            node.routes.requests.refuse(db, caller, asked, refusal)
        raise


@router.get("/cases/{case_no}/assistance-requests", summary="Requests of a case")
def of_case(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest 200 requests of a case of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.requests.of_case(db, caller, case_no)
        return {"requests": [document(node, db, caller, each) for each in held]}


@router.get("/assistance-requests", summary="Requests you sent or received")
def listed(
    request: Request,
    box: Annotated[Literal["received", "sent"], Query()] = "received",
    cursor: Annotated[Uuid | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> dict[str, Any]:
    """The newest first. Of what you received and have not answered, whom it is about."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        held = node.routes.requests.listed(db, caller, received=box == "received", after=cursor, limit=limit + 1)
        found = [document(node, db, caller, each) for each in held[:limit]]
    return {"requests": found, "next_cursor": held[limit - 1].id if len(held) > limit else None}


@router.get("/assistance-requests/{request_id}", summary="A request")
def get_request(request: Request, request_id: str) -> dict[str, Any]:
    """A request you sent or received."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        shown = node.routes.requests.get(db, caller, edge.uuid(request_id))
        return document(node, db, caller, shown.request)


@router.post("/assistance-requests/{request_id}/answer", summary="Answer a request")
def answer(request: Request, request_id: str, body: AssistReplyIn) -> Response:
    """A statement (`yes`, `no`), a material you handed in about the subject, or `refused`; also late.

    Where the answer may not be taken any more (the consent was withdrawn or used up, the case closed), nothing of it is
    kept and `state` is `withdrawn`. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held_id = edge.uuid(request_id)
    result = None if body.result == "refused" else body.result
    reply = Reply(result, body.words, body.operator, body.material_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, document(node, db, caller, node.routes.requests.reply(db, caller, held_id, reply))

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/assistance-requests/{request_id}/withdrawal", summary="Take a request back")
def withdraw(request: Request, request_id: str, body: AssistWithdrawalIn) -> Response:
    """Take back a request you sent, as long as it is not answered. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    held_id = edge.uuid(request_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, document(node, db, caller, node.routes.requests.withdraw(db, caller, held_id, body.operator))

    return edge.once(node, request, caller.client_id, body, act)
