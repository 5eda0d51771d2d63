"""Applying for a bundle (一件事)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.caseschemas import BundleIn
from api.routes import cases, edge
from api.schemas import Code
from authz.model import Presence
from materials.bundles import Application
from materials.openings import Opening

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(prefix="/v1", tags=["cases"], dependencies=[Security(edge.signed)])


@router.post("/bundles/{bundle_code}/cases", status_code=201, summary="Apply for a bundle")
def apply(request: Request, bundle_code: Code, body: BundleIn) -> Response:
    """A case for each member, from one set of answers, in the order in which they are run.

    The applicant's presence is proven once; a login names the bundle. Results that one member passes on are never asked
    of the applicant. Needs an Idempotency-Key.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        shared = Opening(
            item_code="",
            scenario="",
            applicant_id=edge.holder(node, db, body.applicant),
            applicant_kind=body.applicant.kind,
            presence=Presence(body.presence.kind),
            evidence=body.presence.evidence,
            project_code=body.project_code,
            operator=body.operator,
            proof=cases.proof_of(body.presence),
        )
        people = cases.people_of(node, db, body.people)
        application = Application(bundle_code, shared, body.answers, people, tuple(body.items))
        node.editing.look(db)
        run_id, opened = node.bundles.open(db, caller, application)
        return 201, {
            "application": run_id,
            "bundle_code": bundle_code,
            "cases": [cases.document(each) for each in opened],
        }

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/applications/{application_id}", summary="An application for a bundle")
def application(request: Request, application_id: Code) -> dict[str, Any]:
    """Its cases in the order of the bundle, each with its stage."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case")
    with node.database.glance() as db:
        bundle, opened = node.bundles.get(db, caller, edge.uuid(application_id))
    return {
        "application": application_id,
        "bundle_code": bundle.code,
        "name": bundle.name,
        "name_en": bundle.name_en,
        "cases": [cases.document(each) for each in opened],
    }
