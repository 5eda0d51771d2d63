"""A deposit's body read as a stream: `multipart/form-data` (RFC 7578) with `metadata` first and `file` second.

Frameworks spool the whole body to disk before a route runs. Here the thread that stores the file pulls the body chunk
by chunk, so memory stays flat, nothing is written twice, and a bad `metadata` part is refused before the file is sent.
"""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from api.errors import BodyTooLargeError, MalformedRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_METADATA: Final = 64 * 1024
MAX_BOUNDARY: Final = 70
"""RFC 2046, 5.1.1."""


class DepositBody:
    """The two parts of a deposit.

    Args:
        pull: returns the next bytes of the body, empty at its end.
        content_type: the request's Content-Type with its boundary.
        max_file: largest file in bytes.

    Raises:
        MalformedRequestError: no boundary.
    """

    def __init__(self, pull: Callable[[], bytes], content_type: str, *, max_file: int) -> None:
        header = Message()
        header["content-type"] = content_type
        boundary = header.get_param("boundary")
        if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
            raise MalformedRequestError(expected="multipart/form-data with a boundary")
        if not (0 < len(boundary) <= MAX_BOUNDARY and boundary.isascii()):
            raise MalformedRequestError(expected=f"a boundary of 1 to {MAX_BOUNDARY} ASCII characters")
        self._pull = pull
        self._max_file = max_file
        self._parser = MultipartParser(
            boundary.encode(),
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )
        self._name = self._field = self._value = b""
        self._headers: dict[str, str] = {}
        self._metadata = bytearray()
        self._file = bytearray()
        self._seen: list[str] = []
        self._in_file = self._finished = False
        self._received = 0
        self.file_name = ""
        self.content_type = ""

    def metadata(self) -> bytes:
        """The bytes of the `metadata` part; the body is read no further than the file's headers.

        Raises:
            MalformedRequestError: the parts are not `metadata` then `file`, or the body is not multipart.
            BodyTooLargeError: the part is over 64 KiB.
        """
        while not self._in_file:
            self._advance()
        return bytes(self._metadata)

    def read(self, size: int) -> bytes:
        """The next `size` bytes of the file, fewer only at its end.

        Raises:
            MalformedRequestError: the body ends before its last boundary.
            BodyTooLargeError: the file is over the limit.
        """
        while len(self._file) < size and not self._finished:
            self._advance()
        head = bytes(self._file[:size])
        del self._file[:size]
        return head

    def _advance(self) -> None:
        chunk = self._pull()
        if not chunk:
            raise MalformedRequestError(expected="a closing boundary", part=(self._seen or ["none"])[-1])
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise MalformedRequestError(expected="multipart/form-data") from error

    def _part_begin(self) -> None:
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        try:
            self._headers[self._field.decode("ascii").lower()] = self._value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedRequestError(expected="part headers in UTF-8") from error
        self._field = self._value = b""

    def _headers_finished(self) -> None:
        disposition = Message()
        disposition["content-disposition"] = self._headers.get("content-disposition", "")
        name = disposition.get_param("name", header="content-disposition")
        expected = ["metadata", "file"][len(self._seen) :][:1]
        if [name] != expected:
            raise MalformedRequestError(expected="part `metadata`, then part `file`, nothing else")
        self._seen.append(str(name))
        if name == "file":
            self._in_file = True
            self.file_name = disposition.get_filename("")
            self.content_type = self._headers.get("content-type", "")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file:
            self._metadata += data[start:end]
            if len(self._metadata) > MAX_METADATA:
                raise BodyTooLargeError(part="metadata", limit=MAX_METADATA)
            return
        self._received += end - start
        if self._received > self._max_file:
            raise BodyTooLargeError(part="file", limit=self._max_file)
        self._file += memoryview(data)[start:end]

    def _part_end(self) -> None:
        pass  # the next part's headers, or the end, decide

    def _end(self) -> None:
        if self._seen != ["metadata", "file"]:
            raise MalformedRequestError(expected="part `metadata`, then part `file`")
        self._finished = True
