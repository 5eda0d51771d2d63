"""The token endpoint (RFC 6749 4.4 with RFC 7523, RFC 9449 and RFC 8705) and its metadata (RFC 8414)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl

import anyio.to_thread
from fastapi import APIRouter, Form, Request, Response

from api import metering
from api.lean import LeanRoute
from api.node import node_of
from api.routes import edge
from authz import ciba, jose
from authz.errors import CredentialError, InvalidTokenRequestError
from authz.limits import Cost
from authz.onboarding import ALL_SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.node import Node
    from authz.model import Caller, PartyKind

router = APIRouter(tags=["token"])

AssertionType = Annotated[str, Form(max_length=128)]
Assertion = Annotated[str, Form(max_length=8192)]
Token = Annotated[str, Form(max_length=8192)]
ClientId = Annotated[str, Form(max_length=64, description="of a client that proves itself with its certificate")]

FORM: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = 20
_NO_STORE: Final = {"Cache-Control": "no-store"}


@router.post("/oauth/token", summary="Get an access token", responses={401: {}, 400: {}, 429: {}})
async def token(
    request: Request,
    grant_type: Annotated[str, Form(max_length=64)] = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
    client_id: ClientId = "",
    scope: Annotated[str, Form(max_length=256)] = "",
    auth_req_id: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Client credentials by a signed assertion; the token is bound to the key of the DPoP proof and lives 5 minutes.

    Behind a proxy that ends mutual TLS, the client's certificate may stand for the assertion, for the proof, or both.
    With `grant_type` of OpenID CIBA: how far the request `auth_req_id` is, and its token once the holder consented.
    """
    form = {
        "grant_type": grant_type,
        "client_assertion_type": client_assertion_type,
        "client_assertion": client_assertion,
        "client_id": client_id,
        "scope": scope,
        "auth_req_id": auth_req_id,
    }
    return await _answer(request, form)


async def _token_lean(request: Request, _: str) -> Response:
    """As `token`. FastAPI reads a form by a parser of multipart messages and makes a model of it: half the work."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidTokenRequestError("content type")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise InvalidTokenRequestError("form") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidTokenRequestError("repeated")  # RFC 6749 3.2
    return await _answer(request, form)


async def _answer(request: Request, form: Mapping[str, str]) -> Response:
    node = node_of(request)
    given = (form, request.headers.get("dpop"), "POST", f"{node.settings.base_url}/oauth/token")
    certificate = edge.certificate(request)
    if form.get("grant_type") == ciba.GRANT_TYPE:
        issued = await anyio.to_thread.run_sync(_poll, node, given, certificate)
    else:

        def admit(party_id: str, kind: PartyKind) -> None:
            node.meter.charge(party_id, kind, (Cost.tokens,))

        # Each statement commits: what was spent stays spent, whatever comes of the request.
        issued = await node.loop_database.glance(node.tokens.issuing(*given, certificate, admit))
    return Response(edge.dump(issued), 200, _NO_STORE, "application/json")


def _poll(node: Node, given: tuple[Mapping[str, str], str | None, str, str], certificate: str | None) -> dict[str, Any]:
    with node.database.unit() as db:
        caller, epoch = node.tokens.identify(db, *given, certificate)
    metering.charge_client(node, caller)
    with node.database.unit() as db:
        answer = node.ciba.poll(db, caller, epoch, given[0].get("auth_req_id", ""))
    if isinstance(answer, CredentialError):
        raise answer
    return answer


@router.post(
    "/oauth/introspect",
    summary="What a token of your organisation is (RFC 7662)",
    responses={401: {}, 400: {}, 429: {}},
)
def introspect(
    request: Request,
    response: Response,
    token: Token = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
    client_id: ClientId = "",
) -> dict[str, Any]:
    """`active` false for whatever is no good token of your organisation. The assertion serves once."""
    node = node_of(request)
    form = _form(token, client_assertion_type, client_assertion, client_id)
    response.headers["Cache-Control"] = "no-store"
    caller = _client(node, request, form)
    with node.database.unit() as db:
        return node.tokens.introspect(db, caller, form)


@router.post("/oauth/revoke", summary="End a client's tokens (RFC 7009)", responses={401: {}, 400: {}, 429: {}})
def revoke(
    request: Request,
    token: Token = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
    client_id: ClientId = "",
) -> dict[str, Any]:
    """Every token of the client that the given one names ends at once; 200 also for what needs no revoking."""
    node = node_of(request)
    form = _form(token, client_assertion_type, client_assertion, client_id)
    caller = _client(node, request, form)
    with node.database.unit() as db:
        node.tokens.revoke(db, caller, form)
    return {}


def _client(node: Node, request: Request, form: Mapping[str, str]) -> Caller:
    """Who asks, by a client assertion, in a unit of its own: what was spent stays spent, whatever comes of it."""
    with node.database.unit() as db:
        caller = node.tokens.client(db, form, edge.certificate(request))
    metering.charge_client(node, caller)
    return caller


def _form(token: str, kind: str, assertion: str, client_id: str) -> dict[str, str]:
    return {"token": token, "client_assertion_type": kind, "client_assertion": assertion, "client_id": client_id}


@router.get("/.well-known/oauth-authorization-server", summary="Metadata of the token endpoint (RFC 8414)")
def metadata(request: Request) -> dict[str, Any]:
    """Where the token endpoint is and what it takes."""
    node = node_of(request)
    base = node.settings.base_url
    by_certificate = bool(node.settings.proxy_networks)
    methods = ["private_key_jwt"] + (["self_signed_tls_client_auth"] if by_certificate else [])
    return {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "jwks_uri": f"{base}/oauth/jwks",
        "grant_types_supported": ["client_credentials", ciba.GRANT_TYPE],
        "backchannel_authentication_endpoint": f"{base}/oauth/bc-authorize",
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "backchannel_user_code_parameter_supported": False,
        "authorization_details_types_supported": [ciba.DETAIL_TYPE],
        "introspection_endpoint": f"{base}/oauth/introspect",
        "revocation_endpoint": f"{base}/oauth/revoke",
        **{
            f"{endpoint}_endpoint_auth_{name}": held
            for endpoint in ("token", "introspection", "revocation")
            for name, held in (
                ("methods_supported", methods),
                ("signing_alg_values_supported", list(jose.SIGNING)),
            )
        },
        "dpop_signing_alg_values_supported": list(jose.SIGNING),
        "tls_client_certificate_bound_access_tokens": by_certificate,
        "scopes_supported": list(ALL_SCOPES),
    }


@router.get("/oauth/jwks", summary="Keys that sign access tokens")
def jwks(request: Request) -> dict[str, Any]:
    """The public halves of the token keys (RFC 7517): the one that signs, and the one before it after a rotation."""
    return {"keys": node_of(request).tokens.public_jwks}


LEAN: Final = (LeanRoute("POST", "/oauth/token", "/oauth/token", _token_lean),)
"""What every client calls every five minutes."""
