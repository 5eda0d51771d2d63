"""Keys and consent at the counter over HTTP: a passkey signs a consent and its end; two of the staff give another."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.adapters import signers
from api.adapters.openid import LoginClient
from api.app import create_app
from api.client import Client, ProblemError
from api.demo import oidc
from api.demo.citizen import Citizen
from api.errors import LoginUnavailableError, SettingsError
from api.keys import private_pem
from api.settings import Settings
from authz.delegationterms import commitment
from authz.model import Identifier
from authz.signers import Assurance
from authz.vault import base64url
from tests.api.conftest import FIRM, open_case
from tests.authz.phones import UP, Passkey
from tests.authz.test_jose import rsa_jwk
from tests.authz.world import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api.stack.exchange import Exchange

CHEN = {"kind": "person", "name": "陈安澜", "identifiers": [{"type": "111", "code": "310199199001010018"}]}
PAD = b"\x89PNG\r\n\x1a\n" + b"drawn"
SUBJECT = "demo-person-chen"


def send(exchange: Exchange, path: str, body: dict[str, Any]) -> httpx2.Response:
    return httpx2.post(exchange.base_url + path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})


class Browser:
    """A holder's browser with a passkey."""

    def __init__(self, exchange: Exchange, citizen: Citizen) -> None:
        self.exchange, self.citizen = exchange, citizen
        port = urlsplit(exchange.base_url).port
        self.passkey = Passkey(rp_id="localhost", origin=f"http://localhost:{port}")

    def enrolment(self, **wrong: Any) -> dict[str, Any]:
        offer = httpx2.post(self.exchange.base_url + "/v1/keys/offers").json()
        self.passkey.key_id = offer["key_id"]
        assert offer["public_key"]["rp"]["id"] == "localhost"
        assert offer["public_key"]["authenticatorSelection"]["userVerification"] == "required"
        salt = os.urandom(16)
        login = Identifier.oidc(oidc.issuer(self.exchange.base_url), SUBJECT)
        registration = self.passkey.register(offer["public_key"]["challenge"], **wrong)
        wanted = {"key_id": offer["key_id"], "kind": "passkey", "registration": registration}
        proposed = send(self.exchange, "/v1/keys/proposals", wanted | {"holder": commitment(login, salt)})
        proposed.raise_for_status()
        terms, token = proposed.json()["terms"], self.citizen.login(proposed.json()["digest"])
        return {"terms": terms, "salt": base64url(salt), "registration": registration, "id_token": token}

    def enrol(self) -> dict[str, Any]:
        answer = send(self.exchange, "/v1/keys", self.enrolment())
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def sign(self, digest: str, **wrong: Any) -> dict[str, Any]:
        return {"signature": json.loads(self.passkey.sign(digest, **wrong))}


@pytest.fixture
def browser(exchange: Exchange) -> Iterator[Browser]:
    with Citizen(exchange.base_url, SUBJECT) as citizen:
        yield Browser(exchange, citizen)


@pytest.fixture
def asked(qingpu: Client) -> dict[str, Any]:
    case = open_case(qingpu)
    return ask(qingpu, case)


def ask(qingpu: Client, case: dict[str, Any]) -> dict[str, Any]:
    return qingpu.ask(case_no=case["case_no"], type_codes=["CL022"], cause="食品经营许可新办审查", operator="qp-103")


class TestPasskey:
    def test_signs_a_consent_and_its_end(self, exchange: Exchange, browser: Browser, asked: dict[str, Any]) -> None:
        key = browser.enrol()
        assert (key["kind"], key["state"], key["assurance"]) == ("passkey", "active", 2)
        assert SUBJECT not in json.dumps(key)
        given = send(exchange, "/v1/grants", {"ask_id": asked["ask_id"]} | browser.sign(asked["digest"]))
        assert given.status_code == 201, given.text
        path = f"/v1/grants/{given.json()['grant_id']}/withdrawal"
        digest = httpx2.get(exchange.base_url + path).json()["digest"]
        assert send(exchange, path, browser.sign(digest)).json()["state"] == "withdrawn"

    def test_without_verifying_the_person_is_refused(
        self, exchange: Exchange, browser: Browser, asked: dict[str, Any]
    ) -> None:
        browser.enrol()
        answer = send(exchange, "/v1/grants", {"ask_id": asked["ask_id"]} | browser.sign(asked["digest"], flags=UP))
        assert (answer.status_code, answer.json()["code"]) == (403, "key-refused")

    def test_is_shown_without_its_holder_and_revoked(self, exchange: Exchange, browser: Browser) -> None:
        key = browser.enrol()
        place = f"{exchange.base_url}/v1/keys/{key['key_id']}"
        assert httpx2.get(place).json() == key
        digest = httpx2.get(place + "/revocation").json()["digest"]
        ended = send(exchange, f"/v1/keys/{key['key_id']}/revocation", {"id_token": browser.citizen.login(digest)})
        assert ended.json()["state"] == "revoked"
        again = send(exchange, f"/v1/keys/{key['key_id']}/revocation", browser.sign(digest))
        assert again.json()["code"] == "key-refused"
        assert httpx2.get(f"{exchange.base_url}/v1/keys/{uuid.uuid4()}").json()["code"] == "unknown-key"

    def test_bad_enrolments_have_their_own_codes(self, exchange: Exchange, browser: Browser) -> None:
        good = browser.enrolment()
        wrong = [
            (good | {"id_token": browser.citizen.login("A" * 43)}, "id-token-refused"),
            (good | {"terms": good["terms"] | {"more": 1}}, "invalid-terms"),
            (good | {"terms": good["terms"] | {"rp": "evil.test"}}, "enrolment-refused"),
            (good | {"salt": "A" * 22}, "id-token-refused"),
            (good | {"registration": {}}, "enrolment-refused"),
            (good | {"registration": {"id": "x", "response": {"clientDataJSON": "x"}}}, "enrolment-refused"),
        ]
        assert [send(exchange, "/v1/keys", body).json()["code"] for body, _ in wrong] == [code for _, code in wrong]

    @pytest.mark.parametrize("both", [True, False])
    def test_one_signature_and_no_more(
        self, exchange: Exchange, browser: Browser, asked: dict[str, Any], *, both: bool
    ) -> None:
        browser.enrol()
        body = {"ask_id": asked["ask_id"]}
        if both:
            body |= browser.sign(asked["digest"]) | {"id_token": browser.citizen.login(asked["digest"])}
        assert send(exchange, "/v1/grants", body).json()["code"] == "malformed-request"


class TestCounter:
    def test_two_of_the_staff_give_a_grant_that_a_slip_ends(
        self, exchange: Exchange, qingpu: Client, operations: Client
    ) -> None:
        asked = ask(qingpu, open_case(qingpu, applicant=FIRM))
        wanted = {"ask_id": asked["ask_id"], "operator": "qp-103", "person": CHEN}
        begun = qingpu.assist(**wanted, pad=base64.b64encode(PAD).decode())
        assert begun["statement"]["pad"] == hashlib.sha256(PAD).hexdigest()
        first = qingpu.state(begun, "qp-103", "window")
        assert (first["state"], "slip" in first) == ("begun", False)
        given = qingpu.state(begun, "qp-204", "reviewer")
        assert given["staff"] == ["qp-103", "qp-204"]
        assert qingpu.state(begun, "qp-204", "reviewer") == given
        assert given["slip"]["code"] in given["slip"]["zh"][2]
        listed = operations.call("GET", "/v1/operations/assisted-consents?operator=op-900")["assisted_consents"]
        assert listed[0]["assistance_id"] == begun["assistance_id"]
        assert listed[0]["organisation"] == "11310118XX00000B0W"
        slip = {"code": given["slip"]["code"]}
        ended = httpx2.post(exchange.base_url + "/v1/assisted-consents/withdrawal", json=slip)
        assert ended.json()["state"] == "withdrawn"
        again = httpx2.post(exchange.base_url + "/v1/assisted-consents/withdrawal", json=slip)
        assert (again.status_code, again.json()["code"]) == (409, "grant-closed")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"pad": "iVBORw0KGgo"}, "assistance-refused"),
            ({"pad": base64.b64encode(b"GIF89a..").decode()}, "assistance-refused"),
            ({"person": FIRM}, "assistance-refused"),
            ({"operator": "qp-204"}, "operator-role"),
            ({"ask_id": str(uuid.UUID(int=7))}, "unknown-ask"),
        ],
    )
    def test_bad_ones_have_their_own_codes(
        self, qingpu: Client, asked: dict[str, Any], change: dict[str, Any], code: str
    ) -> None:
        wanted = {"ask_id": asked["ask_id"], "operator": "qp-103", "person": CHEN}
        with pytest.raises(ProblemError) as refused:
            qingpu.call("POST", "/v1/assisted-consents", wanted | {"pad": base64.b64encode(PAD).decode()} | change)
        assert refused.value.code == code

    def test_list_is_not_for_the_counter(self, qingpu: Client) -> None:
        with pytest.raises(ProblemError) as refused:
            qingpu.call("GET", "/v1/assisted-consents?operator=qp-103")
        assert refused.value.code == "operator-role"


class TestLogin:
    """A node out of demo mode, whose provider is another node's: its pages exchange codes through it."""

    @pytest.fixture
    def web(
        self, exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> Iterator[TestClient]:
        monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # authlib takes no provider without TLS
        (tmp_path / "secret").write_text(private_pem(Key().private) if method == "private_key_jwt" else "s3cret")
        issuer = oidc.issuer(exchange.base_url)
        login = {"authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token", "method": method}
        login |= {} if method == "none" else {"secret_file": str(tmp_path / "secret")}
        keys = httpx2.get(f"{issuer}/jwks").json()["keys"]
        provider = {"issuer": issuer, "audience": oidc.CLIENT_ID, "keys": keys, "login": login}
        (tmp_path / "signers.json").write_text(json.dumps({"providers": [provider]}))
        changes = {"demo": False, "signers": tmp_path / "signers.json"}
        with TestClient(create_app(exchange.settings.model_copy(update=changes))) as client:
            yield client

    def form(self, exchange: Exchange, citizen: Citizen, **changes: str) -> dict[str, str]:
        verifier = "v" * 43
        challenge = base64url(hashlib.sha256(verifier.encode()).digest())
        redirect = f"{exchange.base_url}/m/"
        asked = {"response_type": "code", "scope": "openid", "client_id": oidc.CLIENT_ID, "redirect_uri": redirect,
                 "nonce": "n" * 43, "code_challenge": challenge, "code_challenge_method": "S256", "state": "s",
                 "login_hint": citizen.subject}  # fmt: skip
        answer = httpx2.get(f"{exchange.base_url}/demo/oidc/authorize", params=asked)
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        return {"code": code, "redirect_uri": redirect, "code_verifier": verifier} | changes

    @pytest.mark.parametrize("method", ["none", "client_secret_basic", "private_key_jwt"])
    def test_gives_the_pages_an_id_token(self, exchange: Exchange, browser: Browser, web: TestClient) -> None:
        told = web.get("/m/config.json").json()["login"]
        assert (told["token"], told["issuer"]) == ("/v1/login/token", oidc.issuer(exchange.base_url))
        answer = web.post(told["token"], data=self.form(exchange, browser.citizen))
        assert list(answer.json()) == ["id_token"]
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("method", ["none"])
    @pytest.mark.parametrize(
        "change",
        [{"code": "x"}, {"code_verifier": "w" * 43}, {"redirect_uri": "https://evil.test/m/"}],
    )
    def test_refuses(self, exchange: Exchange, browser: Browser, web: TestClient, change: dict[str, str]) -> None:
        answer = web.post("/v1/login/token", data=self.form(exchange, browser.citizen, **change))
        assert answer.json()["code"] == "login-refused"

    def test_provider_that_is_silent(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        line = LoginClient("i", "c", "http://127.0.0.1:9/a", "http://127.0.0.1:9/t", "none", None)
        with pytest.raises(LoginUnavailableError):
            line.exchange("code", "http://127.0.0.1/m/", "v" * 43)


LOGIN = {"authorization_endpoint": "https://login.test/a", "token_endpoint": "https://login.test/t"}
PROVIDER = {"issuer": "https://login.test", "audience": "cailian", "keys": []}
WRONG = {
    "no JSON": "{",
    "a list": [],
    "unknown member": {"more": 1},
    "no audience": {"providers": [{"issuer": "a"}]},
    "symmetric key": {"providers": [PROVIDER | {"keys": [{"kty": "oct", "k": "AA", "kid": "k"}]}]},
    "key without kid": {"providers": [PROVIDER | {"keys": [Key().jwk]}]},
    "unknown assurance": {"providers": [PROVIDER | {"assurance": "total"}]},
    "login without a secret": {"providers": [PROVIDER | {"login": LOGIN}]},
    "secret that is not there": {"providers": [PROVIDER | {"login": LOGIN | {"secret_file": "/nowhere"}}]},
    "secret that is no key": {
        "providers": [PROVIDER | {"login": LOGIN | {"secret_file": __file__, "method": "private_key_jwt"}}]
    },
    "two logins": {"providers": [PROVIDER | {"login": LOGIN | {"method": "none"}}] * 2},
    "login at no address": {"providers": [PROVIDER | {"login": LOGIN | {"token_endpoint": "file:///x"}}]},
    "RSA key with exponent 3": {"providers": [PROVIDER | {"keys": [rsa_jwk(3, 2048) | {"kid": "k"}]}]},
    "RSA key of 4104 bits": {"providers": [PROVIDER | {"keys": [rsa_jwk(65537, 4104) | {"kid": "k"}]}]},
    "key in another spelling": {"providers": [PROVIDER | {"keys": [Key().jwk | {"kid": "k", "x": "A" * 42 + "B"}]}]},
    "key with an empty kid": {"providers": [PROVIDER | {"keys": [Key().jwk | {"kid": ""}]}]},
    "unknown level of an acr": {"providers": [PROVIDER | {"acr": {"x": "total"}}]},
}


class TestFile:
    """What an operator pins in `CAILIAN_SIGNERS`."""

    def settings(self, **more: Any) -> Settings:
        needed = {"s3_endpoint": "127.0.0.1:9", "s3_access_key": "node", "chain_url": "http://127.0.0.1:8545"}
        secrets = {name: SecretStr("s3cret") for name in ("database_url", "s3_secret_key")}
        return Settings(**(needed | secrets | more))

    @pytest.fixture
    def pinned(self, tmp_path: Path) -> Callable[[Any], Settings]:
        def settings(document: Any) -> Settings:
            (tmp_path / "signers.json").write_text(document if isinstance(document, str) else json.dumps(document))
            return self.settings(signers=tmp_path / "signers.json")

        return settings

    @staticmethod
    def start(held: Settings) -> None:
        signers.providers(held, None)  # type: ignore[arg-type]
        signers.login(held)

    def test_providers_and_apps_count(self, pinned: Callable[[Any], Settings]) -> None:
        key = Key().jwk | {"kid": "k", "alg": "ES256"}
        provider = {"issuer": "https://login.test", "audience": "cailian", "keys": [key], "acr": {"face": "high"}}
        held = pinned({"providers": [provider], "host_apps": [{"id": "city-app", "keys": [key]}]})
        found = signers.providers(held, None).provider("https://login.test")  # type: ignore[arg-type]
        assert found is not None
        assert (found.assurance, found.acr) == (Assurance.substantial, {"face": Assurance.high})
        apps = signers.host_apps(held)
        assert (list(apps.apps), apps.audience) == (["city-app"], held.base_url)

    @pytest.mark.parametrize("case", WRONG)
    def test_one_that_cannot_be_used_stops_the_start(self, pinned: Callable[[Any], Settings], case: str) -> None:
        held = pinned(WRONG[case])
        with pytest.raises(SettingsError):
            self.start(held)

    def test_providers_that_start_a_node_stand_in_its_trust_file(self, pinned: Callable[[Any], Settings]) -> None:
        keys = [rsa_jwk(65537, 4096) | {"kid": "rsa", "alg": "RS256", "use": "sig"}, Key().jwk | {"kid": "ec"}]
        held = signers.trust(pinned({"providers": [PROVIDER | {"keys": keys}]}), None, [])  # type: ignore[arg-type]
        assert [key.kid for key in held.provider(PROVIDER["issuer"]).keys] == ["rsa", "ec"]  # type: ignore[arg-type]

    def test_a_clients_key_in_another_spelling_spoils_no_trust_file(self) -> None:
        """Such a key was taken once."""
        good, bad = Key().jwk, Key().jwk
        rows = [("window", "org", "k1", bad | {"x": bad["x"] + "="}), ("window", "org", "k2", good)]
        held = signers.trust(self.settings(), None, [*rows, ("desk", "org", "k1", bad | {"y": bad["y"] + "="})])  # type: ignore[arg-type]
        assert held.clients is not None
        assert {name: [key.kid for key in each.keys] for name, each in held.clients.items()} == {"window": ["k2"]}

    def test_passkeys_belong_to_the_base_address(self) -> None:
        held = self.settings(base_url="https://cailian.sh.example")
        assert signers.site(held).rp_id == "cailian.sh.example"
        assert signers.site(held).origins == ("https://cailian.sh.example",)
        wider = {"passkey_domain": "sh.example", "passkey_origins": ["https://app.sh.example"]}
        assert signers.site(held.model_copy(update=wider)).rp_id == "sh.example"
        assert "https://app.sh.example" in signers.site(held.model_copy(update=wider)).origins
