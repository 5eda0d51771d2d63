"""The verification page in a real browser; `tests/web/browser/page.test.mjs` says what it must do.

`ready.mjs` beside it finds a Chromium or installs one; where there is none to be had, the test is skipped and says why.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Final

import pytest
import uvicorn
from fastapi import FastAPI

from api.routes import verifier
from tests.web.made import alone
from tests.web.test_verifier import built, node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["built"]

START: Final = 90.0
"""Seconds a server may take to start on a busy machine."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the machine's Chromium; empty: the packed one, which was then installed."""
    with alone():
        done = node("tests/web/browser/ready.mjs")
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)
    if "missing" in held:
        pytest.skip(held["missing"])
    return str(held["chromium"])


@pytest.fixture(scope="session")
def address(built: None) -> Iterator[str]:  # the page is built before it is served
    """The page as the exchange's own route serves it."""
    app = FastAPI()
    app.include_router(verifier.router)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + START
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            thread.join(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class TestPage:
    def test_in_chromium(self, address: str, chromium: str) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/page.test.mjs"),
            BASE_URL=address,
            CHROMIUM=chromium,
        )
        assert passed(done) > 30
