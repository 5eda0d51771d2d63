"""Bulk intake of files of 200 kB by what the command runs, against bare PUTs of the same files from the same disk.

Five interleaved pairs of a hundred files each; both sides read the files they send, set the same retention and end when
everything is durable. An intake is over when every row is answered, and every answer is checked. The dry run of a whole
manifest of 100,000 rows is timed with `--full`.
"""

from __future__ import annotations

import csv
import io
import shutil
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import urllib3
from minio import Minio
from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from api.client import Client
from api.intaking import DryRun, IntakeRun
from bench.load import document
from materials.intake.manifest import Manifest

if TYPE_CHECKING:
    from bench.load import Target
    from bench.suite import Suite

PAIRS: Final = 5
FILES: Final = 100
SIZE: Final = 200_000
ROWS: Final = 100_000
SMALL: Final = 1_000
"""Bytes of a file of the long manifest: what is timed there is the row."""
LEAST: Final = 0.5
THREADS: Final = 4
_FIRM: Final = ("宝山青禾餐饮管理有限公司", "91310113XX0000019X")
_HEAD: Final = ("path", "type_code", "holder_name", "holder_code", "dated_on", "reference")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run did: rows answered as they should be, and wall seconds."""

    rows: int
    seconds: float


def measure(suite: Suite, target: Target, *, full: bool) -> None:
    """Both sides, and the dry run where all is asked for."""
    if not suite.wanted("intake"):
        return
    folder = suite.folder / "archive"
    shares, rates = [], []
    for turn in range(PAIRS):
        manifest = write(folder / str(turn), FILES, SIZE)
        files = sorted(str(path) for path in manifest.parent.rglob("*.pdf"))
        ours = raw = 0.0
        for side in ("ours", "raw") if turn % 2 else ("raw", "ours"):
            if side == "ours":
                done = suite.load.call(take, target, str(manifest)).result()
                if done.rows != FILES:
                    msg = f"{done.rows} rows taken of {FILES}"
                    raise RuntimeError(msg)
                ours = done.seconds
            else:
                halves = [suite.load.call(put, target, files[half::2]) for half in range(2)]
                raw = max(each.result() for each in halves)
        shares.append(raw / ours)
        rates.append((FILES / ours, FILES / raw))
        shutil.rmtree(manifest.parent)
    share = statistics.median(shares)
    middle = [statistics.median(side) for side in zip(*rates, strict=True)]
    shown = f"{share:.3f}  ({middle[0]:.0f} files/s over {middle[1]:.0f}/s raw)"
    pairs = [round(each, 3) for each in shares]
    suite.row(f"intake of {SIZE // 1000} kB files", shown, f">= {LEAST}", share >= LEAST, ratio=share, pairs=pairs)
    if full:
        _long(suite, target, folder)


def _long(suite: Suite, target: Target, folder: Path) -> None:
    manifest = write(folder / "long", ROWS, SMALL)
    done = suite.load.call(check, target, str(manifest)).result()
    if done.rows != ROWS:
        msg = f"{done.rows} rows good of {ROWS}"
        raise RuntimeError(msg)
    shown = f"{done.seconds:.0f} s  ({done.rows / done.seconds:.0f} rows/s)"
    suite.row(f"intake dry run of {ROWS} rows", shown, "told", None, seconds=done.seconds)
    shutil.rmtree(manifest.parent)


def write(folder: Path, count: int, size: int) -> Path:
    """A manifest with its files, a thousand to a folder."""
    folder.mkdir(parents=True)
    manifest, run = folder / "m.csv", uuid.uuid4().hex[:8]  # two manifests of the same bytes are one intake
    with manifest.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEAD)
        for number in range(count):
            path = f"{number // 1000}/{number}.pdf"
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(document(size))
            writer.writerow((path, "CL025", *_FIRM, "2024-03-01", f"D30-{run}-{number}"))
    return manifest


def take(target: Target, manifest: str) -> Taken:
    """Take a manifest in, as the command does."""
    return _run(IntakeRun, target, manifest, "taken")


def check(target: Target, manifest: str) -> Taken:
    """Check a manifest, as the command does."""
    return _run(DryRun, target, manifest, "good")


def _run(kind: type[Any], target: Target, manifest: str, state: str) -> Taken:
    held, file = target.clients["baoshan-window"], Path(manifest)
    with Client(target.base_url, held["client_id"], held["key"]) as node:
        node.token()
        started = time.perf_counter()
        report = file.with_suffix(".report.csv")
        done = kind(node, Manifest(file), operator="bs-017", report=report, parallel=THREADS).run()
        return Taken(done.states[state], time.perf_counter() - started)


def put(target: Target, files: list[str]) -> float:
    """PUT files with the retention the exchange sets; wall seconds."""
    held = target.s3
    pool = urllib3.PoolManager(retries=False, maxsize=THREADS)
    client = Minio(
        held["endpoint"], held["access_key"], held["secret_key"], secure=False, region=held["region"], http_client=pool
    )
    retention = Retention(GOVERNANCE, datetime.now(UTC) + timedelta(days=1))

    def send(file: str) -> None:
        data = Path(file).read_bytes()
        client.put_object(held["bucket"], f"raw/{uuid.uuid4()}", io.BytesIO(data), len(data), retention=retention)

    with ThreadPoolExecutor(THREADS) as threads:
        started = time.perf_counter()
        list(threads.map(send, files))
        return time.perf_counter() - started
