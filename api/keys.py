"""The node's own keys: one file, `node.json`, mode 0600, in the secrets folder.

Made once by `cailian up` for the embedded stack; in production the operator puts it there (a signer behind PKCS#11
replaces the private halves later). Losing `wrapping` loses every stored document; losing `log` ends what can be signed
with it, not the log (`cailian keys rotate log --lost`).

A log key that shall take over lies in `log-next.json` until the database knows it (`stage`, `promote`), so that a crash
between the two leaves both keys on the disk. Wrapping keys of before stay in `wrapping_older` until no row needs them.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "node.json"
NEXT_FILE = "log-next.json"
_ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)


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
        wrapping_older: wrapping keys of before, newest first.
        token_older: token keys of before, newest first; they only verify.
    """

    wrapping: bytes
    lookup: bytes
    identity: bytes
    pairwise: bytes
    log: bytes
    token: bytes
    chain: bytes
    login: bytes
    wrapping_older: tuple[bytes, ...] = field(default=())
    token_older: tuple[bytes, ...] = field(default=())

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
    def token_keys_older(self) -> list[ec.EllipticCurvePrivateKey]:
        """The keys that signed them before."""
        return [ec.derive_private_key(int.from_bytes(each), ec.SECP256R1()) for each in self.token_older]

    @property
    def login_key(self) -> ec.EllipticCurvePrivateKey:
        """The demo OpenID provider's key (ES256)."""
        return ec.derive_private_key(int.from_bytes(self.login), ec.SECP256R1())


_SINGLE = tuple(name for name in NodeKeys.__slots__ if not name.endswith("_older"))


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
        older = [
            tuple(base64.b64decode(each) for each in held.get(f"{name}_older", [])) for name in ("wrapping", "token")
        ]
        single = {name: base64.b64decode(held[name]) for name in _SINGLE}
        return NodeKeys(**single, wrapping_older=older[0], token_older=older[1])
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(file=FILE, problem="missing or incomplete; `cailian up` makes it") from error


def ensure(folder: Path) -> NodeKeys:
    """Read the node's keys, making them first where there are none (embedded stack)."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = {name: secrets.token_bytes(32) for name in _SINGLE}
        for name in ("token", "login"):
            fresh[name] = _scalar()
        _write(path, {name: base64.b64encode(value).decode() for name, value in fresh.items()})
    return load(folder)


def stage(folder: Path) -> Ed25519PrivateKey:
    """The log key that shall take over; made where there is none yet.

    Raises:
        SettingsError: the file is unreadable or open to others.
    """
    path = folder / NEXT_FILE
    if not path.exists():
        _write(path, {"log": base64.b64encode(secrets.token_bytes(32)).decode()})
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(file=NEXT_FILE, problem="readable by others; chmod 600 it")
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(json.loads(path.read_text())["log"]))
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(file=NEXT_FILE, problem="unreadable") from error


def promote(folder: Path) -> None:
    """Let the staged log key be the node's; nothing where none is staged."""
    staged = folder / NEXT_FILE
    if staged.exists():
        held = json.loads((folder / FILE).read_text())
        _write(folder / FILE, held | {"log": json.loads(staged.read_text())["log"]})
        staged.unlink()


def rotate_wrapping(folder: Path) -> None:
    """Put a fresh wrapping key before the present one, which stays for the rows that need it."""
    held = json.loads((folder / FILE).read_text())
    older = [held["wrapping"], *held.get("wrapping_older", [])]
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    _write(folder / FILE, held | {"wrapping": fresh, "wrapping_older": older})


def rotate_token(folder: Path) -> None:
    """Put a fresh token key before the present one, which verifies until the next rotation: longer than any token."""
    held = json.loads((folder / FILE).read_text())
    fresh = base64.b64encode(_scalar()).decode()
    _write(folder / FILE, held | {"token": fresh, "token_older": [held["token"]]})


def _scalar() -> bytes:
    """A private scalar of P-256 (SEC 2, 2.4.2)."""
    return (secrets.randbelow(_ORDER - 1) + 1).to_bytes(32)


def forget_wrapping(folder: Path) -> int:
    """Destroy the wrapping keys of before; how many there were. Only where no row needs them."""
    held = json.loads((folder / FILE).read_text())
    count = len(held.pop("wrapping_older", []))
    _write(folder / FILE, held)
    return count


def _write(path: Path, value: object) -> None:
    """Replace a file as a whole, durably, readable by the owner only: a crash leaves the old one or the new one."""
    partial = path.with_suffix(".new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """PEM (PKCS#8, no password) of a P-256 key, as clients keep theirs."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
