"""Organisations found by name, for whoever opens a case; persons are found by nothing but their exact code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Security

from api.consoleschemas import FirmSearchIn
from api.routes import edge
from authz.model import Act

if TYPE_CHECKING:
    from authz.firms import Firm

router = APIRouter(prefix="/v1/firms", tags=["cases"], dependencies=[Security(edge.signed)])


@router.post("/search", summary="Find organisations by the beginning of their name")
def search(request: Request, body: FirmSearchIn) -> dict[str, Any]:
    """At most 20, with their unified social credit codes; counted as a search of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.unit() as db:
        node.counter.let(db, caller, body.operator, Act.search)
        return {"firms": [_document(each) for each in node.firms.find(db, body.beginning)]}


def _document(held: Firm) -> dict[str, Any]:
    return {
        "kind": "organisation",
        "name": held.name,
        "identifiers": [{"type": held.type, "country": "156", "code": held.code}],
    }
