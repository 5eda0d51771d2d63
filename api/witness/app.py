"""The witness over HTTP (c2sp.org/tlog-witness). Submission and monitoring prefix are one.

- `POST /add-checkpoint`: a cosignature, or 400 403 404 409 422;
- `GET /<origin hash>/checkpoint`: the last checkpoint we cosigned of a log;
- `GET /evidence` and `/evidence/<n>`: logs that signed two trees, as a list and as files (`ledger.equivocation`);
- `GET /vkey`, `/livez`: our verifier key; that we run.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.observe import log
from api.witness.errors import ConflictError, RefusalError
from ledger.cosign import MAX_REQUEST, SIZE_TYPE

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.witness.witness import Witness

_TEXT: Final = "text/plain; charset=utf-8"


def create_app(witness: Witness) -> Starlette:
    """The application of one witness."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_REQUEST:
                return _answer(413)
        return await to_thread.run_sync(_judged, witness, bytes(body))

    def checkpoint(request: Request) -> Response:
        note = witness.memory.note(request.path_params["name"])
        return _answer(404) if note is None else _answer(200, note)

    def evidence(_: Request) -> Response:
        return JSONResponse([asdict(each) for each in witness.memory.evidence()])

    def evidence_file(request: Request) -> Response:
        number = request.path_params["number"]
        file = witness.memory.evidence_file(number) if number < 1 << 62 else None
        return _answer(404) if file is None else _answer(200, file, "application/json")

    def vkey(_: Request) -> Response:
        return _answer(200, witness.cosigner.verifier.vkey + "\n")

    def livez(_: Request) -> Response:
        return _answer(200, "live\n")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{name}/checkpoint", checkpoint),
            Route("/evidence", evidence),
            Route("/evidence/{number:int}", evidence_file),
            Route("/vkey", vkey),
            Route("/livez", livez),
        ]
    )


def _judged(witness: Witness, body: bytes) -> Response:
    try:
        answer = _answer(200, witness.add_checkpoint(body))
    except ConflictError as refusal:
        answer = _answer(refusal.status, f"{refusal.size}\n", SIZE_TYPE)
    except RefusalError as refusal:
        answer = _answer(refusal.status)
    except sqlite3.OperationalError as error:
        log.error("witness: cannot remember", kind=error.sqlite_errorname)
        answer = _answer(503)
        answer.headers["Retry-After"] = "5"
    log.info("add-checkpoint", status=answer.status_code)
    return answer


def _answer(status: int, body: str = "", kind: str = _TEXT) -> Response:
    """Starlette adds a charset to the type of a text; the type of a size has none, so the header is set here."""
    return Response(body, status, {"Content-Type": kind, "Cache-Control": "no-cache"})
