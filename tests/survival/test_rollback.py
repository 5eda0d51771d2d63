"""A backup older than what the world has seen is restored (RELIABILITY D9): nothing is written over the lost part."""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from api import handover
from api.adapters import witnesses
from api.node import Node
from api.settings import Settings
from ledger import merkle, proofs, rollback, shards, store
from ledger.crosscheck import Beside
from ledger.errors import LogNotFrozenError, RollbackDetectedError
from ledger.fsck import fsck
from ledger.note import NoteVerifier
from ledger.steps import run
from tests.survival.acts import append
from tests.survival.child import Jobs
from tests.survival.site import Site, copy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.stack.model import Parts
    from ledger.db import Database
    from tests.conftest import Bucket


class Lost(NamedTuple):
    """A site whose newest entries are in no backup."""

    site: Site
    backup: str
    size: int
    seen: int


@pytest.fixture(scope="module")
def lost(parts: Parts, database: Database, s3: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """Five entries and two that pend, then the backup, then five more: all cosigned and anchored."""
    with closing(Site(parts, s3, database.url, tmp_path_factory.mktemp("site"))) as site:
        append(site, 5)
        site.prove(anchor=True)
        with site.node.database.unit() as db:
            size = store.newest_published_size(db)
        append(site, 2)
        site.node.database.close()
        backup = copy_of(database.url, f"backup_{uuid.uuid4().hex[:12]}")
        append(site, 5)
        site.prove(anchor=True)
        with site.node.database.unit() as db:
            seen = store.newest_published_size(db)
        assert (seen - size, size > 0) == (7, True)
        yield Lost(site, backup, size, seen)
    _drop(backup)


def _drop(address: str) -> None:
    url = make_url(address)
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{url.database}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def restored(lost: Lost) -> Iterator[Node]:
    """The node on a database restored from the backup."""
    address = copy_of(lost.backup, f"restored_{uuid.uuid4().hex[:12]}")
    node = Node(Settings(**lost.site.values | {"database_url": address}))
    yield node
    node.close()
    _drop(address)


def sizes(node: Node) -> tuple[int, int]:
    with node.database.unit() as db:
        head, newest = store.log_head(db), store.newest_checkpoint(db)
    assert head is not None
    assert newest is not None
    return head.size, newest.head.size


class TestDetection:
    @pytest.mark.parametrize("asked", ["witness", "chain", "both"])
    def test_whoever_saw_more_is_enough(self, lost: Lost, restored: Node, asked: str) -> None:
        line = witnesses.HttpWitnesses(5.0)
        seats = restored.witnesses if asked != "chain" else ()
        chain = restored.chain if asked != "witness" else None
        rollback.look_outside(restored.database, lost.site.key, line, seats, chain, restored.clock)
        with pytest.raises(RollbackDetectedError) as refused:
            Jobs(restored, lost.site.ahead + 10, ()).sequence()
        assert refused.value.fields == {"size": lost.size, "published": lost.seen}
        assert sizes(restored) == (lost.size, lost.size)

    def test_intake_and_uses_are_refused_and_reading_goes_on(self, lost: Lost, restored: Node) -> None:
        restored.look_outside()
        with restored.database.unit() as db:
            for refuse in (restored.lag.refuse_deposit, restored.lag.refuse_rolled_back):
                with pytest.raises(RollbackDetectedError) as refused:
                    run(db, refuse())
                assert refused.value.fields["published"] == lost.seen
            with pytest.raises(RollbackDetectedError):
                restored.lag.refuse_bulk(db)
            (head,) = (each.head for each in [store.newest_checkpoint(db)] if each)
            ((_, leaf),) = store.indexed_leaves(db, 3, 4)
            proof = proofs.inclusion(db, 3, head.size)
            merkle.verify_inclusion(merkle.leaf_hash(leaf), 3, head.size, proof, head.root)

    def test_the_anchor_worker_stops_the_sequencer_too(self, lost: Lost, restored: Node) -> None:
        with pytest.raises(Exception, match="ahead of the log"):
            Jobs(restored, lost.site.ahead + 10, ()).anchor()
        with pytest.raises(RollbackDetectedError):
            Jobs(restored, lost.site.ahead + 10, ()).sequence()

    def test_the_newest_database_is_not_suspected(self, lost: Lost) -> None:
        node = lost.site.node
        node.look_outside()
        with node.database.unit() as db:
            assert shards.lost(db) is None
            run(db, node.lag.refuse_deposit())
        with pytest.raises(LogNotFrozenError):
            handover.abandon(node)

    def test_fsck_names_what_is_missing(self, lost: Lost, restored: Node) -> None:
        beside = Beside(chain=restored.chain)
        found = fsck(restored.database, lost.site.key, beside=beside).as_json()["defects"]
        assert found == [f"anchor-beyond-log: size {lost.seen}"]


class TestWayOut:
    """The last test of this file: it closes the log on the chain."""

    def test_the_next_log_takes_over_what_was_promised(self, lost: Lost, restored: Node) -> None:
        with restored.database.unit() as db:
            promised = list(db.exec_driver_sql("SELECT id::text FROM ledger.entry WHERE idx IS NULL"))
        assert len(promised) == 2
        said = handover.abandon(restored)
        assert (said["size"], said["seen"]) == (lost.size, lost.seen)
        origin = f"{uuid.uuid4().hex}.test/log-2"
        opened = handover.open_next(restored, origin)
        assert (opened["frozen"]["size"], opened["log"]) == (lost.seen, origin)

        values = lost.site.values | {"database_url": restored.settings.database_url, "origin": origin}
        values |= {"witnesses": [], "witness_quorum": 0}  # the witness has to be told the new key first
        node = Node(Settings(**values))
        try:
            node.look_outside()
            jobs = Jobs(node, lost.site.ahead + 20, ())
            jobs.sequence()
            jobs.anchor()
            with node.database.unit() as db:
                states = store.entry_states(db, [entry for (entry,) in promised])
            assert {state.state.value for state in states.values()} == {"anchored"}
            key = NoteVerifier.parse(node.signer.vkey)
            report = fsck(node.database, key, beside=Beside(chain=node.chain, identity=node.chain.identity()))
            assert (report.as_json()["defects"], report.entries) == ([], 2)
        finally:
            node.close()
