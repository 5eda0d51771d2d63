"""SM2 against the standard's own sample and against another implementation."""

from __future__ import annotations

import gmalg
import pytest
from asn1crypto.algos import DSASignature

from authz import sm2

# GM/T 0003.5-2012, annex A: key of the recommended curve, "message digest", id 1234567812345678.
PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
MESSAGE = b"message digest"
ID = b"1234567812345678"


def der(r: int, s: int) -> bytes:
    return DSASignature({"r": r, "s": s}).dump()


class TestVerify:
    def test_accepts_the_sample_of_the_standard(self) -> None:
        assert sm2.verify(PUBLIC, MESSAGE, der(R, S))

    def test_accepts_a_signature_of_another_implementation(self) -> None:
        other = gmalg.SM2(PRIVATE, uid=ID, pk=PUBLIC)
        r, s = other.sign(MESSAGE)
        assert sm2.verify(PUBLIC, MESSAGE, der(int.from_bytes(r), int.from_bytes(s)))

    @pytest.mark.parametrize(
        "signature",
        [
            b"",
            b"\x30",
            der(R, S)[:-1],
            der(R, S) + b"\0",
            der(S, R),
            der(0, S),
            der(R, 0),
            der(-1, S),
            der(R, S + 2**256),
            b"\x30\x81" + der(R, S)[1:],  # a length written the long way
        ],
        ids=["empty", "cut", "short", "longer", "swapped", "r=0", "s=0", "negative", "large", "not DER"],
    )
    def test_refuses(self, signature: bytes) -> None:
        assert not sm2.verify(PUBLIC, MESSAGE, signature)

    @pytest.mark.parametrize("public", [b"", PUBLIC[1:], b"\x04" + bytes(64), b"\x04" + b"\xff" * 64])
    def test_refuses_what_is_no_point(self, public: bytes) -> None:
        assert not sm2.verify(public, MESSAGE, der(R, S))

    def test_refuses_another_message(self) -> None:
        assert not sm2.verify(PUBLIC, MESSAGE + b".", der(R, S))


class TestSign:
    def test_another_implementation_accepts(self) -> None:
        held = DSASignature.load(sm2.sign(PRIVATE, PUBLIC, MESSAGE), strict=True)
        r, s = (held[name].native.to_bytes(32) for name in ("r", "s"))
        assert gmalg.SM2(uid=ID, pk=PUBLIC).verify(MESSAGE, r, s)

    def test_never_twice_the_same(self) -> None:
        assert sm2.sign(PRIVATE, PUBLIC, MESSAGE) != sm2.sign(PRIVATE, PUBLIC, MESSAGE)


class TestGenerate:
    def test_makes_pairs(self) -> None:
        private, public = sm2.generate()
        assert (len(private), len(public)) == (32, 65)
        assert sm2.verify(public, b"x", sm2.sign(private, public, b"x"))
