"""The console of those who keep a node running, and paper put together at a window, in a real browser.

`tests/web/browser/operating.test.mjs` is what the browser does; who stands around the desk is in `operating.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.pages.operating import Upkeep
from tests.pages.test_console import console
from tests.web.answers import heard
from tests.web.test_browser import chromium
from tests.web.test_verifier import node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.client import Client
    from api.stack.exchange import Exchange

__all__ = ["chromium", "console"]


@pytest.fixture(scope="module")
def upkeep(
    exchange: Exchange, qingpu: Client, baoshan: Client, operations: Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upkeep]:
    with Upkeep(exchange, qingpu, baoshan, operations, tmp_path_factory.mktemp("desk")) as held:
        yield held


class TestOperating:
    def test_in_chromium(
        self, exchange: Exchange, console: None, upkeep: Upkeep, chromium: str, tmp_path: Path
    ) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/operating.test.mjs"),
            limit=900,
            BASE_URL=exchange.base_url.replace("127.0.0.1", "localhost"),
            DEPARTMENT=upkeep.address,
            CHROMIUM=chromium,
            ANSWERS=str(tmp_path / "answers"),
        )
        assert passed(done) > 23
        assert len(heard(tmp_path / "answers")) > 20
