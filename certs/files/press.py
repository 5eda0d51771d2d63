"""What `certs.files.maker` does, with the libraries that take a second to import: setting, sealing, both formats."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from PIL import Image

from certs.files import copies, metadata, ofd, ofdpage, pdf, pdfium
from certs.files.model import Made
from certs.files.ofd import OfdWriter
from certs.files.render import Renderer
from certs.signing.model import Algorithm

if TYPE_CHECKING:
    from datetime import datetime

    from pyhanko.sign.timestamps import TimeStamper
    from pypdfium2 import PdfPage

    from certs.files.model import Stamp
    from certs.model import Sheet
    from certs.signing.model import SealKeys

THUMBNAIL_WIDTH: Final = 480
"""Pixels."""
PREVIEW_WIDTH: Final = 1080
"""Pixels: what a phone shows at its full width."""
_CENTRE_RIGHT: Final = 61 / 25.4 * 72
_CENTRE_UP: Final = 45 / 25.4 * 72
"""Middle of the issuer's seal from the right and lower edge of the last page, points; see `templates/parts.typ`."""


class Press:
    """Makes licence files; see `certs.files.maker.LicenceFiles` for what each method does.

    Args:
        keys: gives every organisation its signer.
        timestamper: a time-stamping authority for PDF seals (RFC 3161), where there is one.
    """

    def __init__(self, keys: SealKeys, timestamper: TimeStamper | None = None) -> None:
        self._keys = keys
        self._timestamper = timestamper
        self._renderer = Renderer()
        self._ofd = OfdWriter(self._renderer.fonts)
        self._picture = lru_cache(maxsize=256)(self._renderer.seal)

    def make(self, sheet: Sheet, at: datetime) -> Made:
        """As `LicenceFiles.make`."""
        western = self._keys.seal(sheet.issuer_code, Algorithm.ES256, at)
        national = self._keys.seal(sheet.issuer_code, Algorithm.SM2, at)
        face = self._renderer.face(sheet, at)
        pages = ofdpage.read(face)
        last = pages.pages[-1]
        points = pdf.Spot(
            last.width / ofdpage.MM - _CENTRE_RIGHT - pdf.SEAL_POINTS / 2, _CENTRE_UP - pdf.SEAL_POINTS / 2
        )
        picture = self._picture(western.org_name, western.org_code)
        sealed = pdf.seal(face, western, picture, points, at, timestamper=self._timestamper)
        across = last.width - _CENTRE_RIGHT * ofdpage.MM - ofd.SEAL_MM / 2
        down = last.height - _CENTRE_UP * ofdpage.MM - ofd.SEAL_MM / 2
        plain = self._ofd.write(pages, sheet.type.name, sheet.issuer_name, metadata.of_licence(sheet), at)
        return Made(sealed, ofd.seal(plain, national, ofd.Spot(across, down), at))

    def derive(self, original: bytes, stamp: Stamp, at: datetime) -> bytes:
        """As `LicenceFiles.derive`."""
        signer = self._keys.seal(stamp.maker_code, Algorithm.ES256, at)
        remarked = copies.remark(original, stamp, self._renderer, at)
        picture = self._picture(signer.org_name, signer.org_code, "证照加注专用章")
        spot = pdf.Spot(24 / ofdpage.MM, _CENTRE_UP - pdf.SEAL_POINTS / 2)
        return pdf.seal(remarked, signer, picture, spot, at, timestamper=self._timestamper)

    def preview(self, original: bytes, stamp: Stamp, at: datetime, page: int) -> tuple[bytes | None, int]:
        """As `LicenceFiles.preview`."""
        seal = Image.open(BytesIO(self._picture(stamp.maker, stamp.maker_code, "证照加注专用章"))).convert("RGBA")
        with pdfium.opened(copies.remark(original, stamp, self._renderer, at)) as document:
            count = len(document)
            if page >= count:
                return None, count
            return _drawn(document[page], seal if page == count - 1 else None), count

    def countersign(self, document: bytes, org_code: str, at: datetime, place: int, *, final: bool) -> bytes:
        """As `LicenceFiles.countersign`."""
        signer = self._keys.seal(org_code, Algorithm.ES256, at)
        picture = self._picture(signer.org_name, signer.org_code, "电子印章")
        with pdfium.opened(document) as held:
            width = held[len(held) - 1].get_width()
        left = width - _CENTRE_RIGHT - pdf.SEAL_POINTS / 2 - place * 1.1 * pdf.SEAL_POINTS
        spot = pdf.Spot(left, _CENTRE_UP - pdf.SEAL_POINTS / 2)
        return pdf.seal(document, signer, picture, spot, at, final=final, timestamper=self._timestamper)

    def picture(self, org_name: str, org_code: str) -> bytes:
        """As `LicenceFiles.picture`."""
        return self._picture(org_name, org_code)

    def thumbnail(self, original: bytes) -> bytes:
        """As `LicenceFiles.thumbnail`."""
        with pdfium.opened(original) as document:
            document.init_forms()
            page = document[0]
            out = BytesIO()
            scale = THUMBNAIL_WIDTH / page.get_width()
            page.render(scale=scale, may_draw_forms=True).to_pil().save(out, "PNG", optimize=True)
            return out.getvalue()


def _drawn(page: PdfPage, seal: Image.Image | None) -> bytes:
    """A page as PNG, with a seal's picture where `derive` sets the maker's seal."""
    scale = PREVIEW_WIDTH / page.get_width()
    drawn = page.render(scale=scale).to_pil().convert("RGB")
    if seal is not None:
        size = round(pdf.SEAL_POINTS * scale)
        across = round(24 / ofdpage.MM * scale)
        down = round((page.get_height() - _CENTRE_UP - pdf.SEAL_POINTS / 2) * scale)
        shown = seal.resize((size, size))
        drawn.paste(shown, (across, down), shown)
    out = BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()
