"""Proofs and their checking: from tiles of a large log, one by one, a whole log, a whole bundle.

The peer is PyPI `pymerkle`, an RFC 6962 tree in Python. Before the clock runs both sides are held to the same work: one
root, one verdict, and both refuse what was changed. `pymerkle` has no audit of its own; making its tree from the
entries and asking for the root is its way to one, and the faster of its two trees (SQLite in memory) is taken.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pymerkle  # type: ignore[import-untyped]
from sqlalchemy import create_engine, insert, text

from api import migrations
from api.stack.supervisor import Stack
from ledger import merkle, proofs, tables
from ledger.audit import Audit
from ledger.db import Database
from ledger.errors import ProofError
from ledger.tiles import WIDTH, Edge, encode_entries
from ledger.trust import Trust
from ledger.verify import load_bundle, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.suite import Suite
    from ledger.tiles import Tile

LARGE: Final = 10_000_000
AUDITED: Final = 1_000_000
PAIRS: Final = 5
_BATCH: Final = 64 * WIDTH
_PROOFS: Final = 300
_VECTORS: Final = Path(__file__).parents[1] / "tests" / "vectors" / "bundles"
_BUNDLES: Final = {
    "good-qbft-three-of-four": "trust-qbft.json",
    "good-use-with-deposit-and-grant": "trust.json",
    "good-district-city-chain": "trust.json",
}


def measure(suite: Suite) -> None:
    """All rows."""
    for name, trust in _BUNDLES.items():
        _bundle(suite, name, trust)
    leaves = [b'{"c":"%043d","v":1}' % number for number in range(AUDITED)]
    tree = _audit(suite, leaves)
    _inclusion(suite, leaves, tree)
    del leaves, tree
    gc.collect()
    _built(suite)


def _bundle(suite: Suite, name: str, trust: str) -> None:
    """A whole bundle from bytes to report, with the trust file read once."""
    raw = json.dumps(json.loads((_VECTORS / f"{name}.cailian.json").read_bytes()), ensure_ascii=False).encode()
    held = Trust.load(_VECTORS / trust)
    if verify(load_bundle(raw), held).verdict != "proven":
        raise AssertionError(name)
    milliseconds = statistics.median(_seconds(lambda: verify(load_bundle(raw), held), 100) for _ in range(PAIRS)) * 1e3
    shown = f"{milliseconds:.2f} ms  ({len(raw)} bytes)"
    suite.row(f"proofs: bundle verified, {name}", shown, "<= 3 ms", milliseconds <= 3, milliseconds=milliseconds)


def _audit(suite: Suite, leaves: Sequence[bytes]) -> pymerkle.SqliteTree:
    """A million leaves to a root, ours from entry bundles as a log serves them."""
    bundles = [encode_entries(leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH)]

    def ours() -> bytes:
        audit = Audit()
        for bundle in bundles:
            audit.add(bundle)
        return audit.root()

    def theirs() -> pymerkle.SqliteTree:
        tree = pymerkle.SqliteTree(":memory:")
        tree.append_entries(leaves)
        return tree

    tree = theirs()
    if ours() != tree.get_root():
        raise AssertionError("roots differ")
    pairs = []
    for _ in range(PAIRS):
        pairs.append((_seconds(ours, 1), _seconds(lambda: theirs().get_root(), 1)))
        gc.collect()
    _ratio(suite, f"proofs: whole-log audit of {AUDITED} leaves over pymerkle", pairs, 4, lambda s: f"{s:.2f} s")
    return tree


def _inclusion(suite: Suite, leaves: Sequence[bytes], tree: pymerkle.SqliteTree) -> None:
    """One inclusion proof in that log; the same siblings, leaf, root and place on both sides."""
    index, size = 654_321, len(leaves)
    root, theirs = tree.get_root(), tree.prove_inclusion(index + 1, size)
    leaf = merkle.leaf_hash(leaves[index])
    path = theirs.path[1:]  # theirs begins with the leaf
    merkle.verify_inclusion(leaf, index, size, path, root)
    pymerkle.verify_inclusion(leaf, root, theirs, index=index + 1, size=size)
    wrong = merkle.leaf_hash(b"other")
    for refuse, error in (
        (lambda: merkle.verify_inclusion(wrong, index, size, path, root), ProofError),
        (lambda: pymerkle.verify_inclusion(wrong, root, theirs, index=index + 1, size=size), pymerkle.InvalidProof),
    ):
        try:
            refuse()
        except error:
            continue
        raise AssertionError("a wrong leaf was accepted")
    pairs = [
        (
            _seconds(lambda: merkle.verify_inclusion(leaf, index, size, path, root), 5000),
            _seconds(lambda: pymerkle.verify_inclusion(leaf, root, theirs, index=index + 1, size=size), 5000),
        )
        for _ in range(PAIRS)
    ]
    name = f"proofs: inclusion of {len(path)} hashes verified over pymerkle"
    _ratio(suite, name, pairs, 2, lambda s: f"{s * 1e6:.1f} us")


def _built(suite: Suite) -> None:
    """A proof from the stored tiles of a large log: one query, one path; each checked against the root."""
    with Stack(suite.folder / "proofs") as stack:
        address = stack.site.database_admin_url
        server = create_engine(address, isolation_level="AUTOCOMMIT")
        with server.connect() as db:
            db.execute(text("create database proofs"))
        server.dispose()
        database = Database(address.rsplit("/", 1)[0] + "/proofs")
        try:
            with database.unit() as db:
                migrations.upgrade(db)
            suite.tell(f"tiles of {LARGE} entries: making")
            root = _fill(database)
            times = _times(database, root)
        finally:
            database.close()
    middle, late = statistics.median(times) * 1e3, sorted(times)[int(len(times) * 0.95)] * 1e3
    name = f"proofs: built from tiles of {LARGE} entries"
    suite.row(name, f"{middle:.2f} ms, p95 {late:.2f} ms", "< 5 ms", middle < 5, milliseconds=middle, p95=late)


def _fill(database: Database) -> bytes:
    """Store the tiles of a log; its root."""
    edge = Edge(0, {})
    for start in range(0, LARGE, _BATCH):
        hashes = [sha256(b"%d" % number).digest() for number in range(start, min(start + _BATCH, LARGE))]
        _put(database, [tile for tile in edge.append(hashes) if tile.width == WIDTH])
    _put(database, edge.tiles())
    with database.glance() as db:
        db.execute(text("vacuum analyze ledger.tile"))
    return edge.root()


def _put(database: Database, made: Sequence[Tile]) -> None:
    rows = [{"level": tile.level, "n": tile.n, "width": tile.width, "hashes": tile.hashes} for tile in made]
    if rows:
        with database.unit() as db:
            db.execute(insert(tables.tile), rows)


def _times(database: Database, root: bytes) -> list[float]:
    times = []
    choose = random.Random(1)  # noqa: S311 -- places, no secret
    for turn in range(_PROOFS + 20):
        index = choose.randrange(LARGE)
        with database.unit() as db:
            start = time.perf_counter()
            path = proofs.inclusion(db, index, LARGE)
            took = time.perf_counter() - start
        merkle.verify_inclusion(sha256(b"%d" % index).digest(), index, LARGE, path, root)
        if turn >= 20:  # the first ones fill the database's caches
            times.append(took)
    return times


def _seconds(act: Callable[[], Any], count: int) -> float:
    """Seconds of one call, over `count` of them."""
    start = time.perf_counter()
    for _ in range(count):
        act()
    return (time.perf_counter() - start) / count


def _ratio(
    suite: Suite, name: str, pairs: list[tuple[float, float]], least: float, shown: Callable[[float], str]
) -> None:
    ratio = statistics.median(peer / own for own, peer in pairs)
    own, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    figures = {"ratio": ratio, "ours": own, "pymerkle": peer, "pairs": [round(b / a, 2) for a, b in pairs]}
    said = f"{ratio:.1f} times  ({shown(own)} against {shown(peer)}, pymerkle {pymerkle.__version__})"
    suite.row(name, said, f">= {least}", ratio >= least, **figures)
