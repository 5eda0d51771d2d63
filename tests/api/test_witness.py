"""The witness server: the whole answer table of tlog-witness, what it remembers, and evidence against logs (L2, L3)."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from api.witness import home
from api.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    MemoryLostError,
    NotTrustedError,
    RefusalError,
    UnknownLogError,
    WitnessHomeError,
)
from api.witness.memory import KEPT_UNPROVEN
from ledger.cosign import AddCheckpoint, cosignature_time, origin_hash, parse_signatures
from ledger.equivocation import Equivocation, Kind, examine
from ledger.errors import NoteError
from ledger.merkle import EMPTY_ROOT
from ledger.note import Note, NoteVerifier, open_checkpoint
from tests.ledger.chains import free_port
from tests.ledger.witnesses import NOW, ToyLog, in_memory, listening, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.witness.witness import Witness
    from tests.contracts.reference import Tree

LOG = ToyLog()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    made = in_memory(tmp_path, [LOG.vkey])
    yield made
    made.memory.close()


def body(old: int, new: int, tree: Tree | None = None, *, note: str | None = None, proof: list[bytes] | None = None):
    shown = tree or LOG.honest
    given = (shown.proof(old, new) if 0 < old < new else []) if proof is None else proof
    return AddCheckpoint(old, tuple(given), note or LOG.note(new, shown)).encode()


def evidence(witness: Witness) -> list[tuple[str, Kind]]:
    """Kind as kept, and as the file alone shows it."""
    held = witness.memory.evidence()
    files = [witness.memory.evidence_file(each.id) or "" for each in held]
    return [(e.kind, examine(Equivocation.parse(f.encode())).kind) for e, f in zip(held, files, strict=True)]


class TestAddCheckpoint:
    """`Witness.add_checkpoint`, in the order of its steps."""

    def test_cosigns_what_grows(self, witness: Witness) -> None:
        for old, new in ((0, 3), (3, 4), (4, 4), (4, 257), (257, 300)):
            line = witness.add_checkpoint(body(old, new))
            note = Note.parse(LOG.note(new) + line)
            assert note.verified_by([witness.cosigner.verifier]) == [witness.cosigner.verifier]

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"old 0",
            b"old 0\n" + LOG.note(3).encode(),
            b"old 00\n\n" + LOG.note(3).encode(),
            b"old -1\n\n" + LOG.note(3).encode(),
            b"old 9999999999999999999\n\n" + LOG.note(3).encode(),
            b"Old 0\n\n" + LOG.note(3).encode(),
            b"old 0 \n\n" + LOG.note(3).encode(),
            b"old 0\r\n\r\n" + LOG.note(3).encode(),
            b"old 0\nAAAA\n\n" + LOG.note(3).encode(),
            b"old 0\n"
            + b"\n".join([b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="] * 64)
            + b"\n\n"
            + LOG.note(3).encode(),
            b"old 0\n\n" + LOG.note(3).encode()[:-1],
            b"old 0\n\n" + LOG.note(3).replace("\n3\n", "\n03\n").encode(),
            b"old 0\n\n" + LOG.note(3).replace("\n3\n", "\n9223372036854775808\n").encode(),
            b"old 0\n\n" + LOG.signer.name.encode() + b"\n3\n",
            b"old 0\n\n\xff" + LOG.note(3).encode(),
            b"old 0\n\n" + LOG.note(3).encode() + b"x" * 90_000,
        ],
    )
    def test_refuses_what_is_malformed(self, witness: Witness, raw: bytes) -> None:
        with pytest.raises((MalformedError, UnknownLogError)):
            witness.add_checkpoint(raw)
        assert witness.memory.note(origin_hash(LOG.signer.name)) is None

    def test_refuses_logs_it_does_not_watch(self, witness: Witness) -> None:
        stranger = ToyLog("stranger.test/log")
        with pytest.raises(UnknownLogError):
            witness.add_checkpoint(body(0, 3, note=stranger.note(3)))

    def test_refuses_another_key_under_a_watched_name(self, witness: Witness) -> None:
        with pytest.raises(NotTrustedError):
            witness.add_checkpoint(body(0, 3, note=ToyLog(seed=8).note(3)))

    def test_refuses_a_bad_signature_of_a_known_key(self, witness: Witness) -> None:
        good, other = LOG.note(3), LOG.note(4)
        forged = good.rpartition("\n\n")[0] + "\n\n" + other.rpartition("\n\n")[2]
        with pytest.raises(NotTrustedError):
            witness.add_checkpoint(body(0, 3, note=forged))

    def test_skips_signatures_of_strangers(self, witness: Witness) -> None:
        stranger = ToyLog(seed=8).note(3).rpartition("\n\n")[2]
        witness.add_checkpoint(body(0, 3, note=LOG.note(3) + stranger))
        kept = witness.memory.note(origin_hash(LOG.signer.name))
        assert kept is not None
        assert stranger not in kept  # nobody fills a witness's memory with lines of his own

    def test_refuses_an_old_size_above_the_checkpoint(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 5))
        with pytest.raises(MalformedError):
            witness.add_checkpoint(body(5, 3))

    def test_tells_its_size_when_the_old_one_is_wrong(self, witness: Witness) -> None:
        with pytest.raises(ConflictError) as refused:
            witness.add_checkpoint(body(2, 3))
        assert refused.value.size == 0
        witness.add_checkpoint(body(0, 5))
        for old in (0, 3, 6):
            with pytest.raises(ConflictError) as refused:
                witness.add_checkpoint(body(old, 9))
            assert refused.value.size == 5

    def test_does_not_go_back(self, witness: Witness) -> None:
        """A restored log, or a slow sender: 409 with the larger size, whatever it says it has seen."""
        witness.add_checkpoint(body(0, 9))
        for old in (0, 3, 5):
            with pytest.raises(ConflictError) as refused:
                witness.add_checkpoint(body(old, 5))
            assert refused.value.size == 9
        assert evidence(witness) == []  # a smaller honest tree is no lie

    def test_refuses_a_wrong_empty_tree(self, witness: Witness) -> None:
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(0, 0, note=LOG.note(0, root=bytes(32))))
        witness.add_checkpoint(body(0, 0, note=LOG.note(0, root=EMPTY_ROOT)))
        witness.add_checkpoint(body(0, 3))

    def test_refuses_a_proof_from_the_empty_tree(self, witness: Witness) -> None:
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(0, 3, proof=[bytes(32)]))

    def test_refuses_a_proof_within_one_size(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 3))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(3, 3, proof=[bytes(32)]))

    def test_refuses_every_changed_proof(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 5))
        proof = LOG.honest.proof(5, 300)
        broken = [proof[:-1], [*proof, bytes(32)], proof[::-1], []]
        broken += [[*proof[:at], bytes(32), *proof[at + 1 :]] for at in range(len(proof))]
        for each in broken:
            with pytest.raises(InconsistentError):
                witness.add_checkpoint(body(5, 300, proof=each))
        assert {kept for kept, _ in evidence(witness)} == {Kind.unproven}
        witness.add_checkpoint(body(5, 300))

    def test_knows_a_log_by_several_keys(self, tmp_path: Path) -> None:
        newer = ToyLog(seed=8)
        witness = in_memory(tmp_path, [LOG.vkey, newer.vkey])
        witness.add_checkpoint(body(0, 3))
        witness.add_checkpoint(body(3, 5, note=newer.note(5)))
        with pytest.raises(NoteError):
            in_memory(tmp_path, [witness.cosigner.verifier.vkey])

    def test_of_two_senders_one_wins(self, witness: Witness) -> None:
        """Both prove from the same old size; were both cosigned, the later answer could roll the other back."""
        witness.add_checkpoint(body(0, 5))
        requests = [body(5, new) for new in range(6, 46)]

        def send(raw: bytes) -> int:
            try:
                witness.add_checkpoint(raw)
            except RefusalError as refusal:
                return refusal.status
            return 200

        with ThreadPoolExecutor(8) as senders:
            answers = sorted(senders.map(send, requests))
        assert answers == [200] + [409] * 39


class TestTime:
    """Times of cosignatures."""

    def times(self, witness: Witness, *moves: tuple[int, int]) -> list[int]:
        lines = [witness.add_checkpoint(body(old, new)) for old, new in moves]
        return [cosignature_time(parse_signatures(line)[0]) for line in lines]

    def test_never_go_back(self, tmp_path: Path) -> None:
        clock = iter([NOW + 100, NOW, NOW + 99, NOW + 101])
        witness = in_memory(tmp_path, [LOG.vkey], now=lambda: next(clock))
        assert self.times(witness, (0, 1), (1, 2), (2, 2), (2, 3)) == [NOW + 100, NOW + 100, NOW + 100, NOW + 101]

    def test_never_go_back_over_a_restart_or_between_logs(self, tmp_path: Path) -> None:
        other = ToyLog("other.test/log")
        early = in_memory(tmp_path, [LOG.vkey, other.vkey], now=lambda: NOW + 100)
        self.times(early, (0, 1))
        early.memory.close()
        late = in_memory(tmp_path, [LOG.vkey, other.vkey], now=lambda: NOW)
        line = late.add_checkpoint(body(0, 3, note=other.note(3)))
        assert cosignature_time(parse_signatures(line)[0]) == NOW + 100

    @pytest.mark.parametrize("now", [0.0, -5.0, 0.4])
    def test_are_never_zero(self, tmp_path: Path, now: float) -> None:
        witness = in_memory(tmp_path, [LOG.vkey], now=lambda: now)
        assert self.times(witness, (0, 1)) == [1]


class TestEvidence:
    """Logs that signed two trees (RELIABILITY L2): answered by the table, kept, and proven by the file alone."""

    def test_two_trees_of_one_size(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 5))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(5, 5, LOG.forked))
        assert evidence(witness) == [(Kind.same_size, Kind.same_size)]

    @pytest.mark.parametrize("old", [3, 5, 6, 100, 255, 257])
    def test_a_larger_tree_that_does_not_contain_the_smaller(self, witness: Witness, old: int) -> None:
        """The liar's own proof, from its other tree, convicts it."""
        witness.add_checkpoint(body(0, old))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(old, 300, LOG.forked))
        assert evidence(witness) == [(Kind.inconsistent, Kind.inconsistent)]

    @pytest.mark.parametrize("old", [1, 4, 256])
    def test_the_same_from_a_power_of_two_waits_for_one_more_hash(self, witness: Witness, old: int) -> None:
        """There the proof leaves out the very hash that differs; whoever has the log's tiles can add it."""
        witness.add_checkpoint(body(0, old))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(old, 300, LOG.forked))
        assert evidence(witness) == [(Kind.unproven, Kind.unproven)]
        held = Equivocation.parse((witness.memory.evidence_file(1) or "").encode())
        whole = Equivocation(held.log, held.notes, (LOG.forked.hash(0, old), *held.path))
        assert examine(whole).kind is Kind.inconsistent

    def test_a_smaller_tree_after_a_larger(self, witness: Witness) -> None:
        """A size that was cosigned long ago comes back with another root, under each refusal of the table."""
        for old, new in ((0, 3), (3, 5), (5, 9)):
            witness.add_checkpoint(body(old, new))
        with pytest.raises(ConflictError):
            witness.add_checkpoint(body(3, 5, LOG.forked))
        with pytest.raises(MalformedError):
            witness.add_checkpoint(body(9, 3, LOG.forked))
        assert evidence(witness) == [(Kind.same_size, Kind.same_size)] * 2

    def test_is_kept_once(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 5))
        for _ in range(3):
            with pytest.raises(InconsistentError):
                witness.add_checkpoint(body(5, 5, LOG.forked))
        assert len(witness.memory.evidence()) == 1

    def test_proven_takes_the_place_of_unproven(self, witness: Witness) -> None:
        witness.add_checkpoint(body(0, 5))
        for proof in ([bytes(32)], LOG.forked.proof(5, 9), [bytes(32)]):
            with pytest.raises(InconsistentError):
                witness.add_checkpoint(body(5, 9, LOG.forked, proof=proof))
        assert evidence(witness) == [(Kind.inconsistent, Kind.inconsistent)]

    def test_nobody_fills_the_memory(self, witness: Witness) -> None:
        """Anybody can send honest checkpoints with wrong proofs."""
        witness.add_checkpoint(body(0, 5))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(5, 5, LOG.forked))
        for new in range(6, 6 + KEPT_UNPROVEN + 20):
            with pytest.raises(InconsistentError):
                witness.add_checkpoint(body(5, new, proof=[bytes(32)]))
        kinds = [kind for kind, _ in evidence(witness)]
        assert (kinds.count(Kind.same_size), kinds.count(Kind.unproven)) == (1, KEPT_UNPROVEN)

    def test_two_keys_of_one_log_accuse_nobody(self, tmp_path: Path) -> None:
        """Evidence names one key; trees signed by two keys show nothing about either."""
        newer = ToyLog(seed=8)
        witness = in_memory(tmp_path, [LOG.vkey, newer.vkey])
        witness.add_checkpoint(body(0, 5))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(5, 5, note=newer.note(5, LOG.forked)))
        assert evidence(witness) == []


class TestHttp:
    """The same over HTTP, as strangers see it."""

    @pytest.fixture
    def web(self, witness: Witness) -> Iterator[httpx2.Client]:
        with listening(witness) as seat, httpx2.Client(base_url=seat.url) as client:
            yield client

    def test_answers_by_the_table(self, web: httpx2.Client, witness: Witness) -> None:
        def post(raw: bytes) -> httpx2.Response:
            return web.post("/add-checkpoint", content=raw)

        good = post(body(0, 5))
        assert good.status_code == 200
        assert good.text.startswith(f"— {witness.cosigner.name} ")
        assert good.text.endswith("\n")
        conflict = post(body(3, 9))
        assert (conflict.status_code, conflict.headers["Content-Type"]) == (409, "text/x.tlog.size")
        assert conflict.content == b"5\n"
        assert post(b"old").status_code == 400
        assert post(body(5, 3)).status_code == 400
        assert post(body(0, 3, note=ToyLog(seed=8).note(3))).status_code == 403
        assert post(body(0, 3, note=ToyLog("x").note(3))).status_code == 404
        assert post(body(5, 9, proof=[])).status_code == 422
        assert post(b"x" * 200_000).status_code == 413
        assert web.get("/add-checkpoint").status_code == 405
        assert web.get("/add-checkpoint").headers["Allow"] == "POST"

    def test_shows_the_last_checkpoint(self, web: httpx2.Client, witness: Witness) -> None:
        address = f"/{origin_hash(LOG.signer.name)}/checkpoint"
        assert web.get(address).status_code == 404
        for old, new in ((0, 3), (3, 5)):
            web.post("/add-checkpoint", content=body(old, new))
        shown = web.get(address)
        assert shown.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert open_checkpoint(shown.text, NoteVerifier.parse(LOG.vkey)).size == 5
        assert Note.parse(shown.text).verified_by([witness.cosigner.verifier])
        assert web.get("/vkey").text == witness.cosigner.verifier.vkey + "\n"

    def test_exports_evidence(self, web: httpx2.Client) -> None:
        assert web.get("/evidence").json() == []
        web.post("/add-checkpoint", content=body(0, 5))
        web.post("/add-checkpoint", content=body(5, 5, LOG.forked))
        [listed] = web.get("/evidence").json()
        assert listed["kind"] == "same-size"
        file = web.get(f"/evidence/{listed['id']}")
        assert file.headers["Content-Type"] == "application/json"
        assert examine(Equivocation.parse(file.content)).kind is Kind.same_size
        for missing in ("2", str(1 << 63), "-1", "x"):
            assert web.get(f"/evidence/{missing}").status_code == 404

    def test_signs_nothing_it_cannot_remember(self, web: httpx2.Client, witness: Witness, tmp_path: Path) -> None:
        web.post("/add-checkpoint", content=body(0, 3))
        witness.memory._db.execute("PRAGMA query_only = ON")
        refused = web.post("/add-checkpoint", content=body(3, 5))
        assert (refused.status_code, refused.content) == (503, b"")
        witness.memory._db.execute("PRAGMA query_only = OFF")
        assert web.post("/add-checkpoint", content=body(3, 5)).status_code == 200


class TestMemory:
    def test_syncs_every_commit(self, witness: Witness) -> None:
        assert witness.memory._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert witness.memory._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_two_processes_on_one_file_take_turns(self, tmp_path: Path) -> None:
        first, second = (in_memory(tmp_path, [LOG.vkey]) for _ in range(2))
        first.add_checkpoint(body(0, 5))
        with pytest.raises(ConflictError):
            second.add_checkpoint(body(0, 3, LOG.forked))
        second.add_checkpoint(body(5, 9))
        with pytest.raises(ConflictError):
            first.add_checkpoint(body(5, 7))

    def test_a_failed_act_leaves_nothing(self, witness: Witness) -> None:
        def fail_halfway() -> None:
            with witness.memory.act():
                witness.memory._db.execute("INSERT INTO log VALUES ('x', 'x', 1, x'00', '', 1)")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_halfway()
        assert witness.memory.note("x") is None


class TestHome:
    NAME = "witness.test/home"

    def test_makes_key_and_memory_once(self, tmp_path: Path) -> None:
        first = home.vkey(tmp_path / "w", self.NAME)
        assert home.vkey(tmp_path / "w", self.NAME) == first
        assert (tmp_path / "w/witness.json").stat().st_mode & 0o777 == 0o600
        assert NoteVerifier.parse(first).is_witness

    def test_refuses_a_key_without_its_memory(self, tmp_path: Path) -> None:
        """Without memory it would cosign a second tree."""
        home.vkey(tmp_path, self.NAME)
        (tmp_path / home.MEMORY).unlink()
        with pytest.raises(MemoryLostError):
            home.open_home(tmp_path, self.NAME)
        for content in (b"", b"not a database" * 100):
            (tmp_path / home.MEMORY).write_bytes(content)
            with pytest.raises(MemoryLostError):
                home.open_home(tmp_path, self.NAME)

    def test_a_death_before_the_key_is_no_loss(self, tmp_path: Path) -> None:
        (tmp_path / home.MEMORY).touch()
        assert home.vkey(tmp_path, self.NAME)
        home.open_home(tmp_path, self.NAME).memory.close()

    def test_refuses_another_name_and_a_broken_key(self, tmp_path: Path) -> None:
        home.vkey(tmp_path, self.NAME)
        with pytest.raises(WitnessHomeError):
            home.vkey(tmp_path, "witness.test/other")
        (tmp_path / "witness.json").write_text('{"name": "x"}')
        with pytest.raises(WitnessHomeError):
            home.vkey(tmp_path, self.NAME)

    def test_a_process_killed_after_its_answer_remembers(self, tmp_path: Path) -> None:
        """kill -9 at the moment the cosignature arrives; the next start answers 409 to a second tree."""

        port = free_port()

        def start() -> subprocess.Popen[bytes]:
            argv = [sys.executable, "-m", "api.witness", "--data-dir", str(tmp_path), "--name", self.NAME]
            process = subprocess.Popen([*argv, "--log", LOG.vkey, "--port", str(port)], stderr=subprocess.DEVNULL)
            assert until(lambda: alive(port))
            return process

        process = start()
        try:
            assert add(port, body(0, 5)) == (200, None)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = start()
            assert add(port, body(0, 9, LOG.forked)) == (409, "5\n")
            assert add(port, body(5, 9)) == (200, None)
        finally:
            process.kill()
            process.wait()
        with sqlite3.connect(tmp_path / home.MEMORY) as db:
            assert db.execute("SELECT size FROM log").fetchall() == [(9,)]
        db.close()


def alive(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/livez", timeout=10).status_code == 200
    except httpx2.TransportError:
        return False


def add(port: int, raw: bytes) -> tuple[int, str | None]:
    answer = httpx2.post(f"http://127.0.0.1:{port}/add-checkpoint", content=raw)
    return answer.status_code, answer.text if answer.status_code == 409 else None


class TestCommand:
    """`cailian witness`: run from a shell, with nothing but files."""

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        cailian = os.path.join(os.path.dirname(sys.executable), "cailian")  # noqa: PTH118, PTH120
        return subprocess.run(
            [cailian, "witness", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
        )

    def test_evidence_turns_red_offline(self, tmp_path: Path) -> None:
        witness = in_memory(tmp_path, [LOG.vkey])
        witness.add_checkpoint(body(0, 5))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(5, 9, LOG.forked))
        with pytest.raises(InconsistentError):
            witness.add_checkpoint(body(5, 10, proof=[]))
        witness.memory.close()
        (tmp_path / "witness-1.sqlite").rename(tmp_path / home.MEMORY)
        exported = self.run("evidence", tmp_path / "out", "--data-dir", tmp_path, "--json")
        assert exported.returncode == 1
        files = {held["kind"]: file for file, held in json.loads(exported.stdout).items()}
        red = self.run("check", files["inconsistent"], "--json")
        assert (red.returncode, json.loads(red.stdout)["finding"]) == (1, "inconsistent")
        assert json.loads(red.stdout)["key"] == LOG.vkey
        assert self.run("check", files["unproven"]).returncode == 3
        broken = tmp_path / "broken.json"
        broken.write_text(
            (tmp_path / "out").joinpath("inconsistent-1.json").read_text().replace('"version": 1', '"version": 2')
        )
        assert self.run("check", broken).returncode == 2
        assert self.run("evidence", tmp_path / "none", "--data-dir", tmp_path / "nowhere").returncode == 1
