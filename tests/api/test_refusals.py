"""The proof of a refusal, as a running exchange hands it out: of what a holder refused, of a use that was refused.

Both verifiers look at each, and what a database administrator does to it both of them find.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from api.demo.citizen import Citizen
from api.node import Node
from authz.vault import IdentityVault
from tests.api.conftest import open_case, pdf
from tests.api.test_consent_evidence import Verifiers, browser, built, chen, delegate, execute, said, verifiers
from tests.api.test_console import Desk
from tests.api.test_journey import refusal
from tests.api.test_keys import Browser, ask, send
from tests.api.test_session import Page, firm_of
from tests.ledger.corpus.case import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

    Act = Callable[..., dict[str, Any]]

__all__ = ["browser", "built", "chen", "verifiers"]
pytestmark = pytest.mark.usefixtures("built")

NOTHING = said(signature="skipped", enforcement="skipped")
CAUSE = "食品经营许可新办审查"


def proof(client: Client, refusal_id: str) -> dict[str, Any]:
    """As who asked gets it."""
    return client.call("GET", f"/v1/refusals/{refusal_id}/evidence")


def parties(bundle: dict[str, Any]) -> dict[str, Any]:
    """Who took part in the one record of a refusal."""
    (entry,) = bundle["sections"][bundle["kind"]]["entries"]
    held: dict[str, Any] = entry["opening"]["parties"]["content"]
    return held


@pytest.fixture
def page(exchange: Exchange, chen: Citizen) -> Iterator[Page]:
    """The legal representative, logged in at the pages."""
    with Page(exchange.base_url) as held:
        held.enter(chen)
        yield held


class TestOfAnAsk:
    def test_by_a_login(self, qingpu: Client, chen: Citizen, verifiers: Verifiers) -> None:
        asked = ask(qingpu, open_case(qingpu))
        chen.answer(asked["batch_id"], [])
        shown = proof(qingpu, asked["ask_id"])
        assert (shown["kind"], verifiers(shown)) == ("refusal", said(enforcement="skipped"))
        told = parties(shown)
        assert (told["ask"], told["terms"], told["item"]) == (
            asked["ask_id"],
            asked["digest"],
            asked["terms"]["purpose"]["item"],
        )
        assert verifiers(shown, providers=[]) == 12

    def test_of_a_part(self, qingpu: Client, chen: Citizen, verifiers: Verifiers) -> None:
        wanted = [{"type_codes": ["CL022"], "mode": "copy"}, {"type_codes": ["CL040"], "mode": "verify"}]
        batch = qingpu.ask_batch(case_no=open_case(qingpu)["case_no"], wanted=wanted, cause=CAUSE, operator="qp-103")
        yes, no = sorted(batch["asks"], key=lambda each: str(each["terms"]["types"]))
        chen.answer(batch["batch_id"], [yes["ask_id"]])
        assert verifiers(proof(qingpu, no["ask_id"])) == said(enforcement="skipped")
        assert refusal(lambda: proof(qingpu, yes["ask_id"])).code == "unknown-refusal"

    def test_by_a_passkey(self, exchange: Exchange, qingpu: Client, browser: Browser, verifiers: Verifiers) -> None:
        browser.enrol()
        asked = ask(qingpu, open_case(qingpu))
        path = f"/v1/ask-batches/{asked['batch_id']}/answer"
        digest = qingpu.call("GET", path)["digest"]
        assert send(exchange, path, {"approved": []} | browser.sign(digest)).status_code == 200
        assert verifiers(proof(qingpu, asked["ask_id"])) == said(enrolment="ok", enforcement="skipped")

    def test_by_a_delegate_who_could_not_have_given_it(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, verifiers: Verifiers
    ) -> None:
        delegate(chen)  # for the lease
        wanted = [{"type_codes": ["CL022"], "mode": "copy"}, {"type_codes": ["CL040"], "mode": "verify"}]
        batch = qingpu.ask_batch(case_no=open_case(qingpu)["case_no"], wanted=wanted, cause=CAUSE, operator="qp-103")
        lease, health = sorted(batch["asks"], key=lambda each: str(each["terms"]["types"]))
        with Citizen(exchange.base_url, "demo-person-xu") as xu:
            xu.answer(batch["batch_id"], [lease["ask_id"]])
        assert verifiers(proof(qingpu, health["ask_id"])) == said(delegation="ok", enforcement="skipped")

    def test_is_for_who_asked_and_for_the_holder_alone(
        self, exchange: Exchange, qingpu: Client, baoshan: Client, chen: Citizen, page: Page, verifiers: Verifiers
    ) -> None:
        asked = ask(qingpu, open_case(qingpu))
        place, waiting = f"refusals/{asked['ask_id']}/evidence", refusal(lambda: proof(qingpu, asked["ask_id"]))
        chen.answer(asked["batch_id"], [])
        firm = firm_of(page)
        assert verifiers(page.get(f"{place}?on_behalf={firm}")) == said(enforcement="skipped")
        others = [refusal(lambda each=each: proof(baoshan, each)) for each in (asked["ask_id"], str(uuid.uuid4()))]
        assert page.http.get(f"/v1/my/{place}").status_code == 404  # of the firm, not of the person
        with Citizen(exchange.base_url, "demo-person-xu") as xu, Page(exchange.base_url) as other:
            other.enter(xu)
            answers = [other.http.get(f"/v1/my/{place}").json()]
        answers += [waiting.document, *(each.document for each in others)]
        assert len({json.dumps(each | {"request_id": ""}, sort_keys=True) for each in answers}) == 1

    def test_is_for_who_signs_a_request_too(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, page: Page, verifiers: Verifiers
    ) -> None:
        asked = ask(qingpu, open_case(qingpu))
        chen.answer(asked["batch_id"], [])
        firm = next(each["code"] for each in page.get("session")["represents"] if each["code"])
        wanted = {"action": "ledger", "subject": str(uuid.uuid4()), "terms": {"organisation": firm}}
        made = page.http.post("/v1/holder-requests", json=wanted).json()
        body = {"request": made["request"], "id_token": chen.login(made["digest"])}
        shown = send(exchange, f"/v1/me/refusals/{asked['ask_id']}/evidence", body)
        assert verifiers(shown.json()) == said(enforcement="skipped")

    def test_a_database_administrator_who_edits_what_was_refused_is_caught(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, verifiers: Verifiers
    ) -> None:
        asked = ask(qingpu, open_case(qingpu))
        chen.answer(asked["batch_id"], [])
        body = json.dumps(asked["terms"] | {"max_uses": 9}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        execute(exchange, "UPDATE authz.ask SET body = :body WHERE id = :id", body=body.encode(), id=asked["ask_id"])
        assert verifiers(proof(qingpu, asked["ask_id"])) == 12

    def test_one_who_makes_the_signature_unreadable_leaves_it_unproven(
        self, exchange: Exchange, qingpu: Client, chen: Citizen, verifiers: Verifiers
    ) -> None:
        asked = ask(qingpu, open_case(qingpu))
        chen.answer(asked["batch_id"], [])
        change = "UPDATE authz.ask_refusal SET signature = :signature WHERE ask_id = :id"
        execute(exchange, change, signature=b"\x01" * 60, id=asked["ask_id"])
        assert verifiers(proof(qingpu, asked["ask_id"])) == said(signature="unproven", enforcement="skipped")


class TestOfAUse:
    @pytest.fixture
    def used_up(self, qingpu: Client, chen: Citizen, deposit: Act, use: Act) -> str:
        """A use that was refused, for the grant was used up; its id."""
        held, case = deposit(pdf("evidence of a refusal")), open_case(qingpu)
        chen.approve(ask(qingpu, case)["ask_id"])
        use(case, held["material_id"])
        said_no = refusal(lambda: use(case, held["material_id"]))
        assert said_no.code == "grant-used-up"
        return str(said_no.document["fields"]["refusal_id"])

    def test_says_to_who_asked_what_it_was_told(self, qingpu: Client, used_up: str, verifiers: Verifiers) -> None:
        shown = proof(qingpu, used_up)
        assert (shown["kind"], verifiers(shown)) == ("refused-use", NOTHING)
        assert parties(shown)["said"] == "grant-used-up"
        assert "why" not in shown["sections"]["refused-use"]
        assert "reason-shut" in verifiers.view["limits"]

    def test_says_to_the_holder_why(self, page: Page, used_up: str, verifiers: Verifiers) -> None:
        shown = page.get(f"refusals/{used_up}/evidence?on_behalf={firm_of(page)}")
        assert verifiers(shown) == NOTHING
        why = shown["sections"]["refused-use"]["why"]["content"]
        assert why["reason"] == "grant-used-up"
        assert why["holder"]
        assert {"name": "reason", "value": "grant-used-up"} in verifiers.view["facts"]
        edited = put(shown, "grant-required", "sections", "refused-use", "why", "content", "reason")
        assert verifiers(edited) == 3

    def test_looks_alike_whether_or_not_there_is_such_a_thing(
        self, qingpu: Client, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        """Before anybody consented: what is level 3 and there, and what is not there at all."""
        health = deposit(pdf("a sensitive thing"), type_code="CL040")["material_id"]
        shown, case = [], open_case(qingpu)
        for object_id in (health, str(uuid.uuid4())):
            said_no = refusal(lambda object_id=object_id: use(case, object_id, mode="verify"))
            assert (said_no.code, [*said_no.document["fields"]]) == ("ask-holder", ["refusal_id"])
            shown.append(proof(qingpu, said_no.document["fields"]["refusal_id"]))
            assert verifiers(shown[-1]) == NOTHING
        there, missing = (parties(each) | {"object": None, "why": None} for each in shown)
        assert there == missing
        assert not {"reason", "holder", "policies"} & there.keys()
        assert len({len(parties(each)["why"]) for each in shown}) == 1

    def test_is_nobody_elses(self, exchange: Exchange, baoshan: Client, page: Page, used_up: str) -> None:
        assert refusal(lambda: proof(baoshan, used_up)).code == "unknown-refusal"
        assert page.http.get(f"/v1/my/refusals/{used_up}/evidence").json()["code"] == "unknown-refusal"
        with Page(exchange.base_url) as nobody:
            assert nobody.http.get(f"/v1/my/refusals/{used_up}/evidence").json()["code"] == "session-over"

    def test_a_database_administrator_who_gives_another_reason_is_caught(
        self, exchange: Exchange, page: Page, used_up: str, verifiers: Verifiers
    ) -> None:
        place = f"refusals/{used_up}/evidence?on_behalf={firm_of(page)}"
        kept = "UPDATE authz.refusal SET why = substring(why FOR 16) || convert_to("
        kept += "replace(convert_from(substring(why FROM 17), 'UTF8'), 'used-up', 'withdrawn'), 'UTF8') WHERE id = :id"
        execute(exchange, kept, id=used_up)
        assert verifiers(page.get(place)) == 3
        execute(exchange, "UPDATE authz.refusal SET why = :why WHERE id = :id", why=b"no reason", id=used_up)
        assert verifiers(page.get(place)) == NOTHING
        assert "reason-shut" in verifiers.view["limits"]


class TestOfAnAuditor:
    def test_reads_no_name_or_number_that_a_provider_put_into_its_token(
        self, exchange: Exchange, qingpu: Client, operations: Client, chen: Citizen, verifiers: Verifiers
    ) -> None:
        case = open_case(qingpu)
        asked = ask(qingpu, case)
        ask_id = asked["ask_id"]
        chen.answer(asked["batch_id"], [])
        head, claims, signed = proof(qingpu, ask_id)["sections"]["refusal"]["decision"]["signature"].split(".")
        told = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"phone_number": "+8613800000000"}
        claims = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
        node = Node(exchange.settings)
        vault = IdentityVault(node.keys.lookup, node.keys.identity, node.keys.pairwise)
        kept = vault.shut(f"{head}.{claims}.{signed}", f"ask/refused/{ask_id}".encode())
        node.close()
        change = "UPDATE authz.ask_refusal SET signature = :signature WHERE ask_id = :id"
        execute(exchange, change, signature=kept, id=ask_id)
        body = {"kind": "case", "value": case["case_no"], "cause": "季度抽查", "operator": "op-900"}
        look = operations.call("POST", "/v1/audit/looks", body, key=str(uuid.uuid4()))["look_id"]
        shown = operations.call("GET", f"/v1/audit/looks/{look}/refusals/{ask_id}/evidence?operator=op-900")
        assert parties(shown)["ask"] == ask_id
        assert claims not in json.dumps(shown)
        assert verifiers(shown) == said(signature="unproven", enforcement="skipped")
        assert claims in json.dumps(proof(qingpu, ask_id))

    def test_who_looks_at_another_version_of_the_thing(
        self, qingpu: Client, operations: Client, deposit: Act, use: Act
    ) -> None:
        held = deposit(pdf("refused, then replaced"))["material_id"]
        tried = refusal(lambda: use(open_case(qingpu), held)).document["fields"]["refusal_id"]
        newer = deposit(pdf("the replacement"), supersedes=held)["material_id"]
        body = {"kind": "material", "value": newer, "cause": "2026 年第四季度调用抽查", "operator": "op-900"}
        look = operations.call("POST", "/v1/audit/looks", body, key=str(uuid.uuid4()))["look_id"]
        shown = operations.call("GET", f"/v1/audit/looks/{look}/refusals/{tried}/evidence?operator=op-900")
        assert parties(shown)["object"] == held

    def test_who_came_in_by_the_staff_door(self, exchange: Exchange, qingpu: Client, deposit: Act, use: Act) -> None:
        held, case = deposit(pdf("evidence for an auditor's page")), open_case(qingpu)
        tried = refusal(lambda: use(case, held["material_id"])).document["fields"]["refusal_id"]
        with Desk(exchange.base_url, "demo-staff-op-900") as desk:
            assert desk.enter().status_code == 201
            body = {"kind": "case", "value": case["case_no"], "cause": "季度抽查", "operator": "op-900"}
            look = desk.post("/v1/audit/looks", body).json()["look_id"]
            answer = desk.http.get(f"/v1/audit/looks/{look}/refusals/{tried}/evidence?operator=op-900")
        assert (answer.status_code, answer.json()["kind"]) == (200, "refused-use")

    def test_who_wrote_down_a_look_at_the_case(
        self, qingpu: Client, operations: Client, chen: Citizen, deposit: Act, use: Act, verifiers: Verifiers
    ) -> None:
        held, case = deposit(pdf("evidence for an auditor")), open_case(qingpu)
        asked = ask(qingpu, case)
        chen.answer(asked["batch_id"], [])
        tried = refusal(lambda: use(case, held["material_id"])).document["fields"]["refusal_id"]
        looks = []
        for wanted in (case["case_no"], open_case(qingpu)["case_no"]):
            body = {"kind": "case", "value": wanted, "cause": "2026 年第四季度调用抽查", "operator": "op-900"}
            looks.append(operations.call("POST", "/v1/audit/looks", body, key=str(uuid.uuid4()))["look_id"])
        at, elsewhere = (f"/v1/audit/looks/{look}/refusals" for look in looks)
        no = operations.call("GET", f"{at}/{asked['ask_id']}/evidence?operator=op-900")
        assert verifiers(no) == said(enforcement="skipped")
        refused = operations.call("GET", f"{at}/{tried}/evidence?operator=op-900")
        assert verifiers(refused) == NOTHING
        assert refused["sections"]["refused-use"]["why"]["content"]["reason"] == "grant-required"
        for path in (f"{elsewhere}/{tried}", f"{elsewhere}/{asked['ask_id']}", f"{at}/{uuid.uuid4()}"):
            problem = refusal(lambda path=path: operations.call("GET", f"{path}/evidence?operator=op-900"))
            assert problem.code == "unknown-refusal"
        nobody = f"/v1/audit/looks/{uuid.uuid4()}/refusals/{tried}/evidence?operator=op-900"
        assert refusal(lambda: operations.call("GET", nobody)).code == "unknown-look"
        stranger = f"{at}/{tried}/evidence?operator=qp-103"
        assert refusal(lambda: qingpu.call("GET", stranger)).code == "operator-role"
