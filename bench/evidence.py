"""Evidence: how fast digests become durable and integrated, one by one, in bulk and from a file; and how flat it stays.

An entry counts from its acknowledgement, which comes after its commit; a run ends when a checkpoint covers all of it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import httpx2
from sqlalchemy import create_engine, text
from web3 import Web3

from bench.wire import Shot
from ledger.promise import Promise

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from bench.suite import Suite
    from bench.wire import Hit
    from bench.world import Bench

PAIRS: Final = 5
CLIENTS: Final = 64
ROWS: Final = 1000
IMPORTED: Final = 200_000
TRADE_TRUST: Final = 47_899
"""Gas of TradeTrust's `issue`, for one document (PERFORMANCE)."""
CROWD: Final = 256
"""Documents of a checkpoint in the gas figure."""
BLOCK_SECONDS: Final = 1.0

_ANCHORED: Final = text("""
SELECT extract(epoch FROM a.confirmed_at - e.created_at) FROM ledger.entry e
JOIN LATERAL (SELECT size, confirmed_at FROM ledger.anchor WHERE state = 'confirmed' AND size > e.idx
              ORDER BY size LIMIT 1) a ON true
WHERE e.id = ANY(:ids)""")
_ANCHORS: Final = text(
    "SELECT size, tx_hash FROM ledger.anchor WHERE state = 'confirmed' AND size > :after ORDER BY size"
)


def measure(suite: Suite, bench: Bench) -> None:
    """Everything that runs over HTTP, on one exchange."""
    if not any(map(suite.wanted, ("single", "batch", "import", "tile", "anchored"))):
        return
    work = Work(suite, bench)
    if suite.wanted("single") or suite.wanted("batch"):
        work.single()
    if suite.wanted("batch"):
        work.batch()
    if suite.wanted("import"):
        work.imported()
    if suite.wanted("tile"):
        work.tile()
    if suite.wanted("anchored"):
        work.anchored()


class Work:
    """One exchange under load, and beside it what it is compared with."""

    def __init__(self, suite: Suite, bench: Bench) -> None:
        self.suite, self.exchange = suite, bench.exchange
        self.plain = bench.exchange.beside("bench.plain", 2)
        self.engine: Engine = create_engine(bench.exchange.settings.database_url.get_secret_value())
        self.one = 0.0
        client = bench.exchange.client_files()["qingpu-market"]
        base = bench.exchange.base_url
        self.lean_shot = Shot(base, base, client, "POST", "/v1/evidence", 1, CLIENTS, suite.seconds, 0)

    def single(self) -> None:
        """One document a request, 64 clients, against the ordinary route."""
        count = int(self.suite.seconds * 6000)
        lean = replace(self.lean_shot, count=count)
        ordinary = replace(lean, address=self.plain, path="/v1/plain", count=count // 3)
        runs: dict[str, list[tuple[Hit, float]]] = {"lean": [], "plain": []}
        for turn in range(PAIRS):
            sides = (("lean", lean), ("plain", ordinary))
            for name, shot in sides if turn % 2 else sides[::-1]:
                hit, rate = self._integrated(shot)
                self._check(hit)
                runs[name].append((hit, rate))
        ratio = statistics.median(a[1] / b[1] for a, b in zip(runs["lean"], runs["plain"], strict=True))
        self.one, bare = (statistics.median(rate for _, rate in runs[name]) for name in ("lean", "plain"))
        middle = statistics.median(hit.at(0.5) for hit, _ in runs["lean"])
        spread = [round(a[1] / b[1], 2) for a, b in zip(runs["lean"], runs["plain"], strict=True)]
        shown = f"{ratio:.2f} times  ({self.one:.0f}/s over {bare:.0f}/s inserted one by one)"
        figures = {"ours": self.one, "plain": bare, "pairs": spread}
        self.suite.row("single: evidence durable and integrated", shown, ">= 2", ratio >= 2, ratio=ratio, **figures)
        shown = f"{middle:.1f} ms  (p99 {statistics.median(hit.at(0.99) for hit, _ in runs['lean']):.1f} ms)"
        self.suite.row(f"single: p50 to a durable index, {CLIENTS} clients", shown, "< 20 ms", middle < 20, ms=middle)
        client = statistics.median(hit.cpu / hit.wall for hit, _ in runs["lean"])
        self.suite.row("single: the load's own share of a core", f"{client:.2f}", "-", None, share=client)

    def batch(self) -> None:
        """A thousand documents a request."""
        shot = replace(self.lean_shot, rows=ROWS, connections=4, count=max(8, int(self.suite.seconds * 40)))
        rates = [self._integrated(shot)[1] for _ in range(PAIRS)]
        rate = statistics.median(rates)
        met = rate >= 8000 and rate >= 10 * self.one
        shown = f"{rate:.0f}/s  ({rate / self.one:.1f} times the single route)"
        self.suite.row("batch: evidence durable and integrated", shown, ">= 8000/s, >= 10 times", met, rate=rate)

    def imported(self) -> None:
        """A file by command, as a department would."""
        file = self.suite.folder / "documents.ndjson"
        rates = []
        for turn in range(3):
            name = os.urandom(3).hex()
            with file.open("w") as out:
                out.writelines(
                    f'{{"reference":"i-{name}-{n}","sha256":"{os.urandom(32).hex()}"}}\n' for n in range(IMPORTED)
                )
            for beside in file.parent.glob("documents.ndjson.*"):
                beside.unlink()
            client = self.exchange.folder / "clients" / "qingpu-market.json"
            command = [
                str(Path(sys.executable).with_name("cailian")),
                "import",
                str(file),
                "--as",
                str(client),
                "--json",
            ]
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            self._until_integrated()
            rates.append(IMPORTED / (time.perf_counter() - began))
            self.suite.tell(f"import {turn + 1}: {rates[-1]:.0f}/s")
        rate = statistics.median(rates)
        shown = f"{rate:.0f}/s  ({IMPORTED} documents, start of the command included)"
        self.suite.row("import: a file by command, integrated", shown, ">= 8000/s", rate >= 8000, rate=rate)

    def tile(self) -> None:
        """A full tile against the least an ASGI application can do."""
        self._at_least(256)
        count = int(self.suite.seconds * 30_000)
        full = replace(self.lean_shot, method="GET", path="/log/tile/0/000", rows=0, connections=32, count=count)
        ping = replace(full, address=self.plain, path="/ping")
        pairs = []
        for turn in range(PAIRS):
            hits = {shot.path: self.suite.load.drive(shot) for shot in ((full, ping) if turn % 2 else (ping, full))}
            assert hits[full.path].size > 8192
            pairs.append((hits[full.path].rate, hits[ping.path].rate))
        ratio = statistics.median(own / bare for own, bare in pairs)
        own, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
        shown = f"{ratio:.2f}  ({own:.0f}/s over {bare:.0f}/s)"
        self.suite.row("tile: a full tile over a ping", shown, ">= 0.5", ratio >= 0.5, ratio=ratio, ours=own, raw=bare)

    def anchored(self) -> None:
        """A trickle: how long until the chain holds it, and what that costs."""
        web3 = Web3(Web3.HTTPProvider(self.exchange.settings.chain_url))
        self._at_least(1)
        self._until(lambda: self._newest_anchor() > 0)
        account = self._account(web3)
        before, sent_before = self._newest_anchor(), web3.eth.get_transaction_count(account)
        ids: list[str] = []
        ends, pause = time.monotonic() + max(20.0, 4 * self.suite.seconds), Event()
        with self.exchange.client("qingpu-market") as client:
            while time.monotonic() < ends:
                ids.append(client.anchor(reference=f"t-{len(ids)}", sha256=os.urandom(32).hex())["entry_id"])
                pause.wait(0.05)
        self._until(lambda: len(self._waits(ids)) == len(ids))
        waits = self._waits(ids)
        late = sorted(waits)[int(len(waits) * 0.95)]
        most = self.exchange.settings.anchor_interval + 2 * BLOCK_SECONDS
        shown = f"p50 {statistics.median(waits):.1f} s, p95 {late:.1f} s"
        self.suite.row("anchored: after its promise", shown, f"p95 <= {most:.0f} s", late <= most, p95=late)
        with self.engine.connect() as db:
            anchors = db.execute(_ANCHORS, {"after": before}).all()
        sent = web3.eth.get_transaction_count(account) - sent_before
        shown = f"{sent} for {len(anchors)} checkpoints"
        self.suite.row("anchored: transactions", shown, "one each", sent == len(anchors), sent=sent)
        gas = max(web3.eth.get_transaction_receipt(row.tx_hash)["gasUsed"] for row in anchors)
        share = gas / CROWD
        shown = f"{share:.0f} gas a document at {CROWD} a checkpoint  (1/{TRADE_TRUST / share:.0f} of {TRADE_TRUST})"
        self.suite.row("anchored: gas", shown, f"<= {TRADE_TRUST / 100:.0f}", share <= TRADE_TRUST / 100, gas=gas)

    def _integrated(self, shot: Shot) -> tuple[Hit, float]:
        """A run, and its documents a second until a checkpoint covered the last."""
        hit = self.suite.load.drive(shot)
        ended = time.perf_counter()
        self._until_integrated()
        documents = len(hit.each) * shot.rows
        return hit, documents / (hit.wall + time.perf_counter() - ended)

    def _check(self, hit: Hit) -> None:
        """Both sides did the same: a promise of the log for a stored entry."""
        ids = [Promise.from_json(httpx2.Response(200, content=each).json()["promise"]).entry_id for each in hit.samples]
        with self.engine.connect() as db:
            found = db.execute(text("SELECT count(*) FROM ledger.kept WHERE entry_id = ANY(:ids)"), {"ids": ids})
            assert found.scalar_one() == len(ids) > 0

    def _health(self) -> dict[str, Any]:
        return dict(httpx2.get(self.exchange.base_url + "/healthz", timeout=30).json()["figures"])

    def _until_integrated(self) -> None:
        def integrated() -> bool:
            held = self._health()
            return bool(held["log_pending"] == 0 and held["checkpoint_size"] == held["log_size"])

        self._until(integrated)

    def _at_least(self, entries: int) -> None:
        if self._health()["log_size"] < entries:
            self.suite.load.drive(replace(self.lean_shot, rows=entries, connections=1, count=1, seconds=60))

    def _newest_anchor(self) -> int:
        with self.engine.connect() as db:
            return int(
                db.execute(
                    text("SELECT coalesce(max(size), 0) FROM ledger.anchor WHERE state = 'confirmed'")
                ).scalar_one()
            )

    def _waits(self, ids: list[str]) -> list[float]:
        with self.engine.connect() as db:
            return [float(row[0]) for row in db.execute(_ANCHORED, {"ids": ids})]

    def _account(self, web3: Web3) -> Any:
        """Who sends the anchors."""
        with self.engine.connect() as db:
            row = db.execute(_ANCHORS, {"after": 0}).first()
        assert row is not None
        return web3.eth.get_transaction(row.tx_hash)["from"]

    @staticmethod
    def _until(done: Callable[[], bool], seconds: float = 120.0) -> None:
        pause, ends = Event(), time.monotonic() + seconds
        while not done():
            if time.monotonic() > ends:
                raise TimeoutError("the log does not come to rest")
            pause.wait(0.02)
