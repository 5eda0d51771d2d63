"""One key of an organisation, bound to its provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certs.signing.model import Algorithm
    from certs.signing.providers import KeyProvider


@dataclass(frozen=True, slots=True)
class ProviderSigner:
    """Implements `certs.signing.model.Signer`."""

    kid: str
    algorithm: Algorithm
    org_code: str
    org_name: str
    certificate: bytes
    chain: tuple[bytes, ...]
    provider: KeyProvider = field(repr=False)
    eseal: bytes = field(default=b"", repr=False)

    def sign(self, data: bytes) -> bytes:
        """Sign a message.

        Raises:
            SealKeyUnreadableError: the provider cannot use the key.
        """
        return self.provider.sign(self.kid, self.algorithm, data)
