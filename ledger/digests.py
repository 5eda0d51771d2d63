"""Digests of a document's plaintext: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016), both always computed.

SM3 costs five to six times SHA-256 even in OpenSSL (PERFORMANCE 2), so it runs beside everything else: `hashlib` gives
up the interpreter lock for buffers over 2 KiB, and a thread of its own digests while the caller encrypts and S3 writes.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

DIGEST_SIZE: Final = 32
"""Bytes of a SHA-256 or SM3 digest."""

_INLINE: Final = 16 * 1024
"""Below this many bytes handing the buffer to a thread costs more than SM3 itself (about 60 us)."""


class Hasher(Protocol):
    """What the digest objects of `hashlib` and ours have in common."""

    def update(self, data: bytes, /) -> None:
        """Take in the next bytes."""

    def digest(self) -> bytes:
        """The digest of everything taken in."""
        ...


@dataclass(frozen=True, slots=True)
class Digests:
    """Both digests of one document, 32 bytes each."""

    sha256: bytes
    sm3: bytes


class _PyCaSm3:
    """SM3 where Python's own OpenSSL was built without it; holds the interpreter lock."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.copy().finalize()


def sm3() -> Hasher:
    """A fresh SM3, in the fastest form this Python has."""
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3")
    return _PyCaSm3()


def digest(data: bytes) -> Digests:
    """Both digests of bytes that are at hand."""
    hasher = sm3()
    hasher.update(data)
    return Digests(hashlib.sha256(data).digest(), hasher.digest())


def side_threads() -> Executor:
    """Threads for SM3; two are enough, as two cores' worth of SM3 is more than any S3 server takes in."""
    return ThreadPoolExecutor(2, thread_name_prefix="sm3")


class StreamingDigests:
    """Both digests of a document that passes by in pieces; SM3 at most one piece behind, so memory stays flat.

    Args:
        side: where SM3 runs.
    """

    def __init__(self, side: Executor) -> None:
        self._side = side
        self._sha256 = hashlib.sha256()
        self._sm3 = sm3()
        self._behind: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """Take in the next piece; it must not change afterwards."""
        self._catch_up()
        if len(piece) < _INLINE:
            self._sm3.update(piece)
        else:
            self._behind = self._side.submit(self._sm3.update, piece)
        self._sha256.update(piece)

    def finish(self) -> Digests:
        """Both digests; waits for SM3. More pieces may follow."""
        self._catch_up()
        return Digests(self._sha256.digest(), self._sm3.digest())

    def _catch_up(self) -> None:
        if self._behind is not None:
            self._behind.result()
            self._behind = None


class PartedMd5:
    """The ETag an S3 server gives to what we send: MD5 of one PUT, or MD5 of the parts' MD5s with their number.

    `x-amz-content-sha256` is not verified by every server (LIBRARIES, SeaweedFS), the ETag is computed over what the
    server received: comparing it is the proof that the ciphertext arrived whole. MD5 guards against accident only; the
    AEAD guards against people.

    Args:
        part_size: bytes per part of a multipart upload.
    """

    def __init__(self, part_size: int) -> None:
        self._part_size = part_size
        self._parts: list[bytes] = []
        self._part = hashlib.md5(usedforsecurity=False)
        self._filled = 0
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take in the next bytes sent."""
        view = memoryview(data)
        self.size += len(view)
        while view:
            if self._filled == self._part_size:
                self._close_part()
            taken = view[: self._part_size - self._filled]
            self._part.update(taken)
            self._filled += len(taken)
            view = view[len(taken) :]

    def etag(self) -> str:
        """The expected ETag without quotes. A single part was one PUT, not a multipart upload; nothing may follow."""
        if not self._parts:
            return self._part.hexdigest()
        self._close_part()
        whole = hashlib.md5(b"".join(self._parts), usedforsecurity=False)
        return f"{whole.hexdigest()}-{len(self._parts)}"

    def _close_part(self) -> None:
        self._parts.append(self._part.digest())
        self._part = hashlib.md5(usedforsecurity=False)
        self._filled = 0
