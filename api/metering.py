"""What a request costs its caller's organisation (`authz.limits`), by route; and how many bytes left.

A route that is not named here costs one request; what one request does several times is counted where it is done
(`further`). What a refused use or search cost is not given back: whoever tries what others have must not do so for
nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from api.observe import log
from authz.limits import Cost
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.node import Node
    from authz.model import Caller

SECONDS: Final = 1.0
"""How often a process shares its counts."""

_EVERY: Final = (Cost.rate, Cost.requests)
COSTS: Final = {
    ("POST", "/v1/materials/search"): Cost.searches,
    ("POST", "/v1/fetch/search"): Cost.searches,
    ("POST", "/v1/firms/search"): Cost.searches,
    ("POST", "/v1/asks"): Cost.asks,
    ("POST", "/v1/ask-batches"): Cost.asks,
    ("POST", "/v1/uses"): Cost.uses,
    ("POST", "/v1/fetch"): Cost.uses,
    ("POST", "/v1/fetch/batch"): Cost.uses,
    ("POST", "/v1/presentations"): Cost.presentations,
    ("GET", "/v1/uses/{use_id}/content"): Cost.bytes,
    ("GET", "/v1/uses/{use_id}/thumbnail"): Cost.bytes,
}
"""What a route costs beyond a request. Of `bytes` it is looked at whether any are left, and counted what left."""
_RELEASING: Final = ("/content", "/thumbnail")
_CALLER: Final = "metered_party"


def charge(node: Node, request: Request, caller: Caller) -> None:
    """Count a request whose caller is proven.

    Raises:
        RateExceededError, QuotaSpentError: the organisation has had its share.
    """
    route = getattr(request.scope.get("route"), "path", "")
    cost = COSTS.get((request.method, route))
    request.scope["state"][_CALLER] = caller.party_id
    node.meter.charge(caller.party_id, caller.party_kind, _EVERY if cost is None else (*_EVERY, cost))


def charge_client(node: Node, caller: Caller, *costs: Cost) -> None:
    """Count a request to an OAuth endpoint that gives no token, and what else it costs.

    Raises:
        RateExceededError, QuotaSpentError: as `charge`.
    """
    node.meter.charge(caller.party_id, caller.party_kind, (*_EVERY, *costs))


def further(node: Node, caller: Caller, what: Cost, done: int) -> None:
    """Count what one request does `done` times, and was charged for once when it came.

    Raises:
        QuotaSpentError: as `charge`; none of the rest is counted.
    """
    node.meter.charge(caller.party_id, caller.party_kind, (what,) * (done - 1))


class Released:
    """ASGI layer: counts the bytes of documents that left, to whom.

    Args:
        app: what is behind it.
        node: whose meter counts.
    """

    def __init__(self, app: ASGIApp, node: Node) -> None:
        self._app = app
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not scope["path"].endswith(_RELEASING):
            await self._app(scope, receive, send)
            return
        count, good = 0, False

        async def counted(message: Message) -> None:
            nonlocal count, good
            if message["type"] == "http.response.start":
                good = message["status"] < 300
            count += len(message.get("body", b"")) if good else 0
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            party_id = scope["state"].get(_CALLER)
            if party_id is not None and count:
                self._node.meter.add(party_id, Cost.bytes, count)


async def keep(node: Node, stop: asyncio.Event) -> None:
    """Share the counts every second until told to stop, and once more then."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SECONDS)
        await anyio.to_thread.run_sync(share, node)


def share(node: Node) -> None:
    """Share once. Without a database the counts are kept for the next time."""
    try:
        with node.meter.sharing() as share_in, node.database.unit() as db:
            share_in(db)
    except (DBAPIError, PoolTimeoutError, LedgerError) as error:  # away, busy, or full
        log.warning("usage not shared", kind=type(error).__name__)
