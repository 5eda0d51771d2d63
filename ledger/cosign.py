"""Cosignatures and what logs and witnesses say to each other (c2sp.org/tlog-cosignature, c2sp.org/tlog-witness). Pure.

A cosignature of type 0x04 (`cosignature/v1`) says: as of this time, the tree with this root is the largest consistent
one I have seen of this log. `Cosigner` makes it, `ledger.note.NoteVerifier` checks it. `AddCheckpoint` is the body of
the one request of the protocol; both sides read and write it here, and strictly: each request has one spelling.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError
from ledger.model import HASH_SIZE
from ledger.note import (
    COSIGNATURE,
    TIME_SIZE,
    NoteVerifier,
    cosigned_message,
    key_id,
    parse_signatures,
    signature_line,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ledger.note import Signature

MAX_PROOF: Final = 63
"""Proof lines in a request (tlog-witness, "add-checkpoint"): the longest path in a tree of 2^63 leaves."""
MAX_REQUEST: Final = 80 * 1024
"""Bytes of a request: 63 proof lines and the largest note we read."""
SIZE_TYPE: Final = "text/x.tlog.size"
"""Content-Type of the answer 409 (tlog-witness, "add-checkpoint")."""
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")
_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\n")


class Cosigner:
    """A witness's key.

    Args:
        name: the witness's name, a URL without its scheme. No spaces and no plus sign.
        key: Ed25519; used for nothing else, since the signed message does not contain the name.

    Raises:
        NoteError: the name cannot be one.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        public = key.public_key().public_bytes_raw()
        self.name = name
        self.verifier = NoteVerifier.parse(
            f"{name}+{key_id(name, public, COSIGNATURE).hex()}+{b64encode(COSIGNATURE + public).decode()}"
        )
        self._key = key

    def cosign(self, text: str, time: int) -> str:
        """The signature line for a checkpoint's text, newline included (tlog-cosignature, "Format").

        Args:
            text: the checkpoint's text, extension lines included.
            time: POSIX seconds, greater than zero.

        Raises:
            ValueError: a time that says nothing.
        """
        if not 0 < time < 1 << 63:
            msg = "a cosignature needs a time"
            raise ValueError(msg)
        signature = time.to_bytes(TIME_SIZE, "big") + self._key.sign(cosigned_message(text, time))
        return signature_line(self.name, self.verifier.key_id, signature)


def cosignature_time(signature: Signature) -> int:
    """The POSIX time of a verified cosignature."""
    return int.from_bytes(signature.signature[:TIME_SIZE], "big")


def origin_hash(origin: str) -> str:
    """A log's name in a witness's monitoring addresses (tlog-witness, "Monitor Retrieval Mechanism")."""
    return sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of `add-checkpoint` (tlog-witness, "add-checkpoint").

    Attributes:
        old: size of the last checkpoint that the witness cosigned, as the sender believes.
        proof: RFC 6962 consistency proof from there; empty when `old` is 0.
        note: the checkpoint with the log's signature; nothing of it is verified.
    """

    old: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> bytes:
        """The request's body."""
        lines = [f"old {self.old}", *(b64encode(each).decode() for each in self.proof), "", self.note]
        return "\n".join(lines).encode()

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request's body.

        Raises:
            NoteError: malformed, or too large.
        """
        if len(body) > MAX_REQUEST:
            raise NoteError(reason="request too large")
        try:
            head, blank, note = body.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise NoteError(reason="request not UTF-8") from error
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if not old or not blank or int(old[1]) >= 1 << 63:
            raise NoteError(reason="old size line")
        if len(lines) > MAX_PROOF:
            raise NoteError(reason="too many proof lines")
        return cls(int(old[1]), tuple(proof_hash(line) for line in lines), note)


def read_cosignature(answer: bytes, text: str, witness: NoteVerifier) -> str:
    """The line of a witness's answer 200 that is its cosignature; lines of unknown keys are skipped.

    Args:
        answer: the answer's body.
        text: of the checkpoint that was sent.
        witness: the key we know the witness by.

    Raises:
        NoteError: malformed, not of this witness, a bad signature, or one without a time.
    """
    try:
        signatures = parse_signatures(answer.decode())
    except UnicodeDecodeError as error:
        raise NoteError(reason="answer not UTF-8") from error
    ours = [each for each in signatures if (each.name, each.key_id) == (witness.name, witness.key_id)]
    if not ours:
        raise NoteError(reason="no cosignature of this witness")
    for each in ours:
        witness.verify_text(text, each.signature)
    newest = max(ours, key=cosignature_time)
    return signature_line(newest.name, newest.key_id, newest.signature)


def read_size(answer: bytes) -> int:
    """The size in a witness's answer 409.

    Raises:
        NoteError: not a size in decimal and a newline.
    """
    match = _SIZE.fullmatch(answer.decode("ascii", "replace"))
    if not match:
        raise NoteError(reason="size of a witness")
    return int(match[1])


def proof_hash(line: str) -> bytes:
    """One line of a proof: a SHA-256 digest in standard base64, in its only spelling.

    Raises:
        NoteError: anything else.
    """
    try:
        raw = b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(reason="proof line") from error
    if len(raw) != HASH_SIZE or b64encode(raw).decode() != line:
        raise NoteError(reason="proof line")
    return raw
