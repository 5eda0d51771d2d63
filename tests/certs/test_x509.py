"""Certificates of seals: what we write others read, and what must not sign does not."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import csr
from cryptography import x509 as pyca
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from certs.signing.errors import (
    InvalidSealCertificateError,
    SignerExpiredError,
    SignerRevokedError,
    SignerUntrustedError,
)
from certs.signing.model import Algorithm, TrustedCas
from certs.signing.providers import FileKeys
from certs.signing.x509 import Certificate, Subject, Terms, certificate, check_signer, request, verify
from ledger.ids import new_id
from ledger.secrets import KeyRing

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
YEAR = timedelta(days=365)
ORG = Subject("青浦区市场监督管理局", "11310118XX00000B0W")


class Ca:
    """A CA that can be told to do wrong."""

    def __init__(self, folder: Path, algorithm: Algorithm, name: str = "根") -> None:
        self.algorithm, self.keys = algorithm, FileKeys(folder, KeyRing(b"k" * 32))
        self.key = new_id()
        self.public = self.keys.generate(self.key, algorithm)
        self.subject = Subject(name)
        terms = Terms(NOW - YEAR, NOW + 10 * YEAR, is_ca=True)
        self.root = certificate(self.subject, algorithm, self.public, terms, issuer=None, sign=self.sign)

    def sign(self, data: bytes) -> bytes:
        return self.keys.sign(self.key, self.algorithm, data)

    def issue(self, public: bytes, *, is_ca: bool = False, subject: Subject = ORG) -> bytes:
        terms = Terms(NOW - timedelta(days=1), NOW + YEAR, is_ca=is_ca)
        above = Certificate(self.root)
        return certificate(subject, self.algorithm, public, terms, issuer=above, sign=self.sign)


@pytest.fixture(params=list(Algorithm))
def ca(request: pytest.FixtureRequest, tmp_path: Path) -> Ca:
    return Ca(tmp_path, request.param)


@pytest.fixture
def leaf(ca: Ca) -> bytes:
    return ca.issue(ca.keys.generate(new_id(), ca.algorithm))


class TestCertificate:
    def test_names_the_organisation(self, leaf: bytes) -> None:
        held = Certificate(leaf)
        assert (held.org_name, held.org_code) == (ORG.name, ORG.org_code)
        assert not held.is_ca

    def test_openssl_reads_and_verifies_it(self, ca: Ca, leaf: bytes, tmp_path: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("openssl is not on this machine")
        for name, der in (("root", ca.root), ("leaf", leaf)):
            (tmp_path / f"{name}.der").write_bytes(der)
            subprocess.run(
                [openssl, "x509", "-inform", "DER", "-in", tmp_path / f"{name}.der", "-out", tmp_path / f"{name}.pem"],
                check=True,
            )
        options = ["-vfyopt", "distid:1234567812345678"] if ca.algorithm is Algorithm.SM2 else ["-x509_strict"]
        moment = str(int(NOW.timestamp()))
        done = subprocess.run(
            [openssl, "verify", *options, "-attime", moment, "-CAfile", tmp_path / "root.pem", tmp_path / "leaf.pem"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def test_another_library_reads_it(self, tmp_path: Path) -> None:
        ca = Ca(tmp_path, Algorithm.ES256)
        held = pyca.load_der_x509_certificate(ca.issue(ca.keys.generate(new_id(), ca.algorithm)))
        assert held.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == ORG.org_code
        held.verify_directly_issued_by(pyca.load_der_x509_certificate(ca.root))
        PolicyBuilder().store(Store([pyca.load_der_x509_certificate(ca.root)]))

    @pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01\x00", b"0" * 40], ids=["empty", "other", "noise"])
    def test_refuses_what_is_none(self, der: bytes) -> None:
        with pytest.raises(InvalidSealCertificateError):
            Certificate(der)

    def test_refuses_trailing_bytes(self, leaf: bytes) -> None:
        with pytest.raises(InvalidSealCertificateError):
            Certificate(leaf + b"\0")


class TestCheckSigner:
    def test_accepts_a_leaf_of_a_root(self, ca: Ca, leaf: bytes) -> None:
        check_signer(Certificate(leaf), (), TrustedCas((ca.root,)), NOW)

    def test_accepts_one_below_an_intermediate(self, ca: Ca, tmp_path: Path) -> None:
        below = Ca(tmp_path / "below", ca.algorithm, "中级")
        middle = ca.issue(below.public, is_ca=True, subject=below.subject)
        leaf = below.issue(below.keys.generate(new_id(), ca.algorithm))
        check_signer(Certificate(leaf), [middle], TrustedCas((ca.root,)), NOW)
        with pytest.raises(SignerUntrustedError):
            check_signer(Certificate(leaf), [], TrustedCas((ca.root,)), NOW)

    def test_refuses_an_unknown_root_that_came_with_it(self, ca: Ca, leaf: bytes) -> None:
        with pytest.raises(SignerUntrustedError):
            check_signer(Certificate(leaf), [ca.root], TrustedCas(()), NOW)

    def test_refuses_a_root_of_the_same_name(self, ca: Ca, leaf: bytes, tmp_path: Path) -> None:
        other = Ca(tmp_path / "other", ca.algorithm)
        with pytest.raises(SignerUntrustedError):
            check_signer(Certificate(leaf), (), TrustedCas((other.root,)), NOW)

    def test_refuses_a_leaf_as_issuer(self, ca: Ca, tmp_path: Path) -> None:
        """Basic constraints: a seal's key certifies nobody (CVE-2002-0862 of others)."""
        key = new_id()
        middle = ca.issue(ca.keys.generate(key, ca.algorithm))
        terms = Terms(NOW - timedelta(days=1), NOW + YEAR)
        forged = certificate(
            Subject("冒名", "9"),
            ca.algorithm,
            ca.keys.generate(new_id(), ca.algorithm),
            terms,
            issuer=Certificate(middle),
            sign=lambda data: ca.keys.sign(key, ca.algorithm, data),
        )
        with pytest.raises(SignerUntrustedError):
            check_signer(Certificate(forged), [middle], TrustedCas((ca.root,)), NOW)

    def test_refuses_a_ca_as_signer(self, ca: Ca) -> None:
        with pytest.raises(InvalidSealCertificateError):
            check_signer(Certificate(ca.root), (), TrustedCas((ca.root,)), NOW)

    @pytest.mark.parametrize("away", [-2 * YEAR, 2 * YEAR], ids=["before", "after"])
    def test_refuses_another_time(self, ca: Ca, leaf: bytes, away: timedelta) -> None:
        with pytest.raises(SignerExpiredError):
            check_signer(Certificate(leaf), (), TrustedCas((ca.root,)), NOW + away)

    def test_refuses_a_changed_certificate(self, ca: Ca, leaf: bytes) -> None:
        changed = leaf.replace(ORG.org_code.encode(), b"11310118XX00000B0X")
        with pytest.raises(SignerUntrustedError):
            check_signer(Certificate(changed), (), TrustedCas((ca.root,)), NOW)

    def test_revocation_counts_from_its_moment(self, ca: Ca, leaf: bytes) -> None:
        held = Certificate(leaf)
        trusted = TrustedCas((ca.root,), ((held.fingerprint, NOW),))
        check_signer(held, (), trusted, NOW - timedelta(seconds=1))
        with pytest.raises(SignerRevokedError):
            check_signer(held, (), trusted, NOW)


class TestRequest:
    def test_is_signed_by_its_key(self, ca: Ca) -> None:
        key = new_id()
        public = ca.keys.generate(key, ca.algorithm)
        made = request(ORG, ca.algorithm, public, lambda data: ca.keys.sign(key, ca.algorithm, data))
        held = csr.CertificationRequest.load(made, strict=True)
        body = held["certification_request_info"]
        assert bytes(body["subject_pk_info"]["public_key"].native) == public
        assert body["subject"].native["organization_identifier"] == ORG.org_code
        assert verify(ca.algorithm, public, body.dump(), held["signature"].native)
