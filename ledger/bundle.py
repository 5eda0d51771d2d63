"""Building evidence bundles from the log: one file that a stranger checks without us (`ledger.verify`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger import archive, proofs, store
from ledger.acts import ACTS, GRANTED
from ledger.envelope import CHAIN, FORMAT, LOG, VERSION, opening_json
from ledger.errors import LogMissingError, RecordErasedError
from ledger.note import Note, parse_checkpoint
from ledger.record import Opening
from ledger.strictjson import b64

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ledger.evidence import Evidence
    from ledger.model import EntryRow


_SHUT_BESIDE: Final = frozenset({"deposit", "licence"})
"""Acts whose parties stay shut beside another, as long as one record needs no other to be bound to."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """The checkpoint a bundle shows, and what stands above it: logs, and the chain that holds the topmost."""

    note: str
    size: int
    superiors: tuple[Mapping[str, Any], ...] = ()
    chain: Mapping[str, Any] | None = None


def build(
    db: Connection,
    evidence: Evidence,
    kind: str,
    entry_ids: Sequence[str],
    *,
    beside: Mapping[str, Sequence[str]] | None = None,
    members: Mapping[str, Mapping[str, Any]] | None = None,
    hide_parties: bool = False,
) -> dict[str, Any]:
    """The evidence bundle of one act.

    All entries are shown under one checkpoint, the smallest that reaches furthest: anchored through the log above, else
    anchored by ourselves, else held by the log above, else our newest. What none covers yet comes with the log's
    promise. A record whose salts were destroyed is shown mute: its leaf, without an opening. A bundle is of one log,
    that of the first entry, frozen or not: what another log holds is left out, and with the first record of an act the
    whole of it.

    Args:
        db: an open unit; read only.
        evidence: signs promises.
        kind: of `ledger.acts`.
        entry_ids: the entries in the order `ledger.acts` names for the kind.
        beside: entries of the other acts that may stand beside this kind. A deposit or the issue of a licence there
            keeps its parties shut: digests and time matter, who handed it in, and under which handles the issuer knows
            holder and operator, is not for whoever reads about a use.
        members: what acts hold beside their entries; shown as far as an act's entries are in the log of the bundle.
        hide_parties: keep requester, operator and case of the main act shut; it then proves type, time and digests.

    Raises:
        EntryNotFoundError: no such entry.
        LogMissingError: there is no log.
    """
    number = archive.number_of(db, entry_ids[0])
    named = {kind: entry_ids, **(beside or {})}
    held = {name: _of_log(db, name, ids, number) for name, ids in named.items()}
    beside_them = {name: _as_far_as(name, each, held[name], named[name]) for name, each in (members or {}).items()}
    alone = GRANTED if kind == "use" and not held.get("grant") else frozenset[str]()
    wanted = {name: ids for name, ids in held.items() if ids and name not in alone}
    with archive.through(db, number):
        made = _build(db, evidence, kind, wanted, hide_parties=hide_parties)
    for name, each in beside_them.items():
        if name in made["sections"]:
            made["sections"][name] |= each
    return made


def _of_log(db: Connection, name: str, entry_ids: Sequence[str], number: int | None) -> list[str]:
    """An act's entries in one log; none where its first is in another, since what ended an act is none by itself."""
    held = [each for each in entry_ids if archive.number_of(db, each) == number]
    return held if ACTS[name].many or held[:1] == list(entry_ids[:1]) else []


def _as_far_as(name: str, members: Mapping[str, Any], held: Sequence[str], named: Sequence[str]) -> Mapping[str, Any]:
    """What an act holds beside its entries, as far as those are in the log of the bundle.

    Of a grant whose end is in the next log, what was signed to give it stands; what was signed to end it does not.
    """
    if len(held) == len(named):
        return members
    if name != "grant" or not held:
        return {}
    return {"consent": {each: value for each, value in members["consent"].items() if each != "withdrawal"}}


def _build(
    db: Connection, evidence: Evidence, kind: str, wanted: Mapping[str, Sequence[str]], *, hide_parties: bool
) -> dict[str, Any]:
    rows = {name: [store.entry(db, entry_id) for entry_id in ids] for name, ids in wanted.items()}
    head = store.log_head(db)
    if head is None:
        raise LogMissingError
    shown = _shown(db, [row.index for held in rows.values() for row in held if row.index is not None])
    log: dict[str, Any] = {"origin": head.origin}
    sections: dict[str, Any] = {LOG: log}
    if shown:
        log["checkpoint"] = shown.note
        if shown.superiors:
            log["superiors"] = list(shown.superiors)
        if shown.chain:
            sections[CHAIN] = shown.chain
    for name, held in rows.items():
        hide = hide_parties if name == kind else name in _SHUT_BESIDE and len(held) == 1
        sections[name] = {"entries": [_entry(db, evidence, row, shown, hide=hide) for row in held]}
    return {"format": FORMAT, "version": VERSION, "kind": kind, "critical": sorted(sections), "sections": sections}


def _shown(db: Connection, places: list[int]) -> _Shown | None:
    """The checkpoint over as many of the places as any published one covers; None where none covers one."""
    newest = store.newest_published(db)
    needed = 1 + max((place for place in places if newest and place < newest.head.size), default=-1)
    if newest is None or not needed:
        return None
    above = store.superior_over(db, needed, anchored=True)
    if above is None and (anchor := store.anchor_over(db, needed)):
        return _Shown(store.checkpoints(db, at_least=anchor.size, limit=1)[0].note, anchor.size, (), anchor.proof)
    above = above or store.superior_over(db, needed, anchored=False)
    if above is None:
        return _Shown(newest.note, newest.head.size)
    note, proof, chain = above
    return _Shown(note, parse_checkpoint(Note.parse(note).text).size, (proof,), chain)


def _entry(db: Connection, evidence: Evidence, row: EntryRow, shown: _Shown | None, *, hide: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"leaf": row.leaf.decode(), "opening": _opening(db, row.entry_id, hide=hide)}
    if shown is None or row.index is None or row.index >= shown.size:
        entry["promise"] = evidence.promise(db, row.entry_id).to_json()
    else:
        entry["index"] = row.index
        entry["inclusion"] = [b64(each) for each in proofs.inclusion(db, row.index, shown.size)]
    return entry


def _opening(db: Connection, entry_id: str, *, hide: bool) -> dict[str, object] | None:
    try:
        held = store.record(db, entry_id)
    except RecordErasedError:
        return None
    opening = Opening.of(held.fact, held.parties, held.salts, hide_parties=hide)
    return opening_json(opening, fact=json.loads(held.fact), parties=None if hide else json.loads(held.parties))
