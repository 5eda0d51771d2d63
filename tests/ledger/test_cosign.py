"""Cosignatures and the body of `add-checkpoint`: one spelling each, and nothing else is read."""

from __future__ import annotations

import contextlib
from base64 import b64encode

import pytest
from hypothesis import given, strategies as st

from ledger.cosign import AddCheckpoint, Cosigner, cosignature_time, read_cosignature, read_size
from ledger.errors import NoteError
from ledger.note import Note, NoteVerifier, parse_signatures, signature_line
from tests.ledger.witnesses import NOW, ToyLog, cosigner

LOG = ToyLog()
NOTE = LOG.note(5)
TEXT = Note.parse(NOTE).text
WITNESS = cosigner()
KEY = WITNESS.verifier
LINE = WITNESS.cosign(TEXT, NOW)


class TestCosigner:
    def test_signs_time_and_text(self) -> None:
        assert Note.parse(NOTE + LINE).verified_by([KEY]) == [KEY]
        [signature] = parse_signatures(LINE)
        assert cosignature_time(signature) == NOW
        assert len(signature.signature) == 72

    def test_the_time_is_signed(self) -> None:
        [held] = parse_signatures(LINE)
        later = signature_line(KEY.name, KEY.key_id, (NOW + 1).to_bytes(8, "big") + held.signature[8:])
        with pytest.raises(NoteError):
            Note.parse(NOTE + later).verified_by([KEY])

    def test_extension_lines_are_signed(self) -> None:
        extended = TEXT + "an extension\n"
        line = WITNESS.cosign(extended, NOW)
        assert Note.parse(f"{extended}\n{line}").verified_by([KEY]) == [KEY]
        with pytest.raises(NoteError):
            Note.parse(f"{TEXT}\n{line}").verified_by([KEY])

    @pytest.mark.parametrize("time", [0, -1, 1 << 63])
    def test_needs_a_time(self, time: int) -> None:
        with pytest.raises(ValueError, match="needs a time"):
            WITNESS.cosign(TEXT, time)

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
    def test_needs_a_name(self, name: str) -> None:
        with pytest.raises(NoteError):
            Cosigner(name, WITNESS._key)


class TestVerifyText:
    """`NoteVerifier.verify_text` of a witness's key."""

    def line(self, time: int, tail: bytes = b"") -> str:
        signature = time.to_bytes(8, "big") + WITNESS._key.sign(f"cosignature/v1\ntime {time}\n{TEXT}".encode()) + tail
        return signature_line(KEY.name, KEY.key_id, signature)

    @pytest.mark.parametrize("time", [0, 1 << 63, (1 << 64) - 1])
    def test_refuses_a_time_that_says_nothing(self, time: int) -> None:
        with pytest.raises(NoteError, match="without a time"):
            Note.parse(NOTE + self.line(time)).verified_by([KEY])

    def test_refuses_another_length(self) -> None:
        Note.parse(NOTE + self.line(NOW)).verified_by([KEY])
        with pytest.raises(NoteError, match="another length"):
            Note.parse(NOTE + self.line(NOW, b"\0")).verified_by([KEY])

    def test_a_log_key_of_the_same_bytes_is_another_key(self) -> None:
        """Type 0x01 and 0x04 have different ids, so a cosignature never passes as a log's signature."""
        log = NoteVerifier(KEY.name, KEY.public_key)
        assert Note.parse(NOTE + LINE).verified_by([log]) == []


class TestAddCheckpoint:
    @given(
        st.integers(0, (1 << 63) - 1),
        st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        st.text(max_size=200).filter(lambda text: not text.startswith("\n")),
    )
    def test_reads_what_it_writes(self, old: int, proof: tuple[bytes, ...], note: str) -> None:
        request = AddCheckpoint(old, proof, note)
        assert AddCheckpoint.parse(request.encode()) == request

    @given(st.binary(max_size=300))
    def test_reads_or_refuses_anything(self, raw: bytes) -> None:
        with contextlib.suppress(NoteError):
            assert AddCheckpoint.parse(raw).encode() == raw

    @given(st.data())
    def test_has_one_spelling(self, data: st.DataObject) -> None:
        """Whatever one byte becomes: refused, or read as what it then says."""
        raw = bytearray(AddCheckpoint(5, (bytes(range(32)),), NOTE).encode())
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(NoteError):
            assert AddCheckpoint.parse(bytes(raw)).encode() == bytes(raw)

    def test_limits_the_proof_to_63_lines(self) -> None:
        hashes = (bytes(32),) * 63
        assert AddCheckpoint.parse(AddCheckpoint(5, hashes, NOTE).encode()).proof == hashes
        with pytest.raises(NoteError, match="too many"):
            AddCheckpoint.parse(AddCheckpoint(5, (*hashes, bytes(32)), NOTE).encode())

    @pytest.mark.parametrize("length", [1, 31, 33, 64])
    def test_takes_hashes_of_32_bytes_only(self, length: int) -> None:
        with pytest.raises(NoteError):
            AddCheckpoint.parse(b"old 5\n" + b64encode(bytes(length)) + b"\n\n" + NOTE.encode())


class TestReadCosignature:
    def test_finds_the_witness_among_strangers(self) -> None:
        stranger = cosigner(2).cosign(TEXT, NOW)
        assert read_cosignature((stranger + LINE).encode(), TEXT, KEY) == LINE

    def test_takes_the_newest_of_several(self) -> None:
        newer = WITNESS.cosign(TEXT, NOW + 9)
        assert read_cosignature((newer + LINE).encode(), TEXT, KEY) == newer

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"\n",
            LINE.encode()[:-1],
            LINE.encode() + b"\n",
            b"\xff\n",
            cosigner(2).cosign(TEXT, NOW).encode(),
            WITNESS.cosign(Note.parse(LOG.note(6)).text, NOW).encode(),
            LINE.encode() * 65,
            LINE.encode() + WITNESS.cosign(Note.parse(LOG.note(6)).text, NOW).encode(),
        ],
    )
    def test_refuses_everything_else(self, answer: bytes) -> None:
        with pytest.raises(NoteError):
            read_cosignature(answer, TEXT, KEY)


class TestReadSize:
    def test_reads_a_size(self) -> None:
        assert [read_size(each) for each in (b"0\n", b"20852014\n")] == [0, 20852014]

    @pytest.mark.parametrize(
        "answer", [b"", b"5", b"05\n", b"-5\n", b"5\n\n", b" 5\n", b"5\r\n", b"1" * 20 + b"\n", b"\xb2\n"]
    )
    def test_refuses_everything_else(self, answer: bytes) -> None:
        with pytest.raises(NoteError):
            read_size(answer)
