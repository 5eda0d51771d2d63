"""Everything between "the parts run" and "the node serves": schema, log, contracts, demo people; all of it repeatable.

Each step looks first and does only what is missing, so a start after a crash is the same as any other start.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from api import keys, migrations
from api.demo import world
from api.doctor import ChainExpectation
from api.node import Node
from ledger import anchorrows, chainproof, objectcheck, store
from ledger.db import Database
from ledger.errors import LogMismatchError
from ledger.fsck import fsck as recompute
from ledger.note import NoteSigner, NoteVerifier
from ledger.sequencer import create_log
from ledger.trust import LogKey, Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.settings import Settings

_NEWEST_KEYS = text("select key from ledger.object order by id desc limit :count")
_MIGRATION_LOCK = 0x63_61_69_6C  # one process migrates at a time; the others wait for it


def prepare(settings: Settings, clients: Path) -> None:
    """Bring database, chain and demo people to what this version needs.

    Args:
        settings: of the node.
        clients: folder for the demo departments' client files.

    Raises:
        LogMismatchError: the database holds a log of another name or key.
    """
    database = Database(settings.database_url.get_secret_value(), pool_size=2)
    with database.unit() as db:
        db.exec_driver_sql(f"select pg_advisory_xact_lock({_MIGRATION_LOCK})")
        migrations.upgrade(db)
    database.close()
    node = Node(settings)
    try:
        with node.database.unit() as db:
            held = store.log_head(db)
            if held is None:
                create_log(db, settings.origin, node.signer.key_id)
            elif (held.origin, held.key_id) != (settings.origin, node.signer.key_id):
                raise LogMismatchError(origin=settings.origin)
            node.tokens.tend(db)
        node.chain.deploy([node.chain.account], 1)
        log_id = chainproof.log_id(settings.origin)
        node.chain.register_log(log_id, _note_key_hash(node), [node.keys.chain])
        if settings.demo:
            world.populate(node, clients)
    finally:
        node.close()


def _note_key_hash(node: Node) -> bytes:
    """SHA-256 of the log's verifier key line, as the registry keeps it."""
    return hashlib.sha256(node.signer.vkey.encode()).digest()


def log_vkey(settings: Settings) -> str:
    """The verifier key of this node's log: what a witness is told."""
    return NoteSigner(settings.origin, keys.load(settings.secrets_dir).log_key).vkey


def trust(settings: Settings) -> dict[str, Any]:
    """The trust file of this node: its log's key, its witnesses and their quorum, its chain and contracts."""
    node = Node(settings)
    try:
        return Trust(
            logs=(LogKey(NoteVerifier.parse(node.signer.vkey)),),
            witnesses=tuple(seat.key for seat in node.witnesses),
            quorum=settings.witness_quorum,
            chain=node.chain.identity(),
        ).to_json()
    finally:
        node.close()


def fsck(
    settings: Settings, progress: Callable[[int, int], None] | None = None, *, deep: bool = False
) -> dict[str, Any]:
    """Recompute the log of a running node from raw bytes.

    Args:
        settings: of the node.
        progress: told how many of how many entries are done.
        deep: also read, open and hash every stored document.
    """
    node = Node(settings)
    try:
        key = NoteVerifier.parse(node.signer.vkey)
        report = recompute(node.database, key, objects=node.objects, progress=progress).as_json()
        if deep:
            found = objectcheck.check(node.database, node.objects)
            report["defects"] += found
            report["defect_count"] += len(found)
        return report
    finally:
        node.close()


def expectation(settings: Settings) -> ChainExpectation | None:
    """What the chain must look like by what was anchored; None before the first anchor."""
    node = Node(settings)
    try:
        with node.database.unit() as db:
            held = anchorrows.identity(db)
    finally:
        node.close()
    if held is None:
        return None
    code = {f"0x{held.anchor.hex()}": f"0x{held.code_hash.hex()}"}
    return ChainExpectation(held.chain_id, f"0x{held.genesis_hash.hex()}", code)


def object_keys(settings: Settings, count: int) -> list[str]:
    """S3 keys of the newest stored objects."""
    node = Node(settings)
    try:
        with node.database.unit() as db:
            return [row.key for row in db.execute(_NEWEST_KEYS, {"count": count})]
    finally:
        node.close()
