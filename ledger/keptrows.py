"""All queries on `ledger.kept`: where to find the digests of documents that their owners keep themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.store import copy_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

# The first of the index is any earlier one, found without reading the others: a digest may be anchored a million times.
_EARLIER: Final = """
SELECT (SELECT k.entry_id::text FROM ledger.kept k WHERE k.owner = a.owner AND k.sha256 = a.sha256
        ORDER BY k.owner, k.sha256, k.entry_id LIMIT 1)
FROM unnest(%(owners)s::uuid[], %(digests)s::bytea[]) WITH ORDINALITY AS a (owner, sha256, n) ORDER BY a.n"""

_OWNED: Final = "SELECT entry_id::text FROM ledger.kept WHERE entry_id = %(entry)s AND owner = %(owner)s"

_FOUND: Final = """
SELECT entry_id::text FROM ledger.kept
WHERE owner = %(owner)s AND {column} = %(value)s AND (%(before)s::uuid IS NULL OR entry_id < %(before)s::uuid)
ORDER BY owner DESC, {column} DESC, entry_id DESC LIMIT %(limit)s"""
_BY_REFERENCE: Final = _FOUND.format(column="reference")
_BY_SHA256: Final = _FOUND.format(column="sha256")


def copy(db: Connection, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Store where to find entries, by COPY: entry id, owner, reference, SHA-256 in hex.

    Raises:
        StorageFullError: the disk is full.
    """
    copy_rows(
        db,
        "COPY ledger.kept (entry_id, owner, reference, sha256) FROM STDIN",
        (f"{entry_id}\t{owner}\t{reference}\t\\\\x{sha256}\n" for entry_id, owner, reference, sha256 in rows),
    )


def earlier(db: Connection, wanted: Sequence[tuple[str, str]]) -> list[str | None]:
    """For each (owner, SHA-256 in hex) the first entry that the owner anchored this digest with, if any."""
    # Array literals, since no value needs an escape: psycopg takes longer over such a list than PostgreSQL.
    owners = ",".join(owner for owner, _ in wanted)
    digests = ",".join(rf"\\x{sha256}" for _, sha256 in wanted)
    rows = db.exec_driver_sql(_EARLIER, {"owners": f"{{{owners}}}", "digests": f"{{{digests}}}"})
    return [row[0] for row in rows]


def owned(db: Connection, owner: str, entry_id: str) -> bool:
    """Whether an entry is this owner's."""
    return db.exec_driver_sql(_OWNED, {"entry": entry_id, "owner": owner}).first() is not None


def by_reference(db: Connection, owner: str, reference: str, before: str | None, limit: int) -> list[str]:
    """The owner's entries with this reference, newest first, those before an entry where one is given."""
    values = {"owner": owner, "value": reference, "before": before, "limit": limit}
    return [row[0] for row in db.exec_driver_sql(_BY_REFERENCE, values)]


def by_sha256(db: Connection, owner: str, sha256: str, before: str | None, limit: int) -> list[str]:
    """The owner's entries with this digest (hex), newest first, those before an entry where one is given."""
    values = {"owner": owner, "value": bytes.fromhex(sha256), "before": before, "limit": limit}
    return [row[0] for row in db.exec_driver_sql(_BY_SHA256, values)]
