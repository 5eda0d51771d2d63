"""What those do at the console who keep the node running: deliveries begun anew, organisations let in, cards read."""

from __future__ import annotations

import json
import time
import uuid
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import text

from api import browsers
from api.demo import cards
from api.node import Node
from api.settings import Settings
from authz.store import selfchecks
from ledger import outbox, outboxwatch
from tests.api.test_console import Desk, code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

OUTBOX = "/v1/operations/outbox"
KIND = "notice"
Query = dict[str, str | int]


@pytest.fixture(scope="module")
def node(exchange: Exchange) -> Iterator[Node]:
    held = Node(exchange.settings)
    yield held
    held.close()


def staff(exchange: Exchange, handle: str) -> Desk:
    held = Desk(exchange.base_url, f"demo-staff-{handle}")
    assert held.enter().status_code == 201
    return held


@pytest.fixture(scope="module")
def administrator(exchange: Exchange) -> Iterator[Desk]:
    with staff(exchange, "op-902") as held:
        yield held


@pytest.fixture(scope="module")
def officer(exchange: Exchange) -> Iterator[Desk]:
    with staff(exchange, "op-901") as held:
        yield held


def give_up(node: Node, count: int) -> list[int]:
    """Notices nobody knows, so that each attempt fails, and given up already."""
    keys = [str(uuid.uuid4()) for _ in range(count)]
    with node.database.unit() as db:
        for key in keys:
            outbox.emit(db, KIND, key, {"notice": key}, node.clock.now())
        rows = db.execute(
            text(
                "UPDATE ledger.outbox SET dead_at = now(), attempts = 12, last_error = 'notice-not-taken' "
                "WHERE kind = :kind AND key = ANY(:keys) RETURNING id"
            ),
            {"kind": KIND, "keys": keys},
        ).scalars()
        return sorted(rows)


def message(desk: Desk, number: int) -> dict[str, Any]:
    query: Query = {"operator": desk.subject.removeprefix("demo-staff-"), "limit": 200, "kind": KIND}
    found = desk.http.get(f"{OUTBOX}/messages", params=query).json()["messages"]
    return next(each for each in found if each["message_id"] == number)


def replayed(node: Node) -> list[dict[str, Any]]:
    with node.database.unit() as db:
        rows = db.execute(text("SELECT fact, parties FROM ledger.record ORDER BY entry_id")).all()
    return [json.loads(parties) for fact, parties in rows if json.loads(fact)["type"] == "outbox.replayed"]


class TestOutbox:
    def test_shows_kinds_times_tries_and_codes_and_nothing_else(self, administrator: Desk, node: Node) -> None:
        (number,) = give_up(node, 1)
        kinds = administrator.http.get(OUTBOX, params={"operator": "op-902"}).json()["kinds"]
        held = next(each for each in kinds if (each["kind"], each["standing"]) == (KIND, "dead"))
        assert held["messages"] >= 1
        assert held["attempts"] == 12
        shown = message(administrator, number)
        assert shown.keys() == {
            "message_id", "kind", "standing", "attempts", "created_at", "next_at", "given_up_at", "error",
        }  # fmt: skip
        assert (shown["standing"], shown["error"], shown["next_at"]) == ("dead", "notice-not-taken", None)

    def test_is_listed_page_by_page(self, administrator: Desk, node: Node) -> None:
        made = give_up(node, 3)
        query: Query = {"operator": "op-902", "kind": KIND, "standing": "dead", "limit": 2}
        first = administrator.http.get(f"{OUTBOX}/messages", params=query).json()
        then = administrator.http.get(f"{OUTBOX}/messages", params=query | {"before": first["next"]}).json()
        seen = [each["message_id"] for each in [*first["messages"], *then["messages"]]]
        assert seen[:3] == made[::-1]

    def test_one_begins_anew_and_the_log_says_who_and_why(self, administrator: Desk, node: Node) -> None:
        one, other = give_up(node, 2)
        body = {"operator": "op-902", "kind": KIND, "message_id": one, "reason": "短信网关已恢复"}
        answer = administrator.post(f"{OUTBOX}/replay", body)
        assert (answer.status_code, answer.json()) == (202, {"kind": KIND, "messages": 1})
        ends = time.monotonic() + 60
        while (held := message(administrator, one))["attempts"] == 0 or not held["error"]:
            assert time.monotonic() < ends, "the worker does not take it"
            Event().wait(0.1)
        assert (held["standing"], held["attempts"]) == ("failing", 1)  # there is no such notice: it fails again
        assert message(administrator, other)["standing"] == "dead"
        assert replayed(node)[-1] == {
            "requester": "11310199XX00000C94", "operator": "op-902", "kind": KIND, "message": one, "count": 1,
            "reason": "短信网关已恢复",
        }  # fmt: skip

    def test_all_of_a_kind_begin_anew_once_per_key(self, administrator: Desk, node: Node) -> None:
        made = give_up(node, 2)
        body = {"operator": "op-902", "kind": KIND, "reason": "网关升级完成"}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = administrator.post(f"{OUTBOX}/replay", body, **key)
        assert first.json()["messages"] >= 2
        assert administrator.post(f"{OUTBOX}/replay", body, **key).json() == first.json()
        assert [message(administrator, each)["standing"] != "dead" for each in made] == [True, True]
        assert replayed(node)[-1]["message"] is None

    def test_what_is_tried_soon_by_itself_is_left_alone(self, administrator: Desk, node: Node) -> None:
        kind = f"nobody.{uuid.uuid4().hex[:12]}"  # a kind that no worker takes
        now = node.clock.now()
        with node.database.unit() as db:
            outbox.emit(db, kind, "1", {}, now)
            (held,) = outbox.claim(db, 1, now, kinds=[kind])
            outbox.failed(db, held, "timeout", now)
        body = {"operator": "op-902", "kind": kind, "reason": "再试一次"}
        assert code_of(administrator.post(f"{OUTBOX}/replay", body)) == (404, "nothing-to-replay")
        with node.database.unit() as db:
            db.execute(
                text("UPDATE ledger.outbox SET due_at = now() + interval '1 hour' WHERE id = :id"), {"id": held.id}
            )
            assert outboxwatch.again(db, kind, now) == 1
            db.execute(text("DELETE FROM ledger.outbox WHERE id = :id"), {"id": held.id})

    @pytest.mark.parametrize("handle", ["op-900", "op-901"])
    def test_who_judges_looks_and_does_not_do(self, exchange: Exchange, node: Node, handle: str) -> None:
        give_up(node, 1)
        with staff(exchange, handle) as overseer:
            assert overseer.http.get(OUTBOX, params={"operator": handle}).status_code == 200
            body = {"operator": handle, "kind": KIND, "reason": "再试一次"}
            assert code_of(overseer.post(f"{OUTBOX}/replay", body)) == (403, "operator-role")
            as_other = body | {"operator": "op-902"}
            assert code_of(overseer.post(f"{OUTBOX}/replay", as_other)) == (403, "unknown-operator")

    def test_is_not_for_departments(self, exchange: Exchange) -> None:
        with staff(exchange, "qp-103") as window:
            assert code_of(window.http.get(OUTBOX, params={"operator": "qp-103"})) == (403, "insufficient_scope")

    @pytest.mark.parametrize("reason", ["", " ", "持有人 310199199001010018 未收到"])
    def test_wants_a_reason_that_names_nobody(self, administrator: Desk, node: Node, reason: str) -> None:
        give_up(node, 1)
        body = {"operator": "op-902", "kind": KIND, "reason": reason}
        assert administrator.post(f"{OUTBOX}/replay", body).status_code == 422

    def test_knows_nothing_of_what_is_not_there(self, administrator: Desk) -> None:
        body = {"operator": "op-902", "kind": KIND, "message_id": 2**40, "reason": "再试一次"}
        assert code_of(administrator.post(f"{OUTBOX}/replay", body)) == (404, "nothing-to-replay")


class TestOrganisations:
    def test_are_overseen_at_the_console(self, officer: Desk, operations: Client) -> None:
        query = {"operator": "op-901"}
        found = officer.http.get("/v1/parties", params=query | {"org_code": "11310118XX00000B0W"}).json()["parties"]
        path = f"/v1/parties/{found[0]['party_id']}"
        assert officer.http.get(path, params=query).json()["clients"][0]["client_id"] == "qingpu-market"
        assert officer.http.get(f"{path}/access-requests", params=query).json().keys() == {"asked", "to_answer"}
        assert officer.http.get("/v1/parties/statistics", params=query).status_code == 200
        assert officer.http.get("/v1/parties/applications", params=query).status_code == 200
        assert operations.call("GET", f"{path}/self-checks?operator=op-900")["reports"] is not None

    def test_self_checks_of_their_systems(self, officer: Desk, exchange: Exchange, node: Node) -> None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        jwk = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
               "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}  # fmt: skip
        tenant = httpx2.post(f"{exchange.base_url}/v1/sandbox/tenants", json={"keys": [jwk]}, headers=key).json()
        report = {"passed": False, "steps": [{"name": "token", "passed": True, "zh": "令牌", "en": "a token"}]}
        with node.database.unit() as db:
            selfchecks.keep(db, str(uuid.uuid4()), tenant["client_id"], report, node.clock.now())
            party = node.parties.party_of(db, tenant["org_code"])
        found = officer.http.get(f"/v1/parties/{party.id}/self-checks", params={"operator": "op-901"}).json()["reports"]
        held = next(each for each in found if each["client_id"] == tenant["client_id"])
        assert (held["passed"], held["steps"][0]["name"]) == (False, "token")

    @pytest.mark.parametrize("path", ["access-requests", "self-checks"])
    def test_are_nobody_elses_to_look_at(self, exchange: Exchange, node: Node, path: str) -> None:
        with node.database.unit() as db:
            party = node.parties.party_of(db, "11310113XX00000A2R")
        with staff(exchange, "qp-204") as reviewer:
            answer = reviewer.http.get(f"/v1/parties/{party.id}/{path}", params={"operator": "qp-204"})
        assert code_of(answer) == (403, "insufficient_scope")


class TestCardReader:
    def test_is_the_demos_where_the_node_is(self, exchange: Exchange) -> None:
        with httpx2.Client(base_url=exchange.base_url, trust_env=False) as web:
            place = web.get("/console/config.json").json()["card_reader"]
            assert place == {"kind": "demo", "url": cards.PREFIX}
            first = web.get(f"{cards.PREFIX}/cards").json()["cards"][0]
            card = web.get(f"{cards.PREFIX}/card", params={"card": first["id"]})
            assert card.json()["code"].startswith("310199")
            assert card.headers["cache-control"] == "private, no-store"
            assert web.get(f"{cards.PREFIX}/card").status_code == 204

    def test_is_no_reader_of_the_demo_in_earnest(self, exchange: Exchange) -> None:
        held = exchange.settings.model_copy(update={"demo": False})
        node = Node(exchange.settings)
        try:
            node.settings = held
            assert browsers.reader_of(node) is None
            node.settings = held.model_copy(update={"card_reader": "http://127.0.0.1:18623"})
            assert browsers.reader_of(node) == {"kind": "loopback", "url": "http://127.0.0.1:18623"}
        finally:
            node.close()

    @pytest.mark.parametrize("address", ["https://reader.example.org", "http://10.0.0.7:18623", "http://127.0.0.1"])
    def test_is_on_the_machine_itself_or_nowhere(self, exchange: Exchange, address: str) -> None:
        with pytest.raises(ValueError, match="card_reader"):
            Settings(**(exchange.settings.model_dump() | {"card_reader": address}))

    def test_is_all_beside_this_node_that_the_page_may_ask(self, exchange: Exchange) -> None:
        policy = browsers.policy(reader="http://127.0.0.1:18623", camera=True)
        assert "connect-src 'self' http://127.0.0.1:18623;" in policy["Content-Security-Policy"]
        assert "camera=(self)" in policy["Permissions-Policy"]
        page = httpx2.get(f"{exchange.base_url}/console/").headers
        assert "connect-src 'self';" in page["content-security-policy"]
        assert "camera=(self)" in page["permissions-policy"]
        assert "camera=()" in httpx2.get(f"{exchange.base_url}/m/").headers["permissions-policy"]
