"""Materials: deposit, look, search, history, evidence. No route here returns document bytes: a use does that."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Request, Response, Security
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from api import idempotency, problems
from api.errors import MalformedRequestError
from api.idempotency import Answer
from api.multipart import DepositBody
from api.observe import DEPOSITS
from api.routes import edge
from api.schemas import ClosingIn, Code, DepositIn, SearchIn
from authz.errors import IdentityConflictError
from authz.model import Identifier
from ledger import bundle, failpoints
from ledger.clock import rfc3339
from ledger.steps import execute, run
from materials.content import Inspector
from materials.model import DepositMeta
from materials.validity import ends_at, status_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller
    from ledger.model import EntryStatus
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
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) <= READ_AHEAD:
        whole = io.BytesIO(await request.body())
        return await anyio.to_thread.run_sync(_deposit, node, request, lambda: whole.read(READ_AHEAD))
    stream = request.stream()

    async def following() -> bytes:
        async for chunk in stream:
            if chunk:
                return chunk
        return b""

    # Threads of their own: however slowly such bodies come, other requests never wait for them.
    limiter = request.app.state.streaming
    return await anyio.to_thread.run_sync(
        _deposit, node, request, lambda: anyio.from_thread.run(following), limiter=limiter
    )


def _deposit(node: Node, request: Request, pull: Callable[[], bytes]) -> Response:
    caller = edge.caller(node, request, "deposit")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    body = DepositBody(pull, request.headers.get("content-type", ""), max_file=node.settings.max_upload)
    described = _metadata(body.metadata())
    identifiers = [Identifier(each.type, each.code, each.country) for each in described.holder.identifiers]
    meta = _meta(described, body)
    with node.database.glance() as db:
        repeated = run(db, idempotency.find(caller.client_id, key, None)) is not None
        if not repeated:
            node.refuse_when_overdue(db)
            holder_id = _known_holder(node, db, identifiers)
            checked = node.deposits.check(db, caller, replace(meta, holder_id=holder_id or ""))
    if repeated:
        return _repeat(node, request, caller, key, described, body)
    failpoints.reach("deposit.checked")
    kind = node.catalogue.type(meta.type_code)
    stored = node.objects.put(
        body, retain_until=checked.retain_until, inspect=Inspector(meta.media_type, kind.media_types)
    )
    failpoints.reach("deposit.stored")
    asked = edge.fingerprint(request, described, bytes.fromhex(stored.sha256))
    try:
        with node.database.unit() as db:
            holder_id = edge.holder(node, db, described.holder)
            document = _record(node, db, caller, replace(checked, meta=replace(meta, holder_id=holder_id)), stored)
            answer = Answer(201, edge.dump(document))
            execute(db, idempotency.keep(caller.client_id, key, asked, answer))
            failpoints.reach("deposit.recorded")
    except IntegrityError as error:  # the object just stored stays unreadable: its key goes with this call
        if not idempotency.is_taken(error):
            raise
        with node.database.glance() as db:
            given = run(db, idempotency.find(caller.client_id, key, asked))
        if given is None:
            raise
        return edge.json_response(given)
    failpoints.reach("deposit.committed")
    DEPOSITS.labels(meta.type_code).inc()
    return edge.json_response(answer)


def _known_holder(node: Node, db: Connection, identifiers: list[Identifier]) -> str | None:
    """The holder all identifiers name, or None where none is known: a conflict is told before the file is stored."""
    found = [node.holders.resolve(db, identifier) for identifier in identifiers]
    if len(set(found)) > 1:
        raise IdentityConflictError(known=len(found) - found.count(None), given=len(found))
    return found[0]


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


def _repeat(
    node: Node, request: Request, caller: Caller, key: str, described: DepositIn, body: DepositBody
) -> Response:
    """A key seen before: read the file only to know whether it is the same request, and give the same answer."""
    digest = hashlib.sha256()
    while chunk := body.read(HASH_CHUNK):
        digest.update(chunk)
    with node.database.unit() as db:
        given = run(db, idempotency.find(caller.client_id, key, edge.fingerprint(request, described, digest.digest())))
    if given is None:
        raise MalformedRequestError(header="Idempotency-Key", problem="expired meanwhile; send again")
    return edge.json_response(given)


def _record(node: Node, db: Connection, caller: Caller, checked: CheckedDeposit, stored: Any) -> dict[str, Any]:
    material, promise = node.deposits.record(db, caller, checked, stored)
    return material_document(node, material, None) | {"promise": promise.to_json()}


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
            "log": node.settings.origin,
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
def provenance(request: Request, material_id: str, case_no: Code | None = None) -> dict[str, Any]:
    """Deposit, supersession and every use and refusal as a timeline, each with its log entry."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "deposit")
    with node.database.unit() as db:
        found = node.vault.get(db, caller, edge.uuid(material_id), case_no)
        events = node.provenance.timeline(db, caller, found)
        states = node.entry_states(db, [event.entry_id for event in events])
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
            for event in events
        ],
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
