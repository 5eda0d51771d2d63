"""Readings: what a deposited document says, read by machine, confirmed or corrected by staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response, Security

from api.observe import LOOKS
from api.readingschemas import ReadingConfirmIn, ReadingIn
from api.routes import edge
from api.schemas import Code
from authz.model import Act
from ledger.clock import rfc3339
from ledger.steps import run
from materials import pages
from materials.errors import NoPagesError
from materials.reading import fieldrules
from materials.reading.service import Confirmation

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from materials.reading.model import FieldRead
    from materials.reading.service import Told
    from materials.reading.store import Held

router = APIRouter(
    prefix="/v1/materials/{material_id}/readings", tags=["readings"], dependencies=[Security(edge.signed)]
)
_PNG: Final = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}


def summary(held: Held) -> dict[str, Any]:
    """Where a reading stands."""
    return {
        "reading_id": held.id,
        "material_id": held.material_id,
        "state": held.state.value,
        "asked_at": rfc3339(held.asked_at),
        "ended_at": rfc3339(held.ended_at) if held.ended_at else None,
        "progress": {"pages": held.pages, "done": held.pages_done},
        "failure": held.failure,
        "confirmed_at": rfc3339(held.confirmed_at) if held.confirmed_at else None,
        "verify_level": held.verify_level,
        "entry_id": held.entry_id,
    }


def document(told: Told) -> dict[str, Any]:
    """A reading with its pages and what they say."""
    pages = [
        {
            "page": page.number,
            "source": page.source.value,
            "lines": page.lines,
            "milliseconds": page.milliseconds,
            "failure": page.failure,
        }
        for page in told.pages
    ]
    held = summary(told.held) | {"pages": pages, "type": None, "fields": [], "missing": []}
    if told.findings is not None:
        guess = told.findings.guess
        known = fieldrules.rules().of(guess.type_code)
        found = {each.code for each in told.findings.fields}
        held["type"] = {"type_code": guess.type_code, "confidence": guess.confidence}
        held["fields"] = [_field(guess.type_code, each) for each in told.findings.fields]
        held["missing"] = [rule.code for rule in known if rule.code not in found and not rule.optional]
    held["contradictions"] = [
        {"problem": each.problem, "field": each.field, "can_be_acknowledged": not each.grave}
        for each in told.contradictions
    ]
    return held | {"confirmed": told.confirmed}


def _field(type_code: str | None, held: FieldRead) -> dict[str, Any]:
    rule = fieldrules.rules().field(type_code or "", held.code)
    names = {"name_zh": rule.zh, "name_en": rule.en} if rule else {}
    place = {"page": held.page, "box": held.box.as_list()}
    return (
        {"code": held.code, **names, "value": held.value, "confidence": held.confidence}
        | place
        | {"problems": list(held.problems)}
    )


@router.post("", status_code=202, summary="Have a deposit read")
def ask(request: Request, material_id: str, body: ReadingIn) -> Response:
    """Ask for a reading of a document you deposited: a PDF's text, or what can be seen on scans and photographs.

    The answer comes at once; the work is a job, page by page. Needs an Idempotency-Key. Nothing in the exchange goes by
    what was read before staff confirmed it.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    held = edge.uuid(material_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 202, summary(node.readings.ask(db, caller, held, body.operator).held)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("", summary="Readings of a deposit")
def of_material(request: Request, material_id: str) -> dict[str, Any]:
    """The newest first, without what they say."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        found = node.readings.of_material(db, caller, edge.uuid(material_id))
    return {"readings": [summary(each) for each in found]}


@router.get("/{reading_id}", summary="Progress and findings of a reading")
def get(request: Request, material_id: str, reading_id: str) -> dict[str, Any]:
    """Pages done so far; then the type and each field with its confidence (percent) and its place.

    A `box` is [x0, y0, x1, y1] in ten-thousandths of the page's width and height, from its upper left corner.
    `contradictions` say what does not go with the deposit. For the organisation that deposited the document only.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        return document(node.readings.get(db, caller, edge.uuid(material_id), edge.uuid(reading_id)))


@router.get("/{reading_id}/pages/{page}", summary="A page of a document that is read", response_class=Response)
def picture(
    request: Request, material_id: str, reading_id: str, page: int, operator: Annotated[Code, Query()]
) -> Response:
    """PNG of a page, to look at beside what was read; `X-Pages` says how many there are.

    For staff of the organisation that deposited the document, until the reading is confirmed and one day after it.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        node.counter.let(db, caller, operator, Act.deposit)
        stored, media_type = node.readings.original(db, caller, edge.uuid(material_id), edge.uuid(reading_id))
        found = run(db, node.objects.lookup(stored))
    if page < 1 or found.size > pages.MOST_BYTES:
        raise NoPagesError
    LOOKS.labels("reading").inc()
    with pages.turn():
        drawn = pages.draw(bytes(node.objects.open(found).read_all()), media_type, page - 1)
    return Response(drawn.png, 200, _PNG | {"X-Pages": str(drawn.pages)}, "image/png")


@router.post("/{reading_id}/confirmation", summary="Confirm or correct a reading")
def confirm(request: Request, material_id: str, reading_id: str, body: ReadingConfirmIn) -> Response:
    """State the values after looking at the document: as they were read, or corrected. Needs an Idempotency-Key.

    The material then counts as checked by staff (`verify_level`), and lasts to the end it states where none was given
    at deposit. The log gets `material.read` with digests, no values. What goes against the deposit is refused: grave
    contradictions always, others unless `acknowledged` names them.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    ids = edge.uuid(material_id), edge.uuid(reading_id)
    given = Confirmation(body.type_code, body.fields, frozenset(body.acknowledged), body.operator)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        return 200, summary(node.readings.confirm(db, caller, *ids, given).held)

    answer = edge.once(node, request, caller.client_id, body, act)
    node.routes.reviewing.remake(ids[0])  # what was made of the document before is made anew
    return answer
