"""Opening what strangers hand in: what is read, what is looked at instead, what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from PIL import Image

from materials.reading.document import LONGEST, MAX_PAGES, open_document
from materials.reading.errors import UnreadableError
from materials.reading.model import Box, Line, Source
from tests.materials.reading.samples import LESSOR, lease_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from materials.reading.model import PageText

SEEN = Line("看见的", Box(0, 0, 1, 1), Box(0, 0, 1, 1), 90)


class Looker:
    """Notes the size of what it is shown."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, picture: Any) -> tuple[Line, ...]:
        self.shapes.append(picture.shape)
        return (SEEN,)


def read(content: bytes, media_type: str = "application/pdf", look: Looker | None = None) -> PageText:
    return open_document(content, media_type, look or Looker()).page(1)


def changed(change: Callable[[pikepdf.Pdf], None], content: bytes | None = None, **saving: Any) -> bytes:
    """The lease after a change of its structure."""
    with pikepdf.open(io.BytesIO(content or lease_pdf())) as held:
        change(held)
        written = io.BytesIO()
        held.save(written, **saving)
    return written.getvalue()


def picture(wide: int, high: int, kind: str = "PNG", **saving: Any) -> bytes:
    written = io.BytesIO()
    Image.new("L", (wide, high), 255).save(written, kind, **saving)
    return written.getvalue()


class TestTextLayer:
    def test_comes_first(self) -> None:
        look = Looker()
        held = read(lease_pdf(), look=look)
        assert held.source is Source.text
        assert any(LESSOR in line.text for line in held.lines)
        assert look.shapes == []

    def test_that_nobody_sees_is_not_believed(self) -> None:
        """Text in render mode 3 could say anything; what people see is the picture (ISO 32000-1, 9.3.6)."""

        def hide(held: pikepdf.Pdf) -> None:
            page = held.pages[0]
            invisible = pikepdf.ContentStreamInstruction([3], pikepdf.Operator("Tr"))
            operators = [
                each
                for operator in pikepdf.parse_content_stream(page)
                for each in ([invisible, operator] if str(operator.operator) == "TJ" else [operator])
            ]
            page.Contents = held.make_stream(pikepdf.unparse_content_stream(operators))

        look = Looker()
        held = read(changed(hide), look=look)
        assert (held.source, held.lines, len(look.shapes)) == (Source.ocr, (SEEN,), 1)

    def test_under_a_picture_is_not_believed(self) -> None:
        def cover(held: pikepdf.Pdf) -> None:
            image = held.make_stream(
                b"\xff" * 100, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=10, Height=10,
                ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8,
            )  # fmt: skip
            name = held.pages[0].add_resource(image, pikepdf.Name.XObject)
            held.pages[0].contents_add(held.make_stream(b"q 595 0 0 842 0 0 cm %s Do Q" % bytes(name)), prepend=False)

        look = Looker()
        assert read(changed(cover), look=look).source is Source.ocr

    @pytest.mark.parametrize("turn", [90, 180, 270])
    def test_of_a_turned_page_stands_where_it_is_shown(self, turn: int) -> None:
        upright = next(line for line in read(lease_pdf()).lines if LESSOR in line.text).box
        turned = read(changed(lambda held: held.pages[0].rotate(turn, relative=False)))
        box = next(line for line in turned.lines if LESSOR in line.text).box
        expected = {
            90: (10_000 - upright.y1, upright.x0, 10_000 - upright.y0, upright.x1),
            180: (10_000 - upright.x1, 10_000 - upright.y1, 10_000 - upright.x0, 10_000 - upright.y0),
            270: (upright.y0, 10_000 - upright.x1, upright.y1, 10_000 - upright.x0),
        }[turn]
        assert all(abs(a - b) <= 2 for a, b in zip(box.as_list(), expected, strict=True))


class TestPictures:
    def test_are_looked_at_in_a_size_that_is_enough(self) -> None:
        look = Looker()
        held = read(picture(3000, 4000), "image/png", look)
        assert look.shapes == [(LONGEST, LONGEST * 3 // 4, 3)]
        assert (held.source, held.shape) == (Source.ocr, 7500)

    def test_a_camera_held_sideways_is_put_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        look = Looker()
        read(picture(400, 200, "JPEG", exif=exif), "image/jpeg", look)
        assert look.shapes == [(400, 200, 3)]

    def test_of_several_pages_are_read_one_by_one(self) -> None:
        written = io.BytesIO()
        frames = [Image.new("L", (100 + 50 * n, 100), 255) for n in range(3)]
        frames[0].save(written, "TIFF", save_all=True, append_images=frames[1:])
        look = Looker()
        opened = open_document(written.getvalue(), "image/tiff", look)
        assert opened.count == 3
        opened.page(3)
        opened.page(2)
        assert [shape[1] for shape in look.shapes] == [200, 150]


class TestRefused:
    @pytest.mark.parametrize(
        ("content", "media_type", "problem"),
        [
            (b"%PDF-1.7\nnothing", "application/pdf", "damaged"),
            (b"\xff\xd8\xff\xe0 nothing", "image/jpeg", "damaged"),
            (b"PK\x03\x04 nothing", "application/ofd", "damaged"),
            (b"MZ", "application/x-msdownload", "media-type"),
        ],
        ids=["pdf", "jpeg", "ofd", "program"],
    )
    def test_what_is_not_what_it_says(self, content: bytes, media_type: str, problem: str) -> None:
        with pytest.raises(UnreadableError) as refused:
            open_document(content, media_type, Looker())
        assert refused.value.fields["problem"] == problem

    def test_what_is_locked(self) -> None:
        locked = changed(lambda _: None, encryption=pikepdf.Encryption(user="u", owner="o"))
        with pytest.raises(UnreadableError) as refused:
            open_document(locked, "application/pdf", Looker())
        assert refused.value.fields["problem"] == "password"

    def test_too_many_pages(self) -> None:
        def fill(held: pikepdf.Pdf) -> None:
            for _ in range(MAX_PAGES):
                held.pages.append(held.pages[0])

        with pytest.raises(UnreadableError) as refused:
            open_document(changed(fill), "application/pdf", Looker())
        assert refused.value.fields["problem"] == "too-many-pages"

    def test_a_picture_that_unpacks_to_gigabytes(self) -> None:
        head = struct.pack(">II", 30_000, 30_000) + b"\x08\x00\x00\x00\x00"
        small = picture(10, 10)
        bomb = small[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + small[33:]
        with pytest.raises(UnreadableError) as refused:
            read(bomb, "image/png")
        assert refused.value.fields["problem"] in {"damaged", "too-many-pixels"}

    def test_a_picture_cut_off(self) -> None:
        with pytest.raises(UnreadableError):
            read(picture(800, 800, "JPEG")[:-900], "image/jpeg")
