"""The token endpoint (RFC 6749 4.4 with RFC 7523 and RFC 9449) and its metadata (RFC 8414)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from api.node import node_of
from authz import ciba
from authz.errors import CredentialError

router = APIRouter(tags=["token"])

AssertionType = Annotated[str, Form(max_length=128)]
Assertion = Annotated[str, Form(max_length=8192)]
Token = Annotated[str, Form(max_length=8192)]


@router.post("/oauth/token", summary="Get an access token", responses={401: {}, 400: {}})
def token(
    request: Request,
    response: Response,
    grant_type: Annotated[str, Form(max_length=64)] = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
    scope: Annotated[str, Form(max_length=256)] = "",
    auth_req_id: Annotated[str, Form(max_length=200)] = "",
) -> dict[str, Any]:
    """Client credentials by a signed assertion; the token is bound to the key of the DPoP proof and lives 5 minutes.

    With `grant_type` of OpenID CIBA: how far the request `auth_req_id` is, and its token once the holder consented.
    """
    node = node_of(request)
    response.headers["Cache-Control"] = "no-store"
    form = {
        "grant_type": grant_type,
        "client_assertion_type": client_assertion_type,
        "client_assertion": client_assertion,
        "scope": scope,
    }
    url = f"{node.settings.base_url}/oauth/token"
    if grant_type == ciba.GRANT_TYPE:
        with node.database.unit() as db:
            caller, epoch = node.tokens.identify(db, form, request.headers.get("dpop"), "POST", url)
        with node.database.unit() as db:
            answer = node.ciba.poll(db, caller, epoch, auth_req_id)
        if isinstance(answer, CredentialError):
            raise answer
        return answer
    with node.database.unit() as db:
        issued = node.tokens.issue(db, form, request.headers.get("dpop"), "POST", url)
    return dict(issued)


@router.post(
    "/oauth/introspect", summary="What a token of your organisation is (RFC 7662)", responses={401: {}, 400: {}}
)
def introspect(
    request: Request,
    response: Response,
    token: Token = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
) -> dict[str, Any]:
    """`active` false for whatever is no good token of your organisation. The assertion serves once."""
    node = node_of(request)
    form = {"token": token, "client_assertion_type": client_assertion_type, "client_assertion": client_assertion}
    response.headers["Cache-Control"] = "no-store"
    with node.database.unit() as db:
        return node.tokens.introspect(db, form)


@router.post("/oauth/revoke", summary="End a client's tokens (RFC 7009)", responses={401: {}, 400: {}})
def revoke(
    request: Request,
    token: Token = "",
    client_assertion_type: AssertionType = "",
    client_assertion: Assertion = "",
) -> dict[str, Any]:
    """Every token of the client that the given one names ends at once; 200 also for what needs no revoking."""
    node = node_of(request)
    form = {"token": token, "client_assertion_type": client_assertion_type, "client_assertion": client_assertion}
    with node.database.unit() as db:
        node.tokens.revoke(db, form)
    return {}


@router.get("/.well-known/oauth-authorization-server", summary="Metadata of the token endpoint (RFC 8414)")
def metadata(request: Request) -> dict[str, Any]:
    """Where the token endpoint is and what it takes."""
    node = node_of(request)
    base = node.settings.base_url
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
                ("methods_supported", ["private_key_jwt"]),
                ("signing_alg_values_supported", ["ES256", "EdDSA"]),
            )
        },
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
        "scopes_supported": ["deposit", "case", "use", "register", "evidence"],
    }


@router.get("/oauth/jwks", summary="Keys that sign access tokens")
def jwks(request: Request) -> dict[str, Any]:
    """The public halves of the token keys (RFC 7517): the one that signs, and the one before it after a rotation."""
    return {"keys": node_of(request).tokens.public_jwks}
