"""Hot reload: every process looks for newly published policies and takes them up; what cannot be used is said (Z3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from api.observe import log

if TYPE_CHECKING:
    from api.node import Node

SECONDS: Final = 2.0
"""How often a process looks: one indexed row."""


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
