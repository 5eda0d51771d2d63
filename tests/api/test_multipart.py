"""A deposit's body as a stream: whatever the chunks, the same parts; every other shape refused by name."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, strategies as st

from api.errors import BodyTooLargeError, MalformedRequestError
from api.multipart import MAX_METADATA, DepositBody

TYPE = "multipart/form-data; boundary=limit"


def part(name: str, content: bytes, extra: str = "") -> bytes:
    return f'--limit\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content + b"\r\n"


def body(metadata: bytes = b"{}", file: bytes = b"%PDF", name: str = '; filename="a.pdf"') -> bytes:
    return part("metadata", metadata) + part("file", file, name) + b"--limit--\r\n"


def reader(data: bytes, chunk: int = 65536, max_file: int = 10**6) -> DepositBody:
    stream = io.BytesIO(data)
    return DepositBody(lambda: stream.read(chunk), TYPE, max_file=max_file)


def drain(held: DepositBody, size: int = 1000) -> bytes:
    return b"".join(iter(lambda: held.read(size), b""))


class TestDepositBody:
    @given(file=st.binary(max_size=3000), chunk=st.integers(1, 700), size=st.integers(1, 900))
    def test_gives_the_same_parts_however_the_bytes_arrive(self, file: bytes, chunk: int, size: int) -> None:
        held = reader(body(b'{"a": 1}', file), chunk)
        assert held.metadata() == b'{"a": 1}'
        assert drain(held, size) == file

    def test_gives_the_file_name_and_type(self) -> None:
        named = (
            part("metadata", b"{}")
            + part("file", b"x", '; filename="章程.pdf"\r\nContent-Type: application/pdf')
            + b"--limit--\r\n"
        )
        held = reader(named)
        held.metadata()
        assert (held.file_name, held.content_type) == ("章程.pdf", "application/pdf")

    def test_judges_metadata_before_the_file_is_pulled(self) -> None:
        pulled = []
        chunks = iter(
            [part("metadata", b"{}") + b'--limit\r\nContent-Disposition: form-data; name="file"\r\n\r\n', b"x" * 100]
        )

        def pull() -> bytes:
            pulled.append(1)
            return next(chunks)

        DepositBody(pull, TYPE, max_file=10).metadata()
        assert len(pulled) == 1

    @pytest.mark.parametrize(
        "data",
        [
            part("file", b"x") + part("metadata", b"{}") + b"--limit--\r\n",
            part("metadata", b"{}") + b"--limit--\r\n",
            body()[:-11],
            b"",
            b"not multipart at all",
            part("metadata", b"{}") + part("file", b"x") + part("file", b"y") + b"--limit--\r\n",
        ],
        ids=["other order", "no file", "no end", "empty", "no form", "three parts"],
    )
    def test_refuses_other_shapes(self, data: bytes) -> None:
        with pytest.raises(MalformedRequestError):
            drain_all(reader(data))

    def test_refuses_a_file_over_the_limit(self) -> None:
        drain_all(reader(body(file=b"x" * 5000), max_file=5000))
        with pytest.raises(BodyTooLargeError):
            drain_all(reader(body(file=b"x" * 5000), max_file=4999))

    def test_refuses_metadata_over_the_limit(self) -> None:
        with pytest.raises(BodyTooLargeError):
            reader(body(metadata=b" " * (MAX_METADATA + 1))).metadata()

    def test_refuses_endless_part_headers(self) -> None:
        with pytest.raises(MalformedRequestError):
            reader(b"--limit\r\nX-Long: " + b"a" * 10_000).metadata()

    @pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", ""])
    def test_refuses_another_content_type(self, content_type: str) -> None:
        with pytest.raises(MalformedRequestError):
            DepositBody(lambda: b"", content_type, max_file=1)


def drain_all(held: DepositBody) -> None:
    held.metadata()
    drain(held)
