"""Materials: deposit, look, search, history, evidence. No route here returns document bytes: a use does that."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response, Security
from psycopg.errors import UniqueViolation
from pydantic import ValidationError

from api import definitionkeeper, idempotency, problems
from api.errors import MalformedRequestError
from api.idempotency import Answer
from api.multipart import DepositBody
from api.observe import DEPOSITS
from api.routes import edge
from api.schemas import ClosingIn, Code, DepositIn, SearchIn
from authz.model import Identifier
from ledger import bundle, failpoints
from ledger.clock import rfc3339
from materials.content import Inspector
from materials.model import DepositMeta
from materials.provenance import LINES
from materials.validity import ends_at, status_at

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller
    from ledger.model import EntryStatus
    from ledger.objects import StoredObject
    from ledger.steps import Steps
    from materials.deposits import CheckedDeposit
    from materials.model import Material

router = APIRouter(prefix="/v1", tags=["materials"], dependencies=[Security(edge.signed)])

READ_AHEAD: Final = 1024**2
"""Bodies up to this size are received whole before a thread is taken; larger ones are pulled chunk by chunk."""
HASH_CHUNK: Final = 256 * 1024

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["metadata", "file"],
                    "properties": {
                        "metadata": {"$ref": "#/components/schemas/DepositIn"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


@router.post("/materials", status_code=201, summary="Deposit a material", openapi_extra=_BODY)
async def deposit(request: Request) -> Response:
    """Take a document in: `metadata` first, `file` second; streamed, encrypted, stored, logged.

    Needs an Idempotency-Key. The answer is the acknowledgement: the document is durable and its entry promised for the
    log within 60 s.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "deposit")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    pull, in_thread, at_hand = await _reading(request)
    body = DepositBody(pull, request.headers.get("content-type", ""), max_file=node.settings.max_upload)
    described = _metadata(body.metadata() if at_hand else await in_thread(body.metadata))
    if described.type_code not in node.catalogue.types:  # published a moment ago by another process, or none
        await anyio.to_thread.run_sync(definitionkeeper.refresh, node)
    checked = await node.loop_database.glance(_check(node, caller, key, described, _meta(described, body)))
    if checked is None:
        return await _repeat(node, request, caller, key, described, await in_thread(_digest, body))
    failpoints.reach("deposit.checked")
    stored = await in_thread(_put, node, body, checked)
    failpoints.reach("deposit.stored")
    asked = edge.fingerprint(request, described, bytes.fromhex(stored.sha256))
    if not checked.meta.holder_id:
        holder_id = await in_thread(_register, node, described)
        checked = replace(checked, meta=replace(checked.meta, holder_id=holder_id))
    try:
        answer = await node.loop_database.unit(_record(node, caller, checked, stored, key, asked))
    except UniqueViolation as error:  # the object just stored stays unreadable: its key goes with this call
        if not idempotency.is_taken(error):
            raise
        given = await node.loop_database.glance(node.answers.find(caller.client_id, key, asked))
        if given is None:
            raise
        return edge.json_response(given)
    failpoints.reach("deposit.committed")
    DEPOSITS.labels(checked.meta.type_code).inc()
    return edge.json_response(answer)


async def _reading(request: Request) -> tuple[Callable[[], bytes], Callable[..., Awaitable[Any]], bool]:
    """How a body is read: what gives its chunks, what runs a function that asks for them, whether it is at hand."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) <= READ_AHEAD:
        whole = io.BytesIO(await request.body())
        return lambda: whole.read(READ_AHEAD), anyio.to_thread.run_sync, True
    stream = request.stream()

    async def following() -> bytes:
        async for chunk in stream:
            if chunk:
                return chunk
        return b""

    # Threads of their own: however slowly such bodies come, other requests never wait for them.
    in_thread = partial(anyio.to_thread.run_sync, limiter=request.app.state.streaming)
    return lambda: anyio.from_thread.run(following), in_thread, False


def _check(
    node: Node, caller: Caller, key: str, described: DepositIn, meta: DepositMeta
) -> Steps[CheckedDeposit | None]:
    """All that can be refused before the file is read; None where the key was used before.

    The holder's id stays empty where nobody knows the holder yet.
    """
    if (yield from node.answers.find(caller.client_id, key, None)) is not None:
        return None
    yield from node.refuse_when_overdue()
    holder_id = yield from node.holders.known(*edge.named(described.holder))
    return (yield from node.deposits.check(caller, replace(meta, holder_id=holder_id or "")))


def _put(node: Node, body: DepositBody, checked: CheckedDeposit) -> StoredObject:
    inspector = Inspector(checked.meta.media_type, checked.type.media_types)
    return node.objects.put(body, retain_until=checked.retain_until, inspect=inspector)


def _register(node: Node, described: DepositIn) -> str:
    with node.database.unit() as db:
        return edge.holder(node, db, described.holder)


def _record(
    node: Node, caller: Caller, checked: CheckedDeposit, stored: StoredObject, key: str, asked: bytes
) -> Steps[Answer]:
    """The unit of a deposit; its commit is the acknowledgement."""
    material, promise = yield from node.deposits.record(caller, checked, stored)
    answer = Answer(201, edge.dump(material_document(node, material, None) | {"promise": promise.to_json()}))
    yield node.answers.keep(caller.client_id, key, asked, answer)
    failpoints.reach("deposit.recorded")
    return answer


def _digest(body: DepositBody) -> bytes:
    digest = hashlib.sha256()
    while chunk := body.read(HASH_CHUNK):
        digest.update(chunk)
    return digest.digest()


def _metadata(raw: bytes) -> DepositIn:
    try:
        return DepositIn.model_validate_json(raw)
    except ValidationError as error:
        raise MalformedRequestError(part="metadata", places=problems.places(error.errors())) from None


def _meta(described: DepositIn, body: DepositBody) -> DepositMeta:
    return DepositMeta(
        type_code=described.type_code,
        holder_id="",
        file_name=body.file_name,
        media_type=body.content_type,
        operator=described.operator,
        channel=described.channel,
        verify_level=described.verify_level,
        origin_case_no=described.origin_case_no,
        project_code=described.project_code,
        share_in_project=described.share_in_project,
        valid_from=described.valid_from,
        valid_to=described.valid_to,
        supersedes=described.supersedes,
    )


async def _repeat(
    node: Node, request: Request, caller: Caller, key: str, described: DepositIn, digest: bytes
) -> Response:
    """A key seen before: the file was read only to know whether it is the same request; give the same answer."""
    asked = edge.fingerprint(request, described, digest)
    given = await node.loop_database.glance(node.answers.find(caller.client_id, key, asked))
    if given is None:
        raise MalformedRequestError(header="Idempotency-Key", problem="expired meanwhile; send again")
    return edge.json_response(given)


def material_document(node: Node, material: Material, entry: EntryStatus | None) -> dict[str, Any]:
    """A material as JSON, without its file name or holder."""
    kind = node.catalogue.type(material.type_code)
    ends = ends_at(material, kind)
    return {
        "material_id": material.id,
        "type_code": material.type_code,
        "type_name": kind.name,
        "version": material.version,
        "status": status_at(material, kind, node.clock.now()).value,
        "superseded_by": material.superseded_by,
        "size": material.size,
        "media_type": material.media_type,
        "sha256": material.sha256,
        "sm3": material.sm3,
        "verify_level": material.verify_level,
        "deposited_at": rfc3339(material.deposited_at),
        "reusable_until": rfc3339(ends) if ends else None,
        "entry": {
            "entry_id": material.entry_id,
            "log": (entry.origin if entry else None) or node.settings.origin,
            "state": entry.state.value if entry else "pending",
            "index": entry.index if entry else None,
            "anchored_at": rfc3339(entry.anchored_at) if entry and entry.anchored_at else None,
        },
    }


@router.get("/materials/{material_id}", summary="What is known of a material")
def get_material(request: Request, material_id: str, case_no: Code | None = None) -> dict[str, Any]:
    """A material you deposited, or one that your open case lets you know of."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        found = node.vault.get(db, caller, edge.uuid(material_id), case_no)
        return material_document(node, found, node.entry_states(db, [found.entry_id])[found.entry_id])


@router.post("/materials/search", summary="Find materials within a scope")
def search(request: Request, body: SearchIn) -> dict[str, Any]:
    """Materials of an open case (`case_no`), of its project (`project_code` too), or your own deposits (`own`)."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "case" if body.case_no else "deposit")
    if bool(body.case_no) == body.own:
        raise MalformedRequestError(scope="exactly one of case_no and own")
    with node.database.unit() as db:
        paging: dict[str, Any] = {"type_code": body.type_code, "cursor": body.cursor, "limit": body.limit}
        if body.case_no:
            page = node.vault.in_case(db, caller, body.case_no, shared=body.project_code is not None, **paging)
        else:
            named = Identifier(body.holder.type, body.holder.code, body.holder.country) if body.holder else None
            holder_id = node.holders.resolve(db, named) if named else None
            if named and holder_id is None:
                return {"materials": [], "next_cursor": None}
            page = node.vault.deposited(db, caller, holder_id=holder_id, **paging)
        states = node.entry_states(db, [material.entry_id for material in page.materials])
    found = [material_document(node, material, states[material.entry_id]) for material in page.materials]
    return {"materials": found, "next_cursor": page.next_cursor}


@router.get("/materials/{material_id}/provenance", summary="The life of a material")
def provenance(
    request: Request,
    material_id: str,
    case_no: Code | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=LINES)] = LINES,
) -> dict[str, Any]:
    """Deposit, supersession, disputes and every use and refusal as a timeline, each with its log entry.

    In the order in which they began, `limit` uses and refusals at a time; `next_cursor` begins the next page.
    """
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        found = node.vault.get(db, caller, edge.uuid(material_id), case_no)
        page = node.provenance.timeline(db, caller, found, cursor=cursor, limit=limit)
        states = node.entry_states(db, [event.entry_id for event in page.events])
    return {
        "material_id": found.id,
        "events": [
            {
                "event": event.event,
                "at": rfc3339(event.at),
                "organisation": event.organisation,
                "case_no": event.case_no,
                "use_id": event.use_id,
                "basis": event.basis,
                "reason": event.reason,
                "material_id": event.material_id,
                "entry_id": event.entry_id,
                "entry_state": states[event.entry_id].state.value,
            }
            for event in page.events
        ],
        "next_cursor": page.next_cursor,
    }


@router.post("/materials/{material_id}/withdrawal", summary="Take back a deposit")
def withdraw(request: Request, material_id: str, body: ClosingIn) -> Response:
    """Take back a deposit of yours that should not have been made; it is never used again. Needs an Idempotency-Key."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    held = edge.uuid(material_id)

    def act(db: Connection) -> tuple[int, dict[str, Any]]:
        ended = node.deposits.withdraw(db, caller, held, body.operator)
        return 200, material_document(node, ended, None)

    return edge.once(node, request, caller.client_id, body, act)


@router.get("/materials/{material_id}/evidence", summary="The evidence bundle of a deposit")
def evidence(request: Request, material_id: str) -> dict[str, Any]:
    """What proves, offline, that this document was deposited then; `cailian verify` checks it."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        found = node.vault.get(db, caller, edge.uuid(material_id))
        return bundle.build(db, node.evidence, "deposit", [found.entry_id])
