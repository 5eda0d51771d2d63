"""Parts that freeze, and a disk that is full: bounded waiting, honest answers, no hand work afterwards."""

from __future__ import annotations

import io
import os
import signal
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.observe import METRICS_BYTES, Unfailing
from api.stack.exchange import Exchange
from ledger.db import Database
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_journey import refusal, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client

FULL = Path("/proc") if Path("/proc").is_dir() else Path("/dev")
"""A file system without free blocks, on Linux and on macOS."""


class TestDatabase:
    def test_does_not_wait_for_ever_and_connects_anew(self, exchange: Exchange) -> None:
        held = Database(exchange.settings.database_url.get_secret_value(), patience=2)
        try:
            began = time.monotonic()
            with pytest.raises(OperationalError), held.unit() as db:
                db.execute(text("select pg_sleep(30)"))
            assert time.monotonic() - began < 10
            with held.unit() as db:
                assert db.execute(text("select 1")).scalar() == 1
        finally:
            held.close()


class TestObjectStore:
    @pytest.fixture
    def frozen(self) -> Iterator[ObjectStore]:
        """A store whose S3 takes connections and never answers."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings = S3Settings(
                endpoint=f"127.0.0.1:{silent.getsockname()[1]}", access_key="a", secret_key="s", region="us-east-1",
                bucket="bucket", read_timeout=0.5,
            )  # fmt: skip
            store = ObjectStore(settings, KeyRing(bytes(32)), profile=Profile.INTL)
            yield store
            store.close()

    def test_says_soon_that_it_is_not_there(self, frozen: ObjectStore) -> None:
        began = time.monotonic()
        assert not frozen.is_reachable()
        assert time.monotonic() - began < 10


class TestFrozenStore:
    def test_readiness_tells_it_soon_and_comes_back(self, exchange: Exchange) -> None:
        pid = exchange.stack.pids["s3"]
        os.kill(pid, signal.SIGSTOP)
        try:
            answer = httpx2.get(exchange.base_url + "/readyz", timeout=14)  # below the 15 s of an ordinary read
            assert (answer.status_code, answer.json()["parts"]["objects"]) == (503, "unavailable")
            assert httpx2.get(exchange.base_url + "/livez", timeout=30).status_code == 200
        finally:
            os.kill(pid, signal.SIGCONT)
        until(lambda: httpx2.get(exchange.base_url + "/readyz", timeout=30).status_code == 200 or None)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A link to where an exchange believes its data to lie."""
    link = tmp_path_factory.mktemp("disk") / "data"
    link.symlink_to(link.parent)
    return link


@pytest.fixture(scope="module")
def filling(disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """An exchange that looks at that disk."""
    held = Exchange(tmp_path_factory.mktemp("full"), demo=True, workers=1, data_dir=disk)
    try:
        held.up()
        yield held
    finally:
        held.down()


class TestFullDisk:
    @contextmanager
    def full(self, disk: Path) -> Iterator[None]:
        """While this lasts, there is no room."""
        self.point(disk, FULL)
        try:
            yield
        finally:
            self.point(disk, disk.parent)

    @staticmethod
    def point(link: Path, target: Path) -> None:
        fresh = link.with_suffix(".new")
        fresh.symlink_to(target)
        fresh.replace(link)

    @pytest.mark.parametrize("size", [0, 9_000_000])
    def test_deposits_are_refused_and_the_rest_goes_on(self, disk: Path, filling: Exchange, size: int) -> None:
        with filling.client("baoshan-window") as baoshan, filling.client("qingpu-market") as qingpu:
            self._goes_on(disk, baoshan, qingpu, size)

    def _goes_on(self, disk: Path, baoshan: Client, qingpu: Client, size: int) -> None:
        first = send_deposit(baoshan, pdf("first", size))
        with self.full(disk):
            held = refusal(lambda: send_deposit(baoshan, pdf("refused", size), key=f"full-{size}"))
            assert (held.status, held.code) == (507, "storage-full")
            assert baoshan.material(first["material_id"])["sha256"] == first["sha256"]
            assert open_case(qingpu)["state"] == "open"
        found = [each["material_id"] for each in baoshan.search(own=True)["materials"]]
        assert found[0] == first["material_id"]
        again = send_deposit(baoshan, pdf("refused", size), key=f"full-{size}")
        assert again["material_id"] not in found

    def test_metrics_have_their_room_before_the_first_is_counted(self, filling: Exchange) -> None:
        files = list((filling.folder / "run" / "metrics").glob("*.db"))
        assert files
        for path in files:
            assert path.stat().st_blocks * 512 >= METRICS_BYTES


class TestUnfailing:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
    def test_a_log_without_room_fails_nobody(self) -> None:
        with io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True) as stream:  # type: ignore[arg-type]
            lines = Unfailing(stream)
            lines.write("one line")
            lines.flush()
