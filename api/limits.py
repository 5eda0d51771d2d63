"""How much a caller may send before anybody looks at it, and how slowly.

Whole bodies are read into memory, and a deposit's body is read by a thread that does nothing else meanwhile. Deposits,
evidence, gathering, bulk intake and pages that are looked at have limits of size of their own (`api/multipart.py`,
`api/rows.py`, `api/tarbody.py`); deposits and large files of an intake are never whole.

A request that offers another protocol (`Upgrade: h2c`, as Java's client does unless told HTTP/1.1) may be answered as
if it had not (RFC 9110 7.8), but uvicorn's httptools parser then loses the body (Kludex/uvicorn issue 2722). So that
nobody hunts for a body that was sent, such a request is refused by name.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api import problems
from api.errors import UpgradeOfferedError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAMED: Final = frozenset(
    ("POST", f"/v1/{each}") for each in ("materials", "evidence", "licences/gathering", "page-pictures")
)
_INTAKE: Final = re.compile(r"/v1/intakes/[^/]+/rows|/v1/intakes/check")

LARGEST_PAGE: Final = 16 * 1024**2
"""Bytes of a page that is looked at: A3 in colour at 600 dpi, as scanners write it."""

PATIENCE: Final = 20.0
"""Seconds that a body may keep us waiting, all pauses together, beyond what its size allows."""
LEAST_RATE: Final = 16 * 1024
"""Bytes a second below which a body counts as not coming."""


def _body_is_lost(scope: Scope) -> bool:
    """Whether the request offers an upgrade and says that it has a body."""
    headers = dict(scope["headers"])
    return b"upgrade" in headers and (b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0")


def _is_streamed(method: str, path: str) -> bool:
    """Whether the route bounds its body itself."""
    return (method, path) in STREAMED or (method == "POST" and _INTAKE.fullmatch(path) is not None)


class BodyLimit:
    """ASGI layer: the body of a request may have so many bytes, whatever its Content-Length says, and must keep coming.

    Args:
        app: what is behind it.
        limit: bytes.
        patience: seconds it may keep us waiting; `LEAST_RATE` bytes buy one more.
    """

    def __init__(self, app: ASGIApp, limit: int, patience: float = PATIENCE) -> None:
        self.app = app
        self._limit = limit
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _body_is_lost(scope):
            await problems.respond(Request(scope), UpgradeOfferedError.code)(scope, receive, send)
            return
        limit = None if _is_streamed(scope["method"], scope["path"]) else self._limit
        received, waited, whole = 0, 0.0, False

        async def limited() -> Message:
            nonlocal received, waited, whole
            if whole:  # what comes now is only news of the connection
                return await receive()
            began = time.monotonic()
            # Raised where the body is read, so it leaves as a problem document; the rest is never taken in.
            with anyio.move_on_after(self._patience + received / LEAST_RATE - waited) as slow:
                message = await receive()
            if slow.cancelled_caught:
                raise HTTPException(408)
            waited += time.monotonic() - began
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if limit is not None and received > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, limited, send)
