"""What holders may sign with at this node, pinned by the operator: providers, apps, card readers, passkeys' places.

`CAILIAN_SIGNERS` names a JSON file (docs/signers.md). In demo mode the built-in provider counts as well; its key never
leaves the node.
"""

from __future__ import annotations

import ipaddress
import json
from contextlib import suppress
from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.adapters.openid import PRIVATE_KEY, LoginClient
from api.client import ClientKey
from api.demo import cards, oidc
from api.errors import SettingsError
from authz.cards import CardReader
from authz.errors import CredentialError
from authz.hostapps import HostApp, HostApps
from authz.jose import PublicKey
from authz.passkeys import Site
from authz.ports import Provider
from authz.providers import PinnedProviders
from authz.signers import Assurance
from ledger.errors import ConsentError, NotCanonicalError
from ledger.jws import Key
from ledger.signertrust import SignerTrust, TrustedClient, TrustedProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.keys import NodeKeys
    from api.settings import Settings

    ClientRow = tuple[str, str, str, dict[str, Any]]

MAX_CLIENTS: Final = 500
"""Client keys that a trust file names; more would not fit into its 256 KiB."""

_Name = Annotated[str, Field(min_length=1, max_length=255)]
_Jwk = Annotated[dict[str, str], Field(max_length=12)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Login(_Strict):
    authorization_endpoint: Annotated[str, Field(pattern=r"^https?://", max_length=1024)]
    token_endpoint: Annotated[str, Field(pattern=r"^https?://", max_length=1024)]
    method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] = "client_secret_basic"
    secret_file: Path | None = None


class _Provider(_Strict):
    issuer: _Name
    audience: _Name
    keys: list[_Jwk]
    assurance: str = Assurance.substantial.name
    acr: dict[str, str] = {}
    login: _Login | None = None


class _App(_Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$")]
    keys: list[_Jwk]


class _Reader(_App):
    compared: dict[str, str] = {"none": Assurance.low.name, "face": Assurance.substantial.name}


class _File(_Strict):
    providers: list[_Provider] = []
    host_apps: list[_App] = []
    card_readers: list[_Reader] = []


def providers(settings: Settings, keys: NodeKeys) -> PinnedProviders:
    """The providers whose signatures count as a holder's.

    Args:
        settings: the file, demo mode, base address.
        keys: of the node; the demo provider's public key is derived from them.

    Raises:
        SettingsError: the file cannot be used.
    """
    pinned = [_provider(each) for each in _read(settings).providers]
    if settings.demo:
        issuer = oidc.issuer(settings.base_url)
        pinned.append(Provider(issuer, oidc.CLIENT_ID, {oidc.KEY_ID: oidc.jwk(keys.login_key)}))
    return PinnedProviders(pinned)


def login(settings: Settings) -> LoginClient | None:
    """The provider at which holders log in on this node's pages; None where there is none but the demo's.

    Raises:
        SettingsError: the file cannot be used, or names more than one.
    """
    found = [
        LoginClient(
            each.issuer,
            each.audience,
            each.login.authorization_endpoint,
            each.login.token_endpoint,
            each.login.method,
            _secret(each.login),
        )
        for each in _read(settings).providers
        if each.login is not None
    ]
    if len(found) > 1:
        raise SettingsError(problem="signers: more than one login")
    return found[0] if found else None


def host_apps(settings: Settings) -> HostApps:
    """The apps whose phones may hold keys.

    Raises:
        SettingsError: the file cannot be used.
    """
    apps = {each.id: HostApp(each.id, _keys(each.keys, rsa=False)) for each in _read(settings).host_apps}
    return HostApps(settings.base_url, apps)


def card_readers(settings: Settings, keys: NodeKeys) -> dict[str, CardReader]:
    """The readers of identity cards at kiosks, by id; in demo mode the demo's as well.

    Raises:
        SettingsError: the file cannot be used.
    """
    try:
        found = {
            each.id: CardReader(
                each.id,
                _keys(each.keys, rsa=False),
                {how: Assurance[level] for how, level in each.compared.items()},
            )
            for each in _read(settings).card_readers
        }
    except KeyError as error:
        raise SettingsError(problem="signers: a level of a card reader") from error
    if settings.demo:
        jwk = oidc.jwk(keys.login_key) | {"kid": cards.KEY_ID}
        found[cards.READER] = CardReader(cards.READER, {cards.KEY_ID: jwk}, {"none": Assurance.low})
    return found


def site(settings: Settings) -> Site:
    """Where passkeys are used: the base address and what the operator names besides.

    A browser takes no passkey for an IP address (Web Authentication Level 3, 5.1.2); on this machine it is `localhost`.
    """
    address = urlsplit(settings.base_url)
    host = address.hostname or ""
    origin = f"{address.scheme}://{address.netloc}"
    if _is_loopback(host):
        host, origin = "localhost", f"{address.scheme}://localhost:{address.port}"
    origins = (origin, *settings.passkey_origins)
    return Site(settings.passkey_domain or host, tuple(dict.fromkeys(origins)))


def trust(settings: Settings, keys: NodeKeys, clients: Sequence[ClientRow]) -> SignerTrust:
    """Whose signatures count as a holder's, as a trust file says it (docs/evidence.md, 3.1).

    Args:
        settings, keys: as above.
        clients: client, organisation code, key id and JWK of departments' systems. Of more than the file takes none is
            named: consent at counters is then not checked by it.
    """
    named: dict[tuple[str, str], list[Key]] = {}
    for client, org, kid, jwk in clients:
        with suppress(CredentialError):  # kept before one spelling was asked for: what it signed, nobody could check
            key = _key(kid, jwk)
            named.setdefault((client, org), []).append(key)
    where = site(settings)
    return SignerTrust(
        settings.base_url,
        where.rp_id,
        where.origins,
        {
            each.issuer: TrustedProvider(
                each.issuer,
                each.audience,
                tuple(_key(kid, jwk) for kid, jwk in each.keys.items()),
                int(each.assurance),
                {name: int(level) for name, level in each.acr.items()},
            )
            for each in providers(settings, keys).all()
        },
        tuple(host_apps(settings).apps),
        {client: TrustedClient(client, org, tuple(held)) for (client, org), held in named.items()}
        if len(clients) <= MAX_CLIENTS
        else None,
    )


def _key(kid: str, jwk: Mapping[str, Any]) -> Key:
    return Key.of(dict(PublicKey.of(dict(jwk), CredentialError, rsa=True).jwk) | {"kid": kid}, named=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _provider(held: _Provider) -> Provider:
    try:
        acr = {name: Assurance[level] for name, level in held.acr.items()}
        assurance = Assurance[held.assurance]
    except KeyError as error:
        raise SettingsError(problem="signers", provider=held.issuer) from error
    return Provider(held.issuer, held.audience, _keys(held.keys, rsa=True), assurance, acr)


def _secret(login: _Login) -> str | None:
    """What a login's file holds, of the form its method needs."""
    if (login.method == "none") != (login.secret_file is None):
        raise SettingsError(problem="signers: secret_file, unless the login's method is none")
    if login.secret_file is None:
        return None
    try:
        secret = login.secret_file.read_text("utf-8").strip()
        if login.method == PRIVATE_KEY:
            ClientKey(secret)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(problem="signers: secret_file cannot be used") from error
    return secret


def _keys(held: list[_Jwk], *, rsa: bool) -> dict[str, dict[str, str]]:
    """Public keys by `kid`, each of a form that can verify."""
    try:
        for jwk in held:
            PublicKey.of(jwk, CredentialError, rsa=rsa)
            _key(jwk["kid"], jwk)
        return {jwk["kid"]: jwk for jwk in held}
    except (CredentialError, ConsentError, NotCanonicalError, KeyError) as error:
        raise SettingsError(problem="signers: a key without kid, or of a form that is not served") from error


def _read(settings: Settings) -> _File:
    if settings.signers is None:
        return _File()
    try:
        return _File.model_validate(json.loads(settings.signers.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise SettingsError(problem="signers: the file cannot be read") from error
