"""The second verifier and its page, as a running exchange has them: what it hands out is proven, offline and in TypeScript."""

from __future__ import annotations

import json
import subprocess
import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.licenceschemas import BUSINESS
from certs.lifecycle import SHANGHAI
from tests.api.conftest import pdf, write
from tests.api.test_journey import until, with_chain
from tests.web.test_verifier import built

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.client import Client
    from api.stack.exchange import Exchange

    Act = Callable[..., dict[str, Any]]

__all__ = ["built"]

RUNNER: Final = CliRunner()
CLI: Final = Path(__file__).parents[2] / "web/verifier/cli.mjs"


def whole(receipt: dict[str, Any]) -> dict[str, Any] | None:
    """The receipt once its completion too is in the tree: the chain may hold the intent's checkpoint before."""
    placed = all("index" in entry for entry in receipt["sections"]["use"]["entries"])
    return with_chain(receipt) if placed else None


@pytest.mark.usefixtures("built")
class TestSecondVerifier:
    def check(self, *arguments: Path) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            ["node", CLI, "--json", "--trust", *arguments], capture_output=True, text=True, check=False
        )
        assert not done.stderr
        return done.returncode, json.loads(done.stdout)

    def test_proves_a_deposit_and_catches_a_flipped_byte(
        self, exchange: Exchange, baoshan: Client, deposit: Act, tmp_path: Path
    ) -> None:
        content = pdf("second verifier, deposit")
        held = deposit(content)
        evidence = until(lambda: with_chain(baoshan.evidence(held["material_id"])))
        trust = write(tmp_path / "trust.json", exchange.trust())
        bundle = write(tmp_path / "deposit.cailian.json", evidence)
        document = tmp_path / "document.pdf"
        document.write_bytes(content)
        code, view = self.check(trust, bundle, document)
        assert (code, view["verdict"], view["failed"]) == (0, "proven", None)
        facts = {fact["name"]: fact["value"] for fact in view["facts"]}
        assert facts["material"] == held["material_id"]
        assert facts["size"] == str(len(content))
        assert "anchoredAt" in facts
        document.write_bytes(content[:-1] + b"\r")
        code, view = self.check(trust, bundle, document)
        assert (code, view["failed"]["name"]) == (1, "document")

    def test_proves_the_receipt_of_a_use(
        self,
        exchange: Exchange,
        qingpu: Client,
        deposit: Act,
        case: dict[str, Any],
        use: Act,
        grant: Act,
        tmp_path: Path,
    ) -> None:
        held = deposit(pdf("second verifier, use"))
        grant(case)
        opened = use(case, held["material_id"])
        for _ in qingpu.chunks(opened["use_id"]):
            pass
        receipt = until(lambda: whole(qingpu.receipt(opened["use_id"])))
        trust = write(tmp_path / "trust.json", exchange.trust())
        code, view = self.check(trust, write(tmp_path / "use.cailian.json", receipt))
        assert (code, view["verdict"]) == (0, "proven")
        facts = {fact["name"]: fact["value"] for fact in view["facts"]}
        assert facts["use"] == opened["use_id"]
        assert facts["case"] == case["case_no"]

    def test_proves_a_licence_and_the_copy_that_left(
        self,
        exchange: Exchange,
        market: Client,
        qingpu: Client,
        case: dict[str, Any],
        use: Act,
        grant: Act,
        tmp_path: Path,
    ) -> None:
        changes = {"operator": "bm-002", "licence_no": uuid.uuid4().hex[:18]}
        wanted = BUSINESS | changes | {"valid_from": datetime.now(SHANGHAI).date().isoformat()}
        trust = write(tmp_path / "trust.json", exchange.trust())
        issued = market.call("POST", "/v1/licences", wanted)
        path = f"/v1/licences/{issued['licence_id']}/evidence"
        evidence = write(tmp_path / "licence.cailian.json", until(lambda: with_chain(market.call("GET", path))))
        grant(case, type_codes=["CL001"])
        opened = use(case, issued["licence_id"])
        copy = qingpu.download(opened["use_id"], tmp_path / "copy.pdf")
        receipt = write(tmp_path / "use.cailian.json", until(lambda: whole(qingpu.receipt(opened["use_id"]))))
        for files, code, told in (([receipt, copy], 0, "copy"), ([evidence], 0, None), ([evidence, copy], 1, None)):
            ended, view = self.check(trust, *files)
            assert (ended, view["documentIs"]) == (code, told)
            done = RUNNER.invoke(app, ["verify", "--json", "--trust", str(trust), *map(str, files)])
            assert done.exit_code == code
            assert json.loads(done.output).get("document_is") == told

    def test_page_is_served(self, exchange: Exchange) -> None:
        answer = httpx2.get(f"{exchange.base_url}/verify")
        assert answer.status_code == 200
        assert "connect-src 'none'" in answer.headers["content-security-policy"]
