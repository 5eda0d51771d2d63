"""Sending a large document piece by piece, and knowing afterwards how much of it was sent.

Before each piece the primary database is asked whether the use still stands, so a withdrawal stops a download that
runs. A piece that fails its check, or a use that ends, cuts the connection: the client sees a short answer, never a
whole one. Whatever ends it, what was handed to the connection is written down as delivered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.responses import Response

from ledger import failpoints
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send

    from api.node import Node
    from authz.model import Caller, Use


class Delivery:
    """The pieces of one answer.

    Args:
        node: the node.
        caller: who downloads.
        use: the use it is for.
        pieces: checked plaintext, in order.
        start: where in the document the first piece begins.
    """

    def __init__(self, node: Node, caller: Caller, use: Use, pieces: Iterator[bytes], start: int) -> None:
        self._node = node
        self._caller = caller
        self._use = use
        self._pieces = pieces
        self._start = start
        self._waiting: bytes | None = None
        self.sent = start

    def fetch_first(self) -> None:
        """Fetch and check the first piece, before anything is answered."""
        self._waiting = next(self._pieces)

    def next(self) -> bytes | None:
        """The next piece while the use stands; None at the end.

        Raises:
            UseClosedError: it no longer stands.
        """
        failpoints.reach("stream.piece")
        if self._waiting is not None:
            piece, self._waiting = self._waiting, None
            return piece
        with self._node.database.glance() as db:
            run(db, self._node.uses.gate(self._use.id, self._caller))
        return next(self._pieces, None)

    def close(self) -> None:
        """Hang up on S3 and write down what was sent."""
        self._pieces.close()  # type: ignore[attr-defined]  # a generator
        failpoints.reach("stream.ended")
        if self.sent > self._start:
            with self._node.database.unit() as db:
                run(db, self._node.uses.delivered(self._use.id, self._start, self.sent))
        failpoints.reach("stream.completed")


class DeliveryResponse(Response):
    """The answer over a `Delivery`."""

    def __init__(self, delivery: Delivery, status: int, headers: Mapping[str, str]) -> None:
        self._delivery = delivery
        self.status_code = status
        self.media_type = "application/octet-stream"
        self.background = None
        self.body = b""
        self.init_headers(headers)

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end, the client's going, or a failure; then write down what was sent."""
        try:
            async with anyio.create_task_group() as tasks:

                async def until_done(act: Callable[[], Awaitable[None]]) -> None:
                    await act()
                    tasks.cancel_scope.cancel()

                tasks.start_soon(until_done, lambda: _gone(receive))
                await until_done(lambda: self._send(send))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._delivery.close)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while (piece := await anyio.to_thread.run_sync(self._delivery.next)) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            self._delivery.sent += len(piece)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    """Return when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
