"""Killing any process with -9 at any moment loses nothing that was acknowledged (RELIABILITY D).

A client outside the process writes down every acknowledged deposit. Each part is killed while deposits run; afterwards
every acknowledged material is there byte for byte, in the log, and the whole log recomputes from raw bytes.
"""

from __future__ import annotations

import hashlib
import os
import signal
import uuid
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import ProblemError
from api.demo.citizen import Citizen
from api.stack.exchange import Exchange
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_journey import until

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("api-1", "worker", "postgres", "s3", "chain", "api-2")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange of this module's own: it is going to suffer."""
    held = Exchange(tmp_path_factory.mktemp("crash"), demo=True, anchor_interval=1.0, log_level="error")
    try:
        held.up()
        yield held
    finally:
        held.down()


class Depositor(Thread):
    """Deposits without pause, repeating what was not acknowledged under the same key until it is."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.done = Event()
        self.acknowledged: dict[str, str] = {}
        self.refused: list[str] = []

    def run(self) -> None:
        with self.exchange.client("baoshan-window") as client:
            while not self.done.is_set():
                content, key = pdf(str(uuid.uuid4()), 30_000), str(uuid.uuid4())
                while not self.done.is_set():
                    try:
                        held = send_deposit(client, content, key=key)
                    except ProblemError as problem:
                        if problem.status < 500 and problem.code != "invalid_dpop_proof":
                            self.refused.append(problem.code)
                            return
                        self.done.wait(0.1)
                    except httpx2.TransportError:
                        self.done.wait(0.1)
                    else:
                        self.acknowledged[held["material_id"]] = hashlib.sha256(content).hexdigest()
                        break


class TestKill:
    def test_any_part_at_any_moment_loses_nothing_acknowledged(self, exchange: Exchange) -> None:
        depositor = Depositor(exchange)
        depositor.start()
        try:
            for part in PARTS:
                before = len(depositor.acknowledged)
                until(lambda before=before: len(depositor.acknowledged) > before + 5 or None, 60)
                restarts = exchange.stack.restarts.get(part, 0)
                os.kill(exchange.stack.pids[part], signal.SIGKILL)
                assert exchange.stack.wait_restarted(part, restarts + 1, 30)
            before = len(depositor.acknowledged)
            until(lambda: len(depositor.acknowledged) > before + 5 or None, 60)
        finally:
            depositor.done.set()
            depositor.join()
        assert depositor.refused == []
        self._all_there(exchange, depositor.acknowledged)
        report = exchange.fsck()
        assert report["defects"] == []

    @staticmethod
    def _all_there(exchange: Exchange, acknowledged: dict[str, str]) -> None:
        with exchange.client("baoshan-window") as baoshan, exchange.client("qingpu-market") as qingpu:
            for material_id, digest in acknowledged.items():
                held = until(lambda material_id=material_id: integrated(baoshan.material(material_id)))
                assert held["sha256"] == digest
            case = open_case(qingpu)
            asked = qingpu.ask(
                case_no=case["case_no"], type_codes=["CL022"], mode="copy", max_uses=len(acknowledged), valid_days=1,
                cause="核对", operator="qp-103",
            )  # fmt: skip
            with Citizen(exchange.base_url, "demo-person-chen") as citizen:
                citizen.approve(asked["ask_id"])
            for material_id, digest in acknowledged.items():
                opened = qingpu.use(
                    object_id=material_id, mode="copy", case_no=case["case_no"], item_code=case["item_code"],
                    cause="核对", operator="qp-103",
                )  # fmt: skip
                content = b"".join(qingpu.chunks(opened["use_id"]))
                assert hashlib.sha256(content).hexdigest() == digest


def integrated(material: dict[str, Any]) -> dict[str, Any] | None:
    return material if material["entry"]["state"] != "pending" else None
