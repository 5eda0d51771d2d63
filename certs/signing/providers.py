"""Where the private halves of seal keys lie.

A provider makes a key under an id, signs with it and destroys it; the private half never leaves it. `FileKeys` keeps
keys in files, each under a data key of its own that the node's key-encryption key wraps: neither the database nor a
copy of the folder alone seals anything. `certs.signing.pkcs11` keeps them in a hardware module.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from authz import sm2
from certs.signing.errors import SealKeyUnreadableError
from certs.signing.model import Algorithm
from ledger.errors import SecretUnreadableError
from ledger.sealing import DataKey, Profile

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.secrets import KeyRing

KIND: Final = "seal-key"
"""Of a wrapped data key: it opens nothing else (`ledger.secrets`)."""
_VERSION: Final = 1
_NONCE: Final = 12


class KeyProvider(Protocol):
    """Makes, uses and destroys private keys."""

    @property
    def name(self) -> str:
        """What rows call it: `file`, `pkcs11`."""
        ...

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        """What it makes keys of."""
        ...

    def generate(self, key_id: str, algorithm: Algorithm) -> bytes:
        """Make a key.

        Returns:
            Its public point, 65 bytes.
        """
        ...

    def sign(self, key_id: str, algorithm: Algorithm, data: bytes) -> bytes:
        """Sign a message, in the form of `Algorithm`.

        Raises:
            SealKeyUnreadableError: there is no such key, or it cannot be used.
        """
        ...

    def destroy(self, key_id: str) -> None:
        """Destroy a key for good; nothing where it is gone already."""
        ...


class FileKeys:
    """Keys in files `ID.key` of one folder, mode 0600.

    A file is JSON: version, algorithm, the wrapped data key, and nonce and ciphertext (AES-256-GCM) of private scalar
    and public point, bound to the id of the key and its algorithm.

    Args:
        folder: made where there is none.
        ring: the node's key-encryption keys.
    """

    name = "file"
    algorithms = frozenset(Algorithm)

    def __init__(self, folder: Path, ring: KeyRing) -> None:
        self._folder = folder
        self._ring = ring
        self._opened: dict[str, tuple[Algorithm, bytes, bytes]] = {}

    def generate(self, key_id: str, algorithm: Algorithm) -> bytes:
        """As `KeyProvider.generate`."""
        if algorithm is Algorithm.SM2:
            private, public = sm2.generate()
        else:
            key = ec.generate_private_key(ec.SECP256R1())
            private = key.private_numbers().private_value.to_bytes(32)
            public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        data_key, nonce = DataKey.fresh(Profile.INTL), os.urandom(_NONCE)
        sealed = nonce + AESGCM(data_key.key).encrypt(nonce, private + public, _bound(key_id, algorithm))
        self._write(key_id, algorithm, self._ring.wrap(KIND, key_id, data_key), sealed)
        return public

    def sign(self, key_id: str, algorithm: Algorithm, data: bytes) -> bytes:
        """As `KeyProvider.sign`."""
        held = self._opened.get(key_id) or self._open(key_id)
        if held[0] is not algorithm:
            raise SealKeyUnreadableError(problem="another algorithm")
        _, private, public = held
        if algorithm is Algorithm.SM2:
            return sm2.sign(private, public, data)
        key = ec.derive_private_key(int.from_bytes(private), ec.SECP256R1())
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def destroy(self, key_id: str) -> None:
        """As `KeyProvider.destroy`."""
        self._opened.pop(key_id, None)
        self._path(key_id).unlink(missing_ok=True)

    def rewrap(self) -> int:
        """Wrap every data key anew under the node's current key-encryption key.

        Returns:
            How many files needed it.

        Raises:
            SealKeyUnreadableError: a file is damaged or needs a key that is gone.
        """
        renewed = 0
        for path in sorted(self._folder.glob("*.key")):
            algorithm, wrapped, sealed = self._read(path.stem)
            if not self._ring.is_current(wrapped):
                try:
                    self._write(path.stem, algorithm, self._ring.rewrap(KIND, path.stem, wrapped), sealed)
                except SecretUnreadableError as error:
                    raise SealKeyUnreadableError(problem="wrapped under another key") from error
                renewed += 1
        return renewed

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}.key"

    def _open(self, key_id: str) -> tuple[Algorithm, bytes, bytes]:
        algorithm, wrapped, sealed = self._read(key_id)
        try:
            data_key = self._ring.unwrap(KIND, key_id, wrapped)
            plain = AESGCM(data_key.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(key_id, algorithm))
        except (InvalidTag, SecretUnreadableError, ValueError) as error:
            raise SealKeyUnreadableError(problem="does not open with this node's keys") from error
        held = self._opened[key_id] = algorithm, plain[:32], plain[32:]
        return held

    def _read(self, key_id: str) -> tuple[Algorithm, bytes, bytes]:
        try:
            held = json.loads(self._path(key_id).read_text())
            if held["v"] != _VERSION:
                raise SealKeyUnreadableError(problem="unknown version")
            return Algorithm(held["algorithm"]), b64decode(held["wrapped"]), b64decode(held["sealed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SealKeyUnreadableError(problem="missing or damaged") from error

    def _write(self, key_id: str, algorithm: Algorithm, wrapped: bytes, sealed: bytes) -> None:
        """Put a file in its place at once and for good: a key that sealed something must not vanish in a crash."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = {"v": _VERSION, "algorithm": algorithm.value}
        held |= {"wrapped": b64encode(wrapped).decode(), "sealed": b64encode(sealed).decode()}
        partial = self._folder / f".{key_id}.{os.getpid()}"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(held, file)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._path(key_id))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _bound(key_id: str, algorithm: Algorithm) -> bytes:
    return f"cailian/seal-key/v1\0{algorithm.value}\0{key_id}".encode()
