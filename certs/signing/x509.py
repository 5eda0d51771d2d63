"""X.509 certificates of seals (RFC 5280; with SM2 also GM/T 0015-2012), on P-256 and on SM2 alike.

`cryptography` cannot read SM2 certificates, so both kinds are written and judged here over asn1crypto, one way. The
subject of a leaf says whose seal it is: O is the organisation's name, organizationIdentifier (2.5.4.97, ETSI EN
319 412-1, 5.1.4) its unified social credit code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import algos, core, csr, keys, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from authz import sm2
from certs.signing.errors import (
    InvalidSealCertificateError,
    SignerExpiredError,
    SignerRevokedError,
    SignerUntrustedError,
)
from certs.signing.model import Algorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certs.signing.model import TrustedCas

SM2_CURVE: Final = "1.2.156.10197.1.301"
SM3: Final = "1.2.156.10197.1.401"
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"
"""Object identifiers of GM/T 0006-2012."""
_SIGNATURE: Final = {Algorithm.ES256: "1.2.840.10045.4.3.2", Algorithm.SM2: SM2_WITH_SM3}
_ALGORITHM: Final = {oid: algorithm for algorithm, oid in _SIGNATURE.items()}
_CURVE: Final = {Algorithm.ES256: "secp256r1", Algorithm.SM2: "sm2p256v1"}
_UNDERSTOOD: Final = frozenset({"basic_constraints", "key_usage"})
"""Extensions judged here; another critical one makes a certificate unusable (RFC 5280, 4.2)."""
_LONGEST_CHAIN: Final = 4
_LARGEST: Final = 16 * 1024

keys.NamedCurve.register("sm2p256v1", SM2_CURVE, 32)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names.

    Attributes:
        name: of the organisation; for a CA the CA's name.
        org_code: its unified social credit code; empty for a CA.
    """

    name: str
    org_code: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a CA puts into a certificate: period and whether it is a CA's."""

    not_before: datetime
    not_after: datetime
    is_ca: bool = False


class Certificate:
    """A parsed certificate.

    Args:
        der: its bytes.

    Raises:
        InvalidSealCertificateError: not a certificate with a key and signature algorithm of ours.
    """

    def __init__(self, der: bytes) -> None:
        self.der = der
        try:
            self._held = x509.Certificate.load(der, strict=True)
            body = self._held["tbs_certificate"]
            self.body = body.dump()
            self.signature = bytes(self._held["signature_value"].native)
            oid = self._held["signature_algorithm"]["algorithm"].dotted
            self.signed_with = _ALGORITHM[oid]
            if body["signature"]["algorithm"].dotted != oid or len(der) > _LARGEST:
                raise InvalidSealCertificateError(problem="algorithms differ")
            self.algorithm = _key_algorithm(body["subject_public_key_info"])
            self.public = bytes(body["subject_public_key_info"]["public_key"].native)
            self.subject, self.issuer = body["subject"].dump(), body["issuer"].dump()
            self.not_before: datetime = body["validity"]["not_before"].native
            self.not_after: datetime = body["validity"]["not_after"].native
            names: dict[str, Any] = body["subject"].native
            critical = {each["extn_id"].native for each in body["extensions"] if each["critical"].native}
            constraints, usage = self._held.basic_constraints_value, self._held.key_usage_value
            self.is_ca = bool(constraints is not None and constraints["ca"].native)
            self.usage: frozenset[str] = frozenset() if usage is None else frozenset(usage.native)
            if not critical <= _UNDERSTOOD:
                raise InvalidSealCertificateError(problem="a critical extension unknown here")
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidSealCertificateError(problem="not a certificate of P-256 or SM2") from error
        self.org_name = str(names.get("organization_name", ""))
        self.org_code = str(names.get("organization_identifier", ""))

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of its bytes."""
        return sha256(self.der).digest()

    def signed(self, other: Certificate) -> bool:
        """Whether this one's key signed another certificate, as a CA may."""
        return (
            self.is_ca
            and "key_cert_sign" in self.usage
            and other.issuer == self.subject
            and other.signed_with is self.algorithm
            and verify(self.algorithm, self.public, other.body, other.signature)
        )


def verify(algorithm: Algorithm, public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a DER signature over a message is that of a public point, 65 bytes."""
    if algorithm is Algorithm.SM2:
        return sm2.verify(public, data, signature)
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def as_der(algorithm: Algorithm, signature: bytes) -> bytes:
    """A signer's signature as X.509 and CMS want it: ECDSA's r || s becomes a SEQUENCE."""
    if algorithm is Algorithm.SM2:
        return signature
    return utils.encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))


def certificate(
    subject: Subject,
    algorithm: Algorithm,
    public: bytes,
    terms: Terms,
    *,
    issuer: Certificate | None,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Write a certificate.

    Args:
        subject: whom it names.
        algorithm: of the key, and of the CA that signs.
        public: point, 65 bytes.
        terms: period and kind.
        issuer: the CA's certificate; None for a root, which signs itself.
        sign: the CA's key, as `Signer.sign`.

    Returns:
        DER.
    """
    named = _name(subject)
    key_id, issuer_id = _key_id(public), _key_id(public if issuer is None else issuer.public)
    usage = {"key_cert_sign", "crl_sign"} if terms.is_ca else {"digital_signature", "non_repudiation"}
    extensions = [
        ("basic_constraints", True, x509.BasicConstraints({"ca": terms.is_ca})),
        ("key_usage", True, x509.KeyUsage(usage)),
        ("key_identifier", False, core.OctetString(key_id)),
        ("authority_key_identifier", False, x509.AuthorityKeyIdentifier({"key_identifier": issuer_id})),
    ]
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(126) | 1 << 126,
            "signature": {"algorithm": _SIGNATURE[algorithm]},
            "issuer": named if issuer is None else x509.Name.load(issuer.subject),
            "validity": {"not_before": _time(terms.not_before), "not_after": _time(terms.not_after)},
            "subject": named,
            "subject_public_key_info": _public_key(algorithm, public),
            "extensions": [
                {"extn_id": name, "critical": critical, "extn_value": core.ParsableOctetString(value.dump())}
                for name, critical, value in extensions
            ],
        }
    )
    signature = as_der(algorithm, sign(body.dump()))
    held = x509.Certificate(
        {
            "tbs_certificate": body,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": _SIGNATURE[algorithm]}),
            "signature_value": core.OctetBitString(signature),
        }
    )
    return bytes(held.dump())


def request(subject: Subject, algorithm: Algorithm, public: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """A request for a certificate (PKCS #10, RFC 2986).

    Args:
        subject: whom it shall name.
        public: point, 65 bytes.
        sign: the key itself, as `Signer.sign`.

    Returns:
        DER.
    """
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": _name(subject),
            "subject_pk_info": _public_key(algorithm, public),
            "attributes": [],
        }
    )
    signature = as_der(algorithm, sign(info.dump()))
    held = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": _SIGNATURE[algorithm]}),
            "signature": core.OctetBitString(signature),
        }
    )
    return bytes(held.dump())


def check_signer(leaf: Certificate, chain: Sequence[bytes], trusted: TrustedCas, at: datetime) -> None:
    """Check that a certificate could sign at a moment (RFC 5280, 6.1, for chains without policies or name constraints).

    Args:
        leaf: the signer's.
        chain: certificates that came with it, DER, in any order; never believed by themselves.
        trusted: roots, and what was revoked.
        at: the moment.

    Raises:
        InvalidSealCertificateError: one in the path is malformed, or the leaf may not sign.
        SignerUntrustedError: no path to a trusted root.
        SignerExpiredError: one in the path does not cover the moment.
        SignerRevokedError: one in the path had been revoked.
    """
    if leaf.is_ca or not leaf.usage & {"digital_signature", "non_repudiation"}:
        raise InvalidSealCertificateError(problem="may not sign")
    roots, given = [Certificate(der) for der in trusted.roots], [Certificate(der) for der in chain[:_LONGEST_CHAIN]]
    path = [leaf]
    while not any(root.der == path[-1].der for root in roots):
        above = next((each for each in [*roots, *given] if each.signed(path[-1])), None)
        if above is None or len(path) > _LONGEST_CHAIN:
            raise SignerUntrustedError
        path.append(above)
    for each in path:
        if not each.not_before <= at <= each.not_after:
            raise SignerExpiredError
        revoked = trusted.revoked_at(each.fingerprint)
        if revoked is not None and revoked <= at:
            raise SignerRevokedError


def _public_key(algorithm: Algorithm, public: bytes) -> keys.PublicKeyInfo:
    curve = keys.ECDomainParameters("named", _CURVE[algorithm])
    point = keys.ECPointBitString(public)
    return keys.PublicKeyInfo({"algorithm": {"algorithm": "ec", "parameters": curve}, "public_key": point})


def _key_algorithm(info: keys.PublicKeyInfo) -> Algorithm:
    if info["algorithm"]["algorithm"].native != "ec" or info["algorithm"]["parameters"].name != "named":
        raise InvalidSealCertificateError(problem="key")
    curve = info["algorithm"]["parameters"].chosen.native
    return next(algorithm for algorithm, name in _CURVE.items() if name == curve)


def _name(subject: Subject) -> x509.Name:
    parts = {"country_name": "CN", "organization_name": subject.name, "common_name": subject.name}
    if subject.org_code:
        parts["organization_identifier"] = subject.org_code
    return x509.Name.build(parts, use_printable=False)


def _key_id(public: bytes) -> bytes:
    return sha1(public, usedforsecurity=False).digest()  # RFC 5280, 4.2.1.2, method (1): a name, not a protection


def _time(at: datetime) -> x509.Time:
    at = at.astimezone(UTC).replace(microsecond=0)
    if at.year < 2050:  # RFC 5280, 4.1.2.5
        return x509.Time({"utc_time": core.UTCTime(at)})
    return x509.Time({"general_time": core.GeneralizedTime(at)})
