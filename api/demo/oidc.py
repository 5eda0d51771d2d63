"""The built-in OpenID provider: enough of OpenID Connect Core 1.0 for demo people to log in and to sign a consent.

Loudly marked, and refused outside demo mode. Authorization code with PKCE (RFC 7636, S256 only); the ID token carries
the caller's `nonce`, which for a consent is the digest of the grant (DESIGN 7), so the provider's own signature is the
evidence of what was agreed. The code is a signed token good for one minute, so the provider keeps no state.
"""

from __future__ import annotations

import base64
import hashlib
import html
import time
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import jwt
from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse

from api.errors import MalformedRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PREFIX: Final = "/demo/oidc"
CLIENT_ID: Final = "cailian"
KEY_ID: Final = "demo-login-1"
CODE_SECONDS: Final = 60
ID_TOKEN_SECONDS: Final = 300
STAFF_PLACES: Final = ("/console/", "/auditor/")
"""In the address to which a member of staff returns."""
_CODE_TYP: Final = "demo-code+jwt"

_PAGE: Final = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<title>演示登录 Demo login</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;margin:0;background:#f5f6f8;color:#1c2430}}
main{{max-width:26rem;margin:0 auto;padding:1.25rem}}h1{{font-size:1.25rem}}small{{color:#5b6675}}
.mark{{background:#b42318;color:#fff;padding:.6rem 1rem;text-align:center}}
a{{display:block;background:#fff;border:1px solid #d5dae1;border-radius:.75rem;padding:.9rem 1rem;margin:.6rem 0;
color:inherit;text-decoration:none;min-height:44px}}a:focus,a:hover{{border-color:#175cd3}}</style>
<div class="mark" role="alert">演示身份,不代表任何真实人员 · Demo identities, nobody real</div>
<main><h1>以谁的身份登录?<br><small>Log in as</small></h1>{people}</main></html>"""


def issuer(base_url: str) -> str:
    """The provider's identifier: where it is mounted on a node."""
    return base_url + PREFIX


def jwk(key: EllipticCurvePrivateKey) -> dict[str, str]:
    """The provider's public key as a JWK (RFC 7517)."""
    point = key.public_key().public_numbers()

    def b64(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()

    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(point.x),
        "y": b64(point.y),
        "use": "sig",
        "alg": "ES256",
        "kid": KEY_ID,
    }


class DemoProvider:
    """What the provider does, without HTTP.

    Args:
        key: P-256 key that signs codes and ID tokens.
        base_url: of the node; redirects stay on it, or on `localhost` where it is this machine: passkeys need a name.
        people: demo people, each with `sub` and `name`.
        staff: demo members of staff, likewise; they are offered to whoever comes from the console, and nobody else is.
    """

    def __init__(
        self,
        key: EllipticCurvePrivateKey,
        base_url: str,
        people: Sequence[dict[str, str]],
        staff: Sequence[dict[str, str]] = (),
    ) -> None:
        self.key = key
        self.issuer = issuer(base_url)
        self._places = [base_url + "/"]
        if "//127.0.0.1:" in base_url:
            self._places.append(base_url.replace("//127.0.0.1:", "//localhost:") + "/")
        self._people = {person["sub"]: person["name"] for person in people}
        self._staff = {person["sub"]: person["name"] for person in staff}

    def discovery(self) -> dict[str, Any]:
        """The discovery document (OpenID Connect Discovery 1.0)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }

    def check(self, client_id: str, redirect_uri: str) -> None:
        """Refuse strangers and redirects that leave the node.

        Raises:
            MalformedRequestError: another client, or another place.
        """
        if client_id != CLIENT_ID or not redirect_uri.startswith(tuple(self._places)):
            raise MalformedRequestError(parameter="client_id or redirect_uri")

    def page(self, asked: dict[str, str]) -> str:
        """The page on which a demo person is picked; each link repeats what was asked."""
        is_staff = any(each in asked["redirect_uri"] for each in STAFF_PLACES)
        links = "".join(
            f'<a href="{PREFIX}/authorize?{html.escape(urlencode(asked | {"login_hint": sub}))}">'
            f"{html.escape(shown)}</a>"
            for sub, shown in (self._staff if is_staff else self._people).items()
        )
        return _PAGE.format(people=links)

    def knows(self, subject: str) -> bool:
        """Whether there is such a demo person."""
        return subject in self._people or subject in self._staff

    def code(self, subject: str, asked: dict[str, str]) -> str:
        """A code for one person and request, good for a minute; whoever redeems it needs the PKCE verifier."""
        claims = {
            "sub": subject,
            "nonce": asked["nonce"],
            "challenge": asked["code_challenge"],
            "redirect_uri": asked["redirect_uri"],
            "exp": int(time.time()) + CODE_SECONDS,
        }
        return jwt.encode(claims, self.key, "ES256", {"typ": _CODE_TYP})

    def redeem(self, grant_type: str, code: str, redirect_uri: str, verifier: str) -> str:
        """The ID token for a code (OpenID Connect Core 1.0, 3.1.3; RFC 7636 4.6).

        Raises:
            MalformedRequestError: not a code of ours, too old, or for another redirect or verifier.
        """
        try:
            claims = jwt.decode(code, self.key.public_key(), ["ES256"], options={"require": ["exp", "sub", "nonce"]})
            typ = jwt.get_unverified_header(code).get("typ")
        except jwt.InvalidTokenError as error:
            raise MalformedRequestError(parameter="code") from error
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        given = (typ, grant_type, redirect_uri, challenge)
        if given != (_CODE_TYP, "authorization_code", claims["redirect_uri"], claims["challenge"]):
            raise MalformedRequestError(parameter="code, redirect_uri or code_verifier")
        return self.id_token(claims["sub"], claims["nonce"])

    def id_token(self, subject: str, nonce: str) -> str:
        """An ID token over a nonce, as `redeem` gives it."""
        now = int(time.time())
        held = {
            "iss": self.issuer,
            "sub": subject,
            "aud": CLIENT_ID,
            "iat": now,
            "auth_time": now,
            "exp": now + ID_TOKEN_SECONDS,
            "nonce": nonce,
            "acr": "demo",
        }
        return jwt.encode(held, self.key, "ES256", {"kid": KEY_ID, "typ": "JWT"})


def router(
    key: EllipticCurvePrivateKey,
    base_url: str,
    people: Sequence[dict[str, str]],
    staff: Sequence[dict[str, str]] = (),
) -> APIRouter:
    """The provider's routes; arguments as `DemoProvider`."""
    routes = APIRouter(prefix=PREFIX, tags=["demo login"])
    provider = DemoProvider(key, base_url, people, staff)

    @routes.get("/.well-known/openid-configuration", summary="Discovery document of the demo provider")
    def discovery() -> dict[str, Any]:
        return provider.discovery()

    @routes.get("/jwks", summary="Public keys of the demo provider")
    def jwks() -> dict[str, Any]:
        return {"keys": [jwk(key)]}

    @routes.get("/authorize", summary="Pick a demo person", response_model=None)
    def authorize(
        client_id: str,
        redirect_uri: str,
        nonce: Annotated[str, Query(max_length=200)],
        code_challenge: Annotated[str, Query(max_length=200)],
        state: Annotated[str, Query(max_length=200)] = "",
        login_hint: Annotated[str, Query(max_length=100)] = "",
    ) -> HTMLResponse | RedirectResponse:
        provider.check(client_id, redirect_uri)
        asked = {"client_id": client_id, "redirect_uri": redirect_uri, "nonce": nonce, "state": state}
        asked["code_challenge"] = code_challenge
        if not provider.knows(login_hint):
            return HTMLResponse(provider.page(asked))
        answer = {"code": provider.code(login_hint, asked), "state": state, "iss": provider.issuer}
        joint = "&" if "?" in redirect_uri else "?"
        return RedirectResponse(redirect_uri + joint + urlencode(answer), 302)

    @routes.post("/token", summary="Exchange the code for an ID token")
    def token(
        grant_type: Annotated[str, Form()],
        code: Annotated[str, Form(max_length=4000)],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form(min_length=43, max_length=128)],
    ) -> dict[str, Any]:
        id_token = provider.redeem(grant_type, code, redirect_uri, code_verifier)
        return {"id_token": id_token, "token_type": "Bearer", "access_token": "none", "expires_in": ID_TOKEN_SECONDS}

    return routes
