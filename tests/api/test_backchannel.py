"""Asking over HTTP: a whole case by QR code and by CIBA, part of it approved, used, withdrawn, acknowledged."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import jwt
import pytest

from api.client import ProblemError
from api.client.backchannel import Backchannel
from tests.api.conftest import FIRM, FOOD, open_case
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client
    from api.demo.citizen import Citizen
    from api.stack.exchange import Exchange

CHEN = {"kind": "person", "name": "陈安澜", "identifiers": [{"type": "111", "code": "310199199001010018"}]}
WANTED = [
    {"type_codes": ["CL022", "CL025"], "mode": "copy", "max_uses": 2, "frequency": {"count": 1, "unit": "day"}},
    {"type_codes": ["CL040"], "mode": "verify"},
]


def refusal(act: Callable[[], Any]) -> ProblemError:
    with pytest.raises(ProblemError) as raised:
        act()
    return raised.value


def asked(qingpu: Client, case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    whole = {"case_no": case["case_no"], "wanted": WANTED, "cause": "食品经营许可新办审查", "operator": "qp-103"}
    return qingpu.ask_batch(**(whole | changes))


def details(case: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    whole = {
        "type": "cailian_use",
        "actions": ["copy"],
        "datatypes": ["CL022"],
        "case_no": case["case_no"],
        "cause": "食品经营许可新办审查",
        "operator": "qp-103",
        "max_uses": 2,
    }
    return [whole | changes]


def told(exchange: Exchange, word: str) -> str:
    """The batch whose notice reached the holder's phone last, by a word of the notice."""

    def look() -> str | None:
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as phone:
            messages = phone.get("/demo/inbox", params={"sub": "demo-person-chen"}).json()["messages"]
            for message in messages:
                batch_id = message["link"].rpartition("/")[2]
                if "/asks/" in message["link"]:
                    notice = phone.get(f"/v1/ask-batches/{batch_id}").json()["notice"]
                    return batch_id if notice["binding"] == word else None
        return None

    return str(until(look))


class TestBatch:
    def test_notice_says_all_and_a_part_is_approved(
        self,
        exchange: Exchange,
        qingpu: Client,
        legal_representative: Citizen,
        deposit: Callable[..., dict[str, Any]],
        use: Callable[..., dict[str, Any]],
        case: dict[str, Any],
    ) -> None:
        material = deposit()
        batch = asked(qingpu, case, channel="qr")
        ordinary, sensitive = batch["asks"]
        assert (ordinary["terms"]["basis"], sensitive["terms"]["basis"]) == ("consent", "separate_consent")
        assert ordinary["terms"]["notice"]["sha256"] == batch["notice_digest"]
        notice = batch["notice"]
        assert notice["who"]["name"]
        assert notice["why"]["case"] == case["case_no"]
        assert "每天至多 1 次" in notice["asked"][0]["zh"]
        assert "单独同意" in notice["asked"][1]["zh"]
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as phone:
            picture = phone.get(f"/v1/ask-batches/{batch['batch_id']}/qr")
            assert picture.headers["content-type"] == "image/svg+xml"
            assert phone.get(f"/v1/ask-batches/{batch['batch_id']}").json()["state"] == "pending"
        done = legal_representative.answer(batch["batch_id"], [ordinary["ask_id"]])
        assert [each["state"] for each in done["asks"]] == ["approved", "refused"]
        (grant,) = done["grants"]
        used = use(case, material["material_id"], grant_id=grant["grant_id"])
        assert used["uses_left"] == 1
        second = refusal(lambda: use(case, material["material_id"], grant_id=grant["grant_id"]))
        assert second.code == "grant-frequency"
        legal_representative.withdraw(grant["grant_id"])
        held = [each for each in qingpu.call("GET", "/v1/cessations")["cessations"] if each["state"] == "open"]
        assert [each["grant_id"] for each in held if each["grant_id"] == grant["grant_id"]]
        path = f"/v1/cessations/{grant['grant_id']}/acknowledgement"
        assert qingpu.call("POST", path, {"action": "deleted", "operator": "qp-103"})["state"] == "acknowledged"

    def test_refuses_what_the_item_does_not_demand(self, qingpu: Client, case: dict[str, Any]) -> None:
        wanted = [{"type_codes": ["CL011"], "mode": "verify"}]
        assert refusal(lambda: asked(qingpu, case, wanted=wanted)).code == "ask-not-demanded"

    def test_single_ask_takes_no_bundle(self, qingpu: Client, case: dict[str, Any]) -> None:
        whole = {"case_no": case["case_no"], "cause": "审查", "operator": "qp-103", "type_codes": ["CL022", "CL040"]}
        assert refusal(lambda: qingpu.ask(**whole)).code == "consent-bundled"


class TestCiba:
    def test_polls_until_a_part_is_approved(
        self, exchange: Exchange, qingpu: Client, legal_representative: Citizen, case: dict[str, Any]
    ) -> None:
        line = Backchannel(qingpu)
        wanted = details(case) + details(case, actions=["verify"], datatypes=["CL040"])
        begun = line.begin(wanted, binding_message="窗口 3")
        assert begun["interval"] == 5
        assert refusal(lambda: line.poll(begun["auth_req_id"])).code == "authorization_pending"
        early = refusal(lambda: line.poll(begun["auth_req_id"]))
        assert (early.status, early.code) == (400, "slow_down")
        batch_id = told(exchange, "窗口 3")
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as phone:
            batch = phone.get(f"/v1/ask-batches/{batch_id}").json()
        assert batch["notice"]["binding"] == "窗口 3"
        legal_representative.answer(batch_id, [batch["asks"][0]["ask_id"]])
        answer = line.poll(begun["auth_req_id"])
        (granted,) = answer["authorization_details"]
        assert (granted["type"], granted["actions"], granted["datatypes"]) == ("cailian_use", ["copy"], ["CL022"])
        claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
        assert claims["aud"] == "qingpu-market"
        assert answer["token_type"] == "DPoP"
        held = qingpu.call("GET", f"/v1/grants/{granted['grant_id']}")
        assert held["state"] == "active"
        assert refusal(lambda: line.poll(begun["auth_req_id"])).code == "invalid_grant"

    def test_everything_refused_is_access_denied(
        self, exchange: Exchange, qingpu: Client, legal_representative: Citizen, case: dict[str, Any]
    ) -> None:
        line = Backchannel(qingpu)
        begun = line.begin(details(case), binding_message="窗口 4")
        legal_representative.answer(told(exchange, "窗口 4"), [])
        assert refusal(lambda: line.poll(begun["auth_req_id"])).code == "access_denied"

    def test_refuses_what_the_specifications_refuse(
        self, qingpu: Client, baoshan: Client, case: dict[str, Any]
    ) -> None:
        line = Backchannel(qingpu)
        good = details(case)
        for code, act in {
            "invalid_authorization_details": lambda: line.begin([good[0] | {"type": "other"}]),
            "unknown_user_id": lambda: line.begin(details({"case_no": "31011820000101000001"})),
            "invalid_binding_message": lambda: line.begin(good, binding_message="310199199001010018"),
            "invalid_scope": lambda: line.begin(good, scope="use"),
            "unauthorized_client": lambda: line.begin(good, client_notification_token="n" * 32),
            "invalid_request": lambda: line.begin(good, id_token_hint="x"),
        }.items():
            assert refusal(act).code == code, code
        begun = line.begin(good)
        assert refusal(lambda: Backchannel(baoshan).poll(begun["auth_req_id"])).code == "invalid_grant"
        assert refusal(lambda: line.poll("x" * 43)).code == "invalid_grant"

    def test_type_is_published(self, exchange: Exchange) -> None:
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as anybody:
            held = anybody.get("/.well-known/oauth-authorization-server").json()
            assert held["authorization_details_types_supported"] == ["cailian_use"]
            assert held["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
            assert "datatypes" in anybody.get("/v1/authorization-details/cailian_use").json()["properties"]


class TestLimits:
    def test_count_every_ask_however_many_come_together(self, qingpu: Client, case: dict[str, Any]) -> None:
        def used() -> int:
            held = qingpu.call("GET", "/v1/usage")["usage"]
            return int(next(each["used"] for each in held if each["what"] == "asks"))

        before = max(used() for _ in range(8))  # of several processes, which share each second
        Backchannel(qingpu).begin(details(case) + details(case, actions=["verify"], datatypes=["CL040"]))
        assert len(asked(qingpu, case)["asks"]) == 2
        until(lambda: used() == before + 4 or None)


class TestPresence:
    def test_login_proves_the_applicant(self, qingpu: Client, legal_representative: Citizen) -> None:
        login = str(uuid.uuid4())
        asked_ = qingpu.call("GET", f"/v1/cases/presence/{login}?item_code={FOOD}")
        token = legal_representative.login(asked_["digest"])
        presence = {"kind": "holder_login", "login_id": login, "id_token": token}
        assert open_case(qingpu, presence=presence)["presence"] == "holder_login"
        other = {"kind": "holder_login", "login_id": str(uuid.uuid4()), "id_token": token}
        problem = refusal(lambda: open_case(qingpu, presence=other))
        assert (problem.code, problem.document["fields"]["check"]) == ("presence-refused", "id_token")

    def test_card_of_somebody_else_does_not(self, qingpu: Client) -> None:
        card = {"type": "111", "code": "31019919900128027X"}
        presence = {"kind": "id_card_read", "card": card}
        assert refusal(lambda: open_case(qingpu, presence=presence)).code == "presence-refused"
        mine = {"kind": "id_card_read", "card": CHEN["identifiers"][0]}
        assert json.dumps(open_case(qingpu, presence=mine, applicant=FIRM)).count("31019919") == 0


class TestNotices:
    def test_representative_reads_what_the_firm_was_told(
        self, exchange: Exchange, qingpu: Client, legal_representative: Citizen
    ) -> None:
        case = open_case(qingpu)
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as phone:

            def read(organisation: str | None) -> dict[str, Any]:
                wanted = {"action": "ledger", "subject": str(uuid.uuid4()), "terms": {"organisation": organisation}}
                asked_ = phone.post("/v1/holder-requests", json=wanted).raise_for_status().json()
                token = legal_representative.login(asked_["digest"])
                answer = phone.post("/v1/me/notices", json={"request": asked_["request"], "id_token": token})
                return dict(answer.raise_for_status().json())

            told_ = read("91310113XX0000019X")["notices"]
            mine = read(None)["notices"]
        (opened,) = [each for each in told_ if each["subject"] == case["case_no"]]
        assert (opened["kind"], opened["first_read_at"]) == ("case-opened", None)
        assert "青浦区市场监督管理局" in opened["zh"]
        assert case["case_no"] not in {each["subject"] for each in mine}
