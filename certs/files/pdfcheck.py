"""The check of a sealed PDF (ETSI EN 319 102-1 as far as pyHanko does it); see `certs.files.check` for codes."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import parser
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certs.errors import CertsError
from certs.files.errors import ChangedAfterSealingError, FileAlteredError, MalformedFileError, SealMissingError
from certs.files.model import Checked, SealedBy
from certs.files.parties import check_parties
from certs.signing.errors import SealInvalidError
from certs.signing.eseal import CLOCKS
from certs.signing.model import Algorithm
from certs.signing.x509 import Certificate, check_signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from certs.signing.model import TrustedCas

for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they log traces of what our errors tell in one word

_MOST_PDF: Final = 64 * 1024**2
_MOST_METADATA: Final = 1024**2


def check(data: bytes, trusted: TrustedCas, at: datetime, sealed_by: Sequence[str] | None) -> Checked:
    """As `certs.files.check.check_pdf`."""
    try:
        return _check(data, trusted, at, sealed_by)
    except CertsError:
        raise
    except Exception as error:  # a parser that meets hostile bytes raises whatever it likes
        raise MalformedFileError(problem="not a PDF") from error


def _check(data: bytes, trusted: TrustedCas, at: datetime, sealed_by: Sequence[str] | None) -> Checked:
    # 1. A PDF that reads strictly.
    if len(data) > _MOST_PDF:
        raise MalformedFileError(problem="too large")
    reader = PdfFileReader(BytesIO(data), strict=True)
    signatures = list(reader.embedded_signatures)
    # 2. There is a seal.
    if not signatures:
        raise SealMissingError
    # 3. Each revision after the first is one seal's, in order: nothing between two seals, nothing behind the last.
    # Stops incremental saving and shadow attacks (pdf-insecurity.org).
    first = reader.total_revisions - len(signatures)
    if [each.signed_revision for each in signatures] != list(range(first, reader.total_revisions)):
        raise ChangedAfterSealingError
    # 4. Nothing hides behind a signature in the room reserved for it, which no seal covers.
    if any(any(_reserve(data, each.byte_range)) for each in signatures):
        raise ChangedAfterSealingError
    # 5. Every seal holds.
    seals = tuple(_check_signature(each, trusted, at, is_last=each is signatures[-1]) for each in signatures)
    # 6. They are those of the parties that had to set one.
    held = _attached(reader)
    check_parties(seals, held, sealed_by)
    return Checked(seals, held)


def _reserve(data: bytes, covered: Sequence[int]) -> bytes:
    """What follows the CMS structure in a signature's gap: zeros, when nobody used it."""
    held = bytes.fromhex(data[covered[1] + 1 : covered[2] - 1].decode("ascii"))
    return held[parser.peek(held) :]


def _check_signature(signature: EmbeddedPdfSignature, trusted: TrustedCas, at: datetime, *, is_last: bool) -> SealedBy:
    """One signature of a PDF.

    The chain is judged by `check_signer`, so that PDF and OFD refuse the same signers; pyHanko judges coverage, digest,
    signature and what later revisions changed.
    """
    signer = Certificate(signature.signer_cert.dump())
    roots = [signature.signer_cert]  # only to let pyHanko finish: trust is decided below
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at, best_signature_time=at)
    status = validate_pdf_signature(signature, context, skip_diff=is_last)
    whole = SignatureCoverageLevel.ENTIRE_FILE if is_last else SignatureCoverageLevel.ENTIRE_REVISION
    if status.coverage is None or status.coverage < whole:
        raise ChangedAfterSealingError
    if not status.intact:
        raise FileAlteredError(part="signed bytes")
    if not status.valid or signer.algorithm is not Algorithm.ES256 or status.md_algorithm != "sha256":
        raise SealInvalidError(part="signature")
    if not is_last and (status.docmdp_ok is False or status.modification_level > ModificationLevel.FORM_FILLING):
        raise ChangedAfterSealingError
    set_at = status.signer_reported_dt
    if set_at is not None and set_at > at + CLOCKS:
        raise SealInvalidError(part="time")
    check_signer(signer, [other.dump() for other in signature.other_embedded_certs], trusted, at)
    return SealedBy(signer.org_code, signer.org_name, set_at)


def _attached(reader: PdfFileReader) -> Mapping[str, str]:
    """The metadata attached to a PDF; none for a document that is no licence."""
    names: Any = reader.root
    for step in ("/Names", "/EmbeddedFiles", "/Names"):
        if step not in names:
            return {}
        names = names[step]
    for place in range(0, len(names) - 1, 2):
        if str(names[place]) == "licence.json":
            data = names[place + 1]["/EF"]["/F"].data
            held = json.loads(data) if len(data) <= _MOST_METADATA else None
            if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
                raise MalformedFileError(problem="metadata")
            return held
    return {}
