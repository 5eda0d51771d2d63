"""The trust file, version 1: everything a bundle is checked against and therefore never supplies itself (DESIGN 6).

Its exact form is docs/evidence.md, section 3. Whoever gives it out is whom the reader trusts: it must come by another
way than the bundles.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger.chainproof import ChainIdentity
from ledger.errors import ConsentError, NotCanonicalError, NoteError, TrustFileError
from ledger.note import Note, NoteVerifier, parse_checkpoint
from ledger.qbft import ValidatorSet
from ledger.signertrust import SignerTrust
from ledger.strictjson import integer, items, members, read, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.model import Checkpoint

FORMAT: Final = "cailian-trust"
VERSION: Final = 1
_MAX_SIZE: Final = 256 * 1024
_MAX_KEYS: Final = 1024
_CHAIN_SIZES: Final = {"genesis_hash": 32, "registry": 20, "anchor": 20, "code_hash": 32}
_ACCOUNT: Final = 20
_HEX: Final = re.compile(r"0x[0-9a-f]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of a log.

    Attributes:
        key: what it verifies with; its name is the log's origin.
        until_size: where the key was retired or its log frozen, the largest checkpoint it is good for (leaves). It is
            then good for no promise either: whoever holds a retired key could promise for ever.
    """

    key: NoteVerifier
    until_size: int | None = None

    def covers(self, size: int | None) -> bool:
        """Whether the key is good for a checkpoint of this size; None asks for a promise."""
        return self.until_size is None or (size is not None and size <= self.until_size)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        limit = {} if self.until_size is None else {"until_size": self.until_size}
        return {"vkey": self.key.vkey, **limit}


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys and chain that a verifier trusts.

    Attributes:
        logs: keys of logs; one log has several after a rotation.
        witnesses: keys of witnesses.
        quorum: how many of them must have cosigned a checkpoint; 0 where no witness exists yet.
        chain: chain and contracts; None for a log that is not anchored.
        signers: whose signatures count as a holder's; None where consent is not checked.
    """

    logs: tuple[LogKey, ...]
    witnesses: tuple[NoteVerifier, ...] = ()
    quorum: int = 0
    chain: ChainIdentity | None = None
    signers: SignerTrust | None = None

    def __post_init__(self) -> None:
        """Refuse what trusts nothing, or could be met by one key counted twice.

        Raises:
            TrustFileError: see above.
        """
        if not self.logs or any(held.key.is_witness for held in self.logs):
            raise TrustFileError(reason="no log key")
        if len({held.key for held in self.logs}) != len(self.logs):
            raise TrustFileError(reason="one log key twice")
        current = [held.key.name for held in self.logs if held.until_size is None]
        if len(set(current)) != len(current):
            raise TrustFileError(reason="two current keys of one log")
        if not all(key.is_witness for key in self.witnesses):
            raise TrustFileError(reason="witness key of another type")
        if len({key.public_key for key in self.witnesses}) != len(self.witnesses):
            raise TrustFileError(reason="one witness key twice")
        if not 0 <= self.quorum <= len(self.witnesses):
            raise TrustFileError(reason="quorum")

    def keys(self, origin: str) -> tuple[LogKey, ...]:
        """The keys of the log with this origin, none if we do not trust it."""
        return tuple(held for held in self.logs if held.key.name == origin)

    def open_checkpoint(self, note: str) -> Checkpoint:
        """Read a checkpoint and check that a log of this file signed it and its quorum of witnesses cosigned it.

        Raises:
            NoteError: malformed, not signed by a trusted key of its log that is good for its size, or without quorum.
        """
        parsed = Note.parse(note)
        head = parse_checkpoint(parsed.text)
        keys = self.keys(head.origin)
        signers = parsed.verified_by(held.key for held in keys)
        if not any(held.key in signers and held.covers(head.size) for held in keys):
            raise NoteError(reason="checkpoint not signed by a log of the trust file")
        seen = len(parsed.verified_by(self.witnesses))
        if seen < self.quorum:
            raise NoteError(reason=f"{seen} of {self.quorum} witnesses")
        return head

    def summary(self) -> dict[str, Any]:
        """What a person compares before pinning the file."""
        return {
            "logs": [_shown(held) for held in self.logs],
            "witness_quorum": f"{self.quorum} of {len(self.witnesses)}",
            "witnesses": [key.vkey for key in self.witnesses],
            "chain_id": self.chain.chain_id if self.chain else None,
            "genesis_hash": _hex(self.chain.genesis_hash) if self.chain else None,
            "anchor": _hex(self.chain.anchor) if self.chain else None,
            "validators": [_hex(each) for each in self.chain.qbft[-1].validators]
            if self.chain and self.chain.qbft
            else None,
            "signers": self.signers.summary() if self.signers else None,
        }

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "logs": [held.to_json() for held in self.logs],
            "witnesses": {"quorum": self.quorum, "vkeys": [key.vkey for key in self.witnesses]},
            "chain": None if self.chain is None else _chain_json(self.chain),
            **({} if self.signers is None else {"signers": self.signers.to_json()}),
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
            TrustFileError: unreadable, or see `parse`.
        """
        try:
            with path.open("rb") as stream:
                raw = stream.read(_MAX_SIZE + 1)
        except OSError as error:
            raise TrustFileError(reason="unreadable") from error
        return cls.parse(raw)

    @classmethod
    def parse(cls, raw: bytes) -> Trust:
        """Read the bytes of a trust file.

        Raises:
            TrustFileError: not strict JSON, or see `from_json`.
        """
        try:
            return cls.from_json(read(raw, _MAX_SIZE))
        except NotCanonicalError as error:
            raise TrustFileError(reason=_reason(error)) from error

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trust:
        """Read the content of a trust file.

        Raises:
            TrustFileError: unknown format, version or member, malformed keys, a quorum that cannot be met, a validator
                history out of order.
        """
        if value.get("format") != FORMAT:
            raise TrustFileError(reason="not a trust file")
        if value.get("version") != VERSION or isinstance(value["version"], bool):
            raise TrustFileError(reason="unknown version")
        try:
            members(value, {"format", "version", "logs", "witnesses", "chain"}, {"signers"}, "trust file")
            logs = tuple(_log_key(each) for each in items(value["logs"], _MAX_KEYS, "logs"))
            witnesses = members(value["witnesses"], {"quorum", "vkeys"}, (), "witnesses")
            keys = tuple(_key(each) for each in items(witnesses["vkeys"], _MAX_KEYS, "vkeys"))
            quorum = integer(witnesses["quorum"], "quorum")
            chain = None if value["chain"] is None else _chain(value["chain"])
            signers = SignerTrust.from_json(value["signers"]) if "signers" in value else None
        except (NotCanonicalError, NoteError, ConsentError) as error:
            raise TrustFileError(reason=_reason(error)) from error
        return cls(logs, keys, quorum, chain, signers)


def _reason(error: NotCanonicalError | NoteError | ConsentError) -> str:
    return str(error.fields.get("reason", error))


def _log_key(value: object) -> LogKey:
    held = members(value, {"vkey"}, {"until_size"}, "log key")
    return LogKey(_key(held["vkey"]), integer(held["until_size"], "until_size") if "until_size" in held else None)


def _key(value: object) -> NoteVerifier:
    return NoteVerifier.parse(text(value, "vkey"))


def _chain(value: object) -> ChainIdentity:
    chain = members(value, {"chain_id", "qbft", *_CHAIN_SIZES}, (), "chain")
    if integer(chain["chain_id"], "chain_id") == 0:
        raise NotCanonicalError(reason="chain_id")
    raw = {name: _bytes(chain[name], size, name) for name, size in _CHAIN_SIZES.items()}
    history = None if chain["qbft"] is None else _history(chain["qbft"])
    return ChainIdentity(chain["chain_id"], **raw, qbft=history)


def _history(value: object) -> tuple[ValidatorSet, ...]:
    sets = []
    for each in items(value, _MAX_KEYS, "qbft", least=1):
        held = members(each, {"from_block", "validators"}, (), "qbft")
        validators = [
            _bytes(account, _ACCOUNT, "validators") for account in items(held["validators"], 256, "validators")
        ]
        sets.append(ValidatorSet(integer(held["from_block"], "from_block"), tuple(validators)))
    heights = [known.from_block for known in sets]
    if heights != sorted(set(heights)):
        raise NotCanonicalError(reason="qbft out of order")
    return tuple(sets)


def _chain_json(chain: ChainIdentity) -> dict[str, Any]:
    history = [
        {"from_block": known.from_block, "validators": [_hex(each) for each in known.validators]}
        for known in chain.qbft or ()
    ]
    return {
        "chain_id": chain.chain_id,
        **{name: _hex(getattr(chain, name)) for name in _CHAIN_SIZES},
        "qbft": None if chain.qbft is None else history,
    }


def _bytes(value: object, size: int, name: str) -> bytes:
    if not isinstance(value, str) or len(value) != 2 + 2 * size or not _HEX.fullmatch(value):
        raise NotCanonicalError(reason=name)
    return bytes.fromhex(value[2:])


def _shown(held: LogKey) -> str:
    return held.key.vkey if held.until_size is None else f"{held.key.vkey} (until size {held.until_size})"


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
