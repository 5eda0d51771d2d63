"""What the hot paths are compared with, served by the same server with the same settings.

`POST /v1/plain` anchors one document as an ordinary route does: FastAPI, a pydantic body, a thread, one unit with one
INSERT a table. It writes the same rows, gives the same answer and checks the caller by the same functions; only the
shape differs. `GET /ping` is the least an ASGI application can do.
"""

from __future__ import annotations

import argparse
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import uvicorn
from fastapi import FastAPI, Request, Response

from api import problems
from api.limits import BodyLimit
from api.node import Node
from api.observe import Observe, configure_logs
from api.routes import edge
from api.schemas import EvidenceIn  # noqa: TC001 - FastAPI reads it at run time
from api.serve import Protocol
from api.settings import Settings
from ledger import keptrows
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import execute, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection
    from starlette.types import ASGIApp, Receive, Scope, Send

    from authz.model import Caller


def plain(request: Request, body: EvidenceIn) -> Response:
    """Anchor one document."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "evidence")

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        run(db, node.refuse_when_overdue())
        return 201, _anchor(node, db, caller, body)

    return edge.once(node, request, caller.client_id, body, act)


def _anchor(node: Node, db: Connection, caller: Caller, body: EvidenceIn) -> dict[str, Any]:
    (earlier,) = run(db, keptrows.earlier([(caller.party_id, body.sha256)]))
    fact: dict[str, Any] = {
        "type": "evidence.anchored",
        "time": rfc3339(node.clock.now()),
        "digests": {"sha256": body.sha256} | ({"sm3": body.sm3} if body.sm3 else {}),
    }
    fact |= {"size": body.size} if body.size is not None else {}
    fact |= {"type_code": body.type_code} if body.type_code else {}
    parties = {"requester": caller.org_code, "reference": body.reference}
    promise = node.evidence.append(db, Record(fact, parties))
    execute(db, keptrows.insert([(promise.entry_id, caller.party_id, body.reference, body.sha256)]))
    return {"entry_id": promise.entry_id, "earlier_entry_id": earlier, "promise": promise.to_json()}


def create_app(settings: Settings) -> ASGIApp:
    """The ordinary stack around the one route, and the ping before it."""
    configure_logs(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads
        yield
        app.state.node.close()

    app = FastAPI(lifespan=lifespan)
    app.state.node = Node(settings)
    problems.install(app)
    app.post("/v1/plain", status_code=201)(plain)
    app.get("/livez")(lambda: {"status": "ok"})
    stacked = Observe(BodyLimit(app, limit=settings.max_body))
    pong = [(b"content-type", b"text/plain"), (b"content-length", b"4")]

    async def first(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/ping":
            await send({"type": "http.response.start", "status": 200, "headers": pong})
            await send({"type": "http.response.body", "body": b"pong"})
        else:
            await stacked(scope, receive, send)

    return first


def main() -> None:
    """Serve on an inherited socket until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="number of an inherited listening socket")
    given = parser.parse_args()
    config = uvicorn.Config(
        create_app(Settings()),  # type: ignore[call-arg]  # fields come from the environment
        http=Protocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        backlog=512,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.fd)])


if __name__ == "__main__":
    main()
