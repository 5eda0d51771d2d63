"""The check of a sealed OFD (GB/T 33190-2016, 18; GB/T 38540-2020, 7.3); see `certs.files.check` for codes."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from certs.files import ofdread
from certs.files.errors import ChangedAfterSealingError, FileAlteredError, MalformedFileError, SealMissingError
from certs.files.model import Checked, SealedBy
from certs.files.ofdread import digest
from certs.files.parties import check_parties
from certs.signing import eseal
from certs.signing.x509 import SM2_WITH_SM3, SM3

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certs.files.ofdread import Package, SignatureXml
    from certs.signing.model import TrustedCas


def check(data: bytes, trusted: TrustedCas, at: datetime, sealed_by: Sequence[str] | None) -> Checked:
    """As `certs.files.check.check_ofd`."""
    # 1. A ZIP and XML without tricks.
    package = ofdread.Package.read(data)
    # 2. There is a seal.
    if not package.signatures:
        raise SealMissingError
    # 3. and 4. Every seal holds, and so does what it covers.
    seals = tuple(
        _check_seal(package, signature, number, trusted, at) for number, signature in enumerate(package.signatures)
    )
    # 5. Each seal covers every part but the list of seals, its own three and those of later seals: nothing was added
    # behind the last one or between two.
    uncovered = {ofdread.SIGNATURES}
    for signature in reversed(package.signatures):
        uncovered |= {signature.path, signature.value, signature.seal}
        if set(package.parts) - uncovered != set(signature.covers):
            raise ChangedAfterSealingError
    # 6. The seals are those of the parties that had to set one.
    check_parties(seals, package.metadata, sealed_by)
    return Checked(seals, package.metadata)


def _check_seal(package: Package, signature: SignatureXml, number: int, trusted: TrustedCas, at: datetime) -> SealedBy:
    # 3. The seal signature holds and was set on this Signature.xml at this path, with the seal that lies beside it.
    if signature.method != SM2_WITH_SM3 or signature.check_method != SM3:
        raise MalformedFileError(problem="algorithm")
    value, seal = package.parts.get(signature.value), package.parts.get(signature.seal)
    if value is None or seal is None:
        raise SealMissingError(number=number)
    held = eseal.check(value, trusted, at)
    if held.data_hash != digest(package.parts[signature.path]) or held.property_info != f"/{signature.path}":
        raise FileAlteredError(part="Signature.xml")
    if held.seal != seal:
        raise FileAlteredError(part="Seal.esl")
    # 4. Every part it lists is there, unchanged.
    for name, expected in signature.covers.items():
        content = package.parts.get(name)
        if content is None:
            raise SealMissingError(part="seal") if "/Signs/" in name else FileAlteredError(part="missing")
        if digest(content) != _decoded(expected):
            raise FileAlteredError(part="reference")
    return SealedBy(held.signer.org_code, held.signer.org_name, held.at)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedFileError(problem="base64") from error
