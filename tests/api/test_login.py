"""Logging in at the pages of a node out of demo mode, at a provider that is not the demo's, in a real browser."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
import uvicorn

from api.app import create_app
from api.node import Node
from authz.model import Identifier
from tests.api.test_citizen import pages
from tests.web.provider import Provider
from tests.web.test_browser import START, chromium
from tests.web.test_verifier import node, passed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.stack.exchange import Exchange

__all__ = ["chromium", "pages"]
CHEN = "province-7f3a"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider({CHEN: "陈安澜", "province-0000": "无人认识"}) as held:
        yield held


@pytest.fixture
def address(
    exchange: Exchange, provider: Provider, pages: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A second node over the same database, out of demo mode, which trusts that provider alone."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # authlib takes no provider without TLS
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        changes = {"demo": False, "signers": provider.pinned(tmp_path), "base_url": f"http://127.0.0.1:{port}"}
        settings = exchange.settings.model_copy(update=changes)
        made = Node(settings)
        with made.database.unit() as db:
            person = made.holders.resolve(db, Identifier("111", "310199199001010018"))
            assert person is not None
            made.holders.link(db, person, Identifier.oidc(provider.issuer, CHEN))
        made.close()
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [held]})
        thread.start()
        try:
            ready = threading.Event()
            for _ in range(int(START / 0.05)):
                if server.started or not thread.is_alive():
                    break
                ready.wait(0.05)
            yield f"http://localhost:{port}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def switch(provider: Provider) -> Iterator[str]:
    """By which the browser's script tells the provider to answer wrongly, and reaches the phone's hardware."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            act = asked.pop("act")
            if act == "wrong":
                provider.wrong = asked["what"]
            answer = {} if act == "wrong" else getattr(provider, {"enrol": "enrol", "sign": "sign"}[act])(**asked)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestLogin:
    def test_in_chromium(self, address: str, switch: str, chromium: str) -> None:
        done = node(
            *("--test", "--test-reporter=tap", "--test-concurrency=1", "tests/web/browser/login.test.mjs"),
            limit=200,
            BASE_URL=address,
            DEPARTMENT=switch,
            CHROMIUM=chromium,
        )
        assert passed(done) > 5
