"""Words and values of the log: what an entry is, how far it has come, what a head says.

States of an entry (DESIGN 4), each implying the ones before it: *pending* (acknowledged, no index yet), *integrated*
(under a signed checkpoint), *cosigned* (under one that has its quorum of witnesses), *anchored* (a confirmed block
holds a root over it). An indexed entry without a checkpoint is still pending: nobody outside can check it yet.

A checkpoint is *published*, that is served and anchored, once its quorum has cosigned it; where no witness is demanded
it is published as soon as it is signed, and entries go from integrated to anchored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

HASH_SIZE: Final = 32
"""Bytes of a SHA-256 digest, the only tree hash C2SP tlog-tiles allows."""

MERGE_DELAY_SECONDS: Final = 60
"""How long the log may take from promise to integration (DESIGN 4.2)."""


class EntryState(StrEnum):
    """How far an entry has come."""

    pending = "pending"
    integrated = "integrated"
    cosigned = "cosigned"
    anchored = "anchored"


@dataclass(frozen=True, slots=True)
class EntryStatus:
    """Where an entry stands.

    Attributes:
        entry_id: the entry.
        state: see the module.
        index: 0-based place in the log, once it has one.
        checkpoint_size: size of the smallest signed checkpoint that covers it.
        anchor_size: size of the smallest confirmed anchor that covers it.
        anchored_at: time of that anchor's block.
        cosigned_size: size of the smallest checkpoint with a quorum of witnesses that covers it.
        origin: of the frozen log that holds it; None: the current log.
    """

    entry_id: str
    state: EntryState
    index: int | None = None
    checkpoint_size: int | None = None
    anchor_size: int | None = None
    anchored_at: datetime | None = None
    cosigned_size: int | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head (C2SP tlog-checkpoint): the log's name, its number of entries, its RFC 6962 root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what no log can publish; a caller's bug, since text from outside is parsed by `ledger.note`."""
        if self.size < 0 or len(self.root) != HASH_SIZE or not self.origin or "\n" in self.origin:
            msg = "not a tree head"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """A signed tree head.

    Attributes:
        head: the tree head.
        note: its signed note, with the cosignatures it has so far.
        at: when it was signed.
        quorum: how many witnesses it had to wait for; 0 where none is demanded, None while it waits.
    """

    head: Checkpoint
    note: str
    at: datetime
    quorum: int | None = 0


@dataclass(frozen=True, slots=True)
class LogHead:
    """The single row of `ledger.log`: identity of the log and how many entries are indexed."""

    origin: str
    key_id: bytes
    size: int
    root: bytes
    frozen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A stored entry; `index` is None while it is pending, `created_at` is the time of its promise."""

    entry_id: str
    leaf: bytes
    index: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The canonical parts of an entry's record and its 48 bytes of salts."""

    entry_id: str
    fact: bytes
    parties: bytes
    salts: bytes


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """A confirmed anchor: the head on the chain, the block it is in, and the stored proof (`ledger.chainproof`)."""

    size: int
    root: bytes
    block_number: int
    block_time: datetime
    proof: dict[str, object]


@dataclass(frozen=True, slots=True)
class Shard:
    """A frozen log: its place in the order of logs, its last size and root, when it took its last entry."""

    number: int
    origin: str
    size: int
    root: bytes
    frozen_at: datetime
    archived_at: datetime
