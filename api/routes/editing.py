"""The editor of definitions over HTTP: checked as they are typed, kept as drafts, published by another person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response, Security

from api.consoleschemas import (
    DefinitionDraftDecisionIn,
    DefinitionDraftIn,
    DefinitionKind,
    DefinitionPublicationIn,
    DefinitionTextIn,
)
from api.routes import edge
from api.routes.registers import changes_document, version_document
from api.schemas import Code
from certs.errors import CertsError
from ledger.clock import rfc3339
from materials.editing.kinds import KINDS
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from materials.editing.rows import DefinitionDraft

router = APIRouter(prefix="/v1", tags=["catalogue"], dependencies=[Security(edge.signed)])
SCOPE: Final = "register"


def draft_document(node: Node, held: DefinitionDraft) -> dict[str, Any]:
    """A draft, with what it changes of the definition in force."""
    document = json.loads(held.document)
    return {
        "draft_id": held.id,
        "kind": held.kind,
        "code": held.code,
        "name": str(document.get("name", "")),
        "name_en": str(document.get("name_en", "")),
        "state": held.state,
        "text": held.document,
        "sha256": held.sha256,
        "edited_by": held.edited_by,
        "edited_at": rfc3339(held.edited_at),
        "decided_by": held.decided_by,
        "changes": _changes(node, held),
    }


def _changes(node: Node, held: DefinitionDraft) -> list[dict[str, Any]]:
    try:
        return node.editing.changes(held.kind, node.editing.check(held.kind, held.document))
    except (MaterialsError, CertsError):  # it fitted when it was saved; publishing says why it does not now
        return []


@router.post("/definition-checks", summary="Check a definition")
def check(request: Request, body: DefinitionTextIn) -> dict[str, Any]:
    """Of an item, a material type or a licence type: by the code that reads them, by what must stay of the one in
    force, and by all the others it has to go with. Says what it changes; what is wrong comes with its `line`.
    """  # noqa: D205 - one thought
    node = edge.node_of(request)
    edge.caller(node, request, SCOPE)
    document = node.editing.check(body.kind, body.text)
    return {
        "kind": body.kind,
        "code": document[KINDS[body.kind].member],
        "version": document["version"],
        "changes": node.editing.changes(body.kind, document),
    }


@router.post("/definition-drafts", status_code=201, summary="Keep a draft of a definition")
def save(request: Request, body: DefinitionDraftIn) -> Response:
    """In place of the one that is open. Needs a registrar as operator, and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 201, draft_document(node, node.editing.save(db, caller, body.operator, body.kind, body.text))

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/definition-drafts", summary="Drafts of definitions that are open")
def drafts(
    request: Request,
    operator: Annotated[Code, Query(description="a registrar's handle")],
    kind: Annotated[DefinitionKind | None, Query(description="of one kind; without: of all")] = None,
) -> dict[str, Any]:
    """Those of the caller's organisation, each with what it changes."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        found = node.editing.drafts(db, caller, operator, kind)
    return {"drafts": [draft_document(node, each) for each in found]}


@router.post("/definition-drafts/{draft_id}/publication", summary="Publish a draft of a definition")
def publish(request: Request, draft_id: str, body: DefinitionPublicationIn) -> Response:
    """By another registrar than the one who saved it: the next version of the register `items`, `materials` or
    `licences`, in the log and on the chain. Every process goes by it within seconds; cases that are handed in go on by
    the version of their item that they were handed in under. Needs an Idempotency-Key.
    """  # noqa: D205 - one thought
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    wanted = edge.uuid(draft_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.refuse_bulk_when_overdue(db)
        held, changes = node.editing.publish(db, caller, body.operator, wanted, body.sha256)
        return 200, version_document(node, db, held) | {"changes": changes_document(changes)}

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/definition-drafts/{draft_id}/removal", summary="Give a draft up")
def drop(request: Request, draft_id: str, body: DefinitionDraftDecisionIn) -> Response:
    """Needs a registrar as operator, and an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    wanted = edge.uuid(draft_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        node.editing.drop(db, caller, body.operator, wanted)
        return 200, {"draft_id": wanted, "state": "dropped"}

    return edge.once(node, request, caller.client_id, body, act)
