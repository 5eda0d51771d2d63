"""Login providers this node trusts, pinned by configuration: a provider's keys are never fetched while deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from authz.ports import Provider


class PinnedProviders:
    """A fixed set of providers; implements `ports.ProviderKeys`."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._providers = {provider.issuer: provider for provider in providers}

    def all(self) -> tuple[Provider, ...]:
        """Every provider."""
        return tuple(self._providers.values())

    def provider(self, issuer: str) -> Provider | None:
        """The provider of that name, or None."""
        return self._providers.get(issuer)
