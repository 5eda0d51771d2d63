"""Licences over HTTP: issued, changed, shown to their issuer, proven; refusals have codes and leave nothing."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, ProblemError
from api.licenceschemas import BUSINESS
from certs.catalogue import LicenceCatalogue
from certs.lifecycle import day_of
from ledger.clock import SystemClock, rfc3339

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

FIRM = {"name": "宝山青禾餐饮管理有限公司", "code_type": "001", "code": "91310113XX0000019X"}
CHEN = {"name": "陈安澜", "code_type": "111", "code": "310199199001010018"}


def today() -> date:
    return day_of(SystemClock().now())


def food(**changes: Any) -> dict[str, Any]:
    """A food business licence for premises of its own."""
    first = today()
    whole = {
        "type_code": "LT12",
        "licence_no": f"JY{uuid.uuid4().hex[:14]}",
        "holders": [FIRM],
        "face": {
            "business_kind": "餐饮服务经营者",
            "business_items": "热食类食品制售",
            "premises": f"上海市宝山区示例路 {uuid.uuid4()} 号",
            "legal_representative": "陈安澜",
        },
        "valid_from": first.isoformat(),
        "valid_to": (first.replace(year=first.year + 5) - timedelta(days=1)).isoformat(),
        "operator": "bm-002",
    }
    return whole | changes


def issue(client: Client, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    return client.call("POST", "/v1/licences", body, key=key or str(uuid.uuid4()))


def refused(client: Client, body: dict[str, Any]) -> str:
    with pytest.raises(ProblemError) as problem:
        issue(client, body)
    return problem.value.code


class TestIssue:
    def test_makes_everything_in_one_call(self, market: Client, exchange: Exchange) -> None:
        made = issue(market, food())
        assert made["status"] == "01"
        assert made["pdf"]["size"] > 10_000
        assert made["ofd"]["size"] > 10_000
        assert made["credential_sha256"]
        assert made["promise"]["entry"] == made["entry_id"]
        held = market.call("GET", f"/v1/licences/{made['licence_id']}")
        assert held["versions"] == [{"licence_id": made["licence_id"], "version": 1}]
        assert [each["operation"] for each in held["events"]] == ["01"]

    def test_issues_an_identity_card(self, police: Client) -> None:
        first = today()
        card = {
            "type_code": "LT05",
            "licence_no": CHEN["code"],
            "holders": [CHEN],
            "face": {
                "name": CHEN["name"],
                "sex": "男",
                "ethnicity": "汉",
                "born_on": "1990-01-01",
                "address": "上海市宝山区示例路 1 弄 2 号",
                "issuing_authority": "上海市公安局(演示)",
            },
            "valid_from": first.isoformat(),
            "valid_to": first.replace(year=first.year + 20).isoformat(),
            "operator": "ga-002",
        }
        made = issue(police, card)
        said = json.dumps([made, police.call("GET", f"/v1/licences/{made['licence_id']}")], ensure_ascii=False)
        assert CHEN["name"] not in said
        assert CHEN["code"] not in said
        assert refused(police, card) == "licence-no-taken"
        assert refused(police, card | {"licence_no": "another"}) == "second-licence"

    def test_same_key_gives_the_same_answer(self, market: Client) -> None:
        body, key = food(), str(uuid.uuid4())
        assert issue(market, body, key) == issue(market, body, key)
        with pytest.raises(ProblemError) as problem:
            issue(market, food(), key)
        assert problem.value.code == "idempotency-key-reused"

    def test_second_business_licence_is_let_after_the_first_ended(self, market: Client) -> None:
        body = BUSINESS | {"operator": "bm-002", "valid_from": today().isoformat()}
        made = issue(market, body)
        assert refused(market, body | {"licence_no": "2"}) == "second-licence"
        ended = change(market, made["licence_id"], operation="cancel", status="04", reason="closed-down")
        assert ended["status"] == "04"
        assert issue(market, body)["version"] == 1

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"type_code": "LT99"}, "unknown-licence-type"),
            ({"type_code": "LT05"}, "issuer-not-listed"),
            ({"operator": "nobody"}, "unknown-operator"),
            ({"holders": [FIRM | {"code": "91310113XX00000190"}]}, "invalid-identity"),
            ({"holders": [CHEN]}, "licence-holders"),
            ({"face": {"premises": "x"}}, "face-invalid"),
            ({"valid_to": None}, "licence-period"),
            ({"licence_no": " "}, "licence-no-invalid"),
            ({"operation": "renew"}, "licence-transition"),
            ({"operation": "renew", "predecessor": str(uuid.uuid4())}, "unknown-licence"),
            ({"members": [str(uuid.uuid4())]}, "unknown-licence"),
            ({"related": [{"role": "guardian", "person": CHEN}]}, "related-person"),
            ({"operation": "suspend"}, "malformed-request"),
            ({"surprise": 1}, "malformed-request"),
            ({"holder_key": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}, "credential-invalid"),
        ],
    )
    def test_bad_input_is_refused_by_its_code(self, market: Client, changes: dict[str, Any], code: str) -> None:
        before = len(market.call("GET", "/v1/licences?limit=200")["licences"])
        assert refused(market, food(**changes)) == code
        assert len(market.call("GET", "/v1/licences?limit=200")["licences"]) == before

    def test_needs_the_scope(self, qingpu: Client) -> None:
        assert refused(qingpu, food()) == "insufficient_scope"


class TestVersions:
    def test_change_makes_a_version_that_names_the_one_before(self, market: Client) -> None:
        body = food()
        old = issue(market, body)
        again = body | {"operation": "change", "predecessor": old["licence_id"], "licence_no": body["licence_no"]}
        new = issue(market, again)
        assert (new["version"], new["predecessor"]) == (2, old["licence_id"])
        held = market.call("GET", f"/v1/licences/{old['licence_id']}")
        assert (held["status"], held["status_reason"], held["successor"]) == ("05", "superseded", new["licence_id"])
        with pytest.raises(ProblemError) as problem:
            issue(market, again)
        assert problem.value.code == "licence-not-current"
        assert problem.value.document["fields"] == {"current": new["licence_id"]}


def change(client: Client, licence: str, **terms: Any) -> dict[str, Any]:
    body = {"reason": "inspection-found", "operator": "bm-002"} | terms
    return client.call("POST", f"/v1/licences/{licence}/status", body, key=str(uuid.uuid4()))


class TestStatus:
    def test_is_seen_in_the_published_list_at_once(self, market: Client, exchange: Exchange) -> None:
        made = issue(market, food())
        assert change(market, made["licence_id"], operation="suspend")["status"] == "02"
        assert change(market, made["licence_id"], operation="restore")["status"] == "01"
        with pytest.raises(ProblemError) as problem:
            change(market, made["licence_id"], operation="restore")
        assert problem.value.code == "licence-transition"
        assert problem.value.document["fields"] == {"before": "01", "operation": "06", "after": "01"}

    def test_of_anothers_licence_does_not_exist(self, market: Client, police: Client) -> None:
        made = issue(market, food())
        for act in (
            lambda: change(police, made["licence_id"], operation="suspend", operator="ga-002"),
            lambda: police.call("GET", f"/v1/licences/{made['licence_id']}"),
            lambda: police.call("GET", f"/v1/licences/{made['licence_id']}/evidence"),
            lambda: police.call("GET", f"/v1/licences/{uuid.uuid4()}"),
        ):
            with pytest.raises(ProblemError) as problem:
                act()
            assert (problem.value.status, problem.value.code) == (404, "unknown-licence")

    def test_reason_is_no_text(self, market: Client) -> None:
        made = issue(market, food())
        with pytest.raises(ProblemError) as problem:
            change(market, made["licence_id"], operation="suspend", reason="陈安澜欠费")
        assert problem.value.code == "status-reason-invalid"


class TestComposite:
    def test_follows_its_members(self, market: Client, baoshan: Client) -> None:
        place = f"上海市宝山区示例路 {uuid.uuid4()} 号"
        one, other = food(), food()
        members = [issue(market, each)["licence_id"] for each in (one, other)]
        whole = {
            "type_code": "LT26",
            "licence_no": f"ZH{uuid.uuid4().hex[:12]}",
            "holders": [FIRM],
            "face": {"trade": "餐饮", "premises": place},
            "members": members,
            "valid_from": today().isoformat(),
            "operator": "bs-002",
        }
        made = issue(baoshan, whole)
        assert made["valid_to"] == one["valid_to"]
        change(market, members[0], operation="suspend")
        held = baoshan.call("GET", f"/v1/licences/{made['licence_id']}")
        assert (held["status"], held["status_reason"], held["members"]) == ("02", "member-suspended", members)


class TestEvidence:
    def test_proves_issue_and_change(self, market: Client, exchange: Exchange) -> None:
        made = issue(market, food())
        change(market, made["licence_id"], operation="suspend")
        bundle = market.call("GET", f"/v1/licences/{made['licence_id']}/evidence")
        types = [each["opening"]["fact"]["content"] for each in bundle["sections"]["licence"]["entries"]]
        assert len(types) == 2
        assert made["pdf"]["sha256"] in json.dumps(bundle)


class TestTypes:
    def test_are_public(self, exchange: Exchange) -> None:
        held = httpx2.get(exchange.base_url + "/v1/licence-types").json()
        assert len(held["types"]) == 26
        one = httpx2.get(exchange.base_url + "/v1/licence-types/LT01").json()
        assert one in held["types"]
        assert httpx2.get(exchange.base_url + "/v1/licence-types/LT99").json()["code"] == "unknown-licence-type"

    def test_are_published_and_match_their_digests(self, exchange: Exchange, baoshan: Client) -> None:
        address = f"{exchange.base_url}/v1/registers/licences"
        if not httpx2.get(address).is_success:
            body = {
                "version": 1,
                "owner": "11310113XX00000A2R",
                "adopted_at": rfc3339(SystemClock().now()),
                "operator": "bs-002",
                "entries": LicenceCatalogue.load().entries(),
            }
            baoshan.call("POST", "/v1/registers/licences", body, key=str(uuid.uuid4()))
        shown = httpx2.get(f"{address}/versions/{httpx2.get(address).json()['version']}").json()
        assert len(shown["document"]["entries"]) == 26
        for entry in shown["document"]["entries"][:3]:
            text = httpx2.get(f"{exchange.base_url}/v1/licence-types/{entry['code']}/definition").content
            assert sha256(text).hexdigest() == entry["sha256"]
