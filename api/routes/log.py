"""The log for strangers' tools: C2SP tlog-tiles under `/log/` (checkpoint, tiles, entry bundles), and entries by id.

Tiles never change: whoever reads may keep them for a year, and we keep full ones in memory (`api/tilecache.py`). The
checkpoint is the only thing that must not be cached.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.errors import NotFoundError
from api.node import Node, node_of
from api.routes import edge
from ledger import proofs, store
from ledger.clock import rfc3339
from ledger.tiles import TileAddress
from ledger.tlogproof import ENDING

router = APIRouter(tags=["log"])

_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get(
    "/log/checkpoint", summary="Newest signed checkpoint (C2SP tlog-checkpoint)", response_class=PlainTextResponse
)
def checkpoint(request: Request) -> PlainTextResponse:
    """The newest signed head; 404 before the first entry."""
    with node_of(request).database.unit() as db:
        newest = store.newest_published(db)
    if newest is None:
        raise NotFoundError
    return PlainTextResponse(newest.note, headers={"Cache-Control": "no-cache"})


@router.get("/log/tile/{path:path}", summary="A tile or entry bundle (C2SP tlog-tiles)", response_class=Response)
def tile(request: Request, path: str) -> Response:
    """Hashes of one tile, or the entries of one bundle, as the path says."""
    address = TileAddress.parse(path)
    with node_of(request).database.glance() as db:
        data = store.tile_bytes(db, address)
    return Response(data, media_type="application/octet-stream", headers=_FOREVER)


@router.get("/v1/entries/{entry_id}", summary="How far an entry has come")
def entry(request: Request, entry_id: str) -> dict[str, Any]:
    """State (pending, integrated, cosigned, anchored), index and anchor of an entry; says nothing about its content."""
    return entry_document(node_of(request), edge.uuid(entry_id))


@router.get(
    "/v1/entries/{entry_id}/proof", summary="Proof of an entry (C2SP tlog-proof)", response_class=PlainTextResponse
)
def proof(request: Request, entry_id: str) -> PlainTextResponse:
    """Index, inclusion path and cosigned checkpoint of an entry, as a `.tlog-proof` file that verifies offline."""
    node = node_of(request)
    held = edge.uuid(entry_id)
    with node.database.unit() as db:
        made = proofs.tlog_proof(db, held, node.settings.witness_quorum)
    name = f'attachment; filename="{held}{ENDING}"'
    return PlainTextResponse(made.encode(), headers={"Content-Disposition": name, "Cache-Control": "no-cache"})


def entry_document(node: Node, entry_id: str) -> dict[str, Any]:
    """An entry's state as JSON."""
    with node.database.unit() as db:
        held = store.entry_state(db, entry_id)
    return {
        "entry_id": held.entry_id,
        "log": held.origin or node.settings.origin,
        "state": held.state.value,
        "index": held.index,
        "checkpoint_size": held.checkpoint_size,
        "cosigned_size": held.cosigned_size,
        "anchor_size": held.anchor_size,
        "anchored_at": rfc3339(held.anchored_at) if held.anchored_at else None,
    }
