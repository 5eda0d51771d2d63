"""Every process takes up the definitions that were published: web processes and the worker alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from api.observe import log
from certs.errors import LicenceCatalogueError
from materials.errors import CatalogueError

if TYPE_CHECKING:
    from threading import Event

    from api.node import Node

SECONDS: Final = 2.0
"""How often a process looks: one small query."""


def refresh(node: Node) -> None:
    """Look once. Without a database the definitions stay what they are."""
    try:
        with node.database.unit() as db:
            news = node.editing.refresh(db)
    except (DBAPIError, PoolTimeoutError) as error:
        log.warning("definitions not looked at", kind=type(error).__name__)
        return
    except (CatalogueError, LicenceCatalogueError) as error:  # published before an upgrade that it does not fit
        log.error("definitions refused", **{name: str(value) for name, value in error.fields.items()})
        return
    if news:
        held = node.catalogue
        log.info(
            "definitions", items=len(held.items), materials=len(held.types), licences=len(node.licence_types.types)
        )


def run(node: Node, stop: Event) -> None:
    """Look until told to stop, in the worker; first it keeps what came with this version of the program."""
    refresh(node)
    try:
        with node.database.unit() as db:
            node.editing.keep(db)
    except (DBAPIError, PoolTimeoutError) as error:
        log.warning("definitions not kept", kind=type(error).__name__)
    while not stop.is_set():
        refresh(node)
        stop.wait(SECONDS)
