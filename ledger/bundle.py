"""Building evidence bundles from the log: one file that a stranger checks without us (`ledger.verify`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ledger import proofs, store
from ledger.envelope import FORMAT, VERSION, b64, opening_json
from ledger.errors import LogMissingError
from ledger.record import Opening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from ledger.evidence import Evidence
    from ledger.model import AnchorRow, EntryRow, PublishedCheckpoint


def build(
    db: Connection, evidence: Evidence, kind: str, entry_ids: Sequence[str], *, hide_parties: bool = False
) -> dict[str, Any]:
    """The evidence bundle of one deposit, use or grant.

    Entries are shown under one checkpoint: the smallest anchored one over all that are integrated, else the newest.
    What no checkpoint covers yet comes with the log's promise.

    Args:
        db: an open unit; read only.
        evidence: signs promises.
        kind: `deposit`, `use` or `grant`.
        entry_ids: the entries in the order `ledger.verify` names for the kind.
        hide_parties: keep requester, operator and case shut; the bundle then proves type, time and digests only.

    Raises:
        EntryNotFoundError: no such entry.
        RecordErasedError: a record's salts were destroyed; nothing can be opened any more.
    """
    rows = [store.entry(db, entry_id) for entry_id in entry_ids]
    newest, head = store.newest_published(db), store.log_head(db)
    if head is None:
        raise LogMissingError
    covered = [row for row in rows if newest and row.index is not None and row.index < newest.head.size]
    shown, anchor = _checkpoint(db, newest, covered)
    log: dict[str, Any] = {"origin": head.origin}
    if shown:
        log["checkpoint"] = shown.note
    entries = [_entry(db, evidence, row, shown if row in covered else None, hide=hide_parties) for row in rows]
    bundle: dict[str, Any] = {"format": FORMAT, "version": VERSION, "kind": kind, "log": log, "entries": entries}
    if anchor:
        bundle["chain"] = anchor.proof
    return bundle


def _checkpoint(
    db: Connection, newest: PublishedCheckpoint | None, covered: list[EntryRow]
) -> tuple[PublishedCheckpoint | None, AnchorRow | None]:
    if not covered:
        return None, None
    needed = 1 + max(row.index or 0 for row in covered)
    anchor = store.anchor_over(db, needed)
    if anchor is None:
        return newest, None
    return store.checkpoints(db, at_least=anchor.size, limit=1)[0], anchor


def _entry(
    db: Connection, evidence: Evidence, row: EntryRow, shown: PublishedCheckpoint | None, *, hide: bool
) -> dict[str, Any]:
    held = store.record(db, row.entry_id)
    opening = Opening.of(held.fact, held.parties, held.salts, hide_parties=hide)
    entry: dict[str, Any] = {
        "leaf": row.leaf.decode(),
        "opening": opening_json(
            opening, fact=json.loads(held.fact), parties=None if hide else json.loads(held.parties)
        ),
    }
    if shown is None or row.index is None:
        entry["promise"] = evidence.promise(db, row.entry_id).to_json()
    else:
        entry["index"] = row.index
        entry["inclusion"] = [b64(each) for each in proofs.inclusion(db, row.index, shown.head.size)]
    return entry
