"""What authorisation needs from outside or from packages to its left; wired in `api`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider whose signatures count as a holder's.

    Attributes:
        issuer: its identifier, compared byte for byte.
        audience: our client id there.
        keys: its public keys as JWKs (RFC 7517), by `kid`; each must name its `alg`.
    """

    issuer: str
    audience: str
    keys: Mapping[str, Mapping[str, str]]


class ProviderKeys(Protocol):
    """The login providers this node trusts. Answers from what was fetched before: it is asked inside a unit."""

    def provider(self, issuer: str) -> Provider | None:
        """The provider of that name, or None where it is not trusted."""
        ...


class RepresentationSource(Protocol):
    """Who stands for whom; implemented in `certs`."""

    def check(self, principal: str, holder: str, kind: str, at: datetime) -> Steps[bool]:
        """Whether `principal` represents `holder` at a moment; asked at every use, so it must not change meanwhile.

        Args:
            principal: holder id of the person who acts.
            holder: holder id of whom the act binds.
            kind: `legal_representative`, `guardian`, ...
            at: the moment.
        """
        ...

    def kinds(self, db: Connection, principal: str, holder: str, at: datetime) -> tuple[str, ...]:
        """Every kind in which `principal` represents `holder` at a moment, the strongest first; empty where none."""
        ...
