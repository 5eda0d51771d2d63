"""Gaps are found and said, heads are committed once a day, the canary sings only where all of it holds (L6)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from structlog.testing import CapturingLogger

from api import canary, gaps, watch
from api.canary import Canary, CanaryError
from api.client import Client, ProblemError
from api.node import Node
from authz.heads import BEIJING
from authz.store import heads
from authz.uses import WINDOW
from ledger.note import NoteSigner, NoteVerifier
from ledger.trust import LogKey, Trust
from tests.api.test_lag import SETTINGS
from tests.authz.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.exchange import Exchange
    from ledger.db import Database


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the jobs log."""
    logger = CapturingLogger()
    for module in (watch, canary):
        monkeypatch.setattr(module, "log", structlog.wrap_logger(logger, processors=[]))
    return logger.calls


@pytest.fixture
def node(exchange: Exchange) -> Iterator[Node]:
    held = Node(exchange.settings)
    yield held
    with held.database.unit() as db:
        db.execute(text("DELETE FROM api.beat"))  # a canary that sang once and stopped is a warning
    held.close()


class TestGaps:
    @pytest.fixture
    def world(self, database: Database) -> World:
        made = World(database)
        made.grant(max_uses=5)
        return made

    def found(self, world: World, later: timedelta) -> dict[str, int]:
        with world.database.unit() as db:
            listed = gaps.listing(db, world.clock.now() + later, SETTINGS)
        assert {
            kind: len([row for row in listed["gaps"] if row["kind"] == kind]) for kind in listed["counts"]
        } == listed["counts"]
        return {kind: count for kind, count in listed["counts"].items() if count}

    def test_a_use_without_outcome_is_one_a_minute_after_its_time(self, world: World) -> None:
        use = world.use()
        world.run("UPDATE ledger.entry SET idx = seq")
        assert self.found(world, WINDOW + timedelta(seconds=59)) == {}
        assert self.found(world, WINDOW + timedelta(seconds=61)) == {"use-without-outcome": 1}
        with world.database.unit() as db:
            row = gaps.listing(db, world.clock.now() + WINDOW + timedelta(minutes=2), SETTINGS)["gaps"][0]
        assert (row["use_id"], row["entry_id"]) == (use.id, use.intent_entry_id)
        world.clock.pass_(WINDOW.total_seconds() + 120)
        with world.database.unit() as db:
            world.uses.expire(db)
        world.run("UPDATE ledger.entry SET idx = seq")
        assert self.found(world, timedelta()) == {}

    def test_an_entry_is_one_past_its_deadline_and_past_limit_1(self, world: World) -> None:
        world.run("DELETE FROM ledger.entry")
        world.use()
        assert self.found(world, timedelta(seconds=59)) == {}
        assert self.found(world, timedelta(seconds=61)) == {"entry-past-deadline": 1}
        world.run("UPDATE ledger.entry SET idx = 0")
        world.run(
            "INSERT INTO ledger.log (origin, key_id, size, root) VALUES ('log.test', '', 1, :root)", root=bytes(32)
        )
        later = timedelta(seconds=SETTINGS.lag_limit_1 + 1)
        assert self.found(world, later) == {"use-without-outcome": 1, "entry-unanchored": 1}
        world.run("INSERT INTO ledger.anchor (size, root, state) VALUES (1, '', 'confirmed')")
        assert self.found(world, later) == {"use-without-outcome": 1}

    def test_are_shown_to_overseers_only(self, operations: Client, qingpu: Client) -> None:
        shown = operations.call("GET", "/v1/operations/gaps?operator=op-900")
        assert set(shown) == {"at", "counts", "gaps"}
        for client, operator in ((operations, "op-999"), (qingpu, "qp-103")):
            with pytest.raises(ProblemError) as refused:
                client.call("GET", f"/v1/operations/gaps?operator={operator}")
            assert refused.value.status in {403, 422}

    def test_are_an_alarm_in_the_log(self, node: Node, said: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gaps, "count", lambda *_: gaps.Gaps(2, 0, 7))
        assert watch.alarm(node)["use-without-outcome"] == 2
        assert [(call.method_name, call.kwargs) for call in said] == [
            ("error", {"event": "gap", "gap": "use-without-outcome", "count": 2}),
            ("error", {"event": "gap", "gap": "entry-unanchored", "count": 7}),
        ]

    def test_and_lags_are_metrics(self, exchange: Exchange) -> None:
        body = httpx2.get(exchange.base_url + "/metrics").text
        for name in ("gap_uses_without_outcome", "gap_entries_past_deadline", "gap_entries_unanchored",
                     "merge_lag_seconds", "quorum_lag_seconds", "anchor_lag_seconds", "lag_warnings",
                     "canary_last_success"):  # fmt: skip
            assert f"\ncailian_{name} " in body


class Fixed:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class TestHeads:
    def test_are_committed_once_a_day_by_whichever_worker(self, node: Node) -> None:
        at = (datetime.now(UTC).astimezone(BEIJING) - timedelta(days=40)).replace(hour=3)
        node.heads._clock = Fixed(at)
        made = watch.commit_heads(node)
        assert made is not None
        assert made.day == at.date() - timedelta(days=1)
        assert watch.commit_heads(node) is None
        with node.database.unit() as db:
            assert heads.get(db, made.day) == made


class TestCanary:
    def test_submits_and_verifies_from_outside(self, exchange: Exchange, node: Node, operations: Client) -> None:
        bird = Canary(operations, Trust.from_json(exchange.trust()))
        before = datetime.now(UTC).timestamp()
        assert canary.once(bird, node.database, node.clock, threading.Event())
        with node.database.unit() as db:
            assert canary.last_success(db) >= before
            assert canary.warnings(db, node.clock) == []
            late = canary.warnings(db, Fixed(datetime.now(UTC) + timedelta(seconds=canary.ALARM_SECONDS + 5)))
            assert late[0].startswith("canary silent for")
        body = httpx2.get(exchange.base_url + "/metrics").text
        assert float(body.split("\ncailian_canary_last_success ")[1].split("\n")[0]) >= before

    def test_does_not_sing_for_a_log_it_does_not_trust(self, node: Node, operations: Client, said: list[Any]) -> None:
        stranger = NoteSigner(node.settings.origin, Ed25519PrivateKey.generate())
        bird = Canary(operations, Trust((LogKey(NoteVerifier.parse(stranger.vkey)),)))
        with pytest.raises(CanaryError, match="verify: bundle-untrusted-log"):
            bird.fly(threading.Event())
        assert not canary.once(bird, node.database, node.clock, threading.Event())
        assert [call.method_name for call in said] == ["error"]  # silent for longer than three minutes

    def test_names_the_step_that_failed(self, exchange: Exchange, node: Node, said: list[Any]) -> None:
        known = exchange.client_files()["cailian-operations"]
        with node.database.unit() as db:
            db.execute(text("INSERT INTO api.beat (name, at) VALUES ('canary', now())"))
        with Client(known["base_url"], "nobody", known["key"]) as client:
            bird = Canary(client, Trust.from_json(exchange.trust()))
            assert not canary.once(bird, node.database, node.clock, threading.Event())
        assert [(call.method_name, call.kwargs["reason"]) for call in said] == [("warning", "submit: invalid_client")]


class TestReady:
    def test_names_warnings_beside_the_parts(self, exchange: Exchange) -> None:
        assert httpx2.get(exchange.base_url + "/readyz").json()["warnings"] == []
