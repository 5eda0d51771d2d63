"""Hot reload: every process looks for newly published policies and takes them up; what cannot be used is said (Z3)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from api.observe import log

if TYPE_CHECKING:
    from api.node import Node

SECONDS: Final = 2.0
"""How often a process looks: one indexed row."""


async def keep(node: Node, stop: asyncio.Event) -> None:
    """Look until told to stop; a look under way ends first, so that its connection is given back."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SECONDS)
        if not stop.is_set():
            await anyio.to_thread.run_sync(refresh, node)


def refresh(node: Node) -> None:
    """Look once. Without a database the set in force stays; then nothing is decided anyway."""
    try:
        with node.database.unit() as db:
            news = node.policies.refresh(db)
    except (DBAPIError, PoolTimeoutError) as error:
        log.warning("policies not looked at", kind=type(error).__name__)
        return
    if news:
        held = node.policies.in_force
        tell = log.info if held.refused is None else log.error
        tell("policies", version=held.register_version, policy_version=held.policy_version, refused=held.refused)
