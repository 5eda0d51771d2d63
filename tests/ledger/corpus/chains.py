"""Bundles whose chain section does not hold: step 10, and step 11 with seals of test validators."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from coincurve import PrivateKey
from eth_hash.auto import keccak

from ledger import canonicalrlp as rlp, chainproof, qbft
from tests.ledger.corpus.case import Case, at, bad, changed, cut, flip_hex, good, held, put
from tests.ledger.corpus.world import CITY, DELTA, DISTRICT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.ledger.corpus.world import World

_CHAIN: Final = ("sections", "chain")
_HEADER: Final = (*_CHAIN, "header")


def cases(world: World) -> Iterator[Case]:
    """All of them."""
    yield from _sections(world)
    yield from _proofs(world)
    yield from _tries(world)
    yield from _trusts(world)
    yield from _seals(world)


def _sections(world: World) -> Iterator[Case]:
    base = world.bundle("deposit", "deposit")
    section = at(base, *_CHAIN)
    header, time, block = section["header"], section["anchored_at"], int(section["header"]["timestamp"], 16)
    for name, value in {
        "unknown-member": put(base, 1, *_CHAIN, "more"),
        "member-missing": cut(base, *_CHAIN, "account"),
        "time-as-text": put(base, str(time), *_CHAIN, "anchored_at"),
        "time-true": put(base, True, *_CHAIN, "anchored_at"),
        "time-zero": put(base, 0, *_CHAIN, "anchored_at"),
        "time-beyond-the-calendar": put(base, 253402300800, *_CHAIN, "anchored_at"),
        "time-one-less": put(base, time - 1, *_CHAIN, "anchored_at"),
        "time-one-more": put(base, time + 1, *_CHAIN, "anchored_at"),
        "another-chain-id": put(base, 1, *_CHAIN, "chain_id"),
        "chain-id-as-text": put(base, "31337", *_CHAIN, "chain_id"),
        "another-genesis": put(base, flip_hex(section["genesis_hash"]), *_CHAIN, "genesis_hash"),
        "another-contract": put(base, flip_hex(section["contract"]), *_CHAIN, "contract"),
        "contract-in-capitals": put(base, "0x" + section["contract"][2:].upper(), *_CHAIN, "contract"),
        "another-size": put(base, section["size"] + 1, *_CHAIN, "size"),
        "of-another-log": put(base, world.chain_section(DISTRICT), *_CHAIN),
        "of-another-log-with-this-size": put(base, world.chain_section(DELTA) | {"size": section["size"]}, *_CHAIN),
        "header-is-a-list": put(base, list(header.values()), *_HEADER),
        "header-field-missing": cut(base, *_HEADER, "logsBloom"),
        "header-field-unknown": put(base, "0x", *_HEADER, "withdrawals"),
        "header-field-renamed": put(cut(base, *_HEADER, "miner"), header["miner"], *_HEADER, "coinbase"),
        "header-of-18-fields": put(base, dict(list(header.items())[:18]), *_HEADER),
        "header-integer-with-leading-zero": put(base, "0x00" + header["number"][2:], *_HEADER, "number"),
        "header-integer-zero-as-a-byte": put(base, "0x00", *_HEADER, "gasUsed"),
        "header-integer-of-33-bytes": put(base, "0x" + "11" * 33, *_HEADER, "gasUsed"),
        "header-hash-of-31-bytes": put(base, header["parentHash"][:-2], *_HEADER, "parentHash"),
        "header-hex-of-odd-length": put(base, "0x1", *_HEADER, "gasUsed"),
        "header-hex-without-0x": put(base, header["nonce"][2:], *_HEADER, "nonce"),
        "header-hex-with-space": put(base, "0x 00" + header["nonce"][4:], *_HEADER, "nonce"),
        "header-field-is-a-number": put(base, 5, *_HEADER, "gasUsed"),
        "header-extra-data-too-long": put(base, "0x" + "00" * 4097, *_HEADER, "extraData"),
        "state-root-flipped": put(base, flip_hex(header["stateRoot"]), *_HEADER, "stateRoot"),
        "block-zero": put(base, "0x", *_HEADER, "number"),
        "block-beyond-the-calendar": put(base, "0x" + "ff" * 8, *_HEADER, "timestamp"),
        "block-older-than-its-anchor": put(base, "0x" + (time - 1).to_bytes(4, "big").hex(), *_HEADER, "timestamp"),
        "qbft-mark-without-extra-data": put(base, "0x" + qbft.MIX_HASH.hex(), *_HEADER, "mixHash"),
    }.items():
        yield bad(f"chain-{name}", 10, value)
    if block < time:
        raise ValueError(block)


def _proofs(world: World) -> Iterator[Case]:
    base = world.bundle("deposit", "deposit")
    section = at(base, *_CHAIN)
    for part, other in (("account", "storage"), ("storage", "account")):
        nodes: list[str] = section[part]
        for name, value in {
            "empty": [],
            "is-text": nodes[0],
            "truncated": nodes[:-1],
            "first-node-missing": nodes[1:],
            "reordered": nodes[::-1],
            "doubled-node": [nodes[0], *nodes],
            "node-after-the-leaf": [*nodes, nodes[-1]],
            "of-65-nodes": [nodes[0]] * 65,
            "root-node-flipped": [flip_hex(nodes[0]), *nodes[1:]],
            "leaf-flipped": [*nodes[:-1], flip_hex(nodes[-1])],
            "node-cut": [*nodes[:-1], nodes[-1][:-2]],
            "node-with-a-byte-more": [*nodes[:-1], nodes[-1] + "00"],
            "node-in-capitals": [*nodes[:-1], "0x" + nodes[-1][2:].upper()],
            "node-empty": [*nodes[:-1], "0x"],
            "is-the-other": section[other],
        }.items():
            yield bad(f"{part}-{name}", 10, put(base, value, *_CHAIN, part))


def _leaf(key: bytes, value: bytes) -> bytes:
    """A trie of one leaf."""
    return rlp.join([rlp.encode(b"\x20" + keccak(key)), rlp.encode(value)])


class Trie:
    """A chain section over tries of one leaf each, under a header that says whatever state root they have.

    On a chain without seals nothing proves the header, so only the form of the tries is at stake.
    """

    def __init__(self, world: World) -> None:
        self.base = world.bundle("deposit", "deposit")
        section = at(self.base, *_CHAIN)
        self.contract = bytes.fromhex(section["contract"][2:])
        self.code = bytes.fromhex(world.recorded["chain"]["code_hash"][2:])
        log = chainproof.log_id(CITY)
        self.slot = chainproof.storage_slot(log, section["size"])
        self.stored = rlp.encode(chainproof.commitment(world.city.root(world.size), section["anchored_at"]))

    def bundle(
        self,
        *,
        storage: Sequence[bytes] | None = None,
        account: Callable[[bytes], bytes] | None = None,
        nodes: Callable[[bytes], list[bytes]] | None = None,
    ) -> Any:
        """A bundle.

        Args:
            storage: nodes of the storage trie.
            account: makes the account's value from the storage root.
            nodes: makes the nodes of the state trie from the account's value.
        """
        storage = storage or [_leaf(self.slot, self.stored)]
        value = (account or self.account)(keccak(storage[0]))
        state = nodes(value) if nodes else [_leaf(self.contract, value)]

        def change(made: Any) -> None:
            section = at(made, *_CHAIN)
            section["header"]["stateRoot"] = "0x" + keccak(state[0]).hex()
            section["account"] = ["0x" + node.hex() for node in state]
            section["storage"] = ["0x" + node.hex() for node in storage]

        return changed(self.base, change)

    def account(self, root: bytes) -> bytes:
        """The account's value: nonce, balance, storage root, code hash."""
        return rlp.join([rlp.encode(b"\x01"), rlp.encode(b""), rlp.encode(root), rlp.encode(self.code)])


def _tries(world: World) -> Iterator[Case]:
    trie = Trie(world)
    yield good("chain-tries-of-one-leaf", trie.bundle(), held("proven"))
    slot, stored, path = trie.slot, trie.stored, keccak(trie.slot)
    whole = _leaf(slot, stored)
    content = whole[2:]
    nodes = {
        "list-in-long-form-of-a-short-list": b"\xf9\x00" + bytes([len(content)]) + content,
        "string-in-long-form": rlp.join([b"\xb8\x21\x20" + path, rlp.encode(stored)]),
        "byte-as-a-string-of-one": rlp.join([rlp.encode(b"\x20" + path), b"\x81\x21"]),
        "string-for-a-list": b"\xb8" + bytes([len(content)]) + content,
        "byte-after-the-list": whole + b"\0",
        "length-beyond-the-end": b"\xf8" + bytes([len(content) + 1]) + content,
        "length-of-2-to-64": b"\xff" + b"\xff" * 8 + content,
        "three-items": rlp.join([rlp.encode(b"\x20" + path), rlp.encode(stored), b"\x80"]),
        "list-for-a-value": rlp.join([rlp.encode(b"\x20" + path), stored[:1] and rlp.join([stored])]),
        "hex-prefix-4": rlp.join([rlp.encode(b"\x40" + path), rlp.encode(stored)]),
        "hex-prefix-with-padding": rlp.join([rlp.encode(b"\x21" + path), rlp.encode(stored)]),
        "path-cut": rlp.join([rlp.encode(b"\x20" + path[:-1]), rlp.encode(stored)]),
        "path-longer": rlp.join([rlp.encode(b"\x20" + path + b"\0"), rlp.encode(stored)]),
        "extension-for-a-leaf": rlp.join([rlp.encode(b"\x00" + path), rlp.encode(stored)]),
        "value-with-zeros-before": _leaf(slot, rlp.encode(b"\0" + stored[1:])),
        "value-is-a-list": _leaf(slot, rlp.join([stored])),
        "value-with-a-byte-after": _leaf(slot, stored + b"\0"),
        "value-of-the-root-alone": _leaf(slot, rlp.encode(world.city.root(world.size))),
        "absent": _leaf(bytes(32), stored),
        "nested-lists": b"\xc1" * 60 + b"\xc0",
    }
    for name, node in nodes.items():
        yield bad(f"rlp-{name}", 10, trie.bundle(storage=[node]))
    branch = [b"\x80"] * 17
    branch[path[0] >> 4] = rlp.join([rlp.encode(b"\x3a"), rlp.encode(b"")])
    yield bad("rlp-node-embedded-in-its-parent", 10, trie.bundle(storage=[rlp.join(branch)]))
    code, parts = rlp.encode(trie.code), [rlp.encode(b"\x01"), rlp.encode(b"")]
    for name, account in {
        "of-five-items": lambda root: rlp.join([*parts, rlp.encode(root), code, rlp.encode(b"")]),
        "of-three-items": lambda root: rlp.join([*parts, rlp.encode(root)]),
        "of-another-code": lambda root: rlp.join([*parts, rlp.encode(root), rlp.encode(keccak(b"other code"))]),
        "of-no-code": lambda root: rlp.join([*parts, rlp.encode(root), rlp.encode(keccak(b""))]),
        "with-a-list-for-the-code": lambda root: rlp.join([*parts, rlp.encode(root), rlp.join([code])]),
        "with-a-byte-after": lambda root: trie.account(root) + b"\0",
    }.items():
        yield bad(f"account-{name}", 10, trie.bundle(account=account))
    other = trie.bundle(nodes=lambda value: [_leaf(bytes(20), value)])
    yield bad("account-of-another-address", 10, other)


def _trusts(world: World) -> Iterator[Case]:
    base = world.bundle("deposit", "deposit")
    for name in ("chain-id", "genesis", "contract", "code"):
        yield bad(f"chain-another-{name}-in-the-trust-file", 10, base, f"trust-other-{name}.json")


def account_of(key: PrivateKey) -> bytes:
    """The account of a validator."""
    return keccak(key.public_key.format(compressed=False)[1:])[12:]


KEYS: Final = sorted(
    (PrivateKey(sha256(f"cailian corpus validator {number}".encode()).digest()) for number in range(5)),
    key=account_of,
)


def validators() -> list[bytes]:
    """The four that the trust file names; the fifth key is a stranger's."""
    return [account_of(key) for key in KEYS[:4]]


def _seals(world: World) -> Iterator[Case]:
    sealer, trust = Sealer(world), "trust-qbft.json"
    sealed = {"finality": "ok"}
    for name, value in {
        "three-of-four": sealer.bundle(),
        "four-of-four": sealer.bundle(by=(0, 1, 2, 3)),
        "seals-in-another-order": sealer.bundle(by=(3, 0, 2)),
        "round-3": sealer.bundle(round_=b"\x03"),
        "round-of-four-bytes": sealer.bundle(round_=b"\xff\xff\xff\xff"),
        "vote-to-add": sealer.bundle(vote=rlp.join([rlp.encode(bytes(20)), rlp.encode(b"\xff")])),
        "vote-to-drop": sealer.bundle(vote=rlp.join([rlp.encode(bytes(20)), rlp.encode(b"")])),
        "high-s": sealer.bundle(change=_other_s),
        "header-of-15-fields": sealer.bundle(fields=15),
    }.items():
        yield good(f"qbft-{name}", value, held("proven", trust, **sealed), held("proven"))
    later = held("proven", "trust-qbft-second-set.json", **sealed)
    yield good("qbft-second-set-of-validators", sealer.bundle(), later)
    for name, value in {
        "two-of-four": sealer.bundle(by=(0, 1)),
        "no-seals": sealer.bundle(by=()),
        "signer-twice": sealer.bundle(by=(0, 1, 1)),
        "fourth-seal-a-double": sealer.bundle(by=(0, 1, 2, 2)),
        "seal-of-a-stranger": sealer.bundle(by=(0, 1, 4)),
        "fourth-seal-of-a-stranger": sealer.bundle(by=(0, 1, 2, 4)),
        "seal-flipped": sealer.bundle(change=lambda seal: bytes([seal[0] ^ 1]) + seal[1:]),
        "seal-with-v-27": sealer.bundle(change=lambda seal: seal[:64] + bytes([seal[64] + 27])),
        "seal-with-the-other-v": sealer.bundle(change=lambda seal: seal[:64] + bytes([seal[64] ^ 1])),
        "seal-of-64": sealer.bundle(change=lambda seal: seal[:64]),
        "seal-of-zeros": sealer.bundle(change=lambda _: bytes(65)),
        "seals-over-the-block-hash": sealer.bundle(round_=b"\x03", over=b""),
        "seals-over-another-round": sealer.bundle(over=b"\x03"),
        "another-list-of-validators": sealer.bundle(listed=(0, 1, 2)),
        "validators-descending": sealer.bundle(listed=(3, 2, 1, 0)),
        "validator-twice": sealer.bundle(listed=(0, 1, 2, 3, 3)),
        "validators-empty": sealer.bundle(listed=()),
        "stranger-listed-and-sealing": sealer.bundle(listed=(0, 1, 2, 4), by=(0, 1, 4)),
        "proposer-a-stranger": sealer.bundle(miner=4),
        "difficulty-2": sealer.bundle(difficulty="0x02"),
        "another-mix-hash": sealer.bundle(mix_hash="0x" + "00" * 32),
        "vanity-of-31": sealer.bundle(vanity=bytes(31)),
        "vote-of-another-kind": sealer.bundle(vote=rlp.join([rlp.encode(bytes(20)), rlp.encode(b"\x01")])),
        "vote-for-19-bytes": sealer.bundle(vote=rlp.join([rlp.encode(bytes(19)), rlp.encode(b"\xff")])),
        "vote-is-a-string": sealer.bundle(vote=rlp.encode(b"")),
        "round-with-leading-zero": sealer.bundle(round_=b"\0\x03"),
        "round-of-five-bytes": sealer.bundle(round_=b"\x01" * 5),
    }.items():
        yield bad(f"qbft-{name}", 11, value, trust)
    for name, extra in {
        "sixth-item": lambda items: rlp.join([*items, b"\x80"]),
        "four-items": lambda items: rlp.join(items[:4]),
        "byte-after": lambda items: rlp.join(items) + b"\0",
        "not-canonical": lambda items: b"\xfa\x00" + len(b"".join(items)).to_bytes(2, "big") + b"".join(items),
    }.items():
        yield bad(f"qbft-extra-data-{name}", 10, sealer.bundle(extra=extra), trust)
    whole = sealer.bundle()
    yield bad(
        "qbft-header-changed-after-sealing",
        11,
        put(whole, flip_hex(at(whole, *_HEADER, "parentHash")), *_HEADER, "parentHash"),
        trust,
    )
    yield bad("qbft-other-validators-in-the-trust-file", 11, whole, "trust-qbft-others.json")
    yield bad("qbft-validators-of-the-trust-file-begin-later", 11, whole, "trust-qbft-later.json")
    yield bad("qbft-chain-without-seals", 11, world.bundle("deposit", "deposit"), trust)


_ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def _other_s(seal: bytes) -> bytes:
    """The second signature of the same key over the same hash; QBFT has no rule of low s."""
    s = _ORDER - int.from_bytes(seal[32:64], "big")
    return seal[:32] + s.to_bytes(32, "big") + bytes([seal[64] ^ 1])


class Sealer:
    """Seals the block that holds the corpus's anchor with keys of test validators."""

    def __init__(self, world: World) -> None:
        self._base = json.dumps(world.bundle("deposit", "deposit"))

    def bundle(  # noqa: PLR0913 -- every part of a header that can be wrong
        self,
        *,
        by: Sequence[int] = (0, 1, 2),
        listed: Sequence[int] = (0, 1, 2, 3),
        miner: int = 0,
        round_: bytes = b"",
        vote: bytes = b"\xc0",
        vanity: bytes = bytes(32),
        difficulty: str = "0x01",
        mix_hash: str = "0x" + qbft.MIX_HASH.hex(),
        fields: int = 17,
        over: bytes | None = None,
        change: Callable[[bytes], bytes] = lambda seal: seal,
        extra: Callable[[list[bytes]], bytes] = rlp.join,
    ) -> Any:
        """The bundle with a sealed header.

        Args:
            by: keys that seal, in order.
            listed: keys in the header's list.
            miner: key of the proposer.
            round_, vote, vanity, difficulty, mix_hash: as they stand in the header.
            fields: how many fields the header has.
            over: round under the seals, where it is not the header's; with round 0 that is the block hash.
            change: made of each seal.
            extra: makes extra data from its five items.
        """
        base = json.loads(self._base)
        section = at(base, *_CHAIN)
        names = [name for name, _ in chainproof.HEADER_FIELDS[:fields]]
        header = {name: section["header"][name] for name in names}
        header |= {"miner": "0x" + account_of(KEYS[miner]).hex(), "difficulty": difficulty, "mixHash": mix_hash}
        accounts = rlp.join([rlp.encode(account_of(KEYS[number])) for number in listed])
        items = [rlp.encode(vanity), accounts, vote, rlp.encode(round_)]
        signed = list(items)
        if over is not None:
            signed[3] = rlp.encode(over)
        encoded = [bytes.fromhex(value[2:]) for value in header.values()]
        encoded[12] = rlp.join([*signed, b"\xc0"])
        signed_hash = keccak(rlp.join([rlp.encode(each) for each in encoded]))
        seals = [change(KEYS[number].sign_recoverable(signed_hash, hasher=None)) for number in by]
        header["extraData"] = "0x" + extra([*items, rlp.join([rlp.encode(seal) for seal in seals])]).hex()
        section["header"] = header
        return base
