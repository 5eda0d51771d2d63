"""Logs in memory with fixed keys, salts and times: what the corpus is made of, the same at every run."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import merkle
from ledger.clock import rfc3339
from ledger.digests import digest
from ledger.envelope import opening_json
from ledger.model import Checkpoint
from ledger.note import COSIGNATURE, NoteSigner, NoteVerifier, checkpoint_text, cosigned_message, key_id, signature_line
from ledger.promise import promise_all
from ledger.record import Opening, Record, SealedRecord, canonical, seal

START: Final = datetime(2026, 11, 21, 4, tzinfo=UTC)
COSIGNED_AT: Final = int(START.timestamp()) + 60


def private_key(name: str) -> Ed25519PrivateKey:
    """The test key of a name; never a secret."""
    return Ed25519PrivateKey.from_private_bytes(sha256(b"cailian corpus key " + name.encode()).digest())


def signer(name: str, seed: str = "") -> NoteSigner:
    """The key of a log; `seed` gives another key under the same name."""
    return NoteSigner(name, private_key(name + seed))


def witness_key(name: str) -> NoteVerifier:
    """The public key of a witness."""
    return NoteVerifier(name, private_key(name).public_key().public_bytes_raw(), COSIGNATURE)


def cosignature(text: str, name: str, time: int = COSIGNED_AT, signed_by: str | None = None) -> str:
    """A witness's line under a checkpoint's text.

    Args:
        text: of the note.
        name: of the witness.
        time: as it stands in the line and is signed, seconds.
        signed_by: name of the key that really signs.
    """
    signature = private_key(signed_by or name).sign(cosigned_message(text, time))
    held = witness_key(name)
    return signature_line(name, key_id(name, held.public_key, COSIGNATURE), time.to_bytes(8, "big") + signature)


def digests(document: bytes) -> dict[str, str]:
    """Both digests of a document, as a record names them."""
    both = digest(document)
    return {"sha256": both.sha256.hex(), "sm3": both.sm3.hex()}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a log with everything that opens it."""

    log: Log
    index: int
    record: Record
    sealed: SealedRecord

    def opening(self, *, shut: bool = False) -> dict[str, Any]:
        """As it stands in a bundle."""
        held = self.sealed
        opening = Opening.of(held.fact, held.parties, held.salts, hide_parties=shut)
        return opening_json(opening, fact=dict(self.record.fact), parties=None if shut else dict(self.record.parties))

    def shown(self, size: int, *, shut: bool = False, mute: bool = False) -> dict[str, Any]:
        """With its proof in the tree of a size."""
        return {
            "leaf": self.sealed.leaf.decode(),
            "opening": None if mute else self.opening(shut=shut),
            **self.log.proof(self.index, size),
        }

    def promised(
        self, *, shut: bool = False, batch: tuple[Entry, ...] = (), key: NoteSigner | None = None
    ) -> dict[str, Any]:
        """With the log's promise, alone or as one of a batch."""
        batch = batch or (self,)
        entries = [(f"01890000-0000-7000-8000-{each.index:012d}", each.sealed.leaf) for each in batch]
        promises = promise_all(key or self.log.signer, entries, START + timedelta(minutes=5))
        promise = promises[batch.index(self)].to_json()
        return {"leaf": self.sealed.leaf.decode(), "opening": self.opening(shut=shut), "promise": promise}


class Log:
    """A log of test entries.

    Args:
        origin: its name.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.signer = signer(origin)
        self.leaves: list[bytes] = []
        self.entries: dict[int, Entry] = {}

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def add(self, type_: str, parties: dict[str, Any] | None = None, **fact: Any) -> Entry:
        """Append a record; a fact of None leaves that member out."""
        index = len(self.leaves)
        whole = {"type": type_, "time": rfc3339(START + timedelta(seconds=index))} | fact
        record = Record({name: value for name, value in whole.items() if value is not None}, parties or {"case": "C-1"})
        salts = sha256(f"cailian corpus salts {self.origin} {index}".encode()).digest()
        sealed = seal(record, (salts + sha256(salts).digest())[:48])
        self.leaves.append(sealed.leaf)
        self.entries[index] = Entry(self, index, record, sealed)
        return self.entries[index]

    def add_leaf(self, leaf: bytes) -> int:
        """Append a leaf of any form; its index."""
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def fill(self, size: int) -> None:
        """Append what nobody asks about, up to a size."""
        while len(self.leaves) < size:
            self.add("evidence.anchored", {"requester": "11310199XX00000C1X"}, digests=digests(bytes(self.size)))

    @property
    def size(self) -> int:
        """Leaves so far."""
        return len(self.leaves)

    def nodes(self, size: int) -> merkle.LeafNodes:
        """The tree of the first `size` leaves."""
        return merkle.LeafNodes([merkle.leaf_hash(leaf) for leaf in self.leaves[:size]])

    def root(self, size: int) -> bytes:
        """Its root."""
        return merkle.root(self.nodes(size), size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that one tree only adds to another."""
        return merkle.consistency_proof(self.nodes(new), old, new)

    def proof(self, index: int, size: int) -> dict[str, Any]:
        """Index and path of an entry, as a bundle shows them."""
        path = merkle.inclusion_proof(self.nodes(size), index, size)
        return {"index": index, "inclusion": [b64encode(each).decode() for each in path]}

    def text(self, size: int) -> str:
        """Text of a checkpoint."""
        return checkpoint_text(Checkpoint(self.origin, size, self.root(size)))

    def checkpoint(self, size: int, *witnesses: str, key: NoteSigner | None = None) -> str:
        """A signed checkpoint with the lines of these witnesses."""
        text = self.text(size)
        lines = (key or self.signer).sign(text) + "".join(cosignature(text, name) for name in witnesses)
        return f"{text}\n{lines}"


def clear_checkpoint(note: str, district: str = "310199") -> bytes:
    """The clear leaf by which a log holds the checkpoint of one below."""
    clear = {"type": "district.checkpoint", "time": rfc3339(START), "district": district, "checkpoint": note}
    return canonical({"clear": clear, "v": 1})


REAL_ENTRY: Final = 3
"""Place of the deposit in `real_log`."""


def real_log() -> Log:
    """The log that real validators anchored (tests/vectors/qbft), at sizes 5, 9, 300 and 301."""
    log = Log("log.example/validated")
    log.fill(REAL_ENTRY)
    log.add("material.deposited", {"requester": "11310199XX00000D1B"}, digests=digests(b"validated\n"), size=10)
    log.fill(301)
    return log
