"""Seals from end to end: each made outside any unit, then enrolled in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certs.signing.errors import NoSealKeyError
from certs.signing.model import Algorithm
from certs.signing.x509 import Subject
from certs.store import seals as store

if TYPE_CHECKING:
    from datetime import datetime

    from api.node import Node
    from certs.signing.model import SealCa, SealKey

OPERATOR = "node"
"""Who enrols what the node makes for itself."""


def root(node: Node, algorithm: Algorithm) -> SealCa:
    """The node's own root for demonstrations, made where there is none."""
    with node.database.unit() as db:
        held = store.demo_ca(db, algorithm)
    if held is not None:
        return held
    made = node.seal_workshop.demo_ca(algorithm, node.clock.now())
    with node.database.unit() as db:
        node.seal_register.trust(db, made)
        held = store.demo_ca(db, algorithm)
    return held or made  # another process may have been first: its root counts, ours signs nothing


def renew(node: Node, org_code: str, org_name: str, algorithm: Algorithm, *, operator: str = OPERATOR) -> SealKey:
    """A new key for an organisation, certified by the node's own root; the key of before retires.

    Raises:
        NoSealKeyError: this node is in earnest, where a licensed authority certifies (`cailian seal request`).
    """
    if not node.settings.demo:
        raise NoSealKeyError(problem="a root of our own certifies in demo mode only; `cailian seal request`")
    ca = root(node, algorithm)
    picture = node.licence_files.picture(org_name, org_code)
    new = node.seal_workshop.make(Subject(org_name, org_code), ca, picture, node.clock.now())
    with node.database.unit() as db:
        return node.seal_register.enrol(db, new, operator=operator)


def ensure(node: Node, org_code: str, org_name: str) -> list[SealKey]:
    """A current key of each algorithm, made where there is none."""
    keys = []
    for algorithm in Algorithm:
        with node.database.unit() as db:
            held = store.current(db, org_code, algorithm)
        keys.append(held or renew(node, org_code, org_name, algorithm))
    return keys


def revoke(node: Node, key_id: str, *, reason: str, operator: str, since: datetime | None = None) -> SealKey:
    """Revoke a key and, once that is on record, destroy its private half."""
    with node.database.unit() as db:
        key = node.seal_register.revoke(db, key_id, reason=reason, operator=operator, since=since)
    node.seal_workshop.destroy(key)
    return key
