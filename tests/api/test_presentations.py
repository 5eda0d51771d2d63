"""亮证 over HTTP, from the holder's login to the verifier's screen, and what holders and issuers say to each other."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from PIL import Image

from api.client import ProblemError
from api.demo.citizen import Citizen
from api.licenceschemas import BUSINESS
from api.node import Node
from certs.credentials import binding, sdjwt
from certs.credentials.binding import Challenge
from ledger.clock import rfc3339
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.client import Client
    from api.stack.exchange import Exchange

QINGPU = "11310118XX00000B0W"
SCENARIO = "SCN-310118-001"
CARD = {"type": "111", "code": "310199199001010018"}
CHEN = {"kind": "person", "name": "陈安澜", "identifiers": [CARD]}
FIRM_SHOWN = {"holder_code": "91310113XX0000019X", "domicile": BUSINESS["face"]["domicile"]}
NOBODY = "019a0000-0000-7000-8000-000000000000"
TODAY = datetime.now(UTC) + timedelta(hours=8)
IDENTITY: dict[str, Any] = {
    "type_code": "LT05",
    "licence_no": CARD["code"],
    "holders": [{"name": "陈安澜", "code_type": "111", "code": CARD["code"]}],
    "face": {
        "name": "陈安澜",
        "sex": "男",
        "ethnicity": "汉",
        "born_on": "1990-01-01",
        "address": "上海市宝山区示例路 1 弄 2 号 303 室",
        "issuing_authority": "宝山分局",
    },
    "valid_from": TODAY.date().isoformat(),
    "valid_to": (TODAY.date().replace(year=TODAY.year + 20) - timedelta(days=1)).isoformat(),
    "operator": "ga-002",
}


class Holder:
    """A demo citizen with a phone."""

    def __init__(self, citizen: Citizen) -> None:
        self.citizen = citizen
        self.base_url = citizen.base_url

    def sign(self, action: str, subject: str, **terms: Any) -> dict[str, Any]:
        """Ask what is to be signed, check that it is what was meant, and sign it."""
        wanted = {"action": action, "subject": subject, "terms": terms}
        held = httpx2.post(f"{self.base_url}/v1/holder-requests", json=wanted).raise_for_status().json()
        document = held["request"]
        encoded = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(encoded).digest()).rstrip(b"=").decode()
        assert (digest, document["action"], document["terms"]) == (held["digest"], action, terms)
        return {"request": document, "id_token": self.citizen.login(digest)}

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        return httpx2.post(self.base_url + path, json=body, headers=headers, timeout=30)

    def show(self, licence_id: str, **terms: Any) -> dict[str, Any]:
        whole = {"org": QINGPU, "counter": "3", "fields": None} | terms
        return dict(self.post("/v1/codes", self.sign("show", licence_id, **whole)).raise_for_status().json())


@pytest.fixture(scope="module")
def chen(exchange: Exchange) -> Iterator[Holder]:
    with Citizen(exchange.base_url, "demo-person-chen") as citizen:
        yield Holder(citizen)


@pytest.fixture(scope="module", autouse=True)
def scenario(baoshan: Client) -> None:
    """The scope of the Qingpu department's terminals, published."""
    newest = baoshan.call("GET", "/v1/registers/scenarios")["version"] if _published(baoshan) else 0
    entry = {
        "code": SCENARIO,
        "name": "窗口核验",
        "org": QINGPU,
        "party_kind": "government",
        "purpose": "核对办事人身份",
        "types": ["LT01", "LT05"],
        "fields": ["name:clear", "sex", "holder_code", "issuing_authority", "domicile"],
        "mode": "data",
        "valid_from": "2026-01-01T00:00:00.000Z",
    }
    body = {"version": newest + 1, "owner": "11310113XX00000A2R", "adopted_at": rfc3339(datetime.now(UTC))}
    body |= {"operator": "bs-002", "entries": [entry]}
    try:
        baoshan.call("POST", "/v1/registers/scenarios", body, key=new_key())
    except ProblemError as error:
        if error.code != "register-unchanged":  # as another file left it
            raise


def _published(client: Client) -> bool:
    held = client.call("GET", "/v1/registers")["registers"]
    return any(each["register"] == "scenarios" and each["version"] for each in held)


@pytest.fixture(scope="module")
def card(police: Client) -> dict[str, Any]:
    """陈安澜's identity card."""
    return police.call("POST", "/v1/licences", IDENTITY, key=new_key())


def new_key() -> str:
    return str(uuid.uuid4())


def scan(client: Client, code: str, key: str | None = None, **changes: Any) -> dict[str, Any]:
    body = {"code": code, "operator": "qp-103", "counter": "3", "scenario": SCENARIO} | changes
    return client.call("POST", "/v1/presentations", body, key=key or new_key())


def refused(act: Any) -> str:
    with pytest.raises(ProblemError) as raised:
        act()
    return raised.value.code


class TestLiveCode:
    def test_from_login_to_screen(self, chen: Holder, qingpu: Client, card: dict[str, Any]) -> None:
        made = chen.show(card["licence_id"])
        assert 55 <= made["seconds_left"] <= 60
        picture = Image.open(BytesIO(base64.b64decode(made["png"]))).convert("L")
        (read,) = zxingcpp.read_barcodes(picture)
        seen = scan(qingpu, read.text)
        assert seen["values"] == {
            "name": "陈安澜",
            "sex": "男",
            "holder_code": "3101**********0018",
            "issuing_authority": "宝山分局",
        }
        assert (seen["licence"]["type"], seen["licence"]["status"], seen["licence"]["disputed"]) == (
            "LT05",
            "01",
            False,
        )
        assert qingpu.call("GET", f"/v1/presentations/{seen['presentation_id']}")["entry_id"] == seen["entry_id"]
        mine = httpx2.get(f"{chen.base_url}/v1/codes/{made['code_id']}").json()
        assert (mine["state"], [each["organisation"] for each in mine["scans"]]) == ("shown", ["青浦区市场监督管理局"])
        assert mine["scans"][0]["entry_id"] == seen["entry_id"]

    def test_serves_once_and_at_its_counter(self, chen: Holder, qingpu: Client, card: dict[str, Any]) -> None:
        code = chen.show(card["licence_id"])["code"]
        assert refused(lambda: scan(qingpu, code, counter="4")) == "code-other-counter"
        scan(qingpu, code)
        assert refused(lambda: scan(qingpu, code)) == "code-used"

    def test_another_organisation_is_refused(self, chen: Holder, baoshan: Client, card: dict[str, Any]) -> None:
        code = chen.show(card["licence_id"])["code"]
        assert refused(lambda: scan(baoshan, code, operator="bs-017")) == "scenario-refused"

    def test_a_lost_answer_is_given_again(self, chen: Holder, qingpu: Client, card: dict[str, Any]) -> None:
        code, key = chen.show(card["licence_id"])["code"], new_key()
        first = scan(qingpu, code, key)
        again = scan(qingpu, code, key)
        assert {**again, "promise": None} == {**first, "promise": None}
        assert refused(lambda: scan(qingpu, code, key, counter="5")) == "idempotency-key-reused"

    def test_keeps_no_values_anywhere(self, exchange: Exchange, chen: Holder, qingpu: Client, card: Any) -> None:
        code = chen.show(card["licence_id"])["code"]
        scan(qingpu, code)
        node = Node(exchange.settings)
        with node.database.glance() as db:
            kept = list(db.exec_driver_sql("SELECT principal, key, body FROM api.idempotency"))
            answers = [run(db, node.answers.find(principal, key, None)) for principal, key, _ in kept]
        node.close()
        assert not any("陈安澜".encode() in bytes(body) or b"promise" in bytes(body) for _, _, body in kept)
        rows = "".join(each.body.decode() for each in answers if each is not None)
        assert rows
        assert code not in rows
        assert "宝山分局" not in rows
        logs = b"".join(path.read_bytes() for path in (exchange.folder / "log").rglob("*") if path.is_file())
        assert code.encode() not in logs

    def test_a_suspension_shows_at_the_next_scan(self, chen: Holder, qingpu: Client, police: Client, card: Any) -> None:
        code, path = chen.show(card["licence_id"])["code"], f"/v1/licences/{card['licence_id']}/status"
        change = {"reason": "inspection-found", "operator": "ga-002"}
        police.call("POST", path, change | {"operation": "suspend"}, key=new_key())
        seen = scan(qingpu, code)
        police.call("POST", path, change | {"operation": "restore"}, key=new_key())
        assert (seen["licence"]["status"], seen["licence"]["status_zh"], seen["values"]) == ("02", "暂扣", {})
        answer = chen.post("/v1/codes", chen.sign("void-code", card["licence_id"]))
        assert answer.json()["code"] == "holder-request-invalid"

    @pytest.mark.parametrize(
        "change",
        [{"v": True}, {"v": 2}, {"type": "other"}, {"more": 1}, {"action": "dispute"}, {"terms": {}}, {"id": "1"}],
    )
    def test_what_is_no_request_is_refused(self, chen: Holder, card: Any, change: dict[str, Any]) -> None:
        signed = chen.sign("show", card["licence_id"], org=QINGPU, counter=None, fields=None)
        answer = chen.post("/v1/codes", signed | {"request": signed["request"] | change})
        assert (answer.status_code, answer.json()["code"]) == (422, "holder-request-invalid")

    def test_a_counter_puts_up_a_sign(self, qingpu: Client) -> None:
        sign = qingpu.call("GET", "/v1/counter-signs/3")
        assert sign["text"] == f"CLS1:{QINGPU}:3"
        assert sign["svg"].startswith("<svg")


class TestPrintedCode:
    def test_at_a_counter_and_beside_the_card(self, baoshan: Client, qingpu: Client, card: dict[str, Any]) -> None:
        body = {"licence_id": card["licence_id"], "identity": CARD, "channel": "window", "operator": "bs-017"}
        key = new_key()
        made = baoshan.call("POST", "/v1/codes/counter", body, key=key)
        assert baoshan.call("POST", "/v1/codes/counter", body, key=key)["code"] == made["code"]
        assert "code_id" not in made
        assert refused(lambda: scan(qingpu, made["code"])) == "identity-card-required"
        wrong = {"type": "111", "code": "31019919900128027X"}
        assert refused(lambda: scan(qingpu, made["code"], identity=wrong)) == "identity-card-mismatch"
        seen = scan(qingpu, made["code"], identity=CARD)
        assert (seen["values"], seen["licence"]["status"]) == ({"issuing_authority": "宝山分局"}, "01")
        other = body | {"identity": wrong}
        assert refused(lambda: baoshan.call("POST", "/v1/codes/counter", other, key=new_key())) == "unknown-licence"

    def test_at_home_and_revoked(self, chen: Holder, qingpu: Client, card: dict[str, Any]) -> None:
        made = chen.post("/v1/codes", chen.sign("print-code", card["licence_id"])).raise_for_status().json()
        assert scan(qingpu, made["code"], identity=CARD)["licence"]["status"] == "01"
        path = f"/v1/codes/{made['code_id']}/revocation"
        done = chen.post(path, chen.sign("void-code", made["code_id"])).raise_for_status().json()
        assert (done["state"], done["void_reason"]) == ("void", "revoked")
        assert refused(lambda: scan(qingpu, made["code"], identity=CARD)) == "code-void"


class TestCompanyCode:
    def test_shows_the_firms_business_licence(self, chen: Holder, qingpu: Client, market: Client) -> None:
        body = BUSINESS | {"operator": "bm-002", "valid_from": TODAY.date().isoformat()}
        licence = market.call("POST", "/v1/licences", body, key=new_key())
        made = chen.post("/v1/codes", chen.sign("company-code", licence["licence_id"])).raise_for_status().json()
        seen = scan(qingpu, made["code"])
        assert (seen["licence"]["type"], seen["values"]) == ("LT01", FIRM_SHOWN)


class TestDelivery:
    def test_is_opened_by_the_holder(self, chen: Holder, police: Client, card: dict[str, Any]) -> None:
        body = {"licence_id": card["licence_id"], "holder": CHEN, "channel": "app", "operator": "ga-002"}
        sent = police.call("POST", "/v1/deliveries", body, key=new_key())
        assert sent["opened_at"] is None
        inbox = chen.post("/v1/inbox", chen.sign("inbox", NOBODY)).raise_for_status().json()
        assert sent["delivery_id"] in [each["delivery_id"] for each in inbox["deliveries"]]
        path = f"/v1/deliveries/{sent['delivery_id']}/opening"
        opened = chen.post(path, chen.sign("open-delivery", sent["delivery_id"])).raise_for_status().json()
        assert (opened["opened_by"], bool(opened["opened_at"])) == ("holder", True)
        found = police.call("GET", f"/v1/deliveries?licence_id={card['licence_id']}")["deliveries"]
        assert opened in found
        again = chen.post(path, chen.sign("open-delivery", sent["delivery_id"]))
        assert again.json()["code"] == "delivery-opened"


class TestDispute:
    def test_freezes_until_it_is_corrected_and_tells_who_saw_it(
        self, chen: Holder, qingpu: Client, police: Client, card: dict[str, Any]
    ) -> None:
        scan(qingpu, chen.show(card["licence_id"])["code"])
        signed = chen.sign("dispute", card["licence_id"], claim="住址有误", fields=["address"])
        held = chen.post("/v1/disputes", signed).raise_for_status().json()
        assert (held["state"], held["overdue"]) == ("open", False)
        answer = chen.post("/v1/codes", chen.sign("show", card["licence_id"], org=QINGPU, counter=None, fields=None))
        assert answer.json()["code"] == "licence-not-shown"
        (waiting,) = police.call("GET", "/v1/disputes?state=open")["disputes"]
        whole = police.call("GET", f"/v1/disputes/{waiting['dispute_id']}")
        assert whole["claim"] == "住址有误"
        path = f"/v1/disputes/{held['dispute_id']}/answer"
        said = {"outcome": "corrected", "answer": "已更正", "operator": "ga-002"}
        assert refused(lambda: police.call("POST", path, said, key=new_key())) == "correction-missing"
        newer = self.correct(police, card)
        done = police.call("POST", path, said, key=new_key())
        assert (done["state"], done["successor_id"]) == ("corrected", newer)
        (told,) = qingpu.call("GET", "/v1/corrections")["corrections"]
        assert (told["licence_id"], told["successor_id"], told["seen_at"]) == (card["licence_id"], newer, None)
        qingpu.call("POST", f"/v1/corrections/{held['dispute_id']}/notice", key=new_key())
        whole = police.call("GET", f"/v1/disputes/{held['dispute_id']}")
        assert (whole["told"], whole["seen"]) == (1, 1)
        inbox = chen.post("/v1/inbox", chen.sign("inbox", NOBODY)).raise_for_status().json()
        assert [each["answer"] for each in inbox["disputes"]] == ["已更正"]
        state = httpx2.get(f"{chen.base_url}/v1/disputes/{held['dispute_id']}/state").json()
        assert (state["state"], "answer" in state, "claim" in state) == ("corrected", False, False)

    def correct(self, police: Client, card: dict[str, Any]) -> str:
        face = IDENTITY["face"] | {"address": "上海市宝山区示例路 1 弄 5 号 101 室"}
        change = {"operation": "change", "predecessor": card["licence_id"], "face": face}
        return str(police.call("POST", "/v1/licences", IDENTITY | change, key=new_key())["licence_id"])


class TestOffline:
    def test_a_wallet_shows_a_licence_without_the_node(
        self, exchange: Exchange, chen: Holder, market: Client, tmp_path: Path
    ) -> None:
        licence = market.call("GET", "/v1/licences")["licences"][0]
        phone = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(phone.public_key()))
        key = {name: public[name] for name in ("kty", "crv", "x", "y")}
        given = chen.post("/v1/credentials", chen.sign("credential", licence["licence_id"], key=key))
        wallet = given.raise_for_status().json()
        assert wallet["format"] == "dc+sd-jwt"
        kit = self.run("kit", "--url", exchange.base_url, "--out", str(tmp_path / "kit.json"))
        assert kit["status_lists"] >= 1
        asked = self.run("ask", "--audience", QINGPU)
        # From here on nobody asks the node for anything.
        shown = sdjwt.disclose(wallet["credential"], ["domicile", "holder_name"])
        challenge = Challenge(asked["audience"], asked["nonce"])
        file = tmp_path / "shown.txt"
        file.write_text(binding.bind(shown, phone, challenge, datetime.now(UTC)))
        check = ["check", str(file), "--kit", str(tmp_path / "kit.json"), "--audience", QINGPU, "--nonce"]
        seen = self.run(*check, asked["nonce"])
        assert seen["claims"]["face"] == {"domicile": BUSINESS["face"]["domicile"]}
        assert self.run(*check, "another", expect=1)["code"] == "holder-binding"

    @staticmethod
    def run(*arguments: str, expect: int = 0) -> dict[str, Any]:
        command = [sys.executable, "-m", "api.cli", "present", *arguments, "--json"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == expect, ran.stdout + ran.stderr
        return dict(json.loads(ran.stdout))
