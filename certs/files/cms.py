"""The CMS signature in a PDF seal (RFC 5652; attributes of ETSI EN 319 142-1, 6.3: PAdES B-B, with a timestamp B-T).

All of it but digest, signature and timestamp is the same for every seal of one certificate, so it is built once and
written around them: an office that issues a thousand licences builds it once. pyHanko, which builds everything anew,
spends half of a licence's time on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from asn1crypto import cms, core, parser, tsp, x509

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIVERSAL, _CONTEXT = 0, 2
_PRIMITIVE, _CONSTRUCTED = 0, 1
_OCTETS, _SEQUENCE, _SET = 4, 16, 17
_DIGEST: Final = cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
_SIGNATURE: Final = cms.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_VERSION: Final = core.Integer(1).dump()


def _emit(kind: int, method: int, tag: int, contents: bytes) -> bytes:
    return bytes(parser.emit(kind, method, tag, contents))


def _sequence(*parts: bytes) -> bytes:
    return _emit(_UNIVERSAL, _CONSTRUCTED, _SEQUENCE, b"".join(parts))


def _set(*parts: bytes) -> bytes:
    """A SET OF, in the order of its encodings (X.690, 11.6)."""
    return _emit(_UNIVERSAL, _CONSTRUCTED, _SET, b"".join(sorted(parts)))


def _octets(value: bytes) -> bytes:
    return _emit(_UNIVERSAL, _PRIMITIVE, _OCTETS, value)


def _tagged(tag: int, encoded_set: bytes) -> bytes:
    """A SET OF under an implicit tag."""
    return _emit(_CONTEXT, _CONSTRUCTED, tag, parser.parse(encoded_set)[4])


def _attribute(kind: str, value: bytes) -> bytes:
    return _sequence(cms.CMSAttributeType(kind).dump(), _set(value))


_CONTENT: Final = cms.ContentType("data").dump()
_DETACHED: Final = _sequence(_CONTENT)
_CONTENT_TYPE: Final = _attribute("content_type", _CONTENT)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same in every signature of one certificate."""

    certificates: bytes
    signer: bytes
    certificate_attribute: bytes


@lru_cache(maxsize=256)
def _frame(certificate: bytes, chain: tuple[bytes, ...]) -> _Frame:
    own = x509.Certificate.load(certificate)
    others = [der for der in chain if der != certificate and not _is_root(der)]
    issuer = x509.GeneralName("directory_name", own.issuer)
    names = {"issuer": [issuer], "serial_number": own.serial_number}
    shown = tsp.ESSCertIDv2({"cert_hash": sha256(certificate).digest(), "issuer_serial": names})
    return _Frame(
        _tagged(0, _set(certificate, *others)),
        _sequence(own.issuer.dump(), core.Integer(own.serial_number).dump()),
        _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [shown]}).dump()),
    )


def _is_root(der: bytes) -> bool:
    held = x509.Certificate.load(der)
    return bool(held.issuer == held.subject)


def attributes(certificate: bytes, chain: Sequence[bytes], digest: bytes) -> bytes:
    """The signed attributes, as they are signed: content type, digest and signer's certificate.

    The time is none of them: PAdES tells it in the signature dictionary.

    Args:
        certificate: the signer's, DER.
        chain: those that lead to a root, DER; roots are left out.
        digest: SHA-256 of the document, 32 bytes.
    """
    frame = _frame(certificate, tuple(chain))
    return _set(_CONTENT_TYPE, _attribute("message_digest", _octets(digest)), frame.certificate_attribute)


def signed_data(
    certificate: bytes, chain: Sequence[bytes], signed: bytes, signature: bytes, timestamp: bytes | None = None
) -> bytes:
    """The whole structure.

    Args:
        certificate: the signer's, DER.
        chain: those that lead to a root, DER; roots are left out.
        signed: what `attributes` gave.
        signature: over `signed`, ECDSA with SHA-256, DER.
        timestamp: a token over the signature (RFC 3161), DER.

    Returns:
        A ContentInfo, DER.
    """
    frame = _frame(certificate, tuple(chain))
    unsigned = b"" if timestamp is None else _tagged(1, _set(_attribute("signature_time_stamp_token", timestamp)))
    signer = _sequence(_VERSION, frame.signer, _DIGEST, _tagged(0, signed), _SIGNATURE, _octets(signature), unsigned)
    held = _sequence(_VERSION, _set(_DIGEST), _DETACHED, frame.certificates, _set(signer))
    content = _emit(_CONTEXT, _CONSTRUCTED, 0, held)
    return _sequence(cms.ContentType("signed_data").dump(), content)
