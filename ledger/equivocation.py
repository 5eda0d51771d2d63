"""Evidence that a log lied: two signed checkpoints that no append-only log can both have signed. Pure.

One JSON file that anybody checks offline, with nothing but this file:

    {"format": "cailian-equivocation", "version": 1, "log": <vkey>,
     "checkpoints": [<signed note of the smaller tree>, <signed note of the larger tree>],
     "path": [<base64>, ...]}

- *same-size*: both have one size and different roots; `path` is empty.
- *inconsistent*: the larger tree does not begin with the smaller one. `path` is the RFC 6962 consistency proof of the
  larger tree, behind the hash over the old leaves where the old size is a power of two. It leads to the larger tree's
  root and so fixes the root of its beginning (`merkle.consistency_roots`), which is not the one the log signed.

A smaller checkpoint after a larger one is no evidence by itself: checkpoints bear no time. It becomes evidence when a
checkpoint of the smaller size with another root was seen. A log that offers no valid proof between two of its
checkpoints has shown nothing either, since anybody can send a wrong proof with them; such pairs are kept as
*unproven*, and whoever has the log's tiles can turn them into evidence.

The file names the key it is checked against, so it proves what the holder of that key did; whether that key is a
trusted log's is for the reader's trust file to say.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from ledger import strictjson
from ledger.cosign import MAX_PROOF, proof_hash
from ledger.errors import EquivocationFormatError, NotCanonicalError, NoteError, ProofError
from ledger.merkle import consistency_roots
from ledger.note import NoteVerifier, open_checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.model import Checkpoint

FORMAT: Final = "cailian-equivocation"
VERSION: Final = 1
MAX_SIZE: Final = 192 * 1024
_MEMBERS: Final = {"format", "version", "log", "checkpoints", "path"}


class Kind(StrEnum):
    """What two checkpoints of one log show."""

    same_size = "same-size"
    inconsistent = "inconsistent"
    unproven = "unproven"


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Two checkpoints of one log, the smaller first, and what joins them; nothing of it is verified yet."""

    log: NoteVerifier
    notes: tuple[str, str]
    path: tuple[bytes, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "log": self.log.vkey,
            "checkpoints": list(self.notes),
            "path": [b64encode(each).decode() for each in self.path],
        }

    def encode(self) -> str:
        """The file's text."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def parse(cls, raw: bytes) -> Equivocation:
        """Read a file.

        Raises:
            EquivocationFormatError: malformed, of another format or version.
        """
        try:
            value = strictjson.members(strictjson.read(raw, MAX_SIZE), _MEMBERS, (), "evidence")
            if value["format"] != FORMAT or strictjson.integer(value["version"], "version") != VERSION:
                raise EquivocationFormatError(reason="not evidence of a version we know")
            older, newer = strictjson.items(value["checkpoints"], 2, "checkpoints", least=2)
            path = strictjson.items(value["path"], MAX_PROOF + 1, "path")
            return cls(
                NoteVerifier.parse(strictjson.text(value["log"], "log")),
                (strictjson.text(older, "checkpoint"), strictjson.text(newer, "checkpoint")),
                tuple(proof_hash(strictjson.text(line, "path")) for line in path),
            )
        except (NotCanonicalError, NoteError) as error:
            raise EquivocationFormatError(reason=str(error.fields["reason"])) from error


@dataclass(frozen=True, slots=True)
class Finding:
    """What evidence shows: the kind, and the two heads that the key signed."""

    kind: Kind
    older: Checkpoint
    newer: Checkpoint


def examine(evidence: Equivocation) -> Finding:
    """Check evidence with nothing but itself: both signatures, then what the heads and the path show.

    Returns:
        the finding; `Kind.unproven` when both are signed but could stand in one honest log.

    Raises:
        NoteError: a checkpoint is malformed, of another log, or not signed by the key: nothing is shown about it.
        EquivocationFormatError: the larger tree stands first.
    """
    older, newer = (open_checkpoint(note, evidence.log) for note in evidence.notes)
    if older.size > newer.size:
        raise EquivocationFormatError(reason="order")
    return Finding(_kind(older, newer, evidence.path), older, newer)


def gather(log: NoteVerifier, notes: tuple[str, str], proof: Sequence[bytes] = ()) -> Equivocation:
    """Evidence from two verified checkpoints in any order and a consistency proof that did not convince.

    Raises:
        NoteError: see `examine`.
    """
    heads = [open_checkpoint(note, log) for note in notes]
    if heads[0].size > heads[1].size:
        notes = (notes[1], notes[0])
    path = () if heads[0].size == heads[1].size else tuple(proof)
    return Equivocation(log, notes, path)


def _kind(older: Checkpoint, newer: Checkpoint, path: Sequence[bytes]) -> Kind:
    if older.size == newer.size:
        return Kind.unproven if older.root == newer.root or path else Kind.same_size
    try:
        first, second = consistency_roots(older.size, newer.size, path)
    except ProofError:
        return Kind.unproven
    return Kind.inconsistent if second == newer.root and first != older.root else Kind.unproven
