"""What a witness remembers, in one SQLite file: per log the largest tree it cosigned, and evidence against logs.

`synchronous=FULL` under a write-ahead log syncs every commit before it returns, so a cosignature that left the process
is remembered through a power cut. Check and change are one transaction that holds the write lock from its beginning
(tlog-witness: "MUST be performed atomically"), also between two processes on one file.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from api.witness.errors import MemoryLostError
from ledger.equivocation import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT_HEADS: Final = 100_000
"""Cosigned heads kept per log, to recognise an old size that comes back with another root; about 30 MB."""
KEPT_UNPROVEN: Final = 100
"""Pairs per log that prove nothing yet. Anybody can make one from two honest checkpoints, so the oldest give way."""
_BUSY_SECONDS: Final = 5.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, root BLOB NOT NULL,
    note TEXT NOT NULL, time INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    UNIQUE (origin, size)
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, file TEXT NOT NULL,
    pair BLOB NOT NULL UNIQUE
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A head we cosigned: its size and root (32 bytes), its signed note, and the POSIX time we last gave it."""

    size: int
    root: bytes
    note: str
    time: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """Evidence as listed; `at` is POSIX seconds."""

    id: int
    origin: str
    kind: str
    at: int


class Memory:
    """The file. Safe to use from several threads.

    Args:
        path: of the file.
        make: make its tables where they are missing. Not for a witness that has a key: it had a memory.

    Raises:
        MemoryLostError: this is no witness's memory (any more).
    """

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self._lock = Lock()
        self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            if make:
                self._db.executescript(_SCHEMA)
            self._db.execute("SELECT 1 FROM log, head, evidence")
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise MemoryLostError(f"{path}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def act(self) -> Iterator[None]:
        """One transaction: what the block did is on the disk when it ends, and undone when it raises.

        Raises:
            sqlite3.OperationalError: the file cannot be written (full disk, another process that does not let go).
        """
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    # --- inside `act` ------------------------------------------------------------------------------------------------

    def last(self, origin: str) -> Seen | None:
        """The largest tree we cosigned of a log."""
        row = self._db.execute("SELECT size, root, note, time FROM log WHERE origin = ?", (origin,)).fetchone()
        return None if row is None else Seen(*row)

    def head(self, origin: str, size: int) -> Seen | None:
        """The head of one size that we cosigned of a log, if it is still kept."""
        query = "SELECT size, root, note FROM head WHERE origin = ? AND size = ?"
        row = self._db.execute(query, (origin, size)).fetchone()
        return None if row is None else Seen(*row)

    def last_time(self) -> int:
        """The greatest time we gave to any log, 0 before the first."""
        return int(self._db.execute("SELECT coalesce(max(time), 0) FROM log").fetchone()[0])

    def remember(self, origin: str, name: str, seen: Seen) -> None:
        """Note that we cosign a head.

        Args:
            origin: of the log.
            name: its name in monitoring addresses.
            seen: the head, with our cosignature in its note.
        """
        self._db.execute(
            "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (origin)"
            " DO UPDATE SET size = ?3, root = ?4, note = ?5, time = ?6",
            (origin, name, seen.size, seen.root, seen.note, seen.time),
        )
        made = self._db.execute(
            "INSERT INTO head (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (origin, seen.size, seen.root, seen.note),
        )
        if made.rowcount:
            self._db.execute("DELETE FROM head WHERE id <= ?", ((made.lastrowid or 0) - KEPT_HEADS,))

    def keep_evidence(self, kept: Kept, file: str, pair: bytes) -> None:
        """Keep evidence, each pair of checkpoints once; what is proven takes the place of what was not.

        Args:
            kept: the row; its id is ignored.
            file: the evidence file.
            pair: tells pairs apart.
        """
        self._db.execute(
            "INSERT INTO evidence (origin, kind, at, file, pair) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (pair)"
            " DO UPDATE SET kind = ?2, file = ?4 WHERE kind = ?6 AND ?2 <> ?6",
            (kept.origin, kept.kind, kept.at, file, pair, Kind.unproven),
        )
        self._db.execute(
            "DELETE FROM evidence WHERE id IN (SELECT id FROM evidence WHERE origin = ? AND kind = ?"
            " ORDER BY id DESC LIMIT -1 OFFSET ?)",
            (kept.origin, Kind.unproven, KEPT_UNPROVEN),
        )

    # --- reading -----------------------------------------------------------------------------------------------------

    def note(self, name: str) -> str | None:
        """The last cosigned checkpoint of the log with this name in monitoring addresses."""
        with self._lock:
            row = self._db.execute("SELECT note FROM log WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def evidence(self) -> list[Kept]:
        """All evidence, the oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT id, origin, kind, at FROM evidence ORDER BY id").fetchall()
        return [Kept(*row) for row in rows]

    def evidence_file(self, number: int) -> str | None:
        """One evidence file."""
        with self._lock:
            row = self._db.execute("SELECT file FROM evidence WHERE id = ?", (number,)).fetchone()
        return None if row is None else str(row[0])
