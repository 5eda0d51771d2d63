"""Seals of QBFT validators on a block header: pure (PROTOCOLS 5.3; Besu `QbftExtraDataCodec`, `BftBlockHashing`).

    extraData = RLP[vanity (32), [validators (20) ...], vote, round, [seals (65) ...]]

Exactly five items of canonical RLP; Besu's own decoder overlooks more, ours refuses them. Two hashes leave parts out,
and they differ:

- the hash that the seals sign covers the round and not the seals;
- the block hash covers neither. In round 0 the two are equal, so code that mixes them up works until the first proposer
  fails.

Round and seals are no part of a block's identity: two nodes may hold one block with other seals, so raw header bytes
are never compared or stored as an identity.

The header lists the validators that must seal it, which proves nothing: whoever forges a header lists himself. The set
comes from the reader's trust file, by height. Selection of validators by contract leaves the list empty and is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coincurve import PublicKey
from eth_hash.auto import keccak

from ledger import canonicalrlp as rlp
from ledger.errors import ChainProofError, TrustFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIX_HASH: Final = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
"""Marks a header sealed by QBFT or IBFT 2 (Besu, `BftHelpers.EXPECTED_MIX_HASH`)."""

STEP: Final = 8
"""Of `ledger.chainproof`'s plan."""

_EXTRA_DATA: Final = 12
"""Place of `extraData` in a header."""

_NO_VOTE: Final = b"\xc0"
_ADD_AND_DROP: Final = (b"\x81\xff", b"\x80")
"""Encoded kinds of vote (Besu, `Vote.ADD_BYTE_VALUE`, `DROP_BYTE_VALUE`)."""

_NO_ROUND: Final = b"\x80"
_NO_SEALS: Final = b"\xc0"
_MAX_VALIDATORS: Final = 256
_ACCOUNT: Final = re.compile("0x[0-9a-f]{40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ValidatorSet:
    """Who seals blocks from a height on, until the next set.

    Attributes:
        from_block: height of the first block that this set seals.
        validators: accounts, 20 bytes each, ascending.
    """

    from_block: int
    validators: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse a set that could count one validator twice.

        Raises:
            TrustFileError: see above.
        """
        if self.from_block < 0 or not 0 < len(self.validators) <= _MAX_VALIDATORS:
            raise TrustFileError(reason="validators")
        if any(len(each) != 20 for each in self.validators) or list(self.validators) != sorted(set(self.validators)):
            raise TrustFileError(reason="validators")

    def to_json(self) -> dict[str, object]:
        """As it stands in a trust file."""
        return {"from_block": self.from_block, "validators": ["0x" + each.hex() for each in self.validators]}


def history_of(value: object) -> tuple[ValidatorSet, ...]:
    """Read a validator history: a list of `{"from_block": n, "validators": ["0x..", ...]}`.

    Raises:
        TrustFileError: anything else, or heights that do not ascend.
    """
    if not isinstance(value, list) or not value:
        raise TrustFileError(reason="qbft")
    history = tuple(_set_of(each) for each in value)
    heights = [each.from_block for each in history]
    if heights != sorted(set(heights)):
        raise TrustFileError(reason="qbft")
    return history


def _set_of(value: object) -> ValidatorSet:
    if not isinstance(value, dict) or value.keys() != {"from_block", "validators"}:
        raise TrustFileError(reason="qbft")
    height, accounts = value["from_block"], value["validators"]
    if type(height) is not int or not isinstance(accounts, list):
        raise TrustFileError(reason="qbft")
    if not all(isinstance(each, str) and _ACCOUNT.fullmatch(each) for each in accounts):
        raise TrustFileError(reason="validators")
    return ValidatorSet(height, tuple(bytes.fromhex(each[2:]) for each in accounts))


@dataclass(frozen=True, slots=True)
class Seals:
    """What the seals of a block prove.

    Attributes:
        round: round of consensus that succeeded; 0 unless proposers failed.
        signers: validators that sealed it, in the order of their seals.
        validators: how many there are.
    """

    round: int
    signers: tuple[bytes, ...]
    validators: int


@dataclass(frozen=True, slots=True)
class ExtraData:
    """The extra data of a header.

    Attributes:
        items: its five items, still encoded.
        validators: accounts that must seal the block, as the header claims.
        round: round of consensus.
        seals: 65 bytes each.
    """

    items: tuple[bytes, ...]
    validators: tuple[bytes, ...]
    round: int
    seals: tuple[bytes, ...]

    @classmethod
    def parse(cls, raw: bytes) -> ExtraData:
        """Read extra data strictly.

        Raises:
            ChainProofError: not the one encoding of well-formed extra data.
        """
        items = _five(raw, STEP)
        vanity, validators, vote, round_number, seals = items
        if len(rlp.string(vanity, STEP)) != 32:
            raise ChainProofError(step=STEP, reason="vanity")
        _check_vote(vote)
        number = rlp.string(round_number, STEP)
        if number[:1] == b"\0" or len(number) > 4:
            raise ChainProofError(step=STEP, reason="round")
        return cls(
            tuple(items),
            _strings(validators, 20, "validators"),
            int.from_bytes(number, "big"),
            _strings(seals, 65, "seal"),
        )


def block_hash(header: Sequence[bytes], step: int) -> bytes:
    """The hash of a block whose header is marked by `MIX_HASH`.

    Args:
        header: its fields in order.
        step: step to name when the extra data is not a list of five.

    Raises:
        ChainProofError: see `step`.
    """
    items = _five(header[_EXTRA_DATA], step)
    return _hash(header, [*items[:3], _NO_ROUND, _NO_SEALS])


def seal_hash(header: Sequence[bytes], extra: ExtraData) -> bytes:
    """What the validators of a block sign."""
    return _hash(header, [*extra.items[:4], _NO_SEALS])


def validators_at(history: Sequence[ValidatorSet], number: int) -> tuple[bytes, ...]:
    """Who must seal the block of a height.

    Args:
        history: sets by ascending height.
        number: height of the block.

    Raises:
        ChainProofError: the history begins later.
    """
    current = next((known for known in reversed(history) if known.from_block <= number), None)
    if current is None:
        raise ChainProofError(step=STEP, reason="no-validators")
    return current.validators


def verify_seals(fields: Mapping[str, bytes], validators: Sequence[bytes]) -> Seals:
    """Check that enough of the trusted validators sealed a header.

    Args:
        fields: the header's well-formed fields, in order.
        validators: the trusted set for its height, ascending.

    Raises:
        ChainProofError: step 8, with the reason.
    """
    if fields["mixHash"] != MIX_HASH:
        raise ChainProofError(step=STEP, reason="mix-hash")
    if fields["difficulty"] != b"\x01":
        raise ChainProofError(step=STEP, reason="difficulty")
    if fields["miner"] not in validators:
        raise ChainProofError(step=STEP, reason="proposer")
    extra = ExtraData.parse(fields["extraData"])
    if extra.validators != tuple(validators):
        raise ChainProofError(step=STEP, reason="validators")
    signed = seal_hash(list(fields.values()), extra)
    signers = tuple(_signer(seal, signed) for seal in extra.seals)
    if not set(signers) <= set(validators):
        raise ChainProofError(step=STEP, reason="seal-stranger")
    if len(set(signers)) != len(signers):
        raise ChainProofError(step=STEP, reason="seal-twice")
    if len(signers) < quorum(len(validators)):
        raise ChainProofError(step=STEP, reason="too-few-seals")
    return Seals(extra.round, signers, len(validators))


def quorum(validators: int) -> int:
    """Seals that a block needs: ceil(2n/3) (Besu, `BftHelpers.calculateRequiredValidatorQuorum`)."""
    return (2 * validators + 2) // 3


def _hash(header: Sequence[bytes], extra: list[bytes]) -> bytes:
    fields = [*header[:_EXTRA_DATA], rlp.join(extra), *header[_EXTRA_DATA + 1 :]]
    return keccak(rlp.join([rlp.encode(field) for field in fields]))


def _signer(seal: bytes, signed: bytes) -> bytes:
    """The account that made a seal: r (32), s (32), v (1), on secp256k1 (SEC 1, 4.1.6)."""
    if seal[64] > 1:
        raise ChainProofError(step=STEP, reason="seal")
    try:
        key = PublicKey.from_signature_and_message(seal, signed, hasher=None)
    except ValueError as error:
        raise ChainProofError(step=STEP, reason="seal") from error
    return keccak(key.format(compressed=False)[1:])[12:]


def _five(raw: bytes, step: int) -> list[bytes]:
    items = rlp.split(raw, step)
    if len(items) != 5:  # vanity, validators, vote, round, seals
        raise ChainProofError(step=step, reason="extra-data")
    return items


def _check_vote(encoded: bytes) -> None:
    if encoded == _NO_VOTE:
        return
    vote = rlp.split(encoded, STEP)
    if len(vote) != 2 or len(rlp.string(vote[0], STEP)) != 20 or vote[1] not in _ADD_AND_DROP:
        raise ChainProofError(step=STEP, reason="vote")


def _strings(encoded: bytes, size: int, reason: str) -> tuple[bytes, ...]:
    items = tuple(rlp.string(item, STEP) for item in rlp.split(encoded, STEP))
    if any(len(item) != size for item in items):
        raise ChainProofError(step=STEP, reason=reason)
    return items
