"""Seal keys in a hardware module, by PKCS #11 (OASIS 2.40): made there, never readable, used by reference.

P-256 only: the mechanism numbers of SM2 are each vendor's own. Tried on SoftHSM2 by `make test-extra`. Needs the extra
`hsm` of the package (`python-pkcs11`).
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from asn1crypto import core
from asn1crypto.keys import ECDomainParameters

from certs.signing.errors import SealKeyUnreadableError
from certs.signing.model import Algorithm

if TYPE_CHECKING:
    from pathlib import Path


class Pkcs11Keys:
    """Implements `certs.signing.providers.KeyProvider` on one token.

    A key's label is its id. One session, one call at a time: sessions are not for two threads at once.

    Args:
        module: the vendor's library.
        token: label of the token.
        pin: of its user.
    """

    name = "pkcs11"
    algorithms = frozenset({Algorithm.ES256})

    def __init__(self, module: Path, token: str, pin: str) -> None:
        self._module = module
        self._token = token
        self._pin = pin
        self._lock = Lock()
        self._session: Any = None

    def generate(self, key_id: str, algorithm: Algorithm) -> bytes:
        """As `KeyProvider.generate`."""
        pkcs11 = _library()
        if algorithm not in self.algorithms:
            raise SealKeyUnreadableError(problem="another algorithm")
        curve = ECDomainParameters("named", "secp256r1").dump()
        with self._lock:
            try:
                session = self._opened(pkcs11)
                parameters = session.create_domain_parameters(
                    pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: curve}, local=True
                )
                public, _ = parameters.generate_keypair(
                    store=True,
                    label=key_id,
                    private_template={
                        pkcs11.Attribute.SENSITIVE: True,
                        pkcs11.Attribute.EXTRACTABLE: False,
                        pkcs11.Attribute.SIGN: True,
                    },
                )
                return bytes(core.OctetString.load(public[pkcs11.Attribute.EC_POINT]).native)
            except pkcs11.PKCS11Error as error:
                raise self._failed() from error

    def sign(self, key_id: str, algorithm: Algorithm, data: bytes) -> bytes:
        """As `KeyProvider.sign`; the digest is made here, the signature there (CKM_ECDSA gives r || s)."""
        pkcs11 = _library()
        if algorithm not in self.algorithms:
            raise SealKeyUnreadableError(problem="another algorithm")
        with self._lock:
            try:
                session = self._opened(pkcs11)
                key = session.get_key(label=key_id, object_class=pkcs11.ObjectClass.PRIVATE_KEY)
                return bytes(key.sign(sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA))
            except pkcs11.PKCS11Error as error:
                raise self._failed() from error

    def destroy(self, key_id: str) -> None:
        """As `KeyProvider.destroy`."""
        pkcs11 = _library()
        with self._lock:
            try:
                for held in self._opened(pkcs11).get_objects({pkcs11.Attribute.LABEL: key_id}):
                    held.destroy()
            except pkcs11.PKCS11Error as error:
                raise self._failed() from error

    def close(self) -> None:
        """Log out of the token."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def _opened(self, pkcs11: Any) -> Any:
        if self._session is None:
            token = pkcs11.lib(str(self._module)).get_token(token_label=self._token)
            try:
                self._session = token.open(rw=True, user_pin=self._pin)
            except pkcs11.exceptions.UserAlreadyLoggedIn:  # logging in holds for all sessions of a process
                self._session = token.open(rw=True)
        return self._session

    def _failed(self) -> SealKeyUnreadableError:
        """Forget the session: a module that was restarted knows it no more, and a leaked one stays logged in."""
        with suppress(Exception):
            if self._session is not None:
                self._session.close()
        self._session = None
        return SealKeyUnreadableError(problem="the hardware module refuses")


def _library() -> Any:
    """`python-pkcs11`, which only nodes with a hardware module install."""
    try:
        import pkcs11  # noqa: PLC0415
    except ImportError as error:
        raise SealKeyUnreadableError(problem="install the package's extra `hsm`") from error
    return pkcs11
