"""The anchor worker against a real chain and database: cut at every step, on chains that forget."""

from __future__ import annotations

import logging
import secrets
import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from ledger import anchorrows, chainproof, store, tables
from ledger.anchor import Anchorer, Step
from ledger.chain import Chain
from ledger.clock import SystemClock
from ledger.errors import (
    AnchorConflictError,
    ChainUnavailableError,
    ContractMissingError,
    LogNotRegisteredError,
)
from ledger.evidence import Evidence
from ledger.model import EntryState
from ledger.record import Record
from ledger.sequencer import create_log
from tests.contracts.reference import Tree
from tests.ledger.anchoring import CLOCK, LOG, MEMBER, NOTE_KEY, ORIGIN, SIGNER, grow, new_chain, states
from tests.ledger.chains import Wire, anchored_sizes, free_port, member_accounts, private_node, rpc, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database

pytestmark = pytest.mark.usefixtures("log")


@pytest.fixture(scope="module")
def log(database: Database) -> None:
    """The one log of this module's database."""
    with database.unit() as db:
        create_log(db, ORIGIN, SIGNER.key_id)


@pytest.fixture(scope="module")
def wire(chain_url: str) -> Iterator[Wire]:
    """A line to the node that can be cut."""
    wire = Wire(chain_url)
    yield wire
    wire.close()


@pytest.fixture
def chain(wire: Wire) -> Chain:
    """A fresh chain account; to the rows a chain of its own, so earlier tests' anchors turn void."""
    wire.heal()
    CLOCK.turn()
    return new_chain(wire.url)


@pytest.fixture
def anchorer(database: Database, chain: Chain) -> Anchorer:
    """The worker."""
    return Anchorer(database, chain, CLOCK, ORIGIN)


class TestRound:
    """`run_once` when nothing goes wrong."""

    def test_anchors_the_newest_checkpoint(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        grow(database)
        newest = grow(database)
        assert anchorer.run_once() is Step.confirmed
        assert states(database) == {newest.size: "confirmed"}
        head = chain.anchored(LOG)
        assert (head.size, head.root) == (newest.size, newest.root)

    def test_keeps_a_proof_that_verifies_offline(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        checkpoint = grow(database)
        anchorer.run_once()
        with database.unit() as db:
            row = store.anchor_over(db, checkpoint.size)
        assert row is not None
        proven = chainproof.verify(row.proof, chain.identity(), log=LOG, size=checkpoint.size, root=checkpoint.root)
        assert (proven.block_number, proven.anchored_at) == (row.block_number, row.block_time)

    def test_makes_entries_anchored(self, database: Database, anchorer: Anchorer) -> None:
        with database.unit() as db:
            promise = Evidence(ORIGIN, SIGNER, CLOCK).append(db, Record({"type": "case.opened"}, {}))
        grow(database)
        anchorer.run_once()
        with database.unit() as db:
            assert store.entry_state(db, promise.entry_id).state is EntryState.anchored

    def test_continues_with_a_consistency_proof(
        self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire
    ) -> None:
        sizes = []
        for entries in (1, 300, 7):
            sizes.append(grow(database, entries).size)
            assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, wire.url, LOG) == sizes
        assert states(database) == dict.fromkeys(sizes, "confirmed")

    def test_anchors_a_checkpoint_once(self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire) -> None:
        size = grow(database).size
        anchorer.run_once()
        nonce = chain.nonce()
        for _ in range(3):
            CLOCK.turn()
            assert anchorer.run_once() is Step.idle
        assert chain.nonce() == nonce
        assert anchored_sizes(chain, wire.url, LOG) == [size]

    def test_at_most_one_an_interval(self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire) -> None:
        first = grow(database).size
        assert anchorer.run_once() is Step.confirmed
        CLOCK.moment -= timedelta(seconds=4)
        with_clock_back = grow(database).size  # grow turns the clock by 5: one second after the first
        assert anchorer.run_once() is Step.early
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.early  # a restart does not hurry it
        CLOCK.turn(4)
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, wire.url, LOG) == [first, with_clock_back]

    def test_a_clock_set_back_does_not_stop_it(self, database: Database, anchorer: Anchorer) -> None:
        grow(database)
        anchorer.run_once()
        grow(database)
        CLOCK.moment -= timedelta(days=1)
        assert anchorer.run_once() is Step.confirmed
        CLOCK.moment += timedelta(days=1)

    def test_nothing_to_anchor(self, anchorer: Anchorer, database: Database) -> None:
        grow(database)
        anchorer.run_once()
        assert anchorer.run_once() is Step.idle

    def test_unregistered_log(self, database: Database, chain: Chain) -> None:
        stranger = Chain(chain._provider.endpoint_uri, secrets.token_bytes(32), registry=chain.registry)
        with pytest.raises(LogNotRegisteredError):
            Anchorer(database, stranger, CLOCK, ORIGIN).run_once()


class TestCut:
    """The line to the node, or the process, dies at any step; a new process carries on."""

    @pytest.mark.parametrize("after", [False, True])
    def test_at_every_call(self, database: Database, chain: Chain, wire: Wire, after: bool) -> None:
        """No round survives a cut, so rows and chain are what a kill -9 at that moment leaves."""
        sizes = [grow(database).size]
        Anchorer(database, chain, CLOCK, ORIGIN).run_once()
        sizes.append(grow(database).size)
        wire.calls.clear()
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        steps = len(wire.calls)
        assert steps > 15
        nonce = chain.nonce()
        for step in range(steps):
            sizes.append(grow(database).size)
            wire.fail(skip=step, after=after)
            with suppress(ChainUnavailableError):
                Anchorer(database, chain, CLOCK, ORIGIN).run_once()
            wire.heal()
            for _ in range(3):
                CLOCK.turn()
                Anchorer(database, chain, CLOCK, ORIGIN).run_once()
            assert anchored_sizes(chain, wire.url, LOG) == sizes, step
            assert chain.nonce() == nonce + step + 1, step
            assert states(database) == dict.fromkeys(sizes, "confirmed"), step

    def test_killed_between_intent_and_send(
        self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire
    ) -> None:
        size = grow(database).size
        wire.fail("eth_sendRawTransaction")
        with pytest.raises(ChainUnavailableError):
            anchorer.run_once()
        assert states(database) == {size: "sending"}
        with database.unit() as db:
            intent = anchorrows.sending(db)
        assert intent is not None
        newer = grow(database).size
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        assert rpc(wire.url, "eth_getTransactionByHash", "0x" + intent.transaction.hash.hex()) is not None
        assert states(database) == {size: "confirmed"}
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        assert anchored_sizes(chain, wire.url, LOG) == [size, newer]

    def test_error_but_stored(self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire) -> None:
        size = grow(database).size
        wire.fail("eth_sendRawTransaction", after=True)
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, wire.url, LOG) == [size]

    def test_node_away(self, database: Database, chain: Chain, anchorer: Anchorer, wire: Wire) -> None:
        """While it is away checkpoints pass; when it is back only the newest is anchored."""
        wire.fail(always=True)
        for _ in range(3):
            newest = grow(database).size
            with pytest.raises(ChainUnavailableError):
                anchorer.run_once()
        wire.heal()
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, wire.url, LOG) == [newest]


class TestFlight:
    """One transaction in flight."""

    @pytest.fixture
    def slow(self) -> Iterator[tuple[str, Chain]]:
        """A node that makes blocks only when told."""
        CLOCK.turn()
        with private_node() as url:
            chain = new_chain(url)
            rpc(url, "evm_setAutomine", False)
            yield url, chain

    def test_waits_for_the_block(self, database: Database, slow: tuple[str, Chain]) -> None:
        url, chain = slow
        anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
        size = grow(database).size
        assert anchorer.run_once() is Step.sent
        grow(database)
        assert anchorer.run_once() is Step.sent
        assert states(database) == {size: "sending"}
        assert rpc(url, "txpool_status")["pending"] == "0x1"
        rpc(url, "anvil_mine", "0x1")
        assert anchorer.run_once() is Step.confirmed
        assert states(database) == {size: "confirmed"}

    def test_sends_again_what_the_pool_forgot(self, database: Database, slow: tuple[str, Chain]) -> None:
        url, chain = slow
        anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
        size = grow(database).size
        anchorer.run_once()
        rpc(url, "anvil_dropAllTransactions")
        assert anchorer.run_once() is Step.sent
        rpc(url, "anvil_mine", "0x1")
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, url, LOG) == [size]

    def test_two_workers_send_one(self, database: Database, slow: tuple[str, Chain]) -> None:
        url, chain = slow
        grow(database)
        Anchorer(database, chain, CLOCK, ORIGIN).run_once()
        size = grow(database).size
        second = Anchorer(database, chain, CLOCK, ORIGIN)
        assert second.run_once() is Step.sent
        assert rpc(url, "txpool_status") == {"pending": "0x1", "queued": "0x0"}
        rpc(url, "anvil_mine", "0x1")
        assert second.run_once() is Step.confirmed
        assert size not in states(database)

    def test_the_index_refuses_a_second_intent(self, database: Database, slow: tuple[str, Chain]) -> None:
        """The other worker's intent is committed after this one looked: the row decides, nothing is sent."""
        url, chain = slow

        class Racing(Chain):
            def build_anchor_tx(self, *arguments, **options):  # type: ignore[no-untyped-def]
                transaction = super().build_anchor_tx(*arguments, **options)
                with database.unit() as db:
                    anchorrows.intend(db, 1, bytes(32), 77, transaction, CLOCK.now())
                return transaction

        racing = Racing(url, chain._key)
        grow(database)
        assert Anchorer(database, racing, CLOCK, ORIGIN).run_once() is Step.sent
        assert rpc(url, "txpool_status")["pending"] == "0x0"
        assert states(database) == {1: "sending"}

    def test_lets_go_of_a_nonce_used_elsewhere(self, database: Database, slow: tuple[str, Chain]) -> None:
        url, chain = slow
        anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
        size = grow(database).size
        anchorer.run_once()
        rpc(url, "anvil_dropAllTransactions")
        rpc(url, "anvil_setNonce", "0x" + chain.account.hex(), hex(chain.nonce() + 1))
        assert anchorer.run_once() is Step.early
        assert states(database) == {}
        CLOCK.turn()
        rpc(url, "evm_setAutomine", True)
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, url, LOG) == [size]


class TestForgetful:
    """Chains that lose what they had, and chains that say something else."""

    def test_another_chain(
        self, database: Database, wire: Wire, anchorer: Anchorer, caplog: pytest.LogCaptureFixture
    ) -> None:
        old = grow(database).size
        anchorer.run_once()
        assert old in states(database)
        with private_node() as url:
            chain = new_chain(url)
            CLOCK.turn()
            with caplog.at_level(logging.ERROR):
                assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
            assert "another chain, 1 anchors are void" in caplog.text
            assert anchored_sizes(chain, url, LOG) == [old]
            with database.unit() as db:
                known = anchorrows.identity(db)
            assert known == chain.identity()

    def test_contracts_gone(self, database: Database) -> None:
        """A node that came back empty, with the genesis it had before."""
        port, genesis = free_port(), ("--timestamp", "1795000000")
        with private_node(port, *genesis) as url:
            chain = new_chain(url)
            size = grow(database).size
            Anchorer(database, chain, CLOCK, ORIGIN).run_once()
            before = chain.identity()
        with private_node(port, *genesis) as url:
            anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
            assert states(database) == {size: "confirmed"}
            with pytest.raises(ContractMissingError):
                anchorer.run_once()
            assert states(database) == {}
            chain.deploy(member_accounts([MEMBER]), 1)
            chain.register_log(LOG, NOTE_KEY, [MEMBER])
            assert chain.identity() == before
            CLOCK.turn()
            assert anchorer.run_once() is Step.confirmed
            assert states(database) == {size: "confirmed"}
            assert anchored_sizes(chain, url, LOG) == [size]

    def test_lost_blocks(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        """The same chain, but older: a node that came back from its last state file."""
        with private_node() as url:
            chain = new_chain(url)
            anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
            kept = grow(database).size
            anchorer.run_once()
            snapshot = rpc(url, "evm_snapshot")
            lost = grow(database).size
            anchorer.run_once()
            assert states(database) == {kept: "confirmed", lost: "confirmed"}
            rpc(url, "evm_revert", snapshot)
            CLOCK.turn()
            with caplog.at_level(logging.ERROR):
                assert anchorer.run_once() is Step.confirmed
            assert "lost blocks, 1 anchors are void" in caplog.text
            assert states(database) == {kept: "confirmed", lost: "confirmed"}
            assert anchored_sizes(chain, url, LOG) == [kept, lost]

    def test_reorganisation(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        with private_node() as url:
            chain = new_chain(url)
            anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
            kept = grow(database).size
            anchorer.run_once()
            moved = grow(database).size
            anchorer.run_once()
            with database.unit() as db:
                before = anchorrows.newest_confirmed(db)
                c = tables.anchor.c
                raw = db.execute(select(c.raw_tx).where(c.size == moved)).scalar_one()
            other = {"from": rpc(url, "eth_accounts")[0], "to": "0x" + "11" * 20, "value": "0x1"}
            rpc(url, "anvil_reorg", 1, [[other, 0], ["0x" + raw.hex(), 0]])
            assert before is not None
            assert chain.block_hash(before.block_number) != before.block_hash
            CLOCK.turn()
            with caplog.at_level(logging.ERROR):
                assert anchorer.run_once() is Step.confirmed
            assert "was replaced" in caplog.text
            with database.unit() as db:
                after = anchorrows.newest_confirmed(db)
            assert after is not None
            assert chain.block_hash(after.block_number) == after.block_hash
            assert anchored_sizes(chain, url, LOG) == [kept, moved]
            assert states(database) == {kept: "confirmed", moved: "confirmed"}

    def test_rows_lost_are_found_on_the_chain(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        size = grow(database).size
        anchorer.run_once()
        nonce = chain.nonce()
        with database.unit() as db:
            db.execute(tables.anchor.delete())
        assert anchorer.run_once() is Step.confirmed
        assert states(database) == {size: "confirmed"}
        assert chain.nonce() == nonce

    def test_a_root_that_is_not_ours(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        """A restored older database, or a second log under our name: a person must look, nothing is sent."""
        size = grow(database).size
        foreign = Tree(size, seed=b"foreign")
        settle(chain, chain.build_anchor_tx(LOG, 0, size, foreign.root(size), [], chain.nonce()))
        nonce = chain.nonce()
        with pytest.raises(AnchorConflictError):
            anchorer.run_once()
        assert (chain.nonce(), states(database)) == (nonce, {})

    def test_a_chain_ahead_of_the_log(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        size = grow(database).size + 100
        settle(chain, chain.build_anchor_tx(LOG, 0, size, Tree(size).root(size), [], chain.nonce()))
        with pytest.raises(AnchorConflictError):
            anchorer.run_once()
        with database.unit() as db:  # the log stops over it, see `ledger.sequencer`; the next test's need not
            db.execute(tables.anchor.delete())


class TestRun:
    """`run`, the loop."""

    def test_anchors_and_stops(self, database: Database, chain: Chain, wire: Wire) -> None:
        """Through a node that goes away and comes back, until told to stop."""
        size = grow(database).size
        wire.fail(always=True)
        stop = threading.Event()
        anchorer = Anchorer(database, chain, SystemClock(), ORIGIN, interval=0.2)
        thread = threading.Thread(target=anchorer.run, args=(stop,))
        thread.start()
        try:
            threading.Event().wait(0.3)
            assert states(database).get(size) is None
            wire.heal()
            for _ in range(1200):
                if states(database).get(size) == "confirmed":
                    break
                threading.Event().wait(0.05)
            assert states(database) == {size: "confirmed"}
        finally:
            stop.set()
            thread.join(60)
        assert not thread.is_alive()
        assert anchored_sizes(chain, wire.url, LOG) == [size]
