"""Pictures of paper that is not handed in yet: a window looks at what it puts together before it sends it.

The page is drawn as those of deposited files are (`materials.pages`), in memory and by a process of its own. Nothing of
it is kept, and nothing of it is told but that somebody looked.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response, Security

from api import rows
from api.errors import MediaTypeError
from api.limits import LARGEST_PAGE
from api.observe import LOOKS
from api.routes import edge
from api.schemas import Code
from authz.model import Act
from materials import pages
from materials.errors import PagesBusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.node import Node
    from authz.model import Caller

router = APIRouter(prefix="/v1", tags=["materials"], dependencies=[Security(edge.signed)])

PDF: Final = "application/pdf"
WIDTH: Final = 360
"""Pixels: a page among others, on a screen with small ones."""
AT_ONCE: Final = 8
"""Pages that a process takes in or keeps until they are drawn, however slowly they come: 128 MiB."""
_ROOM: Final = BoundedSemaphore(AT_ONCE)
_PNG: Final = {"Cache-Control": "private, no-store", "Content-Security-Policy": "sandbox; default-src 'none'"}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/page-pictures", summary="A page as it looks, before it is handed in", response_class=Response, openapi_extra=_BODY
)
async def picture(request: Request, operator: Annotated[Code, Query()]) -> Response:
    """PNG of the first page of a PDF file, at most 16 MiB of it. For staff who hand in; nothing of it is kept."""
    node = edge.node_of(request)
    caller = await edge.caller_async(node, request, "deposit")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PDF:
        raise MediaTypeError
    with _room():
        body = await rows.receive(request.stream(), limit=LARGEST_PAGE, rows=LARGEST_PAGE)
        return await anyio.to_thread.run_sync(_draw, node, caller, operator, body)


@contextmanager
def _room() -> Iterator[None]:
    """Room for one page in memory; nobody waits for it.

    Raises:
        PagesBusyError: there is none.
    """
    if not _ROOM.acquire(blocking=False):
        raise PagesBusyError
    try:
        yield
    finally:
        _ROOM.release()


def _draw(node: Node, caller: Caller, operator: str, body: bytes) -> Response:
    with node.database.glance() as db:
        node.counter.let(db, caller, operator, Act.deposit)
    LOOKS.labels("paper").inc()
    with pages.turn():
        drawn = pages.draw(body, PDF, 0, WIDTH)
    return Response(drawn.png, 200, _PNG, "image/png")
