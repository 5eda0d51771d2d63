"""Reading a bulk request: bounded while it comes in, each row judged on its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError

from api import problems, rows
from api.errors import BodyTooLargeError, MalformedRowError, PersonalReferenceError, TooManyRowsError
from api.rows import Refused
from api.schemas import EvidenceIn
from ledger.errors import InvalidKeptDocumentError
from ledger.kept import KeptDocument

SHA = "ab" * 32
GOOD = json.dumps({"reference": "R-1", "sha256": SHA}).encode()


def receive(pieces: Iterable[bytes], **limits: int) -> bytes:
    pulled: list[bytes] = []

    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            pulled.append(piece)
            yield piece

    try:
        return asyncio.run(rows.receive(stream(), **limits))
    finally:
        receive.pulled = len(pulled)  # type: ignore[attr-defined]


class TestReceive:
    def test_puts_pieces_together(self) -> None:
        assert receive([b"a\nb", b"", b"c\n"]) == b"a\nbc\n"

    def test_stops_reading_at_the_first_byte_too_many(self) -> None:
        with pytest.raises(BodyTooLargeError):
            receive([b"x" * 60] * 100, limit=100)
        assert receive.pulled == 2  # type: ignore[attr-defined]

    def test_stops_reading_at_the_first_row_too_many(self) -> None:
        with pytest.raises(TooManyRowsError):
            receive([b"\n"] * 100, rows=3)
        assert receive.pulled == 4  # type: ignore[attr-defined]

    @pytest.mark.parametrize("body", [b"1\n2\n3", b"1\n2\n3\n"])
    def test_takes_as_many_rows_as_allowed(self, body: bytes) -> None:
        assert receive([body], rows=3) == body

    @pytest.mark.parametrize("body", [b"1\n2\n3\n4", b"1\n2\n3\n4\n"])
    def test_refuses_one_more(self, body: bytes) -> None:
        with pytest.raises(TooManyRowsError):
            receive([body], rows=3)


class TestDocument:
    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b" ",
            b"null",
            b"[]",
            b'"x"',
            b"{",
            GOOD + GOOD,
            GOOD + b"x",
            b"\xff\xfe{\x00}\x00",
            json.dumps({"reference": "R"}).encode("utf-16"),
            b'{"reference":"R","reference":"R","sha256":"%b"}' % SHA.encode(),
            b'{"reference":"R","sha256":"%b","sm3":{"a":1,"a":2}}' % SHA.encode(),
            b"[" * 900,
            GOOD + b" " * 1024,
        ],
    )
    def test_refuses_what_is_not_one_object(self, text: bytes) -> None:
        with pytest.raises((MalformedRowError, InvalidKeptDocumentError)):
            rows.document(text)

    @pytest.mark.parametrize(
        "reference", ["310199199001010018", "no-310199199001010018", "13900000000", "a/13900000000/b"]
    )
    def test_refuses_what_looks_like_a_persons_number(self, reference: str) -> None:
        with pytest.raises(PersonalReferenceError) as caught:
            rows.document(json.dumps({"reference": reference, "sha256": SHA}).encode())
        assert reference not in f"{caught.value} {caught.value.fields}"

    def test_reads_null_like_absent(self) -> None:
        text = json.dumps({"reference": "R", "sha256": SHA, "sm3": None, "size": None, "type_code": None}).encode()
        assert rows.document(text) == KeptDocument("R", SHA)

    @settings(deadline=None)
    @given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
    def test_anything_is_read_or_refused(self, text: bytes) -> None:
        with pytest.raises((MalformedRowError, InvalidKeptDocumentError, PersonalReferenceError)):
            rows.document(text)

    @settings(deadline=None)
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                name: st.none() | st.booleans() | st.integers() | st.text(max_size=70) | st.lists(st.none(), max_size=2)
                for name in ("reference", "sha256", "sm3", "type_code", "size", "other")
            },
        )
    )
    def test_any_object_is_read_or_refused(self, value: dict[str, Any]) -> None:
        with pytest.raises((MalformedRowError, InvalidKeptDocumentError, PersonalReferenceError)):
            rows.document(json.dumps(value).encode())


class TestDescription:
    """The description in OpenAPI and the reading agree."""

    @pytest.mark.parametrize("name", ["reference", "sha256", "sm3", "type_code", "size"])
    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "x",
            "A-1",
            "a b",
            "x" * 32,
            "x" * 33,
            "x" * 128,
            "x" * 129,
            SHA,
            SHA.upper(),
            0,
            -1,
            7,
            2**53,
            True,
        ],
    )
    def test_takes_the_same(self, name: str, value: Any) -> None:
        given = {"reference": "R", "sha256": SHA} | {name: value}
        try:
            KeptDocument.of(given)
            read = True
        except InvalidKeptDocumentError:
            read = False
        try:
            EvidenceIn.model_validate(given, strict=True)
            described = True
        except ValidationError:
            described = False
        assert read == described


class TestRead:
    def test_tells_good_rows_from_bad_ones_by_number(self) -> None:
        found = list(rows.read(b"\n".join([GOOD, b"x", GOOD + b"\r", b"", b'{"sha256":1}', GOOD])))
        kinds = [row.code if isinstance(row, Refused) else row[0] for row in found]
        assert kinds == [1, "row-malformed", 3, "row-malformed", "evidence-invalid", 6]
        assert [row.number for row in found if isinstance(row, Refused)] == [2, 4, 5]

    @pytest.mark.parametrize(("body", "count"), [(b"", 0), (GOOD, 1), (GOOD + b"\n", 1), (GOOD + b"\n\n", 2)])
    def test_the_last_line_feed_ends_a_row(self, body: bytes, count: int) -> None:
        assert len(list(rows.read(body))) == count

    def test_every_code_has_its_words(self) -> None:
        for text in (b"x", b"{}", json.dumps({"reference": "13900000000", "sha256": SHA}).encode()):
            (row,) = rows.read(text)
            assert isinstance(row, Refused)
            assert problems.TABLE[row.code].title_zh
