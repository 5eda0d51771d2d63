"""系统生成: documents made from templates in a case, every value with its source."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response, Security

from api.routes import edge, instalments
from api.routeschemas import DocumentIn, DocumentSealIn
from api.schemas import Code
from ledger.clock import rfc3339
from materials.generated.model import Wanted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from api.routes.instalments import Keep
    from materials.generated.model import Template
    from materials.generated.rows import Generated
    from materials.model import Material

router = APIRouter(prefix="/v1", tags=["documents"], dependencies=[Security(edge.signed)])


def document(node: Node, held: Generated) -> dict[str, Any]:
    """A generated document as the organisation that made it sees it."""
    return {
        "material_id": held.material_id,
        "case_no": held.case_no,
        "type_code": held.type_code,
        "template": held.template,
        "template_version": held.template_version,
        "sources": node.routes.documents.sources(held),
        "seals": list(held.seals),
        "made_at": rfc3339(held.made_at),
        "entry_id": held.entry_id,
    }


@router.get("/templates", summary="Documents that can be made")
def templates(request: Request) -> dict[str, Any]:
    """Every template: the material types it makes, what it takes, and where each value may come from."""
    node = edge.node_of(request)
    edge.caller(node, request, "case")
    return {"templates": [_template(each) for each in node.routes.documents.templates.by_code.values()]}


def _template(held: Template) -> dict[str, Any]:
    return {
        "code": held.code,
        "version": held.version,
        "name": held.zh,
        "name_en": held.en,
        "type_codes": list(held.types),
        "slots": [
            {
                "name": slot.name,
                "title_zh": slot.zh,
                "title_en": slot.en,
                "kind": slot.kind,
                "required": slot.required,
                "sources": list(slot.sources),
            }
            for slot in held.slots
        ],
        "seals": [{"name": each.name, "title_zh": each.zh, "title_en": each.en} for each in held.seals],
    }


@router.post("/cases/{case_no}/documents", status_code=201, summary="Make a document from a template")
def make(request: Request, case_no: Code, body: DocumentIn) -> Response:
    """Fill a template from licences, checks, the case and what the applicant states; needs an Idempotency-Key.

    The document is a material of the case, of the verify level of its weakest value. Licences are asked by uses of
    their own. A required value without a source is refused, and `fields` names it.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    form = {name: held if isinstance(held, str) else tuple(held) for name, held in body.form.items()}
    wanted = Wanted(case_no, body.type_code, body.operator, body.cause, body.template, form)

    def keep(kept: Keep, db: Connection, material: Material, made: Generated) -> None:
        told = {"verify_level": material.verify_level, "size": material.size, "sha256": material.sha256}
        kept(db, 201, document(node, made) | told)

    return instalments.once(
        node,
        request,
        caller.client_id,
        body,
        lambda kept: node.routes.generating.make(caller, wanted, kept.key, partial(keep, kept)),
    )


@router.get("/cases/{case_no}/documents", summary="Documents made in a case")
def listed(request: Request, case_no: Code) -> dict[str, Any]:
    """The newest 200 documents made in a case of yours."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return {"documents": [document(node, each) for each in node.routes.documents.of_case(db, caller, case_no)]}


@router.get("/documents/{material_id}", summary="Where each value of a document came from")
def get_document(request: Request, material_id: str) -> dict[str, Any]:
    """A document you made: its values, the source and log entry of each."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return document(node, node.routes.documents.get(db, caller, edge.uuid(material_id)))


@router.get("/documents/{material_id}/seals/{place}", summary="What an organisation signs for its seal")
def seal_terms(request: Request, material_id: str, place: Code) -> dict[str, Any]:
    """The canonical words and their digest, for the representative of the organisation whose place it is."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        planned = node.routes.seals.plan(db, caller, edge.uuid(material_id), place)
    return {"terms": json.loads(planned.terms), "digest": planned.digest, "final": planned.final}


@router.post("/documents/{material_id}/seals/{place}", status_code=201, summary="Set an organisation's seal")
def seal(request: Request, material_id: str, place: Code, body: DocumentSealIn) -> Response:
    """Set the seal of the organisation that signed for it; the answer is the document's new version.

    Needs an Idempotency-Key. The last place closes the document: nothing can be added after it.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    wanted = (edge.uuid(material_id), place, body.signed, body.operator)

    def keep(kept: Keep, db: Connection, material: Material, made: Generated) -> None:
        kept(db, 201, document(node, made) | {"version": material.version, "sha256": material.sha256})

    return instalments.once(
        node,
        request,
        caller.client_id,
        body,
        lambda kept: node.routes.generating.seal(caller, node.routes.seals, wanted, partial(keep, kept)),
    )
