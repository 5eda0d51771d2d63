"""Rows of stored objects: the queries behind `ledger.objects`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete

from ledger import tables
from ledger.errors import ObjectErasedError, ObjectNotFoundError
from ledger.sqltext import copy_line, copy_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

KIND: Final = "object"
"""Kind of the rows of `ledger.secret` that hold wrapped data keys."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A document that lies sealed in S3.

    Attributes:
        object_id: UUID; the sealed chunks are bound to it.
        key: S3 key: random, says nothing.
        version_id: S3 version; empty where the bucket has none.
        size: plaintext bytes.
        cipher_size: bytes in S3.
        sha256: of the plaintext, hexadecimal.
        sm3: of the plaintext, hexadecimal.
        profile: `intl` or `gm`.
        chunk: plaintext bytes per sealed chunk.
        retain_until: end of the GOVERNANCE lock.
        wrapped_key: the data key under the node's key-encryption key.
    """

    object_id: str
    key: str
    version_id: str
    size: int
    cipher_size: int
    sha256: str
    sm3: str
    profile: str
    chunk: int
    retain_until: datetime
    wrapped_key: bytes = field(repr=False)


_SECRET: Final = tables.secret.c
_LOOKUP: Final = """
SELECT o.id::text, o.key, o.version_id, o.size, o.cipher_size, o.sha256, o.sm3, o.profile, o.chunk, o.retain_until,
  s.value
FROM ledger.object o LEFT JOIN ledger.secret s ON s.kind = 'object' AND s.id = o.id WHERE o.id = %(object)s::uuid"""
_INSERT: Final = """
INSERT INTO ledger.object (id, key, size, cipher_size, profile, chunk, sha256, sm3, version_id, retain_until)
VALUES (%(id)s, %(key)s, %(size)s, %(cipher_size)s, %(profile)s, %(chunk)s, %(sha256)s, %(sm3)s, %(version_id)s,
  %(retain_until)s)"""
_INSERT_KEY: Final = "INSERT INTO ledger.secret (kind, id, value) VALUES (%(kind)s, %(id)s, %(value)s)"


def write(stored: StoredObject) -> list[Statement]:
    """What writes the rows of an object."""
    row = {
        "id": stored.object_id,
        "key": stored.key,
        "size": stored.size,
        "cipher_size": stored.cipher_size,
        "profile": stored.profile,
        "chunk": stored.chunk,
        "sha256": bytes.fromhex(stored.sha256),
        "sm3": bytes.fromhex(stored.sm3),
        "version_id": stored.version_id,
        "retain_until": stored.retain_until,
    }
    return [(_INSERT, row), (_INSERT_KEY, {"kind": KIND, "id": stored.object_id, "value": stored.wrapped_key})]


_COPY: Final = """
COPY ledger.object (id, key, size, cipher_size, profile, chunk, sha256, sm3, version_id, retain_until) FROM STDIN"""
_COPY_KEYS: Final = "COPY ledger.secret (kind, id, value) FROM STDIN"


def copy(db: Connection, objects: Sequence[StoredObject]) -> None:
    """Write the rows of many objects, by COPY.

    Raises:
        StorageFullError: the disk is full.
    """
    rows = (
        (
            *(each.object_id, each.key, each.size, each.cipher_size, each.profile, each.chunk),
            *(bytes.fromhex(each.sha256), bytes.fromhex(each.sm3), each.version_id, each.retain_until),
        )
        for each in objects
    )
    copy_rows(db, _COPY, map(copy_line, rows))
    copy_rows(db, _COPY_KEYS, (copy_line((KIND, each.object_id, each.wrapped_key)) for each in objects))


def read(object_id: str) -> Steps[StoredObject]:
    """Read the rows of an object.

    Raises:
        ObjectNotFoundError: there is none.
        ObjectErasedError: its key was destroyed.
    """
    rows = yield _LOOKUP, {"object": object_id}
    if not rows:
        raise ObjectNotFoundError(object=object_id)
    row = rows[0]
    if row[-1] is None:
        raise ObjectErasedError(object=object_id)
    object_id, key, version_id, size, cipher_size, sha256, sm3, profile, chunk, retain_until, wrapped_key = row
    return StoredObject(
        object_id,
        key,
        version_id,
        size,
        cipher_size,
        sha256.hex(),
        sm3.hex(),
        profile,
        chunk,
        retain_until,
        wrapped_key,
    )


def erase(db: Connection, object_id: str) -> bool:
    """Delete an object's key; whether there was one."""
    return bool(db.execute(delete(tables.secret).where(_SECRET.kind == KIND, _SECRET.id == object_id)).rowcount)
