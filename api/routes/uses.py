"""Uses: decide and record first, deliver afterwards, prove for ever (DESIGN 4.5, 4.6).

The content route may be called any number of times with any range: it spends nothing, since the use was spent when it
was opened. It asks the primary database again before every piece it sends, so that a withdrawal stops a download that
runs. What reached the wire is written down when the answer ends, however it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import anyio.to_thread
from fastapi import APIRouter, Request, Response, Security
from psycopg.errors import UniqueViolation

from api import idempotency, lean, ranges
from api.delivery import Delivery, DeliveryResponse
from api.errors import NoThumbnailError
from api.idempotency import Answer
from api.lean import LeanRoute
from api.observe import DECISIONS
from api.routes import edge
from api.schemas import UseIn
from authz.errors import UseRefusedError, UseRepeatedError
from authz.model import Mode, UseRequest, UseState
from authz.store.uses import is_repeated
from ledger import bundle, failpoints
from ledger.clock import rfc3339
from ledger.steps import run, together

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller, Use
    from ledger.objectrows import StoredObject
    from ledger.objects import SealedReader
    from ledger.steps import Steps

router = APIRouter(prefix="/v1", tags=["uses"], dependencies=[Security(edge.signed)])

WHOLE: Final = 1024**2
"""Answers up to this size are read and checked whole before the first byte leaves; larger ones are streamed."""


def document(node: Node, use: Use) -> dict[str, Any]:
    """A use as its requester sees it."""
    return {
        "use_id": use.id,
        "object_id": use.object_id,
        "mode": use.mode.value,
        "state": use.state.value,
        "basis": use.basis.value,
        "grant_id": use.grant_id,
        "duty_id": use.duty_id,
        "break_glass_id": use.emergency_id,
        "uses_left": use.uses_left,
        "policies": list(use.policies),
        "policy_version": use.policy_version,
        "case_no": use.case_no,
        "item_code": use.item_code,
        "size": use.size,
        "sha256": use.sha256,
        "sm3": use.sm3,
        "opened_at": rfc3339(use.opened_at),
        "closes_at": rfc3339(use.closes_at),
        "content": f"{node.settings.base_url}/v1/uses/{use.id}/content",
        "receipt": f"{node.settings.base_url}/v1/uses/{use.id}/receipt",
        "entry_id": use.intent_entry_id,
        "promise": use.intent_promise,
    }


@router.post("/uses", status_code=201, summary="Use a material or a licence in a case")
async def open_use(request: Request, body: UseIn) -> Response:
    """Decide on policy, grant or duty, status and region; spend the grant; record the intent. Needs an Idempotency-Key.

    A refusal is recorded too, and told as far as the caller may know.
    """
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "use")
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    asked = edge.fingerprint(request, body)
    fields = tuple(sorted(set(body.fields)))
    wanted = UseRequest(
        body.object_id,
        Mode(body.mode),
        body.case_no,
        body.item_code,
        body.cause,
        body.operator,
        body.grant_id,
        fields,
        body.break_glass_id,
    )
    return edge.json_response(await decided(node, caller, wanted, key, asked))


async def decided(node: Node, caller: Caller, wanted: UseRequest, key: str, asked: bytes) -> Answer:
    """The answer to a use, decided now or before under the same key.

    Args:
        key: Idempotency-Key.
        asked: SHA-256 of the request.

    Raises:
        UseRefusedError: refused, and recorded.
    """
    try:
        given = await node.loop_database.unit(_decide(node, caller, wanted, key, asked))
    except UniqueViolation as error:
        if not (idempotency.is_taken(error) or is_repeated(error)):
            raise
        before = await node.loop_database.glance(node.answers.find(caller.client_id, key, asked))
        if before is None:
            raise UseRepeatedError from error
        return before
    if isinstance(given, UseRefusedError):
        DECISIONS.labels("refused", given.code).inc()
        raise given
    failpoints.reach("use.committed")
    DECISIONS.labels("allowed", "none").inc()
    return given


async def _open_use_lean(request: Request, _: str) -> Response:
    return await open_use(request, await lean.body(request, UseIn))


def _decide(node: Node, caller: Caller, wanted: UseRequest, key: str, asked: bytes) -> Steps[Answer | UseRefusedError]:
    """The unit of a use: its answer, or the refusal that was recorded.

    Most requests are the first of their key, so the answer given before is looked for only when this one fails: a
    repetition stumbles over a unique key, or is refused because the first spent the grant.
    """
    yield from node.lag.refuse_rolled_back()
    try:
        use, writes = yield from node.material_uses.open(caller, wanted, key)
    except UseRefusedError as refusal:
        if before := (yield from node.answers.find(caller.client_id, key, asked)):
            return before
        yield node.uses.refuse(caller, wanted, refusal)
        return refusal
    given = Answer(201, edge.dump(document(node, use)))
    failpoints.reach("use.decided")
    yield together(*writes, node.answers.keep(caller.client_id, key, asked, given))
    failpoints.reach("use.recorded")
    return given


@router.get("/uses/{use_id}", summary="A use of yours")
def get_use(request: Request, use_id: str) -> dict[str, Any]:
    """State and terms of a use, and what it delivers: of a licence that is known once it was fetched."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.glance() as db:
        use = node.uses.get(db, caller, edge.uuid(use_id))
        made = run(db, node.licence_uses.delivers(use))
    return document(node, use) | {"delivers": made}


@router.get("/uses/{use_id}/content", summary="The document of a use", response_class=Response, responses={206: {}})
async def content(request: Request, use_id: str) -> Response:
    """The document's bytes, whole or one range; as often as needed while the use is open."""
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "use")
    use, stored = await _ready(node, caller, edge.uuid(use_id))
    failpoints.reach("fetch.passed")
    span = ranges.parse(request.headers.get("range"), stored.size)
    start, end = span or (0, stored.size)
    headers = {
        "ETag": f'"{stored.sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Content-Disposition": "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    status = 206 if span is not None else 200
    reader = node.objects.open(stored)
    if end - start <= WHOLE:
        whole = end - start == stored.size
        data = await anyio.to_thread.run_sync(_read, reader, start, end, whole)
        failpoints.reach("fetch.read")
        if not (whole and use.state is UseState.open and await node.loop_database.glance(node.uses.finish(use))):
            await node.loop_database.unit(node.uses.hand_over(use.id, caller, start, end))
        failpoints.reach("fetch.completed")
        return Response(data, status, headers, "application/octet-stream")
    # The status follows the first piece's check: a damaged object is an error here, not a broken 200.
    delivery = Delivery(node, caller, use, reader.range(start, end), start)
    await anyio.to_thread.run_sync(delivery.fetch_first)
    return DeliveryResponse(delivery, status, headers)


async def _ready(node: Node, caller: Caller, use_id: str) -> tuple[Use, StoredObject]:
    """Through the gate, and to the object whose bytes the use delivers; of a licence it may have to be made first."""
    use, stored = await node.loop_database.glance(_pass(node, caller, use_id))
    while stored is None:
        await anyio.to_thread.run_sync(lambda: node.renditions.make(use_id, caller))
        use, stored = await node.loop_database.glance(_pass(node, caller, use_id))
    return use, stored


def _pass(node: Node, caller: Caller, use_id: str) -> Steps[tuple[Use, StoredObject | None]]:
    use = yield from node.uses.gate(use_id, caller)
    object_id = yield from node.material_uses.object_of(use)
    return use, None if object_id is None else (yield from node.objects.lookup(object_id))


def _read(reader: SealedReader, start: int, end: int, whole: bool) -> bytes:  # noqa: FBT001 - run by position
    return bytes(reader.read_all()) if whole else b"".join(reader.range(start, end))


@router.get("/uses/{use_id}/receipt", summary="The receipt of a use")
def receipt(request: Request, use_id: str) -> dict[str, Any]:
    """One file that binds requester, case, purpose, consent, document, log and chain; verifies offline."""
    node = edge.node_of(request)
    caller = edge.caller(node, request, "use")
    with node.database.unit() as db:
        return evidence_of(db, node, node.uses.get(db, caller, edge.uuid(use_id)))


def evidence_of(db: Connection, node: Node, use: Use) -> dict[str, Any]:
    """The evidence bundle of a use, as its requester and its holder get it."""
    entries = [use.intent_entry_id] + ([use.outcome_entry_id] if use.outcome_entry_id else [])
    beside, members = _origin(db, node, use), {}
    if use.grant_id is not None:
        grant = node.grants.find(db, use.grant_id)
        consent = node.consents.of_grant(db, grant)
        beside |= consent.entries | {"earlier": node.consents.earlier(db, use, grant)}
        members = consent.members
    held = node.lag.say(db, bundle.build(db, node.evidence, "use", entries, beside=beside, members=members))
    further = node.uses.joint_grants(db, use.id)
    if further:  # the other holders' grants, each a bundle of its own; the use's record names them (docs/evidence.md)
        held["sections"]["joint"] = {"bundles": [_grant_bundle(db, node, each) for each in further]}
    return held


def _grant_bundle(db: Connection, node: Node, grant_id: str) -> dict[str, Any]:
    consent = node.consents.of_grant(db, node.grants.find(db, grant_id))
    given = consent.entries.pop("grant")
    return bundle.build(db, node.evidence, "grant", given, beside=consent.entries, members=consent.members)


def _origin(db: Connection, node: Node, use: Use) -> dict[str, list[str]]:
    """Entries of where the document of a use comes from: a deposit; or a licence, and what was made of it."""
    entries = run(db, node.licence_uses.entries_of(use))
    if entries is None:
        return {"deposit": [run(db, node.material_uses.deposit_of(use))]}
    issued, copied = entries
    return {"licence": [issued]} | ({"derived": [copied]} if copied else {})


@router.get("/uses/{use_id}/thumbnail", summary="A small picture of the derived copy of a use", response_class=Response)
async def thumbnail(request: Request, use_id: str) -> Response:
    """The first page of a licence's derived copy, with its mark, as PNG; a use in mode `copy` only."""
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "use")
    use, stored = await _ready(node, caller, edge.uuid(use_id))
    if use.mode is not Mode.copy or not await node.loop_database.glance(node.licence_uses.is_of_licence(use)):
        raise NoThumbnailError
    reader = node.objects.open(stored)
    png = await anyio.to_thread.run_sync(lambda: node.renditions.thumbnail(bytes(reader.read_all())))
    await node.loop_database.glance(_pass(node, caller, use.id))
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(png, 200, headers, "image/png")


LEAN: Final = (
    LeanRoute("POST", "/v1/uses", "/v1/uses", _open_use_lean),
    LeanRoute("GET", "/v1/uses/{}/content", "/v1/uses/{use_id}/content", content),
)
"""The hot path of a use."""
