"""Ranges by RFC 9110 14.1.2 and 14.2."""

from __future__ import annotations

import pytest

from api import ranges
from api.errors import RangeNotSatisfiableError

SIZE = 1000


class TestParse:
    @pytest.mark.parametrize(
        ("header", "span"),
        [
            ("bytes=0-0", (0, 1)),
            ("bytes=0-", (0, SIZE)),
            ("bytes=500-", (500, SIZE)),
            ("bytes=-1", (999, SIZE)),
            ("bytes=-5000", (0, SIZE)),
            ("bytes=990-5000", (990, SIZE)),
            (" bytes=1-2 ", (1, 3)),
        ],
    )
    def test_reads_one_range(self, header: str, span: tuple[int, int]) -> None:
        assert ranges.parse(header, SIZE) == span

    @pytest.mark.parametrize(
        "header",
        [None, "", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=" + "0-0," * 1000],
    )
    def test_means_the_whole_where_it_is_no_single_range(self, header: str | None) -> None:
        assert ranges.parse(header, SIZE) is None

    @pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
    def test_refuses_what_does_not_exist(self, header: str) -> None:
        with pytest.raises(RangeNotSatisfiableError):
            ranges.parse(header, SIZE)
