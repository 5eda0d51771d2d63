"""The log as people look at it: what it is, its checkpoints and anchors, page by page. Public, like the tiles.

Nothing here has to be believed: checkpoints come as they were signed and cosigned, and whoever looks computes the tree
from the tiles under `/log/` (`web/auditor/src/log`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.errors import MalformedRequestError, NotFoundError
from api.node import node_of
from ledger import anchorrows, archive, logrows, shards, store, witnessrows
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from ledger.chainproof import ChainIdentity
    from ledger.logrows import ShownCheckpoint

router = APIRouter(prefix="/v1/log", tags=["log"])

_FRESH = {"Cache-Control": "no-cache"}
MOST = 1 << 62
Size = Annotated[int | None, Query(ge=0, le=MOST)]


@router.get("", summary="What this log is, and who watches it")
def about(request: Request, response: Response) -> dict[str, Any]:
    """Name and keys of the log, its newest checkpoint, witnesses and quorum, chain and contracts, logs before it.

    What the exchange says about itself: keys to check against come from a trust file.
    """
    node = node_of(request)
    response.headers.update(_FRESH)
    with node.database.unit() as db:
        newest = store.newest_published(db)
        states = witnessrows.states(db)
        chain = anchorrows.identity(db)
        frozen = archive.shards(db)
        retired = shards.retired_keys(db)
    return {
        "origin": node.settings.origin,
        "vkey": node.signer.vkey,
        "retired_keys": [{"vkey": vkey, "until_size": until} for vkey, until in retired],
        "size": newest.head.size if newest else 0,
        "checkpoint": newest.note if newest else None,
        "checkpoint_at": rfc3339(newest.at) if newest else None,
        "quorum": node.settings.witness_quorum,
        "witnesses": [
            {
                "vkey": seat.key.vkey,
                "size": held.size if held else 0,
                "cosigned_at": rfc3339(held.cosigned_at) if held and held.cosigned_at else None,
            }
            for seat in node.witnesses
            for held in [states.get(seat.key.vkey)]
        ],
        "chain": _chain(chain) if chain else None,
        "superior": node.forwarder is not None,
        "frozen": [
            {"number": each.number, "origin": each.origin, "size": each.size, "frozen_at": rfc3339(each.frozen_at)}
            for each in frozen
        ],
    }


@router.get("/checkpoints", summary="Checkpoints and their anchors, page by page")
def checkpoints(
    request: Request,
    response: Response,
    before: Annotated[Size, Query(description="smaller sizes, the greatest first")] = None,
    after: Annotated[Size, Query(description="greater sizes, the smallest first; it covers entry `after`")] = None,
    *,
    anchored: Annotated[bool, Query(description="only those that the chain holds")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Each as a signed note with its cosignatures, with block and transaction of its anchor; the newest first.

    `next` begins the next page in the same direction; null at the end.
    """
    if before is not None and after is not None:
        raise MalformedRequestError(parameter="at most one of before and after")
    response.headers.update(_FRESH)
    with node_of(request).database.unit() as db:
        found = logrows.checkpoints(db, before=before, after=after, anchored=anchored, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    return {"checkpoints": [_document(each) for each in found], "next": found[-1].size if more else None}


@router.get("/anchors/{size}", summary="Proof that the chain holds a checkpoint")
def anchor(request: Request, size: int) -> dict[str, Any]:
    """The section `chain` of evidence bundles (docs/evidence.md, 2.3) for the checkpoint of exactly this size."""
    with node_of(request).database.unit() as db:
        proof = logrows.anchor_proof(db, size) if 0 <= size <= MOST else None
    if proof is None:
        raise NotFoundError
    return {"size": size, "chain": proof}


def _document(held: ShownCheckpoint) -> dict[str, Any]:
    anchor = held.anchor
    return {
        "size": held.size,
        "note": held.note,
        "at": rfc3339(held.at),
        "anchor": None
        if anchor is None
        else {
            "transaction": None if anchor.transaction is None else f"0x{anchor.transaction.hex()}",
            "block_number": anchor.block_number,
            "block_hash": f"0x{anchor.block_hash.hex()}",
            "block_time": rfc3339(anchor.block_time),
        },
    }


def _chain(held: ChainIdentity) -> dict[str, Any]:
    return {
        "chain_id": held.chain_id,
        "genesis_hash": f"0x{held.genesis_hash.hex()}",
        "registry": f"0x{held.registry.hex()}",
        "anchor": f"0x{held.anchor.hex()}",
        "code_hash": f"0x{held.code_hash.hex()}",
    }
