"""Trust files: written whole, read strictly, never weaker than they look."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.chainproof import ChainIdentity
from ledger.errors import TrustFileError
from ledger.note import NoteSigner, NoteVerifier
from ledger.qbft import ValidatorSet
from ledger.trust import LogKey, Trust

LOG = NoteVerifier.parse(NoteSigner("log.test", Ed25519PrivateKey.from_private_bytes(bytes(32))).vkey)
WITNESS = NoteVerifier("witness.test", bytes(32), b"\4")
RETIRED = NoteVerifier.parse(NoteSigner("log.test", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).vkey)
HISTORY = (ValidatorSet(0, (b"\5" * 20,)), ValidatorSet(100, (b"\5" * 20, b"\6" * 20)))
CHAIN = ChainIdentity(31337, b"\1" * 32, b"\2" * 20, b"\3" * 20, b"\4" * 32)
TRUST = Trust((LogKey(LOG),), (WITNESS,), 1, CHAIN)
ROTATED = Trust((LogKey(RETIRED, 512), LogKey(LOG)), chain=replace(CHAIN, qbft=HISTORY))


def chain(**change: Any) -> dict[str, Any]:
    """The file's chain with a change."""
    return {"chain": TRUST.to_json()["chain"] | change}


def validators(*numbers: int) -> dict[str, Any]:
    """A set of validators from block 0 on."""
    return {"from_block": 0, "validators": ["0x" + bytes([number] * 20).hex() for number in numbers]}


class TestSave:
    @pytest.mark.parametrize("trust", [TRUST, ROTATED, Trust((LogKey(LOG),))])
    def test_comes_back(self, tmp_path: Path, trust: Trust) -> None:
        path = tmp_path / "trust.json"
        trust.save(path)
        found = Trust.load(path)
        assert found == trust
        assert (found.chain and found.chain.qbft) == (trust.chain and trust.chain.qbft)
        assert [each.name for each in tmp_path.iterdir()] == ["trust.json"]
        assert path.stat().st_mode & 0o777 == 0o644


class TestLoad:
    @pytest.mark.parametrize("raw", [b"", b"[]", b'{"format":1,"format":1}', b" " * 300_000])
    def test_refuses_what_is_no_strict_json(self, tmp_path: Path, raw: bytes) -> None:
        (tmp_path / "trust.json").write_bytes(raw)
        with pytest.raises(TrustFileError):
            Trust.load(tmp_path / "trust.json")

    def test_says_so_when_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(TrustFileError, match="unreadable"):
            Trust.load(tmp_path / "absent.json")


class TestFromJson:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"format": "other"}, "not a trust file"),
            ({"version": 0}, "unknown version"),
            ({"version": True}, "unknown version"),
            ({"more": 1}, "unknown member of trust file: more"),
            ({"logs": []}, "no log key"),
            ({"logs": [{"vkey": WITNESS.vkey}]}, "no log key"),
            ({"logs": [{"vkey": LOG.vkey}, {"vkey": LOG.vkey, "until_size": 5}]}, "one log key twice"),
            ({"logs": [{"vkey": LOG.vkey}, {"vkey": RETIRED.vkey}]}, "two current keys of one log"),
            ({"logs": [{"vkey": LOG.vkey, "until_size": -1}]}, "until_size"),
            ({"logs": [{"vkey": LOG.vkey, "until_size": None}]}, "until_size"),
            ({"logs": [{"vkey": LOG.vkey, "from_size": 1}]}, "unknown member of log key"),
            ({"logs": [LOG.vkey]}, "log key is not an object"),
            ({"logs": LOG.vkey}, "logs is not a list"),
            ({"logs": [{"vkey": "x"}]}, "key"),
            ({"witnesses": {"quorum": 2, "vkeys": [WITNESS.vkey]}}, "quorum"),
            ({"witnesses": {"quorum": -1, "vkeys": []}}, "quorum"),
            ({"witnesses": {"quorum": True, "vkeys": [WITNESS.vkey]}}, "quorum"),
            ({"witnesses": {"quorum": 1, "vkeys": [WITNESS.vkey, WITNESS.vkey]}}, "one witness key twice"),
            ({"witnesses": {"quorum": 1, "vkeys": [LOG.vkey]}}, "witness key of another type"),
            ({"witnesses": []}, "witnesses"),
            ({"chain": {}}, "missing member of chain"),
            (chain(chain_id="1"), "chain_id"),
            (chain(chain_id=0), "chain_id"),
            (chain(anchor="0x00"), "anchor"),
            (chain(anchor="03" * 21), "anchor"),
            (chain(anchor="0x" + "AA" * 20), "anchor"),
            (chain(anchor="0x" + " 03" * 13 + " "), "anchor"),
            (chain(genesis_hash="0x" + "zz" * 32), "genesis_hash"),
            (chain(qbft=[]), "qbft"),
            (chain(qbft=[validators(5, 1)]), "validators"),
            (chain(qbft=[validators()]), "validators"),
            (chain(qbft=[validators(1) | {"from_block": -1}]), "from_block"),
            (chain(qbft=[validators(1), validators(1)]), "qbft out of order"),
        ],
    )
    def test_refuses_by_name(self, change: dict[str, Any], reason: str) -> None:
        value = json.loads(json.dumps(TRUST.to_json())) | change
        with pytest.raises(TrustFileError, match=reason):
            Trust.from_json(value)


class TestLogKey:
    def test_a_retired_key_is_good_for_what_it_signed_and_promises_nothing(self) -> None:
        retired, current = ROTATED.keys("log.test")
        assert [retired.covers(size) for size in (0, 512, 513, None)] == [True, True, False, False]
        assert [current.covers(size) for size in (0, 2**60, None)] == [True, True, True]
        assert ROTATED.keys("other") == ()
