"""Everything between "the parts run" and "the node serves": schema, log, contracts, demo people; all of it repeatable.

Each step looks first and does only what is missing, so a start after a crash is the same as any other start.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from api import handover, keys, migrations
from api.adapters import signers, superior
from api.demo import world
from api.doctor import ChainExpectation
from api.node import Node
from authz.store import assistances
from ledger import anchorrows, archive, objectcheck, shards, store
from ledger.crosscheck import Beside
from ledger.db import Database
from ledger.errors import ChainError, LogMismatchError
from ledger.fsck import fsck as recompute
from ledger.note import NoteSigner, NoteVerifier
from ledger.sequencer import create_log
from ledger.trust import LogKey, Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.settings import Settings
    from ledger.model import Shard

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
        if node.forwarder is None:
            if not settings.chain_registry:
                node.chain.deploy([node.chain.account], 1)
            vkey, before = _registered(node)
            handover.register(node, settings.origin, vkey, before)
        node.look_outside()
        if settings.demo:
            world.populate(node, clients)
    finally:
        node.close()


def _registered(node: Node) -> tuple[str, Shard | None]:
    """What the registry keeps of the current log: its first verifier key (it hears of no later one), the log before."""
    with node.database.unit() as db:
        first, frozen = shards.first_key(db, node.settings.origin), archive.shards(db)
    return first or node.signer.vkey, frozen[-1] if frozen else None


def _retired(node: Node) -> list[LogKey]:
    """Keys that sign no more, of this log and of frozen ones, with the sizes up to which they are good."""
    with node.database.unit() as db:
        return [LogKey(NoteVerifier.parse(vkey), until) for vkey, until in shards.retired_keys(db)]


def log_vkey(settings: Settings) -> str:
    """The verifier key of this node's log: what a witness is told."""
    return NoteSigner(settings.origin, keys.load(settings.secrets_dir).log_key).vkey


def trust(settings: Settings) -> dict[str, Any]:
    """The trust file of this node: its log's key, its witnesses and their quorum, its chain and contracts, its signers.

    Under a superior the superior's file with our log's key added: it is the superior's checkpoint that others saw.
    """
    node = Node(settings)
    try:
        return trusted(node).to_json()
    finally:
        node.close()


def trusted(node: Node) -> Trust:
    """As `trust`, of a node that runs. Asks the chain."""
    logs = (LogKey(NoteVerifier.parse(node.signer.vkey)), *_retired(node))
    with node.database.unit() as db:
        clients = assistances.client_keys(db, signers.MAX_CLIENTS + 1)
    holders = signers.trust(node.settings, node.keys, clients)
    if above := superior.trust(node.settings):
        return replace(above, logs=(*logs, *above.logs), signers=holders)
    return Trust(
        logs=logs,
        witnesses=tuple(seat.key for seat in node.witnesses),
        quorum=node.settings.witness_quorum,
        chain=replace(node.chain.identity(), qbft=node.chain.validator_history()),
        signers=holders,
    )


def fsck(
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    *,
    deep: bool = False,
    resume: Path | None = None,
) -> dict[str, Any]:
    """Recompute the log of a running node from raw bytes, and hold everything beside it against each other.

    Args:
        settings: of the node.
        progress: told how many of how many entries are done.
        deep: also read, open and hash every stored document.
        resume: file to keep the state in, and to go on from.

    Raises:
        FsckStateError: the file is none of this log.
    """
    node = Node(settings)
    try:
        key, retired = NoteVerifier.parse(node.signer.vkey), _retired(node)
        own = [(held.key, held.until_size or 0) for held in retired if held.key.name == key.name]
        report = recompute(
            node.database,
            key,
            retired=own,
            beside=_beside(node),
            objects=node.objects,
            progress=progress,
            resume=resume,
        ).as_json()
        with node.database.unit() as db:
            frozen = archive.shards(db)
        for shard in frozen:
            _recompute_frozen(node, shard, retired, report)
        if deep:
            found = objectcheck.check(node.database, node.objects)
            report["defects"] += found
            report["defect_count"] += len(found)
        return report
    finally:
        node.close()


def _beside(node: Node) -> Beside:
    """What a node is held against: its witnesses, its chain as the settings pin it, the time.

    A node under another log has no anchors of its own, so no chain either.
    """
    keys = tuple(seat.key for seat in node.witnesses)
    if node.settings.superior_url:
        return Beside(witnesses=keys, identity=None, chain=None, now=node.clock.now())
    try:
        identity = replace(node.chain.identity(), qbft=node.chain.validator_history())
    except ChainError:  # the report says that the chain was away
        identity = None
    return Beside(witnesses=keys, identity=identity, chain=node.chain, now=node.clock.now())


def _recompute_frozen(node: Node, shard: Shard, retired: list[LogKey], report: dict[str, Any]) -> None:
    """Recompute a frozen log and add what is wrong with it to the report, named by its number."""
    *older, last = [(held.key, held.until_size or 0) for held in retired if held.key.name == shard.origin]
    found = recompute(archive.ShardDatabase(node.database, shard.number), last[0], retired=older)
    if (found.entries, found.root) != (shard.size, shard.root.hex()):
        found.defect("shard-row", f"log {shard.number}")
    report["entries"] += found.entries
    report["defects"] += [f"log {shard.number}: {each.code}: {each.place}" for each in found.defects]
    report["defect_count"] += found.defect_count


def expectation(settings: Settings) -> ChainExpectation:
    """What the chain must look like by what was anchored; before the first anchor it may look anyhow."""
    node = Node(settings)
    try:
        with node.database.unit() as db:
            held = anchorrows.identity(db)
    finally:
        node.close()
    knows = bool(settings.chain_validators)
    if held is None:
        return ChainExpectation(knows_validators=knows)
    code = {f"0x{held.anchor.hex()}": f"0x{held.code_hash.hex()}"}
    return ChainExpectation(held.chain_id, f"0x{held.genesis_hash.hex()}", code, knows_validators=knows)


def warnings(settings: Settings) -> list[str]:
    """What the node warns of: limits that are near, a canary that fell silent."""
    node = Node(settings)
    try:
        return node.warnings()
    finally:
        node.close()


def object_keys(settings: Settings, count: int) -> list[str]:
    """S3 keys of the newest stored objects."""
    node = Node(settings)
    try:
        with node.database.unit() as db:
            return [row.key for row in db.execute(_NEWEST_KEYS, {"count": count})]
    finally:
        node.close()
