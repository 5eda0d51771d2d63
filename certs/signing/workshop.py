"""Makes seal keys: outside any unit of work, since a key in a file or a hardware module is not undone by a rollback.

What is made here counts for nothing until `SealRegister.enrol` has written it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from certs.signing import ca as demo
from certs.signing.errors import InvalidSealCertificateError, NoSealKeyError, SealKeyUnreadableError
from certs.signing.eseal import SealTerms, make_seal
from certs.signing.model import Algorithm, SealCa, SealKey
from certs.signing.signer import ProviderSigner
from certs.signing.x509 import Certificate, Subject, as_der, request, verify
from ledger.db import outside_any_unit
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from certs.signing.providers import KeyProvider

MAKER: Final = Subject("演示制章机构（仅供演示） Demo Seal Maker", "00000000000000000X")
"""Who makes the electronic seals of demonstrations."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made and is not enrolled."""

    id: str
    org_code: str
    org_name: str
    algorithm: Algorithm
    provider: str
    certificate: bytes
    chain: tuple[bytes, ...]
    eseal: bytes = field(default=b"", repr=False)

    def as_key(self, certificate: Certificate, at: datetime, entry_id: str) -> SealKey:
        """The same, enrolled."""
        period = (certificate.not_before, certificate.not_after)
        held = (self.id, self.org_code, self.org_name, self.algorithm, self.provider, self.certificate, self.chain)
        return SealKey(*held, self.eseal, *period, at, None, None, None, entry_id, None)


class Workshop:
    """Makes roots, keys and seals with the node's providers.

    Args:
        providers: by name; a new key is made with the first that has its algorithm.
    """

    def __init__(self, providers: Mapping[str, KeyProvider]) -> None:
        self._providers = providers

    def demo_ca(self, algorithm: Algorithm, at: datetime) -> SealCa:
        """A root of our own, for demonstrations, and for SM2 a maker of seals below it."""
        outside_any_unit("making a root")
        root_id, provider = new_id(), self._for(algorithm)
        root = demo.root(provider, root_id, algorithm, at)
        if algorithm is not Algorithm.SM2:
            return SealCa(root_id, algorithm, root, provider.name)
        maker_id = new_id()
        public = provider.generate(maker_id, algorithm)
        lasting = demo.ROOT_YEARS * timedelta(days=365)
        certificate = demo.DemoCa(provider, root_id, root).certify(MAKER, public, at, valid=lasting)
        return SealCa(root_id, algorithm, root, provider.name, maker_id, certificate)

    def make(
        self, subject: Subject, ca: SealCa, picture: bytes, at: datetime, *, years: int = demo.SEAL_YEARS
    ) -> NewKey:
        """A key certified by a demo root, for SM2 with an electronic seal.

        Args:
            subject: whose it is.
            ca: from `demo_ca`.
            picture: of the seal, PNG; used for SM2.
            at: now.
            years: how long the certificate is good.

        Raises:
            NoSealKeyError: not a root of our own.
            SealKeyUnreadableError: the root's key cannot be used.
        """
        outside_any_unit("making a seal key")
        if ca.provider is None:
            raise NoSealKeyError(problem="not a root of our own")
        root, key_id = demo.DemoCa(self._providers[ca.provider], ca.id, ca.certificate), new_id()
        provider = self._for(ca.algorithm)
        public = provider.generate(key_id, ca.algorithm)
        certificate = root.certify(subject, public, at, valid=years * timedelta(days=365))
        eseal = b""
        if ca.maker_id is not None and ca.maker_certificate is not None:
            held = Certificate(certificate)
            terms = SealTerms(key_id, f"{subject.name}电子证照专用章", picture, at, held.not_before, held.not_after)
            eseal = make_seal(terms, [certificate], self._maker(ca, ca.maker_id, ca.maker_certificate))
        held_by = (key_id, subject.org_code, subject.name, ca.algorithm, provider.name)
        return NewKey(*held_by, certificate, (ca.certificate,), eseal)

    def request(self, subject: Subject, algorithm: Algorithm) -> tuple[str, bytes]:
        """A key without certificate, and the request for one (PKCS #10, RFC 2986) to a licensed authority.

        Returns:
            The key's id, and the request, DER.
        """
        outside_any_unit("making a seal key")
        key_id, provider = new_id(), self._for(algorithm)
        public = provider.generate(key_id, algorithm)
        return key_id, request(subject, algorithm, public, lambda data: provider.sign(key_id, algorithm, data))

    def install(self, key_id: str, certificate: bytes, chain: Sequence[bytes], eseal: bytes = b"") -> NewKey:
        """Take in what an authority gave for a request.

        Args:
            key_id: from `request`.
            certificate: DER.
            chain: certificates above it, DER, nearest first.
            eseal: for SM2 the electronic seal, SESeal, DER.

        Raises:
            InvalidSealCertificateError: the certificate is of another key, or an SM2 key got no electronic seal.
            SealKeyUnreadableError: there is no such key.
        """
        outside_any_unit("trying a seal key")
        held, challenge = Certificate(certificate), os.urandom(32)
        provider = self._for(held.algorithm)
        answer = provider.sign(key_id, held.algorithm, challenge)
        if not verify(held.algorithm, held.public, challenge, as_der(held.algorithm, answer)):
            raise InvalidSealCertificateError(problem="of another key")
        if (held.algorithm is Algorithm.SM2) != bool(eseal):
            raise InvalidSealCertificateError(problem="an SM2 key, and no other, has an electronic seal")
        names = (key_id, held.org_code, held.org_name, held.algorithm, provider.name)
        return NewKey(*names, certificate, tuple(chain), eseal)

    def signer(self, key: SealKey) -> ProviderSigner:
        """A key, ready to sign.

        Raises:
            SealKeyUnreadableError: this node does not have its provider.
        """
        provider = self._providers.get(key.provider)
        if provider is None:
            raise SealKeyUnreadableError(problem="unknown provider")
        names = (key.id, key.algorithm, key.org_code, key.org_name)
        return ProviderSigner(*names, key.certificate, key.chain, provider, key.eseal)

    def destroy(self, key: SealKey) -> None:
        """Destroy a revoked key's private half."""
        outside_any_unit("destroying a seal key")
        if key.provider in self._providers:
            self._providers[key.provider].destroy(key.id)

    def _for(self, algorithm: Algorithm) -> KeyProvider:
        return next(each for each in self._providers.values() if algorithm in each.algorithms)

    def _maker(self, ca: SealCa, maker_id: str, certificate: bytes) -> ProviderSigner:
        provider = self._providers[ca.provider or ""]
        names = (maker_id, Algorithm.SM2, MAKER.org_code, MAKER.name)
        return ProviderSigner(*names, certificate, (ca.certificate,), provider)
