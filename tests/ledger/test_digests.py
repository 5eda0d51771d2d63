"""Digests: the standards' own examples, and streaming equal to one pass."""

from __future__ import annotations

import hashlib
from functools import partial

from hypothesis import given, strategies as st

from ledger import digests

md5 = partial(hashlib.md5, usedforsecurity=False)


class TestDigest:
    def test_example_of_gb_t_32905(self) -> None:
        """GB/T 32905-2016, appendix A.1: the message `abc`."""
        assert digests.digest(b"abc").sm3.hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

    def test_example_of_fips_180(self) -> None:
        """NIST's example of SHA-256 for the message `abc`."""
        assert digests.digest(b"abc").sha256.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    def test_both_implementations_of_sm3_agree(self) -> None:
        fallback = digests._PyCaSm3()
        fallback.update(b"abc")
        assert fallback.digest() == digests.digest(b"abc").sm3


class TestStreamingDigests:
    @given(sizes=st.lists(st.sampled_from([1, 100, 16 * 1024, 40_000]), max_size=6))
    def test_equals_one_pass(self, sizes: list[int]) -> None:
        pieces = [bytes([index + 1]) * size for index, size in enumerate(sizes)]
        with digests.side_threads() as side:
            streaming = digests.StreamingDigests(side)
            for piece in pieces:
                streaming.update(piece)
            assert streaming.finish() == digests.digest(b"".join(pieces))


class TestPartedMd5:
    @given(pieces=st.lists(st.binary(max_size=30), max_size=10))
    def test_is_the_etag_of_a_multipart_upload(self, pieces: list[bytes]) -> None:
        parted = digests.PartedMd5(16)
        for piece in pieces:
            parted.update(piece)
        whole = b"".join(pieces)
        parts = [md5(whole[index : index + 16]).digest() for index in range(0, len(whole), 16)]
        if len(parts) > 1:
            assert parted.etag() == f"{md5(b''.join(parts)).hexdigest()}-{len(parts)}"
        else:
            assert parted.etag() == md5(whole).hexdigest()
        assert parted.size == len(whole)
