"""The department's console: how it is served, and a whole case in a real browser by the keyboard alone.

`tests/web/browser/console.test.mjs` is what the browser does; who stands around the desk is here.
"""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.demo.citizen import Citizen
from api.demo.licences import SCOPE
from tests.api.conftest import open_case
from tests.api.test_session import business_licence, identity_card
from tests.materials.reading.samples import lease_pdf
from tests.web.answers import heard
from tests.web.department import Department
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium"]
ROOT = Path(__file__).parents[2]
QINGPU = "11310118XX00000B0W"


class Around(Department):
    """Who stands around the desk: the applicant with a phone, departments that issue, a registrar."""

    def __init__(self, qingpu: Client, chen: Citizen, folder: Path, **others: Client) -> None:
        super().__init__(qingpu, lambda **more: open_case(qingpu, **more), lambda: "")
        self._chen, self._others, self._folder = chen, others, folder
        self._card = ""
        acts = (self._prepare, self._answer, self._lease, self._live_code, self._case, self._opened)
        names = ("prepare", "answer", "lease", "live_code", "case", "open_case")
        self._acts |= dict(zip(names, acts, strict=True))

    def _prepare(self) -> dict[str, Any]:
        """What the exchange knows before the applicant comes in."""
        body = {"version": 1, "owner": "11310113XX00000A2R", "adopted_at": "2026-01-01T00:00:00Z", "operator": "bs-002"}
        self._others["baoshan"].call("POST", "/v1/registers/scenarios", body | {"entries": [SCOPE]})
        self._others["market"].call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))
        card = identity_card("陈安澜", "310199199001010018")
        self._card = self._others["police"].call("POST", "/v1/licences", card, key=str(uuid.uuid4()))["licence_id"]
        return {}

    def _answer(self, batch: str) -> dict[str, Any]:
        """The applicant agrees to all of it."""
        asked = self._client.call("GET", f"/v1/ask-batches/{batch}")["asks"]
        return self._chen.answer(batch, [each["ask_id"] for each in asked])

    def _lease(self) -> dict[str, Any]:
        path = self._folder / "lease.pdf"
        path.write_bytes(lease_pdf())
        return {"path": str(path)}

    def _live_code(self) -> dict[str, Any]:
        return {"code": self._chen.show(self._card, QINGPU, "3")["code"]}

    def _case(self, case_no: str) -> dict[str, Any]:
        return self._client.call("GET", f"/v1/cases/{case_no}")

    def _opened(self) -> dict[str, Any]:
        return self._open_case()


@pytest.fixture(scope="module")
def console() -> None:
    """The sources as they are now, built by what is locked."""
    built = [f"web/{each}/dist/.ready" for each in ("console", "home", "citizen", "auditor")]
    subprocess.run(["make", "--silent", *built], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def web(exchange: Exchange, console: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def around(
    exchange: Exchange,
    qingpu: Client,
    baoshan: Client,
    market: Client,
    police: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Around]:
    others = {"baoshan": baoshan, "market": market, "police": police}
    folder = tmp_path_factory.mktemp("desk")
    with Citizen(exchange.base_url, "demo-person-chen") as chen, Around(qingpu, chen, folder, **others) as held:
        yield held


class TestServing:
    @pytest.mark.parametrize("path", ["/", "/home/home.js", "/console/", "/console/config.json", "/console/icon.svg"])
    def test_goes_with_a_policy_that_allows_this_node_alone(self, web: httpx2.Client, path: str) -> None:
        answer = web.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        for each in ("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"):
            assert each in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-cache"

    def test_holds_no_script_and_names_nothing_elsewhere(self, web: httpx2.Client) -> None:
        page = web.get("/console/").text
        assert "<script>" not in page
        assert "//" not in page.replace('="/console/', "")

    @pytest.mark.parametrize("name", ["nothing.js", "..%2findex.html", "%2e%2e%2fsrc%2fmain.ts", ".ready"])
    def test_serves_nothing_else(self, web: httpx2.Client, name: str) -> None:
        assert [web.get(f"/console/{folder}{name}").status_code for folder in ("", "assets/")] == [404, 404]

    def test_leads_the_short_way(self, web: httpx2.Client) -> None:
        answer = web.get("/console")
        assert (answer.status_code, answer.headers["location"]) == (308, "/console/")


class TestFrontPage:
    def test_in_chromium(self, web: httpx2.Client, chromium: str) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/home.test.mjs"),
            BASE_URL=f"{web.base_url}".rstrip("/"),
            CHROMIUM=chromium,
        )
        assert passed(done) == 5


class TestDesk:
    def test_in_chromium(self, web: httpx2.Client, around: Around, chromium: str, tmp_path: Path) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/console.test.mjs"),
            limit=900,
            BASE_URL=f"{web.base_url}".rstrip("/").replace("127.0.0.1", "localhost"),
            DEPARTMENT=around.address,
            CHROMIUM=chromium,
            ANSWERS=str(tmp_path / "answers"),
        )
        assert passed(done) > 20
        assert len(heard(tmp_path / "answers")) > 15
