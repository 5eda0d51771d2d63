"""Fetching licences over HTTP: search, use, download, receipt; and what a suspension stops."""

from __future__ import annotations

import io
import json
import uuid
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, ProblemError
from ledger.trust import Trust
from ledger.verify import load_bundle, verify
from tests.api.conftest import FOOD, open_case
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.stack.exchange import Exchange

LAKE = {
    "kind": "organisation",
    "name": "吴江澄湖水产有限公司",
    "identifiers": [{"type": "001", "code": "91320509XX0000035K"}],
}
NUMBER = f"91320509-{uuid.uuid4().hex[:8]}"
FACE = {
    "entity_type": "有限责任公司",
    "legal_representative": "徐行舟",
    "established_on": "2025-03-01",
    "domicile": "上海市宝山区示例路 99 号",
    "business_scope": "餐饮服务",
    "registration_authority": "宝山区市场监督管理局",
}


@pytest.fixture(scope="module")
def issuer(exchange: Exchange) -> Iterator[Client]:
    with exchange.client("baoshan-market") as client:
        yield client


@pytest.fixture(scope="module")
def licence(issuer: Client) -> dict[str, Any]:
    """A business licence, issued with seal and files."""
    wanted = {
        "type_code": "LT01",
        "licence_no": NUMBER,
        "holders": [{"name": LAKE["name"], "code_type": "001", "code": "91320509XX0000035K"}],
        "face": FACE,
        "related": [
            {
                "role": "legal_representative",
                "person": {"name": "徐行舟", "code_type": "111", "code": "31019919900128027X"},
            }
        ],
        "valid_from": "2026-01-01",
        "operator": "bm-002",
    }
    return issuer.call("POST", "/v1/licences", wanted, key=str(uuid.uuid4()))


@pytest.fixture
def lake_case(qingpu: Client) -> dict[str, Any]:
    return open_case(qingpu, applicant=LAKE)


@pytest.fixture
def asking(lake_case: dict[str, Any]) -> dict[str, Any]:
    return {"case_no": lake_case["case_no"], "item_code": FOOD, "cause": "食品经营许可新办审查", "operator": "qp-103"}


@pytest.fixture
def fetch(qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Fetch the applicant's business licence."""
    assert licence["licence_id"]

    def act(**changes: Any) -> dict[str, Any]:
        wanted = asking | {"type_code": "LT01"} | changes
        return qingpu.call("POST", "/v1/fetch", wanted, key=str(uuid.uuid4()))

    return act


def get(client: Client, address: str, **headers: str) -> httpx2.Response:
    """A GET with whatever headers."""
    path = address.removeprefix(client.base_url)
    return httpx2.get(client.base_url + path, headers=client.headers("GET", path) | headers, timeout=60)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value.code


class TestSearch:
    def test_names_what_may_be_used(self, qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]) -> None:
        told = qingpu.call("POST", "/v1/fetch/search", asking)
        found = {each["licence_type"]: each for each in told["licences"]}
        assert (found["LT01"]["answer"], found["LT01"]["basis"]) == ("available", "open")
        assert found["LT05"]["answer"] == "ask-holder"
        assert licence["licence_id"] not in json.dumps(told)
        assert told["entry_id"]

    def test_refuses_without_a_cause(self, qingpu: Client, asking: dict[str, Any]) -> None:
        assert refused(lambda: qingpu.call("POST", "/v1/fetch/search", asking | {"cause": ""})) == "cause-missing"


class TestFetch:
    def test_gives_a_copy_and_never_the_original(
        self, qingpu: Client, fetch: Callable[..., dict[str, Any]], licence: dict[str, Any], exchange: Exchange
    ) -> None:
        use = fetch()
        answer = get(qingpu, use["content"])
        made = answer.content
        digest = sha256(made).hexdigest()
        assert made[:5] == b"%PDF-"
        assert answer.headers["etag"] == f'"{digest}"'
        assert digest != use["sha256"] == licence["pdf"]["sha256"]
        part = get(qingpu, use["content"], Range="bytes=10-19")
        assert (part.status_code, part.content) == (206, made[10:20])
        receipt = qingpu.receipt(use["use_id"])
        assert {"use", "licence", "derived"} <= receipt["sections"].keys()
        fact = receipt["sections"]["derived"]["entries"][0]["opening"]["fact"]["content"]
        assert (fact["digests"]["sha256"], fact["parent"]["sha256"]) == (digest, use["sha256"])
        report = verify(load_bundle(json.dumps(receipt).encode()), Trust.from_json(exchange.trust()), io.BytesIO(made))
        assert report is not None

    def test_has_a_thumbnail_of_the_copy(self, qingpu: Client, fetch: Callable[..., dict[str, Any]]) -> None:
        use = fetch()
        picture = get(qingpu, f"/v1/uses/{use['use_id']}/thumbnail")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        assert picture.content[:4] == b"\x89PNG"

    def test_gives_named_fields(self, qingpu: Client, fetch: Callable[..., dict[str, Any]]) -> None:
        use = fetch(mode="data", fields=["business_scope", "status"])
        told = json.loads(get(qingpu, use["content"]).content)
        assert told["fields"] == {"business_scope": "餐饮服务", "status": "01"}
        assert get(qingpu, f"/v1/uses/{use['use_id']}/thumbnail").json()["code"] == "no-thumbnail"

    def test_verifies_a_number(
        self, qingpu: Client, fetch: Callable[..., dict[str, Any]], licence: dict[str, Any]
    ) -> None:
        number = {"licence_no": NUMBER, "issuer_code": "11310113XX00001315"}
        use = fetch(mode="verify", **number)
        told = json.loads(get(qingpu, use["content"]).content)
        assert (told["status"], told["type"], "fields" in told) == ("01", "cailian/licence-verify", False)
        assert refused(lambda: fetch(mode="verify", **(number | {"licence_no": "0"}))) == "ask-holder"

    def test_by_use_code_and_by_identifier(
        self, qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]
    ) -> None:
        told = qingpu.call("POST", "/v1/fetch/search", asking | {"type_codes": ["LT01"]})
        [found] = told["licences"]
        for selector in ({"use_code": found["use_code"]}, {"identifier": licence["identifier"]}):
            use = qingpu.call("POST", "/v1/fetch", asking | selector | {"mode": "verify"}, key=str(uuid.uuid4()))
            assert use["object_id"] == licence["licence_id"]

    @pytest.mark.parametrize(
        "selector",
        [{}, {"type_code": "LT01", "use_code": "x"}, {"licence_no": "1"}, {"type_code": "LT01", "licence_no": "1"}],
    )
    def test_refuses_a_selector_that_is_not_one(
        self, qingpu: Client, asking: dict[str, Any], selector: dict[str, Any]
    ) -> None:
        wanted = asking | selector
        code = refused(lambda: qingpu.call("POST", "/v1/fetch", wanted, key=str(uuid.uuid4())))
        assert code == "malformed-request"


class TestBatch:
    def test_answers_each_row(self, qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]) -> None:
        rows = [{"type_code": "LT01", "mode": "verify"}, {"type_code": "LT05"}, {"use_code": "none"}]
        key = str(uuid.uuid4())
        told = qingpu.call("POST", "/v1/fetch/batch", asking | {"wanted": rows}, key=key)
        assert [each["status"] for each in told["rows"]] == [201, 403, 404]
        assert told["rows"][0]["use"]["object_id"] == licence["licence_id"]
        assert [each.get("problem", {}).get("code") for each in told["rows"]] == [
            None,
            "ask-holder",
            "use-code-invalid",
        ]
        again = qingpu.call("POST", "/v1/fetch/batch", asking | {"wanted": rows}, key=key)
        assert again["rows"][0] == told["rows"][0]

    def test_costs_a_use_for_each_row(self, qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]) -> None:
        def used() -> int:
            held = qingpu.call("GET", "/v1/usage")["usage"]
            return int(next(each["used"] for each in held if each["what"] == "uses"))

        assert licence
        before = max(used() for _ in range(8))  # of several processes, which share each second
        rows = [{"type_code": "LT01", "mode": "verify"}] * 3
        qingpu.call("POST", "/v1/fetch/batch", asking | {"wanted": rows}, key=str(uuid.uuid4()))
        until(lambda: used() == before + 3 or None)

    def test_fetches_all_of_a_case(self, qingpu: Client, asking: dict[str, Any], licence: dict[str, Any]) -> None:
        told = qingpu.call("POST", "/v1/fetch/batch", asking | {"mode": "verify"}, key=str(uuid.uuid4()))
        assert [each["use"]["object_id"] for each in told["rows"]] == [licence["licence_id"]]


class TestFileCheck:
    def test_recognises_copy_and_original(
        self, qingpu: Client, fetch: Callable[..., dict[str, Any]], asking: dict[str, Any], licence: dict[str, Any]
    ) -> None:
        made = get(qingpu, fetch()["content"]).content
        for digest, what in (
            (sha256(made).hexdigest(), "derived"),
            (licence["pdf"]["sha256"], "original"),
            (sha256(made + b" ").hexdigest(), "unknown"),
        ):
            told = qingpu.call("POST", "/v1/fetch/file-check", asking | {"sha256": digest})
            assert told["what"] == what
        assert "valid_to" in qingpu.call("POST", "/v1/fetch/file-check", asking | {"sha256": sha256(made).hexdigest()})

    def test_says_what_is_wrong_with_a_file(
        self, qingpu: Client, fetch: Callable[..., dict[str, Any]], asking: dict[str, Any], exchange: Exchange
    ) -> None:
        made = get(qingpu, fetch()["content"]).content

        def check(content: bytes) -> dict[str, Any]:
            wanted = asking | {"content": b64encode(content).decode()}
            return qingpu.call("POST", "/v1/fetch/file-check", wanted)

        good = check(made)
        assert (good["what"], good["rendition"], good["standing"]) == ("derived", "copy", "active")
        assert good["seal"] == {"problem": None, "sealed_by": [exchange.settings.library_code]}
        middle = made.index(b"/MediaBox")
        changed = made[:middle] + b"/MediaBix" + made[middle + 9 :]
        for content, problem in (
            (changed, "licence-file-altered"),
            (made + b"\n1 0 obj<<>>endobj\n", "changed-after-sealing"),
            (b"%PDF-1.7 nothing", "malformed-licence-file"),
        ):
            told = check(content)
            assert (told["what"], told["seal"]["problem"]) == ("unknown", problem)
        nothing = asking | {"sha256": "0" * 64, "content": "AAAA"}
        assert refused(lambda: qingpu.call("POST", "/v1/fetch/file-check", nothing)) == "malformed-request"


class TestSuspension:
    def test_is_noticed_on_every_path(
        self,
        qingpu: Client,
        issuer: Client,
        fetch: Callable[..., dict[str, Any]],
        asking: dict[str, Any],
        licence: dict[str, Any],
    ) -> None:
        hook = qingpu.call(
            "POST", "/v1/webhooks", {"url": "https://93.184.215.14/hook", "operator": "qp-103"}, key=str(uuid.uuid4())
        )
        use, fetched = fetch(), fetch()
        assert get(qingpu, fetched["content"]).status_code == 200
        status = f"/v1/licences/{licence['licence_id']}/status"
        change = {"operation": "suspend", "reason": "inspection-found", "operator": "bm-002"}
        issuer.call("POST", status, change, key=str(uuid.uuid4()))
        try:
            assert get(qingpu, use["content"]).json()["code"] == "use-closed"
            assert get(qingpu, fetched["content"]).json()["code"] == "use-closed"
            assert refused(fetch) == "status-suspended"
            told = qingpu.call("POST", "/v1/fetch/search", asking | {"type_codes": ["LT01"]})
            assert [each["answer"] for each in told["licences"]] == ["status-suspended"]
            address = f"/v1/webhooks/{hook['webhook_id']}/messages"
            messages = until(lambda: qingpu.call("GET", address)["messages"] or None)
            assert messages[0]["type"] == "licence.changed"
        finally:
            restore = {"operation": "restore", "reason": "corrected", "operator": "bm-002"}
            issuer.call("POST", status, restore, key=str(uuid.uuid4()))
            removal = f"/v1/webhooks/{hook['webhook_id']}/removal"
            qingpu.call("POST", removal, {"operator": "qp-103"}, key=str(uuid.uuid4()))
        assert fetch()["use_id"]


class TestWebhooks:
    def test_lead_nowhere_inside(self, qingpu: Client) -> None:
        for url in ("https://127.0.0.1/", "https://169.254.169.254/latest", "http://example.org/"):
            wanted = {"url": url, "operator": "qp-103"}
            code = refused(lambda wanted=wanted: qingpu.call("POST", "/v1/webhooks", wanted, key=str(uuid.uuid4())))
            assert code == "webhook-url-refused"

    def test_live_and_end(self, qingpu: Client, baoshan: Client) -> None:
        wanted = {"url": "https://93.184.215.14/hook", "operator": "qp-103"}
        made = qingpu.call("POST", "/v1/webhooks", wanted, key=str(uuid.uuid4()))
        address = f"/v1/webhooks/{made['webhook_id']}"
        assert "secret" not in made
        first = qingpu.call("GET", f"{address}/secret")["secret"]
        by = {"operator": "qp-103"}
        qingpu.call("POST", f"{address}/secret", by, key=str(uuid.uuid4()))
        assert qingpu.call("GET", f"{address}/secret")["secret"] != first
        assert refused(lambda: baoshan.call("GET", address)) == "unknown-webhook"
        told = qingpu.call("POST", f"{address}/test", by, key=str(uuid.uuid4()))
        heard = qingpu.call("GET", f"{address}/messages")["messages"]
        assert {each["message_id"]: each["type"] for each in heard}[told["message_id"]] == "webhook.test"
        qingpu.call("POST", f"{address}/messages/{told['message_id']}/replay", by, key=str(uuid.uuid4()))
        again = qingpu.call("POST", f"{address}/replay", by | {"since": "2026-01-01T00:00:00Z"}, key=str(uuid.uuid4()))
        assert again["messages"] == 0
        qingpu.call("POST", f"{address}/removal", by, key=str(uuid.uuid4()))
        assert refused(lambda: qingpu.call("GET", address)) == "unknown-webhook"
