"""The auditor's pages: how they are served, and what everybody and an auditor do there in a real browser.

`tests/web/browser/auditor.test.mjs` is what the browser does; what there is to look at is made here.
"""

from __future__ import annotations

import json
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.client import ProblemError
from api.demo.citizen import Citizen
from certs.requests import HolderRequest
from ledger.ids import new_id
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_journey import until, with_chain
from tests.api.test_presentations import Holder, scan, scenario
from tests.api.test_session import business_licence
from tests.web.answers import heard
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium", "scenario"]
ROOT = Path(__file__).parents[2]
QINGPU = "11310118XX00000B0W"
CAUSE = "食品经营许可新办审查"


@pytest.fixture(scope="module")
def built() -> None:
    """The sources as they are now, built as everywhere."""
    made = ("web/auditor/dist/.ready", "web/verifier/dist/.ready")
    subprocess.run(["make", "--silent", *made], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def web(exchange: Exchange, built: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


def used(client: Client, case: dict[str, Any], material: str) -> str:
    """One use, read whole; its id."""
    asked = {"object_id": material, "mode": "copy", "case_no": case["case_no"], "item_code": case["item_code"]}
    opened = client.use(**asked, cause=CAUSE, operator="qp-103")
    assert sum(map(len, client.chunks(opened["use_id"]))) > 0
    return str(opened["use_id"])


@pytest.fixture(scope="module")
def subjects(
    exchange: Exchange,
    web: httpx2.Client,
    qingpu: Client,
    baoshan: Client,
    market: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """A material's life: deposited, refused, reused, disputed, superseded, reused again; and files that prove a use.

    And a licence that was shown.
    """
    folder = tmp_path_factory.mktemp("auditor")
    document = pdf("lease")
    (folder / "lease.pdf").write_bytes(document)
    (folder / "trust.json").write_text(json.dumps(exchange.trust()))
    material = str(send_deposit(baoshan, document)["material_id"])
    licence = market.call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))
    case = open_case(qingpu)
    with pytest.raises(ProblemError):
        used(qingpu, case, material)
    with Citizen(exchange.base_url, "demo-person-chen") as chen:
        wanted = {"type_codes": ["CL022"], "mode": "copy", "max_uses": 5, "valid_days": 30, "operator": "qp-103"}
        chen.approve(qingpu.ask(case_no=case["case_no"], cause=CAUSE, **wanted)["ask_id"])
        use = used(qingpu, case, material)
        used(qingpu, case, material)
        newer = str(send_deposit(baoshan, pdf("newer"), supersedes=material)["material_id"])
        used(qingpu, case, newer)
        claim = HolderRequest("dispute", new_id(), newer, {"claim": "租期有误", "fields": []})
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"request": claim.document(), "id_token": chen.login(claim.digest)}
        web.post("/v1/disputes", json=body, headers=headers).raise_for_status()
        scan(qingpu, Holder(chen).show(licence["licence_id"])["code"])
    receipt = until(lambda: with_chain(qingpu.receipt(use)))
    (folder / "receipt.cailian.json").write_text(json.dumps(receipt, ensure_ascii=False, separators=(",", ":")))
    return {
        "caseNo": case["case_no"],
        "material": material,
        "licence": licence["licence_id"],
        "department": QINGPU,
        "trust": str(folder / "trust.json"),
        "receipt": str(folder / "receipt.cailian.json"),
        "document": str(folder / "lease.pdf"),
        "saved": str(saved(web, folder)),
        "others": "qp-103",
    }


def saved(web: httpx2.Client, folder: Path) -> Path:
    """The verification page as browsers save it: the page, and beside it a folder with what it names."""
    beside = folder / "saved_files"
    beside.mkdir()
    page = web.get("/verify").text
    for name in ("verify.css", "verify.js"):
        (beside / name).write_bytes(web.get(f"/verify/{name}").content)
        page = page.replace(f"/verify/{name}", f"./saved_files/{name}")
    path = folder / "saved.html"
    path.write_text(page, encoding="utf-8")
    return path


class TestServing:
    @pytest.mark.parametrize("path", ["/auditor/", "/auditor/config.json", "/auditor/icon.svg"])
    def test_goes_with_a_policy_that_allows_this_node_alone(self, web: httpx2.Client, path: str) -> None:
        answer = web.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        for each in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
            assert each in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-cache"

    def test_holds_no_script_and_names_nothing_elsewhere(self, web: httpx2.Client) -> None:
        page = web.get("/auditor/").text
        assert "<script>" not in page
        assert "//" not in page.replace('="/auditor/', "")

    @pytest.mark.parametrize("name", ["nothing.js", "..%2findex.html", "%2e%2e%2fsrc%2fmain.ts", ".ready"])
    def test_serves_nothing_else(self, web: httpx2.Client, name: str) -> None:
        assert [web.get(f"/auditor/{folder}{name}").status_code for folder in ("", "assets/")] == [404, 404]

    def test_leads_the_short_way(self, web: httpx2.Client) -> None:
        answer = web.get("/auditor")
        assert (answer.status_code, answer.headers["location"]) == (308, "/auditor/")

    def test_hands_the_verification_page_over_as_one_file_with_its_policy(self, web: httpx2.Client) -> None:
        answer = web.get("/verify/cailian-verify.html")
        assert answer.headers["content-disposition"] == 'attachment; filename="cailian-verify.html"'
        for each in ("default-src 'none'; script-src 'sha256-", "worker-src blob:", "trusted-types cailian"):
            assert each in answer.text
        assert "unsafe" not in answer.text.split("<style>")[0]
        assert "/verify/verify." not in answer.text


class TestAuditor:
    def test_in_chromium(self, web: httpx2.Client, subjects: dict[str, str], chromium: str, tmp_path: Path) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/auditor.test.mjs"),
            limit=900,
            BASE_URL=f"{web.base_url}".rstrip("/").replace("127.0.0.1", "localhost"),
            SUBJECTS=json.dumps(subjects),
            CHROMIUM=chromium,
            ANSWERS=str(tmp_path / "answers"),
        )
        assert passed(done) > 25
        assert len(heard(tmp_path / "answers")) > 8
