"""免申即办: licences that follow the change of another: the rules, who lets them, what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.automaticschemas import ByIn
from api.routes import edge

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from materials.automatic.linkrules import LinkRule

router = APIRouter(prefix="/v1", tags=["linked"])


def rule_document(held: LinkRule) -> dict[str, Any]:
    """A rule as anybody may read it."""
    return {
        "code": held.code,
        "version": held.version,
        "name": held.name,
        "name_en": held.name_en,
        "of": held.of,
        "objection_days": held.objection_days,
        "then": [{"licence": code, "follow": dict(follow)} for code, follow in held.then.items()],
        "sha256": held.sha256,
    }


@router.get("/linked-rules", summary="Rules by which licences follow another")
def rules(request: Request) -> dict[str, Any]:
    """Every rule of this node; `sha256` is that of the canonical JSON of its file."""
    node = edge.node_of(request)
    return {"rules": [rule_document(each) for each in node.automatic.linking.rules.by_code.values()]}


@router.post(
    "/linked-rules/{code}/adoption", summary="Let a rule change your licences", dependencies=[Security(edge.signed)]
)
def adopt(request: Request, code: str, body: ByIn) -> Response:
    """The operator, a registrar of yours, answers for what the rule does from now on. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.automatic.linking.adopt(db, caller, code, body.operator)
        return 200, rule_document(held) | {"adopted": True, "operator": body.operator}

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/linked-rules/{code}/abandonment", summary="Let a rule no more", dependencies=[Security(edge.signed)])
def abandon(request: Request, code: str, body: ByIn) -> Response:
    """What was announced and not carried out waits for a person of yours. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.automatic.linking.abandon(db, caller, code, body.operator)
        return 200, rule_document(held) | {"adopted": False}

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/linked-changes", summary="Linked changes of your licences", dependencies=[Security(edge.signed)])
def listed(request: Request) -> dict[str, Any]:
    """The newest 200: announced with their term, changed with the new version, or left to a person with the reason."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    linking = node.automatic.linking
    with node.database.unit() as db:
        return {"changes": [linking.document(each) for each in linking.of_party(db, caller)]}


@router.post(
    "/linked-changes/{linked_id}/resumption", summary="Let a linked change go on", dependencies=[Security(edge.signed)]
)
def resume(request: Request, linked_id: str, body: ByIn) -> Response:
    """Where it waits for a person; never before the holder's term is over. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "issue")
    linking, held = node.automatic.linking, edge.uuid(linked_id)
    return edge.once(
        node,
        request,
        caller.client_id,
        body,
        lambda db: (200, linking.document(linking.resume(db, caller, held, body.operator))),
    )
