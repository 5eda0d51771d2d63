"""A holder's short session at this node's pages: begun by a login, for looking only (`authz.sessions`).

Whoever logs in signs a request `session` like any other (code with PKCE, `state`, and its digest as `nonce`). What the
browser then keeps is a cookie that no script reads and that goes to this node's own pages alone: `HttpOnly`,
`SameSite=Strict`, and `Secure` with the prefix `__Host-` wherever the node is reached by TLS (`api.browsers`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from api import browsers
from api.errors import ForeignPageError
from api.routes import edge
from api.signerschemas import SessionIn
from authz.errors import NotAtKioskError, SessionOverError
from authz.sessions import LASTS, Channel
from authz.signatures import CONSENTING
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.sessions import Session

router = APIRouter(prefix="/v1/my", tags=["session"])

PAGE: Final = "1"
"""Value of the header `X-Cailian-Page`."""
COOKIE: Final = "cailian"
KIOSK: Final = "kiosk"
"""Value of the header at a kiosk, where a session has another cookie and reaches less."""
KIOSK_COOKIE: Final = "cailian-kiosk"
AT_KIOSK: Final = frozenset(
    {
        "/v1/my/session",
        "/v1/my/kiosk-codes",
        "/v1/my/cases",
        "/v1/my/licences",
        "/v1/my/uses",
    }
)
"""Paths, as they are declared, that a session at a kiosk reaches; a new one is closed until somebody thinks of it."""
PRIVATE: Final = browsers.PRIVATE
_FORGET: Final = {"Clear-Site-Data": '"cache", "storage"'}


def looking(node: Node, request: Request, db: Connection) -> Session:
    """Whose page asks.

    Raises:
        ForeignPageError: no page of this node.
        SessionOverError: nobody is logged in.
        NotAtKioskError: somebody is, at a kiosk, which does not do this.
    """
    at_kiosk = is_kiosk(request)
    browsers.check_page(request, KIOSK if at_kiosk else PAGE)
    held = node.sessions.read(db, browsers.cookie(request, node.settings, KIOSK_COOKIE if at_kiosk else COOKIE))
    if at_kiosk != (held.channel is Channel.kiosk):
        raise ForeignPageError
    if at_kiosk and getattr(request.scope.get("route"), "path", "") not in AT_KIOSK:
        raise NotAtKioskError
    return held


def is_kiosk(request: Request) -> bool:
    """Whether a kiosk's page asks."""
    return request.headers.get(browsers.PAGE) == KIOSK


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
    browsers.check_page(request, PAGE)
    asked = edge.asked_of(node, body, "session")
    with node.database.unit() as db:
        signer = node.signatures.person(db, body.signed, asked.digest, reading=True)
        held, kept = node.sessions.begin(db, asked.id, signer)
        told = document(node, db, held)
    answer = Response(edge.dump(told), 201, PRIVATE, "application/json")
    browsers.set_cookie(answer, node.settings, COOKIE, kept, int(LASTS.total_seconds()))
    return answer


@router.get("/session", summary="Who is logged in", responses={204: {"description": "nobody"}})
def look(request: Request) -> Response:
    """The person, until when, and whom else they may look for; 204 where nobody is."""
    node = edge.node_of(request)
    with node.database.unit() as db:
        try:
            told = document(node, db, looking(node, request, db))
        except SessionOverError:
            return Response(status_code=204, headers=PRIVATE)
    return Response(edge.dump(told), 200, PRIVATE, "application/json")


@router.delete("/session", summary="Log out")
def leave(request: Request) -> Response:
    """End the session everywhere; nothing where there is none. At a kiosk the browser forgets what it kept, too."""
    node = edge.node_of(request)
    with node.database.unit() as db, suppress(SessionOverError):
        node.sessions.leave(db, looking(node, request, db))
    at_kiosk = is_kiosk(request)
    answer = Response(status_code=204, headers=PRIVATE | (_FORGET if at_kiosk else {}))
    browsers.drop_cookie(answer, node.settings, KIOSK_COOKIE if at_kiosk else COOKIE)
    return answer


def document(node: Node, db: Connection, held: Session) -> dict[str, Any]:
    """A session as its page is told of it."""
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
        "channel": held.channel.value,
        "represents": sorted(others, key=lambda each: str(each["name"])),
    }
