"""Makes the files of a licence, and copies of them.

No database here and no unit: whoever issues calls this between two units. What it gives is deterministic but for the
signatures.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ledger.db import outside_any_unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pyhanko.sign.timestamps import TimeStamper

    from certs.files.model import Made, Stamp
    from certs.files.press import Press
    from certs.model import Sheet
    from certs.signing.model import SealKeys


class LicenceFiles:
    """Makes licence files.

    Args:
        keys: gives every organisation its signer.
        timestamper: makes a client of a time-stamping authority for PDF seals (RFC 3161), where there is one.
    """

    def __init__(self, keys: SealKeys, timestamper: Callable[[], TimeStamper] | None = None) -> None:
        self._keys = keys
        self._timestamper = timestamper

    def make(self, sheet: Sheet, at: datetime) -> Made:
        """Both files of a licence, sealed by its issuer.

        Args:
            sheet: what the face shows.
            at: when; the seals say so.

        Raises:
            NoSealKeyError: the issuer has no key for one of them.
            NotRenderedError: the face cannot be set.
            TimestampError: the time-stamping authority does not answer.
        """
        outside_any_unit("sealing a licence")
        return self._press.make(sheet, at)

    def derive(self, original: bytes, stamp: Stamp, at: datetime) -> bytes:
        """A copy with a remark (加注件) of a licence's PDF: watermark, own metadata, sealed by its maker.

        The issuer's seal stays visible as a picture and is no longer a signature: the copy answers for itself.

        Args:
            original: the sealed PDF; not changed.
            stamp: what the copy says about itself.
            at: when.

        Raises:
            MalformedFileError: not a licence PDF.
            NoSealKeyError: the maker has no key.
            NotRenderedError: the remark cannot be set.
            TimestampError: the time-stamping authority does not answer.
        """
        outside_any_unit("sealing a copy")
        return self._press.derive(original, stamp, at)

    def preview(self, original: bytes, stamp: Stamp, at: datetime, page: int) -> tuple[bytes | None, int]:
        """How a page of a copy with a remark would look, as PNG: for its holder, before anything is released.

        No signature is made: the seal is a picture, and what is drawn here can be relied on by nobody.

        Args:
            page: counted from 0.

        Returns:
            The page, None where there is none of that number; and how many there are.

        Raises:
            MalformedFileError: not a licence PDF.
            NotRenderedError: the remark cannot be set.
        """
        outside_any_unit("drawing a copy")
        return self._press.preview(original, stamp, at, page)

    def countersign(self, document: bytes, org_code: str, at: datetime, *, place: int = 0, final: bool = True) -> bytes:
        """Set an organisation's seal on a PDF that several parties seal (firm and union on a collective contract).

        Args:
            document: the PDF; what others sealed before stays sealed.
            org_code: whose seal.
            at: when.
            place: how many seals stand to the right of this one, at the foot of the last page.
            final: no other seal may follow.

        Raises:
            MalformedFileError: not a PDF, or a seal on it was final.
            NoSealKeyError: the organisation has no key.
            TimestampError: the time-stamping authority does not answer.
        """
        outside_any_unit("sealing a document")
        return self._press.countersign(document, org_code, at, place, final=final)

    def picture(self, org_name: str, org_code: str) -> bytes:
        """The picture of an organisation's seal, PNG."""
        return self._press.picture(org_name, org_code)

    def thumbnail(self, original: bytes) -> bytes:
        """A small picture of the first page, PNG.

        Raises:
            MalformedFileError: not a PDF.
        """
        return self._press.thumbnail(original)

    @cached_property
    def _press(self) -> Press:
        # pyHanko and its kin take a second to import: only a process that seals pays it, not every command and worker.
        from certs.files.press import Press  # noqa: PLC0415

        return Press(self._keys, None if self._timestamper is None else self._timestamper())
