"""A login whose `nonce` is the digest of what is signed: signature of kind `oidc`, and the root of every enrolled key.

The provider signs the ID token, so nobody else, this node's administrators included, can make the evidence. Steps
(OpenID Connect Core 1.0, 3.1.3.7), each with what it stops:

1. strict form, `kid` and algorithm of a pinned key of that issuer: a forged token, a key from the token itself;
2. `iss` byte for byte, `aud` our client id there: a token of another provider, or made for another service;
3. `iat`, `auth_time`, `exp`: an old login signed with today's question, a token kept for later;
4. `nonce`: a login for something else, an altered grant.

That `sub` is a known holder, step 5, is the caller's (`authz.signatures`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from authz import jose
from authz.errors import CredentialError
from authz.model import Identifier
from authz.signers import Assurance

if TYPE_CHECKING:
    from authz.ports import Provider, ProviderKeys

FRESH_SECONDS: Final = 300
"""Oldest login that still counts as an answer to this question."""
AHEAD_SECONDS: Final = 10
_MAX_SUBJECT: Final = 200
_TYPES: Final = ("JWT", "jwt")


@dataclass(frozen=True, slots=True)
class Login:
    """What an ID token says.

    Attributes:
        assurance: how sure the provider is of the person (`Provider.assurance`).
        at: when the token was issued, by the provider's clock.
    """

    issuer: str
    subject: str
    assurance: Assurance
    at: datetime

    @property
    def identifier(self) -> Identifier:
        """The login as an identifier of its holder."""
        return Identifier.oidc(self.issuer, self.subject)


class IdTokens:
    """Reads ID tokens of the providers this node trusts.

    Args:
        providers: the login providers that count.
    """

    def __init__(self, providers: ProviderKeys) -> None:
        self._providers = providers

    def fresh(self, id_token: str, digest: str, now: datetime) -> Login:
        """Read a token that answers a question asked just now.

        Args:
            digest: what its `nonce` must be.

        Raises:
            CredentialError: a step fails; `reason` names the claim.
        """
        error = CredentialError
        jws, provider = self._signed(id_token)
        jose.check_lasting(id_token, error)
        if jws.header.get("typ", "JWT") not in _TYPES:  # as the verifiers of evidence spell it
            raise error("typ")
        at = now.timestamp()
        times = {name: jose.number(jws.claims, name, error) for name in ("iat", "exp")}
        times["auth_time"] = jose.number({"auth_time": times["iat"], **jws.claims}, "auth_time", error)
        if not all(at - FRESH_SECONDS <= times[name] <= at + AHEAD_SECONDS for name in ("iat", "auth_time")):
            raise error("iat or auth_time")
        if times["exp"] <= at:
            raise error("exp")
        return self._login(jws, provider, digest)

    def ever(self, id_token: str, digest: str) -> Login:
        """Read a token that was kept, at whatever time.

        Raises:
            CredentialError: it is no token of a provider that is trusted now, or of another digest.
        """
        return self._login(*self._signed(id_token), digest)

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

    @staticmethod
    def _login(jws: jose.Jws, provider: Provider, digest: str) -> Login:
        """Step 4, and what the rest of the token says."""
        error = CredentialError
        if jws.claims.get("nonce") != digest:
            raise error("nonce")
        acr = jws.claims.get("acr")
        level = provider.acr.get(acr, provider.assurance) if isinstance(acr, str) else provider.assurance
        at = datetime.fromtimestamp(int(jose.number(jws.claims, "iat", error)), UTC)
        subject = jose.text(jws.claims, "sub", error, longest=_MAX_SUBJECT)
        return Login(provider.issuer, subject, Assurance(level), at)
