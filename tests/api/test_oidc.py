"""The built-in login: what it refuses, what it signs, and that it exists in demo mode only."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import keys, problems
from api.adapters import signers as adapter
from api.app import create_app
from api.demo import oidc, world
from api.stack.exchange import Exchange

NONCE = base64.urlsafe_b64encode(hashlib.sha256(b"terms").digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def web(exchange: Exchange) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


class Login:
    """One login, each part of which a test may change."""

    def __init__(self, web: httpx2.Client, **changes: str) -> None:
        self.web = web
        self.base = str(web.base_url).rstrip("/")
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        self.asked = {
            "response_type": "code",
            "client_id": oidc.CLIENT_ID,
            "redirect_uri": f"{self.base}/signed-in",
            "nonce": NONCE,
            "state": "s-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": "demo-person-chen",
        } | changes

    def authorize(self) -> httpx2.Response:
        return self.web.get("/demo/oidc/authorize", params=self.asked)

    def code(self) -> str:
        return parse_qs(urlsplit(self.authorize().headers["location"]).query)["code"][0]

    def token(self, code: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.asked["redirect_uri"],
            "code_verifier": self.verifier,
        }
        return self.web.post("/demo/oidc/token", data=form | changes)


def refused(answer: httpx2.Response) -> None:
    assert answer.status_code == problems.TABLE["malformed-request"].status
    assert answer.json()["code"] == "malformed-request"


class TestDiscovery:
    def test_describes_itself_at_the_issuers_address(self, exchange: Exchange, web: httpx2.Client) -> None:
        held = web.get("/demo/oidc/.well-known/openid-configuration").json()
        assert held["issuer"] == f"{exchange.base_url}/demo/oidc"
        assert held["code_challenge_methods_supported"] == ["S256"]
        assert held["response_types_supported"] == ["code"]
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            assert held[name].startswith(held["issuer"] + "/")

    def test_publishes_public_halves_only(self, web: httpx2.Client) -> None:
        for key in web.get("/demo/oidc/jwks").json()["keys"]:
            assert "d" not in key
            jwt.PyJWK(key)


class TestAuthorize:
    def test_lists_the_demo_people_loudly_marked(self, web: httpx2.Client) -> None:
        page = Login(web, login_hint="").authorize()
        assert page.status_code == 200
        assert "演示身份" in page.text
        for person in world.people():
            assert person["name"] in page.text
            assert f"login_hint={person['sub']}" in page.text
        assert "<script" not in page.text

    def test_shows_no_identity_code(self, web: httpx2.Client) -> None:
        page = Login(web, login_hint="").authorize().text
        assert not re.search(r"\d{17}[\dX]", page)

    def test_escapes_what_came_in_the_address(self, web: httpx2.Client) -> None:
        hostile = '"><script>alert(1)</script>'
        page = Login(web, login_hint="", state=hostile, nonce=hostile).authorize().text
        assert "<script>" not in page
        assert 'href=""' not in page

    def test_escapes_peoples_names(self) -> None:
        app = FastAPI()
        people = [{"sub": 'x"y', "name": "<b>陈</b>"}]
        app.include_router(oidc.router(ec.generate_private_key(ec.SECP256R1()), "http://testserver", people))
        asked = {"client_id": "cailian", "redirect_uri": "http://testserver/x", "nonce": "n", "code_challenge": "c"}
        with TestClient(app) as client:
            page = client.get("/demo/oidc/authorize", params=asked).text
        assert "<b>" not in page
        assert "&lt;b&gt;陈" in page

    def test_follows_a_link_of_the_page_to_a_login(self, exchange: Exchange, web: httpx2.Client) -> None:
        login = Login(web, login_hint="", state="a&b=c")
        page = login.authorize().text
        link = re.findall(r'<a href="([^"]+)"', page)[0].replace("&amp;", "&")
        answer = web.get(link)
        found = parse_qs(urlsplit(answer.headers["location"]).query)
        assert found["state"] == ["a&b=c"]
        assert found["iss"] == [f"{exchange.base_url}/demo/oidc"]
        assert login.token(found["code"][0]).status_code == 200

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example/",
            "//evil.example/",
            "{base}.evil.example/",
            "{base}@evil.example/",
            "javascript:alert(1)",
            "",
        ],
    )
    def test_redirects_nowhere_else(self, exchange: Exchange, web: httpx2.Client, elsewhere: str) -> None:
        answer = Login(web, redirect_uri=elsewhere.format(base=exchange.base_url)).authorize()
        refused(answer)
        assert "location" not in answer.headers

    def test_knows_no_other_client(self, web: httpx2.Client) -> None:
        refused(Login(web, client_id="somebody").authorize())

    @pytest.mark.parametrize("missing", ["nonce", "code_challenge"])
    def test_wants_nonce_and_challenge(self, web: httpx2.Client, missing: str) -> None:
        login = Login(web)
        del login.asked[missing]
        refused(login.authorize())


class TestToken:
    def test_signs_the_nonce_for_the_person_and_for_us(self, exchange: Exchange, web: httpx2.Client) -> None:
        login = Login(web)
        answer = login.token(login.code()).json()
        key = jwt.PyJWK(web.get("/demo/oidc/jwks").json()["keys"][0])
        claims = jwt.decode(
            answer["id_token"], key, ["ES256"], audience=oidc.CLIENT_ID, issuer=f"{exchange.base_url}/demo/oidc"
        )
        assert claims["nonce"] == NONCE
        assert claims["sub"] == "demo-person-chen"
        assert claims["exp"] - claims["iat"] == oidc.ID_TOKEN_SECONDS
        assert claims.keys() == {"iss", "sub", "aud", "iat", "auth_time", "exp", "nonce", "acr"}

    @pytest.mark.parametrize(
        "change",
        [
            {"code_verifier": "x" * 43},
            {"code_verifier": ""},
            {"redirect_uri": "http://127.0.0.1/else"},
            {"grant_type": "password"},
            {"code": "x.y.z"},
        ],
        ids="".join,
    )
    def test_refuses_another(self, web: httpx2.Client, change: dict[str, str]) -> None:
        login = Login(web)
        code = login.code()
        refused(login.token(**({"code": code} | change)))
        assert login.token(code).status_code == 200

    def test_refuses_the_code_of_another_login(self, web: httpx2.Client) -> None:
        refused(Login(web).token(Login(web).code()))

    @pytest.mark.parametrize(
        ("claims", "typ"),
        [({"exp": 1}, "demo-code+jwt"), ({}, "JWT")],
        ids=["expired", "not a code"],
    )
    def test_refuses_what_it_signed_for_something_else(
        self, exchange: Exchange, web: httpx2.Client, claims: dict[str, Any], typ: str
    ) -> None:

        login = Login(web)
        held = jwt.decode(login.code(), options={"verify_signature": False})
        code = jwt.encode(held | claims, keys.load(exchange.settings.secrets_dir).login_key, "ES256", {"typ": typ})
        refused(login.token(code))

    def test_refuses_a_code_that_another_key_signed(self, web: httpx2.Client) -> None:
        login = Login(web)
        held = jwt.decode(login.code(), options={"verify_signature": False})
        foreign = jwt.encode(held, ec.generate_private_key(ec.SECP256R1()), "ES256", {"typ": "demo-code+jwt"})
        refused(login.token(foreign))

    def test_refuses_its_own_id_token_as_a_code(self, web: httpx2.Client) -> None:
        login = Login(web)
        refused(login.token(login.token(login.code()).json()["id_token"]))


class TestOutsideDemoMode:
    @pytest.mark.parametrize("path", ["authorize", "token", "jwks", ".well-known/openid-configuration"])
    def test_is_not_there(self, exchange: Exchange, path: str) -> None:
        app = create_app(exchange.settings.model_copy(update={"demo": False}))
        with TestClient(app) as client:
            assert client.get(f"/demo/oidc/{path}").json()["code"] == "not-found"
            assert "/demo" not in client.get("/openapi.json").text

    def test_is_not_believed(self, exchange: Exchange) -> None:
        """A node out of demo mode trusts no token of the built-in provider, even signed with its own key."""

        held = keys.load(exchange.settings.secrets_dir)
        issuer = oidc.issuer(exchange.base_url)
        here, there = (
            adapter.providers(exchange.settings.model_copy(update={"demo": demo}), held) for demo in (True, False)
        )
        assert here.provider(issuer) is not None
        assert there.provider(issuer) is None
