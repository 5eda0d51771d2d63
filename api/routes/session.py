"""A holder's short session at this node's pages: begun by a login, for looking only (`authz.sessions`).

Whoever logs in signs a request `session` like any other (code with PKCE, `state`, and its digest as `nonce`). What the
browser then keeps is a cookie that no script reads and that goes to this node's own pages alone: `HttpOnly`,
`SameSite=Strict`, and `Secure` with the prefix `__Host-` wherever the node is reached by TLS. Other sites cannot ride
on it: every request needs the header `X-Cailian-Page`, which no form and no image sends and which another origin's
script may not, and one that a browser itself calls cross-site is refused.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from api.errors import ForeignPageError
from api.routes import edge
from api.signerschemas import SessionIn
from authz.errors import SessionOverError
from authz.sessions import LASTS
from authz.signatures import CONSENTING
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.sessions import Session

router = APIRouter(prefix="/v1/my", tags=["session"])

PAGE: Final = "x-cailian-page"
PRIVATE: Final = {"Cache-Control": "private, no-store", "Vary": "Cookie"}
_NEAR: Final = frozenset({"same-origin", "none"})


def looking(node: Node, request: Request, db: Connection) -> Session:
    """Whose page asks.

    Raises:
        ForeignPageError: no page of this node.
        SessionOverError: nobody is logged in.
    """
    check_page(request)
    return node.sessions.read(db, request.cookies.get(_name(node), ""))


def check_page(request: Request) -> None:
    """Refuse what another site made a browser send.

    Raises:
        ForeignPageError: it did, or this is no page of ours.
    """
    if request.headers.get(PAGE) != "1" or request.headers.get("sec-fetch-site", "none") not in _NEAR:
        raise ForeignPageError


def capacities(node: Node, db: Connection, held: Session) -> dict[str, tuple[str, str]]:
    """Whom the person may look for, besides themselves: holder and capacity by a name that only this person is told."""
    found = node.representations.represented(db, held.person_id, node.clock.now())
    by_holder = {holder: kind for kind in reversed(CONSENTING) for holder, each in found if each == kind}
    return {node.holders.pairwise(holder, held.person_id): (holder, kind) for holder, kind in by_holder.items()}


def whose(node: Node, db: Connection, held: Session, on_behalf: str | None) -> str:
    """Whose things are looked at.

    Args:
        on_behalf: a name of `capacities`; the person's own where None.

    Raises:
        SessionOverError: no such name: it is another person's, or the person represents them no more.
    """
    if on_behalf is None:
        return held.person_id
    found = capacities(node, db, held).get(on_behalf)
    if found is None:
        raise SessionOverError
    return found[0]


def organisation_code(node: Node, db: Connection, holder: str) -> str | None:
    """The unified social credit code of an organisation, which is public; None of a person."""
    return next((each.code for each in node.holders.identifiers(db, holder) if each.type == "001"), None)


@router.post("/session", status_code=201, summary="Begin to look at what is yours")
def begin(request: Request, body: SessionIn) -> Response:
    """Log in: a request `session` and the signature over it. What follows needs the cookie that this sets.

    Sent again, the same request begins the same session; after it was left, none.
    """
    node = edge.node_of(request)
    check_page(request)
    asked = edge.asked_of(node, body, "session")
    with node.database.unit() as db:
        signer = node.signatures.person(db, body.signed, asked.digest, reading=True)
        held, kept = node.sessions.begin(db, asked.id, signer)
        told = _document(node, db, held)
    answer = Response(edge.dump(told), 201, PRIVATE, "application/json")
    answer.set_cookie(
        _name(node),
        kept,
        max_age=int(LASTS.total_seconds()),
        path="/",
        secure=_is_secure(node),
        httponly=True,
        samesite="strict",
    )
    return answer


@router.get("/session", summary="Who is logged in", responses={204: {"description": "nobody"}})
def look(request: Request) -> Response:
    """The person, until when, and whom else they may look for; 204 where nobody is."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        try:
            told = _document(node, db, looking(node, request, db))
        except SessionOverError:
            return Response(status_code=204, headers=PRIVATE)
    return Response(edge.dump(told), 200, PRIVATE, "application/json")


@router.delete("/session", summary="Log out")
def leave(request: Request) -> Response:
    """End the session everywhere; nothing where there is none."""
    node = edge.node_of(request)
    check_page(request)
    with node.database.unit() as db, suppress(SessionOverError):
        node.sessions.leave(db, node.sessions.read(db, request.cookies.get(_name(node), "")))
    answer = Response(status_code=204, headers=PRIVATE)
    answer.delete_cookie(_name(node), path="/", secure=_is_secure(node), httponly=True, samesite="strict")
    return answer


def _document(node: Node, db: Connection, held: Session) -> dict[str, Any]:
    others = [
        {
            "on_behalf": name,
            "name": (who := node.holders.get(db, holder)).name,
            "kind": who.kind.value,
            "capacity": kind,
            "code": organisation_code(node, db, holder),
        }
        for name, (holder, kind) in capacities(node, db, held).items()
    ]
    return {
        "name": node.holders.get(db, held.person_id).name,
        "until": rfc3339(held.until),
        "seconds_left": max(0, int((held.until - node.clock.now()).total_seconds())),
        "signer_kind": held.kind.value,
        "assurance": held.assurance.name,
        "represents": sorted(others, key=lambda each: str(each["name"])),
    }


def _is_secure(node: Node) -> bool:
    return node.settings.base_url.startswith("https:")


def _name(node: Node) -> str:
    return "__Host-cailian" if _is_secure(node) else "cailian"
