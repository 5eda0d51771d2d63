"""Frozen logs for strangers' tools, each under `/log/<number>/` in the layout of the current one (C2SP tlog-tiles).

Nothing of a frozen log changes any more, so its checkpoint may be cached like a tile.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.errors import NotFoundError
from api.node import Node, node_of
from ledger import archive, store
from ledger.errors import ShardNotFoundError
from ledger.tiles import TileAddress

if TYPE_CHECKING:
    from collections.abc import Sequence

router = APIRouter(tags=["log"])

CACHED_TILES: Final = 1024  # of at most 15 kB each
_FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/log/{number:int}/checkpoint", summary="Last checkpoint of a frozen log", response_class=PlainTextResponse)
def checkpoint(request: Request, number: int) -> PlainTextResponse:
    """The signed head a log ended with."""
    with node_of(request).database.unit() as db:
        shard = _known(number, archive.numbers(db))
        with archive.through(db, shard):
            newest = store.newest_published(db)
    if newest is None:
        raise NotFoundError
    return PlainTextResponse(newest.note, headers=_FOREVER)


@router.get("/log/{number:int}/tile/{path:path}", summary="A tile or entry bundle of a frozen log")
def tile(request: Request, number: int, path: str) -> Response:
    """Hashes of one tile, or the entries of one bundle, as the path says."""
    content = _read(node_of(request), number, TileAddress.parse(path))
    return Response(content, media_type="application/octet-stream", headers=_FOREVER)


@lru_cache(CACHED_TILES)
def _read(node: Node, number: int, address: TileAddress) -> bytes:
    with node.database.unit() as db, archive.through(db, _known(number, archive.numbers(db))):
        return store.tile_bytes(db, address)


def _known(number: int, numbers: Sequence[int]) -> int:
    if number not in numbers:
        raise ShardNotFoundError(number=number)
    return number
