"""Derived copies (加注件): a licence's page with a remark over it, and metadata that name its parent."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from pikepdf.models.metadata import encode_pdf_date

from certs.files import metadata
from certs.files.errors import MalformedFileError
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from certs.files.model import Stamp
    from certs.files.render import Renderer

_ATTACHED = "licence.json"


def remark(original: bytes, stamp: Stamp, renderer: Renderer, at: datetime) -> bytes:
    """Lay the remark over every page and put the copy's metadata in the place of the licence's.

    Args:
        original: a sealed licence PDF.
        stamp: what the copy says.
        renderer: sets the remark.
        at: when.

    Raises:
        MalformedFileError: not a licence PDF.
    """
    try:
        with pikepdf.open(BytesIO(original)) as document:
            held = json.loads(document.attachments[_ATTACHED].get_file().read_bytes())
            # The issuer's seal becomes part of the page: what is left of a signature over other bytes proves nothing.
            document.generate_appearance_streams()
            document.flatten_annotations("all")
            for name in ("/AcroForm", "/Perms", "/DSS", "/AF", "/Metadata", "/Names"):
                if name in document.Root:
                    del document.Root[name]
            for page in document.pages:
                box = [float(value) for value in page.mediabox]
                veil = renderer.remark(stamp, box[2] - box[0], box[3] - box[1])
                with pikepdf.open(BytesIO(veil)) as over:
                    page.add_overlay(over.pages[0], pikepdf.Rectangle(*box))
            text = json.dumps(metadata.of_copy(held, stamp, rfc3339(at)), ensure_ascii=False, sort_keys=True)
            document.attachments[_ATTACHED] = pikepdf.AttachedFileSpec(
                document,
                text.encode(),
                filename=_ATTACHED,
                mime_type="application/json",
                description="加注件元数据",
                creation_date=encode_pdf_date(at),
                mod_date=encode_pdf_date(at),
            )
            del document.docinfo
            document.docinfo["/Title"] = f"加注件 {held.get('ZZMC', '')}"
            document.docinfo["/Author"] = stamp.maker
            document.docinfo["/Subject"] = stamp.cause
            out = BytesIO()
            document.save(out, deterministic_id=True)
            return out.getvalue()
    except (pikepdf.PdfError, KeyError, ValueError, TypeError) as error:
        raise MalformedFileError(problem="not a licence PDF") from error
