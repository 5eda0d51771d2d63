"""How much memory a large upload costs the HTTP workers: proportional set size, the largest seen while it runs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil

from bench.world import FIRM

if TYPE_CHECKING:
    from bench.world import Bench


@dataclass(frozen=True, slots=True)
class Grown:
    """Growth in mebibytes over all workers together, and megabytes a second."""

    mebibytes: float
    rate: float


def upload(bench: Bench, size: int) -> Grown:
    """Deposit a PDF of `size` bytes and watch the workers' unique memory every 20 ms."""
    pids = [pid for name, pid in bench.exchange.stack.pids.items() if name.startswith("api-")]
    watched = [psutil.Process(pid) for pid in pids]
    before, peak, stop = _held(watched), 0, Event()

    def watch() -> None:
        nonlocal peak
        while not stop.wait(0.02):
            peak = max(peak, _held(watched))

    watcher = Thread(target=watch)
    with NamedTemporaryFile(suffix=".pdf") as file:
        _write(Path(file.name), size)
        watcher.start()
        started = time.perf_counter()
        with bench.exchange.client("baoshan-window") as client:
            metadata = {"type_code": "CL025", "holder": FIRM, "operator": "bs-017"}
            client.deposit(Path(file.name), metadata, content_type="application/pdf")
        took = time.perf_counter() - started
    stop.set()
    watcher.join()
    return Grown((peak - before) / 2**20, size / took / 1e6)


def _held(processes: list[psutil.Process]) -> int:
    return sum(process.memory_full_info().uss for process in processes)


def _write(path: Path, size: int) -> None:
    block = os.urandom(2**20).hex().encode()
    with path.open("wb") as file:
        file.write(
            b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%"
        )
        while file.tell() < size:
            file.write(block)
        file.write(b"\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n%%EOF\n")
