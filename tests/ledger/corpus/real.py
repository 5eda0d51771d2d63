"""Bundles on blocks that four real validators sealed (tests/vectors/qbft, recorded by tests.quorum.record)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ledger import canonicalrlp as rlp, qbft
from tests.ledger.corpus.case import Case, at, bad, cut, good, held, put
from tests.ledger.corpus.logs import REAL_ENTRY, real_log, signer
from tests.ledger.corpus.world import TWO, envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ledger.corpus.world import World

TRUST: Final = "trust-qbft-real.json"
_CHAIN: Final = ("sections", "chain")
_EXTRA: Final = (*_CHAIN, "header", "extraData")
_RECORDED: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "qbft" / "chain.json").read_text(encoding="utf-8")
)


def trust(base: dict[str, Any]) -> dict[str, Any]:
    """The trust file of that chain and its log."""
    return base | {"logs": [{"vkey": signer(real_log().origin).vkey}], "chain": _RECORDED["chain"]}


def cases(_: World) -> Iterator[Case]:
    """All of them."""
    bundles = {section["name"]: _bundle(section) for section in _RECORDED["sections"]}
    for name, value in bundles.items():
        yield good(f"qbft-real-{name}", value, held("proven", TRUST, finality="ok"))
    first, second = bundles["four-validators"], bundles["four-validators-second-anchor"]
    later = bundles["five-validators-one-down-round-above-0"]

    def resealed(change: Callable[[list[bytes]], list[bytes]], value: Any = first) -> Any:
        """A bundle with other seals."""
        items = list(_extra(value).items)
        seals = rlp.split(items[4], 8)
        items[4] = rlp.join(change(seals))
        return put(value, "0x" + rlp.join(items).hex(), *_EXTRA)

    time = (*_CHAIN, "header", "timestamp")
    others = rlp.split(_extra(second).items[4], 8)
    for name, value in {
        "one-seal-missing": resealed(lambda seals: seals[1:]),
        "seal-doubled": resealed(lambda seals: [*seals, seals[0]]),
        "seal-of-another-block": resealed(lambda seals: [*seals[:-1], others[-1]]),
        "all-seals-of-another-block": resealed(lambda _: others),
        "round-0-for-a-later-round": _with_round(later, b""),
        "round-1-for-round-0": _with_round(first, b"\x01"),
        "time-changed": put(first, hex(int(at(first, *time), 16) + 1), *time),
        "gas-changed": put(first, "0x01", *_CHAIN, "header", "gasUsed"),
    }.items():
        yield bad(f"qbft-real-{name}", 11, value, TRUST)
    yield bad("qbft-real-section-of-another-size", 10, put(first, at(second, *_CHAIN), *_CHAIN), TRUST)
    header = put(first, at(second, *_CHAIN, "header"), *_CHAIN, "header")
    yield bad("qbft-real-header-of-another-block", 10, header, TRUST)
    yield bad("qbft-real-header-field-missing", 10, cut(first, *_CHAIN, "header", "nonce"), TRUST)


def _bundle(section: dict[str, Any]) -> dict[str, Any]:
    log, size = real_log(), section["size"]
    if section["root"] != log.root(size).hex():
        msg = "the log is no longer the one that was anchored: run tests.quorum.record again"
        raise ValueError(msg)
    entry = log.entries[REAL_ENTRY].shown(size)
    held_log = {"origin": log.origin, "checkpoint": log.checkpoint(size, *TWO)}
    return envelope("deposit", {"log": held_log, "chain": section["section"], "deposit": {"entries": [entry]}})


def _extra(value: Any) -> qbft.ExtraData:
    return qbft.ExtraData.parse(bytes.fromhex(at(value, *_EXTRA)[2:]))


def _with_round(value: Any, number: bytes) -> Any:
    items = list(_extra(value).items)
    items[3] = rlp.encode(number)
    return put(value, "0x" + rlp.join(items).hex(), *_EXTRA)
