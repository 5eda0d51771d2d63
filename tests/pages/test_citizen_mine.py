"""The rest of the citizen pages in a real browser: what a person has, was used, gave on; `mine.test.mjs` says what.

It has an exchange of its own (`conftest.py`), and stands apart from `test_citizen` because each takes its time.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.api.conftest import open_case, send_deposit
from tests.api.test_citizen import pages
from tests.api.test_session import business_licence, identity_card
from tests.web.answers import heard
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed
from tests.web.world import World, lease

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium", "pages"]


@pytest.fixture(scope="module")
def web(exchange: Exchange, pages: None) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=exchange.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def world(
    exchange: Exchange,
    qingpu: Client,
    baoshan: Client,
    market: Client,
    police: Client,
    operations: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    def deposit() -> str:
        return str(send_deposit(baoshan, lease(), file_name="lease.png", media_type="image/png")["material_id"])

    def issue(what: str) -> dict[str, Any]:
        if what == "business":
            return market.call("POST", "/v1/licences", business_licence(), key=str(uuid.uuid4()))
        wanted = identity_card("陈安澜", "310199199001010018")
        return police.call("POST", "/v1/licences", wanted, key=str(uuid.uuid4()))

    trust: Path = tmp_path_factory.mktemp("trust") / "trust.json"
    trust.write_text(json.dumps(exchange.trust()))
    with World(qingpu, lambda **more: open_case(qingpu, **more), deposit, issue, operations, baoshan, trust) as held:
        yield held


class TestMine:
    def test_in_chromium(self, web: httpx2.Client, world: World, chromium: str, tmp_path: Path) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/mine.test.mjs"),
            limit=2700,
            BASE_URL=f"{web.base_url}".rstrip("/").replace("127.0.0.1", "localhost"),
            DEPARTMENT=world.address,
            CHROMIUM=chromium,
            ANSWERS=str(tmp_path / "answers"),
        )
        assert passed(done) > 25
        assert len(heard(tmp_path / "answers")) > 15
