"""By what a file is recognised at its start, and the two types that have to be read as a whole: XML and plain text."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import Final
from xml.parsers import expat

from materials.errors import ContentTypeMismatchError, ContentUnsafeError, FileTruncatedError


class Kind(StrEnum):
    """Kinds of files: those that are taken, and a few that are told apart to say what was found instead."""

    PDF = "pdf"
    OFD = "ofd"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    BMP = "bmp"
    DOCX = "docx"
    XLSX = "xlsx"
    XML = "xml"
    TEXT = "text"
    DWG = "dwg"
    DXF = "dxf"
    ZIP = "zip"
    HTML = "html"
    SCRIPT = "script"
    OTHER = "unknown"


_MAGIC: Final = (
    (b"%PDF-", Kind.PDF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"PK\3\4", Kind.ZIP),
    (b"PK\5\6", Kind.ZIP),
    (b"AutoCAD Binary DXF\r\n\x1a\0", Kind.DXF),
)
_DWG: Final = re.compile(rb"AC10(09|12|14|15|18|21|24|27|32)\0")
"""AutoCAD releases 12 to 2018, the version mark of a DWG and the zero byte after it (Open Design Specification 3.1)."""

_DXF: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:999\r?\n[^\n]*\n\s*)*0\r?\n\s*SECTION\r?\n")
"""ASCII DXF begins with comments (group 999) or the group `0 SECTION`."""

_BMP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|script|head|body|iframe|svg)[\s>/]", re.IGNORECASE)
_SCRIPT: Final = re.compile(rb"(?:#!|<\?php|<%|@echo off|\{\\rtf|%!PS)", re.IGNORECASE)
_CONTROLS: Final = bytes(byte for byte in range(32) if byte not in b"\t\n\r\f") + b"\x7f"
_MOST_TEXT: Final = 64 * 1024 * 1024
_MOST_DEPTH: Final = 200


def sniff(head: bytes) -> Kind:
    """The kind of a file by its first bytes.

    Args:
        head: up to 64 KiB from the start.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if _DWG.match(head):
        return Kind.DWG
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return Kind.BMP
    if _DXF.match(head):
        return Kind.DXF
    return _textual(head)


def _textual(head: bytes) -> Kind:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if _HTML.match(start):
        return Kind.HTML
    if _SCRIPT.match(start):
        return Kind.SCRIPT
    if re.match(rb"<[?!A-Za-z_\x80-\xff]", start):
        return Kind.XML
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Kind.OTHER
    return Kind.OTHER if _has_controls(head) else Kind.TEXT


def _has_controls(data: bytes) -> bool:
    return len(data.translate(None, _CONTROLS)) != len(data)


class PlainText:
    """Reads text: UTF-8 throughout, without control characters, at most 64 MiB."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._size = 0

    def feed(self, piece: bytes) -> None:
        """Read the next bytes."""
        self._size += len(piece)
        if self._size > _MOST_TEXT:
            raise ContentUnsafeError(type="text", reason="longer than 64 MiB")
        self._decode(piece)
        if _has_controls(piece):
            raise ContentTypeMismatchError(declared="text", detected=Kind.OTHER.value)

    def finish(self) -> None:
        """Refuse half a character at the end."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise FileTruncatedError(type="text", missing="the rest of a character") from None

    def _decode(self, piece: bytes) -> None:
        try:
            self._decoder.decode(piece)
        except UnicodeDecodeError:
            raise ContentTypeMismatchError(declared="text", detected="text that is not UTF-8") from None


class Xml:
    """Reads XML: well formed, UTF-8, at most 64 MiB; nothing that makes a reader fetch, expand or run anything.

    A document type is refused as such: it is what entity bombs and external entities need (CWE-776, CWE-611).
    """

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._depth = 0
        self._size = 0

    def feed(self, piece: bytes) -> None:
        """Read the next bytes."""
        self._size += len(piece)
        if self._size > _MOST_TEXT:
            raise ContentUnsafeError(type="xml", reason="longer than 64 MiB")
        self._parse(piece, final=False)

    def finish(self) -> None:
        """Refuse elements that are still open."""
        self._parse(b"", final=True)

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(piece, final)
        except expat.ExpatError as error:
            if final:
                raise FileTruncatedError(type="xml", missing="the end of the root element") from error
            raise ContentTypeMismatchError(declared="xml", detected="text that is not well-formed XML") from error

    def _doctype(self, *_: object) -> None:
        raise ContentUnsafeError(type="xml", reason="a document type")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise ContentTypeMismatchError(declared="xml", detected="XML that is not UTF-8")

    def _instruction(self, target: str, _data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise ContentUnsafeError(type="xml", reason="a style sheet")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if not self._depth and name.rpartition(":")[2].lower() in {"html", "svg"}:
            raise ContentTypeMismatchError(declared="xml", detected=name.rpartition(":")[2].lower())
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise ContentUnsafeError(type="xml", reason="nested too deep")

    def _end(self, _name: str) -> None:
        self._depth -= 1
