"""The node's own keys: one file, `node.json`, mode 0600, in the secrets folder.

Made once by `cailian up` for the embedded stack; in production the operator puts it there (a signer behind PKCS#11
replaces the private halves later). Losing `wrapping` loses every stored document; losing `log` ends the log.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "node.json"


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """Secret bytes by use; every one 32 bytes, none ever printed (`repr` is closed).

    Attributes:
        wrapping: wraps the data keys of stored objects.
        lookup: keys the HMAC by which identity codes are found.
        identity: encrypts identity codes and names.
        pairwise: keys the pairwise ids of holders.
        log: Ed25519 seed that signs checkpoints and promises.
        token: P-256 private scalar that signs access tokens.
        chain: secp256k1 private scalar of the anchoring account.
        login: P-256 private scalar of the built-in OpenID provider; used in demo mode only.
    """

    wrapping: bytes
    lookup: bytes
    identity: bytes
    pairwise: bytes
    log: bytes
    token: bytes
    chain: bytes
    login: bytes

    def __repr__(self) -> str:
        return "NodeKeys(...)"

    @property
    def log_key(self) -> Ed25519PrivateKey:
        """The log's signing key."""
        return Ed25519PrivateKey.from_private_bytes(self.log)

    @property
    def token_key(self) -> ec.EllipticCurvePrivateKey:
        """The key that signs access tokens (ES256)."""
        return ec.derive_private_key(int.from_bytes(self.token), ec.SECP256R1())

    @property
    def login_key(self) -> ec.EllipticCurvePrivateKey:
        """The demo OpenID provider's key (ES256)."""
        return ec.derive_private_key(int.from_bytes(self.login), ec.SECP256R1())


def load(folder: Path) -> NodeKeys:
    """Read the node's keys.

    Raises:
        SettingsError: the file is missing, unreadable, open to others or incomplete.
    """
    path = folder / FILE
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(file=FILE, problem="readable by others; chmod 600 it")
        held = json.loads(path.read_text())
        return NodeKeys(**{name: base64.b64decode(held[name]) for name in NodeKeys.__slots__})
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(file=FILE, problem="missing or incomplete; `cailian up` makes it") from error


def ensure(folder: Path) -> NodeKeys:
    """Read the node's keys, making them first where there are none (embedded stack)."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        order = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)
        fresh = {name: secrets.token_bytes(32) for name in NodeKeys.__slots__}
        for name in ("token", "login"):  # a scalar of P-256, SEC 2 section 2.4.2
            fresh[name] = (secrets.randbelow(order - 1) + 1).to_bytes(32)
        partial = path.with_suffix(".new")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({name: base64.b64encode(value).decode() for name, value in fresh.items()}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    return load(folder)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """PEM (PKCS#8, no password) of a P-256 key, as clients keep theirs."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
