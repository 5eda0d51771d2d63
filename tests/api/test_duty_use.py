"""Duty use, emergencies and disputes of materials over HTTP; what a holder asks, signed by a passkey."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, ProblemError
from api.demo.citizen import Citizen
from tests.api.conftest import FIRM, open_case
from tests.api.test_keys import SUBJECT, Browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.stack.exchange import Exchange

NOBODY = "019a0000-0000-7000-8000-000000000000"
FIRM_CODE = FIRM["identifiers"][0]["code"]  # type: ignore[index]


def key() -> str:
    return str(uuid.uuid4())


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value.code


class Signing:
    """A holder with a passkey that counts its signatures; every request is signed by it."""

    def __init__(self, exchange: Exchange, browser: Browser) -> None:
        self.base_url = exchange.base_url
        self.browser = browser
        self.browser.passkey.count = 1

    def signed(self, action: str, subject: str = NOBODY, **terms: Any) -> dict[str, Any]:
        wanted = {"action": action, "subject": subject, "terms": terms}
        asked = httpx2.post(f"{self.base_url}/v1/holder-requests", json=wanted).raise_for_status().json()
        self.browser.passkey.count += 1
        return {"request": asked["request"], **self.browser.sign(asked["digest"])}

    def post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        return httpx2.post(self.base_url + path, json=body, headers={"Idempotency-Key": key()}, timeout=30)


@pytest.fixture(scope="module", autouse=True)
def integrating(exchange: Exchange) -> None:
    """The worker is at work: on a busy machine it comes up after the routes, and intake waits for it."""
    deadline = time.monotonic() + 120
    while not httpx2.get(exchange.base_url + "/healthz", timeout=30).json()["figures"]["checkpoint_size"]:
        assert time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def chen(exchange: Exchange) -> Iterator[Signing]:
    """陈安澜, who represents the firm, with an enrolled passkey."""
    with Citizen(exchange.base_url, SUBJECT) as citizen:
        browser = Browser(exchange, citizen)
        browser.enrol()
        yield Signing(exchange, browser)


class TestSigned:
    def test_turns_pages_with_one_signature_of_a_counting_passkey(self, chen: Signing) -> None:
        body = chen.signed("ledger", organisation=FIRM_CODE) | {"limit": 1}
        for _ in range(2):
            assert chen.post("/v1/me/ledger", body).status_code == 200
        assert chen.post("/v1/me/notices", chen.signed("ledger", organisation=None)).status_code == 200
        assert chen.post("/v1/inbox", chen.signed("inbox")).status_code == 200

    def test_an_older_signature_is_read_no_more_once_a_newer_was_made(self, chen: Signing) -> None:
        older, newer = chen.signed("inbox"), chen.signed("inbox")
        assert chen.post("/v1/inbox", newer).status_code == 200
        assert chen.post("/v1/inbox", older).json()["code"] == "key-refused"

    def test_an_old_request_is_refused_though_a_passkey_holds_no_time(self, chen: Signing) -> None:
        body = chen.signed("inbox")
        stale = dict(body["request"]) | {"id": "01940d2e-5e8a-7cc3-a3b9-0d6c9ab3f001"}
        stale["subject"] = stale["id"]
        answer = chen.post("/v1/inbox", body | {"request": stale})
        assert (answer.status_code, answer.json()["code"]) == (422, "holder-request-invalid")

    def test_takes_exactly_one_signature(self, chen: Signing) -> None:
        body = chen.signed("inbox")
        assert chen.post("/v1/inbox", {"request": body["request"]}).status_code == 422


class TestDispute:
    def test_of_a_material_freezes_until_it_is_answered(
        self,
        chen: Signing,
        baoshan: Client,
        qingpu: Client,
        deposit: Callable[..., dict[str, Any]],
        grant: Callable[..., dict[str, Any]],
        use: Callable[..., dict[str, Any]],
    ) -> None:
        lease, case = deposit()["material_id"], open_case(qingpu)
        grant(case)
        use(case, lease)
        held = chen.post("/v1/disputes", chen.signed("dispute", lease, claim="租期有误", fields=[]))
        assert held.status_code == 201, held.text
        opened = held.json()
        assert (opened["material_id"], opened["state"]) == (lease, "open")
        assert refused(lambda: use(case, lease)) == "status-disputed"
        waiting = baoshan.call("GET", "/v1/disputes?state=open")["disputes"]
        assert opened["dispute_id"] in {each["dispute_id"] for each in waiting}
        path = f"/v1/disputes/{opened['dispute_id']}"
        assert baoshan.call("GET", path)["claim"] == "租期有误"
        assert refused(lambda: qingpu.call("GET", path)) in {"unknown-dispute", "insufficient_scope"}
        said = {"outcome": "corrected", "answer": "已更正", "operator": "bs-017"}
        assert refused(lambda: baoshan.call("POST", path + "/answer", said, key=key())) == "correction-missing"
        newer = deposit(supersedes=lease)["material_id"]
        done = baoshan.call("POST", path + "/answer", said, key=key())
        assert (done["state"], done["successor_id"]) == ("corrected", newer)
        told = {each["dispute_id"]: each for each in qingpu.call("GET", "/v1/corrections")["corrections"]}
        assert told[opened["dispute_id"]]["material_id"] == lease
        qingpu.call("POST", f"/v1/corrections/{opened['dispute_id']}/notice", key=key())
        whole = baoshan.call("GET", path)
        assert (whole["told"], whole["seen"]) == (1, 1)
        life = f"/v1/materials/{lease}/provenance"
        whole = baoshan.call("GET", life)
        assert whole["next_cursor"] is None
        assert {"disputed", "dispute-corrected", "superseded"} <= {each["event"] for each in whole["events"]}
        first = baoshan.call("GET", f"{life}?limit=1")
        rest = baoshan.call("GET", f"{life}?limit=9&cursor={first['next_cursor']}")
        assert len(first["events"]) + len(rest["events"]) == len(whole["events"])

    def test_lists_page_over_licences_and_materials(self, baoshan: Client) -> None:
        whole = [each["dispute_id"] for each in baoshan.call("GET", "/v1/disputes?limit=200")["disputes"]]
        seen, after = [], ""
        while True:
            page = baoshan.call("GET", f"/v1/disputes?limit=1{after}")
            seen += [each["dispute_id"] for each in page["disputes"]]
            if page["after"] is None:
                break
            after = f"&after={page['after']}"
        assert seen == whole


class TestDelay:
    def test_is_decided_seen_by_the_auditor_and_lifted(self, qingpu: Client, operations: Client) -> None:
        case = open_case(qingpu)
        until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        wanted = {"case_no": case["case_no"], "ground": "investigation", "article": "第五十四条", "until": until}
        assert (
            refused(lambda: qingpu.call("POST", "/v1/duty-delays", wanted | {"operator": "qp-103"}, key=key()))
            == "operator-role"
        )
        held = qingpu.call("POST", "/v1/duty-delays", wanted | {"operator": "qp-204"}, key=key())
        assert held["state"] == "standing"
        assert qingpu.call("GET", f"/v1/duty-delays/{held['delay_id']}") == held
        assert held in qingpu.call("GET", "/v1/duty-delays")["delays"]
        seen = operations.call("GET", "/v1/operations/duty-delays?operator=op-900")["delays"]
        assert [each["uses"] for each in seen if each["delay_id"] == held["delay_id"]] == [0]
        done = qingpu.call("POST", f"/v1/duty-delays/{held['delay_id']}/end", {"operator": "qp-204"}, key=key())
        assert (done["state"], done["told"]) == ("over", 0)

    def test_takes_an_open_case_of_ones_own(self, qingpu: Client) -> None:
        until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        wanted = {"case_no": "31011820261121999999", "ground": "investigation", "article": "x", "until": until}
        assert (
            refused(lambda: qingpu.call("POST", "/v1/duty-delays", wanted | {"operator": "qp-204"}, key=key()))
            == "unknown-case"
        )


class TestSampling:
    def test_rate_and_draws_are_public(self, exchange: Exchange) -> None:
        told = httpx2.get(exchange.base_url + "/v1/duty-uses/sampling").raise_for_status().json()
        assert told["permille"] == 50
        assert isinstance(told["draws"], list)

    def test_lists_are_the_auditors_and_the_organisations(self, qingpu: Client, operations: Client) -> None:
        waiting = operations.call("GET", "/v1/operations/duty-samples?operator=op-900&limit=200")["samples"]
        judged = [each for each in waiting if each["verdict"] in {"unclear", "unlawful"}]
        assert (
            refused(lambda: qingpu.call("GET", "/v1/operations/duty-samples?operator=qp-204")) == "insufficient_scope"
        )
        followed = {each["use_id"] for each in qingpu.call("GET", "/v1/duty-samples")["samples"]}
        assert followed == {each["use_id"] for each in judged if each["org_code"] == "11310118XX00000B0W"}
        body = {"verdict": "lawful", "finding": "x", "operator": "op-900"}
        path = f"/v1/operations/duty-samples/{NOBODY}/verdict"
        assert refused(lambda: operations.call("POST", path, body, key=key())) == "unknown-sample"


class TestEmergency:
    def test_two_people_open_it_the_holder_hears_a_third_reviews(
        self,
        exchange: Exchange,
        chen: Signing,
        qingpu: Client,
        operations: Client,
        deposit: Callable[..., dict[str, Any]],
        use: Callable[..., dict[str, Any]],
    ) -> None:
        lease, case = deposit()["material_id"], open_case(qingpu, presence={"kind": "none"})
        wanted = {"case_no": case["case_no"], "types": ["CL022"], "mode": "copy", "ground": "public-health"}
        wanted |= {"reason": "食源性疾病处置", "operator": "qp-103"}
        held = qingpu.call("POST", "/v1/break-glass", wanted, key=key())
        glass = held["break_glass_id"]
        assert held["state"] == "waiting"
        assert refused(lambda: use(case, lease, break_glass_id=glass)) == "emergency-over"
        path = f"/v1/break-glass/{glass}/approval"
        assert refused(lambda: qingpu.call("POST", path, {"operator": "qp-103"}, key=key())) == "operator-role"
        done = qingpu.call("POST", path, {"operator": "qp-204"}, key=key())
        assert done["state"] == "standing"
        assert lease in {each["object_id"] for each in done["objects"]}
        used = use(case, lease, break_glass_id=glass)
        assert (used["basis"], used["break_glass_id"]) == ("emergency", glass)
        assert refused(lambda: use(case, lease)) == "presence-required"
        notices = chen.post("/v1/me/notices", chen.signed("ledger", organisation=FIRM_CODE)).json()["notices"]
        assert used["use_id"] in {each["subject"] for each in notices if each["kind"] == "break-glass"}
        waiting = httpx2.get(exchange.base_url + "/readyz").json()["warnings"]
        assert any("/v1/operations/break-glass" in each for each in waiting)
        seen = operations.call("GET", "/v1/operations/break-glass?operator=op-900")["emergencies"]
        (mine,) = [each for each in seen if each["break_glass_id"] == glass]
        assert [each["use_id"] for each in mine["uses"]] == [used["use_id"]]
        body = {"verdict": "justified", "finding": "与报告一致", "operator": "op-900"}
        path = f"/v1/operations/break-glass/{glass}/review"
        assert operations.call("POST", path, body, key=key())["verdict"] == "justified"
        assert refused(lambda: operations.call("POST", path, body, key=key())) == "break-glass-closed"
        seen = operations.call("GET", "/v1/operations/break-glass?operator=op-900")["emergencies"]
        assert glass not in {each["break_glass_id"] for each in seen}

    def test_overseers_may_be_told_by_webhook(self, operations: Client) -> None:
        wanted = {"url": "https://example.org/told", "events": ["break-glass.approved"], "operator": "op-900"}
        try:
            held = operations.call("POST", "/v1/webhooks", wanted, key=key())
        except ProblemError as error:
            assert error.code == "webhook-url-refused"  # noqa: PT017 - no network here; that it may register is the point
        else:
            assert held["events"] == ["break-glass.approved"]
