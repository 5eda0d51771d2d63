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

from typing import TYPE_CHECKING

from certs.files import ofdcheck

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certs.files.model import Checked
    from certs.signing.model import TrustedCas


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
    # pyHanko takes a second to import: only a process that checks a PDF pays it.
    from certs.files import pdfcheck  # noqa: PLC0415

    return pdfcheck.check(data, trusted_cas, at, sealed_by)


def check_ofd(data: bytes, trusted_cas: TrustedCas, at: datetime, *, sealed_by: Sequence[str] | None = None) -> Checked:
    """Check a sealed OFD (GB/T 33190-2016, 18; GB/T 38540-2020, 7.3).

    Args, raises: as `check_pdf`, and `MalformedSealError`.
    """
    return ofdcheck.check(data, trusted_cas, at, sealed_by)
