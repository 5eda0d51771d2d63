"""The pages on which a citizen reads, decides and withdraws; their sources are in `web/citizen`.

What is asked is behind the fragment of an address, so that no log of ours or of a proxy learns which page was read. The
policy below allows scripts, styles and connections of this node alone, no inline script, no frame around the page (what
is covered cannot be read), and the one Trusted Types policy of the framework.

`POST /v1/me/consents` is what the pages list: a holder's asks and grants, for whoever signs a request `inbox`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from api.adapters import signers
from api.demo import oidc
from api.errors import NotFoundError
from api.routes import askbatches, edge, grants
from api.signerschemas import ConsentsIn
from authz.errors import UnknownAskError
from authz.signatures import CONSENTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from authz.askbatches import AskBatch

router = APIRouter()

_BUILT: Final = Path(__file__).parents[2] / "web/citizen/dist"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self';"
    " img-src 'self' data: blob:; font-src 'self'; manifest-src 'self';"
    " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types vue cailian",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for web views that know no frame-ancestors
}
_FRESH: Final = {"Cache-Control": "no-cache"}
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_LISTED: Final = 50
"""Most batches that are listed of one's own."""


@router.get("/m", include_in_schema=False)
def short() -> Response:
    """The address as people type it."""
    return RedirectResponse("/m/", 308)


@router.get("/m/", include_in_schema=False)
def page() -> Response:
    """The pages; what is shown is behind `#`."""
    return _file(_BUILT, "index.html", _FRESH)


@router.get("/m/config.json", include_in_schema=False)
def config(request: Request) -> Response:
    """Where to log in, and where passkeys are made. The demo provider is named by paths, whatever host the page has."""
    node = edge.node_of(request)
    settings = node.settings
    site = signers.site(settings)
    login = {
        "client_id": oidc.CLIENT_ID,
        "issuer": oidc.issuer(settings.base_url),
        "authorize": f"{oidc.PREFIX}/authorize",
        "token": f"{oidc.PREFIX}/token",
    }
    held: dict[str, object] = {
        "demo": settings.demo,
        "node": settings.base_url,
        "login": login if settings.demo else _login(node),
    }
    held |= {"passkeys": {"rp_id": site.rp_id, "origins": list(site.origins)}}
    return Response(edge.dump(held), 200, _HEADERS | _FRESH, "application/json")


def _login(node: Node) -> dict[str, str] | None:
    """The provider the operator pinned; its code is exchanged by this node, which has the secret."""
    provider = node.login_client
    if provider is None:
        return None
    return {
        "client_id": provider.client_id,
        "issuer": provider.issuer,
        "authorize": provider.authorization_endpoint,
        "token": "/v1/login/token",
    }


@router.get("/m/{name}", include_in_schema=False)
def asset(name: str) -> Response:
    """A file beside the page."""
    return _file(_BUILT, name, _FRESH)


@router.get("/m/assets/{name}", include_in_schema=False)
def built_asset(name: str) -> Response:
    """A file whose name says its content."""
    return _file(_BUILT / "assets", name, _FOREVER)


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
    states = {ask.id: node.asks.joint_state(db, ask) for ask in batch.asks}
    return shown | {"asks": [each | {"joint": states[each["ask_id"]]} for each in shown["asks"]]}


def _represented(node: Node, db: Connection, person_id: str, batch_id: str) -> list[AskBatch]:
    """A batch that was opened on a phone, if its owner stands for who was asked."""
    try:
        batch = node.ask_batches.get(db, batch_id)
    except UnknownAskError:
        return []
    kinds = node.representations.kinds(db, person_id, batch.grantor_id, node.clock.now())
    return [batch] if set(kinds) & set(CONSENTING) else []


def _file(folder: Path, name: str, kept: dict[str, str]) -> Response:
    path = folder / name
    media_type = _TYPES.get(path.suffix)
    if media_type is None or not _NAME.fullmatch(name) or not path.is_file():
        raise NotFoundError
    return FileResponse(path, media_type=media_type, headers=_HEADERS | kept)
