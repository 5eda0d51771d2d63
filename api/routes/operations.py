"""What overseers of the node ask it: gaps between what was promised and what is in the log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Security

from api import gaps as monitor
from api.routes import assistances, cessations, edge
from api.schemas import Code
from authz.model import Act

router = APIRouter(prefix="/v1/operations", tags=["operations"], dependencies=[Security(edge.signed)])

SCOPE = "oversee"


@router.get("/gaps", summary="What was begun and not ended, promised and not kept")
def gaps(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """Uses without outcome, entries past their deadline, entries without anchor; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        return monitor.listing(db, node.clock.now(), node.settings)


@router.get("/assisted-consents", summary="Consent at counters, of every organisation")
def assisted(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """The newest 200, also those that came to nothing; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        found = node.assisted.listed(db, caller, operator, everywhere=True)
        return {
            "assisted_consents": [
                assistances.document(each) | {"organisation": node.parties.party(db, each.party_id).org_code}
                for each in found
            ]
        }


@router.get("/overdue-withdrawals", summary="Recipients that did not say in time that they stopped or deleted")
def overdue(request: Request, operator: Annotated[Code, Query()]) -> dict[str, Any]:
    """Withdrawn grants whose recipient is silent, the longest first; needs an overseer as operator."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.inspect)
        return {
            "cessations": [
                cessations.document(node, each) | {"organisation": node.parties.party(db, each.party_id).org_code}
                for each in node.cessations.overdue(db)
            ]
        }
