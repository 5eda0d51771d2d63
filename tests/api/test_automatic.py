"""Automatic decisions over HTTP, by the node's own worker: signed, followed, decided, objected to."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from api.demo.licences import business as demo_business
from tests.api.conftest import FIRM, end_licences
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange

FUND = "11310113XX00000A2R4310400401000"
CAUSE = "残疾人就业保障金申报"
CODE = "91310113XX0000019X"


def begin(client: Client) -> dict[str, Any]:
    case = {
        "item_code": FUND,
        "operator": "bs-017",
        "presence": {"kind": "id_card_read"},
        "answers": {"employs": "no"},
        "applicant": FIRM,
    }
    opened = client.call("POST", "/v1/cases", case, key=str(uuid.uuid4()))
    body = {"operator": "bs-017", "cause": CAUSE}
    return client.call("POST", f"/v1/cases/{opened['case_no']}/automatic", body, key=str(uuid.uuid4()))


def act(client: Client, path: str, **body: Any) -> dict[str, Any]:
    return client.call("POST", path, {"operator": "bs-017"} | body, key=str(uuid.uuid4()))


def look(client: Client, run: dict[str, Any]) -> dict[str, Any]:
    return client.call("GET", f"/v1/automatic/{run['run_id']}")


def asked(citizen: Citizen, run: dict[str, Any]) -> dict[str, Any]:
    held = citizen.inquiries(CODE)["inquiries"]
    return next(each for each in held if each["statement"]["subject"] == run["run_id"])


@pytest.fixture(scope="module", autouse=True)
def business(market: Client) -> Iterator[None]:
    """A business licence of the firm that stands, whatever other files did with those before."""
    end_licences(market, "bm-002")
    market.call("POST", "/v1/licences", demo_business("2026-01-01"))
    yield
    end_licences(market, "bm-002")


class TestFund:
    def test_from_the_signature_to_the_receipt(self, baoshan: Client, legal_representative: Citizen) -> None:
        run = begin(baoshan)
        assert (run["state"], run["step"]) == ("waiting", "apply")
        inquiry = asked(legal_representative, run)
        assert inquiry["statement"]["facts"]["rules"] == run["rules"]
        assert legal_representative.reply(inquiry)["answer"] == "yes"
        waiting = until(lambda: _if(look(baoshan, run), lambda held: held["asks"] or held["state"] == "person"), 60)
        assert waiting["state"] == "waiting", waiting
        (batch,) = waiting["asks"]
        told = httpx2.get(f"{baoshan.base_url}/v1/ask-batches/{batch}").json()
        legal_representative.answer(batch, [each["ask_id"] for each in told["asks"]])
        done = until(lambda: _if(look(baoshan, run), lambda held: held["state"] in {"granted", "person"}), 120)
        assert (done["state"], done["reason"], done["details"]) == ("granted", None, [])
        assert done["facts"]["shown"]["due"] == "56700.00"
        claims = json.loads(base64.urlsafe_b64decode(done["receipt"].split(".")[1] + "=="))
        assert (claims["decision"], claims["rules"], claims["fields"]["due"]) == ("granted", run["rules"], "56700.00")
        case = baoshan.call("GET", f"/v1/cases/{run['case_no']}")
        assert (case["stage"], case["decision"]) == ("granted", "granted")
        mine = next(
            each for each in legal_representative.inquiries(CODE)["decisions"] if each["run_id"] == run["run_id"]
        )
        assert (mine["receipt"], mine["facts"]["rules"]) == (done["receipt"], done["facts"]["rules"])
        objection = legal_representative.object_to(run["run_id"], "人数有误")
        answered = act(
            baoshan, f"/v1/objections/{objection['objection_id']}/answer", outcome="rejected", answer="已核对来源"
        )
        assert (answered["state"], answered["claim"]) == ("rejected", "人数有误")

    def test_answer_to_another_statement_is_none(self, baoshan: Client, legal_representative: Citizen) -> None:
        inquiry = asked(legal_representative, begin(baoshan))
        with pytest.raises(httpx2.HTTPStatusError) as refused:
            legal_representative.reply(inquiry | {"digest": "A" * 43})
        assert refused.value.response.json()["code"] == "holder-request-invalid"

    def test_nobody_else_answers_and_nobody_answers_twice(
        self, exchange: Exchange, baoshan: Client, legal_representative: Citizen
    ) -> None:
        inquiry = asked(legal_representative, begin(baoshan))
        with Citizen(exchange.base_url, "demo-person-xu") as stranger:
            with pytest.raises(httpx2.HTTPStatusError) as refused:
                stranger.reply(inquiry)
            assert refused.value.response.json()["code"] == "signer-not-holder"
            assert stranger.inquiries()["inquiries"] == []
        legal_representative.reply(inquiry, "no")
        with pytest.raises(httpx2.HTTPStatusError) as refused:
            legal_representative.reply(inquiry)
        assert refused.value.response.json()["code"] == "inquiry-closed"

    def test_a_person_takes_over(self, baoshan: Client, qingpu: Client) -> None:
        run = begin(baoshan)
        with pytest.raises(ProblemError) as refused:
            act(qingpu, f"/v1/automatic/{run['run_id']}/take-over", operator="qp-103")
        assert (refused.value.status, refused.value.code) == (404, "unknown-run")
        assert act(baoshan, f"/v1/automatic/{run['run_id']}/take-over")["reason"] == "taken-over"
        listed = baoshan.call("GET", "/v1/automatic?state=person")["runs"]
        assert run["run_id"] in {each["run_id"] for each in listed}
        with pytest.raises(ProblemError) as refused:
            act(baoshan, f"/v1/automatic/{run['run_id']}/resumption")
        assert refused.value.code == "run-state"

    def test_items_without_rules_are_refused(self, qingpu: Client, case: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as refused:
            act(qingpu, f"/v1/cases/{case['case_no']}/automatic", operator="qp-103", cause=CAUSE)
        assert (refused.value.status, refused.value.code) == (409, "automatic-not-offered")


class TestProgrammes:
    def test_are_public_with_their_rules(self, exchange: Exchange) -> None:
        (held,) = httpx2.get(exchange.base_url + "/v1/programmes").json()["programmes"]
        assert {"new-workers", "credit"} <= {each["code"] for each in held["rules"]}
        assert len(held["sha256"]) == 64

    def test_rounds_are_the_departments_own(self, baoshan: Client, qingpu: Client) -> None:
        body = {"period": "2025-12", "cause": "用人单位吸纳就业补贴免申即享"}
        made = act(baoshan, "/v1/programmes/hiring-subsidy/rounds", **body)
        with pytest.raises(ProblemError) as refused:
            act(baoshan, "/v1/programmes/hiring-subsidy/rounds", **body)
        assert refused.value.code == "round-exists"
        for path in (f"/v1/rounds/{made['round_id']}", f"/v1/rounds/{made['round_id']}/list"):
            with pytest.raises(ProblemError) as refused:
                qingpu.call("GET", path)
            assert (refused.value.status, refused.value.code) == (404, "unknown-round")
        until(
            lambda: _if(baoshan.call("GET", f"/v1/rounds/{made['round_id']}"), lambda held: held["state"] == "matched")
        )
        with pytest.raises(ProblemError) as refused:
            act(baoshan, f"/v1/rounds/{made['round_id']}/hand-offs")
        assert refused.value.code == "round-state"


def _if(held: dict[str, Any], holds: Any) -> dict[str, Any] | None:
    return held if holds(held) else None
