"""A certificate authority of our own, for demonstrations and tests: it certifies seal keys and is loudly a demo.

In earnest an organisation's seal certificate comes from a licensed authority (电子签名法, 16 to 18); `Seals.install`
takes it in.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from certs.signing.x509 import Certificate, Subject, Terms, certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from certs.signing.model import Algorithm
    from certs.signing.providers import KeyProvider

NAME: Final = "演示电子印章 CA（仅供演示） Demo Seal CA"
_EARLIER: Final = timedelta(minutes=5)
"""Clocks of those who check may be behind."""
ROOT_YEARS: Final = 20
SEAL_YEARS: Final = 5
_YEAR: Final = timedelta(days=365)


def root(provider: KeyProvider, key_id: str, algorithm: Algorithm, at: datetime) -> bytes:
    """Make a demo root: a key in a provider, and its certificate.

    Args:
        key_id: UUID the key is kept under.

    Returns:
        The certificate, DER.
    """
    public = provider.generate(key_id, algorithm)
    terms = Terms(at - _EARLIER, at + ROOT_YEARS * _YEAR, is_ca=True)
    sign = _signing(provider, key_id, algorithm)
    return certificate(Subject(NAME), algorithm, public, terms, issuer=None, sign=sign)


class DemoCa:
    """Certifies keys.

    Args:
        provider: where its key lies.
        key_id: of its key.
        root: its certificate, DER.
    """

    def __init__(self, provider: KeyProvider, key_id: str, root: bytes) -> None:
        self._certificate = Certificate(root)
        self._sign = _signing(provider, key_id, self._certificate.algorithm)

    @property
    def root(self) -> bytes:
        """Its certificate, DER."""
        return self._certificate.der

    def certify(self, subject: Subject, public: bytes, at: datetime, *, valid: timedelta = SEAL_YEARS * _YEAR) -> bytes:
        """Certify an organisation's key.

        Args:
            subject: the organisation.
            public: its public point, 65 bytes, of the CA's own algorithm.
            at: now.
            valid: for how long.

        Returns:
            The certificate, DER.
        """
        terms = Terms(at - _EARLIER, at + valid)
        algorithm = self._certificate.algorithm
        return certificate(subject, algorithm, public, terms, issuer=self._certificate, sign=self._sign)


def _signing(provider: KeyProvider, key_id: str, algorithm: Algorithm) -> Callable[[bytes], bytes]:
    return lambda data: provider.sign(key_id, algorithm, data)
