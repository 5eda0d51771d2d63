"""C2SP signed notes and checkpoints, to the letter (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A checkpoint is three lines (origin, size, base64 root), a blank line, and signature lines
`— <name> base64(key id || signature)`. The signature covers the three lines with their newlines.
Signatures of keys we do not know are skipped, as the format demands; a bad signature under a known key is an error.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import NoteError
from ledger.model import HASH_SIZE, Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

ED25519: Final = b"\x01"
"""Signature type of Ed25519 over the note's text (signed-note, "Signature types")."""
COSIGNATURE: Final = b"\x04"
"""Signature type of a witness: Ed25519 over time and text (tlog-cosignature, `cosignature/v1`)."""
TIME_SIZE: Final = 8
"""Bytes of the big-endian POSIX time in front of a cosignature (tlog-cosignature, "Format")."""
_COSIGNATURE_SIZE: Final = TIME_SIZE + 64
_MAX_SIZE: Final = (1 << 63) - 1
"""Greatest tree size and time: what a signed 64-bit integer holds (tlog-cosignature demands it of the time)."""
_MAX_NOTE: Final = 64 * 1024
_MAX_SIGNATURES: Final = 64
"""Far above any quorum; a note with more is meant to keep us busy."""
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
"""Control characters but the newline, and what is no character (signed-note, "Format": valid UTF-8)."""
_NAME: Final = re.compile(r"[^\s+]+")


def key_id(name: str, public_key: bytes, kind: bytes = ED25519) -> bytes:
    """Four bytes that say which key signed: SHA-256(name || 0x0A || signature type || public key)[:4]."""
    return sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


class NoteSigner:
    """Signs notes under a name.

    Args:
        name: the key's name; for a log its origin. No spaces and no plus sign.
        key: Ed25519 private key.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        _check_name(name)
        self.name = name
        self.key = key
        self.public_key = key.public_key().public_bytes_raw()
        self.key_id = key_id(name, self.public_key)

    @property
    def vkey(self) -> str:
        """The verifier key as text: `name+hex key id+base64(0x01 || public key)`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public_key).decode()}"

    def sign(self, text: str) -> str:
        """The signature line for a note's text, newline included."""
        return signature_line(self.name, self.key_id, self.key.sign(text.encode()))


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A key that we trust to sign notes under a name.

    Attributes:
        name: of the key; for a log its origin.
        public_key: 32 bytes, Ed25519.
        kind: signature type, `0x01` for a log, `0x04` for a witness.
    """

    name: str
    public_key: bytes
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before this key's signatures."""
        return key_id(self.name, self.public_key, self.kind)

    @property
    def is_witness(self) -> bool:
        """Whether the key cosigns other logs' checkpoints instead of signing its own."""
        return self.kind == COSIGNATURE

    @classmethod
    def parse(cls, vkey: str) -> NoteVerifier:
        """Read a verifier key.

        Raises:
            NoteError: malformed, of an unknown signature type, or its key id does not belong to name and key.
        """
        name, _, rest = vkey.partition("+")
        hex_id, _, encoded = rest.partition("+")
        _check_name(name)
        key = decode_base64(encoded, "verifier key")
        if key[:1] not in {ED25519, COSIGNATURE} or len(key) != 33:
            raise NoteError(reason="verifier key of an unknown type")
        if hex_id != key_id(name, key[1:], key[:1]).hex():
            raise NoteError(reason="verifier key has another key id")
        return cls(name, key[1:], key[:1])

    @property
    def vkey(self) -> str:
        """The text `parse` reads."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(self.kind + self.public_key).decode()}"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a bare Ed25519 signature.

        Raises:
            NoteError: it is not this key's signature over the message.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise NoteError(reason="bad signature", key=self.name) from error

    def verify_text(self, text: str, signature: bytes) -> None:
        """Check this key's signature over a note's text, in the form of its type.

        Raises:
            NoteError: see `verify`; or a cosignature that is not time and signature, or whose time is zero or beyond
                2^63 - 1 (tlog-cosignature "Format", tlog-witness "add-checkpoint").
        """
        if not self.is_witness:
            return self.verify(text.encode(), signature)
        if len(signature) != _COSIGNATURE_SIZE:
            raise NoteError(reason="cosignature of another length", key=self.name)
        time = int.from_bytes(signature[:TIME_SIZE], "big")
        if not 0 < time <= _MAX_SIZE:
            raise NoteError(reason="cosignature without a time", key=self.name)
        return self.verify(cosigned_message(text, time), signature[TIME_SIZE:])


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note: the signer's name, its 4-byte key id, the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart, nothing of it verified yet. `text` ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: str) -> Note:
        """Take a note apart.

        Raises:
            NoteError: malformed, or beyond its limits (64 KiB, 64 signatures).
        """
        if len(note) > _MAX_NOTE:
            raise NoteError(reason="note too large")
        if _FORBIDDEN.search(note):
            raise NoteError(reason="control character in note")
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not text or not lines.endswith("\n"):
            raise NoteError(reason="note without signatures")
        return cls(text + "\n", parse_signatures(lines))

    def verified_by(self, keys: Iterable[NoteVerifier]) -> list[NoteVerifier]:
        """The keys among `keys` that signed, each once, in their order.

        Raises:
            NoteError: a line bears the name and id of one of the keys and a bad signature (a forgery, not a stranger).
        """
        good = []
        for key in keys:
            lines = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
            for line in lines:
                key.verify_text(self.text, line.signature)
            if lines and key not in good:
                good.append(key)
        return good


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs (tlog-cosignature, "Ed25519 signed message").

    Args:
        text: the note's text, final newline included.
        time: POSIX seconds at which it cosigns.
    """
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    """One signature line of a note, newline included (signed-note, "Format")."""
    return f"— {name} {b64encode(key_id + signature).decode()}\n"


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Read signature lines alone, as a witness answers with them.

    Raises:
        NoteError: malformed, none, or too many.
    """
    if not lines.endswith("\n"):
        raise NoteError(reason="signature line")
    rows = lines[:-1].split("\n")
    if len(rows) > _MAX_SIGNATURES:
        raise NoteError(reason="too many signatures")
    return tuple(_signature(row) for row in rows)


def checkpoint_text(head: Checkpoint) -> str:
    """The body of a checkpoint, without extension lines (their use is discouraged, PROTOCOLS 4.7)."""
    return f"{head.origin}\n{head.size}\n{b64encode(head.root).decode()}\n"


def sign_checkpoint(head: Checkpoint, signer: NoteSigner) -> str:
    """A checkpoint with the log's signature.

    Raises:
        ValueError: the signer's name is not the log's origin; a wiring bug.
    """
    if signer.name != head.origin:
        msg = "a log signs under its origin"
        raise ValueError(msg)
    text = checkpoint_text(head)
    return f"{text}\n{signer.sign(text)}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's body. Extension lines are tolerated and ignored, as tlog-checkpoint asks.

    Raises:
        NoteError: malformed.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0] or not all(lines[3:-1]):
        raise NoteError(reason="checkpoint has another shape")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > _MAX_SIZE:
        raise NoteError(reason="checkpoint size")
    root = decode_base64(lines[2], "checkpoint root")
    if len(root) != HASH_SIZE:
        raise NoteError(reason="checkpoint root")
    return Checkpoint(lines[0], int(lines[1]), root)


def open_checkpoint(note: str, log: NoteVerifier) -> Checkpoint:
    """Read a checkpoint and check the log's signature on it.

    Raises:
        NoteError: malformed, of another origin, or not signed by the log.
    """
    parsed = Note.parse(note)
    head = parse_checkpoint(parsed.text)
    if head.origin != log.name:
        raise NoteError(reason="checkpoint of another log")
    if not parsed.verified_by([log]):
        raise NoteError(reason="checkpoint not signed by the log")
    return head


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise NoteError(reason="signature line")
    _check_name(name)
    raw = decode_base64(encoded, "signature line")
    if len(raw) <= 4:
        raise NoteError(reason="signature line")
    return Signature(name, raw[:4], raw[4:])


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise NoteError(reason="key name")


def decode_base64(text: str, what: str) -> bytes:
    """Standard base64 in its only spelling.

    Raises:
        NoteError: anything else; `what` is its reason.
    """
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(reason=what) from error
    if b64encode(raw).decode() != text:  # two spellings of one signature would be two texts of one note
        raise NoteError(reason=what)
    return raw
