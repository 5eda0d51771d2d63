"""The consent behind a use, as a running exchange shows it: each kind of signature verifies offline, by both verifiers.

And what a database administrator does to it, with all of the node's secrets, both of them find.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from api.app import create_app
from api.demo import oidc
from api.demo.citizen import Citizen
from api.node import Node
from authz.delegationterms import commitment
from authz.model import Identifier
from authz.signers import Assurance, Signer, SignerKind, write
from authz.terms import GrantBody
from authz.vault import base64url
from ledger.clock import rfc3339
from ledger.errors import VerificationError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.conftest import FIRM, open_case, pdf
from tests.api.test_journey import refusal
from tests.api.test_keys import CHEN, PAD, Browser, ask, send
from tests.api.test_session import Page
from tests.authz.phones import Phone
from tests.authz.world import Key
from tests.web.test_verifier import built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

    Act = Callable[..., dict[str, Any]]

__all__ = ["built"]
pytestmark = pytest.mark.usefixtures("built")

CLI: Final = Path(__file__).parents[2] / "web/verifier/cli.mjs"
CHEN_LOGIN: Final = "demo-person-chen"
CONSENT: Final = ("signature", "enrolment", "delegation", "enforcement")
XU: Final = {"kind": "person", "name": "徐行舟", "identifiers": [{"type": "111", "code": "31019919900128027X"}]}


class Verifiers:
    """Both verifiers, with a trust file."""

    def __init__(self, folder: Path, trust: dict[str, Any]) -> None:
        self.folder, self.trust = folder, trust
        self.view: dict[str, Any] = {}  # what the second said last

    def __call__(self, bundle: dict[str, Any], **changes: Any) -> dict[str, str] | int:
        """What both say of the consent, by step; the step that failed where one did."""
        trust = self.trust | {"signers": self.trust["signers"] | changes}
        raw = json.dumps(bundle).encode()
        places = [self.folder / name for name in ("trust.json", "bundle.cailian.json")]
        for place, content in zip(places, (json.dumps(trust).encode(), raw), strict=True):
            place.write_bytes(content)
        command = ["node", CLI, "--json", "--trust", *places]
        self.view = view = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        second = {step["name"]: step["status"] for step in view["steps"]}
        if view["failed"] is not None:
            with pytest.raises(VerificationError) as raised:
                verify(load_bundle(raw), Trust.from_json(trust))
            assert (view["failed"]["number"], view["failed"]["name"]) == (raised.value.step, raised.value.name)
            return raised.value.step
        report = verify(load_bundle(raw), Trust.from_json(trust))
        first = {step.name: step.state.value for step in report.steps}
        assert first == second, view["failed"]
        assert all(line for step in report.steps for line in (step.zh, step.en))
        return {name: first[name] for name in CONSENT}


@pytest.fixture(scope="module")
def verifiers(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Verifiers:
    return Verifiers(tmp_path_factory.mktemp("bundles"), exchange.trust())


@pytest.fixture
def chen(exchange: Exchange) -> Iterator[Citizen]:
    with Citizen(exchange.base_url, CHEN_LOGIN) as citizen:
        yield citizen


@pytest.fixture
def browser(exchange: Exchange, chen: Citizen) -> Browser:
    return Browser(exchange, chen)


def evidence(client: Client, grant_id: str) -> dict[str, Any]:
    return client.call("GET", f"/v1/grants/{grant_id}/evidence")


def said(**changed: str) -> dict[str, str]:
    """What is said of a consent, from that of a login."""
    return {"signature": "ok", "enrolment": "skipped", "delegation": "skipped", "enforcement": "ok"} | changed


def delegate(chen: Citizen) -> tuple[str, list[bytes]]:
    """The legal representative lets 徐行舟 act for the firm; id of the delegation, and salts of both commitments."""
    salts, now = [os.urandom(16) for _ in range(2)], datetime.now(UTC)
    named = [each["identifiers"][0] for each in (FIRM, XU)]
    made = [commitment(Identifier(each["type"], each["code"]), salt) for each, salt in zip(named, salts, strict=True)]
    terms = {
        "v": 1, "type": "cailian/delegation", "id": str(uuid.uuid4()), "parent": None,
        "principal": made[0], "delegate": made[1], "items": ["*"], "types": ["CL022"], "mode": "copy",
        "regions": ["310000"], "levels": 0, "valid_from": rfc3339(now), "notice": "2026-11",
        "valid_to": rfc3339(now + timedelta(days=200)),
    }  # fmt: skip
    chen.delegate(terms, (FIRM, salts[0]), (XU, salts[1]))
    return str(terms["id"]), salts


def execute(exchange: Exchange, statement: str, **values: Any) -> None:
    """As somebody with the database's password."""
    engine = create_engine(exchange.settings.database_url.get_secret_value())
    with engine.begin() as db:
        assert db.execute(text(statement), values).rowcount == 1
    engine.dispose()


class TestKinds:
    def test_by_a_login_in_a_batch(
        self, qingpu: Client, chen: Citizen, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence of a batch")), open_case(qingpu)
        wanted = [{"type_codes": ["CL022"], "mode": "copy", "max_uses": 2}, {"type_codes": ["CL040"], "mode": "verify"}]
        batch = qingpu.ask_batch(
            case_no=case["case_no"], wanted=wanted, cause="食品经营许可新办审查", operator="qp-103"
        )
        ticked = [each["ask_id"] for each in batch["asks"] if each["terms"]["types"] == ["CL022"]]
        chen.answer(batch["batch_id"], ticked)
        first = qingpu.receipt(use(case, held["material_id"])["use_id"])
        assert verifiers(first) == said()
        assert "earlier" not in first["sections"]
        second = qingpu.receipt(use(case, held["material_id"])["use_id"])
        assert verifiers(second) == said()
        assert len(second["sections"]["earlier"]["entries"]) == 1
        answered = second["sections"]["grant"]["entries"][0]["opening"]["parties"]["content"]["answer"]
        assert (len(answered["approved"]), len(answered["refused"])) == (1, 1)

    def test_by_a_passkey_until_it_withdraws(
        self, exchange: Exchange, qingpu: Client, browser: Browser, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence of a passkey")), open_case(qingpu)
        key = browser.enrol()
        asked = ask(qingpu, case)
        given = send(exchange, "/v1/grants", {"ask_id": asked["ask_id"]} | browser.sign(asked["digest"])).json()
        receipt = qingpu.receipt(use(case, held["material_id"])["use_id"])
        assert verifiers(receipt) == said(enrolment="ok")
        assert receipt["sections"]["key"]["entries"][0]["opening"]["parties"]["content"]["key"] == key["key_id"]
        assert verifiers(receipt, passkeys=None) == 12
        path = f"/v1/grants/{given['grant_id']}/withdrawal"
        digest = httpx2.get(exchange.base_url + path).json()["digest"]
        assert send(exchange, path, browser.sign(digest)).json()["state"] == "withdrawn"
        ended = evidence(qingpu, given["grant_id"])
        assert len(ended["sections"]["grant"]["entries"]) == 2
        assert verifiers(ended) == said(enrolment="ok", enforcement="skipped")

    def test_at_the_counter_until_the_slip(
        self, exchange: Exchange, qingpu: Client, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence of a counter")), open_case(qingpu)
        asked = ask(qingpu, case)
        wanted = {"ask_id": asked["ask_id"], "operator": "qp-103", "person": CHEN}
        begun = qingpu.assist(**wanted, pad=base64.b64encode(PAD).decode())
        qingpu.state(begun, "qp-103", "window")
        given = qingpu.state(begun, "qp-204", "reviewer")
        receipt = qingpu.receipt(use(case, held["material_id"])["use_id"])
        assert verifiers(receipt) == said()
        assert verifiers(receipt, clients=None) == said(signature="unproven")
        assert verifiers(receipt, clients=[]) == 12
        slip = {"code": given["slip"]["code"]}
        httpx2.post(exchange.base_url + "/v1/assisted-consents/withdrawal", json=slip).raise_for_status()
        assert verifiers(evidence(qingpu, given["grant_id"])) == said(enforcement="skipped")

    def test_by_a_delegate(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence of a delegation")), open_case(qingpu)
        _, salts = delegate(chen)
        asked = ask(qingpu, case)
        with Citizen(exchange.base_url, "demo-person-xu") as xu:
            xu.approve(asked["ask_id"])
        receipt = qingpu.receipt(use(case, held["material_id"])["use_id"])
        assert verifiers(receipt) == said(delegation="ok")
        assert XU["identifiers"][0]["code"] not in json.dumps(receipt)
        identifier = {"code": XU["identifiers"][0]["code"], "country": "156", "type": "111"}
        opened = {"delegate": {"salt": base64url(salts[1]), "identifier": identifier}}
        receipt["sections"]["delegation"]["links"][0]["opened"] = opened
        assert verifiers(receipt) == said(delegation="ok")
        opened["delegate"]["identifier"] = identifier | {"code": CHEN["identifiers"][0]["code"]}
        assert verifiers(receipt) == 14

    def test_of_the_chain_alone_for_its_parties_and_whom_a_grant_was_given_by_it(
        self, exchange: Exchange, qingpu: Client, baoshan: Client, chen: Citizen, verifiers: Verifiers
    ) -> None:
        delegation, _ = delegate(chen)
        path, alone = f"/v1/delegations/{delegation}/evidence", said(signature="skipped", enforcement="skipped")
        assert refusal(lambda: qingpu.call("GET", path)).code == "unknown-delegation"  # nothing was signed by it
        asked = ask(qingpu, open_case(qingpu))
        with Citizen(exchange.base_url, "demo-person-xu") as xu, Page(exchange.base_url) as page:
            xu.approve(asked["ask_id"])
            shown = qingpu.call("GET", path)
            assert (shown["kind"], verifiers(shown)) == ("delegation", alone | {"delegation": "ok"})
            assert verifiers(shown, providers=[]) == 14
            assert refusal(lambda: baoshan.call("GET", path)).code == "unknown-delegation"
            for party in (chen, xu):
                page.enter(party)
                assert verifiers(page.get(f"delegations/{delegation}/evidence")) == alone | {"delegation": "ok"}
        with Citizen(exchange.base_url, "demo-person-lin") as lin, Page(exchange.base_url) as page:
            page.enter(lin)
            answer = page.http.get(f"/v1/my/delegations/{delegation}/evidence")
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown-delegation")

    def test_by_a_host_app(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, verifiers: Verifiers, tmp_path: Path
    ) -> None:
        """The app is pinned at a second front of the same node."""
        app, clock = Key(), Now()
        file = tmp_path / "signers.json"
        file.write_text(
            json.dumps({"host_apps": [{"id": "city-app", "keys": [app.jwk | {"kid": "a1", "alg": "ES256"}]}]})
        )
        phone = AppPhone(app, clock, exchange.base_url)
        asked = ask(qingpu, open_case(qingpu))
        with TestClient(create_app(exchange.settings.model_copy(update={"signers": file}))) as front:
            phone.enrol(front, chen)
            body = {"ask_id": asked["ask_id"], "signature": json.loads(phone.sign_for(asked["digest"]))}
            given = front.post("/v1/grants", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert given.status_code == 201, given.text
        held = evidence(qingpu, given.json()["grant_id"])
        assert verifiers(held, host_apps=["city-app"]) == said(enrolment="ok", enforcement="skipped")
        assert verifiers(held) == 12


class Now:
    """A clock for the phone."""

    @property
    def seconds(self) -> int:
        return int(datetime.now(UTC).timestamp())


class AppPhone(Phone):
    """A phone with the city app, at a node of any address."""

    def __init__(self, app: Key, clock: Now, node: str) -> None:
        super().__init__(app, clock)
        self.node = node

    def enrol(self, front: TestClient, citizen: Citizen) -> None:
        self.key_id = front.post("/v1/keys/offers").json()["key_id"]
        salt = os.urandom(16)
        login = Identifier.oidc(oidc.issuer(citizen.base_url), citizen.subject)
        registration = self.attest(self.key_id, aud=self.node)
        wanted = {
            "key_id": self.key_id,
            "kind": "host_app",
            "registration": registration,
            "holder": commitment(login, salt),
        }
        terms = front.post("/v1/keys/proposals", json=wanted, headers=_once()).raise_for_status().json()
        whole = {"terms": terms["terms"], "salt": base64url(salt), "registration": registration}
        whole["id_token"] = citizen.login(terms["digest"])
        front.post("/v1/keys", json=whole, headers=_once()).raise_for_status()

    def sign_for(self, digest: str) -> str:
        return self.sign(digest, aud=self.node)


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


class TestDatabaseAdministrator:
    """Somebody who can write every table, and has every key of the node, but not the login provider's."""

    @pytest.fixture
    def used(self, qingpu: Client, chen: Citizen, deposit: Act, use: Act) -> tuple[dict[str, Any], str]:
        """A grant and a use of it."""
        held, case = deposit(pdf("evidence of an administrator")), open_case(qingpu)
        given = chen.approve(ask(qingpu, case)["ask_id"])
        return given, use(case, held["material_id"])["use_id"]

    @pytest.mark.parametrize("term", ["max_uses", "types"])
    def test_who_edits_a_consent_is_caught(
        self, exchange: Exchange, qingpu: Client, used: tuple[dict[str, Any], str], verifiers: Verifiers, term: str
    ) -> None:
        given, use_id = used
        assert verifiers(qingpu.receipt(use_id)) == said()
        terms = given["terms"] | {"max_uses": {"max_uses": 900}, "types": {"types": ["CL022", "CL040"]}}[term]
        body = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        execute(exchange, "UPDATE authz.grant_ SET body = :body WHERE id = :id", body=body, id=given["grant_id"])
        assert verifiers(qingpu.receipt(use_id)) == 12
        assert verifiers(evidence(qingpu, given["grant_id"])) == 12

    def test_who_edits_its_record_too_is_caught(
        self, exchange: Exchange, qingpu: Client, used: tuple[dict[str, Any], str], verifiers: Verifiers
    ) -> None:
        given, use_id = used
        terms = given["terms"] | {"max_uses": 900}
        body = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        execute(exchange, "UPDATE authz.grant_ SET body = :body WHERE id = :id", body=body, id=given["grant_id"])
        edit = (
            "UPDATE ledger.record SET parties = convert_to(replace(convert_from(parties, 'UTF8'), :old, :new), 'UTF8')"
        )
        names = {"old": given["digest"], "new": base64url(sha256(body).digest())}
        execute(exchange, f"{edit} WHERE entry_id = :entry", entry=given["entry_id"], **names)
        assert verifiers(qingpu.receipt(use_id)) == 2
        back = {"old": names["new"], "new": names["old"]}  # others look at this log, too
        execute(exchange, f"{edit} WHERE entry_id = :entry", entry=given["entry_id"], **back)

    def test_who_lets_a_grant_be_used_again_is_caught(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence of a used grant")), open_case(qingpu)
        given = chen.approve(ask(qingpu, case)["ask_id"])
        assert given["max_uses"] == 1
        use(case, held["material_id"])
        execute(exchange, "UPDATE authz.grant_ SET uses_left = 1 WHERE id = :id", id=given["grant_id"])
        assert verifiers(qingpu.receipt(use(case, held["material_id"])["use_id"])) == 15

    def test_who_inserts_a_key_is_caught(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, browser: Browser, verifiers: Verifiers
    ) -> None:
        """With the node's own code and secrets: the grant, its entry and the key's row are as the node makes them."""
        asked = ask(qingpu, open_case(qingpu))
        enrolment = browser.enrolment()  # the key is the administrator's; the provider signs for the right person
        signature = json.loads(browser.passkey.sign(asked["digest"]))
        provider = oidc.issuer(exchange.base_url)
        forged = Forger(provider).token(enrolment["terms"])
        now = datetime.now(UTC)
        kept = write(
            {
                "v": 1,
                "kind": "passkey",
                "at": rfc3339(now),
                "enrolment": {"terms": enrolment["terms"], "salt": enrolment["salt"], "id_token": forged},
                "signature": {
                    name: signature[name] for name in ("client_data_json", "authenticator_data", "signature")
                },
            }
        )
        node = Node(exchange.settings)
        try:
            with node.database.unit() as db:
                held = node.asks.get(db, asked["ask_id"])
                signer = Signer(
                    held.grantor_id,
                    None,
                    provider,
                    Assurance.substantial,
                    kept,
                    SignerKind.passkey,
                    browser.passkey.key_id,
                    now - timedelta(seconds=5),
                )
                body = GrantBody.decode(held.body)
                grant = node.grants.accept(db, body, grantor_id=held.grantor_id, signature=signer)
        finally:
            node.close()
        assert verifiers(evidence(qingpu, grant.id)) == 13

    def test_who_signs_with_a_login_of_their_own_is_named(
        self, exchange: Exchange, qingpu: Client, verifiers: Verifiers
    ) -> None:
        """What no signature stops (docs/evidence.md, 8.3): so nothing says more than which login it was."""
        asked = ask(qingpu, open_case(qingpu))
        with Citizen(exchange.base_url, "demo-person-lin") as own:
            token = own.login(asked["digest"])
        node = Node(exchange.settings)
        try:
            with node.database.unit() as db:
                held = node.asks.get(db, asked["ask_id"])
                provider = oidc.issuer(exchange.base_url)
                signer = Signer(held.grantor_id, None, provider, Assurance.substantial, token, SignerKind.oidc)
                body = GrantBody.decode(held.body)
                grant = node.grants.accept(db, body, grantor_id=held.grantor_id, signature=signer)
        finally:
            node.close()
        shown = evidence(qingpu, grant.id)
        assert verifiers(shown) == said(enforcement="skipped")
        report = verify(load_bundle(json.dumps(shown).encode()), Trust.from_json(exchange.trust()))
        line = report.steps[11]
        assert f"login demo-person-lin ({provider}) signed these terms" in line.en
        assert "is the node's word and not proven" in line.en
        assert "由本节点陈述，未经证明" in line.zh
        facts = {fact["name"]: fact["value"] for fact in verifiers.view["facts"]}
        assert facts["login"] == f"demo-person-lin ({provider})"
        assert "whose-login" in verifiers.view["limits"]


class Forger:
    """A login provider of the administrator's own, under the real one's name and key id."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.key = issuer, Key()

    def token(self, terms: dict[str, Any]) -> str:
        now = int(datetime.now(UTC).timestamp()) - 5
        body = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        claims = {
            "iss": self.issuer,
            "sub": CHEN_LOGIN,
            "aud": oidc.CLIENT_ID,
            "iat": now,
            "auth_time": now,
            "exp": now + 600,
            "nonce": base64url(sha256(body).digest()),
        }
        return self.key.sign(claims, {"kid": oidc.KEY_ID, "typ": "JWT"})
