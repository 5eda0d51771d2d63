"""The body of a bulk intake: plain ustar from front to back, and nothing else."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from api.tarbody import TarBody
from materials.intake.errors import IntakeBodyError

if TYPE_CHECKING:
    from collections.abc import Callable


def packed(*members: tuple[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """An archive as Python makes it."""
    made = io.BytesIO()
    with tarfile.open(mode="w", fileobj=made, format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def pieces(body: bytes, size: int = 700) -> Callable[[], bytes]:
    held = io.BytesIO(body)
    return lambda: held.read(size)


def read(body: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    held = TarBody(pieces(body))
    listed = held.rows()
    found = []
    for name, size, file in held.files():
        content = file.read(300) + file.rest()
        assert len(content) == size
        found.append((name, content))
    return listed, found


class TestTarBody:
    @given(st.lists(st.binary(max_size=1500), max_size=4), st.integers(1, 4000))
    def test_reads_what_others_pack(self, files: list[bytes], size: int) -> None:
        named = [(str(number), content) for number, content in enumerate(files, 1)]
        held = TarBody(pieces(packed(("rows.ndjson", b"{}\n"), *named), size))
        assert held.rows() == b"{}\n"
        found = [(name, file.rest()) for name, _, file in held.files()]
        assert found == named

    def test_gives_rows_and_files_in_order(self) -> None:
        listed, found = read(packed(("rows.ndjson", b"{}\n"), ("1", b"a" * 1000), ("2", b"")))
        assert (listed, found) == (b"{}\n", [("1", b"a" * 1000), ("2", b"")])

    def test_passes_over_what_was_left_unread(self) -> None:
        held = TarBody(pieces(packed(("rows.ndjson", b""), ("1", b"a" * 5000), ("2", b"b"))))
        held.rows()
        assert [(name, file.read(1)) for name, _, file in held.files()] == [("1", b"a"), ("2", b"b")]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"x" * 600,
            packed(("1", b"a")),
            packed(("rows.ndjson", b"x" * (1024**2 + 1))),
            packed(("rows.ndjson", b"{}")).replace(b"rows.ndjson", b"rowz.ndjson"),
        ],
        ids=["nothing", "no tar", "other first", "long list", "wrong checksum"],
    )
    def test_refuses_another_beginning(self, body: bytes) -> None:
        with pytest.raises(IntakeBodyError):
            TarBody(pieces(body)).rows()

    @pytest.mark.parametrize("cut", [600, 1100, 1600, 2000])
    def test_refuses_an_archive_that_ends_too_early(self, cut: int) -> None:
        with pytest.raises(IntakeBodyError):
            read(packed(("rows.ndjson", b"{}"), ("1", b"a" * 700))[:cut])

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.XHDTYPE, b"L"])
    def test_refuses_what_is_no_regular_file(self, kind: bytes) -> None:
        info = tarfile.TarInfo("1")
        info.type = kind
        body = packed(("rows.ndjson", b"{}"))[:1024] + info.tobuf(tarfile.USTAR_FORMAT) + bytes(1024)
        with pytest.raises(IntakeBodyError):
            read(body)

    def test_refuses_extended_headers(self) -> None:
        """Of which a length is believed by others, and so much memory taken."""
        with pytest.raises(IntakeBodyError):
            read(packed(("rows.ndjson", b"{}"), ("1" * 120, b"a"), form=tarfile.PAX_FORMAT))
