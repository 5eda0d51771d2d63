"""The whole log recomputed from what it serves to everybody: entry bundles in, root out. Pure; no database, no tiles.

What `ledger.fsck` does with a node's own tables, an auditor does from outside: hash every leaf, compare the root with
the signed checkpoint. A log that dropped, changed or moved an entry cannot pass.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from ledger.errors import ProofError
from ledger.merkle import EMPTY_ROOT, fold_complete, node_hash
from ledger.tiles import WIDTH, hash_entries

if TYPE_CHECKING:
    from ledger.model import Checkpoint


class Audit:
    """Takes in the entry bundles of a log in order; memory grows by 32 bytes for 256 entries."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[bytes] = []
        self._rest: list[bytes] = []

    def add(self, bundle: bytes) -> None:
        """Take in the next entry bundle.

        Raises:
            ProofError: malformed, or after one that was not full.
        """
        if self._rest:
            raise ProofError(reason="entry bundle after the last one")
        hashes = hash_entries(bundle)
        self.size += len(hashes)
        if len(hashes) == WIDTH:
            self._rows.append(fold_complete(hashes))
        else:
            self._rest = hashes

    def root(self) -> bytes:
        """The RFC 6962 root over everything taken in."""
        # An odd last node moves up unchanged, which is the same tree as RFC 6962's recursive split.
        row = [*self._rows, _fold(self._rest)] if self._rest else self._rows
        return _fold(row) if row else EMPTY_ROOT

    def check(self, head: Checkpoint) -> None:
        """Check that this is the log of a checkpoint.

        Raises:
            ProofError: another size or root.
        """
        if self.size != head.size:
            raise ProofError(reason="another number of entries", found=self.size, signed=head.size)
        if not compare_digest(self.root(), head.root):
            raise ProofError(reason="another root")


def _fold(hashes: list[bytes]) -> bytes:
    row = list(hashes)
    while len(row) > 1:
        last = row[-1:] if len(row) & 1 else []
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)] + last
    return row[0]
