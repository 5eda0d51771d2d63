"""Full tiles and full entry bundles from memory, in front of everything else.

They never change (C2SP tlog-tiles), so an answer given once is the answer for ever: it is kept as the two messages it
was sent as. What is asked for the first time, partial tiles, and everything else is handed on; a log's monitor reads
old tiles in order, so the oldest kept one makes room. Answers from memory are counted and not logged one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.observe import REQUESTS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "/log/tile/"
CACHED: Final = 4096
"""Answers kept in a process; at most 15 kB each."""
_PARTIAL: Final = ".p/"
_ROUTE: Final = "/log/tile/{path:path}"


class TileCache:
    """ASGI layer.

    Args:
        app: what is behind it.
        limit: answers kept.
    """

    def __init__(self, app: ASGIApp, limit: int = CACHED) -> None:
        self._app = app
        self._limit = limit
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._count = REQUESTS.labels(_ROUTE, "GET", 200).inc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        kept = self._kept.get(path)
        if kept is not None:
            self._count()
            await send({"type": "http.response.start", "status": 200, "headers": kept[0]})
            await send({"type": "http.response.body", "body": kept[1]})
            return
        await self._app(scope, receive, send if _PARTIAL in path else self._keeping(path, send))

    def _keeping(self, path: str, send: Send) -> Send:
        """Keeps the answer on its way out."""
        headers: list[tuple[bytes, bytes]] | None = None

        async def sending(message: Message) -> None:
            nonlocal headers
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if each[0] != b"x-request-id"]  # of that request only
                headers = kept if message["status"] == 200 else None
            elif headers is not None and not message.get("more_body"):
                while len(self._kept) >= self._limit:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[path] = headers, message["body"]
            await send(message)

        return sending
