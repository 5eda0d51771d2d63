"""Registers on chain (上链): catalogues that say by which rules the exchange works, published in versions (DESIGN 5).

A *register* is of one kind of `KINDS`. A *version* of it is published as a whole: a canonical document whose SHA-256
and SM3 go into an entry in clear (`register.published`) and, by k of n members, on the chain (`ledger.recorder`).
Versions count from 1 without gaps and never change, so "which rules held on that day" has one answer that anybody can
check:

    document = canonical({"type": "cailian/register", "v": 1, "register": kind, "division": ..., "version": n,
                          "owner": organisation code, "adopted_at": time, "entries": [...]})

Entries are sorted by their key, so that the same content gives the same bytes. What an entry must look like, and what
its key is, says the caller's form (`authz.registerforms`); nothing here knows what the words mean.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert as upsert

from ledger import tables
from ledger.clear import RegisterPublished
from ledger.clock import rfc3339
from ledger.digests import digest
from ledger.errors import (
    RegisterTimeError,
    RegisterUnchangedError,
    RegisterVersionError,
    UnknownRegisterError,
    UnknownRegisterVersionError,
)
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from ledger.clock import Clock
    from ledger.evidence import Evidence

    Entry = Mapping[str, Any]
    Key = Callable[[Entry], str]

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "duties": ("职责目录", "Duties"),
    "data": ("数据目录", "Data"),
    "systems": ("信息系统", "Information systems"),
    "standards": ("数据标准", "Data standards"),
    "scenarios": ("应用场景", "Application scenarios"),
    "licences": ("证照目录", "Licence catalogue"),
    "items": ("事项目录", "Service items"),
    "materials": ("材料目录", "Material types"),
    "policies": ("授权策略", "Authorisation policies"),
}
"""The registers, with their names in Chinese and English: the five of 上链, the types of licence, the service
items, the types of material, and what the exchange decides by."""

TYPE: Final = "cailian/register"
_FORM: Final = 1
_SKEW: Final = timedelta(seconds=60)
"""How far another machine's clock may be ahead of ours before its time counts as the future."""

_table = tables.register_version


@dataclass(frozen=True, slots=True)
class Draft:
    """A version somebody wants to publish.

    Attributes:
        kind: of `KINDS`.
        version: the next one.
        owner: code of the organisation that answers for the content.
        adopted_at: when the owner adopted it.
        entries: every line, in any order; none at all empties the register.
    """

    kind: str
    version: int
    owner: str
    adopted_at: datetime
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """A published version.

    Attributes:
        kind, version, owner, adopted_at: see `Draft`.
        document: its canonical bytes.
        sha256, sm3: of the document, hexadecimal.
        entry_id: its entry in the log.
        published_at: when.
        chain_state: `waiting`, `approved` (by us, not by k members yet), `recorded`, or `conflict` (alarm).
        recorded_at: when we saw it on the chain.
    """

    kind: str
    version: int
    owner: str
    document: bytes
    sha256: str
    sm3: str
    entry_id: str
    adopted_at: datetime
    published_at: datetime
    chain_state: str
    recorded_at: datetime | None

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The lines of the document."""
        lines: list[dict[str, Any]] = json.loads(self.document)["entries"]
        return lines


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version changes of the one before, by the keys of entries."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, old: Sequence[Entry], new: Sequence[Entry], key: Key) -> Changes:
        """Compare two lists of entries; keys occur once in each."""
        before, after = ({key(entry): canonical(dict(entry)) for entry in entries} for entries in (old, new))
        return cls(
            tuple(sorted(after.keys() - before.keys())),
            tuple(sorted(before.keys() - after.keys())),
            tuple(sorted(each for each in before.keys() & after.keys() if before[each] != after[each])),
        )


class Registers:
    """Publishes and shows registers.

    Args:
        evidence: the log.
        clock: the time.
        division: of the node, part of every document.
    """

    def __init__(self, evidence: Evidence, clock: Clock, division: str) -> None:
        self._evidence = evidence
        self._clock = clock
        self._division = division

    def publish(self, db: Connection, draft: Draft, key: Key) -> tuple[RegisterVersion, Changes]:
        """Publish a version: document and entry in clear in one unit; the chain follows.

        Args:
            draft: its entries fit the kind's form and have different keys.
            key: of an entry, for order and comparison.

        Raises:
            UnknownRegisterError: no such kind.
            RegisterVersionError: not the next version; also when another request was quicker.
            RegisterUnchangedError: entries and owner are those of the version before.
            RegisterTimeError: adopted in the future, or before the version it follows.
            NotCanonicalError: an entry holds a float, a large integer or the like.
        """
        check_kind(draft.kind)
        last = _newest(db, draft.kind)
        if draft.version != (expected := 1 + (last.version if last else 0)):
            raise RegisterVersionError(expected=expected)
        entries = sorted((dict(entry) for entry in draft.entries), key=key)
        if last and (last.owner, last.entries) == (draft.owner, entries):
            raise RegisterUnchangedError(version=last.version)
        now = self._clock.now()
        if draft.adopted_at > now + _SKEW:
            raise RegisterTimeError(reason="future")
        if last and draft.adopted_at < last.adopted_at:
            raise RegisterTimeError(reason="before the version it follows")
        document = self._document(draft, entries)
        both = digest(document)
        clear = RegisterPublished(now, draft.kind, draft.version, draft.owner, both.sha256.hex(), both.sm3.hex())
        entry_id = self._evidence.append_clear(db, clear).entry_id
        row = {
            "kind": draft.kind,
            "version": draft.version,
            "owner": draft.owner,
            "document": document,
            "sha256": both.sha256,
            "sm3": both.sm3,
            "entry_id": entry_id,
            "adopted_at": draft.adopted_at,
            "published_at": now,
        }
        if not _insert(db, row):
            raise RegisterVersionError(expected=draft.version + 1)
        changes = Changes.between(last.entries if last else [], entries, key)
        return version(db, draft.kind, draft.version), changes

    def _document(self, draft: Draft, entries: list[dict[str, Any]]) -> bytes:
        return canonical(
            {
                "type": TYPE,
                "v": _FORM,
                "register": draft.kind,
                "division": self._division,
                "version": draft.version,
                "owner": draft.owner,
                "adopted_at": rfc3339(draft.adopted_at),
                "entries": entries,
            }
        )


def check_kind(kind: str) -> None:
    """Refuse a kind that does not exist.

    Raises:
        UnknownRegisterError: it does not.
    """
    if kind not in KINDS:
        raise UnknownRegisterError


def version(db: Connection, kind: str, number: int | None = None) -> RegisterVersion:
    """A version of a register, the newest without a number.

    Raises:
        UnknownRegisterError: no such kind.
        UnknownRegisterVersionError: no such version, or none yet.
    """
    check_kind(kind)
    if number is None:
        found = _newest(db, kind)
    else:
        row = db.execute(_all().where(_table.c.kind == kind, _table.c.version == number)).one_or_none()
        found = None if row is None else _read(row)
    if found is None:
        raise UnknownRegisterVersionError
    return found


def heads(db: Connection, kind: str, *, below: int | None = None, limit: int = 100) -> list[tuple[int, str, datetime]]:
    """(version, SHA-256, published at) of the versions below a number, newest first.

    Raises:
        UnknownRegisterError: no such kind.
    """
    check_kind(kind)
    c = _table.c
    query = select(c.version, c.sha256, c.published_at).where(c.kind == kind).order_by(c.version.desc()).limit(limit)
    if below is not None:
        query = query.where(c.version < below)
    return [(row.version, row.sha256.hex(), row.published_at) for row in db.execute(query)]


def newest(db: Connection, kinds: Sequence[str]) -> dict[str, int]:
    """Number of the newest version of each of some kinds; 0 where none was published."""
    c = _table.c
    query = select(c.kind, func.max(c.version)).where(c.kind.in_(kinds)).group_by(c.kind)
    return dict.fromkeys(kinds, 0) | {row[0]: row[1] for row in db.execute(query)}


def unrecorded(db: Connection) -> list[RegisterVersion]:
    """For each kind the oldest version that the chain does not hold yet; the contract takes them in order."""
    c = _table.c
    query = _all().where(c.chain_state.in_(("waiting", "approved"))).ext(distinct_on(c.kind))
    query = query.order_by(c.kind, c.version)
    return [_read(row) for row in db.execute(query)]


def note_chain_state(db: Connection, held: RegisterVersion, state: str, at: datetime | None) -> None:
    """Note how far a version is on the chain."""
    c = _table.c
    changed = update(_table).where(c.kind == held.kind, c.version == held.version)
    db.execute(changed.values(chain_state=state, recorded_at=at))


def _all() -> Select[Any]:
    return select(_table)


def _newest(db: Connection, kind: str) -> RegisterVersion | None:
    query = _all().where(_table.c.kind == kind).order_by(_table.c.version.desc()).limit(1)
    row = db.execute(query).one_or_none()
    return None if row is None else _read(row)


def _insert(db: Connection, row: Mapping[str, object]) -> bool:
    statement = upsert(_table).values(**row).on_conflict_do_nothing(index_elements=["kind", "version"])
    return db.execute(statement.returning(_table.c.version)).one_or_none() is not None


def _read(row: Row[Any]) -> RegisterVersion:
    return RegisterVersion(
        row.kind,
        row.version,
        row.owner,
        bytes(row.document),
        row.sha256.hex(),
        row.sm3.hex(),
        row.entry_id,
        row.adopted_at,
        row.published_at,
        row.chain_state,
        row.recorded_at,
    )
