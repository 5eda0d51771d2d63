"""Evidence of documents that departments keep themselves: digests in, promises out (DESIGN 11).

`POST /v1/evidence` takes one document as JSON or many as NDJSON. One goes through the queue of its process
(`api/intake.py`), where what comes in together is written together; many are one unit of their own. Good rows of a bulk
request are kept while bad ones are told, row by row; what was taken has one promise.

An organisation finds its own entries again and nobody else's: for others they do not exist.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response, Security
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from api import idempotency, problems, rows
from api.errors import MalformedRequestError, MalformedRowError, MediaTypeError, NotFoundError
from api.idempotency import Answer
from api.lean import LeanRoute
from api.routes import edge
from api.routes.log import entry_document
from ledger import bundle, failpoints, store
from ledger.errors import EntryNotFoundError, LogBusyError
from ledger.kept import MAX_FOUND, Keeping
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from api.node import Node
    from api.rows import Refused
    from authz.model import Caller
    from ledger.promise import BatchPromise
    from ledger.steps import Statement

router = APIRouter(prefix="/v1", tags=["evidence"], dependencies=[Security(edge.signed)])

SCOPE: Final = "evidence"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
MINIMAL: Final = "return=minimal"
"""RFC 7240 4.2: of a bulk request's rows only the refused ones are told, and the promise."""

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/EvidenceIn"}},
            NDJSON: {
                "schema": {
                    "type": "string",
                    "description": f"one such object a line: at most {rows.MAX_ROWS} rows and {rows.MAX_BYTES} bytes",
                }
            },
        },
    },
    "responses": {
        "200": {
            "description": "bulk: a line for each row, then one with the promise",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
}


@router.post("/evidence", status_code=201, summary="Anchor digests of documents you keep", openapi_extra=_BODY)
async def anchor(request: Request) -> Response:
    """Take in one digest (`application/json`) or many (`application/x-ndjson`). Needs an Idempotency-Key.

    The answer is the acknowledgement: the entries are durable and promised for the log within 60 s. Of many, good rows
    are kept and bad ones told by number and code; all good ones are one unit with one promise.
    """
    node = edge.node_of(request)
    with request.app.state.intake.arriving():
        caller = await edge.caller_together(node, request, SCOPE)
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {JSON, NDJSON} or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError
    if kind == NDJSON:
        body = await rows.receive(request.stream())
        minimal = MINIMAL in request.headers.get("prefer", "").replace(" ", "").lower()
        return await anyio.to_thread.run_sync(_many, node, request, caller, key, (body, minimal))
    body = await rows.receive(request.stream(), limit=rows.MAX_ROW, rows=rows.MAX_ROW)
    try:
        document = rows.document(body)
    except MalformedRowError as error:
        raise HTTPException(400) from error
    keeping = Keeping(caller.party_id, caller.org_code, document)
    asked = edge.fingerprint(request, None, body)
    return edge.json_response(await request.app.state.intake.anchor(caller.client_id, key, asked, keeping))


def _many(node: Node, request: Request, caller: Caller, key: str, given: tuple[bytes, bool]) -> Response:
    """A bulk request, in a thread: its answer, or the one given before."""
    body, minimal = given
    asked = edge.fingerprint(request, None, body)
    with node.database.glance() as db:
        before = run(db, node.answers.find(caller.client_id, key, asked))
        if before is None:
            node.refuse_bulk_when_overdue(db)
    if before is not None:
        return _lines(before, minimal=minimal)
    read = list(rows.read(body))
    try:
        try:
            answer = _write(node, caller, (key, asked), read, minimal=minimal, waiting=False)
        except LogBusyError:
            answer = _write(node, caller, (key, asked), read, minimal=minimal, waiting=True)
    except IntegrityError as error:
        if not idempotency.is_taken(error):
            raise
        with node.database.glance() as db:
            first = run(db, node.answers.find(caller.client_id, key, asked))
        if first is None:
            raise
        return _lines(first, minimal=minimal)
    failpoints.reach("evidence.committed")
    return _lines(answer, minimal=minimal)


def _write(
    node: Node, caller: Caller, name: tuple[str, bytes], read: Sequence[Any], *, minimal: bool, waiting: bool
) -> Answer:
    """The unit of a bulk request."""
    good = [row for row in read if isinstance(row, tuple)]
    batch = [Keeping(caller.party_id, caller.org_code, document) for _, document in good]
    answer = Answer(200, _summary(read, None, (), minimal=minimal))

    def beside(promise: BatchPromise, earlier: Sequence[str | None]) -> Statement:
        nonlocal answer
        answer = Answer(200, _summary(read, promise, earlier, minimal=minimal))
        failpoints.reach("evidence.sealed")
        return node.answers.keep(caller.client_id, *name, answer)

    if batch:
        with node.database.unit() as db:
            node.kept.anchor(db, batch, beside, waiting=waiting)
    return answer


def _summary(
    read: Sequence[Any], promise: BatchPromise | None, earlier: Sequence[str | None], *, minimal: bool
) -> bytes:
    """The answer to a bulk request: a line for each row (`minimal`: each refused one), then counts and the promise."""
    lines, taken = [], 0
    for row in read:
        if not isinstance(row, tuple):
            lines.append(_refusal(row))
            continue
        if not minimal and promise is not None:
            entry_id, leaf = promise.entries[taken]
            before = f',"earlier_entry_id":"{earlier[taken]}"' if earlier[taken] else ""
            escaped = leaf.decode().replace('"', '\\"')
            lines.append(f'{{"row":{row[0]},"entry_id":"{entry_id}","leaf":"{escaped}"{before}}}')
        taken += 1
    last = {"taken": taken, "refused": len(read) - taken, "promise": promise.to_json() if promise else None}
    return ("\n".join([*lines, json.dumps(last)]) + "\n").encode()


def _refusal(row: Refused) -> str:
    said = problems.TABLE[row.code]
    told = {"row": row.number, "code": row.code, "title": said.title_en, "title_zh": said.title_zh}
    return json.dumps(told | ({"fields": row.fields} if row.fields else {}), ensure_ascii=False)


def _lines(answer: Answer, *, minimal: bool) -> Response:
    headers = {"Preference-Applied": MINIMAL} if minimal else None
    return Response(answer.body, answer.status, headers, NDJSON)


@router.get("/evidence", summary="Find your evidence by reference or digest")
def find(
    request: Request,
    reference: Annotated[str | None, Query(max_length=128)] = None,
    sha256: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[str | None, Query(max_length=36)] = None,
) -> dict[str, Any]:
    """Your entries with this reference or this digest, newest first; `next` continues where there are more."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    if (reference is None) == (sha256 is None):
        raise MalformedRequestError(places="reference or sha256: one of them")
    cursor = None if before is None else edge.uuid(before)
    with node.database.unit() as db:
        found = node.kept.find(db, caller.party_id, reference=reference, sha256=sha256, before=cursor)
        states = node.entry_states(db, [entry_id for entry_id, _, _ in found]) if found else {}
    items = [
        {"entry_id": entry_id, "reference": held, "sha256": digest, "state": states[entry_id].state.value}
        for entry_id, held, digest in found
    ]
    return {"items": items, "next": found[-1][0] if len(found) == MAX_FOUND else None}


@router.get("/evidence/{entry_id}", summary="One piece of your evidence")
def show(request: Request, entry_id: str) -> dict[str, Any]:
    """What was anchored, and how far its entry has come."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    held = edge.uuid(entry_id)
    with node.database.unit() as db:
        _own(node, db, caller, held)
        record = store.record(db, held)
    fact, parties = json.loads(record.fact), json.loads(record.parties)
    return {
        "entry_id": held,
        "reference": parties["reference"],
        "sha256": fact["digests"]["sha256"],
        "sm3": fact["digests"].get("sm3"),
        "type_code": fact.get("type_code"),
        "size": fact.get("size"),
        "time": fact["time"],
        "entry": entry_document(node, held),
    }


@router.get("/evidence/{entry_id}/bundle", summary="The evidence bundle of one piece")
def show_bundle(request: Request, entry_id: str) -> dict[str, Any]:
    """One file that proves digest and time by log and chain; verifies offline (`cailian verify`)."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    held = edge.uuid(entry_id)
    with node.database.unit() as db:
        _own(node, db, caller, held)
        return bundle.build(db, node.evidence, "evidence", [held])


def _own(node: Node, db: Connection, caller: Caller, entry_id: str) -> None:
    """Absent and somebody else's are one answer."""
    try:
        node.kept.check_owner(db, caller.party_id, entry_id)
    except EntryNotFoundError:
        raise NotFoundError from None


async def _anchor_lean(request: Request, _: str) -> Response:
    return await anchor(request)


LEAN: Final = (LeanRoute("POST", "/v1/evidence", "/v1/evidence", _anchor_lean),)
"""The hot path of evidence."""
