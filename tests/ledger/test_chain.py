"""The chain port against a real node: setting up, sending, and what is believed."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from ledger import chainproof
from ledger.chain import Chain, Transaction, address_of, first_contract_of
from ledger.errors import (
    ChainProofError,
    ChainRefusedError,
    ChainUnavailableError,
    ContractMissingError,
    LogConflictError,
    LogNotRegisteredError,
)
from tests.contracts.reference import Tree
from tests.ledger.chains import Wire, anchored_sizes, member_accounts, private_node, rpc, settle
from tests.ledger.sealing import SealedWire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.db import Database

MEMBERS = [secrets.token_bytes(32) for _ in range(3)]
NOTE_KEY = b"\x07" * 32


@pytest.fixture(scope="module")
def wire(chain_url: str) -> Iterator[Wire]:
    """A line to the node that can be cut."""
    wire = Wire(chain_url)
    yield wire
    wire.close()


@pytest.fixture
def chain(wire: Wire) -> Chain:
    """A fresh account with contracts of its own: 3 members, 2 needed."""
    wire.heal()
    chain = Chain(wire.url, secrets.token_bytes(32))
    chain.deploy(member_accounts(MEMBERS), 2)
    return chain


@pytest.fixture
def log(chain: Chain) -> bytes:
    """A registered log."""
    log = secrets.token_bytes(32)
    chain.register_log(log, NOTE_KEY, MEMBERS)
    return log


def first_anchor(chain: Chain, log: bytes, tree: Tree, size: int = 5) -> Transaction:
    """A signed first anchor."""
    return chain.build_anchor_tx(log, 0, size, tree.root(size), [], chain.nonce())


class TestAddresses:
    """Addresses follow from keys."""

    def test_known_account(self) -> None:
        """The first development account of anvil and hardhat."""
        key = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
        assert address_of(key).hex() == "f39fd6e51aad88f6f4ce6ab8827279cfffb92266"
        assert first_contract_of(address_of(key)).hex() == "5fbdb2315678afecb367f032d93f642f64180aa3"


class TestDeploy:
    """`deploy`."""

    def test_puts_our_code_where_the_key_says(self, chain: Chain, chain_url: str) -> None:
        identity = chain.identity()
        assert identity.chain_id == int(rpc(chain_url, "eth_chainId"), 16)
        assert identity.genesis_hash.hex() == rpc(chain_url, "eth_getBlockByNumber", "0x0", False)["hash"][2:]
        assert (identity.registry, identity.anchor) == (chain.registry, chain.anchor)
        proof = rpc(chain_url, "eth_getProof", "0x" + chain.anchor.hex(), [], "latest")
        assert proof["codeHash"] == "0x" + identity.code_hash.hex()

    def test_happens_once(self, chain: Chain) -> None:
        before = chain.nonce()
        chain.deploy(member_accounts(MEMBERS), 2)
        assert chain.nonce() == before == 1

    @pytest.mark.parametrize("after", [False, True])
    def test_survives_a_cut_line(self, wire: Wire, after: bool) -> None:
        chain = Chain(wire.url, secrets.token_bytes(32))
        wire.fail("eth_sendRawTransaction", after=after)
        if not after:
            with pytest.raises(ChainUnavailableError):
                chain.deploy(member_accounts(MEMBERS), 2)
        chain.deploy(member_accounts(MEMBERS), 2)
        assert chain.identity().registry == chain.registry
        assert chain.nonce() == 1

    def test_refuses_a_used_key(self, chain_url: str) -> None:
        key = secrets.token_bytes(32)
        used = Chain(chain_url, key)
        rpc(chain_url, "anvil_setNonce", "0x" + used.account.hex(), "0x1")
        with pytest.raises(ChainRefusedError, match="key-used-before"):
            used.deploy(member_accounts(MEMBERS), 2)

    def test_refuses_an_impossible_threshold(self, chain_url: str) -> None:
        with pytest.raises(ChainRefusedError, match="reverted"):
            Chain(chain_url, secrets.token_bytes(32)).deploy(member_accounts(MEMBERS), 4)


class TestIdentity:
    """`identity`."""

    def test_misses_contracts(self, chain_url: str) -> None:
        with pytest.raises(ContractMissingError, match="Registry"):
            Chain(chain_url, secrets.token_bytes(32)).identity()

    def test_refuses_other_code(self, chain: Chain, chain_url: str) -> None:
        rpc(chain_url, "anvil_setCode", "0x" + chain.anchor.hex(), "0x6001600155")
        with pytest.raises(ContractMissingError, match="Anchor"):
            chain.identity()


class TestRegisterLog:
    """`register_log`."""

    def test_opens_the_log_for_this_account(self, chain: Chain, log: bytes) -> None:
        head = chain.anchored(log)
        assert (head.size, head.root, head.time) == (0, bytes(32), 0)

    def test_again_changes_nothing(self, chain: Chain, log: bytes, wire: Wire) -> None:
        wire.calls.clear()
        chain.register_log(log, NOTE_KEY, MEMBERS)
        assert "eth_sendRawTransaction" not in wire.calls

    def test_goes_on_where_it_was_cut(self, chain: Chain, wire: Wire) -> None:
        log = secrets.token_bytes(32)
        wire.fail("eth_sendRawTransaction", skip=1, after=False)
        with pytest.raises(ChainUnavailableError):
            chain.register_log(log, NOTE_KEY, MEMBERS)
        with pytest.raises(LogNotRegisteredError):
            chain.anchored(log)
        chain.register_log(log, NOTE_KEY, MEMBERS)
        assert chain.anchored(log).size == 0

    def test_needs_k_members(self, chain: Chain) -> None:
        with pytest.raises(ChainRefusedError, match="too-few-members"):
            chain.register_log(secrets.token_bytes(32), NOTE_KEY, MEMBERS[:1])

    def test_refuses_strangers(self, chain: Chain) -> None:
        with pytest.raises(ChainRefusedError, match="NotMember"):
            chain.register_log(secrets.token_bytes(32), NOTE_KEY, [secrets.token_bytes(32)])

    def test_refuses_another_key_or_operator(self, chain: Chain, log: bytes, chain_url: str) -> None:
        with pytest.raises(LogConflictError):
            chain.register_log(log, bytes(32), MEMBERS)
        other = Chain(chain_url, secrets.token_bytes(32), registry=chain.registry)
        with pytest.raises(LogConflictError):
            other.register_log(log, NOTE_KEY, MEMBERS)
        with pytest.raises(LogNotRegisteredError):
            other.anchored(log)


class TestSend:
    """`build_anchor_tx`, `send`, `receipt`."""

    def test_anchors(self, chain: Chain, log: bytes) -> None:
        tree = Tree(5, 9)
        for old, new in ((0, 5), (5, 9)):
            proof = tree.proof(old, new) if old else []
            transaction = chain.build_anchor_tx(log, old, new, tree.root(new), proof, chain.nonce())
            assert chain.receipt(transaction.hash) is None
            receipt = settle(chain, transaction)
            assert receipt.succeeded
            assert chain.block_hash(receipt.block_number) == receipt.block_hash
            head = chain.anchored(log)
            assert (head.size, head.root, head.time) == (new, tree.root(new), receipt.block_time)

    def test_sending_twice_anchors_once(self, chain: Chain, log: bytes, chain_url: str) -> None:
        transaction = first_anchor(chain, log, Tree(5))
        settle(chain, transaction)
        chain.send(transaction)  # "nonce too low", and the hash is found
        assert anchored_sizes(chain, chain_url, log) == [5]

    def test_error_but_stored_is_success(self, chain: Chain, log: bytes, wire: Wire, chain_url: str) -> None:
        transaction = first_anchor(chain, log, Tree(5))
        wire.fail("eth_sendRawTransaction", after=True)
        settle(chain, transaction)
        assert anchored_sizes(chain, chain_url, log) == [5]

    def test_error_and_not_stored_is_an_error(self, chain: Chain, log: bytes, wire: Wire, chain_url: str) -> None:
        transaction = first_anchor(chain, log, Tree(5))
        wire.fail("eth_sendRawTransaction")
        with pytest.raises(ChainUnavailableError):
            chain.send(transaction)
        assert anchored_sizes(chain, chain_url, log) == []

    def test_a_used_nonce_is_refused(self, chain: Chain, log: bytes) -> None:
        tree = Tree(5, 6)
        first, second = first_anchor(chain, log, tree), first_anchor(chain, log, tree, 6)
        settle(chain, first)
        with pytest.raises(ChainRefusedError, match="nonce too low"):
            chain.send(second)

    def test_a_losing_race_reverts(self, chain: Chain, log: bytes) -> None:
        tree = Tree(5, 6)
        nonce = chain.nonce()
        first, second = (
            chain.build_anchor_tx(log, 0, size, tree.root(size), [], nonce + ahead) for ahead, size in enumerate((6, 5))
        )
        chain.send(first)
        assert not settle(chain, second).succeeded
        assert chain.anchored(log).size == 6

    def test_names_the_contract_error_before_sending(self, chain: Chain, log: bytes) -> None:
        tree = Tree(5, 9)
        transaction = first_anchor(chain, log, tree)
        settle(chain, transaction)
        for arguments, reason in (
            ((5, 9, tree.root(9), []), "ProofTooShort"),
            ((4, 9, tree.root(9), tree.proof(5, 9)), "OldSizeMismatch"),
            ((5, 5, bytes(32), []), "RootConflict"),
        ):
            with pytest.raises(ChainRefusedError, match=reason):
                chain.build_anchor_tx(log, *arguments, chain.nonce())


class TestGas:
    """What an anchored document costs."""

    PER_DOCUMENT_CONTRACT = 47_899
    """Gas of TradeTrust's `issue` for one document."""

    def test_a_document_costs_a_hundredth_of_a_transaction_of_its_own(self, chain: Chain, log: bytes) -> None:
        """256 documents a checkpoint, in a log of ten million."""
        old, new = 10_000_000, 10_000_256
        tree = Tree(old, new)
        settle(chain, chain.build_anchor_tx(log, 0, old, tree.root(old), [], chain.nonce()))
        last = chain.build_anchor_tx(log, old, new, tree.root(new), tree.proof(old, new), chain.nonce())
        settle(chain, last)
        used = int(chain._rpc("eth_getTransactionReceipt", "0x" + last.hash.hex())["gasUsed"], 16)
        assert 100 * used <= 256 * self.PER_DOCUMENT_CONTRACT
        assert used < 80_000


class TestValidatorHistory:
    """`validator_history`."""

    def test_a_development_chain_has_none(self, chain: Chain) -> None:
        assert chain.validator_history() is None

    def test_finds_changes_between_its_probes(self) -> None:
        """Also back to the set before. One that came and went between two probes is not found, as it says."""
        accounts = [bytes([number]) * 20 for number in range(1, 5)]
        with private_node() as url:
            sealed = SealedWire(url)
            rpc(url, "anvil_mine", hex(200))
            chain = Chain(sealed.url, bytes([1]) * 32)
            for changes, found in (([], []), ([1], [1]), ([71], [71]), ([98, 150], [98, 150]), ([199, 200], [])):
                sealed.listed_at = lambda height, at=changes: accounts[: 3 + sum(height >= each for each in at) % 2]
                history = chain.validator_history()
                assert history is not None
                assert [each.from_block for each in history] == [0, *found]
                assert [len(each.validators) for each in history] == [3 + number % 2 for number in range(len(history))]
            sealed.close()


class TestProofOf:
    """`proof_of`."""

    def test_gives_a_section_that_verifies_offline(self, chain: Chain, log: bytes, chain_url: str) -> None:
        tree = Tree(5)
        settle(chain, first_anchor(chain, log, tree))
        rpc(chain_url, "anvil_mine", "0x2")
        proof = chain.proof_of(log)
        section = json.loads(json.dumps(proof.section))
        proven = chainproof.verify(section, chain.identity(), log=log, size=5, root=tree.root(5))
        assert proven.block_hash == proof.block_hash == chain.block_hash(proof.block_number)
        assert proven.anchored_at.timestamp() == proof.head.time == chain.anchored(log).time

    def test_proves_nothing_without_an_anchor(self, chain: Chain, log: bytes) -> None:
        with pytest.raises(ChainProofError):
            chain.proof_of(log)


class TestTrouble:
    """A node that misbehaves."""

    def test_no_node(self) -> None:
        with pytest.raises(ChainUnavailableError):
            Chain("http://127.0.0.1:1", secrets.token_bytes(32)).nonce()

    def test_cut_line(self, chain: Chain, wire: Wire) -> None:
        wire.fail(always=True)
        with pytest.raises(ChainUnavailableError):
            chain.identity()

    def test_nothing_is_retried_behind_our_back(self, chain: Chain, wire: Wire) -> None:
        wire.calls.clear()
        wire.fail(always=True)
        with pytest.raises(ChainUnavailableError):
            chain.nonce()
        assert wire.calls == ["eth_getTransactionCount"]

    def test_never_inside_a_unit(self, chain: Chain, database: Database) -> None:
        with database.unit(), pytest.raises(RuntimeError, match="inside an open unit"):
            chain.nonce()


class TestSlowBlocks:
    """A chain that makes a block when it pleases."""

    def test_a_receipt_takes_its_time(self) -> None:
        with private_node() as url:
            chain = Chain(url, secrets.token_bytes(32))
            chain.deploy(member_accounts(MEMBERS), 1)
            log, tree = secrets.token_bytes(32), Tree(5)
            chain.register_log(log, NOTE_KEY, MEMBERS)
            rpc(url, "evm_setAutomine", False)
            transaction = first_anchor(chain, log, tree)
            chain.send(transaction)
            chain.send(transaction)  # "already known"
            assert chain.await_receipt(transaction.hash, 0.1) is None
            assert chain.nonce() == 1
            rpc(url, "anvil_mine", "0x1")
            assert chain.await_receipt(transaction.hash) is not None
            assert anchored_sizes(chain, url, log) == [5]
