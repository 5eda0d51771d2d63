"""Electronic seals and seal signatures of GB/T 38540-2020 (ASN.1, DER), with SM2 and SM3.

A *seal* (SESeal) binds a picture to the certificates that may use it and is signed by whoever made it; a *seal
signature* (SES_Signature) carries the seal, the digest of what it was set on and the signer's signature. Clauses in
brackets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import core

from certs.signing.errors import MalformedSealError, SealInvalidError
from certs.signing.model import Algorithm
from certs.signing.x509 import SM2_WITH_SM3, Certificate, check_signer, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certs.signing.model import Signer, TrustedCas

CLOCKS: Final = timedelta(minutes=5)
"""So far may the clock of whoever set a seal be ahead."""
_VERSION: Final = 4
_VENDOR: Final = "cailian"
_ORGANISATION_SEAL: Final = 1
_LIST_OF_CERTIFICATES: Final = 1
_MILLIMETRES: Final = 42


class _Header(core.Sequence):  # type: ignore[misc]
    """SES_Header [6.1.2]."""

    _fields = [("id", core.IA5String), ("version", core.Integer), ("vid", core.IA5String)]  # noqa: RUF012


class _CertInfoList(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class _Property(core.Sequence):  # type: ignore[misc]
    """SES_ESPropertyInfo [6.1.2]; seals that list certificates by their digest are not read."""

    _fields = [  # noqa: RUF012
        ("type", core.Integer),
        ("name", core.UTF8String),
        ("cert_list_type", core.Integer),
        ("certs", _CertInfoList),
        ("created", core.GeneralizedTime),
        ("valid_from", core.GeneralizedTime),
        ("valid_to", core.GeneralizedTime),
    ]


class _Picture(core.Sequence):  # type: ignore[misc]
    """SES_ESPictrueInfo [6.1.2]: width and height in millimetres."""

    _fields = [  # noqa: RUF012
        ("type", core.IA5String),
        ("data", core.OctetString),
        ("width", core.Integer),
        ("height", core.Integer),
    ]


class _SealInfo(core.Sequence):  # type: ignore[misc]
    """SES_SealInfo [6.1.2]."""

    _fields = [  # noqa: RUF012
        ("header", _Header),
        ("es_id", core.IA5String),
        ("property", _Property),
        ("picture", _Picture),
        ("extensions", core.Any, {"explicit": 0, "optional": True}),
    ]


class _SealBody(core.Sequence):  # type: ignore[misc]
    """What the maker of a seal signs [6.1.3]."""

    _fields = [("info", _SealInfo), ("cert", core.OctetString), ("algorithm", core.ObjectIdentifier)]  # noqa: RUF012


class _Seal(core.Sequence):  # type: ignore[misc]
    """SESeal [6.1.1]."""

    _fields = [  # noqa: RUF012
        ("info", _SealInfo),
        ("cert", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
    ]


class _ToSign(core.Sequence):  # type: ignore[misc]
    """TBS_Sign [7.1.2]."""

    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("seal", _Seal),
        ("time", core.GeneralizedTime),
        ("data_hash", core.OctetBitString),
        ("property_info", core.IA5String),
        ("extensions", core.Any, {"explicit": 0, "optional": True}),
    ]


class _Signature(core.Sequence):  # type: ignore[misc]
    """SES_Signature [7.1.1]."""

    _fields = [  # noqa: RUF012
        ("to_sign", _ToSign),
        ("cert", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("signature", core.OctetBitString),
        ("timestamp", core.OctetBitString, {"explicit": 0, "optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class SealTerms:
    """What a seal says: its id, name, picture (PNG), and when it may be used."""

    seal_id: str
    name: str
    picture: bytes
    created: datetime
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class SealSignature:
    """A seal signature that was read and holds by itself; who is trusted, and what it was set on, are other checks."""

    signer: Certificate
    seal_name: str
    picture: bytes
    at: datetime
    data_hash: bytes
    property_info: str
    seal: bytes


def make_seal(terms: SealTerms, users: Sequence[bytes], maker: Signer) -> bytes:
    """Make a seal.

    Args:
        users: certificates of the keys that may use it, DER.
        maker: who makes seals, an SM2 key.

    Returns:
        SESeal, DER.
    """
    info = _SealInfo(
        {
            "header": {"id": "ES", "version": _VERSION, "vid": _VENDOR},
            "es_id": terms.seal_id,
            "property": {
                "type": _ORGANISATION_SEAL,
                "name": terms.name,
                "cert_list_type": _LIST_OF_CERTIFICATES,
                "certs": list(users),
                "created": _whole(terms.created),
                "valid_from": _whole(terms.valid_from),
                "valid_to": _whole(terms.valid_to),
            },
            "picture": {"type": "png", "data": terms.picture, "width": _MILLIMETRES, "height": _MILLIMETRES},
        }
    )
    body = _SealBody({"info": info, "cert": maker.certificate, "algorithm": SM2_WITH_SM3})
    signature = maker.sign(body.dump())
    held = {"info": info, "cert": maker.certificate, "algorithm": SM2_WITH_SM3, "signature": signature}
    return bytes(_Seal(held).dump())


def sign(seal: bytes, signer: Signer, data_hash: bytes, property_info: str, at: datetime) -> bytes:
    """Set a seal.

    Args:
        seal: SESeal that lists the signer's certificate, DER.
        signer: an SM2 key.
        data_hash: SM3 of what it is set on, 32 bytes.
        property_info: what that is; for an OFD the path of its Signature.xml.
        at: when.

    Returns:
        SES_Signature, DER.
    """
    to_sign = _ToSign(
        {
            "version": _VERSION,
            "seal": _Seal.load(seal),
            "time": _whole(at),
            "data_hash": data_hash,
            "property_info": property_info,
        }
    )
    held = {"to_sign": to_sign, "cert": signer.certificate, "algorithm": SM2_WITH_SM3}
    return bytes(_Signature(held | {"signature": signer.sign(to_sign.dump())}).dump())


def check(value: bytes, trusted: TrustedCas, at: datetime) -> SealSignature:
    """Check a seal signature [7.3]; whether it was set on this document is the caller's to compare.

    Args:
        value: SES_Signature, DER.
        trusted: roots for signer and maker of the seal.
        at: for when both must be good.

    Raises:
        MalformedSealError: not such a structure, or an algorithm that is not SM2 with SM3.
        SealInvalidError: a signature does not hold, the signer is none of the seal's users, or the seal was not good
            at the time of the signature.
        SignerExpiredError, SignerRevokedError, SignerUntrustedError, InvalidSealCertificateError: see `check_signer`.
    """
    # 1. The structure, its version and its algorithms.
    held, to_sign, seal = _load(value)
    info = seal["info"]
    # 2. The signer's signature; the signer is one of the seal's users (no borrowing of another's seal).
    signer, maker = Certificate(held["cert"].native), Certificate(seal["cert"].native)
    if not verify(_sm2(signer), signer.public, to_sign.dump(), held["signature"].native):
        raise SealInvalidError(part="signature")
    if signer.der not in [each.native for each in info["property"]["certs"]]:
        raise SealInvalidError(part="users")
    # 3. The maker's signature over seal and picture.
    body = _SealBody({"info": info, "cert": maker.der, "algorithm": SM2_WITH_SM3})
    if not verify(_sm2(maker), maker.public, body.dump(), seal["signature"].native):
        raise SealInvalidError(part="seal")
    # 4. The seal was good when it was set, and it was not set after the moment it is checked for.
    set_at = to_sign["time"].native
    if set_at > at + CLOCKS:
        raise SealInvalidError(part="time")
    if not info["property"]["valid_from"].native <= set_at <= info["property"]["valid_to"].native:
        raise SealInvalidError(part="period")
    # 5. Both certificates lead to a trusted root and were good.
    for certificate in (signer, maker):
        check_signer(certificate, (), trusted, at)
    return SealSignature(
        signer,
        info["property"]["name"].native,
        info["picture"]["data"].native,
        set_at,
        to_sign["data_hash"].native,
        to_sign["property_info"].native,
        seal.dump(),
    )


def _load(value: bytes) -> tuple[Any, Any, Any]:
    try:
        held = _Signature.load(value, strict=True)
        to_sign, seal = held["to_sign"], held["to_sign"]["seal"]
        versions = {to_sign["version"].native, seal["info"]["header"]["version"].native}
        algorithms = {held["algorithm"].dotted, seal["algorithm"].dotted}
        known = versions == {_VERSION} and algorithms == {SM2_WITH_SM3}
        known &= seal["info"]["header"]["id"].native == "ES"
        known &= seal["info"]["property"]["cert_list_type"].native == _LIST_OF_CERTIFICATES
        held.native  # noqa: B018 - parses every part, so that nothing fails later
    except (ValueError, TypeError, KeyError) as error:
        raise MalformedSealError(problem="structure") from error
    if not known:
        raise MalformedSealError(problem="version or algorithm")
    return held, to_sign, seal


def _sm2(certificate: Certificate) -> Algorithm:
    if certificate.algorithm is not Algorithm.SM2:
        raise MalformedSealError(problem="not an SM2 certificate")
    return certificate.algorithm


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
