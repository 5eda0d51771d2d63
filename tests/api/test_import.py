"""Bulk import: killed at any moment it goes on where it was, and nothing is anchored twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, text

from api.client import Client, Import, ImportStoppedError, ProblemError
from api.client.bulk import MEMORY
from tests.api.test_journey import until

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

CAILIAN = Path(sys.executable).with_name("cailian")
COUNT = text("SELECT count(*), count(DISTINCT reference) FROM ledger.kept WHERE reference LIKE :like")


@pytest.fixture(scope="module")
def engine(exchange: Exchange) -> Iterator[Engine]:
    made = create_engine(exchange.settings.database_url.get_secret_value())
    yield made
    made.dispose()


@pytest.fixture
def run_name() -> str:
    return "I-" + uuid.uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:12]


def anchored(engine: Engine, name: str) -> tuple[int, int]:
    with engine.connect() as db:
        return tuple(db.execute(COUNT, {"like": f"{name}-%"}).one())  # type: ignore[return-value]


def row(name: str, number: int) -> str:
    return json.dumps({"reference": f"{name}-{number}", "sha256": os.urandom(32).hex()})


def ndjson(folder: Path, name: str, count: int, bad: tuple[int, ...] = ()) -> Path:
    file = folder / "documents.ndjson"
    file.write_text("".join(("bad" if n in bad else row(name, n)) + "\n" for n in range(count)))
    return file


def states(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.with_name(file.name + ".import.json").read_text()))


class Cut(Client):
    """A client whose connection is cut after the node did its work, once for each request."""

    def __init__(self, client: Client) -> None:
        super().__init__(client.base_url, client.client_id, client.key)
        self.cut: set[str] = set()

    def anchor_many(self, rows: bytes, *, key: str | None = None, minimal: bool = False) -> list[dict[str, Any]]:
        answer = super().anchor_many(rows, key=key, minimal=minimal)
        if key not in self.cut:
            self.cut.add(str(key))
            raise httpx2.ReadError("cut")
        return answer


class TestImport:
    def test_anchors_every_good_row_and_writes_down_the_others(
        self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 250, bad=(3, 170))
        work = Import(qingpu, file, batch=100)
        told: list[int] = []
        held = work.run(lambda state: told.append(state.rows))
        assert (held.rows, held.taken, held.refused, told) == (250, 248, 2, [100, 200, 250])
        assert anchored(engine, run_name) == (248, 248)
        refused = [json.loads(line) for line in work.refused_file.read_text().splitlines()]
        assert [(each["row"], each["code"], each["given"]) for each in refused] == [
            (4, "row-malformed", "bad"),
            (171, "row-malformed", "bad"),
        ]

    def test_does_nothing_for_a_file_that_is_done(
        self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 10)
        first = Import(qingpu, file).run()
        assert Import(qingpu, file).run() == first
        assert anchored(engine, run_name) == (10, 10)

    def test_reads_csv_with_a_head_line(self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str) -> None:
        file = tmp_path / "documents.csv"
        sha = "ab" * 32
        file.write_bytes(
            f"\ufeffsha256,reference,size,type_code\r\n{sha},{run_name}-1,12,CL022\r\n"
            f'{sha},"{run_name}-2",,\r\n{sha}\r\n{sha},"a,b",x,\r\n{sha},{run_name}-3,1x,\r\n'.encode()
        )
        work = Import(qingpu, file, batch=2)
        held = work.run()
        assert (held.rows, held.taken, held.refused) == (5, 2, 3)
        (found,) = qingpu.call("GET", f"/v1/evidence?reference={run_name}-1")["items"]
        shown = qingpu.call("GET", f"/v1/evidence/{found['entry_id']}")
        assert (shown["size"], shown["type_code"]) == (12, "CL022")
        codes = [json.loads(line)["code"] for line in work.refused_file.read_text().splitlines()]
        assert codes == ["row-malformed", "evidence-invalid", "evidence-invalid"]

    def test_cuts_where_rows_are_long(
        self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.client.bulk._MAX_BODY", 5000)
        file = ndjson(tmp_path, run_name, 100)
        with file.open("a") as more:
            more.write("x" * 1_000_000 + "\n" + row(run_name, 100))
        held = Import(qingpu, file, batch=1000).run()
        assert (held.rows, held.taken, held.refused) == (102, 101, 1)
        assert held.done > 2
        assert anchored(engine, run_name) == (101, 101)

    def test_repeats_what_was_answered_but_not_heard(
        self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 50, bad=(7,))
        with Cut(qingpu) as client:
            held = Import(client, file, batch=20).run()
            assert len(client.cut) == 3
        assert (held.taken, held.refused) == (49, 1)
        assert anchored(engine, run_name) == (49, 49)

    def test_stops_by_name_when_refused_and_goes_on_later(
        self, exchange: Exchange, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 50)

        class Refused(Client):
            def anchor_many(self, rows: bytes, **more: Any) -> list[dict[str, Any]]:
                if f"{run_name}-20" in rows.decode():
                    raise ProblemError(403, {"code": "insufficient_scope"})
                return super().anchor_many(rows, **more)

        with (
            Refused(qingpu.base_url, qingpu.client_id, qingpu.key) as client,
            pytest.raises(ImportStoppedError) as caught,
        ):
            Import(client, file, batch=10, parallel=1).run()
        assert caught.value.code == "insufficient_scope"
        assert states(file)["rows"] == 20
        assert Import(qingpu, file).run().rows == 50
        assert anchored(engine, run_name) == (50, 50)

    def test_gives_up_on_a_node_that_does_not_answer(self, qingpu: Client, tmp_path: Path, run_name: str) -> None:
        with Client("http://127.0.0.1:9", qingpu.client_id, qingpu.key) as nobody:
            with pytest.raises(ImportStoppedError) as caught:
                Import(nobody, ndjson(tmp_path, run_name, 5), patience=0).run()
            assert caught.value.code == "no-answer"

    def test_refuses_the_state_of_another_file(self, qingpu: Client, tmp_path: Path, run_name: str) -> None:
        file = ndjson(tmp_path, run_name, 5)
        Import(qingpu, file).run()
        file.write_text(row(run_name, 9))
        with pytest.raises(ImportStoppedError) as caught:
            Import(qingpu, file)
        assert caught.value.code == "other-file"

    def test_asks_a_person_about_rows_the_node_has_forgotten(
        self, qingpu: Client, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 30)
        with Cut(qingpu) as client, pytest.raises(ImportStoppedError):
            Import(client, file, batch=10, parallel=1, patience=0).run()
        old = states(file) | {"at": states(file)["at"] - MEMORY - 1}
        file.with_name(file.name + ".import.json").write_text(json.dumps(old))
        with engine.begin() as db:
            db.execute(text("DELETE FROM api.idempotency WHERE key LIKE 'import-%'"))
        with pytest.raises(ImportStoppedError) as caught:
            Import(qingpu, file).run()
        assert caught.value.code == "import-in-doubt"
        assert "rows 1 to 10" in str(caught.value)
        assert Import(qingpu, file, in_doubt="skip").run().rows == 30
        assert anchored(engine, run_name) == (30, 30)


class TestCommand:
    def test_killed_again_and_again_it_anchors_each_row_once(
        self, exchange: Exchange, engine: Engine, tmp_path: Path, run_name: str
    ) -> None:
        file = ndjson(tmp_path, run_name, 3000, bad=(11, 2500))
        command = [
            str(CAILIAN), "import", str(file), "--batch", "25", "--parallel", "1", "--json",
            "--as", str(exchange.folder / "clients" / "qingpu-market.json"),
        ]  # fmt: skip
        killed = []
        for least in (100, 1000, 2000):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            until(lambda least=least: anchored(engine, run_name)[0] >= least or None, 60)
            os.kill(process.pid, signal.SIGKILL)
            killed.append(process.wait() == -signal.SIGKILL)
            assert process.stdout is not None
            process.stdout.close()
        assert killed[0]  # a fast machine may have been done before the last
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = json.loads(done.stdout)
        assert (done.returncode, said["rows"], said["taken"], said["refused"]) == (1, 3000, 2998, 2)
        assert anchored(engine, run_name) == (2998, 2998)
        refused = [json.loads(line)["row"] for line in Path(said["refused_rows"]).read_text().splitlines()]
        assert refused == [12, 2501]
