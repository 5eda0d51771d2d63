"""How much a caller may send before anybody looks at it: the frameworks read a JSON or form body whole into memory.

The deposit route alone streams, and has limits of its own (`api/multipart.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAMED: Final = frozenset({("POST", "/v1/materials")})


class BodyLimit:
    """ASGI layer: the body of a request may have so many bytes, whatever its Content-Length says.

    Args:
        app: what is behind it.
        limit: bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) in STREAMED:
            await self.app(scope, receive, send)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # Raised where the body is read, so it leaves as a problem document; the rest is never taken in.
            if received > self._limit:
                raise HTTPException(413)
            return message

        await self.app(scope, limited, send)
