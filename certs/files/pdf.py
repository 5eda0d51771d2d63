"""Sealing PDF (PAdES baseline B-B or B-T, ETSI EN 319 142-1) with a visible seal picture, by pyHanko.

The one seal of a licence certifies it and allows nothing after it (DocMDP P=1, ISO 32000-2, 12.8.2.2). On a paper of
several parties every seal is an approval, and the last one locks the document. Each seal is one incremental update and
covers the whole file up to itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final

from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certs.files import cms
from certs.files.errors import MalformedFileError, TimestampError
from certs.signing.model import Algorithm
from certs.signing.x509 import as_der

if TYPE_CHECKING:
    from datetime import datetime

    from pyhanko.sign.timestamps import TimeStamper

    from certs.signing.model import Signer

SEAL_POINTS: Final = 42 / 25.4 * 72
"""Width of a seal picture on the page: 42 mm."""
_RESERVED: Final = 8192
"""Bytes for a signature: three certificates and a timestamp fit; leaving it open costs a trial signature."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a seal stands: lower left corner on the last page, in points from the page's lower left."""

    x: float
    y: float


def seal(
    pdf: bytes,
    signer: Signer,
    picture: bytes,
    spot: Spot,
    at: datetime,
    *,
    final: bool = True,
    reason: str = "",
    timestamper: TimeStamper | None = None,
) -> bytes:
    """Seal a PDF.

    Args:
        pdf: the document; sealed before only by seals that allow another.
        signer: a P-256 key.
        picture: PNG of the seal.
        spot: where the picture stands on the last page.
        at: when; told in the signature, and proven where there is a timestamp.
        final: no other seal may follow.
        reason: told in the signature.
        timestamper: a time-stamping authority (RFC 3161).

    Returns:
        The sealed file; it begins with the bytes of the given one.

    Raises:
        MalformedFileError: not a PDF, or its seals allow no other.
        TimestampError: the time-stamping authority does not answer.
    """
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        held = writer.prev.embedded_signatures
        if any(each.docmdp_level is fields.MDPPerm.NO_CHANGES for each in held):
            raise MalformedFileError(problem="its seal allows no other")
        name = f"Seal{len(held) + 1}"
        meta = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            reason=reason or None,
            name=signer.org_name,
            certify=final and not held,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        field = _field(name, spot, closing=final and bool(held))
        style = StaticStampStyle(border_width=0, background=PdfImage(_picture(picture)), background_opacity=1.0)
        maker = signers.PdfSigner(meta, _named(signer.certificate), stamp_style=style, new_field_spec=field)
        session = maker.init_signing_session(writer)
        session.system_time = at
        output = BytesIO()
        prepared, _ = session.prepare_tbs_document(None, _RESERVED).digest_tbs_document(output=output)
        prepared.fill_with_cms(output, _cms(signer, prepared.document_digest, timestamper))
        return output.getvalue()
    except TimestampRequestError as error:
        raise TimestampError from error
    except (PdfError, SigningError, ValueError, KeyError) as error:
        raise MalformedFileError(problem="cannot be sealed") from error


def _field(name: str, spot: Spot, *, closing: bool) -> fields.SigFieldSpec:
    """The form field of a seal; a closing one locks the document (ISO 32000-2, 12.7.5.5)."""
    left, low, size = round(spot.x), round(spot.y), round(SEAL_POINTS)
    box = (left, low, left + size, low + size)
    if not closing:
        return fields.SigFieldSpec(name, on_page=-1, box=box)
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    none = fields.MDPPerm.NO_CHANGES
    return fields.SigFieldSpec(name, on_page=-1, box=box, field_mdp_spec=lock, doc_mdp_update_value=none)


def _cms(signer: Signer, digest: bytes, timestamper: TimeStamper | None) -> bytes:
    signed = cms.attributes(signer.certificate, signer.chain, digest)
    signature = as_der(Algorithm.ES256, signer.sign(signed))
    token = None
    if timestamper is not None:
        token = asyncio.run(timestamper.async_timestamp(sha256(signature).digest(), "sha256")).dump()
    return cms.signed_data(signer.certificate, signer.chain, signed, signature, token)


@lru_cache(maxsize=256)
def _named(certificate: bytes) -> signers.ExternalSigner:
    """Who pyHanko is told signs; it is never asked to."""
    return signers.ExternalSigner(x509.Certificate.load(certificate), SimpleCertificateStore())  # type: ignore[no-untyped-call]


@lru_cache(maxsize=64)
def _picture(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    picture.load()
    return picture.convert("RGBA")
