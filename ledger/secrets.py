"""Wrapping of data keys under the node's key-encryption keys.

A wrapped key lies in `ledger.secret` and nowhere else, so that deleting the row erases the document (DESIGN 4.1, 5).
Its form `v1`: version, algorithm, key id (4 bytes), nonce (12 bytes), AES-256-GCM or SM4-GCM ciphertext and tag, bound
to the kind and id of what it belongs to. Random nonces limit one key-encryption key to 2^32 wrappings (NIST
SP 800-38D 8.3): rotate before that. Rotation adds a key in front, and `KeyRing.rewrap` renews rows at leisure; the key
id says which key a row needs.
"""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import SecretUnreadableError
from ledger.sealing import TAG, DataKey, Profile

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION: Final = 1
_ALGORITHMS: Final = {Profile.INTL: 1, Profile.GM: 2}
_PROFILES: Final = {number: profile for profile, number in _ALGORITHMS.items()}
_KEY_ID: Final = 4
_NONCE: Final = 12
_HEADER: Final = 2 + _KEY_ID
_SECRET_SIZE: Final = 32


class _WrappingKey:
    """One node secret, and the keys derived from it (HKDF, RFC 5869; one per algorithm, so none serves two)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SECRET_SIZE:
            msg = "a key-encryption secret shorter than 32 bytes"
            raise ValueError(msg)
        self.id = HKDF(hashes.SHA256(), _KEY_ID, salt=None, info=b"cailian/wrap/v1/id").derive(secret)
        self._aes = AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"cailian/wrap/v1/intl").derive(secret))
        self._sm4 = SM4(HKDF(hashes.SM3(), 16, salt=None, info=b"cailian/wrap/v1/gm").derive(secret))

    def encrypt(self, profile: Profile, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Ciphertext and tag."""
        if profile is Profile.INTL:
            return self._aes.encrypt(nonce, plain, bound)
        encryptor = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def decrypt(self, profile: Profile, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """The plaintext, or `InvalidTag`."""
        if profile is Profile.INTL:
            return self._aes.decrypt(nonce, sealed, bound)
        decryptor = Cipher(self._sm4, modes.GCM(nonce, sealed[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(sealed[:-TAG]) + decryptor.finalize()


class KeyRing:
    """The node's key-encryption keys.

    Args:
        current: secret bytes, at least 32, that new keys are wrapped with.
        older: secrets that rows may still need.

    Raises:
        ValueError: a secret is too short.
    """

    def __init__(self, current: bytes, older: Sequence[bytes] = ()) -> None:
        self._current = _WrappingKey(current)
        self._keys = {key.id: key for key in [*map(_WrappingKey, older), self._current]}

    def __repr__(self) -> str:
        """Nothing of the keys."""
        return f"KeyRing({len(self._keys)} keys)"

    def wrap(self, kind: str, owner: str, key: DataKey) -> bytes:
        """Wrap a data key for `ledger.secret`.

        Args:
            kind: the row's kind, e.g. `object`.
            owner: the row's UUID.
            key: what to wrap; its profile chooses the algorithm.
        """
        header = bytes([_VERSION, _ALGORITHMS[key.profile]]) + self._current.id
        nonce = secrets.token_bytes(_NONCE)
        return header + nonce + self._current.encrypt(key.profile, nonce, key.to_bytes(), _bound(header, kind, owner))

    def unwrap(self, kind: str, owner: str, wrapped: bytes) -> DataKey:
        """The data key of a row.

        Raises:
            SecretUnreadableError: unknown version or key, damaged, or a row moved to another kind or owner.
        """
        header, nonce, sealed = wrapped[:_HEADER], wrapped[_HEADER : _HEADER + _NONCE], wrapped[_HEADER + _NONCE :]
        if len(sealed) <= TAG or header[0] != _VERSION:
            raise SecretUnreadableError(reason="unknown version")
        profile, key = _PROFILES.get(header[1]), self._keys.get(header[2:])
        if profile is None:
            raise SecretUnreadableError(reason="unknown algorithm")
        if key is None:
            raise SecretUnreadableError(reason="unknown key", key=header[2:].hex())
        try:
            return DataKey.from_bytes(profile, key.decrypt(profile, nonce, sealed, _bound(header, kind, owner)))
        except (InvalidTag, ValueError):
            raise SecretUnreadableError(reason="does not authenticate") from None

    def is_current(self, wrapped: bytes) -> bool:
        """Whether a row was wrapped with the current key."""
        return wrapped[2:_HEADER] == self._current.id

    def rewrap(self, kind: str, owner: str, wrapped: bytes) -> bytes:
        """The same data key under the current key; the document itself is not touched.

        Raises:
            SecretUnreadableError: as `unwrap`.
        """
        return self.wrap(kind, owner, self.unwrap(kind, owner, wrapped))


def _bound(header: bytes, kind: str, owner: str) -> bytes:
    return b"cailian/secret/v1\0" + header + kind.encode() + b"\0" + uuid.UUID(owner).bytes
