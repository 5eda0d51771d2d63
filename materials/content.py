"""Whether a file is what it says it is: looked at while it passes, before it is acknowledged (RELIABILITY F2 to F4).

The list of types is closed. The declared type must be the one the bytes show; a file must have a proper start and a
proper end, so that one cut off on the way is refused at the counter and not found years later; and it must not be
another kind of file as well (a ZIP behind a PDF, HTML in front of it). What is inside is not interpreted: the reader of
a file is protected by how it is served (`nosniff`, attachment), not by this module alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import puremagic

from materials import structure
from materials.errors import ContentTypeMismatchError, ContentTypeNotAllowedError, ContentUnsafeError, EmptyFileError
from materials.marks import Kind, PlainText, Xml, sniff

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

HEAD: Final = 64 * 1024
"""Bytes at the start that are kept to look at."""

TAIL: Final = 1024 * 1024
"""Bytes at the end that are kept to look at: room for the directory of a ZIP of 10,000 members."""

MEDIA_TYPES: Final[dict[str, Kind]] = {
    "application/pdf": Kind.PDF,
    "application/ofd": Kind.OFD,
    "image/jpeg": Kind.JPEG,
    "image/png": Kind.PNG,
    "image/tiff": Kind.TIFF,
    "image/bmp": Kind.BMP,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Kind.XLSX,
    "application/xml": Kind.XML,
    "text/plain": Kind.TEXT,
    "image/vnd.dwg": Kind.DWG,
    "image/vnd.dxf": Kind.DXF,
}
"""Every type that may ever be deposited; a material type's own list is a part of it."""

_ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "text/xml": "application/xml",
    "application/vnd.ofd": "application/ofd",
    "application/acad": "image/vnd.dwg",
    "application/x-dwg": "image/vnd.dwg",
    "image/x-dwg": "image/vnd.dwg",
    "application/dxf": "image/vnd.dxf",
    "application/x-dxf": "image/vnd.dxf",
    "image/x-dxf": "image/vnd.dxf",
}
_ACTIVE: Final = re.compile(rb"<(?:script|html|!doctype\s+html|\?php|svg)[\s>/]", re.IGNORECASE)
_SNIFFED: Final = 1024
"""How far browsers and PDF readers look for a start (WHATWG MIME Sniffing 5; ISO 32000-1 annex H.3, note 13)."""

_ENDS: Final[dict[Kind, Callable[[bytes, bytes, int], None]]] = {
    Kind.PDF: structure.pdf,
    Kind.JPEG: structure.jpeg,
    Kind.PNG: structure.png,
    Kind.TIFF: structure.tiff,
    Kind.BMP: structure.bmp,
    Kind.DWG: structure.dwg,
    Kind.DXF: structure.dxf,
}


class Inspector:
    """Looks at one file as it passes; implements `ledger.ports.Inspector`.

    Args:
        declared: the media type the depositor states; parameters after `;` are not looked at.
        allowed: the media types the material type takes.

    Raises:
        ContentTypeNotAllowedError: the declared type is not among them.
    """

    def __init__(self, declared: str, allowed: Collection[str]) -> None:
        named = declared.partition(";")[0].strip().lower()
        self.media_type = _ALIASES.get(named, named)
        if self.media_type not in MEDIA_TYPES or self.media_type not in allowed:
            raise ContentTypeNotAllowedError(
                declared=self.media_type if self.media_type in MEDIA_TYPES else "malformed"
            )
        self._kind = MEDIA_TYPES[self.media_type]
        self._reader: Xml | PlainText | None = None
        if self._kind is Kind.XML:
            self._reader = Xml()
        elif self._kind is Kind.TEXT:
            self._reader = PlainText()
        self._head = b""
        self._tail = b""
        self._size = 0
        self._begun = False

    def feed(self, piece: bytes, /) -> None:
        """Take in the next bytes.

        Raises:
            ContentTypeMismatchError: the content is of another type.
            ContentUnsafeError: the content is of another type as well, or made to harm.
        """
        self._size += len(piece)
        if not self._begun:
            self._head += piece[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                self._begin()
        self._tail = piece[-TAIL:] if len(piece) >= TAIL else (self._tail + piece)[-TAIL:]
        if self._reader is not None:
            self._reader.feed(piece)

    def finish(self) -> None:
        """Look at the end.

        Raises:
            EmptyFileError: there were no bytes.
            FileTruncatedError: the end is missing.
            ContentTypeMismatchError: the content is of another type.
            ContentUnsafeError: the content is of another type as well, or made to harm.
        """
        if not self._size:
            raise EmptyFileError
        if not self._begun:
            self._begin()
        if self._kind in structure.PACKAGES:
            found = structure.package(self._tail, self._size)
            if found is not self._kind:
                raise ContentTypeMismatchError(declared=self._kind.value, detected=found.value)
            return
        if self._kind in _ENDS:
            _ENDS[self._kind](self._head, self._tail, self._size)
        if self._reader is not None:
            self._reader.finish()
        if structure.holds_zip(self._tail, self._size):
            raise ContentUnsafeError(type=self._kind.value, reason="a ZIP archive at the end")

    def _begin(self) -> None:
        self._begun = True
        start = self._head[:_SNIFFED]
        found = sniff(self._head)
        expected = Kind.ZIP if self._kind in structure.PACKAGES else self._kind
        if found is not expected:
            if self._kind is Kind.PDF and b"%PDF-" in start:
                raise ContentUnsafeError(type="pdf", reason="something in front of the PDF header")
            raise ContentTypeMismatchError(declared=self._kind.value, detected=_name(found, self._head))
        if b"%PDF-" in start[1:]:
            raise ContentUnsafeError(type=self._kind.value, reason="a PDF header near the start")
        if self._kind is not Kind.XML and _ACTIVE.search(start):
            raise ContentUnsafeError(type=self._kind.value, reason="HTML or script near the start")


def _name(found: Kind, head: bytes) -> str:
    """What to call a type that is not one of ours; puremagic knows some hundred."""
    if found is not Kind.OTHER:
        return found.value
    try:
        return puremagic.from_string(head, mime=True) or found.value
    except (puremagic.PureError, ValueError):
        return found.value
