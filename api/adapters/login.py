"""The login providers this node trusts. In demo mode: the built-in one; its key never leaves the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.demo import oidc
from authz.ports import Provider
from authz.providers import PinnedProviders

if TYPE_CHECKING:
    from api.keys import NodeKeys
    from api.settings import Settings


def providers(settings: Settings, keys: NodeKeys) -> PinnedProviders:
    """The providers whose signatures count as a holder's.

    Args:
        settings: demo mode, base address.
        keys: of the node; the demo provider's public key is derived from them.
    """
    if not settings.demo:
        return PinnedProviders([])
    issuer = oidc.issuer(settings.base_url)
    return PinnedProviders([Provider(issuer, oidc.CLIENT_ID, {oidc.KEY_ID: oidc.jwk(keys.login_key)})])
