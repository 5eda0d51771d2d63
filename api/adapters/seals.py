"""Where seal keys lie and who stamps time, by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.errors import SettingsError
from certs.signing.pkcs11 import Pkcs11Keys
from certs.signing.providers import FileKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.sign.timestamps import TimeStamper

    from api.settings import Settings
    from certs.signing.providers import KeyProvider
    from ledger.secrets import KeyRing

FOLDER: Final = "seals"
"""Of key files, below the secrets folder."""


def providers(settings: Settings, ring: KeyRing) -> dict[str, KeyProvider]:
    """Where seal keys lie, the place of new ones first.

    Args:
        settings: the hardware module, where there is one. Files stay in use beside it: for P-256 keys made before it
            came, and for SM2 keys, which it does not take.
        ring: the node's key-encryption keys.

    Raises:
        SettingsError: a module without token or PIN.
    """
    held: dict[str, KeyProvider] = {}
    if settings.pkcs11_module is not None:
        pin = settings.pkcs11_pin.get_secret_value()
        if not settings.pkcs11_token or not pin:
            raise SettingsError(setting="pkcs11_token, pkcs11_pin", problem="needed with pkcs11_module")
        held[Pkcs11Keys.name] = Pkcs11Keys(settings.pkcs11_module, settings.pkcs11_token, pin)
    held[FileKeys.name] = files(settings, ring)
    return held


def files(settings: Settings, ring: KeyRing) -> FileKeys:
    """Seal keys in files."""
    return FileKeys(settings.secrets_dir / FOLDER, ring)


def timestamps(settings: Settings) -> Callable[[], TimeStamper] | None:
    """Makes a client of the time-stamping authority (RFC 3161); None where no address is set."""
    if not settings.tsa_url:
        return None

    def client() -> TimeStamper:
        # pyHanko takes a second to import: only a process that seals pays it.
        from pyhanko.sign.timestamps import HTTPTimeStamper  # noqa: PLC0415

        return HTTPTimeStamper(settings.tsa_url, timeout=settings.tsa_timeout)

    return client
