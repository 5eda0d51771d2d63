"""`.tlog-proof` files: a log entry's offline proof in the format of strangers' tools (c2sp.org/tlog-proof). Pure.

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry>
    index <n>
    <base64 of each sibling hash, from the leaf's up>
    <blank line>
    <checkpoint with cosignatures>

`extra` is not authenticated by the format. We put the entry itself there, which the verifier hashes into the leaf: a
changed one leads to another root. What the entry commits to is shown by an evidence bundle (`ledger.bundle`), not here.

Verification, in the order of tlog-proof, "Verifying a tlog proof":

1. the leaf hash of the entry; stops a proof about another entry;
2. the log's signature under the checkpoint; stops a tree that the log never had;
3. the witnesses' cosignatures, at least the quorum; stops a tree that the log showed to nobody else;
4. the inclusion proof; stops an entry that is not in that tree.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger import merkle
from ledger.cosign import MAX_PROOF, proof_hash
from ledger.errors import NoteError
from ledger.note import Note, decode_base64, parse_checkpoint

if TYPE_CHECKING:
    from ledger.model import Checkpoint
    from ledger.trust import Trust

HEADER: Final = "c2sp.org/tlog-proof@v1"
ENDING: Final = ".tlog-proof"
"""File extension (tlog-proof: SHOULD)."""
MAX_SIZE: Final = 192 * 1024
"""Bytes: the largest entry of a tiled log (64 KiB, a third more in base64), path and note."""
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof taken apart, nothing of it verified yet.

    Attributes:
        index: the entry's 0-based place.
        path: RFC 6962 inclusion path, the leaf's sibling first.
        checkpoint: the signed note, verbatim.
        extra: the unauthenticated line's content; None where it is missing.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def encode(self) -> str:
        """The file's text (tlog-proof, "Format")."""
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        path = (b64encode(each).decode() for each in self.path)
        return "\n".join([HEADER, *extra, f"index {self.index}", *path, "", self.checkpoint])

    @classmethod
    def parse(cls, raw: bytes) -> TlogProof:
        """Read a file.

        Raises:
            NoteError: malformed, of another version, or larger than any honest one.
        """
        if len(raw) > MAX_SIZE:
            raise NoteError(reason="proof too large")
        try:
            head, blank, checkpoint = raw.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise NoteError(reason="proof not UTF-8") from error
        header, *lines = head.split("\n")
        if header != HEADER:
            raise NoteError(reason="not a proof of a version we know")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), "extra line")
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if not index or not blank:
            raise NoteError(reason="index line")
        if len(lines) > MAX_PROOF:
            raise NoteError(reason="too many proof lines")
        return cls(int(index[1]), tuple(proof_hash(line) for line in lines), checkpoint, extra)


def check(proof: TlogProof, entry: bytes) -> Checkpoint:
    """Steps 1 and 4 alone: the entry is in the tree of the checkpoint, whoever signed that.

    Raises:
        NoteError: the checkpoint is malformed.
        ProofError: the entry is not shown to be in the tree.
    """
    head = parse_checkpoint(Note.parse(proof.checkpoint).text)
    merkle.verify_inclusion(merkle.leaf_hash(entry), proof.index, head.size, proof.path, head.root)
    return head


def verify(proof: TlogProof, entry: bytes, trust: Trust) -> Checkpoint:
    """Check that an entry is in a log we trust, by the steps at the top of the module.

    Args:
        proof: the proof.
        entry: the entry's bytes, known from elsewhere or taken from `proof.extra`.
        trust: keys of logs and witnesses, and the quorum. Its chain is not asked: the format knows none.

    Returns:
        the checkpoint under which the entry is proven.

    Raises:
        NoteError: the checkpoint is malformed, of another log, not signed by it, or lacks the quorum.
        ProofError: the entry is not shown to be in the tree.
    """
    note = Note.parse(proof.checkpoint)  # 2
    head = parse_checkpoint(note.text)
    keys = [held.key for held in trust.keys(head.origin) if held.covers(head.size)]
    if not note.verified_by(keys):
        raise NoteError(reason="checkpoint not signed by a log of the trust file")
    seen = len(note.verified_by(trust.witnesses))  # 3
    if seen < trust.quorum:
        raise NoteError(reason=f"{seen} of {trust.quorum} witnesses")
    return check(proof, entry)
