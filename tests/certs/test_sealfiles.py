"""Seal keys in files: nothing readable, nothing swapped, nothing lost when the node's key changes."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from certs.signing.errors import SealKeyUnreadableError
from certs.signing.model import Algorithm
from certs.signing.providers import FileKeys
from certs.signing.x509 import as_der, verify
from ledger.ids import new_id
from ledger.secrets import KeyRing

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(params=list(Algorithm))
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    return request.param


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "seals", KeyRing(OLD))


def again(tmp_path: Path, *secrets: bytes) -> FileKeys:
    """What another process sees."""
    return FileKeys(tmp_path / "seals", KeyRing(secrets[0], secrets[1:]))


def file(tmp_path: Path, key: str) -> Path:
    return tmp_path / "seals" / f"{key}.key"


class TestFileKeys:
    def test_sign_in_another_process(self, keys: FileKeys, algorithm: Algorithm, tmp_path: Path) -> None:
        key = new_id()
        public = keys.generate(key, algorithm)
        signature = again(tmp_path, OLD).sign(key, algorithm, b"data")
        assert verify(algorithm, public, b"data", as_der(algorithm, signature))

    def test_are_for_nobody_else_to_read(self, keys: FileKeys, algorithm: Algorithm, tmp_path: Path) -> None:
        key = new_id()
        keys.generate(key, algorithm)
        keys.sign(key, algorithm, b"")
        private = keys._opened[key][1]
        held = file(tmp_path, key)
        assert held.stat().st_mode & 0o777 == 0o600
        parts = json.loads(held.read_text())
        assert private not in b"".join(b64decode(parts[name]) for name in ("wrapped", "sealed"))

    def test_another_nodes_key_opens_nothing(self, keys: FileKeys, algorithm: Algorithm, tmp_path: Path) -> None:
        key = new_id()
        keys.generate(key, algorithm)
        with pytest.raises(SealKeyUnreadableError):
            again(tmp_path, NEW).sign(key, algorithm, b"data")

    def test_a_file_serves_no_other_name(self, keys: FileKeys, algorithm: Algorithm, tmp_path: Path) -> None:
        """Who can write the folder puts no key of theirs in an issuer's place."""
        own, others = new_id(), new_id()
        keys.generate(own, algorithm)
        keys.generate(others, algorithm)
        file(tmp_path, own).write_bytes(file(tmp_path, others).read_bytes())
        with pytest.raises(SealKeyUnreadableError):
            again(tmp_path, OLD).sign(own, algorithm, b"data")

    def test_an_algorithm_is_not_swapped(self, keys: FileKeys, tmp_path: Path) -> None:
        key = new_id()
        keys.generate(key, Algorithm.ES256)
        held = json.loads(file(tmp_path, key).read_text()) | {"algorithm": "SM2"}
        file(tmp_path, key).write_text(json.dumps(held))
        with pytest.raises(SealKeyUnreadableError):
            again(tmp_path, OLD).sign(key, Algorithm.SM2, b"data")

    @pytest.mark.parametrize("damage", ["", "{}", '{"v":2,"algorithm":"SM2","wrapped":"","sealed":""}', "[]"])
    def test_a_damaged_file_is_told(self, keys: FileKeys, tmp_path: Path, damage: str) -> None:
        key = new_id()
        keys.generate(key, Algorithm.ES256)
        file(tmp_path, key).write_text(damage)
        with pytest.raises(SealKeyUnreadableError):
            again(tmp_path, OLD).sign(key, Algorithm.ES256, b"data")

    def test_destroyed_is_gone(self, keys: FileKeys, algorithm: Algorithm) -> None:
        key = new_id()
        keys.generate(key, algorithm)
        keys.destroy(key)
        keys.destroy(key)
        with pytest.raises(SealKeyUnreadableError):
            keys.sign(key, algorithm, b"data")


class TestRewrap:
    def test_follows_the_nodes_key(self, keys: FileKeys, algorithm: Algorithm, tmp_path: Path) -> None:
        key = new_id()
        public = keys.generate(key, algorithm)
        both = again(tmp_path, NEW, OLD)
        assert (both.rewrap(), both.rewrap()) == (1, 0)
        signature = again(tmp_path, NEW).sign(key, algorithm, b"data")
        assert verify(algorithm, public, b"data", as_der(algorithm, signature))

    def test_tells_a_key_that_is_lost(self, keys: FileKeys, tmp_path: Path) -> None:
        keys.generate(new_id(), Algorithm.SM2)
        with pytest.raises(SealKeyUnreadableError):
            again(tmp_path, NEW).rewrap()
