"""What authorisation needs from outside or from packages to its left; wired in `api`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from authz.signers import Assurance

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
        assurance: how sure it is of whoever logs in, where `acr` says nothing else.
        acr: what its values of the claim `acr` mean.
    """

    issuer: str
    audience: str
    keys: Mapping[str, Mapping[str, str]]
    assurance: Assurance = Assurance.substantial
    acr: Mapping[str, Assurance] = field(default_factory=dict)


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

    def representatives(self, db: Connection, holder: str, at: datetime) -> list[str]:
        """The people who represent a holder at a moment; whoever is told what concerns an organisation."""
        ...


class NoticeChannel(Protocol):
    """A way to tell people: the city app's message centre, an SMS gateway."""

    def send(self, notice_id: str, to: str, words: tuple[str, str], link: str) -> None:
        """Tell somebody once; a repetition has the same id. Called outside any unit.

        Args:
            to: address in this channel: a login (`issuer subject`) or a telephone number.
            words: in Chinese and English.
            link: where to read more.

        Raises:
            Exception: it could not be handed over; it is tried again later.
        """
        ...
