"""What every route shares: who calls, with which key, and answers that can be given again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fastapi import Request, Response
from fastapi.security import HTTPBearer
from sqlalchemy.exc import IntegrityError

from api import certificates, idempotency, metering, staffdoor
from api.errors import NotFoundError
from api.idempotency import Answer
from api.node import Node, node_of
from authz.errors import InsufficientScopeError
from authz.model import HolderKind, Identifier
from certs.requests import HolderRequest
from ledger import failpoints
from ledger.steps import execute, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from sqlalchemy import Connection

    from api.schemas import HolderIn
    from api.showschemas import LedgerIn, SignedIn
    from api.signerschemas import ConsentsIn, SessionIn
    from authz.model import Caller
    from ledger.steps import Steps

signed: Final = HTTPBearer(
    scheme_name="DPoP",
    description="`Authorization: DPoP TOKEN` with a `DPoP` proof header (RFC 9449), see docs/integrate.md",
    auto_error=False,
)
"""Only so that OpenAPI shows the scheme; `caller` does the work."""


def url_of(node: Node, request: Request) -> str:
    """The address a DPoP proof must name: our own base address, never a Host header."""
    # `request.url` would put an address together from the Host header, at the cost of half a proof.
    return node.settings.base_url + str(request.scope["path"])


def caller(node: Node, request: Request, *scopes: str) -> Caller:
    """Who calls, proven by token and DPoP proof, or by a member of staff's session where one counts.

    Args:
        scopes: one of them the token must carry; any will do where it is empty.

    Raises:
        InvalidTokenError, InvalidDpopProofError: not proven.
        InsufficientScopeError: the token does not carry the scope.
    """
    with node.database.glance() as db:
        return _let(node, request, run(db, _identify(node, request)), *scopes)


async def caller_async(node: Node, request: Request, scope: str) -> Caller:
    """As `caller`, on the event loop."""
    return _let(node, request, await node.loop_database.glance(_identify(node, request)), scope)


async def caller_together(node: Node, request: Request, scope: str) -> Caller:
    """As `caller_async`, with whoever else is at the door (`api.door`)."""
    if staffdoor.is_staff(request):
        return await caller_async(node, request, scope)
    return _let(node, request, await request.app.state.door.let_in(_identify(node, request)), scope)


def _identify(node: Node, request: Request) -> Steps[Caller]:
    if staffdoor.is_staff(request):
        return staffdoor.caller(node, request)
    headers = request.headers
    return node.tokens.authenticate(
        headers.get("authorization"), headers.get("dpop"), request.method, url_of(node, request), certificate(request)
    )


def certificate(request: Request) -> str | None:
    """Thumbprint of the client's TLS certificate, by the word of the trusted proxy; None where there is none."""
    held: str | None = request.scope["state"].get(certificates.STATE)
    return held


def _let(node: Node, request: Request, held: Caller, *scopes: str) -> Caller:
    request.scope["state"]["client_id"] = held.client_id
    if any(scopes) and held.scopes.isdisjoint(scopes):
        raise InsufficientScopeError(scope=scopes[0])
    metering.charge(node, request, held)
    return held


def uuid(given: str) -> str:
    """An id from an address, in its one spelling.

    Raises:
        NotFoundError: not an id at all, so nothing has it.
    """
    try:
        return str(UUID(given))
    except ValueError:
        raise NotFoundError from None


def asked_of(node: Node, body: SignedIn | LedgerIn | ConsentsIn | SessionIn, *actions: str) -> HolderRequest:
    """What a holder signed. What a key signed must have been made just now; a login says so itself.

    Raises:
        InvalidRequestError: another action, an old one, or no request at all.
    """
    asked = HolderRequest.read(body.request, *actions)
    if body.signature is not None:
        asked.check_fresh(node.clock.now())
    return asked


def holder_asks(request: Request, body: SignedIn, action: str, subject: str | None = None) -> HolderRequest:
    """What a holder signed, of a POST that takes an Idempotency-Key.

    Args:
        action: what it must ask.
        subject: from the address, which it must be about.

    Raises:
        IdempotencyKeyMissingError: there is no key.
        InvalidRequestError: another action or subject, or no request at all.
    """
    idempotency.check_key(request.headers.get("idempotency-key"))
    asked = asked_of(node_of(request), body, action)
    if subject is not None:
        asked.check_subject(uuid(subject))
    return asked


def fingerprint(request: Request, body: BaseModel | None, extra: bytes = b"") -> bytes:
    """SHA-256 of what a request asks: method, path, body, and the digest of a file."""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    if body is not None:
        digest.update(body.model_dump_json().encode())
    digest.update(extra)
    return digest.digest()


def dump(document: dict[str, Any]) -> bytes:
    """JSON as it is sent and kept."""
    return json.dumps(document, ensure_ascii=False).encode()


def load(answer: Answer) -> Any:
    """The JSON of an answer as it was kept."""
    return json.loads(answer.body)


def json_response(answer: Answer) -> Response:
    """An answer as it was kept."""
    return Response(answer.body, answer.status, media_type="application/json")


def once(
    node: Node,
    request: Request,
    principal: str,
    body: BaseModel | None,
    act: Callable[[Connection], tuple[int, dict[str, Any]]],
    extra: bytes = b"",
) -> Response:
    """Do something once per Idempotency-Key, in one unit of work, and keep the answer with it.

    Args:
        node: the node.
        request: its key is read here.
        principal: whose key it is.
        body: what is asked.
        act: does it inside the unit; status and JSON of the answer.
        extra: more of what makes the request, e.g. a file's digest.
    """
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    asked = fingerprint(request, body, extra)
    try:
        with node.database.unit() as db:
            given = run(db, node.answers.find(principal, key, asked))
            if given is None:
                status, document = act(db)
                given = Answer(status, dump(document))
                execute(db, node.answers.keep(principal, key, asked, given))
    except IntegrityError as error:
        if not idempotency.is_taken(error):
            raise
        with node.database.glance() as db:
            given = run(db, node.answers.find(principal, key, asked))
        if given is None:
            raise
    failpoints.reach("once.committed")
    return json_response(given)


def holder(node: Node, db: Connection, given: HolderIn) -> str:
    """The id of a holder, made known where it is new.

    Raises:
        InvalidIdentityError, IdentityConflictError: the codes are wrong, or of different holders.
    """
    return node.holders.register(db, *named(given))


def named(given: HolderIn) -> tuple[HolderKind, str, list[Identifier]]:
    """Kind, name and identifiers of a holder as a request names it."""
    return (
        HolderKind(given.kind),
        given.name,
        [Identifier(each.type, each.code, each.country) for each in given.identifiers],
    )


__all__ = [
    "asked_of",
    "caller",
    "caller_async",
    "caller_together",
    "fingerprint",
    "holder",
    "holder_asks",
    "json_response",
    "named",
    "node_of",
    "once",
    "signed",
    "url_of",
]
