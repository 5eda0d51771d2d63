"""A holder's signature of kind `oidc`: a fresh login whose `nonce` is the digest of what is signed (DESIGN 7).

The provider signs the ID token, so nobody else, this node's administrators included, can make the evidence. Steps
(OpenID Connect Core 1.0, 3.1.3.7), each with what it stops:

1. strict form, `kid` and algorithm of a pinned key of that issuer: a forged token, a key from the token itself;
2. `iss` byte for byte, `aud` our client id there: a token of another provider, or made for another service;
3. `iat`, `auth_time`, `exp`: an old login signed with today's question, a token kept for later;
4. `nonce`: a login for something else, an altered grant;
5. `sub` is a known holder: a stranger's login.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from authz import jose
from authz.errors import CredentialError, IdTokenRefusedError, SignerNotHolderError
from authz.model import Identifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.ports import Provider, ProviderKeys, RepresentationSource
    from ledger.clock import Clock
    from ledger.steps import Steps

FRESH_SECONDS: Final = 300
"""Oldest login that still counts as an answer to this question."""
AHEAD_SECONDS: Final = 10

CONSENTING: Final = ("legal_representative", "guardian")
"""Kinds of representation that may consent for the holder, the strongest first."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed.

    Attributes:
        holder_id: the person.
        representation: in which capacity for the grantor; None where they are one.
        issuer: the provider that vouches.
        assurance: the provider's `acr`, empty where it says none.
        delegations: digests of the chain of delegations by which the person signs, the first one first.
    """

    holder_id: str
    representation: str | None
    issuer: str
    assurance: str
    delegations: tuple[str, ...] = ()


class HolderSignatures:
    """Checks that a holder, or who represents it, signed a digest.

    Args:
        holders: finds the person behind a login.
        providers: the login providers that count.
        representation: who stands for whom.
        clock: tells the time.
    """

    def __init__(
        self, holders: Holders, providers: ProviderKeys, representation: RepresentationSource, clock: Clock
    ) -> None:
        self._holders = holders
        self._providers = providers
        self._representation = representation
        self._clock = clock

    def check(
        self, db: Connection, id_token: str, digest: str, grantor_id: str, capacities: Sequence[str] = CONSENTING
    ) -> Signer:
        """Check a signature over a digest for a grantor.

        Args:
            id_token: compact JWS from the provider.
            digest: base64url of SHA-256, as `terms` makes it.
            grantor_id: the holder it must bind.
            capacities: in which another may sign for the holder, the strongest first.

        Raises:
            IdTokenRefusedError: the token is no evidence of this digest.
            SignerNotHolderError: a good token of somebody who cannot sign for the grantor.
        """
        signer = self.person(db, id_token, digest)
        if signer.holder_id == grantor_id:
            return signer
        kinds = self._representation.kinds(db, signer.holder_id, grantor_id, self._clock.now())
        for kind in capacities:
            if kind in kinds:
                return replace(signer, representation=kind)
        raise SignerNotHolderError

    def person(self, db: Connection, id_token: str, digest: str) -> Signer:
        """Who signed a digest, for nobody but themselves.

        Raises:
            IdTokenRefusedError: the token is no evidence of this digest.
            SignerNotHolderError: a good token of somebody nobody knows.
        """
        try:
            issuer, subject, assurance = self._claims(id_token, digest, self._clock.now().timestamp())
        except CredentialError as error:
            raise IdTokenRefusedError(check=error.reason) from error
        person = self._holders.resolve(db, Identifier.oidc(issuer, subject))
        if person is None:
            raise SignerNotHolderError
        return Signer(person, None, issuer, assurance)

    def still_represents(self, signer_id: str, grantor_id: str, kind: str, at: datetime) -> Steps[bool]:
        """Whether who signed for a grantor still stands for it; asked at every use."""
        return self._representation.check(signer_id, grantor_id, kind, at)

    def covers(self, id_token: str, digest: str) -> bool:
        """Whether a kept ID token of a pinned provider signs a digest, at whatever time; for looking again later."""
        try:
            jws, _ = self._signed(id_token)
        except CredentialError:
            return False
        return bool(jws.claims.get("nonce") == digest)

    def _signed(self, id_token: str) -> tuple[jose.Jws, Provider]:
        """Steps 1 and 2."""
        error = CredentialError
        jws = jose.parse(id_token, error)
        issuer = jose.text(jws.claims, "iss", error)
        provider = self._providers.provider(issuer)
        if provider is None or provider.issuer != issuer:
            raise error("iss")
        if str(jws.header.get("typ", "JWT")).upper() != "JWT":
            raise error("typ")
        key = provider.keys.get(jose.text(jws.header, "kid", error))
        if key is None:
            raise error("kid")
        jose.PublicKey.of(dict(key), error, rsa=True).verify(jws, error)
        if jws.claims.get("aud") not in (provider.audience, [provider.audience]):
            raise error("aud")
        return jws, provider

    def _claims(self, id_token: str, digest: str, now: float) -> tuple[str, str, str]:
        """All steps but the last: issuer, subject, assurance."""
        error = CredentialError
        jws, provider = self._signed(id_token)
        times = {name: jose.number(jws.claims, name, error) for name in ("iat", "exp")}
        times["auth_time"] = jose.number({"auth_time": times["iat"], **jws.claims}, "auth_time", error)
        if not all(now - FRESH_SECONDS <= times[name] <= now + AHEAD_SECONDS for name in ("iat", "auth_time")):
            raise error("iat or auth_time")
        if times["exp"] <= now:
            raise error("exp")
        if jws.claims.get("nonce") != digest:
            raise error("nonce")
        acr = jws.claims.get("acr", "")
        subject = jose.text(jws.claims, "sub", error, longest=200)
        return provider.issuer, subject, acr if isinstance(acr, str) and len(acr) <= 64 else ""
