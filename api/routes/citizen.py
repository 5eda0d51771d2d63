"""The pages on which a citizen reads, decides and withdraws; their sources are in `web/citizen`.

What is asked is behind the fragment of an address, so that no log of ours or of a proxy learns which page was read;
`api.browsers` says under which policy pages are served.

`POST /v1/me/consents` is what the pages list: a holder's asks and grants, for whoever signs a request `inbox`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import browsers
from api.adapters import signers
from api.browsers import FRESH, Pages
from api.routes import askbatches, circumstances, edge, grants
from api.signerschemas import ConsentsIn
from authz.errors import UnknownAskError
from authz.signatures import CONSENTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.askbatches import AskBatch

router = APIRouter()

_PAGES: Final = Pages(
    "citizen/dist", browsers.policy("worker-src 'self'", "manifest-src 'self'", trusted_types="vue cailian")
)
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_LISTED: Final = 50
"""Most batches that are listed of one's own."""


@router.get("/m", include_in_schema=False)
def short() -> Response:
    """The address as people type it."""
    return RedirectResponse("/m/", 308)


@router.get("/m/", include_in_schema=False)
def page(request: Request) -> Response:
    """The pages; what is shown is behind `#`."""
    return _PAGES.page(request)


@router.get("/m/config.json", include_in_schema=False)
def config(request: Request) -> Response:
    """Where to log in, and where passkeys are made. The demo provider is named by paths, whatever host the page has."""
    node = edge.node_of(request)
    settings = node.settings
    site = signers.site(settings)
    held: dict[str, object] = {"demo": settings.demo, "node": settings.base_url, "login": browsers.login_of(node)}
    held |= {"passkeys": {"rp_id": site.rp_id, "origins": list(site.origins)}}
    return Response(edge.dump(held), 200, _PAGES.headers | FRESH, "application/json")


@router.get("/m/{name}", include_in_schema=False)
def asset(request: Request, name: str) -> Response:
    """A file beside the page."""
    return _PAGES.file(request, name)


@router.get("/m/assets/{name}", include_in_schema=False)
def built_asset(request: Request, name: str) -> Response:
    """A file whose name says its content."""
    return _PAGES.asset(request, name)


@router.post("/v1/me/consents", tags=["grants"], summary="What waits for you, and what you gave")
def consents(request: Request, body: ConsentsIn) -> Response:
    """The newest asks and grants of the person who signs a request `inbox`.

    Of organisations they represent: those whose batches are named, which the pages remember from opening them.
    """
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "inbox")
    with node.database.unit() as db:
        signer = node.signatures.person(db, body.signed, asked.digest, reading=True)
        held = consents_of(node, db, signer.holder_id, body.batches)
    return Response(edge.dump(held), 200, _PRIVATE, "application/json")


def consents_of(node: Node, db: Connection, person_id: str, opened: Sequence[str]) -> dict[str, Any]:
    """Asks and grants of a person, and of the batches they opened for whom they represent."""
    own = [ask.batch_id for ask in node.asks.of_holder(db, person_id) if ask.batch_id is not None]
    batches = [node.ask_batches.get(db, each) for each in dict.fromkeys(own[:_LISTED])]
    for each in dict.fromkeys(opened):
        batches += _represented(node, db, person_id, each)
    given = {grant.id: grant for grant in node.grants.of_holder(db, person_id)}
    ids = [ask.grant_id for batch in batches for ask in batch.asks if ask.grant_id is not None]
    given |= {each: node.grants.find(db, each) for each in ids if each not in given}
    return {
        "batches": [_for_holder(node, db, each) for each in {batch.id: batch for batch in batches}.values()],
        "grants": [grants.grant_document(node, each) for each in given.values()],
    }


def _for_holder(node: Node, db: Connection, batch: AskBatch) -> dict[str, Any]:
    """A batch as its holder alone sees it: of a thing held together, how far the others' consent has come."""
    shown = askbatches.document(node, batch)
    states = {ask.id: circumstances.joint(node, db, ask) for ask in batch.asks}
    return shown | {"asks": [each | {"joint": states[each["ask_id"]]} for each in shown["asks"]]}


def _represented(node: Node, db: Connection, person_id: str, batch_id: str) -> list[AskBatch]:
    """A batch that was opened on a phone, if its owner stands for who was asked."""
    try:
        batch = node.ask_batches.get(db, batch_id)
    except UnknownAskError:
        return []
    kinds = node.representations.kinds(db, person_id, batch.grantor_id, node.clock.now())
    return [batch] if set(kinds) & set(CONSENTING) else []
