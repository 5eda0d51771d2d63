"""Documents read and hashed again: a flipped byte in S3, a lost object and a changed row are each named."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from minio import Minio
from sqlalchemy import text

from ledger import objectcheck
from ledger.db import Database
from ledger.objectrows import StoredObject
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.steps import execute, together
from tests.conftest import Bucket


def store_of(s3: Bucket) -> ObjectStore:
    return ObjectStore(
        S3Settings(s3.endpoint, s3.access_key, s3.secret_key, s3.region, s3.bucket),
        KeyRing(b"k" * 32),
        profile=Profile.INTL,
    )


def put(database: Database, objects: ObjectStore, content: bytes) -> StoredObject:
    stored = objects.put(io.BytesIO(content), retain_until=datetime.now(UTC) + timedelta(minutes=1))
    with database.unit() as db:
        execute(db, together(*objects.record(stored)))
    return stored


class TestCheck:
    def test_names_what_is_damaged_and_nothing_else(self, database: Database, s3: Bucket) -> None:
        objects = store_of(s3)
        whole, flipped, altered, erased = (put(database, objects, bytes([number]) * 70_000) for number in range(4))
        client = Minio(s3.endpoint, s3.access_key, s3.secret_key, secure=False, region=s3.region)
        answer = client.get_object(s3.bucket, flipped.key)
        data = bytearray(answer.read())
        answer.close()
        answer.release_conn()
        data[30_000] ^= 1
        result = client.put_object(s3.bucket, flipped.key, io.BytesIO(bytes(data)), len(data))
        with database.unit() as db:
            db.execute(
                text("update ledger.object set version_id = :v where id = :id"),
                {"v": result.version_id, "id": flipped.object_id},
            )
            db.execute(
                text("update ledger.object set sha256 = :d where id = :id"), {"d": b"\0" * 32, "id": altered.object_id}
            )
            objects.erase(db, erased.object_id)
        assert sorted(objectcheck.check(database, objects)) == sorted(
            [f"object-damaged: object {flipped.object_id}", f"object-digest: object {altered.object_id}"]
        )
        assert whole.object_id
        objects.close()
