"""All queries on `ledger.kept`: where to find the digests of documents that their owners keep themselves."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256 as hash_
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from ledger.sqltext import array, copy_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

Place: TypeAlias = tuple[str, str, str, str]
"""Entry id, owner, reference, SHA-256 in hex."""
Found: TypeAlias = tuple[str, str, str]
"""Entry id, reference, SHA-256 in hex."""

_EARLIER: Final = """
SELECT (SELECT k.entry_id::text FROM ledger.kept k
        WHERE k.digest_key = a.key AND k.owner = a.owner AND k.sha256 = a.sha256 LIMIT 1)
FROM unnest(%(keys)s::bigint[], %(owners)s::uuid[], %(digests)s::bytea[])
WITH ORDINALITY AS a (key, owner, sha256, n) ORDER BY a.n"""

_OWNED: Final = "SELECT entry_id::text FROM ledger.kept WHERE entry_id = %(entry)s AND owner = %(owner)s"

_PAGE: Final = "(%(before)s::uuid IS NULL OR k.entry_id < %(before)s::uuid)"
_BY_REFERENCE: Final = f"""
SELECT k.entry_id::text, k.reference, encode(k.sha256, 'hex') FROM ledger.kept k
WHERE k.owner = %(owner)s AND k.reference = %(reference)s AND {_PAGE}
ORDER BY k.owner DESC, k.reference DESC, k.entry_id DESC LIMIT %(limit)s"""
_BY_SHA256: Final = f"""
SELECT k.entry_id::text, k.reference, encode(k.sha256, 'hex') FROM ledger.kept k
WHERE k.digest_key = %(key)s AND k.owner = %(owner)s AND k.sha256 = %(sha256)s AND {_PAGE}
ORDER BY k.entry_id DESC LIMIT %(limit)s"""

_INSERT: Final = """
INSERT INTO ledger.kept (entry_id, owner, reference, sha256, digest_key)
SELECT * FROM unnest(
  %(ids)s::uuid[], %(owners)s::uuid[], %(references)s::text[], %(digests)s::bytea[], %(keys)s::bigint[])"""


def digest_key(owner: str, sha256: str) -> int:
    """Under which key a digest (hex) of an owner (UUID) is found.

    A hash of both: the same digest of another owner is elsewhere, and nobody can choose digests that fall on its key.
    """
    return int.from_bytes(hash_(_bytes(owner) + bytes.fromhex(sha256)).digest()[:8], signed=True)


@lru_cache(1024)
def _bytes(owner: str) -> bytes:
    return UUID(owner).bytes


def insert(rows: Sequence[Place]) -> Statement:
    """`copy` for some dozens."""
    return _INSERT, {
        "ids": array(row[0] for row in rows),
        "owners": array(row[1] for row in rows),
        "references": array(row[2] for row in rows),
        "digests": array(rf"\\x{row[3]}" for row in rows),
        "keys": array(str(digest_key(row[1], row[3])) for row in rows),
    }


def copy(db: Connection, rows: Iterable[Place]) -> None:
    """Store where to find entries, by COPY.

    Raises:
        StorageFullError: the disk is full.
    """
    copy_rows(
        db,
        "COPY ledger.kept (entry_id, owner, reference, sha256, digest_key) FROM STDIN",
        (
            f"{entry_id}\t{owner}\t{reference}\t\\\\x{sha256}\t{digest_key(owner, sha256)}\n"
            for entry_id, owner, reference, sha256 in rows
        ),
    )


def earlier(wanted: Sequence[tuple[str, str]]) -> Steps[list[str | None]]:
    """For each (owner, SHA-256 in hex) an earlier entry that the owner anchored this digest with, if any."""
    rows = yield (
        _EARLIER,
        {
            "keys": array(str(digest_key(*each)) for each in wanted),
            "owners": array(owner for owner, _ in wanted),
            "digests": array(rf"\\x{digest}" for _, digest in wanted),
        },
    )
    return [row[0] for row in rows]


def owned(db: Connection, owner: str, entry_id: str) -> bool:
    """Whether an entry is this owner's."""
    return db.exec_driver_sql(_OWNED, {"entry": entry_id, "owner": owner}).first() is not None


def by_reference(db: Connection, owner: str, reference: str, before: str | None, limit: int) -> list[Found]:
    """The owner's entries with this reference, newest first, those before an entry where one is given."""
    values = {"owner": owner, "reference": reference, "before": before, "limit": limit}
    return [tuple(row) for row in db.exec_driver_sql(_BY_REFERENCE, values)]


def by_sha256(db: Connection, owner: str, sha256: str, before: str | None, limit: int) -> list[Found]:
    """The owner's entries with this digest (hex), newest first, those before an entry where one is given."""
    values: dict[str, Any] = {"key": digest_key(owner, sha256), "owner": owner, "sha256": bytes.fromhex(sha256)}
    values |= {"before": before, "limit": limit}
    return [tuple(row) for row in db.exec_driver_sql(_BY_SHA256, values)]
