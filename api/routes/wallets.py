"""Wallets and terminals without a network: credentials for holders' devices, kits for verifiers.

OpenID4VCI and OpenID4VP will stand here; until then a wallet asks like every other holder's act, with a signed request.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.routes import edge
from api.showschemas import SignedIn
from certs.credentials import sdjwt
from certs.offline import Kit
from certs.store import statuslists

router = APIRouter(prefix="/v1", tags=["credentials"])

_PRIVATE: Final = {"Cache-Control": "no-store"}


@router.post("/credentials", status_code=201, summary="A licence for a wallet")
def give(request: Request, body: SignedIn) -> Response:
    """An SD-JWT VC of a licence, bound to the device key in the request (`credential`).

    Sent again, the request gives another credential for the same key.
    """
    node = edge.node_of(request)
    asked = edge.asked_of(node, body, "credential")
    with node.database.unit() as db:
        wanted = node.wallets.ask(db, asked, body.signed)
    credential = node.wallets.make(wanted, node.seal_keys, node.status_lists.uri, node.settings.base_url)
    with node.database.unit() as db:
        entry_id = node.wallets.give(db, wanted, credential)
    held = {"format": sdjwt.TYPE, "credential": credential, "entry_id": entry_id}
    return Response(edge.dump(held), 201, _PRIVATE, "application/json")


@router.get("/offline-kit", summary="What a terminal takes along")
def kit(request: Request) -> dict[str, Any]:
    """Roots, revoked certificates and every status list, signed: enough to verify wallets for a day."""
    node = edge.node_of(request)
    with node.database.glance() as db:
        trusted = node.seal_register.trusted(db)
        lists = statuslists.every(db)
        for each in lists:
            node.status_lists.look(db, each)
    tokens = {node.status_lists.uri(each): node.status_lists.token(each) for each in lists}
    return Kit(node.clock.now(), node.settings.library_code, trusted, tokens).document()
