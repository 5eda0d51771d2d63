"""Content checks on files made by the libraries people use, then broken in one way each."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from materials.content import HEAD, MEDIA_TYPES, TAIL, Inspector
from materials.errors import (
    ContentTypeMismatchError,
    ContentTypeNotAllowedError,
    ContentUnsafeError,
    EmptyFileError,
    FileTruncatedError,
    MaterialsError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def inspect(declared: str, content: bytes, *, piece: int | None = None) -> str:
    """Let an inspector see a file, whole or in pieces; the type it was found to be."""
    inspector = Inspector(declared, MEDIA_TYPES)
    step = piece or len(content) or 1
    for index in range(0, len(content), step):
        inspector.feed(content[index : index + step])
    inspector.finish()
    return inspector.media_type


def pdf(pages: int = 2) -> bytes:
    """A PDF by PDFium."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def image(form: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """An image by Pillow, noisy so that it has some length."""
    picture = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def archive(*names: str, packing: int = zipfile.ZIP_DEFLATED, content: bytes = b"<x/>", comment: bytes = b"") -> bytes:
    """A ZIP by the standard library."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", packing) as made:
        warnings.simplefilter("ignore")  # two members of one name
        for name in names:
            made.writestr(name, content)
        made.comment = comment
    return out.getvalue()


def ofd() -> bytes:
    """The members every OFD has (GB/T 33190-2016, 7.1)."""
    return archive("OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml")


def docx() -> bytes:
    """The members every DOCX has."""
    return archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")


def xlsx() -> bytes:
    """The members every XLSX has."""
    return archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml")


def dwg() -> bytes:
    """The start of a drawing of AutoCAD 2018."""
    return b"AC1032" + bytes(6) + random.Random(2).randbytes(4000)


def dxf() -> bytes:
    """A drawing without entities, with the line ends AutoCAD writes; layer names in GBK."""
    layers = "8\r\n图层\r\n".encode("gbk")
    return b"  0\r\nSECTION\r\n  2\r\nENTITIES\r\n" + layers + b"  0\r\nENDSEC\r\n  0\r\nEOF\r\n"


XML = '<?xml version="1.0" encoding="UTF-8"?>\n<材料 类型="CL015"><名称>公司章程</名称></材料>\n'.encode()
TEXT = "宝山青禾餐饮管理有限公司\r\n食品安全规章制度\n".encode() * 20

GOOD: dict[str, Callable[[], bytes]] = {
    "application/pdf": pdf,
    "application/ofd": ofd,
    "image/jpeg": lambda: image("JPEG"),
    "image/png": lambda: image("PNG"),
    "image/tiff": lambda: image("TIFF"),
    "image/bmp": lambda: image("BMP"),
    WORD: docx,
    SHEET: xlsx,
    "application/xml": lambda: XML,
    "text/plain": lambda: TEXT,
    "image/vnd.dwg": dwg,
    "image/vnd.dxf": dxf,
}


class TestInspector:
    def test_every_type_has_an_example(self) -> None:
        assert GOOD.keys() == MEDIA_TYPES.keys()

    @pytest.mark.parametrize("declared", GOOD)
    @pytest.mark.parametrize("piece", [None, 1, 100, HEAD, TAIL])
    def test_takes_good_files_in_pieces_of_any_size(self, declared: str, piece: int | None) -> None:
        assert inspect(declared, GOOD[declared](), piece=piece) == declared

    @pytest.mark.parametrize(
        ("declared", "content"),
        [
            ("image/jpeg", image("JPEG", (1500, 1200), quality=98, progressive=True)),
            ("image/png", image("PNG", (1200, 900))),
            ("image/tiff", image("TIFF", (1200, 900))),
            ("image/tiff", image("TIFF", (1200, 900), compression="tiff_lzw")),
            ("image/tiff", image("TIFF", (300, 200), big_tiff=False)),
            ("image/bmp", image("BMP", (1000, 800))),
            ("application/pdf", pdf() + b"\r\n\0"),
            ("text/plain", b"\xef\xbb\xbf" + TEXT),
            ("text/plain", TEXT * 4000),
            ("application/xml", XML[:60] + b" " * (2 * HEAD) + XML[60:]),
            (WORD, archive("[Content_Types].xml", "word/document.xml", comment=b"made by a program")),
            (WORD, archive("[Content_Types].xml", "word/document.xml", packing=zipfile.ZIP_STORED)),
        ],
    )
    def test_takes_their_larger_brothers(self, declared: str, content: bytes) -> None:
        for piece in (None, 70_001):
            assert inspect(declared, content, piece=piece) == declared

    @pytest.mark.parametrize("declared", GOOD)
    @pytest.mark.parametrize("real", GOOD)
    def test_declared_type_must_be_the_real_one(self, declared: str, real: str) -> None:
        if declared == real:
            return
        with pytest.raises(ContentTypeMismatchError):
            inspect(declared, GOOD[real]())

    @pytest.mark.parametrize("declared", GOOD)
    def test_empty_file(self, declared: str) -> None:
        with pytest.raises(EmptyFileError):
            inspect(declared, b"")

    @pytest.mark.parametrize("declared", [name for name in GOOD if name not in {"text/plain", "image/vnd.dwg"}])
    @pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
    def test_cut_off_files(self, declared: str, share: float) -> None:
        whole = GOOD[declared]()
        with pytest.raises(FileTruncatedError):
            inspect(declared, whole[: min(int(len(whole) * share), len(whole) - 3)])

    @pytest.mark.parametrize("declared", [name for name in GOOD if name not in {"text/plain", "image/vnd.dxf"}])
    @given(junk=st.binary(max_size=3000))
    def test_any_bytes_are_refused_with_an_error_of_ours(self, declared: str, junk: bytes) -> None:
        with pytest.raises(MaterialsError):
            inspect(declared, junk)
        with pytest.raises(MaterialsError):
            inspect(declared, GOOD[declared]()[:20] + junk)

    @pytest.mark.parametrize(
        ("declared", "canonical"),
        [
            ("image/jpg", "image/jpeg"),
            ("Image/JPEG ; q=1", "image/jpeg"),
            ("text/xml; charset=utf-8", "application/xml"),
        ],
    )
    def test_known_aliases(self, declared: str, canonical: str) -> None:
        assert inspect(declared, GOOD[canonical]()) == canonical

    @pytest.mark.parametrize(
        "declared", ["", "image/gif", "image/svg+xml", "text/html", "application/octet-stream", "application/zip"]
    )
    def test_types_outside_the_list(self, declared: str) -> None:
        with pytest.raises(ContentTypeNotAllowedError):
            Inspector(declared, {*MEDIA_TYPES, declared})

    def test_types_the_material_does_not_take(self) -> None:
        with pytest.raises(ContentTypeNotAllowedError):
            Inspector("text/plain", ["application/pdf"])

    def test_what_was_declared_is_named_only_when_it_is_a_media_type(self) -> None:
        with pytest.raises(ContentTypeNotAllowedError) as caught:
            Inspector("310199199001010018\r\nX: y", MEDIA_TYPES)
        assert caught.value.fields == {"declared": "malformed"}

    def test_what_was_found_is_named(self) -> None:
        for content, name in ((image("GIF"), "image/gif"), (b"<HTML><p>", "html"), (b"#!/bin/sh\n", "script")):
            with pytest.raises(ContentTypeMismatchError) as caught:
                inspect("application/pdf", content)
            assert caught.value.fields["detected"] == name

    def test_a_wrong_start_is_refused_before_the_end(self) -> None:
        with pytest.raises(ContentTypeMismatchError):
            Inspector("application/pdf", MEDIA_TYPES).feed(image("PNG", (300, 300)))


class TestPolyglots:
    @pytest.mark.parametrize("declared", ["application/pdf", "image/jpeg", "image/png", "image/bmp", "image/tiff"])
    def test_zip_behind_it(self, declared: str) -> None:
        for tail in (archive("evil.jar"), archive("a.txt", comment=b"%%EOF")):
            with pytest.raises((ContentUnsafeError, FileTruncatedError)):
                inspect(declared, GOOD[declared]() + tail)

    @pytest.mark.parametrize(
        ("declared", "last"),
        [
            ("application/pdf", b"\nstartxref\n0\n%%EOF\n"),
            ("image/jpeg", b"\xff\xd9"),
            ("image/png", b"\0\0\0\0IEND\xaeB`\x82"),
        ],
    )
    def test_zip_behind_it_and_a_second_end_in_its_comment(self, declared: str, last: bytes) -> None:
        with pytest.raises(ContentUnsafeError, match="ZIP"):
            inspect(declared, GOOD[declared]() + archive("evil.jar", comment=last))

    def test_something_in_front_of_a_pdf(self) -> None:
        for front in (b"\n", b"\xef\xbb\xbf", b"<html><script>alert(1)</script>", b"GIF89a"):
            with pytest.raises(ContentUnsafeError, match="in front"):
                inspect("application/pdf", front + pdf())

    def test_something_behind_a_pdf(self) -> None:
        with pytest.raises(ContentUnsafeError, match="after the end"):
            inspect("application/pdf", pdf() + b"MZ executable" * 200)

    @pytest.mark.parametrize("inside", [b"%PDF-1.4\n", b"<script>x</script>", b"<?php x", b"<HTML >"])
    def test_another_start_in_an_images_comment(self, inside: bytes) -> None:
        with pytest.raises(ContentUnsafeError):
            inspect("image/jpeg", image("JPEG", comment=inside))

    def test_pdf_header_in_a_text(self) -> None:
        with pytest.raises(ContentUnsafeError):
            inspect("text/plain", b"hello\n%PDF-1.7\n")

    def test_archive_that_begins_with_something_else(self) -> None:
        front = b"PK\3\4" + bytes(60)
        with pytest.raises(ContentUnsafeError):
            inspect(WORD, front + docx())


class TestImages:
    def test_pixel_floods(self) -> None:
        flood = bytearray(image("PNG"))
        flood[16:24] = struct.pack(">II", 100_000, 100_000)
        with pytest.raises(ContentUnsafeError, match="pixels"):
            inspect("image/png", bytes(flood))
        flood = bytearray(image("BMP"))
        flood[18:26] = struct.pack("<ii", 100_000, -100_000)
        with pytest.raises(ContentUnsafeError, match="pixels"):
            inspect("image/bmp", bytes(flood))
        flood = bytearray(image("JPEG"))
        at = flood.index(b"\xff\xc0")
        flood[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
        with pytest.raises(ContentUnsafeError, match="pixels"):
            inspect("image/jpeg", bytes(flood))

    def test_telephone_trailer(self) -> None:
        assert inspect("image/jpeg", image("JPEG") + b"\0\0SEFH....SEFT") == "image/jpeg"

    def test_bmp_with_something_behind(self) -> None:
        with pytest.raises(ContentUnsafeError):
            inspect("image/bmp", image("BMP") + b"x")

    def test_tiff_without_its_last_strip(self) -> None:
        whole = image("TIFF", (1200, 900))
        with pytest.raises(FileTruncatedError):
            inspect("image/tiff", whole[:-50_000])


class TestPackages:
    @pytest.mark.parametrize(
        "names",
        [
            ("../evil.xml", "OFD.xml"),
            ("/etc/passwd", "OFD.xml"),
            ("C:/x", "OFD.xml"),
            ("a/../../b", "OFD.xml"),
            ("OFD.xml", "ofd.xml"),
            ("OFD.xml", "OFD.xml"),
            ("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        ],
    )
    def test_dangerous_members(self, names: tuple[str, ...]) -> None:
        with pytest.raises(ContentUnsafeError):
            inspect("application/ofd" if "OFD.xml" in names else WORD, archive(*names))

    def test_link(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr("OFD.xml", "<x/>")
            link = zipfile.ZipInfo("Doc_0/Document.xml")
            link.create_system, link.external_attr = 3, 0o120777 << 16
            made.writestr(link, "/etc/passwd")
        with pytest.raises(ContentUnsafeError):
            inspect("application/ofd", out.getvalue())

    def test_bomb(self) -> None:
        with pytest.raises(ContentUnsafeError, match="too much"):
            inspect("application/ofd", archive("OFD.xml", "bomb", content=bytes(20_000_000)))

    def test_too_many_members(self) -> None:
        with pytest.raises(ContentUnsafeError, match="too many"):
            inspect("application/ofd", archive("OFD.xml", *(str(index) for index in range(10_001))))

    def test_overlapping_members(self) -> None:
        made = bytearray(ofd())
        second = made.index(b"PK\1\2", made.index(b"PK\1\2") + 1)
        made[second + 42 : second + 46] = bytes(4)
        with pytest.raises(ContentUnsafeError, match="overlap"):
            inspect("application/ofd", bytes(made))

    def test_encrypted_member(self) -> None:
        made = bytearray(ofd())
        made[made.index(b"PK\1\2") + 8] |= 1
        with pytest.raises(ContentUnsafeError):
            inspect("application/ofd", bytes(made))

    def test_any_archive_is_none_of_ours(self) -> None:
        with pytest.raises(ContentTypeMismatchError) as caught:
            inspect("application/ofd", archive("readme.txt"))
        assert caught.value.fields["detected"] == "zip"

    @given(data=st.data())
    def test_a_damaged_directory_never_escapes_as_another_error(self, data: st.DataObject) -> None:
        made = bytearray(docx())
        start = made.index(b"PK\1\2")
        for _ in range(data.draw(st.integers(1, 4))):
            made[data.draw(st.integers(start, len(made) - 1))] = data.draw(st.integers(0, 255))
        with suppress(MaterialsError):
            inspect(WORD, bytes(made))


class TestText:
    @pytest.mark.parametrize(
        "content", ["公司章程".encode("gbk"), b"a\0b", b"a\x1b[31m", "宝".encode("utf-16"), TEXT * 5000 + b"\xff\xfe"]
    )
    def test_what_is_not_plain_utf_8(self, content: bytes) -> None:
        with pytest.raises(ContentTypeMismatchError):
            inspect("text/plain", content)

    def test_half_a_character_at_the_end(self) -> None:
        with pytest.raises(FileTruncatedError):
            inspect("text/plain", TEXT + "材".encode()[:2])

    @pytest.mark.parametrize("content", [b"<!DOCTYPE html><p>", b"\n <script>x", b"<?php x", b"#!/bin/sh", b"<svg >"])
    def test_what_a_browser_or_shell_would_run(self, content: bytes) -> None:
        with pytest.raises(ContentTypeMismatchError):
            inspect("text/plain", content)


class TestXml:
    @pytest.mark.parametrize(
        "content",
        [
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
            b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><x/>',
            b'<?xml-stylesheet href="x.xsl" type="text/xsl"?><x/>',
            b"<x>" * 300 + b"</x>" * 300,
        ],
    )
    def test_what_would_harm_its_reader(self, content: bytes) -> None:
        with pytest.raises(ContentUnsafeError):
            inspect("application/xml", content)

    @pytest.mark.parametrize(
        "content",
        [
            b"<a><b></a></b>",
            b"<a/><b/>",
            b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>",
            '<?xml version="1.0" encoding="GBK"?><a>材料</a>'.encode("gbk"),
            b"<a>&undefined;</a>",
        ],
    )
    def test_what_is_not_our_xml(self, content: bytes) -> None:
        with pytest.raises(ContentTypeMismatchError):
            inspect("application/xml", content)
