"""Rows of stored objects: the queries behind `ledger.objects`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, delete, insert, select

from ledger import tables
from ledger.errors import ObjectErasedError, ObjectNotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

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


_OBJECT: Final = tables.object_.c
_SECRET: Final = tables.secret.c
_LOOKUP: Final = (
    select(tables.object_, _SECRET.value)
    .select_from(
        tables.object_.outerjoin(tables.secret, and_(_SECRET.kind == KIND, _SECRET.id == _OBJECT.id)),
    )
    .where(_OBJECT.id == bindparam("object_id"))
)
_INSERT: Final = insert(tables.object_)
_INSERT_SECRET: Final = insert(tables.secret)


def write(db: Connection, stored: StoredObject) -> None:
    """Write the rows of an object."""
    db.execute(
        _INSERT,
        {
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
        },
    )
    db.execute(_INSERT_SECRET, {"kind": KIND, "id": stored.object_id, "value": stored.wrapped_key})


def read(db: Connection, object_id: str) -> StoredObject:
    """Read the rows of an object.

    Raises:
        ObjectNotFoundError: there is none.
        ObjectErasedError: its key was destroyed.
    """
    row = db.execute(_LOOKUP, {"object_id": object_id}).one_or_none()
    if row is None:
        raise ObjectNotFoundError(object=object_id)
    if row.value is None:
        raise ObjectErasedError(object=object_id)
    return StoredObject(
        object_id=row.id,
        key=row.key,
        version_id=row.version_id,
        size=row.size,
        cipher_size=row.cipher_size,
        sha256=row.sha256.hex(),
        sm3=row.sm3.hex(),
        profile=row.profile,
        chunk=row.chunk,
        retain_until=row.retain_until,
        wrapped_key=row.value,
    )


def erase(db: Connection, object_id: str) -> bool:
    """Delete an object's key; whether there was one."""
    return bool(db.execute(delete(tables.secret).where(_SECRET.kind == KIND, _SECRET.id == object_id)).rowcount)
