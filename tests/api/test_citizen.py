"""The citizen pages: how they are served, what a holder may list, and the whole dialogue in a real browser.

`tests/web/browser/citizen.test.mjs` is what the browser does; it stands here because it needs a whole exchange.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from api.demo.citizen import Citizen
from tests.api.conftest import open_case, pdf, send_deposit
from tests.api.test_consent_evidence import Verifiers
from tests.web.department import Department
from tests.web.made import make
from tests.web.test_browser import chromium
from tests.web.test_verifier import built, node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client import Client
    from api.demo.citizen import Citizen
    from api.stack.exchange import Exchange

__all__ = ["built", "chromium"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages() -> None:
    """The sources as they are now, built by the locked Vite."""
    make("web/citizen/dist/.ready")


@pytest.fixture(scope="module")
def web(exchange: Exchange, pages: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def department(
    exchange: Exchange, qingpu: Client, baoshan: Client, built: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Department]:
    def deposit() -> str:
        return str(send_deposit(baoshan, pdf(str(uuid.uuid4())))["material_id"])

    verifiers = Verifiers(tmp_path_factory.mktemp("bundles"), exchange.trust())
    with Department(qingpu, lambda **changes: open_case(qingpu, **changes), deposit, verifiers) as held:
        yield held


class TestServing:
    @pytest.mark.parametrize("path", ["/m/", "/m/config.json", "/m/icon.svg"])
    def test_goes_with_a_policy_that_allows_this_node_alone(self, web: httpx2.Client, path: str) -> None:
        answer = web.get(path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-cache"

    def test_holds_no_script_and_names_nothing_elsewhere(self, web: httpx2.Client) -> None:
        page = web.get("/m/").text
        assert "<script>" not in page
        assert "//" not in page.replace('="/m/', "")

    def test_keeps_what_is_named_by_its_content(self, web: httpx2.Client) -> None:
        name = next((ROOT / "web/citizen/dist/assets").glob("*.js")).name
        assert "immutable" in web.get(f"/m/assets/{name}").headers["cache-control"]

    @pytest.mark.parametrize(
        "name", ["nothing.js", "..%2findex.html", "%2e%2e%2f%2e%2e%2fsrc%2fmain.ts", ".ready", "a.py"]
    )
    def test_serves_nothing_else(self, web: httpx2.Client, name: str) -> None:
        assert [web.get(f"/m/{folder}{name}").status_code for folder in ("", "assets/")] == [404, 404]

    def test_is_where_links_lead(self, web: httpx2.Client, department: Department) -> None:
        link = department.do("ask_one")["link"]
        assert link.startswith(f"{web.base_url}".rstrip("/") + "/m/#/asks/")


def listed(web: httpx2.Client, citizen: Citizen, *batches: str) -> httpx2.Response:
    wanted = {"action": "inbox", "subject": str(uuid.uuid4()), "terms": {}}
    asked = web.post("/v1/holder-requests", json=wanted).json()
    body = {"request": asked["request"], "id_token": citizen.login(asked["digest"]), "batches": list(batches)}
    return web.post("/v1/me/consents", json=body)


class TestConsents:
    def test_lists_what_a_represented_firm_was_asked_and_gave(
        self, web: httpx2.Client, department: Department, legal_representative: Citizen
    ) -> None:
        batch = department.do("ask_one")
        given = legal_representative.approve(batch["asks"][0]["ask_id"])
        held = listed(web, legal_representative, batch["batch_id"]).json()
        assert [each["batch_id"] for each in held["batches"]] == [batch["batch_id"]]
        found: dict[str, Any] = next(each for each in held["grants"] if each["grant_id"] == given["grant_id"])
        assert (found["state"], found["uses_left"]) == ("active", 1)

    def test_shows_a_stranger_nothing_of_a_batch_they_name(
        self, exchange: Exchange, web: httpx2.Client, department: Department
    ) -> None:
        batch = department.do("ask_one")
        with Citizen(exchange.base_url, "demo-person-xu") as stranger:
            held = listed(web, stranger, batch["batch_id"], str(uuid.uuid4())).json()
        assert held["batches"] == []

    def test_wants_a_login_over_the_request(self, web: httpx2.Client, legal_representative: Citizen) -> None:
        asked = web.post(
            "/v1/holder-requests", json={"action": "inbox", "subject": str(uuid.uuid4()), "terms": {}}
        ).json()
        body = {"request": asked["request"], "id_token": legal_representative.login("A" * 43)}
        answer = web.post("/v1/me/consents", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "id-token-refused")


class TestDialogue:
    def test_in_chromium(
        self, exchange: Exchange, web: httpx2.Client, department: Department, chromium: str, tmp_path: Path
    ) -> None:
        trust = tmp_path / "trust.json"
        trust.write_text(json.dumps(exchange.trust()))
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/citizen.test.mjs"),
            limit=1800,
            BASE_URL=f"{web.base_url}".rstrip("/").replace("127.0.0.1", "localhost"),
            DEPARTMENT=department.address,
            TRUST=str(trust),
            CHROMIUM=chromium,
        )
        assert passed(done) > 30
