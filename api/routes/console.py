"""The department's console: its pages (`web/console`), and the session of whoever works at it.

What the console does goes to the routes that departments' systems call, with the session's cookie (`api.staffdoor`);
here are only its pages, logging in and out. As with citizens, what is open is behind the fragment of an address.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import RedirectResponse

from api import browsers, staffdoor
from api.browsers import FRESH, PRIVATE, Pages
from api.consoleschemas import StaffLoginEndIn, StaffLoginIn, StaffSessionIn
from api.routes import edge
from authz.errors import SessionOverError
from authz.onboarding import OVERSEE
from ledger.clock import rfc3339
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.staff import Staff

router = APIRouter()

_PAGES: Final = Pages("console/dist", browsers.policy(trusted_types="vue default", camera=True))
"""Paper is photographed, too. The policy `default` lets empty markup through only (`web/console/src/emptying.ts`)."""


@router.get("/console", include_in_schema=False)
def short() -> Response:
    """The address as people type it."""
    return RedirectResponse("/console/", 308)


@router.get("/console/", include_in_schema=False)
def page(request: Request) -> Response:
    """The pages; they may speak to the reader of identity cards on their own machine, where there is one."""
    reader = edge.node_of(request).settings.card_reader
    headers = browsers.policy(trusted_types="vue default", camera=True, reader=reader)
    return replace(_PAGES, headers=headers).page(request)


@router.get("/console/config.json", include_in_schema=False)
def config(request: Request) -> Response:
    """Where to log in, and which citizens' pages a QR code leads to."""
    node = edge.node_of(request)
    held: dict[str, object] = {"demo": node.settings.demo, "node": node.settings.base_url}
    held |= {"login": browsers.login_of(node), "card_reader": browsers.reader_of(node)}
    return Response(edge.dump(held), 200, _PAGES.headers | FRESH, "application/json")


@router.get("/console/{name}", include_in_schema=False)
def beside(request: Request, name: str) -> Response:
    """A file beside the page."""
    return _PAGES.file(request, name)


@router.get("/console/assets/{name}", include_in_schema=False)
def asset(request: Request, name: str) -> Response:
    """A file whose name says its content."""
    return _PAGES.asset(request, name)


@router.post("/v1/console/session", status_code=201, summary="Log in as a member of staff", tags=["session"])
def begin(request: Request, body: StaffSessionIn) -> Response:
    """A login at the identity provider over `{"id","type":"cailian/staff-session","v":1}`; sets the session's cookie.

    Sent again, the same login begins the same session; after it was left, none.
    """
    node = edge.node_of(request)
    browsers.check_page(request, staffdoor.CONSOLE)
    with node.database.unit() as db:
        held, kept = node.staff.begin(db, body.id, body.id_token)
        told = _document(node, db, held)
    return _keeping(node, Response(edge.dump(told), 201, PRIVATE, "application/json"), held, kept)


@router.get(
    "/v1/console/session", summary="Who works here", tags=["session"], responses={204: {"description": "nobody"}}
)
def look(request: Request) -> Response:
    """Operator, roles, organisation, and until when; 204 where nobody is logged in."""
    node = edge.node_of(request)
    browsers.check_page(request, staffdoor.CONSOLE)
    with node.database.unit() as db:
        try:
            told = _document(node, db, run(db, node.staff.read(staffdoor.kept_by(node, request))))
        except SessionOverError:
            return Response(status_code=204, headers=PRIVATE)
    return Response(edge.dump(told), 200, PRIVATE, "application/json")


@router.post("/v1/console/session/renewal", summary="Stay logged in", tags=["session"])
def renew(request: Request) -> Response:
    """Half an hour from now, at most ten from the login. The page asks while somebody works at it."""
    node = edge.node_of(request)
    browsers.check_page(request, staffdoor.CONSOLE)
    with node.database.unit() as db:
        held, kept = node.staff.renew(run(db, node.staff.read(staffdoor.kept_by(node, request))))
        told = _document(node, db, held)
    return _keeping(node, Response(edge.dump(told), 200, PRIVATE, "application/json"), held, kept)


@router.delete("/v1/console/session", summary="Log out", tags=["session"])
def leave(request: Request) -> Response:
    """End the session everywhere; nothing where there is none."""
    node = edge.node_of(request)
    browsers.check_page(request, staffdoor.CONSOLE)
    with node.database.unit() as db, suppress(SessionOverError):
        node.staff.leave(db, run(db, node.staff.read(staffdoor.kept_by(node, request))))
    answer = Response(status_code=204, headers=PRIVATE)
    browsers.drop_cookie(answer, node.settings, staffdoor.COOKIE)
    return answer


@router.post(
    "/v1/parties/{party_id}/logins",
    summary="Let an account log in as an operator",
    tags=["parties"],
    dependencies=[Security(edge.signed)],
)
def give_login(request: Request, party_id: str, body: StaffLoginIn) -> Response:
    """From then on the account works at the console as that operator; by overseers. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        login = (body.issuer, body.subject)
        node.staff_logins.give(db, caller, body.operator, held, body.handle, login)
        return 200, {"party_id": held, "handle": body.handle}

    return edge.once(node, request, caller.client_id, body, act)


@router.post(
    "/v1/parties/{party_id}/logins/withdrawal",
    summary="Take an operator's logins away",
    tags=["parties"],
    dependencies=[Security(edge.signed)],
)
def take_login(request: Request, party_id: str, body: StaffLoginEndIn) -> Response:
    """Their sessions at the console end with it. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, OVERSEE)
    held = edge.uuid(party_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        taken = node.staff_logins.take(db, caller, body.operator, held, body.handle)
        return 200, {"party_id": held, "handle": body.handle, "taken": taken}

    return edge.once(node, request, caller.client_id, body, act)


def _keeping(node: Node, answer: Response, held: Staff, kept: str) -> Response:
    browsers.set_cookie(answer, node.settings, staffdoor.COOKIE, kept, _left(node, held))
    return answer


def _left(node: Node, held: Staff) -> int:
    return max(0, int((held.session.until - node.clock.now()).total_seconds()))


def _document(node: Node, db: Connection, held: Staff) -> dict[str, Any]:
    party = node.parties.party(db, held.caller.party_id)
    return {
        "operator": held.handle,
        "roles": sorted(each.value for each in held.roles),
        "organisation": party.name,
        "org_code": party.org_code,
        "division": party.division,
        "scopes": sorted(held.caller.scopes),
        "until": rfc3339(held.session.until),
        "seconds_left": _left(node, held),
    }
