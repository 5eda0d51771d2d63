"""A document as pages of lines. Runs in the reader's own process only (`process`): here a stranger's bytes are parsed.

The text layer of a PDF comes first, where it is what people see: a page that is mostly picture (a scan with text laid
under it) or has invisible text is looked at instead, since what cannot be seen could say anything.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, Protocol

import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree
from PIL import Image, ImageOps, UnidentifiedImageError

from certs.files.errors import MalformedFileError
from certs.files.ofdread import Package
from materials.reading.errors import UnreadableError
from materials.reading.model import SCALE, Box, Line, PageText, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from materials.reading.ocr import Pixels

READABLE: Final = frozenset(
    {"application/pdf", "application/ofd", "image/jpeg", "image/png", "image/tiff", "image/bmp"}
)
"""Media types that can be read."""
MAX_PAGES: Final = 60
MAX_PIXELS: Final = 50_000_000
"""Of one picture: an A3 page at 400 dpi has 31 million."""
DPI: Final = 170
LONGEST: Final = 2000
"""Pixels of the longest side of what is looked at."""
_LITTLE: Final = 8
"""Letters of text below which a page counts as one without."""
_COVERED: Final = 0.4
"""Share of a page that pictures may cover before its text counts as laid under a scan."""
_OFD: Final = "{http://www.ofdspec.org/2016}"


class Pages(Protocol):
    """A document that was opened."""

    count: int

    def page(self, number: int) -> PageText:
        """What stands on a page, from 1."""


def open_document(content: bytes, media_type: str, look: Callable[[Pixels], tuple[Line, ...]]) -> Pages:
    """Open a document.

    Args:
        look: finds lines in a picture of a page; loaded when first needed.

    Raises:
        UnreadableError: damaged, locked with a password, too many pages or pixels, or of a type nobody reads.
    """
    if media_type not in READABLE:
        raise UnreadableError(problem="media-type")
    kinds: dict[str, type[_Pdf | _Ofd]] = {"application/pdf": _Pdf, "application/ofd": _Ofd}
    opened: Pages = kinds.get(media_type, _Picture)(content, look)
    if not 1 <= opened.count <= MAX_PAGES:
        raise UnreadableError(problem="too-many-pages" if opened.count else "no-pages")
    return opened


class _Pdf:
    """ISO 32000."""

    def __init__(self, content: bytes, look: Callable[[Pixels], tuple[Line, ...]]) -> None:
        try:
            self._document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
            raise UnreadableError(problem="password" if locked else "damaged") from error
        self._look = look
        self.count = len(self._document)

    def page(self, number: int) -> PageText:
        """Its text layer, or what can be seen on it."""
        try:
            page = self._document[number - 1]
            wide, high = page.get_size()
            shape = round(wide / high * SCALE)
            lines = self._text(page) if _is_plain(page, wide * high) else ()
            if sum(len(line.text.strip()) for line in lines) >= _LITTLE:
                return PageText(number, Source.text, lines, shape)
            scale = min(DPI / 72, LONGEST / max(wide, high))
            seen = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
        except pypdfium2.PdfiumError as error:
            raise UnreadableError(problem="damaged") from error
        return PageText(number, Source.ocr, self._look(seen), shape)

    @staticmethod
    def _text(page: pypdfium2.PdfPage) -> tuple[Line, ...]:
        """Pieces of text that PDFium finds together, with their boxes turned as the page is shown."""
        held = page.get_textpage()
        wide, high = page.get_size()
        lines = []
        for place in range(held.count_rects()):
            left, bottom, right, top = held.get_rect(place)
            text = held.get_text_bounded(left, bottom, right, top).replace("\r", "").replace("\n", "")
            box = _shown(page, (left, bottom, right, top), wide, high)
            inside = box.x1 > 0 and box.y1 > 0 and box.x0 < SCALE and box.y0 < SCALE
            if text.strip() and inside:
                lines.append(Line(text.strip(), box, box, 100))
        return tuple(lines)


def _shown(page: pypdfium2.PdfPage, rect: tuple[float, float, float, float], wide: float, high: float) -> Box:
    """A rectangle of page space (origin lower left) as it is shown, with the page's own turn and crop."""
    left, bottom, right, top = rect
    x_off, y_off, x_end, y_end = page.get_cropbox()
    spin = page.get_rotation()
    corners = []
    for x, y in ((left, top), (right, bottom)):
        across, down = x - x_off, y_end - y
        unturned_high, unturned_wide = y_end - y_off, x_end - x_off
        if spin == 90:
            across, down = unturned_high - down, across
        elif spin == 180:
            across, down = unturned_wide - across, unturned_high - down
        elif spin == 270:
            across, down = down, unturned_wide - across
        corners.append((across / wide * SCALE, down / high * SCALE))
    (x0, y0), (x1, y1) = corners
    return Box(round(min(x0, x1)), round(min(y0, y1)), round(max(x0, x1)), round(max(y0, y1)))


def _is_plain(page: pypdfium2.PdfPage, area: float) -> bool:
    """Whether a page's text is what people see: not laid under a picture, not invisible (ISO 32000-1, 9.3.6)."""
    covered = 0.0
    for held in page.get_objects(max_depth=4):
        if held.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = held.get_bounds()
            covered += max(0.0, right - left) * max(0.0, top - bottom)
        elif held.type == pdfium.FPDF_PAGEOBJ_TEXT:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(held.raw)
            if mode in {pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP}:
                return False
    return covered < area * _COVERED


class _Ofd:
    """GB/T 33190: text objects with their places; drawn pages without text are not looked at."""

    def __init__(self, content: bytes, _look: Callable[[Pixels], tuple[Line, ...]]) -> None:
        try:
            self._parts = Package.read(content).parts
            names = [name for name in self._parts if "/Pages/" in name and name.endswith("Content.xml")]
        except MalformedFileError as error:
            raise UnreadableError(problem="damaged") from error
        self._pages = sorted(names, key=lambda name: (len(name), name))
        self.count = len(self._pages)

    def page(self, number: int) -> PageText:
        """Its text objects."""
        try:
            root = etree.fromstring(self._parts[self._pages[number - 1]], _SAFE)
            box = root.findtext(f"{_OFD}Area/{_OFD}PhysicalBox") or "0 0 210 297"
            wide, high = (float(each) for each in box.split()[2:4])
            lines = [_ofd_line(held, wide, high) for held in root.iter(f"{_OFD}TextObject")]
        except (etree.XMLSyntaxError, ValueError, KeyError, ZeroDivisionError) as error:
            raise UnreadableError(problem="damaged") from error
        found = tuple(line for line in lines if line.text)
        return PageText(number, Source.text, found, round(wide / high * SCALE))


_SAFE: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _ofd_line(held: etree._Element, wide: float, high: float) -> Line:
    x, y, across, down = (float(each) for each in (held.get("Boundary") or "").split())
    edges = (x / wide, y / high, (x + across) / wide, (y + down) / high)
    box = Box(*(round(each * SCALE) for each in edges))
    text = "".join(each.text or "" for each in held.iter(f"{_OFD}TextCode"))
    return Line(text.strip(), box, box, 100)


class _Picture:
    """A photograph or scan; TIFF may hold several."""

    def __init__(self, content: bytes, look: Callable[[Pixels], tuple[Line, ...]]) -> None:
        Image.MAX_IMAGE_PIXELS = MAX_PIXELS
        try:
            self._image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF", "BMP", "MPO"))
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
            raise UnreadableError(problem="damaged") from error
        if self._image.width * self._image.height > MAX_PIXELS:
            raise UnreadableError(problem="too-many-pixels")
        self._look = look
        self.count = 1 if self._image.format == "MPO" else min(getattr(self._image, "n_frames", 1), MAX_PAGES + 1)

    def page(self, number: int) -> PageText:
        """What can be seen on it."""
        import numpy as np  # noqa: PLC0415 - only where a picture is looked at

        try:
            if number > 1:
                self._image.seek(number - 1)
            frame = self._image
            frame.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(frame).convert("RGB")
            upright.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise UnreadableError(problem="damaged") from error
        shape = round(upright.width / upright.height * SCALE)
        return PageText(number, Source.ocr, self._look(np.asarray(upright)), shape)
