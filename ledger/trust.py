"""The trust file: everything a bundle is checked against and therefore never supplies itself (DESIGN 6).

    {"format": "cailian-trust", "version": 0,
     "logs": [<vkey>, ...],
     "witnesses": {"quorum": n, "vkeys": [<vkey>, ...]},
     "chain": null | {"chain_id": n, "genesis_hash": "0x..", "registry": "0x..", "anchor": "0x..", "code_hash": "0x.."}}

Whoever gives it out is whom the reader trusts: it must come by another way than the bundles.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.chainproof import ChainIdentity
from ledger.envelope import strict_json
from ledger.errors import BundleFormatError, NoteError, TrustFileError
from ledger.note import NoteVerifier

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = "cailian-trust"
VERSION: Final = 0
_MAX_SIZE: Final = 256 * 1024
_MEMBERS: Final = {"format", "version", "logs", "witnesses", "chain"}
_CHAIN_SIZES: Final = {"genesis_hash": 32, "registry": 20, "anchor": 20, "code_hash": 32}


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys and chain that a verifier trusts.

    Attributes:
        logs: keys of logs, by origin.
        witnesses: keys of witnesses.
        quorum: how many of them must have cosigned a checkpoint; 0 where no witness exists yet.
        chain: chain and contracts; None for a log that is not anchored.
    """

    logs: tuple[NoteVerifier, ...]
    witnesses: tuple[NoteVerifier, ...] = ()
    quorum: int = 0
    chain: ChainIdentity | None = None

    def __post_init__(self) -> None:
        """Refuse what trusts nothing, or could be met by one key counted twice.

        Raises:
            TrustFileError: see above.
        """
        if not self.logs or any(key.is_witness for key in self.logs):
            raise TrustFileError(reason="no log key")
        if len({key.name for key in self.logs}) != len(self.logs):
            raise TrustFileError(reason="two keys of one log")
        if not all(key.is_witness for key in self.witnesses):
            raise TrustFileError(reason="witness key of another type")
        if len({key.public_key for key in self.witnesses}) != len(self.witnesses):
            raise TrustFileError(reason="one witness key twice")
        if not 0 <= self.quorum <= len(self.witnesses):
            raise TrustFileError(reason="quorum")

    def log(self, origin: str) -> NoteVerifier | None:
        """The key of the log with this origin, if we trust one."""
        return next((key for key in self.logs if key.name == origin), None)

    def summary(self) -> dict[str, Any]:
        """What a person compares before pinning the file."""
        return {
            "logs": [key.vkey for key in self.logs],
            "witness_quorum": f"{self.quorum} of {len(self.witnesses)}",
            "chain_id": self.chain.chain_id if self.chain else None,
            "genesis_hash": _hex(self.chain.genesis_hash) if self.chain else None,
            "anchor": _hex(self.chain.anchor) if self.chain else None,
        }

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        chain = self.chain
        return {
            "format": FORMAT,
            "version": VERSION,
            "logs": [key.vkey for key in self.logs],
            "witnesses": {"quorum": self.quorum, "vkeys": [key.vkey for key in self.witnesses]},
            "chain": None
            if chain is None
            else {"chain_id": chain.chain_id, **{name: _hex(getattr(chain, name)) for name in _CHAIN_SIZES}},
        }

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(self.to_json(), stream, indent=2, ensure_ascii=False)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)

    @classmethod
    def load(cls, path: Path) -> Trust:
        """Read a trust file.

        Raises:
            TrustFileError: unreadable, or see `from_json`.
        """
        try:
            with path.open("rb") as stream:
                raw = stream.read(_MAX_SIZE + 1)
        except OSError as error:
            raise TrustFileError(reason="unreadable") from error
        try:
            return cls.from_json(strict_json(raw, _MAX_SIZE))
        except BundleFormatError as error:
            raise TrustFileError(reason=error.reason) from error

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trust:
        """Read the content of a trust file.

        Raises:
            TrustFileError: unknown format, version or member, malformed keys, a quorum that cannot be met.
        """
        if value.get("format") != FORMAT:
            raise TrustFileError(reason="not a trust file")
        if value.get("version") != VERSION or isinstance(value["version"], bool):
            raise TrustFileError(reason="unknown version")
        if value.keys() != _MEMBERS:
            raise TrustFileError(reason="members")
        witnesses = value["witnesses"]
        if not isinstance(witnesses, dict) or witnesses.keys() != {"quorum", "vkeys"}:
            raise TrustFileError(reason="witnesses")
        if type(witnesses["quorum"]) is not int:
            raise TrustFileError(reason="quorum")
        chain = None if value["chain"] is None else _chain(value["chain"])
        return cls(_keys(value["logs"]), _keys(witnesses["vkeys"]), witnesses["quorum"], chain)


def _keys(value: object) -> tuple[NoteVerifier, ...]:
    if not isinstance(value, list) or not all(isinstance(vkey, str) for vkey in value):
        raise TrustFileError(reason="keys")
    try:
        return tuple(NoteVerifier.parse(vkey) for vkey in value)
    except NoteError as error:
        raise TrustFileError(reason=str(error)) from error


def _chain(value: object) -> ChainIdentity:
    if not isinstance(value, dict) or value.keys() != {"chain_id", *_CHAIN_SIZES}:
        raise TrustFileError(reason="chain")
    if type(value["chain_id"]) is not int or value["chain_id"] <= 0:
        raise TrustFileError(reason="chain_id")
    raw = {}
    for name, size in _CHAIN_SIZES.items():
        text = value[name]
        try:
            raw[name] = bytes.fromhex(text[2:]) if isinstance(text, str) and text.startswith("0x") else b""
        except ValueError as error:
            raise TrustFileError(reason=name) from error
        if len(raw[name]) != size:
            raise TrustFileError(reason=name)
    return ChainIdentity(value["chain_id"], **raw)


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
