"""Reading of sealed documents: ranges from S3, every chunk checked before any of its bytes is given on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger import s3
from ledger.db import outside_any_unit
from ledger.errors import ObjectDamagedError, ObjectStoreUnavailableError
from ledger.sealing import DataKey, Layout, Opener

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from urllib3 import BaseHTTPResponse

    from ledger.objectrows import StoredObject
    from ledger.objects import ObjectStore
    from ledger.sealing import Span

_GROUP: Final = 8
"""Chunks read from S3 and given on at a time: 512 KiB."""

_READ_ATTEMPTS: Final = 3
"""How often one range is asked for while S3 does not answer; reads only, they change nothing."""


class SealedReader:
    """Reads one object; made by `ObjectStore.open`.

    Args:
        store: where it lies.
        stored: its row.
        key: its data key.
    """

    def __init__(self, store: ObjectStore, stored: StoredObject, key: DataKey) -> None:
        self._store = store
        self.stored = stored
        if stored.chunk < 1 or stored.size < 0:
            raise ObjectDamagedError(object=stored.object_id, reason="row")
        layout = Layout(stored.size, stored.chunk)
        if key.profile.value != stored.profile or layout.sealed_size != stored.cipher_size:
            raise ObjectDamagedError(object=stored.object_id, reason="row")
        self._opener = Opener(key, stored.object_id, layout)

    def range(self, start: int, end: int) -> Iterator[bytes]:
        """Plaintext bytes `start` up to, not including, `end`, in pieces of at most 512 KiB.

        Nothing is yielded before its chunk was checked: ask for the first piece before answering 200. Closing the
        generator closes the connection to S3. A connection that breaks is asked for again from the next chunk.

        Raises:
            ValueError: not a range of the document.
            ObjectMissingError: S3 has lost the object.
            ObjectDamagedError: S3 answered other bytes than were sealed.
            ObjectStoreUnavailableError: S3 does not answer.
        """
        outside_any_unit("S3 GET")
        return self._pieces(self._opener.layout.cover(start, end), start, end)

    def read_all(self) -> bytearray:
        """The whole document at once, for small ones: costs its size twice in memory.

        Raises:
            ObjectMissingError, ObjectDamagedError, ObjectStoreUnavailableError: as `range`.
        """
        span = self._opener.layout.cover(0, self.stored.size)
        with _Sealed(self._store, self.stored, span.sealed_end) as sealed:
            return self._opener.open_span(span, sealed.take(span))

    def _pieces(self, span: Span, start: int, end: int) -> Iterator[bytes]:
        chunk = self._opener.layout.chunk
        with _Sealed(self._store, self.stored, span.sealed_end) as sealed:
            for group in self._opener.groups(span, _GROUP):
                plain = self._opener.open_span(group, sealed.take(group))
                offset = group.first * chunk
                if offset < start or offset + len(plain) > end:
                    yield bytes(memoryview(plain)[max(start - offset, 0) : end - offset])
                else:
                    yield bytes(plain)


class _Sealed:
    """Ciphertext from S3 in order, up to `end`; asks again where a connection breaks."""

    def __init__(self, store: ObjectStore, stored: StoredObject, end: int) -> None:
        self._store = store
        self._stored = stored
        self._end = end
        self._response: BaseHTTPResponse | None = None
        self._attempts = _READ_ATTEMPTS

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def take(self, span: Span) -> bytes:
        """The ciphertext of the next span."""
        while True:
            try:
                return self._read(span)
            except ObjectStoreUnavailableError as error:
                if error.fields.get("reason") == "timeout":  # it hangs: the caller has waited long enough
                    raise
                self._attempts -= 1
                self._hang_up()
                if not self._attempts:
                    raise

    def _read(self, span: Span) -> bytes:
        if self._response is None:
            self._response = self._store.ask(self._stored, span.sealed_start, self._end)
        wanted = span.sealed_end - span.sealed_start
        with s3.failures("get"):
            sealed = self._response.read(wanted, decode_content=False)
        if len(sealed) < wanted:  # the length was promised, so the line broke: not damage
            raise ObjectStoreUnavailableError(act="get", reason="cut off")
        return sealed

    def _hang_up(self) -> None:
        """Close the connection; one whose body was read to its end went back to the pool before and stays open."""
        if self._response is not None:
            self._response.close()
            self._response = None
