"""Access to conditionally shared types (有条件共享) over HTTP: who answers, asking, answering, what is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response, Security

from api.partyschemas import AccessAnswerIn, AccessEndIn, AccessIn, ProviderIn
from api.routes import edge
from api.schemas import Code
from authz.model import Act, ShareClass
from authz.onboarding import OVERSEE
from authz.onboardingerrors import AccessNotNeededError
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.accessrequests import AccessRequest
    from authz.model import Party

router = APIRouter(prefix="/v1", tags=["access"], dependencies=[Security(edge.signed)])


def document(node: Node, db: Connection, held: AccessRequest) -> dict[str, Any]:
    """A request as asker, provider and overseers see it."""
    return documents(node, db, [held])[0]


def documents(node: Node, db: Connection, found: Sequence[AccessRequest]) -> list[dict[str, Any]]:
    """As `document`, of many, whose organisations are read at once."""
    parties = node.parties.several(db, {party for held in found for party in (held.party_id, held.provider_id)})
    return [_document(node, held, parties[held.party_id], parties[held.provider_id]) for held in found]


def _document(node: Node, held: AccessRequest, asker: Party, provider: Party) -> dict[str, Any]:
    return {
        "access_request_id": held.id,
        "state": held.standing(node.clock.now()),
        "organisation": asker.name,
        "org_code": asker.org_code,
        "kind": asker.kind.value,
        "provider": provider.name,
        "provider_code": provider.org_code,
        "type_code": held.type_code,
        "item_code": held.item_code,
        "purpose": held.purpose,
        "basis": held.basis,
        "asked_at": rfc3339(held.asked_at),
        "due_at": rfc3339(held.due_at),
        "answered_at": rfc3339(held.answered_at) if held.answered_at else None,
        "reason": held.reason,
        "entry_id": held.entry_id,
        "answer_entry_id": held.answer_entry_id,
    }


@router.get("/access-providers", summary="Who answers for which type")
def providers(request: Request) -> dict[str, Any]:
    """Types that are not listed need no access request."""
    node = edge.node_of(request)
    edge.caller(node, request, "")
    with node.database.glance() as db:
        held = node.access.providers(db)
    return {"providers": [{"type_code": code, "org_code": org, "organisation": name} for code, org, name in held]}


@router.post("/access-providers/{type_code}", summary="Say who answers for a type")
def name_provider(request: Request, type_code: str, body: ProviderIn) -> Response:
    """From then on others need an approved access request to use it here. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        kind = _conditional(node, type_code)
        node.access.name_provider(db, caller, body.operator, kind, body.org_code)
        return 200, {"type_code": kind, "org_code": body.org_code}

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/access-requests", status_code=201, summary="Ask to use a conditionally shared type")
def ask(request: Request, body: AccessIn) -> Response:
    """The provider answers by `due_at`, in working days. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        kind = _conditional(node, body.type_code)
        terms = {"item_code": body.item_code, "purpose": body.purpose, "basis": body.basis}
        return 201, document(node, db, node.access.ask(db, caller, body.operator, type_code=kind, **terms))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/access-requests", summary="What your organisation asked, and what it has to answer")
def listing(request: Request) -> dict[str, Any]:
    """200 of each: `asked` with the newest first, `to_answer` with the open ones first."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    with node.database.unit() as db:
        asked, to_answer = node.access.asked(db, caller), node.access.to_answer(db, caller)
        shown = documents(node, db, [*asked, *to_answer])
    return {"asked": shown[: len(asked)], "to_answer": shown[len(asked) :]}


@router.get("/access-requests/{request_id}", summary="One access request")
def get(request: Request, request_id: str) -> dict[str, Any]:
    """For who asked and who answers."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    with node.database.unit() as db:
        return document(node, db, node.access.get(db, caller, edge.uuid(request_id)))


@router.post("/access-requests/{request_id}/answer", summary="Answer an access request")
def answer(request: Request, request_id: str, body: AccessAnswerIn) -> Response:
    """A registrar of the provider approves, or refuses with a reason. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    held = edge.uuid(request_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        approve = body.decision == "approve"
        made = node.access.answer(db, caller, body.operator, held, approve=approve, reason=body.reason)
        return 200, document(node, db, made)

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/access-requests/{request_id}/end", summary="End an approved access")
def end(request: Request, request_id: str, body: AccessEndIn) -> Response:
    """From the next use on. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "")
    held = edge.uuid(request_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, document(node, db, node.access.end(db, caller, body.operator, held, body.reason))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/parties/{party_id}/access-requests", summary="What an organisation asked and has to answer")
def of_party(request: Request, party_id: str, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """As the organisation itself sees it; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        asked, to_answer = node.access.of_party(db, node.parties.party(db, held).id)
        shown = documents(node, db, [*asked, *to_answer])
    return {"asked": shown[: len(asked)], "to_answer": shown[len(asked) :]}


@router.get("/operations/overdue-access", summary="Access requests that nobody answered in time")
def overdue(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The longest overdue first; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        return {"access_requests": documents(node, db, node.access.overdue(db))}


def _conditional(node: Node, type_code: str) -> str:
    """A type of the catalogue that is shared under conditions."""
    kind = node.catalogue.type(type_code)
    if ShareClass(kind.share_class) is not ShareClass.conditional:
        raise AccessNotNeededError(type=kind.code)
    return kind.code
