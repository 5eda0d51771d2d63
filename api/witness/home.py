"""A witness's folder: its key (`witness.json`, mode 0600) and its memory (`memory.sqlite`), made together, once.

A key without its memory is refused: a witness that forgot what it saw would take the next tree for the first one and
cosign it, which is the very thing that its cosignature denies. It then needs a new key, and readers a new trust file.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.stack.keyring import Keyring
from api.witness.errors import MemoryLostError, WitnessHomeError
from api.witness.memory import Memory
from ledger.cosign import Cosigner
from ledger.errors import NoteError

if TYPE_CHECKING:
    from pathlib import Path

KEY: Final = "witness"
MEMORY: Final = "memory.sqlite"


@dataclass(frozen=True, slots=True)
class Home:
    """An opened folder."""

    cosigner: Cosigner
    memory: Memory


def open_home(folder: Path, name: str) -> Home:
    """Open a witness's folder, making key and memory where there are neither.

    Args:
        folder: made when missing.
        name: the witness's name, a URL without its scheme; it cannot change afterwards.

    Raises:
        MemoryLostError: the key is there, the memory is not, or is empty.
        WitnessHomeError: the key is of another name, or unreadable, or the name cannot be one.
    """
    cosigner = _cosigner(folder, name)
    return Home(cosigner, Memory(folder / MEMORY))


def vkey(folder: Path, name: str) -> str:
    """The witness's verifier key; makes key and memory where there are neither.

    Raises:
        WitnessHomeError: see `open_home`.
    """
    return _cosigner(folder, name).verifier.vkey


def _cosigner(folder: Path, name: str) -> Cosigner:
    ring, memory = Keyring(folder), folder / MEMORY
    if not (folder / f"{KEY}.json").exists():
        memory.touch(mode=0o600)
        Memory(memory, make=True).close()  # before the key: a death between the two leaves no key without memory
    elif not memory.exists():
        raise MemoryLostError(f"{folder}: the key is there, {MEMORY} is not; begin anew with another key")
    try:
        held = ring.slot(KEY, lambda: {"name": name, "seed": base64.b64encode(secrets.token_bytes(32)).decode()})
        made = Cosigner(held["name"], Ed25519PrivateKey.from_private_bytes(base64.b64decode(held["seed"])))
    except (OSError, ValueError, KeyError, NoteError) as error:
        raise WitnessHomeError(f"{folder}: the key cannot be read, or the name cannot be one") from error
    if made.name != name:
        raise WitnessHomeError(f"{folder}: the key is of another name")
    return made


def read_logs(file: Path) -> list[str]:
    """Verifier keys of logs, one a line; empty lines and those that begin with `#` are left out.

    Raises:
        WitnessHomeError: unreadable.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WitnessHomeError(f"{file}: cannot be read") from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
