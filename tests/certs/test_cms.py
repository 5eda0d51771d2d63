"""Our CMS against the library's: the same bytes around another signature."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest
from asn1crypto import cms as asn1, x509
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certs.files import cms
from certs.signing.model import Algorithm, Signer
from certs.signing.x509 import as_der
from tests.certs.made import LIBRARY, NOW, files
from tests.certs.sheets import ISSUER

DIGEST = sha256(b"what is sealed").digest()


@pytest.fixture(params=[ISSUER, LIBRARY])
def signer(request: pytest.FixtureRequest) -> Signer:
    return files().keys.seal(request.param, Algorithm.ES256, NOW)


def theirs(signer: Signer) -> ExternalSigner:
    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(der) for der in signer.chain])
    return ExternalSigner(x509.Certificate.load(signer.certificate), store, embed_roots=False)


class TestAttributes:
    def test_are_those_of_the_library(self, signer: Signer) -> None:
        wanted = asyncio.run(
            theirs(signer).signed_attrs(DIGEST, "sha256", attr_settings=PdfCMSSignedAttributes(), use_pades=True)
        )
        assert cms.attributes(signer.certificate, signer.chain, DIGEST) == wanted.dump()


class TestSignedData:
    def test_is_that_of_the_library_but_for_the_signature(self, signer: Signer) -> None:
        signed = cms.attributes(signer.certificate, signer.chain, DIGEST)
        signature = as_der(Algorithm.ES256, signer.sign(signed))
        wanted = asyncio.run(
            theirs(signer).async_sign_prescribed_attributes("sha256", asn1.CMSAttributes.load(signed), dry_run=True)
        )
        wanted["content"]["signer_infos"][0]["signature"] = signature
        wanted["content"]["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}
        made = cms.signed_data(signer.certificate, signer.chain, signed, signature)
        assert made == wanted.dump(force=True)
