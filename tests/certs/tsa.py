"""A time-stamping authority (RFC 3161) for tests: real tokens, of nobody's trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import keys, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper


@cache
def identity() -> tuple[x509.Certificate, keys.PrivateKeyInfo]:
    key = rsa.generate_private_key(65537, 2048)
    name = pyca.Name([pyca.NameAttribute(pyca.NameOID.COMMON_NAME, "TSA")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    builder = pyca.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=9999))
    usage = pyca.ExtendedKeyUsage([pyca.ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER)), keys.PrivateKeyInfo.load(private)


def tsa(at: datetime) -> DummyTimeStamper:
    """One in this process, whose clock stands."""
    certificate, key = identity()
    return DummyTimeStamper(certificate, key, fixed_dt=at)
