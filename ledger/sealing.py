"""Documents as sealed chunks: authenticated encryption that a byte range can be read from (DESIGN 4.1).

Form `v1`, which has no header: what is needed to open lies in the database. The plaintext is cut into chunks of 64 KiB,
the last one shorter; each becomes ciphertext and a 16 byte tag. This is the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizar, CRYPTO 2015), as in Tink and age:

* key: one per object, random, 256 bits (`intl`: AES-256-GCM, NIST SP 800-38D) or 128 bits (`gm`: SM4, GB/T 32907-2016,
  in GCM mode as in RFC 8998);
* nonce, 96 bits: a random prefix of 56, the chunk's number in 32, and 8 that are 1 for the last chunk only;
* associated data: form, profile and object id.

So a flipped bit, chunks swapped or left out, a lost tail, a tail of another object or an object under another's id all
fail. Plaintext leaves only after its chunk's tag was checked.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from ledger.errors import ObjectDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK: Final = 64 * 1024
"""Plaintext bytes per chunk of newly sealed objects; the row of an object says what it was sealed with."""

TAG: Final = 16
"""Bytes of a GCM tag."""

_PREFIX: Final = 7
_MOST_CHUNKS: Final = 2**32


class Profile(StrEnum):
    """The cryptography of a node: international or national (国密) algorithms."""

    INTL = "intl"
    GM = "gm"

    @property
    def key_size(self) -> int:
        """Bytes of a data key."""
        return 32 if self is Profile.INTL else 16


@dataclass(frozen=True, slots=True)
class DataKey:
    """What one object is sealed with; never shown, never stored unwrapped.

    Attributes:
        profile: the algorithms.
        key: 32 (`intl`) or 16 (`gm`) bytes.
        prefix: first 7 bytes of every nonce.
    """

    profile: Profile
    key: bytes = field(repr=False)
    prefix: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse lengths that do not fit the profile."""
        if len(self.key) != self.profile.key_size or len(self.prefix) != _PREFIX:
            msg = "a data key of the wrong length"
            raise ValueError(msg)

    @classmethod
    def fresh(cls, profile: Profile) -> DataKey:
        """A random key for one object."""
        return cls(profile, secrets.token_bytes(profile.key_size), secrets.token_bytes(_PREFIX))

    def to_bytes(self) -> bytes:
        """Key and prefix, to be wrapped."""
        return self.key + self.prefix

    @classmethod
    def from_bytes(cls, profile: Profile, held: bytes) -> DataKey:
        """Read `to_bytes` back.

        Raises:
            ValueError: the length does not fit the profile.
        """
        return cls(profile, held[:-_PREFIX], held[-_PREFIX:])


class ChunkCipher:
    """Seals and opens the chunks of one object. Not for two threads at once.

    Args:
        key: the object's own key.
        object_id: UUID the chunks are bound to.
    """

    def __init__(self, key: DataKey, object_id: str) -> None:
        self._prefix = key.prefix
        self._bound = b"cailian/object/v1\0" + key.profile.value.encode() + b"\0" + uuid.UUID(object_id).bytes
        self._aes = AESGCM(key.key) if key.profile is Profile.INTL else None
        self._sm4 = SM4(key.key) if key.profile is Profile.GM else None

    def seal_into(self, number: int, plain: bytes | memoryview, out: memoryview, *, last: bool) -> None:
        """Seal one chunk into `out`, which is `TAG` bytes longer than `plain`."""
        nonce = self._nonce(number, last=last)
        if self._aes is not None:
            self._aes.encrypt_into(nonce, plain, self._bound, out)
            return
        encryptor = Cipher(self._sm4, modes.GCM(nonce)).encryptor()  # type: ignore[arg-type]
        encryptor.authenticate_additional_data(self._bound)
        encryptor.update_into(plain, out)
        encryptor.finalize()
        out[len(plain) :] = encryptor.tag

    def open_into(self, number: int, sealed: memoryview, out: memoryview, *, last: bool) -> None:
        """Check one chunk and write its plaintext to `out`, which is `TAG` bytes shorter than `sealed`.

        Raises:
            ObjectDamagedError: the chunk is not what was sealed at this place; `out` holds nothing to be used.
        """
        nonce = self._nonce(number, last=last)
        try:
            if self._aes is not None:
                self._aes.decrypt_into(nonce, sealed, self._bound, out)
                return
            tag = bytes(sealed[len(sealed) - TAG :])
            decryptor = Cipher(self._sm4, modes.GCM(nonce, tag)).decryptor()  # type: ignore[arg-type]
            decryptor.authenticate_additional_data(self._bound)
            out[:] = decryptor.update(sealed[: len(sealed) - TAG])
            decryptor.finalize()
        except InvalidTag:
            raise ObjectDamagedError(reason="chunk does not authenticate", chunk=number) from None

    def _nonce(self, number: int, *, last: bool) -> bytes:
        if number >= _MOST_CHUNKS:
            msg = "more chunks than the nonce can count"
            raise ValueError(msg)
        return self._prefix + number.to_bytes(4) + (b"\1" if last else b"\0")


class Sealer:
    """Seals a document that passes by in pieces of any size; holds back less than a piece and one chunk.

    Args:
        key: a fresh key, used for nothing else.
        object_id: UUID of the new object.
        chunk: plaintext bytes per chunk.
    """

    def __init__(self, key: DataKey, object_id: str, chunk: int = CHUNK) -> None:
        self._cipher = ChunkCipher(key, object_id)
        self._chunk = chunk
        self._held = b""
        self._number = 0
        self.size = 0

    def update(self, piece: bytes) -> bytearray:
        """Seal what is certainly not the last chunk.

        Args:
            piece: the next plaintext bytes.
        """
        self.size += len(piece)
        plain = self._held + piece if self._held else piece
        whole = max(len(plain) - 1, 0) // self._chunk
        sealed = self._seal(memoryview(plain)[: whole * self._chunk], last=False)
        self._held = plain[whole * self._chunk :]
        return sealed

    def finish(self) -> bytearray:
        """Seal the last chunk; nothing may follow."""
        sealed = self._seal(memoryview(self._held), last=True)
        self._held = b""
        return sealed

    def whole(self, document: bytes) -> bytearray:
        """Seal a document that is at hand in one pass, without holding anything back."""
        self.size = len(document)
        return self._seal(memoryview(document), last=True)

    def _seal(self, plain: memoryview, *, last: bool) -> bytearray:
        count = max(-(-len(plain) // self._chunk), 1 if last else 0)
        sealed = bytearray(len(plain) + TAG * count)
        out = memoryview(sealed)
        for index in range(count):
            part = plain[index * self._chunk : (index + 1) * self._chunk]
            start = index * (self._chunk + TAG)
            final = last and index == count - 1
            self._cipher.seal_into(self._number, part, out[start : start + len(part) + TAG], last=final)
            self._number += 1
        return sealed


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the chunks of an object of this size lie.

    Attributes:
        size: plaintext bytes.
        chunk: plaintext bytes per chunk.
    """

    size: int
    chunk: int = CHUNK

    @property
    def chunks(self) -> int:
        """Number of chunks; an empty document has one, so that its emptiness is authenticated."""
        return max(-(-self.size // self.chunk), 1)

    @property
    def sealed_size(self) -> int:
        """Ciphertext bytes."""
        return self.size + TAG * self.chunks

    def cover(self, start: int, end: int) -> Span:
        """The chunks that hold plaintext bytes `start` up to, not including, `end`.

        Raises:
            ValueError: not a range inside the document, or an empty one of a document that is not empty.
        """
        if not 0 <= start < end <= self.size and not start == end == self.size == 0:
            msg = f"range {start}..{end} of a document of {self.size} bytes"
            raise ValueError(msg)
        first, stop = start // self.chunk, max(-(-end // self.chunk), 1)
        step = self.chunk + TAG
        return Span(first, stop, first * step, min(stop * step, self.sealed_size))


@dataclass(frozen=True, slots=True)
class Span:
    """Chunks `first` up to, not including, `stop`, and the ciphertext bytes they occupy."""

    first: int
    stop: int
    sealed_start: int
    sealed_end: int


class Opener:
    """Opens ranges of one object.

    Args:
        key: the object's key.
        object_id: UUID the object was sealed for.
        layout: its size and chunk size.
    """

    def __init__(self, key: DataKey, object_id: str, layout: Layout) -> None:
        self._cipher = ChunkCipher(key, object_id)
        self.layout = layout

    def open_span(self, span: Span, sealed: bytes | memoryview) -> bytearray:
        """Check and decrypt the chunks of a span.

        Args:
            span: a part of what `Layout.cover` gave, or all of it.
            sealed: exactly its ciphertext.

        Raises:
            ObjectDamagedError: bytes are missing, added or changed.
        """
        if len(sealed) != span.sealed_end - span.sealed_start:
            raise ObjectDamagedError(reason="length", chunk=span.first)
        view, step = memoryview(sealed), self.layout.chunk + TAG
        count = span.stop - span.first
        plain = bytearray(len(view) - TAG * count)
        out = memoryview(plain)
        for index in range(count):
            number = span.first + index
            part = view[index * step : (index + 1) * step]
            start = index * self.layout.chunk
            final = number == self.layout.chunks - 1
            self._cipher.open_into(number, part, out[start : start + len(part) - TAG], last=final)
        return plain

    def groups(self, span: Span, most: int) -> Iterator[Span]:
        """Cut a span into spans of at most `most` chunks, in order."""
        step = self.layout.chunk + TAG
        for first in range(span.first, span.stop, most):
            stop = min(first + most, span.stop)
            yield Span(first, stop, first * step, min(stop * step, span.sealed_end))
