"""Full tiles from memory: the same answer as the first time, and nothing else from memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.observe import REQUESTS
from api.tilecache import TileCache

Message = dict[str, Any]


class Behind:
    """An application that counts how often it is asked; its answer says the count."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        headers = [(b"cache-control", b"x"), (b"x-request-id", b"%d" % self.asked)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": f"{scope['path']} {self.asked}".encode()})


def get(app: TileCache, path: str, method: str = "GET") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await app({"type": "http", "method": method, "path": path}, None, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    return sent


class TestTileCache:
    @pytest.mark.parametrize("path", ["/log/tile/0/000", "/log/tile/entries/x001/234"])
    def test_asks_once_for_a_full_tile(self, path: str) -> None:
        behind = Behind()
        app = TileCache(behind)
        first, again, more = get(app, path), get(app, path), get(app, path)
        assert first[1]["body"] == again[1]["body"] == more[1]["body"]
        assert again[0] == more[0] == {**first[0], "headers": [(b"cache-control", b"x")]}
        assert behind.asked == 1

    def test_counts_what_it_answers(self) -> None:
        app, counted = TileCache(Behind()), REQUESTS.labels("/log/tile/{path:path}", "GET", 200)
        get(app, "/log/tile/0/000")
        before = counted._value.get()
        for _ in range(3):
            get(app, "/log/tile/0/000")
        assert counted._value.get() == before + 3

    @pytest.mark.parametrize(
        ("path", "method"),
        [
            ("/log/tile/0/000.p/7", "GET"),
            ("/log/checkpoint", "GET"),
            ("/log/tile/0/000", "HEAD"),
            ("/v1/evidence", "GET"),
        ],
    )
    def test_asks_for_everything_else(self, path: str, method: str) -> None:
        behind = Behind()
        app = TileCache(behind)
        for _ in range(2):
            get(app, path, method)
        assert behind.asked == 2

    def test_does_not_keep_a_failure(self) -> None:
        behind = Behind(404)
        app = TileCache(behind)
        get(app, "/log/tile/0/000")
        behind.status = 200
        assert get(app, "/log/tile/0/000")[0]["status"] == 200
        assert behind.asked == 2

    def test_makes_room_for_the_newest(self) -> None:
        behind = Behind()
        app = TileCache(behind, limit=3)
        for n in range(5):
            get(app, f"/log/tile/0/00{n}")
        assert len(app._kept) == 3
        get(app, "/log/tile/0/004")
        assert behind.asked == 5
        get(app, "/log/tile/0/000")
        assert behind.asked == 6
