"""What an operator does once in some years: end a log, open the next, change a key (`ledger.shards`).

Every act may be repeated after a crash at any point and goes on where it was. The node's processes are started anew
after an act that changes a key or the log's name; the database refuses those that were not.
"""

from __future__ import annotations

import hashlib
import time
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from api import keys
from api.adapters import seals
from ledger import archive, chainproof, registry, secretrows, shards, store
from ledger.clock import rfc3339
from ledger.errors import LogMismatchError, LogMissingError, LogNotFrozenError
from ledger.note import NoteSigner, NoteVerifier
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.node import Node
    from ledger.model import LogHead, Shard

END_SECONDS: Final = 120.0
"""How long to wait for the last checkpoint's witnesses and anchor before asking to be called again."""
_POLL_SECONDS: Final = 0.2
REWRAP_BATCH: Final = 500


def freeze(node: Node, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """End the current log: no entry any more, last checkpoint signed, cosigned and anchored, closed in the registry.

    Args:
        node: whose key is the log's.
        tell: is told each step.

    Raises:
        LogNotFrozenError: witnesses or chain were not there in time; call again.
        ChainRefusedError: this account may not close logs by itself; other members of the registry must approve too.
    """
    tell("no entry any more")
    with node.database.unit() as db:
        shards.freeze(db, node.clock.now())
    tell("last checkpoint, witnesses, anchor")
    head = _end(node)
    if node.forwarder is None:
        tell("closing the log in the registry")
        registry.close_log(node.chain, head.origin, members=[node.keys.chain])
    return {
        "log": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "frozen_at": rfc3339(head.frozen_at) if head.frozen_at else None,
    }


def abandon(node: Node, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """End a log whose newest part this database lost, where an old backup was restored (`ledger.rollback`).

    It takes no entry any more and signs nothing; the registry closes it at what the chain holds. The frozen log keeps
    the size that was seen outside, so that what is missing stays missing for every check.

    Args:
        node: whose key is the log's.
        tell: is told each step.

    Raises:
        LogNotFrozenError: nothing was lost: freeze it.
        ChainRefusedError: as `freeze`.
    """
    node.look_outside()
    with node.database.unit() as db:
        if shards.lost(db) is None:
            raise LogNotFrozenError(reason="nothing was lost")
        tell("no entry any more")
        head = shards.freeze(db, node.clock.now())
        seen = store.newest_published_size(db)
    if node.forwarder is None:
        tell("closing the log in the registry")
        registry.close_log(node.chain, head.origin, members=[node.keys.chain])
    return {"log": head.origin, "size": head.size, "seen": seen}


def _end(node: Node) -> LogHead:
    """Do what the worker does, until nothing is left; it may run beside."""
    deadline = time.monotonic() + END_SECONDS
    while True:
        while node.sequencer.index_batch():
            pass
        node.sequencer.publish()
        node.cosigning.run_once()
        try:
            with node.database.unit() as db:
                return shards.ended(db)
        except LogNotFrozenError as error:
            if time.monotonic() > deadline:
                raise
            if node.forwarder is None and error.fields.get("reason") == "the last checkpoint is not anchored":
                node.anchorer.run_once()
        Event().wait(_POLL_SECONDS)


def open_next(node: Node, origin: str) -> dict[str, Any]:
    """Open the log that follows the frozen one, with a fresh key.

    Args:
        node: as it was set up for the frozen log.
        origin: name of the new log.

    Returns:
        Old and new log. From now on the setting `CAILIAN_ORIGIN` must be `origin`.

    Raises:
        LogNotFrozenError: `freeze` did not come to its end.
        LogExistsError: the name was used before.
        LogConflictError: the chain knows a log of this name with another key.
    """
    folder = node.settings.secrets_dir
    with node.database.unit() as db:
        held = store.log_head(db)
    if held is None:
        raise LogMissingError
    if held.origin != origin:
        successor = NoteVerifier.parse(NoteSigner(origin, keys.stage(folder)).vkey)
        anchored = _closed_at(node)
        with node.database.unit() as db:
            shards.open_successor(
                db, origin, successor, NoteVerifier.parse(node.signer.vkey), node.clock, anchored=anchored
            )
    keys.promote(folder)
    vkey = NoteSigner(origin, keys.load(folder).log_key).vkey
    with node.database.unit() as db:
        before = archive.shards(db)[-1]
    if node.forwarder is None:
        register(node, origin, vkey, before)
    return {
        "frozen": {"number": before.number, "log": before.origin, "size": before.size, "root": before.root.hex()},
        "log": origin,
        "vkey": vkey,
        "setting": f"CAILIAN_ORIGIN={origin}",
    }


def _closed_at(node: Node) -> tuple[int, bytes] | None:
    """Where the chain closed a log whose end was lost here; None where nothing was lost."""
    with node.database.unit() as db:
        head = shards.lost(db)
    if head is None:
        return None
    if node.forwarder is not None:
        return head.size, head.root
    closed = node.chain.last_anchor(chainproof.log_id(head.origin))
    return closed.size, closed.root


def register(node: Node, origin: str, vkey: str, before: Shard | None) -> None:
    """Register the node's log with the chain, as the successor of the one before it where there is one."""
    noted = hashlib.sha256(vkey.encode()).digest()
    if before is None:
        node.chain.register_log(chainproof.log_id(origin), noted, [node.keys.chain])
    else:
        registry.register_successor(node.chain, origin, noted, before, members=[node.keys.chain])


def listing(node: Node) -> list[dict[str, Any]]:
    """The logs of this node, frozen ones first, with where they are served."""
    with node.database.unit() as db:
        frozen, head = archive.shards(db), store.log_head(db)
    base = node.settings.base_url
    rows: list[dict[str, Any]] = [
        {
            "number": each.number,
            "log": each.origin,
            "size": each.size,
            "frozen_at": rfc3339(each.frozen_at),
            "served": f"{base}/log/{each.number}/",
        }
        for each in frozen
    ]
    if head is not None:
        frozen_at = rfc3339(head.frozen_at) if head.frozen_at else None
        rows.append(
            {"number": None, "log": head.origin, "size": head.size, "frozen_at": frozen_at, "served": f"{base}/log/"}
        )
    return rows


def rotate_log_key(node: Node, lost: str | None = None) -> dict[str, Any]:
    """Let a fresh key sign for the log; what the old one signed stays good, in trust files up to the size it reached.

    The change is itself an entry, the last the old key signs for.

    Args:
        node: the node; with `lost` its key file already holds the key that takes over.
        lost: verifier key of a log key that is lost or must not be used any more: nothing is signed with it.

    Raises:
        LogMismatchError: `lost` is not the log's key.
    """
    folder = node.settings.secrets_dir
    with node.database.unit() as db:
        held = store.log_head(db)
    if held is None:
        raise LogMissingError
    fresh = node.keys.log_key if lost is not None else keys.stage(folder)
    new = NoteVerifier.parse(NoteSigner(held.origin, fresh).vkey)
    if held.key_id != new.key_id:
        old = NoteVerifier.parse(lost or node.signer.vkey)
        if lost is None:
            _sign_off(node, old, new)
        with node.database.unit() as db:
            shards.change_key(db, old, new, node.clock.now())
    if lost is None:
        keys.promote(folder)
    with node.database.unit() as db:
        retired = [each for each in shards.retired_keys(db) if NoteVerifier.parse(each[0]).name == held.origin]
    return {"log": held.origin, "vkey": new.vkey, "retired": [{"vkey": v, "until_size": size} for v, size in retired]}


def _sign_off(node: Node, old: NoteVerifier, new: NoteVerifier) -> None:
    """Record the change under the old key and wait until a checkpoint of it covers that entry."""
    if (old.name, old.key_id) != (new.name, node.signer.key_id):
        raise LogMismatchError(origin=new.name)
    fact = {"type": "log.key-changed", "time": rfc3339(node.clock.now()), "old": old.vkey, "new": new.vkey}
    with node.database.unit() as db:
        entry_id = node.evidence.append(db, Record(fact, {})).entry_id
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        node.sequencer.index_batch()
        node.sequencer.publish()
        with node.database.unit() as db:
            if store.entry_state(db, entry_id).checkpoint_size is not None:
                return
        Event().wait(_POLL_SECONDS)
    raise LogNotFrozenError(reason="the last checkpoint of the old key was not signed in time")


def rewrap(node: Node, tell: Callable[[int], None] = lambda _: None) -> int:
    """Wrap every data key under the current wrapping key, in short units; how many were renewed.

    It may be stopped and called again; rows that are current already are passed over.

    Args:
        node: the node, with the new wrapping key and those of before.
        tell: is told how many were renewed so far.

    Raises:
        SecretUnreadableError: a row needs a key that is not in the ring; nothing of its batch was changed.
        SealKeyUnreadableError: a file with a seal key does.
    """
    done, after = seals.files(node.settings, node.ring).rewrap(), ""
    while True:
        with node.database.unit() as db:
            rows = secretrows.wrapped(db, after, REWRAP_BATCH)
            stale = [(row_id, value) for row_id, value in rows if not node.ring.is_current(value)]
            secretrows.replace(db, [(row_id, node.ring.rewrap("object", row_id, value)) for row_id, value in stale])
        if not rows:
            return done
        done, after = done + len(stale), rows[-1][0]
        tell(done)
