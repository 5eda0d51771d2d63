"""Bulk intake of an existing archive: rows and files in, an answer for each row (docs/intake.md)."""

from __future__ import annotations

import io
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response, Security
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from api import idempotency, problems, rows
from api.errors import MediaTypeError, TooManyRowsError
from api.idempotency import Answer
from api.intakeschemas import IntakeIn
from api.node import Node
from api.observe import DEPOSITS
from api.routes import edge
from api.schemas import Code
from api.tarbody import TarBody
from authz.model import Caller
from ledger import failpoints
from ledger.clock import rfc3339
from ledger.objects import SMALL
from ledger.steps import execute, run
from materials.content import Inspector
from materials.errors import MaterialsError
from materials.intake.errors import IntakeBodyError
from materials.intake.model import MAX_BATCH, Intake, IntakeRow, Judged, Refusal, Stored, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from materials.intake.model import Kept

router = APIRouter(prefix="/v1/intakes", tags=["intake"], dependencies=[Security(edge.signed)])

SCOPE: Final = "deposit"
NDJSON: Final = "application/x-ndjson"
TAR: Final = "application/x-tar"
WHOLE: Final = SMALL + 2 * 1024**2
"""Bodies up to this size are received before a thread is taken."""
MAX_ROW: Final = 4096
CHECKED: Final = 2000
"""Rows of one dry run."""
PUTS: Final = 4
"""Files of one request on their way to the object store at once; with `api.app` two requests of a process."""
_TRIES: Final = 3

_LINES: Final = {"description": "a line for each row, then one with the sums", "content": {NDJSON: {}}}
_CHECK_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {NDJSON: {"schema": {"type": "string", "description": "one row a line, see docs/intake.md"}}},
    },
    "responses": {"200": _LINES},
}
_TAR_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            TAR: {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "ustar: rows.ndjson, then a file for each row, named by its number",
                }
            }
        },
    },
    "responses": {"200": _LINES},
}


@router.post("", summary="Begin a bulk intake, or find it again")
def begin(request: Request, body: IntakeIn) -> Response:
    """The intake of a manifest, named by its SHA-256: the same one however often one asks. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        held = node.intakes.open(db, caller, body.manifest_sha256, body.rows, body.operator)
        return 200, _document(held)

    return edge.once(node, request, caller.client_id, body, act)


@router.post("/check", summary="Check rows of a manifest, write nothing", openapi_extra=_CHECK_BODY)
async def check(request: Request, operator: Annotated[Code, Query()] = "") -> Response:
    """Judge rows (`application/x-ndjson`, at most 2,000) as an intake would, and write nothing.

    Type, holder's code, media type, dates, and whether the same document is here already.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, SCOPE)
    _require(request, NDJSON)
    body = await rows.receive(request.stream(), rows=CHECKED)
    return await anyio.to_thread.run_sync(_check, node, caller, operator, body)


def _check(node: Node, caller: Caller, operator: str, body: bytes) -> Response:
    given = [value for _, value in rows.values(body, longest=MAX_ROW)]
    read = node.intakes.read(given, operator)
    with node.database.glance() as db:
        judged = node.intakes.judge(db, caller, operator, read)
    lines = {number: {"would": "take"} for number in judged.good} | _refused(judged.refused)
    last = {"good": len(judged.good), "refused": len(judged.refused)}
    return _ndjson([*_in_order(lines), last])


@router.get("/{intake_id}", summary="How far a bulk intake is")
def get_intake(request: Request, intake_id: str) -> dict[str, Any]:
    """Rows of the manifest, and how many of them are taken."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.glance() as db:
        return _document(node.intakes.get(db, caller, edge.uuid(intake_id)))


@router.get("/{intake_id}/rows", summary="The rows that are taken")
def taken(
    request: Request,
    intake_id: str,
    after: Annotated[int, Query(ge=0, description="number of the last row seen")] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> dict[str, Any]:
    """Rows that are taken with their material and entry, by number; `next_after` begins the next page."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, SCOPE)
    with node.database.glance() as db:
        held = node.intakes.get(db, caller, edge.uuid(intake_id))
        page = node.intakes.taken(db, held, after, limit)
    more = page[-1].number if len(page) == limit else None
    return {"rows": [{"row": each.number, **_taken(each)} for each in page], "next_after": more}


@router.post("/{intake_id}/rows", summary="Take rows with their files", openapi_extra=_TAR_BODY)
async def take(request: Request, intake_id: str) -> Response:
    """Take up to 256 files in (`application/x-tar`), each a deposit of its own. Needs an Idempotency-Key.

    The answer is the acknowledgement: rows taken are durable and promised for the log. A row that was taken before is
    told as `known` and changes nothing, so that anything may be sent again.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, SCOPE)
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    _require(request, TAR)
    what = (node, request, caller, key, edge.uuid(intake_id))
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) <= WHOLE:
        whole = io.BytesIO(await request.body())
        # Few at once: what is bulk must not take the threads of those who wait at a counter.
        return await anyio.to_thread.run_sync(
            _take, *what, lambda: whole.read(1024**2), limiter=request.app.state.intakes
        )
    stream = request.stream()

    async def following() -> bytes:
        async for chunk in stream:
            if chunk:
                return chunk
        return b""

    pull: Callable[[], bytes] = lambda: anyio.from_thread.run(following)  # noqa: E731
    return await anyio.to_thread.run_sync(_take, *what, pull, limiter=request.app.state.streaming)


def _take(
    node: Node, request: Request, caller: Caller, key: str, intake_id: str, pull: Callable[[], bytes]
) -> Response:
    """The work, in a thread."""
    body = TarBody(pull)
    listed = body.rows()
    # The list names every file by its digest, and each is compared: it stands for the whole request.
    asked = edge.fingerprint(request, None, listed)
    given = [value for _, value in rows.values(listed, longest=MAX_ROW)]
    if len(given) > MAX_BATCH:
        raise TooManyRowsError(limit=MAX_BATCH)
    with node.database.glance() as db:
        before = run(db, node.answers.find(caller.client_id, key, asked))
        if before is not None:
            return _lines(before)
        intake = node.intakes.get(db, caller, intake_id)
        node.refuse_bulk_when_overdue(db)
        read = node.intakes.read(given, intake.operator, intake.rows)
        judged = node.intakes.judge(db, caller, intake.operator, read, intake.id)
    failpoints.reach("intake.checked")
    stored = _store(node, body, [each.number for each in read], judged)
    answer, kept = _keep(node, caller, (key, asked), intake, judged, stored)
    failpoints.reach("intake.committed")
    by_number = {each.row.number: each.row for each in stored}
    for each in kept.taken if kept else ():
        DEPOSITS.labels(by_number[each.number].type.code).inc()
    return _lines(answer)


def _store(node: Node, body: TarBody, numbers: list[int], judged: Judged) -> list[Stored]:
    """Put the files of the good rows; those that are not what they should be join the refused.

    Raises:
        IntakeBodyError: other files than the list's, or in another order.
        LedgerError: the object store does not take them; nothing is recorded.
    """
    stored: list[tuple[IntakeRow, Future[Any]]] = []
    room = Semaphore(2 * PUTS)
    files = body.files()
    with ThreadPoolExecutor(PUTS, thread_name_prefix="intake") as pool:
        for number in numbers:
            name, size, file = next(files, ("", 0, None))
            if file is None or name != str(number):
                raise IntakeBodyError(problem="a file is missing, or out of order", row=number)
            row = judged.good.get(number)
            if row is None:
                continue
            if size > SMALL:
                whole: Future[Any] = Future()
                whole.set_result(_attempt(node, row, file))
            else:
                room.acquire()
                whole = pool.submit(_attempt, node, row, io.BytesIO(file.rest()))
                whole.add_done_callback(lambda _: room.release())
            stored.append((row, whole))
        if next(files, None) is not None:
            raise IntakeBodyError(problem="more files than rows")
        done = [(row, future.result()) for row, future in stored]
    judged.refused += [each for _, each in done if isinstance(each, Refusal)]
    return [Stored(row, each) for row, each in done if not isinstance(each, Refusal)]


def _attempt(node: Node, row: IntakeRow, source: Any) -> Any:
    """Put one file: what was stored, or why it is refused."""
    try:
        inspector = Inspector(row.meta.media_type, row.type.media_types)
        stored = node.objects.put(source, retain_until=node.intakes.retained(row), inspect=inspector)
        failpoints.reach("intake.stored")
        node.intakes.check_stored(row, stored)
    except MaterialsError as error:
        return Refusal.of(row.number, error)
    return stored


def _keep(
    node: Node,
    caller: Caller,
    name: tuple[str, bytes],
    intake: Intake,
    judged: Judged,
    stored: list[Stored],
) -> tuple[Answer, Kept | None]:
    """The unit, with its answer; again where another one took a row or name at the same moment."""
    tries = 0
    while True:
        try:
            with node.database.unit() as db:
                kept = node.intakes.keep(db, caller, intake, intake.operator, stored)
                answer = Answer(200, _told(judged, kept))
                execute(db, node.answers.keep(caller.client_id, *name, answer))
                failpoints.reach("intake.recorded")
        except (UniqueViolation, IntegrityError):
            with node.database.glance() as db:
                before = run(db, node.answers.find(caller.client_id, *name))
            if before is not None:
                return before, None
            tries += 1
            if tries == _TRIES:
                raise
        else:
            return answer, kept


def _told(judged: Judged, kept: Kept) -> bytes:
    lines: dict[int, dict[str, Any]] = {each.number: _taken(each) for each in kept.taken}
    lines |= {each.number: _taken(each) | {"known": True} for each in (*judged.known.values(), *kept.known)}
    refused = [*judged.refused, *kept.refused]
    lines |= _refused(refused)
    last = {
        "taken": len(kept.taken),
        "known": len(judged.known) + len(kept.known),
        "refused": len(refused),
        "promise": kept.promise.to_json() if kept.promise else None,
    }
    return b"".join(edge.dump(line) + b"\n" for line in [*_in_order(lines), last])


def _taken(each: Taken) -> dict[str, Any]:
    return {"material_id": each.material_id, "entry_id": each.entry_id, "sha256": each.sha256, "size": each.size}


def _refused(refused: Iterable[Refusal]) -> dict[int, dict[str, Any]]:
    lines: dict[int, dict[str, Any]] = {}
    for each in refused:
        said = problems.TABLE[each.code]
        lines[each.number] = {"code": each.code, "title": said.title_en, "title_zh": said.title_zh}
        lines[each.number] |= {"fields": dict(each.fields)} if each.fields else {}
    return lines


def _in_order(lines: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"row": number, **lines[number]} for number in sorted(lines)]


def _document(held: Intake) -> dict[str, Any]:
    return {
        "intake_id": held.id,
        "manifest_sha256": held.manifest,
        "rows": held.rows,
        "taken": held.taken,
        "operator": held.operator,
        "opened_at": rfc3339(held.opened_at),
    }


def _require(request: Request, kind: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != kind or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError


def _ndjson(lines: Iterable[dict[str, Any]]) -> Response:
    return Response(b"".join(edge.dump(line) + b"\n" for line in lines), media_type=NDJSON)


def _lines(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=NDJSON)
