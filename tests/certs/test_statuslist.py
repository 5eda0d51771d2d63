"""Token status lists: the draft's own vectors, size, and every way one is refused."""

from __future__ import annotations

import random
import zlib
from datetime import timedelta
from typing import Any

import pytest

from authz.vault import base64url
from certs.credentials import jws, scatter, statuslist
from certs.credentials.statuslist import CAPACITY, Status
from certs.errors import CredentialNotCurrentError, InvalidStatusListError
from certs.model import LicenceStatus
from certs.signing.errors import SignerUntrustedError
from tests.certs.issuers import LIBRARY, NOW, TestCa, TestSigner

URI = "http://node.test/v1/status-lists/a1"


@pytest.fixture(scope="module")
def ca() -> TestCa:
    return TestCa()


@pytest.fixture(scope="module")
def library(ca: TestCa) -> TestSigner:
    return ca.issuer(LIBRARY, "证照库")


def token(library: TestSigner, raw: bytes = bytes(64), **changes: Any) -> str:
    at = int(NOW.timestamp())
    inner = {"bits": 2, "lst": base64url(zlib.compress(raw, 9))} | changes.pop("inner", {})
    claims = {"sub": URI, "iat": at, "exp": at + 3600, "ttl": 60, "status_list": inner}
    return jws.sign(changes.pop("typ", statuslist.TYPE), claims | changes, library)


class TestPack:
    def test_the_draft_s_example_of_two_bits(self) -> None:
        statuses = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
        assert statuslist.pack(enumerate(statuses), 12) == bytes.fromhex("c944f9")

    def test_a_full_list_with_many_changes_stays_small(self, library: TestSigner) -> None:
        chosen = random.Random(5)
        taken = chosen.sample(range(CAPACITY), CAPACITY // 10)
        raw = statuslist.pack((index, 2 if index % 4 == 0 else 1) for index in taken)
        assert len(statuslist.sign(raw, URI, library, NOW)) < 200_000

    def test_put_changes_one_entry_and_says_whether(self) -> None:
        raw = bytearray(statuslist.pack([(5, 1), (6, 2)], 8))
        assert statuslist.put(raw, 6, 0)
        assert not statuslist.put(raw, 6, 0)
        assert bytes(raw) == statuslist.pack([(5, 1)], 8)


class TestRead:
    def test_gives_back_what_was_packed(self, ca: TestCa, library: TestSigner) -> None:
        raw = statuslist.pack([(0, 1), (5, 2), (CAPACITY - 1, 1)])
        held = statuslist.read(statuslist.sign(raw, URI, library, NOW), URI, LIBRARY, ca.trusted, NOW)
        assert [held[index] for index in (0, 1, 5, CAPACITY - 1)] == [1, 0, 2, 1]
        assert len(held) == CAPACITY

    @pytest.mark.parametrize("index", [-1, 256])
    def test_refuses_an_index_outside(self, ca: TestCa, library: TestSigner, index: int) -> None:
        held = statuslist.read(token(library), URI, LIBRARY, ca.trusted, NOW)
        with pytest.raises(InvalidStatusListError, match="index"):
            held[index]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"sub": "http://node.test/v1/status-lists/b2"}, "address"),
            ({"exp": int(NOW.timestamp())}, "time"),
            ({"iat": int(NOW.timestamp()) + 120}, "time"),
            ({"status_list": "text"}, "form"),
            ({"inner": {"bits": 1}}, "form"),
            ({"inner": {"lst": "%%"}}, "deflate"),
            ({"inner": {"lst": base64url(zlib.compress(bytes(8)) + b"more")}}, "deflate"),
            ({"inner": {"lst": base64url(zlib.compress(bytes(64 * 1024**2), 9))}}, "deflate"),
            ({"typ": "dc+sd-jwt"}, "type"),
        ],
        ids=["address", "expired", "future", "no list", "bits", "base64", "trailing", "bomb", "type"],
    )
    def test_refuses(self, ca: TestCa, library: TestSigner, changes: dict[str, Any], reason: str) -> None:
        with pytest.raises(InvalidStatusListError, match=reason):
            statuslist.read(token(library, **changes), URI, LIBRARY, ca.trusted, NOW)

    def test_refuses_a_stranger_s_list_and_a_changed_one(self, ca: TestCa, library: TestSigner) -> None:
        with pytest.raises(SignerUntrustedError):
            statuslist.read(token(TestCa().issuer(LIBRARY)), URI, LIBRARY, ca.trusted, NOW)
        good, other = token(library).split("."), token(library, bytes([1] * 64)).split(".")
        with pytest.raises(InvalidStatusListError, match="signature"):
            statuslist.read(f"{good[0]}.{other[1]}.{good[2]}", URI, LIBRARY, ca.trusted, NOW)

    def test_refuses_a_list_that_another_certified_body_signed(self, ca: TestCa) -> None:
        with pytest.raises(InvalidStatusListError, match="publisher"):
            statuslist.read(token(ca.issuer("11310118XX00000B0W")), URI, LIBRARY, ca.trusted, NOW)

    def test_an_old_list_serves_a_day_without_network(self, ca: TestCa, library: TestSigner) -> None:
        made = statuslist.sign(bytes(64), URI, library, NOW)
        statuslist.read(made, URI, LIBRARY, ca.trusted, NOW + statuslist.EXPIRES - timedelta(seconds=1))
        with pytest.raises(InvalidStatusListError, match="time"):
            statuslist.read(made, URI, LIBRARY, ca.trusted, NOW + statuslist.EXPIRES)


class TestCheck:
    def test_lets_the_valid_pass_and_names_the_others(self, ca: TestCa, library: TestSigner) -> None:
        held = statuslist.read(token(library, statuslist.pack([(1, 1), (2, 2)], 8)), URI, LIBRARY, ca.trusted, NOW)
        statuslist.check((URI, 0), held)
        for index, word in ((1, "invalid"), (2, "suspended")):
            with pytest.raises(CredentialNotCurrentError, match=word):
                statuslist.check((URI, index), held)
        with pytest.raises(InvalidStatusListError, match="address"):
            statuslist.check((f"{URI}2", 0), held)


class TestStatusOf:
    def test_what_may_come_back_is_suspended_and_what_may_not_is_invalid(self) -> None:
        back = {LicenceStatus.suspended, LicenceStatus.transferred, LicenceStatus.other}
        for status in set(LicenceStatus) - {LicenceStatus.valid}:
            assert statuslist.status_of(status) == (Status.suspended if status in back else Status.invalid)

    def test_a_dispute_suspends_and_a_newer_version_ends(self) -> None:
        assert statuslist.status_of(LicenceStatus.valid) is Status.valid
        assert statuslist.status_of(LicenceStatus.valid, frozen=True) is Status.suspended
        assert statuslist.status_of(LicenceStatus.valid, is_current=False) is Status.invalid


class TestScatter:
    def test_is_a_permutation(self) -> None:
        some = [scatter.place(number, b"k" * 32) for number in range(5000)]
        assert len(set(some)) == 5000
        assert all(0 <= index < CAPACITY for index in some)

    def test_each_key_scatters_otherwise(self) -> None:
        assert [scatter.place(n, b"a" * 32) for n in range(50)] != [scatter.place(n, b"b" * 32) for n in range(50)]

    @pytest.mark.parametrize("number", [-1, CAPACITY])
    def test_refuses_a_number_outside(self, number: int) -> None:
        with pytest.raises(ValueError, match="place"):
            scatter.place(number, b"k" * 32)
