"""What docs/integrate.md shows is what works: its programs, its commands and its JSON bodies, against a live node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.caseschemas import CaseIn
from api.fetchschemas import FetchSearchIn
from api.licenceschemas import LicenceIn, LicenceStatusIn
from api.schemas import AskIn, DepositIn, EvidenceIn, UseIn
from tests.api.conftest import FIRM, FOOD, pdf, send_deposit, write
from tests.api.test_journey import until, with_chain

if TYPE_CHECKING:
    from api.client import Client
    from api.demo.citizen import Citizen
    from api.stack.exchange import Exchange

Act = "Callable[..., dict[str, Any]]"

ROOT = Path(__file__).parents[2]
CAILIAN = Path(sys.executable).with_name("cailian")
GUIDE = (ROOT / "docs/integrate.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
BODIES = dict(
    re.findall(r"`(\w+\.json)`, the (?:body|`metadata`) of `POST /v1/[\w/{}]+`:\n\n```json\n(.*?)```", GUIDE, re.DOTALL)
)
MODELS = {
    "lease.json": DepositIn,
    "case.json": CaseIn,
    "ask.json": AskIn,
    "use.json": UseIn,
    "search.json": FetchSearchIn,
    "document.json": EvidenceIn,
    "licence.json": LicenceIn,
    "status.json": LicenceStatusIn,
}
PLACEHOLDERS = ("MATERIAL_ID", "CASE_NO", "ASK_ID", "USE_ID", "GRANT_ID", "ENTRY_ID", "LICENCE_ID")


def run(command: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)


class TestPrograms:
    """Each opens a case, finds the newest lease, asks, waits for the holder, uses it, and keeps the receipt."""

    @pytest.mark.parametrize(
        "program",
        [
            pytest.param([sys.executable, ROOT / "docs/samples/use_material.py"], id="python"),
            pytest.param(
                ["java", ROOT / "docs/samples/UseMaterial.java"],
                id="java",
                marks=pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK here"),
            ),
        ],
    )
    def test_leaves_a_document_and_a_receipt_that_verifies(
        self,
        program: list[str | Path],
        exchange: Exchange,
        qingpu: Client,
        deposit: Act,
        legal_representative: Citizen,
        tmp_path: Path,
    ) -> None:
        content = pdf("sample", 3_000_000)
        deposited = deposit(content)
        who = exchange.client_files()["qingpu-market"]
        (tmp_path / "key.pem").write_text(who["key"])
        case = {"item_code": FOOD, "applicant": FIRM, "presence": {"kind": "id_card_read"}, "operator": "qp-103"}
        files = [tmp_path / "key.pem", write(tmp_path / "case.json", case)]
        command = [*program, exchange.base_url, who["client_id"], *files, "CL022", "qp-103", tmp_path]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            legal_representative.approve(json.loads(running.stdout.readline())["ask_id"])
            said = json.loads(running.stdout.read())
        assert running.returncode == 0
        document, receipt = tmp_path / "document", tmp_path / "receipt.cailian.json"
        assert said["sha256"] == deposited["sha256"]
        assert document.read_bytes() == content

        trust = write(tmp_path / "trust.json", exchange.trust())
        checked = run([CAILIAN, "verify", "--json", "--trust", trust, receipt, document])
        assert checked.returncode in {0, 3}, checked.stdout + checked.stderr  # 3: not anchored yet
        assert json.loads(checked.stdout)["trust"] == "checked"
        write(receipt, until(lambda: with_chain(qingpu.receipt(said["use_id"]))))
        assert run([CAILIAN, "verify", "--trust", trust, receipt, document]).returncode == 0
        document.write_bytes(content[:-1] + b"\r")
        assert run([CAILIAN, "verify", "--trust", trust, receipt, document]).returncode == 1


class TestGuide:
    def test_shows_a_body_for_each_command_that_reads_one(self) -> None:
        named = {name for line in COMMANDS for name in re.findall(r"@?(\w+\.json)", line)} - {
            "trust.json",
            "cailian.json",
        }
        assert BODIES.keys() == named == MODELS.keys()

    @pytest.mark.parametrize("name", BODIES)
    def test_body_is_one_the_schema_takes(self, name: str) -> None:
        filled = BODIES[name].replace("MATERIAL_ID", "019a0000-0000-7000-8000-000000000000")
        MODELS[name].model_validate_json(filled)

    def test_names_only_routes_and_codes_that_exist(self, exchange: Exchange) -> None:
        api = httpx2.get(exchange.base_url + "/openapi.json").json()
        known = {re.sub(r"\{\w+\}", "{id}", path) for path in api["paths"]}
        shown = re.findall(r"`(?:GET|POST) (/[\w/{}-]+)", GUIDE)
        assert shown
        assert {re.sub(r"\{\w+\}", "{id}", path) for path in shown} <= known
        codes = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", GUIDE)
        table = (ROOT / "docs/problems.md").read_text("utf-8")
        departments = set(exchange.client_files())
        assert [code for code in codes if code not in departments and f'id="{code}"' not in table] == []

    def test_commands_run_in_their_order(
        self, exchange: Exchange, qingpu: Client, legal_representative: Citizen, tmp_path: Path
    ) -> None:
        (tmp_path / "var").symlink_to(exchange.folder)
        write(exchange.folder / "trust.json", exchange.trust())
        (tmp_path / "lease.pdf").write_bytes(pdf("guide"))
        reader = Reader(tmp_path)
        assert len(COMMANDS) > 12
        for line in COMMANDS:
            if line.startswith("cailian verify"):
                receipt = until(lambda: with_chain(qingpu.receipt(reader.known["USE_ID"])))
                write(tmp_path / "receipt.cailian.json", receipt)
            shown = reader.follow(line)
            if "--print" in line and "eval" not in line:
                assert shown.startswith("curl ")
            elif line.startswith("cailian curl POST /v1/asks"):
                legal_representative.approve(reader.known["ASK_ID"])
        assert (tmp_path / "received.pdf").read_bytes() == pdf("guide")


class Reader:
    """Somebody who follows the guide line by line, in a folder, and remembers what the answers gave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, str] = {}
        self._env = os.environ | {"PATH": f"{CAILIAN.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    def follow(self, line: str) -> str:
        """Run a line, with the file it names written as shown; what it printed."""
        for name in [name for name in BODIES if name in line]:
            (self.folder / name).write_text(self._fill(BODIES[name]))
        more = "" if line.startswith("eval") else " --json"
        done = run(["bash", "-c", self._fill(line) + more], cwd=self.folder, env=self._env)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "--print" not in line:
            answer = json.loads(done.stdout)
            self.known |= {name: answer[name.lower()] for name in PLACEHOLDERS if name.lower() in answer}
        return done.stdout

    def _fill(self, text: str) -> str:
        for name in [name for name in PLACEHOLDERS if name in text]:
            text = text.replace(name, self.known[name])
        return text


def test_a_deposit_needs_nothing_else(baoshan: Client) -> None:
    """The smallest body the guide speaks of is enough."""
    assert send_deposit(baoshan, pdf("smallest"))["entry"]["state"] == "pending"
