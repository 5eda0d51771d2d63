"""The ledger over HTTP: the firm's representative sees every use, exports it, proves one and reports one."""

from __future__ import annotations

import csv
import io
import json
import secrets
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.demo.citizen import Citizen
from api.node import Node
from api.routes import me
from authz.model import Identifier
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

FIRM = "91310113XX0000019X"


@pytest.fixture(scope="module")
def chen(exchange: Exchange) -> Iterator[Citizen]:
    with Citizen(exchange.base_url, "demo-person-chen") as citizen:
        yield citizen


@pytest.fixture
def node(exchange: Exchange) -> Iterator[Node]:
    held = Node(exchange.settings)
    yield held
    held.close()


@pytest.fixture
def used(
    case: dict[str, Any],
    deposit: Callable[..., dict[str, Any]],
    grant: Callable[..., dict[str, Any]],
    use: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """A use of the firm's lease."""
    held = deposit()
    grant(case)
    return use(case, held["material_id"])


def signed(citizen: Citizen, action: str, subject: str | None = None, **terms: Any) -> dict[str, Any]:
    wanted = {"action": action, "subject": subject or "019a0000-0000-7000-8000-000000000000", "terms": terms}
    asked = httpx2.post(f"{citizen.base_url}/v1/holder-requests", json=wanted).raise_for_status().json()
    return {"request": asked["request"], "id_token": citizen.login(asked["digest"])}


def post(citizen: Citizen, path: str, body: dict[str, Any]) -> httpx2.Response:
    headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
    return httpx2.post(citizen.base_url + path, json=body, headers=headers, timeout=30)


class TestLedger:
    def test_shows_every_use_with_its_proof(self, chen: Citizen, used: dict[str, Any]) -> None:
        answer = post(chen, "/v1/me/ledger", signed(chen, "ledger", organisation=FIRM))
        assert answer.headers["cache-control"] == "private, no-store"
        line = next(each for each in answer.json()["lines"] if each["line_id"] == used["use_id"])
        assert (line["organisation"], line["basis"]) == ("青浦区市场监督管理局", used["basis"])
        assert line["type"]
        assert line["item"].startswith("食品经营许可")
        proof = httpx2.get(line["proof"])
        assert proof.status_code in {200, 409}  # 409 until its checkpoint is cosigned

    def test_turns_pages_with_one_signature(
        self,
        chen: Citizen,
        used: dict[str, Any],
        case: dict[str, Any],
        use: Callable[..., dict[str, Any]],
    ) -> None:
        use(case, used["object_id"])  # so that there are two pages
        body = signed(chen, "ledger", organisation=FIRM) | {"limit": 1}
        seen, cursor = [], None
        for _ in range(5):
            answer = post(chen, "/v1/me/ledger", body | {"cursor": cursor})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            seen += [line["line_id"] for line in page["lines"]]
            if (cursor := page["cursor"]) is None:
                break
        assert len(seen) == len(set(seen)) > 1

    def test_is_exported_as_csv(self, chen: Citizen, used: dict[str, Any]) -> None:
        answer = post(chen, "/v1/me/ledger", signed(chen, "ledger", organisation=FIRM) | {"format": "csv"})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert used["entry_id"] in {row["日志条目"] for row in rows}
        assert "x-next-cursor" not in answer.headers

    def test_export_that_is_not_whole_says_where_it_goes_on(
        self, node: Node, chen: Citizen, used: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert used
        monkeypatch.setattr(me, "EXPORTED", 2)
        with node.database.unit() as db:
            holder = node.holders.resolve(db, Identifier("001", FIRM))
            assert holder
            seen, cursor = [], None
            while True:
                lines, cursor = me.many_lines(node, db, holder, cursor)
                seen += [line.id for line in lines]
                assert len(lines) <= 2
                if cursor is None:
                    break
            whole = node.holder_ledger.page(db, holder, limit=200).lines
        assert seen[: len(whole)] == [line.id for line in whole]

    def test_of_a_firm_is_shown_to_its_representative_only(self, exchange: Exchange) -> None:
        with Citizen(exchange.base_url, "demo-person-lin") as lin:
            answer = post(lin, "/v1/me/ledger", signed(lin, "ledger", organisation=FIRM))
        assert (answer.status_code, answer.json()["code"]) == (403, "signer-not-holder")

    def test_signature_for_something_else_opens_nothing(self, chen: Citizen) -> None:
        body = signed(chen, "ledger", organisation=None) | {"id_token": chen.login("x" * 43)}
        assert post(chen, "/v1/me/ledger", body).json()["code"] == "id-token-refused"


class TestEvidence:
    def test_of_a_use_verifies_offline(self, exchange: Exchange, chen: Citizen, used: dict[str, Any]) -> None:
        body = signed(chen, "ledger", organisation=FIRM)
        bundle = post(chen, f"/v1/me/uses/{used['use_id']}/evidence", body).json()
        report = verify(load_bundle(json.dumps(bundle).encode()), Trust.from_json(exchange.trust()))
        assert report.kind == "use"

    def test_of_a_use_of_somebody_else_is_unknown(self, chen: Citizen, used: dict[str, Any]) -> None:
        body = signed(chen, "ledger", organisation=None)
        answer = post(chen, f"/v1/me/uses/{used['use_id']}/evidence", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-use")


class TestReport:
    def test_goes_to_the_overseers_and_back(
        self, chen: Citizen, operations: Client, qingpu: Client, used: dict[str, Any]
    ) -> None:
        body = signed(chen, "report", used["use_id"], text="我没有申请这件事")
        made = post(chen, f"/v1/me/lines/{used['use_id']}/report", body)
        assert made.status_code == 201
        report_id = made.json()["report_id"]
        waiting = operations.call("GET", "/v1/operations/reports?operator=op-900")["reports"]
        (mine,) = [each for each in waiting if each["report_id"] == report_id]
        assert (mine["organisation"], mine["text"]) == ("青浦区市场监督管理局", "我没有申请这件事")
        answer = {"answer": "经核查有授权", "operator": "op-900"}
        operations.call("POST", f"/v1/operations/reports/{report_id}/answer", answer)
        page = post(chen, "/v1/me/ledger", signed(chen, "ledger", organisation=FIRM)).json()
        assert {each["report_id"]: each["answer"] for each in page["reports"]}[report_id] == "经核查有授权"
        path = "/v1/operations/reports?operator=qp-103"
        assert (
            httpx2.get(
                qingpu.base_url + path, headers=qingpu.headers("GET", path.split("?", maxsplit=1)[0])
            ).status_code
            == 403
        )

    def test_of_a_line_of_somebody_else_is_unknown(self, exchange: Exchange, used: dict[str, Any]) -> None:
        with Citizen(exchange.base_url, "demo-person-lin") as lin:
            body = signed(lin, "report", used["use_id"], text="甲")
            answer = post(lin, f"/v1/me/lines/{used['use_id']}/report", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-line")
