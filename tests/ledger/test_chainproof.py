"""Chain sections against a verifier that never saw the chain: right ones pass, every changed one is named by its step."""

from __future__ import annotations

import copy
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rlp
from eth_hash.auto import keccak
from hypothesis import given, strategies as st

from ledger import chainproof
from ledger.chain import Chain
from ledger.chainproof import ChainIdentity
from ledger.errors import ChainProofError
from tests.contracts.reference import Tree
from tests.ledger.chains import member_accounts, rpc, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = chainproof.log_id("log.example/310113")
MEMBER = secrets.token_bytes(32)
QBFT = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")


class Anchored:
    """An anchor on the running chain, with what proves it."""

    def __init__(self, url: str) -> None:
        chain, tree = Chain(url, secrets.token_bytes(32)), Tree(5, 9)
        chain.deploy(member_accounts([MEMBER]), 1)
        chain.register_log(LOG, b"\x07" * 32, [MEMBER])
        for old, new in ((0, 5), (5, 9)):
            proof = tree.proof(old, new) if old else []
            settle(chain, chain.build_anchor_tx(LOG, old, new, tree.root(new), proof, chain.nonce()))
        rpc(url, "anvil_mine", "0x1")
        self.identity = chain.identity()
        self.section: dict[str, Any] = chain.proof_of(LOG).section
        self.root = tree.root(9)

    def verify(self, section: dict[str, Any] | None = None, **changes: Any) -> chainproof.ProvenAnchor:
        """Verify, by default exactly what was made."""
        arguments = {"trusted": self.identity, "log": LOG, "size": 9, "root": self.root} | changes
        return chainproof.verify(section or self.section, **arguments)

    def step(self, section: dict[str, Any] | None = None, **changes: Any) -> int:
        """The step that refuses."""
        with pytest.raises(ChainProofError) as refused:
            self.verify(section, **changes)
        return int(refused.value.fields["step"])

    def with_identity(self, **changes: Any) -> ChainIdentity:
        """The trusted chain, changed."""
        fields = {name: getattr(self.identity, name) for name in ChainIdentity.__slots__}
        return ChainIdentity(**fields | changes)


@pytest.fixture(scope="module")
def anchored(chain_url: str) -> Iterator[Anchored]:
    """One anchor for all tests; nobody changes it."""
    anchored = Anchored(chain_url)
    before = json.dumps(anchored.section)
    yield anchored
    assert json.dumps(anchored.section) == before


@pytest.fixture
def section(anchored: Anchored) -> dict[str, Any]:
    """A copy to change."""
    return copy.deepcopy(anchored.section)


def flip(text: str, place: int = -1) -> str:
    """Other hex of the same length."""
    digits = list(text)
    digits[place] = "2" if digits[place] == "1" else "1"
    return "".join(digits)


class TestVerify:
    """`verify`, step by step."""

    def test_proves_the_anchor(self, anchored: Anchored) -> None:
        proven = anchored.verify()
        assert proven.finality == "chain finality: not proven (development chain)"
        assert proven.anchored_at <= proven.block_time
        assert int(proven.anchored_at.timestamp()) == anchored.section["anchored_at"]
        assert proven.block_number == int(anchored.section["header"]["number"], 16)

    @pytest.mark.parametrize(
        ("change", "step"),
        [
            (lambda s: s.pop("account"), 1),
            (lambda s: s.update(more=1), 1),
            (lambda s: s.update(anchored_at=True), 1),
            (lambda s: s.update(anchored_at="1"), 1),
            (lambda s: s.update(anchored_at=-1), 1),
            (lambda s: s.update(anchored_at=10**30), 1),
            (lambda s: s.update(chain_id=1), 2),
            (lambda s: s.update(chain_id="31337"), 2),
            (lambda s: s.update(size=10), 2),
            (lambda s: s.update(genesis_hash=flip(s["genesis_hash"])), 2),
            (lambda s: s.update(contract=flip(s["contract"])), 2),
            (lambda s: s.update(contract=s["contract"].upper()), 2),
            (lambda s: s.update(header=[]), 3),
            (lambda s: s["header"].pop("logsBloom"), 3),
            (lambda s: s["header"].popitem() and s["header"].pop("miner"), 3),
            (lambda s: s["header"].update(newField="0x"), 3),
            (lambda s: s["header"].update(gasUsed="0x0001"), 3),
            (lambda s: s["header"].update(gasUsed="0x1"), 3),
            (lambda s: s["header"].update(number="0x"), 3),
            (lambda s: s["header"].update(timestamp="0x" + "ff" * 32), 3),
            (lambda s: s["header"].update(miner="0x00"), 3),
            (lambda s: s["header"].update(stateRoot=5), 3),
            (lambda s: s["header"].update(stateRoot=flip(s["header"]["stateRoot"])), 4),
            (lambda s: s.update(account=[]), 4),
            (lambda s: s.update(account="0x"), 4),
            (lambda s: s.update(account=s["account"][:-1]), 4),
            (lambda s: s.update(account=s["account"][1:]), 4),
            (lambda s: s.update(account=[*s["account"], s["account"][-1]]), 4),
            (lambda s: s.update(account=s["storage"]), 4),
            (lambda s: s.update(account=s["account"] * 100), 4),
            (lambda s: s["account"].__setitem__(0, "0x" + "00" * 9999), 4),
            (lambda s: s.update(storage=s["storage"][:-1]), 6),
            (lambda s: s.update(storage=[*s["storage"], s["storage"][0]]), 6),
            (lambda s: s.update(storage=s["account"]), 6),
            (lambda s: s.update(anchored_at=s["anchored_at"] - 1), 6),
            (lambda s: s.update(anchored_at=s["anchored_at"] + 1), 6),
        ],
    )
    def test_names_the_step(
        self, anchored: Anchored, section: dict[str, Any], change: Callable[[dict[str, Any]], object], step: int
    ) -> None:
        change(section)
        assert anchored.step(section) == step

    def test_refuses_what_is_not_trusted(self, anchored: Anchored) -> None:
        for change in ({"chain_id": 1}, {"genesis_hash": bytes(32)}, {"anchor": bytes(20)}):
            assert anchored.step(trusted=anchored.with_identity(**change)) == 2
        assert anchored.step(trusted=anchored.with_identity(code_hash=bytes(32))) == 5

    def test_refuses_another_log_size_or_root(self, anchored: Anchored, section: dict[str, Any]) -> None:
        assert anchored.step(log=chainproof.log_id("log.example/310118")) == 6
        assert anchored.step(root=Tree(5, 9).root(5)) == 6
        assert anchored.step(size=5) == 2
        section["size"] = 5  # the anchor of size 5 is on the chain as well, under a slot of its own
        assert anchored.step(section, size=5, root=Tree(5, 9).root(5)) == 6

    def test_refuses_an_anchor_younger_than_its_block(self, anchored: Anchored, section: dict[str, Any]) -> None:
        """Only a forged header can say so; whoever forges it controls its time."""
        time = anchored.section["anchored_at"] - 1
        section["header"]["timestamp"] = "0x" + time.to_bytes(4, "big").hex()
        assert anchored.step(section) == 7

    def test_refuses_every_changed_byte_of_the_proofs(self, anchored: Anchored, section: dict[str, Any]) -> None:
        for part, step in (("account", 4), ("storage", 6)):
            for number, node in enumerate(anchored.section[part]):
                for place in range(2, len(node), 2):
                    section[part][number] = flip(node, place)
                    assert anchored.step(section) == step
                section[part][number] = node

    def test_every_changed_header_field_is_another_block(self, anchored: Anchored, section: dict[str, Any]) -> None:
        """Without seals a header proves itself only by its hash, which the caller compares or not: it must change."""
        hashes = {anchored.verify().block_hash}
        for name in section["header"]:
            if name == "stateRoot":
                continue  # refused in step 4
            changed = copy.deepcopy(section)
            value = changed["header"][name]
            changed["header"][name] = flip(value) if len(value) > 2 else "0x01"
            if name == "timestamp":
                changed["header"][name] = f"0x{int(value, 16) + 1:08x}"
            hashes.add(anchored.verify(changed).block_hash)
        assert len(hashes) == len(section["header"])


class TestProve:
    """`prove`, the Merkle Patricia trie."""

    def test_refuses_a_bomb_of_nested_lists(self) -> None:
        bomb = b"\xc0"
        for _ in range(1200):
            bomb = rlp.codec.length_prefix(len(bomb), 0xC0) + bomb
        with pytest.raises(ChainProofError):
            chainproof.prove(keccak(bomb), b"key", [bomb], step=4)

    @pytest.mark.parametrize(
        "node",
        [
            rlp.encode([b"\x20", b"value", b"more"]),
            rlp.encode([b"\x40", b"value"]),
            rlp.encode([b"", b"value"]),
            rlp.encode([b"\x21", b"value"]),
            rlp.encode([b"" for _ in range(17)]),
            rlp.encode(b"text"),
            rlp.encode([]),
            rlp.encode([b"\x20", b"value"]) + b"\x00",
            rlp.encode([b"\x20", b"value"])[:-1],
            b"\xc7\x20\x85val",
            b"\xf8\x07\x20\x85value",
            b"\xc3\x81\x20\x01",
            b"\xc1",
            b"",
        ],
    )
    def test_refuses_malformed_nodes(self, node: bytes) -> None:
        with pytest.raises(ChainProofError):
            chainproof.prove(keccak(node), b"key", [node], step=4)

    def test_reads_a_trie_of_one_leaf(self) -> None:
        path = bytes([0x20]) + keccak(b"key")
        leaf = rlp.encode([path, b"value"])
        assert chainproof.prove(keccak(leaf), b"key", [leaf], step=4) == b"value"
        with pytest.raises(ChainProofError):
            chainproof.prove(keccak(leaf), b"other", [leaf], step=4)

    @given(st.lists(st.binary(max_size=80), max_size=4))
    def test_raises_nothing_else(self, nodes: list[bytes]) -> None:
        root = keccak(nodes[0]) if nodes else bytes(32)
        with pytest.raises(ChainProofError):
            chainproof.prove(root, b"key", nodes, step=4)


class TestHeaderHash:
    """`header_hash`."""

    def fields(self, anchored: Anchored, extra_data: bytes) -> dict[str, bytes]:
        """A header marked as sealed by QBFT."""
        header = {name: bytes.fromhex(value[2:]) for name, value in anchored.section["header"].items()}
        return header | {"mixHash": QBFT, "extraData": extra_data}

    def extra(self, validators: list[bytes], round_number: int, seals: list[bytes]) -> bytes:
        """Extra data as Besu's QBFT writes it."""
        return bytes(rlp.encode([bytes(32), validators, [], rlp.sedes.big_endian_int.serialize(round_number), seals]))

    def test_round_and_seals_are_no_part_of_a_block(self, anchored: Anchored) -> None:
        validators = [bytes([number]) * 20 for number in range(1, 5)]
        plain = self.fields(anchored, self.extra(validators, 0, []))
        sealed = self.fields(anchored, self.extra(validators, 3, [b"\x05" * 65] * 3))
        assert chainproof.header_hash(plain) == chainproof.header_hash(sealed)
        assert chainproof.header_hash(plain) == keccak(rlp.encode(list(plain.values())))
        others = self.fields(anchored, self.extra(validators[:3], 0, []))
        assert chainproof.header_hash(plain) != chainproof.header_hash(others)

    def test_refuses_extra_data_with_more_items(self, anchored: Anchored) -> None:
        more = bytes(rlp.encode([bytes(32), [], [], b"", [], b""]))
        with pytest.raises(ChainProofError):
            chainproof.header_hash(self.fields(anchored, more))


class TestSlots:
    """Where the contract keeps what."""

    def test_agrees_with_the_compiler(self) -> None:
        artefact = Path(__file__).parents[2] / "contracts" / "artefacts" / "Anchor.json"
        assert json.loads(artefact.read_text())["slots"]["_commitments"] == 0

    def test_known_log_id(self) -> None:
        assert chainproof.log_id("a").hex() == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
