"""Taking an archive in, over HTTP and by the command: checked, taken once, killed and gone on with."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import uuid
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import Client, ProblemError
from api.intaking import DryRun, IntakeRun, IntakeStoppedError
from materials.intake.manifest import Manifest
from tests.api.conftest import FIRM, OTHER_FIRM, pdf, send_deposit
from tests.api.test_journey import anchored, until

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

CAILIAN = Path(sys.executable).with_name("cailian")
HEAD = ("path", "type_code", "holder_name", "holder_code", "dated_on", "reference")
CODE = FIRM["identifiers"][0]["code"]
PERSON = "310199199001010018"


def archive(folder: Path, count: int, size: int = 2000, **odd: dict[str, Any]) -> Path:
    """A manifest of so many good files of one firm; `odd` rows, by number as `r3`, say something else."""
    (folder / "2024").mkdir(exist_ok=True)
    manifest = folder / "m.csv"
    with manifest.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, HEAD)
        writer.writeheader()
        for number in range(1, count + 1):
            path = f"2024/{number}.pdf"
            (folder / path).write_bytes(pdf(str(uuid.uuid4()), size))
            row = {"path": path, "type_code": "CL022", "holder_name": FIRM["name"], "holder_code": CODE}
            row |= {"dated_on": "2024-03-01", "reference": f"D30-{number}"}
            writer.writerow(row | odd.get(f"r{number}", {}))
    return manifest


def lines(report: Path) -> list[dict[str, str]]:
    with report.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def own(client: Client, **scope: Any) -> list[dict[str, Any]]:
    """Every deposit of the client's organisation within a scope."""
    found, cursor = [], None
    while True:
        page = client.call("POST", "/v1/materials/search", {"own": True, "limit": 200, "cursor": cursor} | scope)
        found += page["materials"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def command(exchange: Exchange, manifest: Path, *options: str) -> list[str]:
    who = exchange.folder / "clients" / "baoshan-window.json"
    return [str(CAILIAN), "intake", str(manifest), "--operator", "bs-017", "--as", str(who), "--json", *options]


def run(exchange: Exchange, manifest: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        command(exchange, manifest, *options), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def body(*files: tuple[dict[str, Any], bytes]) -> bytes:
    """What one request sends."""
    listed = b"".join(json.dumps(row).encode() + b"\n" for row, _ in files)
    made = io.BytesIO()
    with tarfile.open(mode="w", fileobj=made, format=tarfile.USTAR_FORMAT) as packed:
        for name, content in (("rows.ndjson", listed), *((str(row["row"]), content) for row, content in files)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return made.getvalue()


def row_of(number: int, content: bytes, **changes: Any) -> dict[str, Any]:
    held = {"row": number, "file_name": "a.pdf", "media_type": "application/pdf", "size": len(content)}
    held |= {"sha256": sha256(content).hexdigest(), "type_code": "CL022"}
    return held | {"holder_name": FIRM["name"], "holder_code": CODE} | changes


def begin(client: Client, rows: int = 3) -> str:
    return str(client.begin_intake(os.urandom(32).hex(), rows, "bs-017")["intake_id"])


def take(client: Client, intake: str, packed: bytes, key: str | None = None) -> list[dict[str, Any]]:
    return client.take_rows(intake, packed, len(packed), key=key or str(uuid.uuid4()))


class TestCommand:
    def test_checks_then_takes_then_has_nothing_left(self, exchange: Exchange, baoshan: Client, tmp_path: Path) -> None:
        manifest = archive(
            tmp_path,
            9,
            r2={"holder_code": "91310113XX0000019Y"},
            r3={"type_code": "CL999"},
            r4={"path": "2024/none.pdf"},
            r5={"path": "../m.csv"},
            r6={"path": "2024/1.pdf"},
        )
        (tmp_path / "2024/7.pdf").write_bytes(b"MZ\x90\0" + bytes(99))
        before = len(own(baoshan, type_code="CL022"))
        code, said = run(exchange, manifest, "--dry-run")
        assert (code, said["good"], said["refused"]) == (1, 3, 6)
        assert len(own(baoshan, type_code="CL022")) == before, "a dry run writes nothing"
        checked = lines(tmp_path / "m.csv.check.csv")
        assert [line["code"] for line in checked] == [
            *("", "invalid-identity", "unknown-material-type", "intake-file-unavailable", "intake-file-unavailable"),
            *("intake-duplicate", "content-type-mismatch", "", ""),
        ]
        assert [line["state"] for line in checked].count("good") == 3
        assert "row=1" in checked[5]["fields"]
        assert all(line["problem_zh"] and line["advice"] for line in checked if line["code"])

        code, said = run(exchange, manifest)
        assert (code, said.get("taken"), said.get("refused")) == (1, 3, 6), said
        report = lines(tmp_path / "m.csv.report.csv")
        assert [line["row"] for line in report] == [str(number) for number in range(1, 10)]
        taken = {line["material_id"] for line in report if line["state"] == "taken"}
        assert len(taken) == 3
        assert len(own(baoshan, type_code="CL022")) == before + 3

        terms: dict[str, Any] = {"operator": "bs-017", "report": tmp_path / "m.csv.report.csv"}
        with pytest.raises(IntakeStoppedError) as stopped:
            IntakeRun(baoshan, Manifest(manifest), **terms).run()
        assert stopped.value.code == "intake-begun"
        (tmp_path / "2024/none.pdf").write_bytes(pdf(str(uuid.uuid4())))
        done = IntakeRun(baoshan, Manifest(manifest), **terms).run(resume=True)
        assert dict(done.states) == {"taken": 1, "known": 3, "refused": 5}
        again = lines(tmp_path / "m.csv.report.csv")
        assert {line["material_id"] for line in again if line["state"] == "known"} == taken
        assert len(own(baoshan, type_code="CL022")) == before + 4

    def test_killed_it_goes_on_and_takes_nothing_twice(
        self, exchange: Exchange, baoshan: Client, tmp_path: Path
    ) -> None:
        count = 300
        manifest = archive(tmp_path, count, size=120_000)  # some ten requests
        intake = baoshan.begin_intake(*Manifest(manifest).measure(), "bs-017")["intake_id"]
        for _ in range(2):
            before = baoshan.intake(intake)["taken"]
            with subprocess.Popen(command(exchange, manifest, "--resume"), stdout=subprocess.DEVNULL) as process:
                until(lambda before=before: baoshan.intake(intake)["taken"] > before or None)
                process.send_signal(signal.SIGKILL)
        code, said = run(exchange, manifest, "--resume")
        assert (code, said.get("refused", 0), said["known"] + said.get("taken", 0)) == (0, 0, count)
        assert baoshan.intake(intake)["taken"] == count
        report = lines(tmp_path / "m.csv.report.csv")
        materials = [line["material_id"] for line in report]
        assert len(set(materials)) == len(materials) == count
        digests = {line["sha256"] for line in report}
        held = [each for each in own(baoshan, type_code="CL022") if each["sha256"] in digests]
        assert len(held) == count, "each document once"


class TestDeposit:
    def test_is_a_normal_one_with_channel_provenance_and_evidence(
        self, exchange: Exchange, baoshan: Client, tmp_path: Path
    ) -> None:
        manifest = archive(tmp_path, 1)
        done = IntakeRun(baoshan, Manifest(manifest), operator="bs-017", report=tmp_path / "r.csv")
        assert done.run().states["taken"] == 1
        (line,) = lines(tmp_path / "r.csv")
        material = baoshan.material(line["material_id"])
        assert (material["sha256"], material["verify_level"]) == (line["sha256"], "self_declared")
        assert material["entry"]["entry_id"] == line["entry_id"]
        events = baoshan.provenance(line["material_id"])["events"]
        assert [event["event"] for event in events] == ["deposited"]
        until(lambda: anchored(baoshan, line["material_id"]))
        bundle = baoshan.evidence(line["material_id"])
        assert bundle["kind"] == "deposit"
        (entry,) = bundle["sections"]["deposit"]["entries"]
        told = json.dumps(entry, ensure_ascii=False)
        assert "archive" in told
        assert "D30-1" in told
        assert done.intake_id in told


class TestRows:
    def test_takes_each_row_once(self, baoshan: Client) -> None:
        intake, key = begin(baoshan), str(uuid.uuid4())
        one, two = pdf(str(uuid.uuid4())), pdf(str(uuid.uuid4()))
        packed = body((row_of(1, one), one), (row_of(2, two), two))
        first = take(baoshan, intake, packed, key)
        assert (first[-1]["taken"], first[-1]["known"], first[-1]["refused"]) == (2, 0, 0)
        assert first[-1]["promise"]["count"] == 2
        assert take(baoshan, intake, packed, key) == first, "the same request has the same answer"
        again = take(baoshan, intake, packed)
        assert (again[-1]["taken"], again[-1]["known"], again[-1]["promise"]) == (0, 2, None)
        assert [each["material_id"] for each in again[:-1]] == [each["material_id"] for each in first[:-1]]
        page = baoshan.taken_rows(intake, limit=1)
        assert ([each["row"] for each in page["rows"]], page["next_after"]) == ([1], 1)

    def test_refuses_a_row_and_takes_the_others(self, baoshan: Client) -> None:
        intake = begin(baoshan, rows=6)
        files = [pdf(str(uuid.uuid4())) for _ in range(5)]
        packed = body(
            (row_of(1, files[0]), files[0]),
            (row_of(2, files[1]), files[2]),  # another file than the row says
            (row_of(3, files[2][:-30]), files[2][:-30]),  # cut off
            (row_of(4, files[0]), files[0]),  # a duplicate within the request
            (row_of(5, files[3], type_code="CL999"), files[3]),
            (row_of(7, files[4]), files[4]),  # beyond the manifest
        )
        answer = take(baoshan, intake, packed)
        assert [line.get("code") for line in answer[:-1]] == [
            *(None, "intake-digest-mismatch", "file-truncated", "intake-duplicate", "unknown-material-type"),
            "intake-row-invalid",
        ]
        assert answer[-1]["taken"] == 1

    def test_refuses_what_was_deposited_before_until_that_is_taken_back(self, baoshan: Client) -> None:
        content = pdf(str(uuid.uuid4()))
        held = send_deposit(baoshan, content)
        intake = begin(baoshan)
        packed = body((row_of(1, content), content))
        (refused, _) = take(baoshan, intake, packed)
        assert (refused["code"], refused["fields"]) == ("intake-duplicate", {"material": held["material_id"]})
        (other, _) = take(
            baoshan,
            intake,
            body(
                (
                    row_of(
                        2, content, holder_name=OTHER_FIRM["name"], holder_code=OTHER_FIRM["identifiers"][0]["code"]
                    ),
                    content,
                )
            ),
        )
        assert "material_id" in other, "another holder's is another material"
        baoshan.call("POST", f"/v1/materials/{held['material_id']}/withdrawal", {"operator": "bs-017"})
        assert take(baoshan, intake, packed)[-1]["taken"] == 1

    def test_streams_a_large_file(self, baoshan: Client) -> None:
        intake = begin(baoshan)
        content = pdf(str(uuid.uuid4()), 11 * 1024**2)
        packed = body((row_of(1, content), content))
        answer = baoshan.take_rows(intake, iter([packed[:9000], packed[9000:]]), len(packed), key=str(uuid.uuid4()))
        assert answer[-1]["taken"] == 1

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (lambda packed: packed[:2200], "intake-body-invalid"),
            (lambda packed: packed[:3], "intake-body-invalid"),
            (lambda packed: b"rows: none", "intake-body-invalid"),
        ],
        ids=["cut off", "three bytes", "no tar"],
    )
    def test_takes_nothing_of_a_body_that_is_none(self, baoshan: Client, change: Any, code: str) -> None:
        intake, content = begin(baoshan), pdf(str(uuid.uuid4()))
        with pytest.raises(ProblemError) as refused:
            take(baoshan, intake, change(body((row_of(1, content), content), (row_of(2, content[:-1]), content))))
        assert refused.value.code == code
        assert baoshan.intake(intake)["taken"] == 0

    def test_needs_each_file_by_its_number(self, baoshan: Client) -> None:
        intake, content = begin(baoshan), pdf(str(uuid.uuid4()))
        packed = body((row_of(1, content), content)).replace(b'"row": 1', b'"row": 2')
        with pytest.raises(ProblemError) as refused:
            take(baoshan, intake, packed)
        assert refused.value.document["fields"]["row"] == 2

    def test_needs_key_and_media_type(self, baoshan: Client) -> None:
        path = f"/v1/intakes/{begin(baoshan)}/rows"
        for headers, code in (
            ({"Content-Type": "application/x-tar"}, "idempotency-key-missing"),
            ({"Content-Type": "application/zip", "Idempotency-Key": "k"}, "media-type-not-allowed"),
        ):
            answer = httpx2.post(baoshan.base_url + path, content=b"", headers=baoshan.headers("POST", path) | headers)
            assert answer.json()["code"] == code


class TestScope:
    def test_another_organisation_finds_nothing(self, baoshan: Client, qingpu: Client) -> None:
        intake, content = begin(baoshan), pdf(str(uuid.uuid4()))
        packed = body((row_of(1, content), content))
        for act in (
            lambda: qingpu.intake(intake),
            lambda: qingpu.taken_rows(intake),
            lambda: take(qingpu, intake, packed),
            lambda: baoshan.intake(str(uuid.uuid4())),
        ):
            with pytest.raises(ProblemError) as refused:
                act()
            assert refused.value.code in {"unknown-intake", "insufficient_scope"}

    def test_needs_an_operator_who_may(self, baoshan: Client) -> None:
        with pytest.raises(ProblemError) as refused:
            baoshan.begin_intake("ab" * 32, 3, "nobody")
        assert refused.value.code == "unknown-operator"
        with pytest.raises(ProblemError):
            baoshan.check_rows(b"{}\n", "nobody")

    def test_one_manifest_is_one_intake(self, baoshan: Client) -> None:
        digest = os.urandom(32).hex()
        first = baoshan.begin_intake(digest, 3, "bs-017")
        assert baoshan.begin_intake(digest, 3, "bs-017")["intake_id"] == first["intake_id"]
        with pytest.raises(ProblemError) as refused:
            baoshan.begin_intake(digest, 4, "bs-017")
        assert refused.value.code == "intake-row-invalid"


class TestRun:
    def test_stops_after_its_patience_when_nobody_answers(self, exchange: Exchange, tmp_path: Path) -> None:
        held = json.loads((exchange.folder / "clients" / "baoshan-window.json").read_text())
        manifest = Manifest(archive(tmp_path, 1))
        told = []
        with Client("http://127.0.0.1:9", held["client_id"], held["key"]) as nobody:
            work = DryRun(nobody, manifest, operator="bs-017", report=tmp_path / "r.csv", patience=0.3)
            with pytest.raises(IntakeStoppedError) as stopped:
                work.run(lambda now: told.append(now.waiting))
        assert stopped.value.code == "no-answer"
        assert "no-answer" in told
        assert not (tmp_path / "r.csv").exists(), "a report is there whole or not at all"

    def test_a_file_that_changes_on_the_way_is_refused_and_the_others_go_on(
        self, baoshan: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        manifest = archive(tmp_path, 3)
        send = IntakeRun._send

        def change(self: IntakeRun, ready: Any, key: str) -> Any:
            (tmp_path / "2024/2.pdf").unlink(missing_ok=True)
            return send(self, ready, key)

        monkeypatch.setattr(IntakeRun, "_send", change)
        done = IntakeRun(baoshan, Manifest(manifest), operator="bs-017", report=tmp_path / "r.csv").run()
        assert (done.states["taken"], done.states["refused"]) == (2, 1)

    def test_a_path_is_no_formula_in_the_report(self, baoshan: Client, tmp_path: Path) -> None:
        manifest = archive(tmp_path, 1, r1={"path": "=cmd|' /C calc'!A0"})
        DryRun(baoshan, Manifest(manifest), operator="bs-017", report=tmp_path / "r.csv").run()
        assert lines(tmp_path / "r.csv")[0]["path"].startswith("'=")
