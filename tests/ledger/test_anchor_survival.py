"""RELIABILITY C1 to C6: chains that stop, forget, change, race and lie, and what the anchor worker makes of it.

On the node of development dressed as a sealed chain (`sealing.SealedWire`); what four real validators do is in
tests/quorum. Everywhere it is counted: one transaction of the account for each checkpoint that was anchored.
"""

from __future__ import annotations

import logging
import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from coincurve import PrivateKey
from sqlalchemy import create_engine, text

from ledger import anchorrows, chainproof, qbft, store
from ledger.anchor import Anchorer, Step
from ledger.chain import Chain
from ledger.clock import SystemClock
from ledger.db import Database
from ledger.errors import (
    AnchorConflictError,
    ChainBehindError,
    ChainContradictionError,
    ChainProofError,
    ChainRefusedError,
    ChainUnavailableError,
    ContractMissingError,
)
from ledger.evidence import Evidence
from ledger.model import EntryState
from ledger.record import Record
from ledger.sequencer import create_log
from tests.ledger.anchoring import CLOCK, LOG, MEMBER, NOTE_KEY, ORIGIN, SIGNER, grow, new_chain, states
from tests.ledger.chains import Wire, anchored_sizes, member_accounts, private_node, rpc
from tests.ledger.sealing import SealedWire, account_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("log")

SET_UP = 2
"""Transactions of an account before its first anchor: deployment and registration (its member is another account)."""


@pytest.fixture(scope="module")
def log(database: Database) -> None:
    """The one log of this module's database."""
    with database.unit() as db:
        create_log(db, ORIGIN, SIGNER.key_id)


@pytest.fixture(scope="module")
def node() -> Iterator[SealedWire]:
    """Four validators before a node of their own."""
    with private_node() as url:
        wire = SealedWire(url)
        yield wire
        wire.close()


@pytest.fixture
def sealed(node: SealedWire) -> Iterator[SealedWire]:
    """The four validators, all well."""
    node.heal()
    yield node
    node.heal()
    node.signing = node.keys[:3]
    rpc(node.node_url, "evm_setAutomine", True)


@pytest.fixture
def chain(sealed: SealedWire) -> Chain:
    """A fresh account that knows the validators."""
    CLOCK.turn()
    return new_chain(sealed.url, validators=sealed.history)


@pytest.fixture
def anchorer(database: Database, chain: Chain) -> Anchorer:
    """The worker."""
    return Anchorer(database, chain, CLOCK, ORIGIN)


def count_anchors(chain: Chain, url: str) -> list[int]:
    """Sizes anchored; each by one transaction of the account, or this fails."""
    sizes = anchored_sizes(chain, url, LOG)
    assert chain.nonce() == 1 + len(sizes)  # deployment, then one each
    return sizes


class TestSealedChain:
    """The worker on a chain with seals."""

    def test_keeps_proofs_that_carry_the_seals(self, database: Database, chain: Chain, anchorer: Anchorer) -> None:
        checkpoint = grow(database)
        assert anchorer.run_once() is Step.confirmed
        with database.unit() as db:
            row = store.anchor_over(db, checkpoint.size)
        assert row is not None
        proven = chainproof.verify(row.proof, chain.identity(), log=LOG, size=checkpoint.size, root=checkpoint.root)
        assert proven.seals is not None
        assert len(proven.seals.signers) == 3

    def test_tells_who_seals(self, sealed: SealedWire, chain: Chain) -> None:
        assert Chain(sealed.url, bytes([1]) * 32).validator_history() == sealed.history == chain.validator_history()

    def test_a_block_is_the_same_whoever_sealed_it(
        self, database: Database, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """Another node may hold the block with other seals: that is no reorganisation."""
        grow(database)
        anchorer.run_once()
        sealed.signing = sealed.keys[1:]
        assert anchorer.run_once() is Step.idle


class TestC1NodeAway:
    """The node is away and comes back."""

    def test_only_the_newest_checkpoint_is_anchored(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        first = grow(database).size
        anchorer.run_once()
        sealed.fail(always=True)
        stop = threading.Event()
        worker = Anchorer(database, chain, SystemClock(), ORIGIN, interval=0.1)
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            for _ in range(3):
                newest = grow(database).size
            with database.unit() as db:
                assert store.newest_anchor_size(db) == first  # the lag that `/readyz` and the metrics tell
            sealed.heal()
            for _ in range(1200):
                if states(database).get(newest) == "confirmed":
                    break
                threading.Event().wait(0.05)
        finally:
            stop.set()
            thread.join(60)
        assert count_anchors(chain, sealed.url) == [first, newest]

    def test_entries_wait_and_then_are_anchored(
        self, database: Database, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        with database.unit() as db:
            entry_id = Evidence(ORIGIN, SIGNER, CLOCK).append(db, Record({"type": "case.opened"}, {})).entry_id
        grow(database)
        sealed.fail(always=True)
        with pytest.raises(ChainUnavailableError):
            anchorer.run_once()
        with database.unit() as db:
            assert store.entry_state(db, entry_id).state is not EntryState.anchored
        sealed.heal()
        assert anchorer.run_once() is Step.confirmed
        with database.unit() as db:
            assert store.entry_state(db, entry_id).state is EntryState.anchored


class TestC2Reorganisation:
    """Blocks that were replaced."""

    def test_on_a_final_chain_is_a_critical_alarm(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        with private_node() as url:
            wire = SealedWire(url)
            chain = new_chain(wire.url, validators=wire.history)
            anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
            kept = grow(database).size
            anchorer.run_once()
            moved = grow(database).size
            anchorer.run_once()
            caplog.clear()
            with database.unit() as db:
                raw = db.execute(text("select raw_tx from ledger.anchor where size = :size"), {"size": moved}).scalar()
            other = {"from": rpc(url, "eth_accounts")[0], "to": "0x" + "11" * 20, "value": "0x1"}
            rpc(url, "anvil_reorg", 1, [[other, 0], ["0x" + bytes(raw).hex(), 0]])
            CLOCK.turn()
            with caplog.at_level(logging.CRITICAL):
                assert anchorer.run_once() is Step.confirmed
            assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
            assert "was replaced" in caplog.text
            assert count_anchors(chain, url) == [kept, moved]
            wire.close()


class TestC3AnotherChain:
    """The chain was reset, or is another."""

    def test_another_chain_id(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        genesis = ("--timestamp", "1795000000")
        sizes = []
        for chain_id in ("31337", "31338"):
            with private_node(None, "--chain-id", chain_id, *genesis) as url, caplog.at_level(logging.ERROR):
                chain = new_chain(url)
                sizes.append(grow(database).size)
                assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
                assert count_anchors(chain, url) == sizes[-1:]
        assert "another chain" in caplog.text
        assert states(database) == {sizes[-1]: "confirmed"}

    def test_the_same_genesis_again(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        """All validators were wiped and began anew: fewer blocks than we saw, but not because the node is behind."""
        genesis = ("--timestamp", "1795000000")
        with private_node(None, *genesis) as url:
            first = SealedWire(url)
            chain = new_chain(first.url)
            anchorer = Anchorer(database, chain, CLOCK, ORIGIN)
            sizes = []
            for _ in range(4):
                sizes.append(grow(database).size)
                anchorer.run_once()
            identity = chain.identity()
            rpc(url, "evm_setAutomine", False)
            in_flight = grow(database).size
            assert anchorer.run_once() is Step.sent
            first.close()
        with private_node(None, *genesis) as url:
            second = SealedWire(url)
            second.keys, second.listed, second.signing = first.keys, first.listed, first.signing
            again = Chain(second.url, chain._key)
            assert again.genesis_hash() == identity.genesis_hash
            worker = Anchorer(database, again, CLOCK, ORIGIN)
            with pytest.raises(ChainBehindError):  # so far it may be catching up
                worker.run_once()
            assert states(database) == {**dict.fromkeys(sizes, "confirmed"), in_flight: "sending"}
            again.deploy(member_accounts([MEMBER]), 1)
            again.register_log(LOG, NOTE_KEY, [MEMBER])
            rpc(url, "anvil_mine", "0x1")
            height = again.newest_block()[0]
            with database.unit() as db:
                newest = anchorrows.newest_confirmed(db)
            assert newest is not None
            assert height < newest.block_number
            with caplog.at_level(logging.CRITICAL):
                assert worker.run_once() is Step.early
            assert "lost blocks, 4 anchors are void" in caplog.text
            CLOCK.turn()
            assert worker.run_once() is Step.confirmed
            assert count_anchors(again, url) == [in_flight]
            assert states(database) == {in_flight: "confirmed"}
            second.close()

    def test_other_code_voids_and_is_never_anchored_on(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        size = grow(database).size
        anchorer.run_once()
        assert states(database) == {size: "confirmed"}
        nonce = chain.nonce()
        rpc(sealed.node_url, "anvil_setCode", "0x" + chain.anchor.hex(), "0x6001600155")
        grow(database)
        with pytest.raises(ContractMissingError):
            anchorer.run_once()
        assert states(database) == {}
        assert chain.nonce() == nonce


class TestC4Validators:
    """Validators stop and come back."""

    def test_one_stops_and_nothing_happens(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        sealed.stop_one()
        size = grow(database).size
        assert anchorer.run_once() is Step.confirmed
        sealed.start_one()
        assert count_anchors(chain, sealed.url) == [size]

    def test_two_stop_and_the_anchor_waits(self, database: Database, chain: Chain, sealed: SealedWire) -> None:
        """However often the worker starts anew meanwhile, one transaction is sent and one checkpoint anchored."""
        sealed.stop_one()
        sealed.stop_one()
        sealed.sent.clear()
        first = grow(database).size
        for _ in range(3):
            assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.sent
            newest = grow(database).size
        assert states(database) == {first: "sending"}
        sealed.start_one()
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        sealed.start_one()
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        assert count_anchors(chain, sealed.url) == [first, newest]
        assert len(sealed.sent) == 2


class TestC5Races:
    """Two workers with one key, foreign nonces, nodes that are behind."""

    @pytest.fixture
    def twin(self, database: Database) -> Iterator[Callable[[], Database]]:
        """A copy of the node's database, as if its disk had been cloned."""
        made: list[Database] = []

        def clone() -> Database:
            database.close()  # no connection may be open; the pool opens new ones
            name = f"twin_{uuid.uuid4().hex[:12]}"
            base, own = database.url.rsplit("/", 1)
            admin = create_engine(base + "/postgres", isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"create database {name} template {own}"))
            admin.dispose()
            made.append(Database(f"{base}/{name}"))
            return made[-1]

        yield clone
        for each in made:
            each.close()
            base, own = each.url.rsplit("/", 1)
            admin = create_engine(base + "/postgres", isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f"drop database {own} with (force)"))
            admin.dispose()

    def test_the_second_finds_the_first_ones_anchor(
        self, database: Database, chain: Chain, sealed: SealedWire, twin: Callable[[], Database]
    ) -> None:
        size = grow(database).size
        other = twin()
        for each in (database, other, database, other):
            Anchorer(each, chain, CLOCK, ORIGIN).run_once()
        assert states(other) == states(database) == {size: "confirmed"}
        assert count_anchors(chain, sealed.url) == [size]

    def test_both_in_flight_are_one_transaction(
        self, database: Database, chain: Chain, sealed: SealedWire, twin: Callable[[], Database]
    ) -> None:
        """Same key, nonce and tree: the same bytes."""
        size = grow(database).size
        other = twin()
        rpc(sealed.node_url, "evm_setAutomine", False)
        sealed.sent.clear()
        for each in (database, other):
            assert Anchorer(each, chain, CLOCK, ORIGIN).run_once() is Step.sent
        rpc(sealed.node_url, "anvil_mine", "0x1")
        for each in (database, other):
            assert Anchorer(each, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        assert len(sealed.sent) == 1
        assert count_anchors(chain, sealed.url) == [size]

    def test_a_log_that_went_two_ways_stops_the_one_that_lost(
        self, database: Database, chain: Chain, sealed: SealedWire, twin: Callable[[], Database]
    ) -> None:
        """The clone grows on its own. Whoever comes first is on the chain; the other never anchors again."""
        shared = grow(database).size
        other = twin()
        rpc(sealed.node_url, "evm_setAutomine", False)
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.sent
        foreign = grow(other, 5).size
        loser = Anchorer(other, chain, CLOCK, ORIGIN)
        with pytest.raises(ChainRefusedError, match="replacement"):  # the nonce is taken in the pool
            loser.run_once()
        rpc(sealed.node_url, "anvil_mine", "0x1")
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        own = grow(database).size
        rpc(sealed.node_url, "evm_setAutomine", True)
        assert Anchorer(database, chain, CLOCK, ORIGIN).run_once() is Step.confirmed
        assert own != foreign
        for _ in range(2):
            with pytest.raises(AnchorConflictError):
                loser.run_once()
        assert count_anchors(chain, sealed.url) == [shared, own]

    def test_a_stuck_nonce_frees_itself(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """Another program used the key: our nonce is taken in the pool, later in a block."""
        rpc(sealed.node_url, "evm_setAutomine", False)
        foreign = chain._sign(chain._key, b"\x11" * 20, "0x", chain.nonce(), 30_000)
        chain.send(foreign)
        size = grow(database).size
        with pytest.raises(ChainRefusedError, match="replacement"):
            anchorer.run_once()
        assert states(database) == {size: "sending"}
        rpc(sealed.node_url, "anvil_mine", "0x1")
        rpc(sealed.node_url, "evm_setAutomine", True)
        assert anchorer.run_once() is Step.early
        CLOCK.turn()
        assert anchorer.run_once() is Step.confirmed
        assert anchored_sizes(chain, sealed.url, LOG) == [size]
        assert chain.nonce() == 1 + 1 + 1  # deployment, the foreign one, the anchor

    def test_a_node_that_is_behind_voids_nothing(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """A balancer asked a slower node: its newest block is one that we have long passed."""
        old = rpc(sealed.node_url, "eth_getBlockByNumber", "latest", False)
        sizes = [grow(database).size]
        anchorer.run_once()
        sizes.append(grow(database).size)
        anchorer.run_once()
        sealed.forge = lambda method, parameters, result: (
            dict(old) if method == "eth_getBlockByNumber" and parameters[0] == "latest" else result
        )
        grow(database)
        nonce = chain.nonce()
        with pytest.raises(ChainBehindError):
            anchorer.run_once()
        assert states(database) == dict.fromkeys(sizes, "confirmed")
        sealed.heal()
        assert anchorer.run_once() is Step.confirmed
        assert chain.nonce() == nonce + 1

    def test_a_node_that_starts_from_nothing_voids_nothing(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """It has the right genesis and not yet the contracts."""
        size = grow(database).size
        anchorer.run_once()
        first = rpc(sealed.node_url, "eth_getBlockByNumber", "0x1", False)

        def forge(method: str, parameters: list[Any], result: Any) -> Any:
            if method == "eth_getCode":
                return "0x"
            latest = method == "eth_getBlockByNumber" and parameters[0] == "latest"
            return dict(first) if latest else result

        sealed.forge = forge
        with pytest.raises(ChainBehindError):
            anchorer.run_once()
        sealed.heal()
        assert states(database) == {size: "confirmed"}
        assert chain.nonce() == SET_UP


class TestC6LyingNode:
    """A node that forges its answers."""

    def test_a_forged_receipt_is_named(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """It says the transaction took effect; the state says otherwise. Neither is averaged with the other."""
        size = grow(database).size
        rpc(sealed.node_url, "evm_setAutomine", False)
        block = rpc(sealed.node_url, "eth_getBlockByNumber", "latest", False)
        truth = rpc(sealed.node_url, "eth_getTransactionReceipt", block["transactions"][0])
        assert truth["status"] == "0x1"
        sealed.forge = lambda method, parameters, result: (
            {**truth, "transactionHash": parameters[0]} if method == "eth_getTransactionReceipt" else result
        )
        with pytest.raises(ChainContradictionError, match="receipt-without-effect"):
            anchorer.run_once()
        assert states(database) == {size: "sending"}
        sealed.heal()
        rpc(sealed.node_url, "anvil_mine", "0x1")
        assert anchorer.run_once() is Step.confirmed
        assert count_anchors(chain, sealed.url) == [size]

    def test_a_forged_head_is_named(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer
    ) -> None:
        """The contract's answer is made up; no state proof shows it."""
        grow(database)
        newest = grow(database)
        words = [int.from_bytes(chain.account, "big"), newest.size, 1795000000, 1]
        head = "0x" + b"".join(word.to_bytes(32, "big") for word in words).hex() + newest.root.hex()
        nonce = chain.nonce()
        sealed.forge = lambda method, _, result: head if method == "eth_call" else result
        with pytest.raises(ChainProofError, match="step=6"):
            anchorer.run_once()
        sealed.heal()
        assert states(database) == {}
        assert chain.nonce() == nonce

    @pytest.mark.parametrize("listed", [False, True])
    def test_a_chain_of_its_own_making_is_named(
        self, database: Database, chain: Chain, sealed: SealedWire, anchorer: Anchorer, listed: bool
    ) -> None:
        """State, proofs and hashes all fit; the validators did not seal it."""
        grow(database)
        forgers = sorted((PrivateKey() for _ in range(4)), key=account_of)
        sealed.signing, before = forgers[:3], sealed.listed
        if listed:
            sealed.listed = [account_of(key) for key in forgers]
        try:
            with pytest.raises(ChainProofError, match="proposer" if listed else "seal-stranger"):
                anchorer.run_once()
        finally:
            sealed.listed = before
        assert "confirmed" not in states(database).values()
        sealed.signing = sealed.keys[:3]
        assert anchorer.run_once() is Step.confirmed
        assert len(count_anchors(chain, sealed.url)) == 1

    def test_who_does_not_know_the_validators_believes_the_node(
        self, database: Database, sealed: SealedWire, chain: Chain
    ) -> None:
        """Why the setting is there. A reader's trust file still refuses what such a node kept."""
        sealed.signing = [PrivateKey() for _ in range(3)]
        naive = Chain(sealed.url, chain._key)
        checkpoint = grow(database)
        assert Anchorer(database, naive, CLOCK, ORIGIN).run_once() is Step.confirmed
        with database.unit() as db:
            row = store.anchor_over(db, checkpoint.size)
        assert row is not None
        with pytest.raises(ChainProofError, match="seal-stranger"):
            chainproof.verify(row.proof, chain.identity(), log=LOG, size=checkpoint.size, root=checkpoint.root)

    def test_another_name_for_the_block_is_named(
        self, database: Database, sealed: SealedWire, chain: Chain, anchorer: Anchorer
    ) -> None:
        """Also what a Besu of another header rule would show at its first anchor."""
        grow(database)
        plain = Wire(sealed.url)
        plain.forge = lambda method, _, result: (
            {**result, "hash": "0x" + "77" * 32} if method == "eth_getBlockByNumber" and result else result
        )
        liar = Chain(plain.url, chain._key, validators=sealed.history)
        with pytest.raises(ChainContradictionError, match="block-hash"):
            Anchorer(database, liar, CLOCK, ORIGIN).run_once()
        plain.close()
        assert "confirmed" not in states(database).values()

    def test_the_loop_says_it_and_goes_on(
        self, database: Database, chain: Chain, sealed: SealedWire, caplog: pytest.LogCaptureFixture
    ) -> None:
        size = grow(database).size
        sealed.signing = [PrivateKey() for _ in range(3)]
        stop = threading.Event()
        worker = Anchorer(database, chain, SystemClock(), ORIGIN, interval=0.1)
        thread = threading.Thread(target=worker.run, args=(stop,))
        with caplog.at_level(logging.ERROR):
            thread.start()
            try:
                for _ in range(1200):
                    if "seal-stranger" in caplog.text:
                        break
                    threading.Event().wait(0.05)
                sealed.signing = sealed.keys[:3]
                for _ in range(1200):
                    if states(database).get(size) == "confirmed":
                        break
                    threading.Event().wait(0.05)
            finally:
                stop.set()
                thread.join(60)
        assert "chain-proof-invalid" in caplog.text
        assert count_anchors(chain, sealed.url) == [size]


class TestValidatorSets:
    """Validator sets that change while the log is anchored."""

    def test_proofs_are_checked_by_the_set_of_their_height(self, database: Database, sealed: SealedWire) -> None:
        height = int(rpc(sealed.node_url, "eth_blockNumber"), 16)
        stranger = qbft.ValidatorSet(0, (account_of(PrivateKey()),))
        for from_block, fits in ((height + 1, True), (height + 10_000, False)):
            history = (stranger, qbft.ValidatorSet(from_block, tuple(sealed.listed)))
            CLOCK.turn()
            anchorer = Anchorer(database, new_chain(sealed.url, validators=history), CLOCK, ORIGIN)
            grow(database)
            if fits:
                assert anchorer.run_once() is Step.confirmed
            else:
                with pytest.raises(ChainProofError, match="proposer"):
                    anchorer.run_once()

    def test_the_identity_kept_with_the_anchors_has_none(self, database: Database, chain: Chain) -> None:
        """A set that changes is no other chain: no anchor becomes void."""
        grow(database)
        Anchorer(database, chain, CLOCK, ORIGIN).run_once()
        with database.unit() as db:
            known = anchorrows.identity(db)
        assert known == chain.identity()
        assert chain.identity().qbft is not None
