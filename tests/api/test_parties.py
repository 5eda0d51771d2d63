"""Organisations over HTTP: joining, limits that bite with a clear 429, suspension everywhere, access, statistics."""

from __future__ import annotations

import base64
import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.client import Client, ClientKey, ProblemError
from api.client.backchannel import GRANT_TYPE
from api.keys import private_pem
from authz.limits import LIMITS, Cost
from authz.model import PartyKind
from tests.api import test_journey
from tests.api.conftest import FIRM, FOOD, open_case
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.stack.exchange import Exchange

BANK = "91310118XX0000502U"


def refusal(act: Callable[[], object]) -> str:
    """The code with which something is refused."""
    return test_journey.refusal(act).code


def fresh() -> str:
    return private_pem(ec.generate_private_key(ec.SECP256R1()))


class Staff:
    """The node's own staff at work."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def join(self, kind: str, org_code: str, scopes: list[str], pem: str) -> dict[str, Any]:
        """A whole onboarding: filed by one, approved by another."""
        name = f"party-{uuid.uuid4().hex[:8]}"
        body = {
            "operator": "op-901",
            "kind": kind,
            "name": "示例单位",
            "org_code": org_code,
            "division": "310118",
            "client_id": name,
            "scopes": scopes,
            "keys": [ClientKey(pem).public_jwk],
            "operators": [{"handle": "x-1", "roles": ["window"]}],
            "contact": {"name": "示例联系人", "phone": "021-00000000", "email": "open@example.org"},
            "basis": "应用场景 SCN-310118-101 合作协议",
        }
        filed = self.client.call("POST", "/v1/parties/applications", body)
        decision = {"operator": "op-901", "decision": "approve"}
        path = f"/v1/parties/applications/{filed['application_id']}/decision"
        assert refusal(lambda: self.client.call("POST", path, decision)) == "same-person"
        return self.client.call("POST", path, decision | {"operator": "op-902"})

    def change(self, party_id: str, act: str, **body: Any) -> dict[str, Any]:
        return self.client.call("POST", f"/v1/parties/{party_id}/{act}", {"operator": "op-901"} | body)


@pytest.fixture(scope="module")
def staff(operations: Client) -> Staff:
    return Staff(operations)


@pytest.fixture(scope="module")
def bank(exchange: Exchange, staff: Staff) -> Iterator[tuple[str, Client]]:
    """A social party that joined, with its party id."""
    pem = fresh()
    made = staff.join("social", BANK, ["use", "case", "present"], pem)
    with Client(exchange.base_url, made["client_id"], pem) as client:
        yield made["party_id"], client


def limited(client: Client, what: str) -> int:
    return int(next(each["limit"] for each in client.call("GET", "/v1/usage")["usage"] if each["what"] == what))


class TestJoin:
    def test_a_social_party_has_limits_of_its_own(self, bank: tuple[str, Client], qingpu: Client) -> None:
        assert limited(bank[1], "uses") == LIMITS[PartyKind.social][Cost.uses]
        assert limited(qingpu, "uses") == LIMITS[PartyKind.government][Cost.uses]

    def test_is_shown_with_its_contact_to_those_who_onboard(self, staff: Staff, bank: tuple[str, Client]) -> None:
        held = staff.client.call("GET", f"/v1/parties/{bank[0]}?operator=op-902")
        assert held["contact"]["phone"] == "021-00000000"
        assert [each["client_id"] for each in held["clients"]] == [bank[1].client_id]
        for operator in ("op-900", "nobody"):
            path = f"/v1/parties/{bank[0]}?operator={operator}"
            assert refusal(lambda path=path: staff.client.call("GET", path)) in {"operator-role", "unknown-operator"}

    def test_needs_the_staff_of_the_node(self, qingpu: Client) -> None:
        assert refusal(lambda: qingpu.call("GET", "/v1/parties?operator=op-901")) == "insufficient_scope"


class TestLimits:
    def test_are_answered_with_when_to_come_again(
        self, exchange: Exchange, staff: Staff, bank: tuple[str, Client]
    ) -> None:
        party_id, client = bank
        staff.change(party_id, "limits", limits={"searches": 2})
        until(lambda: limited(client, "searches") == 2 or None)
        body = {"case_no": "1", "type_code": "CL022"}

        def search() -> httpx2.Response:
            headers = client.headers("POST", "/v1/materials/search")
            return httpx2.post(exchange.base_url + "/v1/materials/search", json=body, headers=headers)

        def everywhere() -> httpx2.Response | None:  # processes count for themselves until they share their counts
            answers = [search() for _ in range(10)]
            return answers[-1] if {each.status_code for each in answers} == {429} else None

        answer = until(everywhere)
        held = answer.json()
        assert held["code"] == "quota-spent"
        assert held["fields"]["what"] == "searches"
        assert held["fields"]["limit"] == 2
        assert 0 < int(answer.headers["retry-after"]) == held["fields"]["retry_after"] <= 86_401
        assert "限额" in held["detail_zh"]
        assert client.call("GET", "/v1/usage")  # the rest goes on
        staff.change(party_id, "limits", limits={"searches": None})
        until(lambda: limited(client, "searches") == LIMITS[PartyKind.social][Cost.searches] or None)
        assert refusal(lambda: client.call("POST", "/v1/materials/search", body)) != "quota-spent"

    def test_tokens_are_limited_too(self, exchange: Exchange, staff: Staff, bank: tuple[str, Client]) -> None:
        party_id, client = bank
        staff.change(party_id, "limits", limits={"tokens_a_minute": 0})
        until(lambda: limited(client, "tokens_a_minute") == 0 or None)
        with Client(exchange.base_url, client.client_id, client.key) as other:
            assert refusal(other.token) == "rate-exceeded"
        staff.change(party_id, "limits", limits={"tokens_a_minute": None})
        until(lambda: limited(client, "tokens_a_minute") or None)

    def test_hold_at_every_oauth_endpoint(self, staff: Staff, bank: tuple[str, Client]) -> None:
        party_id, client = bank
        ciba = {"grant_type": GRANT_TYPE, "auth_req_id": "x" * 43}
        asked = {
            "/oauth/introspect": lambda path: client.post_form(path, {"token": "x"}),
            "/oauth/revoke": lambda path: client.post_form(path, {"token": "x"}),
            "/oauth/token": lambda path: client.post_form(path, ciba, proof=True),
            "/oauth/bc-authorize": lambda path: client.post_form(path, {"scope": "openid use"}),
        }

        def code(path: str) -> str:
            try:
                asked[path](path)
            except ProblemError as problem:
                return problem.code
            return ""

        assert "rate-exceeded" not in {code(path) for path in asked}
        staff.change(party_id, "limits", limits={"requests_a_minute": 0})
        for path in asked:
            until(lambda path=path: code(path) == "rate-exceeded" or None)
        staff.change(party_id, "limits", limits={"requests_a_minute": None})
        until(lambda: "rate-exceeded" not in {code(path) for path in asked for _ in range(3)} or None)

    def test_count_what_was_released(
        self, qingpu: Client, deposit: Callable[..., dict[str, Any]], case: dict[str, Any],
        grant: Callable[..., dict[str, Any]], use: Callable[..., dict[str, Any]],
    ) -> None:  # fmt: skip
        size = deposit()["size"]
        before = self.used(qingpu)
        grant(case)
        found = qingpu.call("POST", "/v1/materials/search", {"case_no": case["case_no"], "type_code": "CL022"})
        opened = use(case, found["materials"][0]["material_id"])
        data = b"".join(qingpu.chunks(opened["use_id"]))
        after = until(lambda: self.used(qingpu) if self.used(qingpu)["bytes"] > before["bytes"] else None)
        assert size
        assert after["bytes"] - before["bytes"] == len(data)
        assert after["uses"] == before["uses"] + 1
        assert after["asks"] == before["asks"] + 1

    def used(self, client: Client) -> dict[str, int]:
        """The most that any process of the node answers: they share each second."""
        seen = [client.call("GET", "/v1/usage")["usage"] for _ in range(4)]
        return {each["what"]: max(now["used"] for look in seen for now in look if now["what"] == each["what"])
                for each in seen[0]}  # fmt: skip


class TestStatistics:
    def test_tell_official_and_social_apart(self, staff: Staff, bank: tuple[str, Client], qingpu: Client) -> None:
        bank[1].call("GET", "/v1/usage")
        qingpu.call("GET", "/v1/usage")

        def kinds() -> dict[str, int] | None:
            rows = staff.client.call("GET", "/v1/parties/statistics?operator=op-900&days=2")["statistics"]
            found = {each["kind"]: each["organisations"] for each in rows if each["what"] == "requests"}
            return found if found.keys() >= {"government", "social"} else None

        counted = until(kinds)
        for kind in ("government", "social"):  # files before this one may have had others join
            joined = staff.client.call("GET", f"/v1/parties?operator=op-901&kind={kind}")["parties"]
            assert 1 <= counted[kind] <= len({each["party_id"] for each in joined})


class TestSuspension:
    def test_is_at_once_and_everywhere(self, exchange: Exchange, staff: Staff, bank: tuple[str, Client]) -> None:
        party_id, client = bank
        token = client.token()
        staff.change(party_id, "suspension", reason="密钥疑似泄露")
        body = {"case_no": "1", "type_code": "CL022"}
        for method, path in (("GET", "/v1/usage"), ("GET", "/v1/access-requests"), ("POST", "/v1/materials/search")):
            given = body if method == "POST" else None
            act = lambda method=method, path=path, given=given: client.call(method, path, given)  # noqa: E731
            assert refusal(act) == "invalid_token"
        with Client(exchange.base_url, client.client_id, client.key) as other:
            assert refusal(other.token) == "invalid_client"
            assert refusal(lambda: other.post_form("/oauth/introspect", {"token": token})) == "invalid_client"
        assert refusal(lambda: staff.change(party_id, "suspension", reason="再次")) == "party-standing"
        staff.change(party_id, "resumption", reason="已更换密钥")
        proof = {
            "Authorization": f"DPoP {token}",
            "DPoP": client.key.proof("GET", client.base_url + "/v1/usage", token),
        }
        assert httpx2.get(exchange.base_url + "/v1/usage", headers=proof).json()["code"] == "invalid_token"
        with Client(exchange.base_url, client.client_id, client.key) as other:
            assert other.call("GET", "/v1/usage")


def forged(receipt: dict[str, Any]) -> dict[str, Any]:
    """A receipt as somebody without the log's key would make it up: all it says fits together, nobody signed it."""
    made: dict[str, Any] = json.loads(json.dumps(receipt))
    nothing = base64.b64encode(bytes(64)).decode()
    for section in made["sections"].values():
        for entry in section.get("entries", ()):
            if "promise" in entry:
                entry["promise"]["signature"] = nothing
    log = made["sections"]["log"]
    if "checkpoint" in log:

        def unsigned(line: re.Match[str]) -> str:
            return line[1] + base64.b64encode(base64.b64decode(line[2])[:4] + bytes(64)).decode()

        log["checkpoint"] = re.sub(rf"(\u2014 {re.escape(log['origin'])} )(\S+)", unsigned, log["checkpoint"])
    assert made != receipt
    return made


class TestSandbox:
    def test_believes_no_receipt_that_its_log_did_not_sign(
        self, exchange: Exchange, deposit: Callable[..., dict[str, Any]]
    ) -> None:
        pem, material = fresh(), deposit()["material_id"]
        body = {"keys": [ClientKey(pem).public_jwk]}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        made = httpx2.post(exchange.base_url + "/v1/sandbox/tenants", json=body, headers=headers).json()
        who, words = made["operator"], {"mode": "copy", "cause": "沙箱自检", "operator": made["operator"]}
        with Client(exchange.base_url, made["client_id"], pem) as tenant:
            case = open_case(tenant, operator=who)
            asked = tenant.ask(case_no=case["case_no"], type_codes=["CL022"], max_uses=1, valid_days=1, **words)
            tenant.call("POST", f"/v1/sandbox/asks/{asked['ask_id']}/approval")
            used = tenant.use(object_id=material, case_no=case["case_no"], item_code=FOOD, **words)
            for _ in tenant.chunks(used["use_id"]):
                pass
            receipt = tenant.receipt(used["use_id"])

            def said(given: dict[str, Any]) -> tuple[bool, str]:
                steps = tenant.call("POST", "/v1/sandbox/self-checks", {"receipt": given})["steps"]
                return next((step["passed"], step["seen"]) for step in steps if step["name"] == "receipt")

            passed, seen = said(receipt)
            assert passed
            assert seen != "consistent, trust unknown"
            assert not said(forged(receipt))[0]

    def test_is_of_nobody_elses_asks(self, exchange: Exchange, qingpu: Client, case: dict[str, Any]) -> None:
        asked = qingpu.ask(case_no=case["case_no"], type_codes=["CL022"], mode="copy", max_uses=1, valid_days=1,
                           cause="审查", operator="qp-103")  # fmt: skip
        pem = fresh()
        body = {"keys": [ClientKey(pem).public_jwk]}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        made = httpx2.post(exchange.base_url + "/v1/sandbox/tenants", json=body, headers=headers).json()
        path = f"/v1/sandbox/asks/{asked['ask_id']}/approval"
        with Client(exchange.base_url, made["client_id"], pem) as tenant:
            assert refusal(lambda: tenant.call("POST", path)) == "unknown-ask"
            report = tenant.call("POST", "/v1/sandbox/self-checks", {})
            assert [step["name"] for step in report["steps"] if step["passed"]] == ["token"]
            with pytest.raises(ProblemError):
                tenant.open_case(
                    item_code=FOOD, scenario="default", applicant=FIRM, presence={"kind": "none"}, operator="qp-104"
                )
        assert refusal(lambda: qingpu.call("POST", "/v1/sandbox/self-checks", {})) == "unknown-party"
        assert refusal(lambda: qingpu.call("POST", path)) == "unknown-ask"
