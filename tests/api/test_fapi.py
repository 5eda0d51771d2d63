"""FAPI 2.0 Security Profile (Final, 2025) as one table, A1 to A12: each rule with a check against the running parts.

The letters are those of the reliability plan (A1 to A3 and A8 to A12), with four rules of the profile between them.
Single cases of a rule have tests of their own in tests/authz/test_tokens.py; here each rule is seen to hold once.
"""

from __future__ import annotations

import hmac
import json
import re
import socket
import time
import uuid
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from jwt.algorithms import RSAAlgorithm
from starlette.testclient import TestClient

from api import problems
from api.app import create_app
from api.client import Client, ClientKey
from api.keys import private_pem
from authz import jose, sm2
from authz.errors import CredentialError, InvalidRegistrationError
from authz.onboarding import ALL_SCOPES
from authz.tokenproofs import ASSERTION_TYPE
from authz.tokens import TokenService
from authz.vault import base64url
from tests.authz.test_onboarding import certificate
from tests.authz.test_tokens import ASSERTIONS, PROOFS, ahead, pem as pem_of
from tests.authz.world import ISSUER, TOKEN_URL, USES_URL, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange
    from ledger.db import Database

ROOT = Path(__file__).parents[2]
PROXY: Final = "10.20.0.7"


@dataclass
class Place:
    """What the rules are tried on: the services over a clock of our own, and a whole exchange."""

    world: Worlds
    exchange: Exchange
    client: Client

    def post(self, path: str, form: Any, **headers: str) -> httpx2.Response:
        return httpx2.post(self.exchange.base_url + path, data=form, headers=headers, timeout=30)

    def form(self, **changes: Any) -> dict[str, str]:
        """A token request of the client, with a fresh assertion."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.client.key.assertion(self.client.client_id, self.exchange.base_url),
        } | changes
        return {name: value for name, value in form.items() if value is not None}

    def token(self, form: dict[str, str], **headers: str) -> httpx2.Response:
        """Ask for a token with a good proof."""
        proof = self.client.key.proof("POST", f"{self.exchange.base_url}/oauth/token")
        return self.post("/oauth/token", form, **({"DPoP": proof} | headers))

    def usage(self, **headers: str) -> httpx2.Response:
        return httpx2.get(f"{self.exchange.base_url}/v1/usage", headers=headers, timeout=30)


def refused(answer: httpx2.Response, code: str) -> None:
    """A refusal of the one shape: the problem document of its code and nothing of what was sent."""
    assert answer.status_code == problems.TABLE[code].status, answer.text
    held = answer.json()
    assert (held["code"], held["error"]) == (code, code)
    assert held.keys() == {"type", "title", "status", "code", "detail", "title_zh", "detail_zh", "request_id", "error"}


def raises(act: Callable[[], object]) -> str:
    """The code of what it raises."""
    with pytest.raises(CredentialError) as raised:
        act()
    assert raised.value.fields == {}
    return raised.value.code


# The rules


def hostile_assertions(place: Place) -> None:
    """Every hostile assertion of the table is refused alike; over HTTP as 401 of one shape, and nobody is asked."""
    world, base = place.world, place.exchange.base_url
    for case in sorted(ASSERTIONS):
        form = world.form(ASSERTIONS[case](world))
        assert raises(lambda form=form: world.issue(form)) == "invalid_client"  # type: ignore[misc]
    key, name = place.client.key, place.client.client_id
    pem = key._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        now = int(time.time())
        claims = {"iss": name, "sub": name, "aud": base, "iat": now, "exp": now + 60}
        for header in (
            {"alg": "none"},
            {"alg": "HS256"},
            {"jku": address},
            {"x5u": address},
            {"jwk": key.public_jwk},
            {"crit": ["x"], "x": 1},
            {"crit": ["b64"], "b64": False},
            {"zip": "DEF"},
            {"typ": "at+jwt"},
            {"kid": "../../dev/null"},
        ):
            head = {"alg": "ES256", "kid": key.key_id} | header
            parts = (head, claims | {"jti": str(uuid.uuid4())})
            text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
            if head["alg"] == "HS256":
                signature = hmac.digest(pem, text.encode(), "sha256")
            else:
                r, s = decode_dss_signature(key._key.sign(text.encode(), ec.ECDSA(SHA256())))
                signature = r.to_bytes(32) + s.to_bytes(32)
            refused(place.token(place.form(client_assertion=f"{text}.{base64url(signature)}")), "invalid_client")
        with pytest.raises(BlockingIOError):
            listener.accept()


def pinned_libraries(place: Place) -> None:
    """The lock holds what the table was made against, or newer; PyJWT itself takes no public key as a secret."""
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    for name, least in (("pyjwt", (2, 10)), ("cryptography", (45, 0))):
        found = re.search(rf"^{name}==(\d+)\.(\d+)", lock, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        assert tuple(map(int, found.groups())) >= least
    with pytest.raises(jwt.InvalidKeyError):
        jwt.encode({}, pem_of(place.world).decode(), "HS256")


def clocks(place: Place) -> None:
    """Up to 10 s ahead is taken, more is refused; what is older than 60 s too."""
    world = place.world
    token = world.token(world.qingpu)
    world.clock.pass_(100)
    for seconds in (10, 5, 0, -30, -60):
        assert world.authenticate(token, ahead(seconds)(world, token))
    for seconds in (11, 30, 61, -61, -3600):
        proof = ahead(seconds)(world, token)
        assert raises(lambda proof=proof: world.authenticate(token, proof)) == "invalid_dpop_proof"  # type: ignore[misc]


def bound_tokens(place: Place) -> None:
    """No token is a bearer token; it lives five minutes."""
    answer = place.token(place.form()).json()
    assert (answer["token_type"], answer["expires_in"]) == ("DPoP", 300)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["cnf"] == {"jkt": place.client.key.thumbprint}
    assert claims["exp"] - claims["iat"] == 300
    for scheme in ("Bearer", "DPoP"):
        got = place.usage(Authorization=f"{scheme} {answer['access_token']}")
        refused(got, "invalid_token" if scheme == "Bearer" else "invalid_dpop_proof")
    refused(place.post("/oauth/token", place.form()), "invalid_dpop_proof")


def client_authentication(place: Place) -> None:
    """Only a key or a certificate makes a client: no secret, no bare name, no other assertion."""
    name = place.client.client_id
    none = {"client_assertion_type": None, "client_assertion": None, "client_id": name}
    basic = {"Authorization": "Basic " + b64encode(f"{name}:secret".encode()).decode()}
    refused(place.token(place.form(**none)), "invalid_request")
    refused(place.token(place.form(**none, client_secret="secret")), "invalid_request")
    refused(place.token(place.form(**none), **basic), "invalid_request")
    saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    refused(place.token(place.form(client_assertion_type=saml)), "invalid_request")
    refused(place.token(place.form(client_id="baoshan-window")), "invalid_client")


def algorithms(place: Place) -> None:
    """P-256, Ed25519 and SM2 only; RSA cannot be registered, and a key has one algorithm."""
    world = place.world
    shared = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key()))
    with world.database.unit() as db, pytest.raises(InvalidRegistrationError):
        world.parties.add_key(db, "qingpu-market", {name: shared[name] for name in ("kty", "n", "e")})
    private, public = sm2.generate()
    jwk = {"kty": "EC", "crv": "SM2", "x": base64url(public[1:33]), "y": base64url(public[33:])}
    with world.database.unit() as db:
        world.parties.add_key(db, "qingpu-market", jwk | {"kid": "sm2"})

    def signed(claims: dict[str, Any], header: dict[str, Any]) -> str:
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "SM2"} | header, claims))
        r, s = decode_dss_signature(sm2.sign(private, public, text.encode()))
        return f"{text}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"

    now, name = world.clock.seconds, "qingpu-market"
    claims = {"iss": name, "sub": name, "aud": ISSUER, "iat": now, "exp": now + 60}

    def issue(header: dict[str, Any], proof: dict[str, Any] | None = None) -> dict[str, Any]:
        shown = {"htm": "POST", "htu": TOKEN_URL, "iat": now, "jti": str(uuid.uuid4())}
        dpop = signed(shown, {"typ": "dpop+jwt", "jwk": proof or jwk})
        with world.database.unit() as db:
            form = world.form(signed(claims | {"jti": str(uuid.uuid4())}, header))
            return world.tokens.issue(db, form, dpop, "POST", TOKEN_URL)

    token = str(issue({"kid": "sm2"})["access_token"])
    shown = {"htm": "POST", "htu": USES_URL, "iat": now, "jti": "1", "ath": base64url(sha256(token.encode()).digest())}
    assert world.authenticate(token, signed(shown, {"typ": "dpop+jwt", "jwk": jwk})).client_id == name
    assert raises(lambda: issue({"kid": "sm2", "alg": "ES256"})) == "invalid_client"
    assert raises(lambda: issue({"kid": world.qingpu.key.thumbprint})) == "invalid_client"
    off = jwk | {"x": base64url(bytes(32))}
    assert raises(lambda: issue({"kid": "sm2"}, off)) == "invalid_dpop_proof"


def one_audience(place: Place) -> None:
    """`aud` is this server, as one string; metadata names it exactly; a rotated key's tokens live on."""
    world, base = place.world, place.exchange.base_url
    assert raises(lambda: world.token_of(aud=[ISSUER])) == "invalid_client"
    assert raises(lambda: world.token_of(aud="https://other.test")) == "invalid_client"
    held = httpx2.get(f"{base}/.well-known/oauth-authorization-server").json()
    assert held["issuer"] == base
    assert held["token_endpoint_auth_signing_alg_values_supported"] == list(jose.SIGNING)
    assert held["scopes_supported"] == list(ALL_SCOPES)
    assert {"issue", "gather", "present", "dispute", "deposit", "case", "use", "register"} <= set(ALL_SCOPES)
    rotated = TokenService(ISSUER, ec.generate_private_key(ec.SECP256R1()), world.clock, older=[world.node_key])
    token = world.token(world.qingpu)
    assert world.authenticate(token, world.proof(world.qingpu.key, "POST", USES_URL, token), rotated)
    assert len(rotated.public_jwks) == 2


def replay(place: Place) -> None:
    """A proof serves once, whatever process it comes to, and every wrong proof of the table is refused."""
    world = place.world
    token = world.token(world.qingpu)
    proof = world.proof(world.qingpu.key, "POST", USES_URL, token)
    world.authenticate(token, proof)
    for tokens in (world.tokens, TokenService(ISSUER, world.node_key, world.clock)):
        assert raises(lambda tokens=tokens: world.authenticate(token, proof, tokens)) == "invalid_dpop_proof"  # type: ignore[misc]
    world.clock.pass_(100)
    for case in sorted(PROOFS):
        wrong = PROOFS[case](world, token)
        assert raises(lambda wrong=wrong: world.authenticate(token, wrong)) == "invalid_dpop_proof"  # type: ignore[misc]
    headers = place.client.headers("GET", "/v1/usage")
    assert place.usage(**headers).status_code == 200
    for _ in range(4):  # two processes share the socket
        refused(place.usage(**headers), "invalid_dpop_proof")


def certificates(place: Place) -> None:
    """A token bound to certificate A is worth nothing with B or alone; only the proxy may tell a certificate."""
    settings = place.exchange.settings.model_copy(update={"proxy_networks": [f"{PROXY}/32"]})
    mine, other = certificate(begins=_yesterday()), certificate(begins=_yesterday())
    place.client.call("POST", "/v1/client-credentials", {"certificate": mine})
    form = {"grant_type": "client_credentials", "client_id": place.client.client_id}
    app = create_app(settings)
    with TestClient(app, base_url=settings.base_url, client=(PROXY, 40_000)) as proxy:
        assert proxy.get("/.well-known/oauth-authorization-server").json()["tls_client_certificate_bound_access_tokens"]
        answer = proxy.post("/oauth/token", data=form, headers=_shown(mine)).json()
        assert answer["token_type"] == "Bearer"
        bearer = {"Authorization": f"Bearer {answer['access_token']}"}
        assert proxy.get("/v1/usage", headers=bearer | _shown(mine)).status_code == 200
        assert proxy.get("/v1/usage", headers=bearer | _escaped(mine)).status_code == 200
        for more, code in (
            (_shown(other), "invalid_token"),
            ({}, "invalid_token"),
            ({"Client-Cert": ":AAAA:"}, "certificate-not-from-proxy"),
        ):
            assert proxy.get("/v1/usage", headers=bearer | more).json()["code"] == code
        twice = [*bearer.items(), *_shown(mine).items(), *_shown(mine).items()]
        assert proxy.get("/v1/usage", headers=twice).json()["code"] == "certificate-not-from-proxy"
        assert proxy.post("/oauth/token", data=form, headers=_shown(other)).json()["code"] == "invalid_client"
        stranger = TestClient(app, base_url=settings.base_url, client=("10.20.0.8", 40_000))
        spoofed = stranger.get("/v1/usage", headers=bearer | _shown(mine) | {"X-Forwarded-For": PROXY})
        assert spoofed.json()["code"] == "certificate-not-from-proxy"
        name = base64url(sha256(_der(mine)).digest())
        place.client.call("POST", f"/v1/client-credentials/{name}/retirement")
        assert proxy.get("/v1/usage", headers=bearer | _shown(mine)).json()["code"] == "invalid_token"
        assert proxy.post("/oauth/token", data=form, headers=_shown(mine)).json()["code"] == "invalid_client"
    direct = place.usage(**bearer, **_shown(mine))
    assert direct.json()["code"] == "certificate-not-from-proxy"


def covered(place: Place) -> None:
    """A proof covers method, address, token and key; what was wrong stands in the log only."""
    client, base = place.client, place.exchange.base_url
    token = client.token()
    good = f"{base}/v1/usage"
    thief = ClientKey(private_pem(ec.generate_private_key(ec.SECP256R1())))
    wrong = {
        "method": client.key.proof("POST", good, token),
        "address": client.key.proof("GET", f"{base}/v1/items", token),
        "host": client.key.proof("GET", "https://other.test/v1/usage", token),
        "token": client.key.proof("GET", good, token + "x"),
        "no token": client.key.proof("GET", good),
        "key": thief.proof("GET", good, token),
    }
    bodies = []
    for proof in wrong.values():
        answer = place.usage(Authorization=f"DPoP {token}", DPoP=proof)
        refused(answer, "invalid_dpop_proof")
        bodies.append({name: value for name, value in answer.json().items() if name != "request_id"})
    assert all(body == bodies[0] for body in bodies)


def oauth(place: Place) -> None:
    """An assertion serves once, a scope is never widened, no parameter comes twice, no redirect leaves the node."""
    form = place.form()
    assert place.token(form).status_code == 200
    refused(place.token(form), "invalid_client")
    for scope in ("oversee", "use oversee", "*"):
        refused(place.token(place.form(scope=scope)), "invalid_scope")
    assert place.token(place.form(scope="use")).json()["scope"] == "use"
    proof = place.client.key.proof("POST", f"{place.exchange.base_url}/oauth/token")
    body = "&".join(f"{name}={quote(value)}" for name, value in place.form().items()) + "&grant_type=password"
    headers = {"DPoP": proof, "Content-Type": "application/x-www-form-urlencoded"}
    refused(httpx2.post(f"{place.exchange.base_url}/oauth/token", content=body, headers=headers), "invalid_request")
    refused(place.token(place.form(grant_type="password")), "unsupported_grant_type")
    for redirect in ("https://evil.test/", f"{place.exchange.base_url}.evil.test/", "//evil.test"):
        asked = {"client_id": "cailian", "redirect_uri": redirect, "nonce": "n", "code_challenge": "c"}
        asked |= {"login_hint": "demo-person-chen"}
        answer = httpx2.get(f"{place.exchange.base_url}/demo/oidc/authorize", params=asked)
        assert answer.status_code == 422
        assert "location" not in answer.headers


def sessions(place: Place) -> None:
    """A cookie is no credential of a system, no other site may read or connect, and revoking ends every token."""
    client, base = place.client, place.exchange.base_url
    cookie = {"Cookie": f"token={client.token()}; session={client.token()}", "Origin": "https://evil.test"}
    answer = place.usage(**cookie)
    refused(answer, "invalid_token")
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    preflight = httpx2.request("OPTIONS", f"{base}/v1/uses", headers=cookie | {"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.lower().startswith("access-control-")]
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgraded = place.usage(**cookie, **upgrade, **{"Sec-WebSocket-Key": b64encode(bytes(16)).decode()})
    assert upgraded.status_code == 401
    tokens = [place.token(place.form()).json()["access_token"] for _ in range(3)]
    client.post_form("/oauth/revoke", {"token": tokens[0]})
    for token in tokens:
        proof = client.key.proof("GET", f"{base}/v1/usage", token)
        refused(place.usage(Authorization=f"DPoP {token}", DPoP=proof), "invalid_token")
        assert client.post_form("/oauth/introspect", {"token": token}) == {"active": False}


FAPI: Final[dict[str, Callable[[Place], None]]] = {
    "A1": hostile_assertions,
    "A2": pinned_libraries,
    "A3": clocks,
    "A4": bound_tokens,
    "A5": client_authentication,
    "A6": algorithms,
    "A7": one_audience,
    "A8": replay,
    "A9": certificates,
    "A10": covered,
    "A11": oauth,
    "A12": sessions,
}
"""Rule and check."""


class TestFapi:
    @pytest.mark.parametrize("rule", FAPI)
    def test_holds(self, rule: str, place: Place) -> None:
        FAPI[rule](place)


class Worlds(World):
    """A world that asks for tokens in any way."""

    def issue(self, form: dict[str, str]) -> dict[str, Any]:
        proof = self.proof(self.qingpu.key, "POST", TOKEN_URL)
        with self.database.unit() as db:
            return self.tokens.issue(db, form, proof, "POST", TOKEN_URL)

    def token_of(self, **claims: Any) -> dict[str, Any]:
        return self.issue(self.form(self.assertion(self.qingpu, **claims)))


@pytest.fixture
def place(database: Database, exchange: Exchange) -> Iterator[Place]:
    """Services and exchange, with a tenant of the sandbox that nobody else uses."""
    pem = private_pem(ec.generate_private_key(ec.SECP256R1()))
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"keys": [ClientKey(pem).public_jwk]}
    made = httpx2.post(f"{exchange.base_url}/v1/sandbox/tenants", json=body, headers=headers).raise_for_status().json()
    with Client(exchange.base_url, made["client_id"], pem) as client:
        yield Place(Worlds(database), exchange, client)


def _yesterday() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def _der(pem: str) -> bytes:
    return load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def _shown(pem: str) -> dict[str, str]:
    """A certificate as RFC 9440 writes it."""
    return {"Client-Cert": f":{b64encode(_der(pem)).decode()}:"}


def _escaped(pem: str) -> dict[str, str]:
    """A certificate as nginx writes it."""
    return {"Client-Cert": quote(pem, safe="")}
