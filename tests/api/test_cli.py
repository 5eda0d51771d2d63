"""The command line: what each command prints with `--json`, and the exit codes 0, 1, 2 and 3 that scripts rely on."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.main import get_command

from api.cli import app
from api.client import Client
from api.stack.exchange import Exchange
from tests.api.conftest import FIRM, FOOD, pdf, write
from tests.api.test_journey import until, with_chain

Act = Callable[..., dict[str, Any]]
CAILIAN = Path(sys.executable).with_name("cailian")
COMMANDS = (
    "up", "demo", "deposit", "fetch", "checklist", "import", "verify", "trust", "proof", "witness", "shard", "keys", "gaps", "backup", "source", "party",
    "restore", "erase", "heads", "canary", "district", "register", "policy", "gather", "licence", "item", "material", "present", "seal",
    "audit", "fsck", "doctor", "curl", "read", "intake", "figures", "bench",
)  # fmt: skip
VECTORS = Path(__file__).parents[1] / "vectors" / "bundles"
CONTENT = pdf("command line", 300_000)


class Shell:
    """A folder in which somebody works, with a home of its own for the pinned trust file."""

    def __init__(self, folder: Path, exchange: Exchange) -> None:
        self.folder = folder
        (folder / "var").symlink_to(exchange.folder)
        self.env = os.environ | {
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PATH": f"{CAILIAN.parent}:{os.environ['PATH']}",
            "NO_COLOR": "1",
        }

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CAILIAN, *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def json(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return dict(json.loads(done.stdout))


@pytest.fixture
def shell(tmp_path: Path, exchange: Exchange) -> Shell:
    return Shell(tmp_path, exchange)


@pytest.fixture(scope="module")
def proof(exchange: Exchange, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A deposit's bundle, anchored, its document, and the trust file."""
    folder = tmp_path_factory.mktemp("proof")
    (folder / "document.pdf").write_bytes(CONTENT)
    metadata = {"type_code": "CL022", "holder": FIRM, "operator": "bs-017"}
    with exchange.client("baoshan-window") as client:
        held = client.deposit(folder / "document.pdf", metadata, content_type="application/pdf")
        bundle = until(lambda: with_chain(client.evidence(held["material_id"])))
    return {
        "document": folder / "document.pdf",
        "bundle": write(folder / "a.cailian.json", bundle),
        "trust": write(folder / "trust.json", exchange.trust()),
    }


class TestHelp:
    def test_lists_every_command(self, shell: Shell) -> None:
        done = shell.run("--help")
        assert done.returncode == 0
        assert all(re.search(rf"\b{name}\b", done.stdout) for name in COMMANDS)

    @pytest.mark.parametrize(
        "arguments", [["nonsense"], ["fetch"], ["verify", "absent.json"], ["doctor", "--nonsense"]]
    )
    def test_bad_usage_exits_2(self, shell: Shell, arguments: list[str]) -> None:
        assert shell.run(*arguments).returncode == 2

    def test_every_command_speaks_json(self) -> None:
        commands = get_command(app).commands  # type: ignore[attr-defined]
        assert commands.keys() == set(COMMANDS)
        single = [(name, held) for name, held in commands.items() if not hasattr(held, "commands")]
        grouped = [each for held in commands.values() if hasattr(held, "commands") for each in held.commands.items()]
        mute = [n for n, held in single + grouped if not any("--json" in each.opts for each in held.params)]
        assert mute == []


class TestVerify:
    def test_proven(self, shell: Shell, proof: dict[str, Path]) -> None:
        held = shell.json("verify", "--trust", proof["trust"], proof["bundle"], proof["document"])
        assert (held["verdict"], held["trust"]) == ("proven", "checked")
        assert [step["number"] for step in held["steps"]] == list(range(1, 16))

    def test_without_trust_is_never_proven(self, shell: Shell, proof: dict[str, Path]) -> None:
        held = shell.json("verify", proof["bundle"], proof["document"], code=3)
        assert held["trust"] == "unknown"

    def test_names_the_step_that_failed(self, shell: Shell, proof: dict[str, Path], tmp_path: Path) -> None:
        (tmp_path / "other.pdf").write_bytes(CONTENT[:-1] + b"\r")
        wanted = ("verify", "--trust", proof["trust"], proof["bundle"], tmp_path / "other.pdf")
        held = shell.json(*wanted, code=1)
        assert (held["verdict"], held["step"], held["name"]) == ("failed", 4, "document")
        spoken = shell.run(*wanted)
        assert spoken.returncode == 1
        assert "step 4 document" in spoken.stderr

    def test_fails_under_the_trust_of_another_log(self, shell: Shell, proof: dict[str, Path], tmp_path: Path) -> None:
        other = json.loads(proof["trust"].read_text())
        other["chain"]["genesis_hash"] = "0x" + "11" * 32
        assert shell.json("verify", "--trust", write(tmp_path / "t.json", other), proof["bundle"], code=1)["step"] == 10

    def test_does_not_call_a_promise_proven(self, shell: Shell, proof: dict[str, Path], tmp_path: Path) -> None:
        bundle = json.loads(proof["bundle"].read_text())
        del bundle["sections"]["chain"]
        bundle["critical"].remove("chain")
        held = shell.json("verify", "--trust", proof["trust"], write(tmp_path / "b.json", bundle), code=3)
        assert held["verdict"] == "logged"

    @pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": "other"}', "\x00"])
    def test_fails_on_what_is_no_bundle(
        self, shell: Shell, proof: dict[str, Path], tmp_path: Path, content: str
    ) -> None:
        (tmp_path / "x.json").write_text(content)
        assert shell.json("verify", "--trust", proof["trust"], tmp_path / "x.json", code=1)["step"] == 1

    def test_bad_trust_file_is_bad_usage(self, shell: Shell, proof: dict[str, Path], tmp_path: Path) -> None:
        held = shell.json("verify", "--trust", write(tmp_path / "t.json", {}), proof["bundle"], code=2)
        assert held["code"] == "trust-file-invalid"


class TestTrust:
    def test_pins_and_shows_what_verify_then_uses(self, shell: Shell, proof: dict[str, Path]) -> None:
        assert shell.json("trust", "show", code=1)["code"] == "no-trust"
        added = shell.json("trust", "add", proof["trust"])
        assert added["pinned"] == str(shell.folder / "config/cailian/trust.json")
        assert shell.json("trust", "show") == added
        assert shell.json("verify", proof["bundle"], proof["document"])["verdict"] == "proven"

    def test_pins_nothing_that_trusts_nothing(self, shell: Shell, tmp_path: Path) -> None:
        assert (
            shell.json("trust", "add", write(tmp_path / "t.json", {"format": "x"}), code=2)["code"]
            == "trust-file-invalid"
        )
        assert shell.json("trust", "show", code=1)["code"] == "no-trust"


class TestDeposit:
    def test_prints_the_receipt(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(CONTENT)
        metadata = write(tmp_path / "m.json", {"type_code": "CL022", "holder": FIRM, "operator": "bs-017"})
        wanted = ("deposit", tmp_path / "a.pdf", "--metadata", metadata, "--key", "cli-deposit")
        held = shell.json(*wanted)
        assert held["sha256"] == hashlib.sha256(CONTENT).hexdigest()
        assert shell.json(*wanted) == held
        assert "material_id" in shell.run(*wanted).stdout

    def test_says_why_it_was_refused(self, shell: Shell, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(CONTENT)
        metadata = write(tmp_path / "m.json", {"type_code": "CL022", "holder": FIRM, "operator": "nobody"})
        held = shell.json("deposit", tmp_path / "a.pdf", "--metadata", metadata, code=1)
        assert held["code"] == held["problem"]["code"] == "unknown-operator"

    @pytest.mark.parametrize(
        "more", [["--metadata", "absent.json"], ["--metadata", "a.pdf"], ["--metadata", "m.json", "--as", "nobody"]]
    )
    def test_bad_usage_exits_2(self, shell: Shell, tmp_path: Path, more: list[str]) -> None:
        (tmp_path / "a.pdf").write_bytes(CONTENT)
        write(tmp_path / "m.json", {})
        assert shell.run("deposit", "a.pdf", *more).returncode == 2


class TestFetch:
    @pytest.fixture
    def wanted(self, deposit: Act, case: dict[str, Any], grant: Act) -> list[str]:
        held = deposit(CONTENT)
        grant(case)
        more = ["--case-no", case["case_no"], "--item-code", FOOD, "--cause", "审查", "--operator", "qp-103"]
        return ["fetch", held["material_id"], "out.pdf", *more]

    def test_goes_on_with_the_part_that_is_there(self, shell: Shell, wanted: list[str], qingpu: Client) -> None:
        (shell.folder / "out.pdf").write_bytes(CONTENT[:123_456])
        held = shell.json(*wanted, "--receipt", "receipt.cailian.json")
        assert (shell.folder / "out.pdf").read_bytes() == CONTENT
        receipt = json.loads((shell.folder / "receipt.cailian.json").read_text())
        assert (receipt["kind"], held["sha256"]) == ("use", hashlib.sha256(CONTENT).hexdigest())
        assert qingpu.call("GET", f"/v1/uses/{held['use_id']}")["state"] == "open"  # the whole was never delivered

    def test_refuses_a_part_of_another_document(self, shell: Shell, wanted: list[str]) -> None:
        (shell.folder / "out.pdf").write_bytes(b"something else")
        assert shell.json(*wanted, code=1)["code"] == "digest-mismatch"

    def test_goes_on_with_the_same_use_under_the_same_key(self, shell: Shell, wanted: list[str]) -> None:
        first, again = (shell.json(*wanted, "--key", f"cli-{wanted[1]}") for _ in range(2))
        assert first["use_id"] == again["use_id"]

    def test_says_why_it_was_refused(self, shell: Shell, deposit: Act, case: dict[str, Any]) -> None:
        more = ["--case-no", case["case_no"], "--item-code", FOOD, "--cause", "审查", "--operator", "qp-103"]
        held = shell.json("fetch", deposit()["material_id"], "out.pdf", *more, code=1)
        assert held["code"] == "grant-required"
        assert not (shell.folder / "out.pdf").exists()

    def test_says_when_nobody_answers(self, shell: Shell, exchange: Exchange) -> None:
        dead = exchange.client_files()["qingpu-market"] | {"base_url": "http://127.0.0.1:9"}
        write(shell.folder / "dead.json", dead)
        assert shell.json("curl", "GET", "/v1/items", "--as", "dead.json", code=1)["code"] == "no-answer"


class TestCurl:
    def test_sends_a_signed_request(self, shell: Shell) -> None:
        assert (
            shell.json("curl", "POST", "/v1/materials/search", "-d", '{"own": true}', "--as", "baoshan-window")[
                "materials"
            ]
            is not None
        )

    def test_prints_a_command_that_bash_runs_once(self, shell: Shell) -> None:
        printed = shell.run(
            "curl", "POST", "/v1/materials/search", "-d", '{"own": true}', "--as", "baoshan-window", "--print"
        )
        assert printed.returncode == 0
        first, again = (
            json.loads(subprocess.run(["bash", "-c", printed.stdout], capture_output=True, check=True).stdout)
            for _ in range(2)
        )
        assert "materials" in first
        assert again["code"] == "invalid_dpop_proof"

    def test_shows_the_problem(self, shell: Shell) -> None:
        held = shell.json("curl", "GET", "/v1/cases/31011820260101000001", code=1)
        assert held["problem"]["title_zh"]

    @pytest.mark.parametrize("data", ["{", "@absent.json"])
    def test_bad_data_exits_2(self, shell: Shell, data: str) -> None:
        assert shell.json("curl", "POST", "/v1/uses", "-d", data, code=2)["code"] == "bad-data"


class TestFsckAndDoctor:
    def test_fsck_attaches_to_a_running_exchange(self, shell: Shell, exchange: Exchange, deposit: Act) -> None:
        deposit()
        held = shell.json("fsck")
        assert held["defects"] == []
        assert held["entries"] > 0
        assert httpx2.get(exchange.base_url + "/readyz").status_code == 200

    def test_doctor_attaches_to_a_running_exchange(self, shell: Shell, exchange: Exchange) -> None:
        done = shell.run("doctor", "--json")
        checks = json.loads(done.stdout)["checks"]
        assert {check["state"] for check in checks} <= {"ok", "warn", "fail"}
        assert done.returncode == int(any(check["state"] == "fail" for check in checks))
        assert all(check["zh"] and check["en"] for check in checks if check["state"] != "ok")
        assert httpx2.get(exchange.base_url + "/readyz").status_code == 200

    @pytest.mark.parametrize("command", ["fsck", "doctor"])
    def test_make_no_exchange_where_there_is_none(self, shell: Shell, tmp_path: Path, command: str) -> None:
        assert shell.json(command, "--data-dir", tmp_path / "none", code=2)["code"] == "no-exchange"
        assert not (tmp_path / "none").exists()


class TestAudit:
    def test_recomputes_the_served_log(self, shell: Shell, proof: dict[str, Path], exchange: Exchange) -> None:
        held = shell.json("audit", exchange.base_url, "--trust", proof["trust"])
        assert (held["verdict"], held["log"]) == ("whole", exchange.settings.origin)
        assert held["entries"] > 0
        assert shell.json("audit", exchange.base_url, code=3)["verdict"] == "consistent, trust unknown"

    def test_names_another_log(self, shell: Shell, proof: dict[str, Path], exchange: Exchange, tmp_path: Path) -> None:
        other = json.loads(proof["trust"].read_text())
        other["logs"] = json.loads((VECTORS / "trust.json").read_text())["logs"]
        held = shell.json("audit", exchange.base_url, "--trust", write(tmp_path / "t.json", other), code=1)
        assert held["code"] == "note-invalid"

    def test_names_a_node_that_is_not_there(self, shell: Shell) -> None:
        assert shell.json("audit", "http://127.0.0.1:9", code=1)["code"] == "log-unreadable"
