"""A kiosk in a service hall: its page, and what it may do besides looking (docs/signers.md, section 7).

Whoever puts their identity card on the reader looks at what is theirs for a few minutes, and prints. The page carries
what the reader signed and is believed in nothing: whose card it is, how sure that is, when the session ends and what it
reaches (`session.AT_KIOSK`) is settled here. It consents to nothing; a printed code takes the card once more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import browsers
from api.browsers import FRESH, Pages
from api.routes import codes, edge
from api.routes.session import KIOSK, KIOSK_COOKIE, PRIVATE, document, looking
from api.signerschemas import CardReadIn
from authz.errors import SignerNotHolderError
from authz.sessions import KIOSK_LASTS, Channel
from certs.requests import HolderRequest
from ledger.clock import rfc3339
from materials.checklist import reasons

if TYPE_CHECKING:
    from api.node import Node
    from materials.receipts import Receipt, Supplied

router = APIRouter()

_PAGES: Final = Pages("citizen/dist", browsers.policy())


@router.get("/kiosk", include_in_schema=False)
def short() -> Response:
    """The address as people type it."""
    return RedirectResponse("/kiosk/", 308)


@router.get("/kiosk/", include_in_schema=False)
def page(request: Request) -> Response:
    """The page; it may speak to the reader on its own machine, and the browser keeps no copy of it."""
    reader = edge.node_of(request).settings.card_reader
    answer = replace(_PAGES, headers=browsers.policy(reader=reader)).file(request, "kiosk.html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get("/kiosk/config.json", include_in_schema=False)
def config(request: Request) -> Response:
    """Where identity cards are read."""
    node = edge.node_of(request)
    held = {"demo": node.settings.demo, "node": node.settings.base_url, "card_reader": browsers.reader_of(node)}
    return Response(edge.dump(held), 200, _PAGES.headers | FRESH, "application/json")


@router.post("/v1/my/kiosk-session", status_code=201, tags=["session"], summary="Begin to look, at a kiosk")
def begin(request: Request, body: CardReadIn) -> Response:
    """With an identity card that was read for the request `session`. Ends when nothing was asked for 90 s.

    Sent again, the same reading begins the same session; after it was left, none.
    """
    node = edge.node_of(request)
    browsers.check_page(request, KIOSK)
    asked = _asked(node, body, "session")
    with node.database.unit() as db:
        signer = node.card_readings.person(db, body.reading, asked.digest)
        held, kept = node.sessions.begin(db, asked.id, signer, Channel.kiosk)
        told = document(node, db, held)
    answer = Response(edge.dump(told), 201, PRIVATE, "application/json")
    browsers.set_cookie(answer, node.settings, KIOSK_COOKIE, kept, int(KIOSK_LASTS.total_seconds()))
    return answer


@router.post("/v1/my/kiosk-codes", status_code=201, tags=["session"], summary="Print a code at a kiosk")
def print_code(request: Request, body: CardReadIn) -> Response:
    """A printed code of one's own licence, by a request `print-code` and the card read anew for it.

    The one before is void. Sent again while the code stands, the same request gives the same code.
    """
    node = edge.node_of(request)
    asked = _asked(node, body, "print-code")
    with node.database.unit() as db:
        held = looking(node, request, db)
        signer = node.card_readings.person(db, body.reading, asked.digest)
        if signer.holder_id != held.person_id:
            raise SignerNotHolderError
        code, text = node.codes.print_at_kiosk(db, asked, signer)
    answer = {"code_id": code.id, **codes.code_document(node, code, text)}
    return Response(edge.dump(answer), 201, PRIVATE, "application/json")


@router.get("/v1/my/cases", tags=["session"], summary="Your cases, and what each was accepted with")
def cases(request: Request) -> Response:
    """The newest 200 in your own name, with the materials of the receipt (收件凭证) once they were accepted."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        held = looking(node, request, db)
        found = node.receipts.of_holder(db, held.person_id)
        names = {party: node.parties.party(db, party).name for party in {each.case.party_id for each in found}}
    shown = [_receipt(node, each, names[each.case.party_id]) for each in found]
    return Response(edge.dump({"cases": shown}), 200, PRIVATE, "application/json")


def _asked(node: Node, body: CardReadIn, action: str) -> HolderRequest:
    asked = HolderRequest.read(body.request, action)
    asked.check_fresh(node.clock.now())
    return asked


def _receipt(node: Node, held: Receipt, organisation: str) -> dict[str, Any]:
    case, item = held.case, node.catalogue.items.get(held.case.item_code)
    return {
        "case_no": case.case_no,
        "item": {"zh": item.name, "en": item.name_en} if item else {"zh": case.item_code, "en": case.item_code},
        "organisation": organisation,
        "stage": case.stage,
        "opened_at": rfc3339(case.opened_at),
        "accepted_at": rfc3339(case.accepted_at) if case.accepted_at else None,
        "due_at": rfc3339(case.due_at) if case.due_at else None,
        "materials": [_material(node, each) for each in held.materials],
        "sha256": None if case.digest is None else case.digest.hex(),
        "entry_id": case.entry_id,
    }


def _material(node: Node, held: Supplied) -> dict[str, Any]:
    """With the code in place of the name where the catalogue has the type no more: one line hides no case."""
    kind = node.catalogue.types.get(held.type_code)
    return {
        "type_code": held.type_code,
        "zh": kind.name if kind else held.type_code,
        "en": kind.name_en if kind else held.type_code,
        "route": _route(held.route),
        "owed": held.owed,
    }


def _route(code: str | None) -> dict[str, str] | None:
    if code is None:
        return None
    zh, en = reasons.ROUTES[code]
    return {"zh": zh, "en": en}
