"""Strangers' tools against our log and our witness: Go's own module-log code and transparency-dev's (see main.go).

Skipped where Go, or the modules it needs, cannot be had.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from api import keys
from api.stack.exchange import Exchange
from ledger.clock import SystemClock, rfc3339
from ledger.cosign import cosignature_time
from ledger.db import Database
from ledger.evidence import Evidence
from ledger.note import Note, NoteSigner, NoteVerifier, open_checkpoint
from ledger.record import Record
from ledger.witness import Seat
from tests.ledger.logs import Log
from tests.ledger.test_witness import asking, grow, published
from tests.ledger.witnesses import NOW, ToyLog, in_memory, listening, until

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
LOG_SIZE = 70_000
"""At least so many entries: the example of tlog-tiles, "Partial Tiles", which has three levels."""
WEB = httpx2.Client(timeout=30)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def interop(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the Go program."""
    program = built(tmp_path_factory.mktemp("interop") / "interop")

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)

    run.program = program  # type: ignore[attr-defined]
    return run


def built(target: Path, folder: Path = HERE) -> Path:
    """Build the Go program of a folder, or skip."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not on this machine")
    fetched = subprocess.run([go, "mod", "download"], cwd=folder, capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        pytest.skip(f"Go modules cannot be had here: {fetched.stderr.strip()[-200:]}")
    subprocess.run([go, "build", "-mod=readonly", "-o", target, "."], cwd=folder, check=True, timeout=600)
    return target


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory, interop: object) -> Iterator[Exchange]:
    """A running node of its own, whose log has seventy thousand entries."""
    held = Exchange(tmp_path_factory.mktemp("node"), demo=True, workers=1, anchor_interval=1.0)
    try:
        held.up()
        fill(held)
        yield held
    finally:
        held.down()
        WEB.close()


def fill(exchange: Exchange) -> None:
    """Bring the log to `LOG_SIZE` entries, and keep an older checkpoint on the way."""
    clock = SystemClock()
    signer = NoteSigner(exchange.settings.origin, keys.load(exchange.settings.secrets_dir).log_key)
    evidence = Evidence(exchange.settings.origin, signer, clock)
    database = Database(exchange.settings.database_url.get_secret_value(), pool_size=2)
    try:
        for size in (500, LOG_SIZE):
            (exchange.folder / "older").write_text(older(exchange))
            fact = {"type": "evidence.recorded", "time": rfc3339(clock.now())}
            with database.unit() as db:
                evidence.append_many(db, [Record(fact, {"case": str(number)}) for number in range(size)])
            assert until(lambda size=size: head(exchange) >= size, 90)
    finally:
        database.close()


def older(exchange: Exchange) -> str:
    assert until(lambda: head(exchange) > 0, 60)
    return get(exchange, "checkpoint").text


def get(exchange: Exchange, path: str) -> httpx2.Response:
    return WEB.get(f"{exchange.base_url}/log/{path}")


def head(exchange: Exchange) -> int:
    answer = get(exchange, "checkpoint")
    return int(answer.text.split("\n")[1]) if answer.status_code == 200 else 0


def log_key(exchange: Exchange) -> str:
    return str(exchange.trust()["logs"][0]["vkey"])


class TestLog:
    """A running node's `/log/`, read as any tiled log."""

    def test_go_finds_every_entry_and_every_older_tree(self, interop: Run, exchange: Exchange) -> None:
        """golang.org/x/mod/sumdb: checkpoint, tiles, entries, inclusion of each, consistency."""
        done = interop("read", f"{exchange.base_url}/log", log_key(exchange), exchange.folder / "older")
        assert done.returncode == 0, done.stderr
        entries, consistent = (int(number) for number in re.findall(r"\d+", done.stdout))
        assert entries >= LOG_SIZE
        assert consistent >= 500

    def test_tessera_fsck_passes(self, interop: Run, exchange: Exchange) -> None:
        done = interop("fsck", f"{exchange.base_url}/log/", log_key(exchange))
        assert done.returncode == 0, done.stderr
        assert done.stdout == "fsck passed\n"

    def test_another_key_is_refused(self, interop: Run, exchange: Exchange) -> None:
        """So that the two above have looked at the signature."""
        stranger = ToyLog(exchange.settings.origin).vkey
        for command in ("read", "fsck"):
            assert interop(command, f"{exchange.base_url}/log/", stranger).returncode == 1

    def test_the_proof_of_an_entry_is_good(self, interop: Run, exchange: Exchange, tmp_path: Path) -> None:
        database = Database(exchange.settings.database_url.get_secret_value(), pool_size=2)
        with database.glance() as db:
            query = "SELECT id::text, leaf FROM ledger.entry WHERE idx = 12345"
            entry_id, leaf = db.exec_driver_sql(query).one()
        database.close()
        answer = WEB.get(f"{exchange.base_url}/v1/entries/{entry_id}/proof")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert f'"{entry_id}.tlog-proof"' in answer.headers["Content-Disposition"]
        file = tmp_path / "entry.tlog-proof"
        file.write_bytes(answer.content)
        [witness] = exchange.trust()["witnesses"]["vkeys"]
        done = interop("proof", file, log_key(exchange), witness, bytes(leaf).decode())
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("entry 12345 of ")
        assert interop("proof", file, log_key(exchange), witness, "another entry").returncode == 1

    def test_tiles_are_as_wide_as_the_tree_is_large(self, exchange: Exchange) -> None:
        """tlog-tiles, "Partial Tiles": floor(s / 256^l) mod 256, and nothing empty or wider."""
        size = head(exchange)
        for level in range(4):
            whole, part = divmod(size >> 8 * level, 256)
            for n in range(min(whole, 2)):
                self.tile(exchange, f"tile/{level}/{n:03d}", 8192)
            for width in {1, part} if part else ():
                self.tile(exchange, f"tile/{level}/{whole:03d}.p/{width}", 32 * width)
            for absent in (f"{whole:03d}", f"{whole:03d}.p/0", f"{whole:03d}.p/255", f"{whole + 1:03d}.p/1"):
                assert get(exchange, f"tile/{level}/{absent}").status_code == 404

    def tile(self, exchange: Exchange, path: str, length: int) -> None:
        answer = get(exchange, path)
        assert (answer.status_code, len(answer.content)) == (200, length)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    def test_entries_come_in_bundles(self, exchange: Exchange) -> None:
        """tlog-tiles, "Log entries": as wide as the tiles of level 0, each entry behind its length."""
        whole, part = divmod(head(exchange), 256)
        for path, count in (("000", 256), (f"{whole:03d}.p/{part}", part)):
            raw = get(exchange, f"tile/entries/{path}").content
            lengths = []
            while raw:
                lengths.append(int.from_bytes(raw[:2], "big"))
                raw = raw[2 + lengths[-1] :]
            assert len(lengths) == count
        assert get(exchange, f"tile/entries/{whole:03d}").status_code == 404

    @pytest.mark.parametrize(
        "path",
        [
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/0",
            "tile/0/x000/000",
            "tile/0/000/000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/8/0/000",
            "tile/0/000/",
            "tile/0/x001/x234/067/068",
            "tile/data/000",
            "tile/0/%30%30%30.p",
        ],
    )
    def test_other_spellings_are_not_found(self, exchange: Exchange, path: str) -> None:
        answer = get(exchange, path)
        assert answer.status_code == 404
        assert answer.headers["Cache-Control"] == "no-store"

    def test_the_checkpoint_is_not_cached(self, exchange: Exchange) -> None:
        answer = get(exchange, "checkpoint")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


class TestWitness:
    """transparency-dev's witness cosigns our checkpoints; their log gets cosignatures from our witness."""

    def test_theirs_cosigns_ours(self, interop: Run, database: Database) -> None:
        log = Log(database, quorum=1)
        process = subprocess.Popen(
            [interop.program, "witness", "go-witness.test", log.key.vkey],  # type: ignore[attr-defined]
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            seat = Seat.parse(f"{told['vkey']} {told['url']}")
            job = asking(log, seat)
            for count in (3, 1, 300):
                newest = grow(log, count)
                job.look()
                assert job.serve(seat)
                assert published(log) == newest.head.size
            Log(database, quorum=1)  # the log begins anew: theirs remembers, and cannot show our signature
            grow(log, 2)
            fresh = asking(log, seat)
            fresh.look()
            assert not fresh.serve(seat)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
            assert process.stdout is not None
            process.stdout.close()

    def test_ours_cosigns_theirs(self, interop: Run, tmp_path: Path) -> None:
        """Tessera publishes nothing that its witness has not cosigned; it publishes twelve entries."""
        theirs = ToyLog("tessera.test/log", seed=11)
        seed = theirs.signer.key.private_bytes_raw()
        secret = b64encode(b"\x01" + seed).decode()
        skey = f"PRIVATE+KEY+{theirs.signer.name}+{theirs.signer.key_id.hex()}+{secret}"
        witness = in_memory(tmp_path, [theirs.vkey])
        with listening(witness) as seat:
            done = interop("log", tmp_path / "tessera", skey, seat.url, seat.key.vkey)
        assert done.returncode == 0, done.stderr
        assert open_checkpoint(done.stdout, NoteVerifier.parse(theirs.vkey)).size == 12
        note = Note.parse(done.stdout)
        assert note.verified_by([seat.key]) == [seat.key]
        assert [cosignature_time(each) for each in note.signatures if each.name == seat.key.name] == [NOW]
        witness.memory.close()
