"""docs/onboarding.md runs: a newcomer's steps line by line, against a live node."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from api import partyschemas
from api.cli import app
from api.client import ClientKey
from api.keys import private_pem
from tests.api.conftest import write

if TYPE_CHECKING:
    from api.stack.exchange import Exchange

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/onboarding.md").read_text("utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) for line in block.splitlines()]
BODIES = dict(re.findall(r"`(\w+\.json)`, the body of `POST /v1/[\w/-]+`:\n\n```json\n(.*?)```", GUIDE, re.DOTALL))
KNOWN = ("ASK_ID", "APPLICATION_ID", "ACCESS_REQUEST_ID")


class Reader:
    """Somebody who follows the page in a folder and remembers what the answers gave."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder
        self.base_url = base_url
        self.known: dict[str, str] = {}
        self._shell = CliRunner()

    def follow(self, line: str) -> dict[str, Any]:
        """Run a line as it stands, with its words in capitals filled in; what it answered."""
        for word, value in sorted(self.known.items(), key=lambda each: -len(each[0])):
            line = line.replace(word, value)
        name, *words = shlex.split(line.replace("http://127.0.0.1:8080", self.base_url))
        assert name == "cailian"
        done = self._shell.invoke(app, [*words, "--json"])
        assert done.exit_code == 0, f"{line}\n{done.output}"
        answer: dict[str, Any] = json.loads(done.stdout)
        self.known |= {name: str(answer[name.lower()]) for name in KNOWN if name.lower() in answer}
        return answer


@pytest.fixture
def reader(exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "var").symlink_to(exchange.folder)
    write(exchange.folder / "trust.json", exchange.trust())
    for name, body in BODIES.items():
        (tmp_path / name).write_text(body, "utf-8")
    fresh = ClientKey(private_pem(ec.generate_private_key(ec.SECP256R1()))).public_jwk
    application = json.loads(BODIES["application.json"])
    write(tmp_path / "application.json", application | {"keys": [fresh]})  # the page's key is the RFC's
    return Reader(tmp_path, exchange.base_url)


class TestGuide:
    def test_commands_run_in_their_order(self, reader: Reader) -> None:
        assert len(COMMANDS) > 20
        for line in COMMANDS:
            if "asks/ASK_ID" in line:
                self.ask(reader)
            answer = reader.follow(line)
            if "self-check --as" in line:
                assert answer["passed"], answer
                assert {step["name"] for step in answer["steps"]} >= {
                    "replay",
                    "use-unasked",
                    "receipt",
                    "node-receipt",
                }
                assert json.loads((reader.folder / "report.json").read_text())["passed"]
            elif "sandbox/self-checks -d" in line:
                assert not answer["passed"]  # without a receipt and a digest those two are open
                assert [s["name"] for s in answer["steps"] if not s["passed"]] == ["digest", "receipt"]

    def ask(self, reader: Reader) -> None:
        """A case and an ask as tenant, as integrate.md has them."""
        facts = json.loads((reader.folder / "tenant.json").read_text())["sandbox"]
        case = {"item_code": facts["item_code"], "scenario": "default", "operator": facts["operator"]}
        case |= {"applicant": facts["applicant"], "presence": {"kind": "id_card_read"}}
        opened = reader.follow(f"cailian curl POST /v1/cases -d '{json.dumps(case)}' --as tenant.json")
        asked = {"case_no": opened["case_no"], "type_codes": ["CL022"], "mode": "copy", "max_uses": 1, "valid_days": 1}
        asked |= {"cause": "沙箱自检", "operator": facts["operator"]}
        reader.follow(f"cailian curl POST /v1/asks -d '{json.dumps(asked)}' --as tenant.json")

    def test_shows_bodies_that_the_schemas_take(self) -> None:
        models = {"application.json": partyschemas.ApplicationIn, "access.json": partyschemas.AccessIn}
        assert models.keys() == BODIES.keys()
        for name, model in models.items():
            model.model_validate({"operator": "op-901"} | json.loads(BODIES[name]))

    def test_names_only_routes_and_codes_that_exist(self, exchange: Exchange) -> None:
        paths = httpx2.get(exchange.base_url + "/openapi.json").json()["paths"]
        known = {re.sub(r"\{\w+\}", "{id}", path) for path in paths}
        shown = {re.sub(r"\{\w+\}", "{id}", path) for path in re.findall(r"`(?:GET|POST) (/[\w/{}-]+)", GUIDE)}
        assert shown
        assert shown <= known
        table = (ROOT / "docs/problems.md").read_text("utf-8")
        codes = {"rate-exceeded", "quota-spent", "holidays-unknown"}
        assert all(f"`{code}`" in GUIDE and f'id="{code}"' in table for code in codes)
