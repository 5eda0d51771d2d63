"""What every page is held to, by axe-core, Lighthouse and the browser itself; a kiosk; what goes wrong in an approval.

`quality.test.mjs`, `kiosk.test.mjs` and `badinput.test.mjs` in `tests/web/browser` are what the browser does.
"""

from __future__ import annotations

import gzip
import re
import uuid
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from sqlalchemy import text

from api.node import Node
from authz.vault import IdentityVault
from tests.api.conftest import open_case, send_deposit
from tests.api.test_citizen import pages
from tests.api.test_figures import count
from tests.api.test_journey import until
from tests.api.test_session import business_licence, identity_card
from tests.materials.figures.test_figures import Records
from tests.pages.test_console import console
from tests.web.answers import heard
from tests.web.department import Department
from tests.web.test_browser import chromium
from tests.web.test_verifier import built, node, passed
from tests.web.world import lease

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import CompletedProcess

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["built", "chromium", "console", "pages"]
BUILT: Final = Path(__file__).parents[2] / "web/citizen/dist"
FIRST_LOAD: Final = 200 * 1024
"""Bytes, gzip, without fonts: there are none."""
_SCRIPT: Final = re.compile(r'(?:src|href)="(/m/assets/[^"]+)"')
DAYS: Final = 40
"""So many days of work there are before today: more than the figures show at first."""
_IMPORT: Final = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')


class Everything(Department):
    """A department that has asked for something in a case, of somebody who has something; and weeks of work before."""

    def __init__(self, exchange: Exchange, qingpu: Client, deposit: Any, licence: str) -> None:
        super().__init__(qingpu, lambda **more: open_case(qingpu, **more), deposit)
        self._exchange = exchange
        self._licence = licence
        self._acts |= {"prepare": self._prepare, "fill": self._fill}

    def _prepare(self) -> dict[str, Any]:
        batch = self._ask()
        code = {"type": "111", "code": "310199199001010018"}
        self._open_case(applicant={"kind": "person", "name": "陈安澜", "identifiers": [code]})
        return {
            "batch_id": batch["batch_id"],
            "case_no": self._cases[batch["batch_id"]]["case_no"],
            "licence_id": self._licence,
        }

    def _fill(self) -> dict[str, Any]:
        """Cases of many days, accepted, sent back, decided, some too late; and what they come to."""
        case_no = self._open_case()["case_no"]
        node = Node(self._exchange.settings)
        try:
            with node.database.unit() as db:
                held = text("SELECT party_id::text, applicant_holder_id FROM materials.case_ WHERE case_no = :case_no")
                party, firm = db.execute(held, {"case_no": case_no}).one()
            asking = SimpleNamespace(party_id=party)
            vault = IdentityVault(node.keys.lookup, node.keys.identity, node.keys.pairwise)
            stage = SimpleNamespace(database=node.database, identity=vault, qingpu=asking, baoshan=asking, firm=firm)
            first = node.figures.today() - timedelta(days=DAYS)
            Records(stage, 20261122).write(first, DAYS, 120)  # type: ignore[arg-type]
            with node.database.unit() as db:
                node.figures.rebuild(db)
        finally:
            node.close()
        until(lambda: count(self._client, "cases") > 40 or None)
        return {}


@pytest.fixture(scope="module")
def web(exchange: Exchange, pages: None, console: None, built: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def world(exchange: Exchange, qingpu: Client, baoshan: Client, market: Client, police: Client) -> Iterator[Everything]:
    def deposit() -> str:
        return str(send_deposit(baoshan, lease(), file_name="lease.png", media_type="image/png")["material_id"])

    market.call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))
    card = identity_card("陈安澜", "310199199001010018")
    licence = police.call("POST", "/v1/licences", card, key=str(uuid.uuid4()))["licence_id"]
    with Everything(exchange, qingpu, deposit, licence) as held:
        yield held


def play(name: str, web: httpx2.Client, world: Everything, chromium: str, **more: str) -> CompletedProcess[str]:
    """Run one script of a browser."""
    return node(
        *("--test", "--test-reporter=tap", "--test-concurrency=1", f"tests/web/browser/{name}.test.mjs"),
        limit=900,
        BASE_URL=f"{web.base_url}".rstrip("/").replace("127.0.0.1", "localhost"),
        DEPARTMENT=world.address,
        CHROMIUM=chromium,
        **more,
    )


def first_load(name: str) -> int:
    """Bytes, gzip, of a page and of all it loads before anything is touched."""
    page = (BUILT / name).read_bytes()
    wanted = [BUILT / each.removeprefix("/m/") for each in _SCRIPT.findall(page.decode())]
    found: dict[Path, int] = {}
    while wanted:
        path = wanted.pop()
        if path in found:
            continue
        data = path.read_bytes()
        found[path] = len(gzip.compress(data))
        if path.suffix == ".js":
            wanted += [path.parent / each for each in _IMPORT.findall(data.decode())]
    assert len(found) > 2
    return sum(found.values()) + len(gzip.compress(page))


class TestWeight:
    @pytest.mark.parametrize("name", ["index.html", "kiosk.html"])
    def test_first_load_is_small(self, pages: None, name: str) -> None:
        assert first_load(name) < FIRST_LOAD

    def test_no_font_is_loaded(self, pages: None) -> None:
        assert not [each.name for each in BUILT.rglob("*") if each.suffix in {".woff", ".woff2", ".ttf", ".otf"}]


class TestQuality:
    def test_in_chromium(self, web: httpx2.Client, world: Everything, chromium: str) -> None:
        assert passed(play("quality", web, world, chromium)) > 25


class TestKiosk:
    def test_in_chromium(self, web: httpx2.Client, world: Everything, chromium: str, tmp_path: Path) -> None:
        assert passed(play("kiosk", web, world, chromium, ANSWERS=str(tmp_path / "answers"))) > 7
        assert {("post", "/v1/my/kiosk-session"), ("get", "/v1/my/cases")} <= heard(tmp_path / "answers")


class TestBadInput:
    def test_in_chromium(self, web: httpx2.Client, world: Everything, chromium: str) -> None:
        assert passed(play("badinput", web, world, chromium)) > 4
