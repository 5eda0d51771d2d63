"""Structure of the file types that are taken: what their start promises and their end must keep.

Each function is given the first 64 KiB, the last 1 MiB and the size, and raises. None unpacks or decodes anything:
sizes and counts are read where the file states them, and lies are caught where two statements must agree.
"""

from __future__ import annotations

import re
import stat
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from materials.errors import ContentTypeMismatchError, ContentUnsafeError, FileTruncatedError
from materials.marks import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PIXELS: Final = 1_000_000_000
"""An A0 sheet at 600 dpi has 558 million; more is a flood (RELIABILITY F4)."""

PACKAGES: Final = frozenset({Kind.OFD, Kind.DOCX, Kind.XLSX})
"""Types that are ZIP archives."""

_MOST_MEMBERS: Final = 10_000
_MOST_UNPACKED: Final = 2 * 1024**3
_MOST_RATIO: Final = 200
"""Office XML compresses to a tenth or twentieth; a bomb to a thousandth."""

_EOCD: Final = b"PK\5\6"
_EOCD_SIZE: Final = 22
_EOCD_REACH: Final = _EOCD_SIZE + 0xFFFF
_ENTRY: Final = struct.Struct("<4s6H3I5H2I")
_WITHIN: Final = 1024


def pdf(head: bytes, tail: bytes, size: int) -> None:
    """ISO 32000-1 7.5: header first, `startxref` and `%%EOF` last; nothing but white space after."""
    if not re.match(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n \t]", head):
        raise ContentTypeMismatchError(declared="pdf", detected="unknown version of PDF")
    last = tail.rfind(b"%%EOF")
    if last < 0 or b"startxref" not in tail[max(last - _WITHIN, 0) : last]:
        raise FileTruncatedError(type="pdf", missing="startxref and %%EOF")
    if tail[last + 5 :].strip(b"\r\n \t\0\x0c"):
        if len(tail) - last > _WITHIN or size < len(tail):
            raise ContentUnsafeError(type="pdf", reason="something after the end of the PDF")
        raise FileTruncatedError(type="pdf", missing="%%EOF of the last revision")


def jpeg(head: bytes, tail: bytes, size: int) -> None:
    """ITU-T T.81 annex B: SOI first, then a frame, EOI last. Some telephones add a trailer that ends in `SEFT`."""
    if not tail.rstrip(b"\0").endswith((b"\xff\xd9", b"SEFT")):
        raise FileTruncatedError(type="jpeg", missing="EOI")
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", head, position + 5)
            _bounded("jpeg", width, height or 1)
            return
        position += 2 + int.from_bytes(head[position + 2 : position + 4])
    if position + 9 <= len(head) or len(head) == size:  # not merely hidden behind a long profile or thumbnail
        raise ContentTypeMismatchError(declared="jpeg", detected="JPEG without a frame")


def png(head: bytes, tail: bytes, size: int) -> None:
    """ISO/IEC 15948 5.3, 11.2: IHDR first, an empty IEND last."""
    del size
    if head[8:16] != b"\0\0\0\x0dIHDR":
        raise ContentTypeMismatchError(declared="png", detected="PNG without IHDR")
    if not tail.endswith(b"\0\0\0\0IEND\xaeB`\x82"):
        raise FileTruncatedError(type="png", missing="IEND")
    _bounded("png", *struct.unpack_from(">II", head, 16))


def bmp(head: bytes, tail: bytes, size: int) -> None:
    """BITMAPFILEHEADER: states its own size."""
    del tail
    stated = int.from_bytes(head[2:6], "little")
    if stated > size:
        raise FileTruncatedError(type="bmp", missing=f"{stated - size} bytes")
    if stated < size:
        raise ContentUnsafeError(type="bmp", reason="something after the end of the image")
    old = int.from_bytes(head[14:18], "little") == 12
    width, height = struct.unpack_from("<HH" if old else "<ii", head, 18)
    _bounded("bmp", abs(width), abs(height))


def tiff(head: bytes, tail: bytes, size: int) -> None:
    """TIFF 6.0, section 2: the first directory and the strips or tiles it lists lie inside the file."""
    order = "<" if head[:2] == b"II" else ">"
    window = _Window(head, tail, size)
    try:
        (at,) = struct.unpack_from(order + "I", head, 4)
        if not 8 <= at < size - 6:
            raise FileTruncatedError(type="tiff", missing="the directory")
        entries = _directory(window, order, at)
        width, height = (next(iter(entries.get(tag, ())), 1) for tag in (256, 257))
    except struct.error:
        raise FileTruncatedError(type="tiff", missing="the directory") from None
    _bounded("tiff", width, height)
    for starts, counts in ((273, 279), (324, 325)):  # strips, tiles
        for start, count in zip(entries.get(starts, ()), entries.get(counts, ()), strict=False):
            if start + count > size:
                raise FileTruncatedError(type="tiff", missing="image data")


def dwg(head: bytes, tail: bytes, size: int) -> None:
    """A drawing has at least a file header; its inside is not published as a standard."""
    del head, tail
    if size < 1024:
        raise FileTruncatedError(type="dwg", missing="sections")


def dxf(head: bytes, tail: bytes, size: int) -> None:
    """AutoCAD DXF reference: the last group is `0 EOF`; text files hold no NUL."""
    del size
    if head.startswith(b"AutoCAD Binary DXF"):
        if not re.search(rb"\0\0?EOF\0\Z", tail):
            raise FileTruncatedError(type="dxf", missing="EOF group")
        return
    if b"\0" in head or b"\0" in tail:
        raise ContentTypeMismatchError(declared="dxf", detected="unknown")
    if not re.search(rb"\n\s*0\r?\n\s*EOF\s*\Z", tail[-_WITHIN:]):
        raise FileTruncatedError(type="dxf", missing="EOF group")


def package(tail: bytes, size: int) -> Kind:
    """Which package a ZIP archive is, by the members it must have; refuses archives made to harm.

    APPNOTE 6.3.10: end record last, central directory right before it, members right before that and from the first
    byte on, none over another; no ZIP64, encryption, links or other methods than stored and deflated.

    Raises:
        FileTruncatedError: no end record.
        ContentUnsafeError: the archive is no plain one.
    """
    end = _end_record(tail)
    if end is None:
        raise FileTruncatedError(type="zip", missing="end of central directory")
    directory_at = size - len(tail) + end.position - end.directory_size
    if end.is_zip64 or end.disks or end.directory_offset != directory_at:
        raise ContentUnsafeError(type="zip", reason="directory is not where the archive says")
    if end.directory_size > end.position or end.members > _MOST_MEMBERS:
        raise ContentUnsafeError(type="zip", reason="too many members")
    members = list(_members(tail[end.position - end.directory_size : end.position], end.members))
    _sound(members, directory_at, size)
    names = {member.name for member in members}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ContentUnsafeError(type="zip", reason="macros")
    if "OFD.xml" in names:
        return Kind.OFD
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return Kind.DOCX
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return Kind.XLSX
    return Kind.ZIP


def holds_zip(tail: bytes, size: int) -> bool:
    """Whether a ZIP reader would find an archive at the end of a file that should be none."""
    least = max(len(tail) - _EOCD_REACH - _WITHIN, 0)
    position = tail.rfind(_EOCD, least)
    while position >= 0:
        if len(tail) - position >= _EOCD_SIZE:
            (directory_size,) = struct.unpack_from("<I", tail, position + 12)
            start = position - directory_size
            if directory_size == 0 or tail[max(start, 0) :][:4] == b"PK\1\2" or (start < 0 and directory_size < size):
                return True
        position = tail.rfind(_EOCD, least, position)
    return False


# ZIP


@dataclass(frozen=True, slots=True)
class _End:
    position: int
    disks: int
    members: int
    directory_size: int
    directory_offset: int

    @property
    def is_zip64(self) -> bool:
        return self.members == 0xFFFF or self.directory_offset == 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    offset: int
    least: int
    unpacked: int


def _end_record(tail: bytes) -> _End | None:
    """The end record whose comment ends with the file, which is the only place a strict reader takes it from."""
    position = tail.rfind(_EOCD)
    while position >= 0:
        if len(tail) - position >= _EOCD_SIZE:
            disk, start, here, members, length, offset, comment = struct.unpack_from("<4H2IH", tail, position + 4)
            if position + _EOCD_SIZE + comment == len(tail):
                return _End(position, disk | start | (here ^ members), members, length, offset)
        position = tail.rfind(_EOCD, 0, position)
    return None


def _members(directory: bytes, count: int) -> Iterator[_Member]:
    position = 0
    for _ in range(count):
        if len(directory) - position < _ENTRY.size:
            raise ContentUnsafeError(type="zip", reason="directory is cut short")
        held = _ENTRY.unpack_from(directory, position)
        mark, made, flags, method, packed, unpacked = held[0], held[1], held[3], held[4], held[8], held[9]
        name_size, extra, comment, attributes, offset = held[10], held[11], held[12], held[15], held[16]
        if mark != b"PK\1\2":
            raise ContentUnsafeError(type="zip", reason="directory is broken")
        raw = directory[position + _ENTRY.size :][:name_size]
        if flags & 0x2041 or method not in {0, 8} or (made >> 8 == 3 and stat.S_ISLNK(attributes >> 16)):
            raise ContentUnsafeError(type="zip", reason="encrypted, linked or oddly packed member")
        if method == 0 and packed != unpacked:
            raise ContentUnsafeError(type="zip", reason="a member lies about its size")
        yield _Member(_safe_name(raw), offset, 30 + name_size + packed, unpacked)
        position += _ENTRY.size + name_size + extra + comment
    if position != len(directory):
        raise ContentUnsafeError(type="zip", reason="directory is longer than its members")


def _safe_name(raw: bytes) -> str:
    name = raw.decode("utf-8", "replace")
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or re.search(r"[\\\0-\x1f:]", name):
        raise ContentUnsafeError(type="zip", reason="a member's name leaves the archive")
    return name


def _sound(members: list[_Member], directory_at: int, size: int) -> None:
    if len({member.name.lower() for member in members}) != len(members):
        raise ContentUnsafeError(type="zip", reason="two members of one name")
    unpacked = sum(member.unpacked for member in members)
    if unpacked > min(_MOST_UNPACKED, _MOST_RATIO * size):
        raise ContentUnsafeError(type="zip", reason="unpacks to too much")
    free = 0
    for member in sorted(members, key=lambda member: member.offset):
        if member.offset < free:
            raise ContentUnsafeError(type="zip", reason="members overlap")
        free = member.offset + member.least
    if free > directory_at or (members and min(member.offset for member in members)):
        raise ContentUnsafeError(type="zip", reason="members are not where the archive says")


# Images


def _bounded(kind: str, width: int, height: int) -> None:
    if not width or not height:
        raise ContentTypeMismatchError(declared=kind, detected="image without size")
    if width * height > MOST_PIXELS:
        raise ContentUnsafeError(type=kind, reason="too many pixels")


class _Window:
    """A file of which the start and the end are known."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        self._head, self._tail, self._gap = head, tail, size - len(tail)

    def bytes_at(self, at: int, length: int) -> bytes | None:
        """Bytes of the file, or None where they are not in view."""
        if at + length <= len(self._head):
            return self._head[at : at + length]
        if at >= self._gap:
            return self._tail[at - self._gap :][:length]
        return None


def _directory(window: _Window, order: str, at: int) -> dict[int, tuple[int, ...]]:
    """SHORT and LONG values of a TIFF directory, as far as they are in view."""
    counted = window.bytes_at(at, 2)
    if counted is None:
        return {}
    (count,) = struct.unpack(order + "H", counted)
    table = window.bytes_at(at + 2, 12 * count)
    if table is None:
        return {}
    entries = {}
    for index in range(count):
        tag, kind, number, value = struct.unpack_from(order + "HHI4s", table, 12 * index)
        letter, width = {3: ("H", 2), 4: ("I", 4)}.get(kind, ("", 0))
        if not letter or number > len(table) + 200_000:
            continue
        inside = number * width <= 4
        raw = value if inside else window.bytes_at(struct.unpack(order + "I", value)[0], number * width)
        if raw is not None:
            entries[tag] = struct.unpack_from(f"{order}{number}{letter}", raw)
    return entries
