"""Trust files: written whole, read strictly, never weaker than they look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.chainproof import ChainIdentity
from ledger.errors import TrustFileError
from ledger.note import NoteSigner, NoteVerifier
from ledger.trust import Trust

LOG = NoteVerifier.parse(NoteSigner("log.test", Ed25519PrivateKey.from_private_bytes(bytes(32))).vkey)
WITNESS = NoteVerifier("witness.test", bytes(32), b"\4")
CHAIN = ChainIdentity(31337, b"\1" * 32, b"\2" * 20, b"\3" * 20, b"\4" * 32)
TRUST = Trust((LOG,), (WITNESS,), 1, CHAIN)


class TestSave:
    @pytest.mark.parametrize("trust", [TRUST, Trust((LOG,))])
    def test_comes_back(self, tmp_path: Path, trust: Trust) -> None:
        path = tmp_path / "trust.json"
        trust.save(path)
        assert Trust.load(path) == trust
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
            ({"version": 1}, "unknown version"),
            ({"more": 1}, "members"),
            ({"logs": []}, "no log key"),
            ({"logs": [WITNESS.vkey]}, "no log key"),
            ({"logs": [LOG.vkey, LOG.vkey]}, "two keys of one log"),
            ({"logs": LOG.vkey}, "keys"),
            ({"logs": ["x"]}, "key"),
            ({"witnesses": {"quorum": 2, "vkeys": [WITNESS.vkey]}}, "quorum"),
            ({"witnesses": {"quorum": -1, "vkeys": []}}, "quorum"),
            ({"witnesses": {"quorum": True, "vkeys": [WITNESS.vkey]}}, "quorum"),
            ({"witnesses": {"quorum": 1, "vkeys": [WITNESS.vkey, WITNESS.vkey]}}, "one witness key twice"),
            ({"witnesses": {"quorum": 1, "vkeys": [LOG.vkey]}}, "witness key of another type"),
            ({"witnesses": []}, "witnesses"),
            ({"chain": {}}, "chain"),
            ({"chain": TRUST.to_json()["chain"] | {"chain_id": "1"}}, "chain_id"),
            ({"chain": TRUST.to_json()["chain"] | {"anchor": "0x00"}}, "anchor"),
            ({"chain": TRUST.to_json()["chain"] | {"anchor": "03" * 20}}, "anchor"),
            ({"chain": TRUST.to_json()["chain"] | {"genesis_hash": "0xzz"}}, "genesis_hash"),
        ],
    )
    def test_refuses_by_name(self, change: dict[str, Any], reason: str) -> None:
        value = json.loads(json.dumps(TRUST.to_json())) | change
        with pytest.raises(TrustFileError, match=reason):
            Trust.from_json(value)
