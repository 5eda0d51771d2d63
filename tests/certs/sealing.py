"""Seal keys for tests that keep none in a database: a demo CA, and a key for every organisation that asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from certs.files.render import Renderer
from certs.signing import ca
from certs.signing.eseal import SealTerms, make_seal
from certs.signing.model import Algorithm, Signer, TrustedCas
from certs.signing.providers import FileKeys
from certs.signing.signer import ProviderSigner
from certs.signing.x509 import Subject
from ledger.ids import new_id
from ledger.secrets import KeyRing

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "11310118XX00000B0W": "青浦区市场监督管理局",
    "11310113XX00000A2R": "宝山区行政服务中心",
}


@cache
def renderer() -> Renderer:
    """One for all tests."""
    return Renderer()


class DemoKeys:
    """Implements `SealKeys`: keys in files, certified by demo roots, made when first asked for.

    Args:
        folder: for the key files.
        at: when roots and certificates begin.
        valid: how long a seal's certificate is good.
    """

    def __init__(self, folder: Path, at: datetime | None = None, *, valid: timedelta = timedelta(days=1826)) -> None:
        self.at = at or datetime.now(UTC)
        self.valid = valid
        self.provider = FileKeys(folder, KeyRing(b"k" * 32))
        self.cas = {algorithm: self._ca(algorithm) for algorithm in Algorithm}
        self._signers: dict[tuple[str, str], Signer] = {}
        self._maker = self._seal_maker()

    def _ca(self, algorithm: Algorithm) -> ca.DemoCa:
        key_id = new_id()
        return ca.DemoCa(self.provider, key_id, ca.root(self.provider, key_id, algorithm, self.at))

    def _seal_maker(self) -> Signer:
        issuer, kid, subject = self.cas[Algorithm.SM2], new_id(), Subject("演示制章机构", "91310199XX0000000X")
        public = self.provider.generate(kid, Algorithm.SM2)
        certificate = issuer.certify(subject, public, self.at)
        code, name = subject.org_code, subject.name
        return ProviderSigner(kid, Algorithm.SM2, code, name, certificate, (issuer.root,), self.provider)

    def _eseal(self, kid: str, name: str, org_code: str, certificate: bytes) -> bytes:
        picture = renderer().seal(name, org_code)
        terms = SealTerms(kid, f"{name}电子证照专用章", picture, self.at, self.at, self.at + self.valid)
        return make_seal(terms, [certificate], self._maker)

    @property
    def trusted(self) -> TrustedCas:
        """Who trusts these keys."""
        return TrustedCas(tuple(each.root for each in self.cas.values()))

    def seal(self, org_code: str, algorithm: str, at: datetime) -> Signer:
        held = self._signers.get((org_code, algorithm))
        if held is None:
            held = self._signers[org_code, algorithm] = self.make(org_code, Algorithm(algorithm))
        return held

    def make(self, org_code: str, algorithm: Algorithm) -> Signer:
        """A fresh key; the one of before is forgotten."""
        issuer, kid, name = self.cas[algorithm], new_id(), NAMES.get(org_code, f"机构{org_code}")
        public = self.provider.generate(kid, algorithm)
        certificate = issuer.certify(Subject(name, org_code), public, self.at, valid=self.valid)
        seal = self._eseal(kid, name, org_code, certificate) if algorithm is Algorithm.SM2 else b""
        made = ProviderSigner(kid, algorithm, org_code, name, certificate, (issuer.root,), self.provider, seal)
        self._signers[org_code, algorithm] = made
        return made
