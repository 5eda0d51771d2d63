"""Auditors over HTTP: what they see within their scope and what not, that each look is recorded, and the log for all."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import ProblemError
from authz.model import Role
from authz.parties import Parties
from ledger import store
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.note import Note
from ledger.record import Opening, Part, canonical, open_leaf
from materials.provenance import write_cursor
from tests.api.conftest import market, open_case, pdf, send_deposit
from tests.api.test_console import Desk
from tests.api.test_session import business_licence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["market"]
QINGPU, BAOSHAN = "11310118XX00000B0W", "11310113XX00000A2R"
SECRETS = ("陈安澜", "宝山青禾", "310199199001010018", "91310113XX0000019X", "lease.pdf", "310199000000001")


def key() -> str:
    return str(uuid.uuid4())


def refused(act: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value.status, caught.value.code


class Auditor:
    """An auditor of some organisation."""

    def __init__(self, client: Client, handle: str) -> None:
        self.client = client
        self.handle = handle

    def look(self, kind: str, value: str, **more: Any) -> dict[str, Any]:
        body = {"kind": kind, "value": value, "cause": "季度抽查", "operator": self.handle} | more
        return self.client.call("POST", "/v1/audit/looks", body, key=key())

    def lines(
        self, look: dict[str, Any], cursor: str = "", limit: int = 100, only: str | None = None
    ) -> dict[str, Any]:
        more = (f"&cursor={cursor}" if cursor else "") + (f"&only={only}" if only else "")
        path = f"/v1/audit/looks/{look['look_id']}/lines?operator={self.handle}&limit={limit}{more}"
        return self.client.call("GET", path)

    def kinds(self, look: dict[str, Any]) -> list[str]:
        return [each["kind"] for each in self.lines(look)["lines"]]


@pytest.fixture(scope="module")
def node_auditor(operations: Client) -> Auditor:
    return Auditor(operations, "op-900")


@pytest.fixture(scope="module")
def auditors(exchange: Exchange, qingpu: Client, baoshan: Client) -> dict[str, Auditor]:
    """Auditors of two departments."""
    database = Database(exchange.settings.database_url.get_secret_value(), pool_size=1)
    parties = Parties(SystemClock())
    with database.unit() as db:
        for code, handle in ((QINGPU, "qp-900"), (BAOSHAN, "bs-900")):
            parties.register_operator(db, parties.party_of(db, code).id, handle, [Role.auditor])
    database.close()
    return {"qingpu": Auditor(qingpu, "qp-900"), "baoshan": Auditor(baoshan, "bs-900")}


@pytest.fixture(scope="module")
def licence(market: Client) -> str:
    """A business licence; its id."""
    return str(market.call("POST", "/v1/licences", business_licence(), key=key())["licence_id"])


@pytest.fixture
def life(
    qingpu: Client,
    deposit: Callable[..., dict[str, Any]],
    grant: Callable[..., dict[str, Any]],
    use: Callable[..., dict[str, Any]],
) -> dict[str, str]:
    """A material that was refused, used twice and superseded; its case."""
    case = open_case(qingpu)
    lease = deposit()["material_id"]
    assert refused(lambda: use(case, lease))[0] == 403
    grant(case)
    for _ in range(2):
        assert sum(map(len, qingpu.chunks(use(case, lease)["use_id"]))) > 0
    newer = deposit(supersedes=lease)["material_id"]
    return {"case": case["case_no"], "lease": lease, "newer": newer}


class TestLook:
    def test_tells_a_case_in_the_order_of_time(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        look = node_auditor.look("case", life["case"])
        assert node_auditor.kinds(look) == ["opened", "refused", "used", "used"]
        found = node_auditor.lines(look)["lines"]
        assert {each["org_code"] for each in found} == {QINGPU}
        assert found[1]["reason_text"]["zh"] == "需要持有人授权"
        assert found[2]["type_code"] == "CL022"
        assert found[2]["basis"] == "grant"
        assert not found[2]["outcome_entry"] or found[2]["outcome_entry"]["entry_id"] != found[2]["entry"]["entry_id"]

    def test_tells_a_material_with_all_its_versions(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        for each in ("lease", "newer"):
            look = node_auditor.look("material", life[each])
            page = node_auditor.lines(look)
            assert [version["version"] for version in page["versions"]] == [1, 2]
            assert node_auditor.kinds(look) == ["deposited", "refused", "used", "used", "superseded", "deposited"]
            assert page["lines"][4]["related"] == life["newer"]

    def test_tells_a_licence_by_either_name(self, node_auditor: Auditor, licence: str) -> None:
        by_id = node_auditor.look("licence", licence)
        page = node_auditor.lines(by_id)
        assert node_auditor.look("licence", page["versions"][0]["licence_id"])["subject"] == by_id["subject"]
        assert [each["kind"] for each in page["lines"]] == ["01"]

    def test_tells_a_department_the_newest_first_page_by_page(
        self, node_auditor: Auditor, life: dict[str, str]
    ) -> None:
        look = node_auditor.look("department", QINGPU)
        seen, cursor = [], ""
        for _ in range(4):
            page = node_auditor.lines(look, cursor, limit=1)
            seen += page["lines"]
            cursor = page["next_cursor"]
        assert [each["kind"] for each in seen] == ["used", "used", "refused", "opened"]
        assert {each["case_no"] for each in seen} == {life["case"]}
        assert [each["at"] for each in seen] == sorted((each["at"] for each in seen), reverse=True)

    def test_of_a_department_keeps_to_its_period(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        before = node_auditor.look("department", QINGPU, until="2026-01-01T00:00:00Z")
        assert node_auditor.kinds(before) == []
        since = node_auditor.look("department", QINGPU, since="2099-01-01T00:00:00Z")
        assert node_auditor.kinds(since) == []
        wrong = {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
        assert refused(lambda: node_auditor.look("department", QINGPU, **wrong))[0] == 422
        assert refused(lambda: node_auditor.look("case", life["case"], since="2026-02-01T00:00:00Z"))[0] == 422

    def test_of_a_department_tells_all_it_did_or_one_part_page_by_page(
        self, node_auditor: Auditor, life: dict[str, str], licence: str
    ) -> None:
        look = node_auditor.look("department", BAOSHAN)
        newest = node_auditor.lines(look, limit=2)["lines"]
        assert [(each["kind"], each["object_id"]) for each in newest] == [
            ("deposited", life["newer"]),
            ("deposited", life["lease"]),
        ]
        seen, cursor = [], ""
        for _ in range(2):
            page = node_auditor.lines(look, cursor, limit=1, only="deposits")
            seen += page["lines"]
            cursor = page["next_cursor"]
        assert [each["object_id"] for each in seen] == [life["newer"], life["lease"]]
        assert {each["type_code"] for each in seen} == {"CL022"}
        others = node_auditor.lines(look, only="licences", limit=200)["lines"]
        assert licence not in {each["object_id"] for each in others}
        issuer = node_auditor.lines(node_auditor.look("licence", licence))["versions"][0]["org_code"]
        issued = node_auditor.lines(node_auditor.look("department", issuer), only="licences", limit=200)["lines"]
        assert ("01", licence) in {(each["kind"], each["object_id"]) for each in issued}
        assert {each["org_code"] for each in issued} == {issuer}
        case = node_auditor.look("case", life["case"])
        assert refused(lambda: node_auditor.lines(case, only="uses")) == (422, "malformed-request")

    def test_of_a_department_counts_its_parts_in_its_period(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        def sums(look: dict[str, Any]) -> dict[str, int]:
            path = f"/v1/audit/looks/{look['look_id']}/sums?operator=op-900"
            return dict(node_auditor.client.call("GET", path)["sums"])

        look = node_auditor.look("department", QINGPU)
        counted = sums(look)
        for part in ("uses", "refusals", "deposits", "licences", "cases", "scans"):
            assert counted[part] == len(node_auditor.lines(look, only=part, limit=200)["lines"]), part
        assert counted["uses"] >= 2
        assert counted["cases"] >= 1
        at = node_auditor.lines(look, only="uses", limit=1)["lines"][0]["at"]
        before = node_auditor.look("department", QINGPU, until=at)
        assert sums(before)["uses"] == counted["uses"] - 1
        assert len(node_auditor.lines(before, only="uses", limit=200)["lines"]) == counted["uses"] - 1
        case = node_auditor.look("case", life["case"])
        assert refused(lambda: sums(case)) == (422, "malformed-request")

    def test_of_a_department_ends_with_its_period_whatever_cursor_is_made_up(
        self, node_auditor: Auditor, life: dict[str, str]
    ) -> None:
        newest = node_auditor.lines(node_auditor.look("department", QINGPU), only="uses", limit=1)["lines"][0]["at"]
        look = node_auditor.look("department", QINGPU, until=newest)
        beyond = write_cursor(datetime(9998, 1, 1, tzinfo=UTC), str(uuid.UUID(int=2**128 - 1)))
        made_up, told = ([each["id"] for each in node_auditor.lines(look, at)["lines"]] for at in (beyond, ""))
        assert made_up == told

    def test_of_a_case_tells_its_deposits_page_by_page(self, node_auditor: Auditor, qingpu: Client) -> None:
        case = open_case(qingpu)["case_no"]
        made: list[str] = []
        for _ in range(3):
            more = {"supersedes": made[-1]} if len(made) == 2 else {}
            held = send_deposit(qingpu, pdf(key()), operator="qp-103", origin_case_no=case, **more)
            made.append(held["material_id"])
        look, pages, cursor = node_auditor.look("case", case), [], ""
        while cursor is not None:
            page = node_auditor.lines(look, cursor, limit=1)
            pages.append([(each["kind"], each["object_id"]) for each in page["lines"]])
            cursor = page["next_cursor"]
        assert pages == [
            [("opened", None), ("deposited", made[0])],
            [("deposited", made[1])],
            [("superseded", made[1])],
            [("deposited", made[2])],
        ]

    def test_names_nobody_and_holds_no_content(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        for kind, value in (("case", life["case"]), ("material", life["lease"]), ("department", QINGPU)):
            told = json.dumps(node_auditor.lines(node_auditor.look(kind, value)), ensure_ascii=False)
            assert not [each for each in SECRETS if each in told]

    @pytest.mark.parametrize(
        ("kind", "value", "code"),
        [
            ("case", "31011820260101999999", "unknown-case"),
            ("material", "019a0000-0000-7000-8000-000000000000", "unknown-material"),
            ("material", "nothing", "unknown-material"),
            ("licence", "nothing", "unknown-licence"),
            ("department", "11310118XX0000999X", "unknown-party"),
        ],
    )
    def test_of_what_is_not_there_is_refused(self, node_auditor: Auditor, kind: str, value: str, code: str) -> None:
        assert refused(lambda: node_auditor.look(kind, value))[1] == code

    @pytest.mark.parametrize("cause", ["  ", "查 310199199001010018 的材料"])
    def test_needs_a_cause_that_names_nobody(self, node_auditor: Auditor, life: dict[str, str], cause: str) -> None:
        assert refused(lambda: node_auditor.look("case", life["case"], cause=cause))[0] == 422

    def test_is_made_once_per_key(self, node_auditor: Auditor, life: dict[str, str]) -> None:
        body = {"kind": "case", "value": life["case"], "cause": "季度抽查", "operator": "op-900"}
        held = key()
        made = [node_auditor.client.call("POST", "/v1/audit/looks", body, key=held) for _ in range(2)]
        assert made[0]["look_id"] == made[1]["look_id"]


class TestScope:
    def test_of_a_department_is_its_own_cases(self, auditors: dict[str, Auditor], life: dict[str, str]) -> None:
        look = auditors["qingpu"].look("case", life["case"])
        assert look["scope"] == "organisation"
        assert auditors["qingpu"].kinds(look) == ["opened", "refused", "used", "used"]
        assert refused(lambda: auditors["baoshan"].look("case", life["case"])) == (404, "unknown-case")

    def test_of_a_depositor_is_what_it_deposited_and_who_used_it_but_not_in_which_case(
        self, auditors: dict[str, Auditor], life: dict[str, str]
    ) -> None:
        look = auditors["baoshan"].look("material", life["lease"])
        others = [each for each in auditors["baoshan"].lines(look)["lines"] if each["org_code"] == QINGPU]
        assert len(others) == 3
        assert {(each["case_no"], each["operator"], each["item_code"]) for each in others} == {(None, None, None)}
        assert refused(lambda: auditors["qingpu"].look("material", life["lease"])) == (404, "unknown-material")

    def test_of_a_depositor_is_not_the_version_that_another_brought(
        self, auditors: dict[str, Auditor], node_auditor: Auditor, qingpu: Client, deposit: Callable[..., Any]
    ) -> None:
        lease, case = deposit()["material_id"], open_case(qingpu)["case_no"]
        more = {"operator": "qp-103", "origin_case_no": case, "supersedes": lease}
        newer = send_deposit(qingpu, pdf(key()), **more)["material_id"]
        look = auditors["baoshan"].look("material", lease)
        told = auditors["baoshan"].lines(look)
        assert case not in json.dumps(told)
        ours, theirs = told["versions"]
        assert (theirs["id"], theirs["org_code"], theirs["sha256"]) == (newer, QINGPU, None)
        assert ours["sha256"]
        ended = next(each for each in told["lines"] if each["kind"] == "superseded")
        assert (ended["org_code"], ended["related"]) == (QINGPU, newer)
        path = f"/v1/audit/looks/{look['look_id']}/bundles/{newer}?operator=bs-900"
        assert refused(lambda: auditors["baoshan"].client.call("GET", path)) == (404, "unknown-material")
        whole = node_auditor.lines(node_auditor.look("material", lease))["versions"][1]
        assert (whole["origin_case_no"], bool(whole["sha256"])) == (case, True)

    def test_of_a_department_is_no_other_department(self, auditors: dict[str, Auditor]) -> None:
        assert auditors["qingpu"].look("department", QINGPU)["scope"] == "organisation"
        assert refused(lambda: auditors["qingpu"].look("department", BAOSHAN)) == (404, "unknown-party")

    def test_of_a_licence_is_its_issuers(self, auditors: dict[str, Auditor], licence: str) -> None:
        assert refused(lambda: auditors["baoshan"].look("licence", licence)) == (404, "unknown-licence")

    @pytest.mark.parametrize("handle", ["op-901", "op-902"])
    def test_is_nobodys_who_is_no_auditor(self, operations: Client, life: dict[str, str], handle: str) -> None:
        assert refused(lambda: Auditor(operations, handle).look("case", life["case"])) == (403, "operator-role")

    def test_a_window_looks_at_nothing(self, qingpu: Client, life: dict[str, str]) -> None:
        assert refused(lambda: Auditor(qingpu, "qp-103").look("case", life["case"])) == (403, "operator-role")

    def test_a_look_is_its_auditors_own(
        self, node_auditor: Auditor, auditors: dict[str, Auditor], life: dict[str, str]
    ) -> None:
        look = node_auditor.look("case", life["case"])
        assert refused(lambda: auditors["qingpu"].lines(look)) == (404, "unknown-look")
        assert refused(lambda: node_auditor.lines({"look_id": key()})) == (404, "unknown-look")


class TestRecorded:
    def test_each_look_is_listed_for_whoever_oversees_and_is_an_entry(
        self, operations: Client, node_auditor: Auditor, auditors: dict[str, Auditor], life: dict[str, str]
    ) -> None:
        made = [node_auditor.look("case", life["case"]), auditors["qingpu"].look("case", life["case"])]
        listed = operations.call("GET", "/v1/audit/looks?operator=op-901&limit=2")
        assert [each["look_id"] for each in listed["looks"]] == [each["look_id"] for each in reversed(made)]
        assert listed["looks"][0]["cause"] == "季度抽查"
        further = operations.call("GET", f"/v1/audit/looks?operator=op-901&limit=1&after={made[1]['look_id']}")
        assert further["looks"][0]["look_id"] == made[0]["look_id"]
        answer = httpx2.get(f"{operations.base_url}/v1/entries/{made[0]['entry_id']}", timeout=30)
        assert answer.status_code == 200

    def test_the_entry_binds_the_time_that_is_looked_at(self, exchange: Exchange, node_auditor: Auditor) -> None:
        look = node_auditor.look("department", QINGPU, since="2026-01-01T08:00:00+08:00", until="2026-02-01T00:00:00Z")
        database = Database(exchange.settings.database_url.get_secret_value(), pool_size=1)
        with database.unit() as db:
            parties = json.loads(store.record(db, look["entry_id"]).parties)
        database.close()
        assert (parties["since"], parties["until"]) == ("2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z")

    def test_a_department_lists_its_own_only(
        self, node_auditor: Auditor, auditors: dict[str, Auditor], life: dict[str, str]
    ) -> None:
        node_auditor.look("case", life["case"])
        auditors["qingpu"].look("case", life["case"])
        held = auditors["qingpu"].client.call("GET", "/v1/audit/looks?operator=qp-900")["looks"]
        assert {each["org_code"] for each in held} == {QINGPU}

    def test_one_who_handles_cases_sees_no_list(self, qingpu: Client) -> None:
        assert refused(lambda: qingpu.call("GET", "/v1/audit/looks?operator=qp-103")) == (403, "operator-role")


class TestConsole:
    def test_an_auditor_comes_in_by_the_staff_door(self, exchange: Exchange, life: dict[str, str]) -> None:
        with Desk(exchange.base_url, "demo-staff-op-900") as desk:
            assert desk.enter().status_code == 201
            body = {"kind": "case", "value": life["case"], "cause": "季度抽查", "operator": "op-900"}
            made = desk.post("/v1/audit/looks", body)
            assert made.status_code == 201, made.text
            path = f"/v1/audit/looks/{made.json()['look_id']}/lines?operator=op-900"
            assert len(desk.http.get(path).json()["lines"]) == 4
            other = desk.http.get(path.replace("op-900", "op-901"))
            assert other.json()["code"] == "unknown-operator"

    def test_nobody_else_does(self, exchange: Exchange) -> None:
        with Desk(exchange.base_url) as outside:
            assert outside.http.get("/v1/audit/looks?operator=op-900").status_code == 401


class TestEntries:
    def test_open_the_leaves_that_everybody_reads_and_keep_the_parties_shut(
        self, exchange: Exchange, node_auditor: Auditor
    ) -> None:
        found = node_auditor.client.call("GET", "/v1/audit/entries?operator=op-900&low=0&limit=5")["entries"]
        bundle = httpx2.get(f"{exchange.base_url}/log/tile/entries/000.p/6", timeout=30).content
        leaves, at = [], 0
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            leaves.append(bundle[at + 2 : end])
            at = end
        assert found
        for each in found:
            held = each["opening"]
            assert held["parties"].keys() == {"commitment"}
            salt, fact_salt, shut = (
                base64.b64decode(value) for value in (held["salt"], held["fact"]["salt"], held["parties"]["commitment"])
            )
            open_leaf(leaves[each["index"]], Opening(salt, Part(fact_salt, canonical(held["fact"]["content"])), shut))

    def test_are_for_auditors_of_the_node(self, auditors: dict[str, Auditor], operations: Client) -> None:
        path = "/v1/audit/entries?low=0&operator="
        assert refused(lambda: auditors["qingpu"].client.call("GET", f"{path}qp-900")) == (403, "operator-role")
        assert refused(lambda: operations.call("GET", f"{path}op-901")) == (403, "operator-role")


@pytest.fixture(scope="module")
def web(exchange: Exchange) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False, timeout=30) as client:
        yield client


class TestLog:
    def test_says_what_it_is(self, exchange: Exchange, web: httpx2.Client) -> None:
        held, trust = web.get("/v1/log").json(), exchange.trust()
        assert held["vkey"] == trust["logs"][0]["vkey"]
        assert [each["vkey"] for each in held["witnesses"]] == trust["witnesses"]["vkeys"]
        assert {name: held["chain"][name] for name in ("chain_id", "anchor", "code_hash")} == {
            name: trust["chain"][name] for name in ("chain_id", "anchor", "code_hash")
        }
        assert Note.parse(held["checkpoint"]).text.split("\n")[:2] == [held["origin"], str(held["size"])]

    def test_pages_through_checkpoints_both_ways(self, web: httpx2.Client, life: dict[str, str]) -> None:
        newest = web.get("/v1/log/checkpoints?limit=2").json()
        sizes = [each["size"] for each in newest["checkpoints"]]
        assert sizes == sorted(sizes, reverse=True)
        further = web.get(f"/v1/log/checkpoints?limit=1&before={newest['next']}").json()["checkpoints"]
        assert further[0]["size"] < sizes[-1]
        first = web.get(f"/v1/log/checkpoints?limit=1&after={further[0]['size']}").json()["checkpoints"]
        assert first[0]["size"] == sizes[-1]
        assert web.get("/v1/log/checkpoints?before=1&after=1").status_code == 422
        assert web.get("/v1/log/checkpoints?before=0").json() == {"checkpoints": [], "next": None}

    def test_shows_anchors_with_block_and_transaction_and_what_proves_them(self, web: httpx2.Client) -> None:
        found = web.get("/v1/log/checkpoints?anchored=true&limit=3").json()["checkpoints"]
        assert found
        for each in found:
            assert each["anchor"]["block_number"] > 0
            proof = web.get(f"/v1/log/anchors/{each['size']}").json()["chain"]
            assert proof["size"] == each["size"]
        for wrong in ("0", "999999999", "-1"):
            assert web.get(f"/v1/log/anchors/{wrong}").status_code == 404
