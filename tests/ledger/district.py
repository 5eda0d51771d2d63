"""A district's log in memory: it signs what it is told to, also what an honest one never would."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import merkle
from ledger.cosign import AddCheckpoint
from ledger.merkle import LeafNodes, consistency_proof
from ledger.model import Checkpoint
from ledger.nodecard import NodeCard
from ledger.note import NoteSigner, sign_checkpoint


class DistrictLog:
    """A log of one district, with its key."""

    def __init__(self, division: str = "310199001", *, seed: int = 7, origin: str = "") -> None:
        self.division = division
        self.origin = origin or f"log.test/{division}"
        self.signer = NoteSigner(self.origin, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))
        self.leaves: list[bytes] = []

    @property
    def card(self) -> NodeCard:
        endpoint = f"https://{self.division}.example"
        return NodeCard(self.division, "示范街道", endpoint, self.origin, self.signer.vkey, b"\x11" * 20)

    def grow(self, count: int, *, text: str = "entry") -> None:
        start = len(self.leaves)
        self.leaves += [merkle.leaf_hash(f"{text} {number}".encode()) for number in range(start, start + count)]

    def fork(self, keep: int) -> DistrictLog:
        """A second history with the same key."""
        other = DistrictLog(self.division, origin=self.origin)
        other.leaves = self.leaves[:keep]
        return other

    def head(self, size: int | None = None) -> Checkpoint:
        size = len(self.leaves) if size is None else size
        return Checkpoint(self.origin, size, merkle.root(LeafNodes(self.leaves), size))

    def note(self, size: int | None = None) -> str:
        return sign_checkpoint(self.head(size), self.signer)

    def proof(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        new = len(self.leaves) if new is None else new
        return tuple(consistency_proof(LeafNodes(self.leaves), old, new))

    def request(self, old: int, new: int | None = None) -> AddCheckpoint:
        return AddCheckpoint(old, self.proof(old, new), self.note(new))
