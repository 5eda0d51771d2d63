"""The object store: documents sealed in S3 (DESIGN 4.1), one implementation for every S3 server.

A deposit is put first and recorded afterwards: `put` outside any unit of work, `record` inside the caller's. A crash in
between leaves a locked object without a row and without a key, which nobody can read and the orphan sweep removes when
its lock ends. The node trusts S3 to keep bytes and nothing else: what comes back is authenticated chunk by chunk.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import md5
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

from minio.commonconfig import GOVERNANCE
from minio.retention import Retention

from ledger import digests, objectrows, s3
from ledger.db import outside_any_unit
from ledger.errors import LedgerError, ObjectDamagedError, ObjectStoreUnavailableError, StorageFullError
from ledger.ids import new_id
from ledger.objectrows import StoredObject
from ledger.reader import SealedReader
from ledger.relay import Relay, RelayBrokenError
from ledger.sealing import CHUNK, DataKey, Profile, Sealer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import BinaryIO

    from minio.helpers import ObjectWriteResult
    from sqlalchemy import Connection
    from urllib3 import BaseHTTPResponse

    from ledger.ports import Inspector, Source
    from ledger.s3 import S3Settings
    from ledger.secrets import KeyRing
    from ledger.steps import Statement, Steps

__all__ = ["ObjectStore", "SealedReader", "StoredObject"]

SMALL: Final = 8 * 1024 * 1024
"""Up to this many bytes a document is read and inspected whole before anything is sent."""

PART: Final = 8 * 1024 * 1024
"""Bytes per part of a multipart upload: 1 GiB grows memory by about five parts."""

_ONE_PUT: Final = 2 * SMALL
"""Part size that makes the SDK send a small document in one PUT; its own default would split above 5 MiB."""

_PROBE_SECONDS: Final = 2.0
"""How long S3 may take to say that it is there; who asks wants to know soon."""

_PIECE: Final = 1024 * 1024
"""Bytes read from a large document at a time: long enough that threads spend it outside the interpreter lock."""


class ObjectStore:
    """Documents of one node in one bucket with Object Lock.

    Args:
        settings: where S3 is.
        keys: wraps the data keys.
        profile: the node's cryptography for new documents; either kind is read.
        threads: how many threads will use the store at once.
        is_full: asked before and while a document is stored, so that the last room is left to those who cannot do
            without (SeaweedFS's directory of files refuses everything after one write without room, until it is
            restarted), and when S3 fails without saying why. Whoever can see the disk says it here.
    """

    def __init__(
        self,
        settings: S3Settings,
        keys: KeyRing,
        *,
        profile: Profile,
        threads: int = 8,
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._bucket = settings.bucket
        self._client = s3.connect(settings, threads)
        self._probe = s3.connect(replace(settings, connect_timeout=_PROBE_SECONDS, read_timeout=_PROBE_SECONDS), 1)
        self._keys = keys
        self._profile = profile
        self._is_full = is_full
        self._side = digests.side_threads()

    def close(self) -> None:
        """Stop the side threads."""
        self._side.shutdown()

    def is_reachable(self) -> bool:
        """Whether S3 answers for our bucket."""
        try:
            with s3.failures("HEAD bucket"):
                return bool(self._probe.bucket_exists(self._bucket))
        except LedgerError:
            return False

    def put(self, source: Source, *, retain_until: datetime, inspect: Inspector | None = None) -> StoredObject:
        """Store a document; nothing is recorded yet.

        Args:
            source: the document, read by this thread only.
            retain_until: end of the GOVERNANCE lock, set in the same request.
            inspect: sees every byte first; what it raises leaves nothing stored.

        Raises:
            StorageFullError: S3 has no room.
            ObjectStoreUnavailableError: S3 does not take it.
            ObjectDamagedError: S3 acknowledged other bytes than ours.
        """
        outside_any_unit("S3 PUT")
        head = _fill(source, SMALL + 1)
        if inspect is not None:
            inspect.feed(head)
        self._refuse_when_full()
        new = _New.fresh(self._profile, retain_until)
        if len(head) <= SMALL and inspect is not None:
            inspect.finish()
        try:
            if len(head) <= SMALL:
                return self._put_whole(head, new)
            return self._put_stream(head, source, new, inspect)
        except ObjectStoreUnavailableError as error:
            if self._is_full():
                raise StorageFullError(part="object store") from error
            raise

    @staticmethod
    def record(stored: StoredObject) -> list[Statement]:
        """What writes the rows of an object that was put; without them nobody can ever open it."""
        return objectrows.write(stored)

    @staticmethod
    def lookup(object_id: str) -> Steps[StoredObject]:
        """What is known about an object.

        Raises:
            ObjectNotFoundError: there is none.
            ObjectErasedError: its key was destroyed.
        """
        return objectrows.read(object_id)

    def open(self, stored: StoredObject) -> SealedReader:
        """A reader of an object; nothing is asked of S3 yet.

        Raises:
            SecretUnreadableError: the node cannot unwrap the object's key.
            ObjectDamagedError: the object's row contradicts its key or itself.
        """
        key = self._keys.unwrap(objectrows.KIND, stored.object_id, stored.wrapped_key)
        return SealedReader(self, stored, key)

    def erase(self, db: Connection, object_id: str) -> bool:
        """Destroy an object's key, so that its content is gone wherever its ciphertext still lies.

        Returns:
            Whether there was a key to destroy.
        """
        return objectrows.erase(db, object_id)

    def held_size(self, key: str, version_id: str) -> int:
        """Bytes S3 holds under a key, for `fsck`.

        Raises:
            ObjectMissingError: none.
            ObjectStoreUnavailableError: S3 does not answer.
        """
        outside_any_unit("S3 HEAD")
        with s3.failures("head"):
            return int(self._client.stat_object(self._bucket, key, version_id=version_id or None).size or 0)

    def ask(self, stored: StoredObject, start: int, end: int) -> BaseHTTPResponse:
        """Ask S3 for ciphertext bytes `start` up to `end`; the body is not read yet and must be closed."""
        outside_any_unit("S3 GET")
        whole = start == 0 and end == stored.cipher_size
        with s3.failures("get"):
            response = self._client.get_object(
                self._bucket,
                stored.key,
                offset=0 if whole else start,
                length=0 if whole else end - start,
                version_id=stored.version_id or None,
            )
        if response.headers.get("Content-Length") != str(end - start):
            response.close()
            raise ObjectDamagedError(object=stored.object_id, reason="length")
        return response

    # Storing

    def _refuse_when_full(self) -> None:
        if self._is_full():
            raise StorageFullError(part="object store")

    def _put_whole(self, document: bytes, new: _New) -> StoredObject:
        """One PUT; SM3 runs in its own thread while S3 writes."""
        summed = self._side.submit(digests.digest, document)
        sealed = bytes(Sealer(new.data_key, new.object_id).whole(document))
        expected = md5(sealed, usedforsecurity=False).hexdigest()
        with s3.failures("put"):
            written = self._client.put_object(
                self._bucket, new.key, BytesIO(sealed), len(sealed), part_size=_ONE_PUT, retention=new.retention
            )
        return self._stored(new, _Sent(written, expected, len(sealed)), len(document), summed.result())

    def _put_stream(self, head: bytes, source: Source, new: _New, inspect: Inspector | None) -> StoredObject:
        """A multipart upload that runs beside reading, inspecting, digesting and sealing."""
        sealer, summed = Sealer(new.data_key, new.object_id), digests.StreamingDigests(self._side)
        upload = _Upload(self, new)
        try:
            piece = head
            while piece:
                self._refuse_when_full()
                summed.update(piece)
                upload.relay.write(sealer.update(piece))
                piece = _fill(source, _PIECE)
                if piece and inspect is not None:
                    inspect.feed(piece)
            if inspect is not None:
                inspect.finish()
            upload.relay.write(sealer.finish())
        except BaseException as error:
            upload.abandon()
            if isinstance(error, RelayBrokenError):
                upload.result()
            raise
        upload.relay.end()
        return self._stored(new, upload.result(), sealer.size, summed.finish())

    def send_parts(self, new: _New, relay: Relay) -> _Sent:
        """Upload what comes through a relay."""
        summed = _Summed(relay)
        try:
            with s3.failures("put"):
                written = self._client.put_object(
                    self._bucket,
                    new.key,
                    cast("BinaryIO", summed),
                    -1,
                    part_size=PART,
                    num_parallel_uploads=1,  # the SDK's own threads outlive an upload that fails
                    retention=new.retention,
                )
        finally:
            relay.breakdown()
        return _Sent(written, summed.md5.etag(), summed.md5.size)

    def _stored(self, new: _New, sent: _Sent, size: int, summed: digests.Digests) -> StoredObject:
        if sent.written.etag != sent.expected_etag:
            raise ObjectDamagedError(object=new.object_id, reason="ETag of what S3 stored")
        return StoredObject(
            object_id=new.object_id,
            key=new.key,
            version_id=sent.written.version_id or "",
            size=size,
            cipher_size=sent.cipher_size,
            sha256=summed.sha256.hex(),
            sm3=summed.sm3.hex(),
            profile=new.data_key.profile.value,
            chunk=CHUNK,
            retain_until=new.retention.retain_until_date,
            wrapped_key=self._keys.wrap(objectrows.KIND, new.object_id, new.data_key),
        )


class _Summed:
    """What the SDK reads from: the relay, with the MD5 the server's ETag is compared to."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self.md5 = digests.PartedMd5(PART)

    def read(self, size: int) -> bytes:
        data = self._relay.read(size)
        self.md5.update(data)
        return data


@dataclass(frozen=True, slots=True)
class _New:
    """An object about to be made. Its S3 key is random, so no PUT ever meets another, and spread over 256 folders."""

    object_id: str
    key: str
    data_key: DataKey
    retention: Retention

    @classmethod
    def fresh(cls, profile: Profile, retain_until: datetime) -> _New:
        name = secrets.token_hex(16)
        return cls(new_id(), f"{name[:2]}/{name}", DataKey.fresh(profile), Retention(GOVERNANCE, retain_until))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What S3 answered to an upload, the ETag it had to answer, and the bytes that were sent."""

    written: ObjectWriteResult
    expected_etag: str
    cipher_size: int


class _Upload:
    """One multipart upload in a thread of its own."""

    def __init__(self, store: ObjectStore, new: _New) -> None:
        self.relay = Relay(PART)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="upload")
        self._sent = self._thread.submit(store.send_parts, new, self.relay)

    def result(self) -> _Sent:
        """Wait for S3's answer."""
        try:
            return self._sent.result()
        finally:
            self._thread.shutdown()

    def abandon(self) -> None:
        """Let the SDK abort the upload and wait until it has: nothing is stored, no part stays behind."""
        self.relay.breakdown()
        with suppress(LedgerError, RelayBrokenError):
            self.result()


def _fill(source: Source, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end of the source."""
    first = source.read(size)
    if not first or len(first) == size:
        return first
    filled = bytearray(first)
    while len(filled) < size:
        piece = source.read(size - len(filled))
        if not piece:
            break
        filled += piece
    return bytes(filled)
