"""Verification of the chain section of an evidence bundle: pure, no network, no database (DESIGN 6, PROTOCOLS 5).

What is proven: under the state of one block, the anchor contract holds for (log, size) the commitment
keccak256(root || time). The steps, by which `ChainProofError.step` names what failed:

1. The section has exactly the known members.
2. Chain id, genesis hash and contract address are the trusted ones, the size is the checkpoint's. The section only
   claims the first two (a header names neither; seals will bind them); a wrong contract is what stops here.
3. The header's fields are well-formed, and their RLP hashes to the block hash.
4. The account of the contract is in the block's state.
5. Its code is the trusted code: a look-alike contract with the same address on another chain stops here.
6. Its storage holds the commitment to exactly this root and this time under exactly this log and size.
7. The anchor is not younger than the block that proves it.
8. Finality. The validators that the trust file names for the block's height sealed it, at least ceil(2n/3) of them
   (`ledger.qbft`): a block of one body's making stops here. Where the trust file says that the chain has no seals
   (anvil), nothing proves that anybody agreed on the block: it is said, not hidden.

Sizes: hashes and words 32 bytes, addresses 20. In the section bytes are `0x` and lower-case hex; header integers are
big-endian without leading zeros, so 0 is `0x`, exactly as in RLP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from eth_hash.auto import keccak

from ledger import canonicalrlp as rlp, qbft
from ledger.errors import ChainProofError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.qbft import Seals, ValidatorSet

FINALITY_NOT_PROVEN: Final = "chain finality: not proven (development chain)"
"""What a verifier says about a block without seals (DESIGN 6)."""

HEADER_FIELDS: Final[tuple[tuple[str, int | None], ...]] = (
    ("parentHash", 32),
    ("sha3Uncles", 32),
    ("miner", 20),
    ("stateRoot", 32),
    ("transactionsRoot", 32),
    ("receiptsRoot", 32),
    ("logsBloom", 256),
    ("difficulty", None),
    ("number", None),
    ("gasLimit", None),
    ("gasUsed", None),
    ("timestamp", None),
    ("extraData", -1),
    ("mixHash", 32),
    ("nonce", 8),
    ("baseFeePerGas", None),
    ("withdrawalsRoot", 32),
    ("blobGasUsed", None),
    ("excessBlobGas", None),
    ("parentBeaconBlockRoot", 32),
    ("requestsHash", 32),
)
"""JSON-RPC names in RLP order with their size in bytes; None: an integer, -1: any (execution-specs, `Header`)."""

_FORKS: Final = frozenset({15, 16, 17, 20, 21})
"""Fields of a header before London, from London, Shanghai, Cancun and Prague (PROTOCOLS 5.2)."""

_COMMITMENTS_SLOT: Final = 0
"""Slot of `_commitments` in contracts/src/Anchor.sol; a test compares it with the compiler's storage layout."""

_MEMBERS: Final = frozenset(
    {"chain_id", "genesis_hash", "contract", "size", "anchored_at", "header", "account", "storage"}
)
_MAX_NODES: Final = 64
_MAX_BYTES: Final = 4096
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)
_LAST_SECOND: Final = 253402300799
"""9999-12-31T23:59:59Z, the last second `datetime` can hold."""


@dataclass(frozen=True, slots=True)
class ChainIdentity:
    """Which chain and which contracts: what a trust file pins.

    Attributes:
        chain_id: EIP-155 chain id.
        genesis_hash: hash of block 0.
        registry: address of the registry contract.
        anchor: address of the anchor contract.
        code_hash: keccak-256 of the anchor contract's code.
        qbft: who seals the blocks, by ascending height; None for a chain without seals. No part of which chain it is.
    """

    chain_id: int
    genesis_hash: bytes
    registry: bytes
    anchor: bytes
    code_hash: bytes
    qbft: tuple[ValidatorSet, ...] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ProvenAnchor:
    """What a chain section proves.

    Attributes:
        block_number: height of the block whose state holds the anchor.
        block_hash: its hash.
        block_time: its time.
        anchored_at: time of the block that made the anchor; not later than `block_time`.
        seals: what proves the block itself; None where the trust file says that the chain has no seals.
    """

    block_number: int
    block_hash: bytes
    block_time: datetime
    anchored_at: datetime
    seals: Seals | None

    @property
    def finality(self) -> str:
        """What is known about the block itself, one sentence."""
        if self.seals is None:
            return FINALITY_NOT_PROVEN
        return f"chain finality: sealed by {len(self.seals.signers)} of {self.seals.validators} validators"


def log_id(origin: str) -> bytes:
    """The name of a log on the chain: SHA-256 of its checkpoint origin line (UTF-8, no newline)."""
    return sha256(origin.encode()).digest()


def commitment(root: bytes, anchored_at: int) -> bytes:
    """What the anchor contract stores for a root: keccak256(root || time as 32 bytes), time in seconds since 1970."""
    return keccak(root + anchored_at.to_bytes(32, "big"))


def storage_slot(log: bytes, size: int) -> bytes:
    """The slot of (log, size) in the anchor contract (Solidity storage layout, nested mapping at slot 0)."""
    return keccak(size.to_bytes(32, "big") + keccak(log + _COMMITMENTS_SLOT.to_bytes(32, "big")))


def verify(
    section: Mapping[str, object], trusted: ChainIdentity, *, log: bytes, size: int, root: bytes
) -> ProvenAnchor:
    """Check that a chain section proves the anchor of a tree.

    Args:
        section: chain section of an evidence bundle, from outside.
        trusted: the chain as the trust file pins it.
        log: `log_id` of the log.
        size: leaves of the anchored tree.
        root: its root.

    Raises:
        ChainProofError: with the number of the step that failed.
    """
    time = _claims(section, trusted, size)  # 1, 2
    fields = _header(section["header"])  # 3
    number = int.from_bytes(fields["number"], "big")
    block_time = int.from_bytes(fields["timestamp"], "big")
    if number == 0 or block_time > _LAST_SECOND:  # anvil hashes its block 0 by the rules of another fork
        raise ChainProofError(step=3, reason="block")
    block_hash = header_hash(fields)

    account = rlp.split(prove(fields["stateRoot"], trusted.anchor, _nodes(section["account"], 4), step=4), 4)  # 4
    if len(account) != 4:  # nonce, balance, storage root, code hash
        raise ChainProofError(step=4, reason="account")
    if rlp.string(account[3], 5) != trusted.code_hash:  # 5
        raise ChainProofError(step=5, reason="code")

    stored = prove(rlp.string(account[2], 6), storage_slot(log, size), _nodes(section["storage"], 6), step=6)  # 6
    if rlp.string(stored, 6).rjust(32, b"\0") != commitment(root, time):
        raise ChainProofError(step=6, reason="commitment")

    if time > block_time:  # 7
        raise ChainProofError(step=7, reason="time")
    seals = None
    if trusted.qbft is not None:  # 8
        seals = qbft.verify_seals(fields, qbft.validators_at(trusted.qbft, number))
    return ProvenAnchor(
        number, block_hash, datetime.fromtimestamp(block_time, UTC), datetime.fromtimestamp(time, UTC), seals
    )


def header_hash(fields: Mapping[str, bytes]) -> bytes:
    """The block hash of a header whose fields are well-formed.

    A header sealed by QBFT is hashed without its round and seals (PROTOCOLS 5.3): they are outside the block hash, so
    raw header bytes are no identity.
    """
    header = [fields[name] for name, _ in HEADER_FIELDS[: len(fields)]]
    if fields["mixHash"] == qbft.MIX_HASH:
        return qbft.block_hash(header, 3)
    return keccak(rlp.join([rlp.encode(each) for each in header]))


def prove(root: bytes, key: bytes, nodes: Sequence[bytes], *, step: int) -> bytes:
    """The value at a key of a Merkle Patricia trie (Yellow Paper, appendix D).

    Stricter than common verifiers: exactly the nodes of the path, in order, no more; canonical RLP; absence is an
    error. Nodes embedded in their parent are refused: they are shorter than 32 bytes and cannot hold what we look for.

    Args:
        root: hash of the trie's root node.
        key: address or storage slot, before hashing (the trie is "secure").
        nodes: encoded nodes from the root down.
        step: step to name on failure.

    Raises:
        ChainProofError: the nodes do not prove a value.
    """
    path = keccak(key).hex()
    expected = root
    for place, node in enumerate(nodes):
        if keccak(node) != expected:
            raise ChainProofError(step=step, reason="node-hash")
        items = [rlp.string(item, step) for item in rlp.split(node, step)]
        if len(items) == 17 and path:  # branch: sixteen children and a value
            expected, path = items[int(path[0], 16)], path[1:]
        elif len(items) == 2:  # extension or leaf
            is_leaf, shared = _compact(items[0], step)
            if not path.startswith(shared):
                raise ChainProofError(step=step, reason="absent")
            path = path[len(shared) :]
            if is_leaf:
                if path or place != len(nodes) - 1:
                    raise ChainProofError(step=step, reason="path")
                return items[1]
            expected = items[1]
        else:
            raise ChainProofError(step=step, reason="node")
    raise ChainProofError(step=step, reason="absent")


def _claims(section: Mapping[str, object], trusted: ChainIdentity, size: int) -> int:
    """Steps 1 and 2: what the section says of itself. Returns the time of the anchor."""
    if section.keys() != _MEMBERS:  # 1
        raise ChainProofError(step=1, reason="members")
    time = section["anchored_at"]
    if type(time) is not int or not 0 < time <= _LAST_SECOND:
        raise ChainProofError(step=1, reason="anchored-at")
    for name, wanted in (("chain_id", trusted.chain_id), ("size", size)):  # 2
        if type(section[name]) is not int or section[name] != wanted:
            raise ChainProofError(step=2, reason=name)
    for name, wanted_bytes in (("genesis_hash", trusted.genesis_hash), ("contract", trusted.anchor)):
        if _bytes(section[name], 2) != wanted_bytes:
            raise ChainProofError(step=2, reason=name)
    return time


def _header(value: object) -> dict[str, bytes]:
    """Step 3: the fields of a header, in RLP order."""
    if not isinstance(value, dict) or len(value) not in _FORKS:
        raise ChainProofError(step=3, reason="header")
    expected = HEADER_FIELDS[: len(value)]
    if value.keys() != {name for name, _ in expected}:
        raise ChainProofError(step=3, reason="header")
    fields = {name: _bytes(value[name], 3) for name, _ in expected}
    for name, size in expected:
        content = fields[name]
        if size is None and (content[:1] == b"\0" or len(content) > 32):  # a word
            raise ChainProofError(step=3, reason="integer", field=name)
        if size is not None and size >= 0 and len(content) != size:
            raise ChainProofError(step=3, reason="length", field=name)
    return fields


def _compact(encoded: bytes, step: int) -> tuple[bool, str]:
    """Undo hex-prefix encoding (Yellow Paper, appendix C): whether it ends in a leaf, and the nibbles."""
    digits = encoded.hex()
    if digits[:1] in {"1", "3"}:
        nibbles = digits[1:]
    elif digits[:2] in {"00", "20"}:
        nibbles = digits[2:]
    else:
        raise ChainProofError(step=step, reason="hex-prefix")
    return digits[0] in "23", nibbles


def _nodes(value: object, step: int) -> list[bytes]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_NODES:
        raise ChainProofError(step=step, reason="nodes")
    return [_bytes(node, step) for node in value]


def _bytes(value: object, step: int) -> bytes:
    if not isinstance(value, str) or len(value) > 2 * _MAX_BYTES + 2 or not _HEX.fullmatch(value):
        raise ChainProofError(step=step, reason="hex")
    return bytes.fromhex(value[2:])
