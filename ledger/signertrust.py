"""What a trust file says of holders' signatures: member `signers` (docs/evidence.md, 3.1). Pure.

Login providers and their keys, where passkeys are used, host apps, and the keys by which organisations state consent at
their counters. Like everything a bundle is checked against it comes from elsewhere than the bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import ConsentError, NotCanonicalError
from ledger.jws import Key
from ledger.strictjson import integer, items, mapping, members, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.jws import Jws

MAX_LISTED: Final = 1024
_HIGHEST: Final = 3
"""Assurance `high`; 1 is `low`, 2 `substantial` (Regulation (EU) 910/2014, article 8)."""


@dataclass(frozen=True, slots=True)
class TrustedProvider:
    """A login provider.

    Attributes:
        audience: the client id its tokens must be made for.
        keys: those it signs or signed with.
        assurance: how sure it is of whoever logs in, where `acr` says nothing else; 1 to 3.
        acr: what its values of that claim mean.
    """

    issuer: str
    audience: str
    keys: tuple[Key, ...]
    assurance: int
    acr: Mapping[str, int]

    def check(self, jws: Jws) -> int:
        """Check that a token is this provider's, for the right client; how sure it is of the person.

        Raises:
            ConsentError: it is not.
        """
        verify_named(self.keys, jws)
        if jws.claims.get("aud") not in (self.audience, [self.audience]):
            raise ConsentError(reason="aud of a login")
        acr = jws.claims.get("acr")
        return self.acr.get(acr, self.assurance) if isinstance(acr, str) else self.assurance


@dataclass(frozen=True, slots=True)
class TrustedClient:
    """A department's system, whose keys sign what its staff state at the counter.

    Attributes:
        id: client id.
        org: code of its organisation.
    """

    id: str
    org: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class SignerTrust:
    """Whose signatures count as a holder's.

    Attributes:
        audience: base address of the node that asks for them.
        rp_id: relying party of passkeys; None where none count.
        origins: pages that may ask for passkeys, compared byte for byte.
        providers: by issuer.
        host_apps: ids.
        clients: by id; None where consent at counters is not checked.
    """

    audience: str
    rp_id: str | None
    origins: tuple[str, ...]
    providers: Mapping[str, TrustedProvider]
    host_apps: tuple[str, ...]
    clients: Mapping[str, TrustedClient] | None

    @classmethod
    def from_json(cls, value: object) -> SignerTrust:
        """Read the member.

        Raises:
            NotCanonicalError, ConsentError: malformed, or one of them twice.
        """
        held = members(value, {"audience", "passkeys", "providers", "host_apps", "clients"}, (), "signers")
        site = held["passkeys"]
        rp_id, origins = None, list[str]()
        if site is not None:
            members(site, {"rp_id", "origins"}, (), "passkeys")
            rp_id, origins = _name(site["rp_id"], "rp_id"), _names(site["origins"], "origins")
        providers = [_provider(each) for each in items(held["providers"], MAX_LISTED, "providers")]
        clients = None
        if held["clients"] is not None:
            clients = [_client(each) for each in items(held["clients"], MAX_LISTED, "clients")]
        for what, named in (
            ("provider", [each.issuer for each in providers]),
            ("client", [each.id for each in clients or ()]),
        ):
            _once(named, what)
        return cls(
            _name(held["audience"], "audience"),
            rp_id,
            tuple(origins),
            {each.issuer: each for each in providers},
            tuple(_names(held["host_apps"], "host_apps")),
            None if clients is None else {each.id: each for each in clients},
        )

    def to_json(self) -> dict[str, Any]:
        """The member's content."""
        providers = [
            {
                "issuer": each.issuer,
                "audience": each.audience,
                "keys": [key.to_json() for key in each.keys],
                "assurance": each.assurance,
                "acr": dict(each.acr),
            }
            for each in self.providers.values()
        ]
        clients = None
        if self.clients is not None:
            clients = [
                {"id": each.id, "org": each.org, "keys": [key.to_json() for key in each.keys]}
                for each in self.clients.values()
            ]
        return {
            "audience": self.audience,
            "passkeys": None if self.rp_id is None else {"rp_id": self.rp_id, "origins": list(self.origins)},
            "providers": providers,
            "host_apps": list(self.host_apps),
            "clients": clients,
        }

    def summary(self) -> dict[str, Any]:
        """What a person compares."""
        return {
            "providers": {each.issuer: [key.thumbprint for key in each.keys] for each in self.providers.values()},
            "passkeys": list(self.origins),
            "host_apps": list(self.host_apps),
            "clients": None if self.clients is None else len(self.clients),
        }

    def provider(self, issuer: str) -> TrustedProvider:
        """The provider of that name.

        Raises:
            ConsentError: it is not trusted.
        """
        found = self.providers.get(issuer)
        if found is None:
            raise ConsentError(reason="a login provider that is not in the trust file")
        return found


def verify_named(keys: Iterable[Key], jws: Jws) -> None:
    """Check a JWS by the one of several keys that its header names.

    Raises:
        ConsentError: none has that name, or the signature is bad.
    """
    named = [key for key in keys if key.kid == jws.header.get("kid")]
    if not named:
        raise ConsentError(reason="a key that is not in the trust file")
    named[0].verify(jws)


def _provider(value: object) -> TrustedProvider:
    held = members(value, {"issuer", "audience", "keys", "assurance", "acr"}, (), "provider")
    acr = {name: _assurance(level) for name, level in mapping(held["acr"], "acr").items()}
    issuer, audience = _name(held["issuer"], "issuer"), _name(held["audience"], "audience")
    return TrustedProvider(issuer, audience, _keys(held["keys"]), _assurance(held["assurance"]), acr)


def _client(value: object) -> TrustedClient:
    held = members(value, {"id", "org", "keys"}, (), "client")
    return TrustedClient(_name(held["id"], "id"), _name(held["org"], "org"), _keys(held["keys"]))


def _keys(value: object) -> tuple[Key, ...]:
    keys = tuple(Key.of(each, named=True) for each in items(value, MAX_LISTED, "keys"))
    _once([key.kid for key in keys], "key")
    return keys


def _assurance(value: object) -> int:
    if not 1 <= integer(value, "assurance") <= _HIGHEST:
        raise NotCanonicalError(reason="assurance")
    return int(value)  # type: ignore[call-overload,no-any-return]  # the line above


def _name(value: object, what: str) -> str:
    if not text(value, what):
        raise NotCanonicalError(reason=f"{what} is empty")
    return str(value)


def _names(value: object, what: str) -> list[str]:
    names = [_name(each, what) for each in items(value, MAX_LISTED, what)]
    _once(names, what)
    return names


def _once(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise NotCanonicalError(reason=f"one {what} twice")
