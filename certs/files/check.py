"""Checks of sealed licence files. Each raises on the first thing wrong; what passes, returns what the file says.

A file handed in is judged for a moment: for a licence of this log the time of its entry, else now. The codes:

    malformed-licence-file   not a PDF or OFD, or one no writer of ours or a careful other makes
    seal-missing             no seal at all, or an expected party's seal was taken out
    seal-unexpected          a seal of a party that has none to set
    licence-file-altered     a covered byte or part changed (a field, a picture, metadata)
    changed-after-sealing    an incremental update or part was added behind the last seal, or between two
    seal-invalid             the signature does not hold, the seal is borrowed, or set in the future
    signer-expired, signer-revoked, signer-untrusted, invalid-seal-certificate
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import UnacceptableSignerError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certs.files import metadata, ofdread
from certs.files.errors import (
    ChangedAfterSealingError,
    FileAlteredError,
    MalformedFileError,
    SealMissingError,
    SealUnexpectedError,
)
from certs.files.ofd import digest
from certs.signing import eseal
from certs.signing.errors import SealInvalidError
from certs.signing.eseal import CLOCKS
from certs.signing.model import Algorithm
from certs.signing.x509 import SM2_WITH_SM3, SM3, Certificate, check_signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from certs.signing.model import TrustedCas

_MOST_PDF: Final = 64 * 1024**2
_MOST_METADATA: Final = 1024**2


@dataclass(frozen=True, slots=True)
class SealedBy:
    """One seal that holds: whose it is, when it says it was set."""

    org_code: str
    org_name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file that passed says.

    Attributes:
        seals: in the order they were set.
        metadata: by pinyin initials; empty for a document that is no licence.
    """

    seals: tuple[SealedBy, ...]
    metadata: Mapping[str, str]

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy with a remark (加注件) and not a licence."""
        return all(name in self.metadata for name in metadata.COPY_NAMES)


def check_pdf(data: bytes, trusted_cas: TrustedCas, at: datetime, *, sealed_by: Sequence[str] | None = None) -> Checked:
    """Check a sealed PDF.

    Args:
        data: the file.
        trusted_cas: whose certificates are believed.
        at: the moment signers must be good for.
        sealed_by: codes of the organisations whose seals must stand there, no other; None takes them from the
            metadata: a licence's issuer, a copy's maker.

    Raises:
        MalformedFileError, SealMissingError, SealUnexpectedError, FileAlteredError, ChangedAfterSealingError,
        SealInvalidError, SignerExpiredError, SignerRevokedError, SignerUntrustedError, InvalidSealCertificateError.
    """
    # 1. A PDF that reads strictly.
    if len(data) > _MOST_PDF:
        raise MalformedFileError(problem="too large")
    try:
        reader = PdfFileReader(BytesIO(data), strict=True)
        signatures = list(reader.embedded_signatures)
        held = _attached(reader)
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise MalformedFileError(problem="not a PDF") from error
    # 2. There is a seal.
    if not signatures:
        raise SealMissingError
    # 3. Each revision after the first is one seal's, in order: nothing between two seals, nothing behind the last.
    # Stops incremental saving and shadow attacks (pdf-insecurity.org).
    try:
        revisions = reader.total_revisions
        if [signature.signed_revision for signature in signatures] != list(
            range(revisions - len(signatures), revisions)
        ):
            raise ChangedAfterSealingError
        seals = tuple(_check_signature(each, trusted_cas, at, is_last=each is signatures[-1]) for each in signatures)
    except (PdfError, UnacceptableSignerError, SignatureValidationError, ValueError, KeyError, TypeError) as error:
        raise MalformedFileError(problem="signature") from error
    # 4. The seals are those of the parties that had to set one.
    _check_parties(seals, held, sealed_by)
    return Checked(seals, held)


def check_ofd(data: bytes, trusted_cas: TrustedCas, at: datetime, *, sealed_by: Sequence[str] | None = None) -> Checked:
    """Check a sealed OFD (GB/T 33190-2016, 18; GB/T 38540-2020, 7.3).

    Args, raises: as `check_pdf`, and `MalformedSealError`.
    """
    # 1. A ZIP and XML without tricks.
    package = ofdread.Package.read(data)
    # 2. There is a seal.
    if not package.signatures:
        raise SealMissingError
    seals = []
    for number, signature in enumerate(package.signatures):
        # 3. The seal signature holds and was set on this Signature.xml at this path.
        if signature.method != SM2_WITH_SM3 or signature.check_method != SM3:
            raise MalformedFileError(problem="algorithm")
        value, seal = package.parts.get(signature.value), package.parts.get(signature.seal)
        if value is None or seal is None:
            raise SealMissingError(number=number)
        held = eseal.check(value, trusted_cas, at)
        if held.data_hash != digest(package.parts[signature.path]) or held.property_info != f"/{signature.path}":
            raise FileAlteredError(part="Signature.xml")
        if held.seal != seal:
            raise FileAlteredError(part="Seal.esl")
        # 4. Every part it lists is there, unchanged.
        for name, expected in signature.covers.items():
            content = package.parts.get(name)
            if content is None:
                raise SealMissingError(part=name) if "/Signs/" in name else FileAlteredError(part="missing")
            if digest(content) != _decoded(expected):
                raise FileAlteredError(part="reference")
        seals.append(SealedBy(held.signer.org_code, held.signer.org_name, held.at))
    # 5. The last seal covers every part but the list of seals and its own three: nothing was added behind it.
    last = package.signatures[-1]
    own = {ofdread.SIGNATURES, last.path, last.value, last.seal}
    if set(package.parts) - own != set(last.covers):
        raise ChangedAfterSealingError
    # 6. The seals are those of the parties that had to set one.
    _check_parties(seals, package.metadata, sealed_by)
    return Checked(tuple(seals), package.metadata)


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


def _check_parties(seals: Sequence[SealedBy], held: Mapping[str, str], sealed_by: Sequence[str] | None) -> None:
    """The parties are exactly those expected: a seal cut off, or one of a stranger, shows here."""
    if sealed_by is None:
        issuer = held.get("JZJZZZDM") or held.get("ZZBFJGDM")
        if not issuer:
            raise MalformedFileError(problem="no metadata")
        sealed_by = (issuer,)
    found = [seal.org_code for seal in seals]
    if any(code not in found for code in sealed_by):
        raise SealMissingError
    if sorted(found) != sorted(sealed_by):
        raise SealUnexpectedError


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


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedFileError(problem="base64") from error
