"""The login providers this node trusts. In demo mode: the built-in one; its key never leaves the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.demo import oidc
from authz.ports import Provider

if TYPE_CHECKING:
    from api.keys import NodeKeys
    from api.settings import Settings


class Providers:
    """Implements `authz.ports.ProviderKeys`.

    Args:
        settings: demo mode, base address.
        keys: of the node; the demo provider's public key is derived from them.
    """

    def __init__(self, settings: Settings, keys: NodeKeys) -> None:
        self._held: dict[str, Provider] = {}
        if settings.demo:
            issuer = f"{settings.base_url}/demo/oidc"
            jwk = oidc.jwk(keys.login_key)
            self._held[issuer] = Provider(issuer, oidc.CLIENT_ID, {oidc.KEY_ID: jwk})

    def provider(self, issuer: str) -> Provider | None:
        """The provider of that name, or None where it is not trusted."""
        return self._held.get(issuer)
