"""Signed notes and checkpoints against strangers' vectors, and everything that must not parse."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import NoteError
from ledger.model import Checkpoint
from ledger.note import (
    Note,
    NoteSigner,
    NoteVerifier,
    checkpoint_text,
    key_id,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/ledger/note.json").read_text())
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIGNER = NoteSigner("log.test/cailian", KEY)
LOG = NoteVerifier.parse(SIGNER.vkey)
HEAD = Checkpoint(SIGNER.name, 7, bytes(range(32)))


def vkey(name: str, public: bytes, kind: bytes) -> str:
    return f"{name}+{key_id(name, public, kind).hex()}+{b64encode(kind + public).decode()}"


class TestNoteVerifier:
    def test_reads_and_writes_keys_of_others(self) -> None:
        for text in (VECTORS["vkey"], VECTORS["other_vkey"], SIGNER.vkey):
            assert NoteVerifier.parse(text).vkey == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "log.test",
            VECTORS["vkey"].replace("c74f20a3", "c74f20a4"),
            VECTORS["vkey"].replace("PeterNeumann", "PeterNewmann"),
            VECTORS["vkey"][:-4],
            VECTORS["vkey"].replace("+AR", "+AQ"),
            "a b+00000000+" + b64encode(b"\1" + bytes(32)).decode(),
            vkey("x", bytes(32), b"\2"),
        ],
    )
    def test_refuses_malformed_keys(self, text: str) -> None:
        with pytest.raises(NoteError):
            NoteVerifier.parse(text)


class TestNote:
    def test_verifies_a_note_signed_by_go(self) -> None:
        key = NoteVerifier.parse(VECTORS["vkey"])
        assert Note.parse(VECTORS["note"]).verified_by([key]) == [key]

    def test_skips_keys_it_does_not_know(self) -> None:
        assert Note.parse(VECTORS["note"]).verified_by([LOG]) == []

    def test_refuses_a_bad_signature_of_a_known_key(self) -> None:
        note = Note.parse(VECTORS["note"].replace("cryptography", "Cryptography"))
        with pytest.raises(NoteError):
            note.verified_by([NoteVerifier.parse(VECTORS["vkey"])])

    def test_counts_a_key_once_however_often_it_signed(self) -> None:
        text = "a\n"
        assert Note.parse(f"{text}\n{SIGNER.sign(text)}{SIGNER.sign(text)}").verified_by([LOG, LOG]) == [LOG]

    @pytest.mark.parametrize(
        "note",
        [
            "",
            "text\n",
            "text\n\n",
            VECTORS["note"][:-1],
            VECTORS["note"].replace("—", "-"),
            VECTORS["note"].replace("\nthen", "\rthen"),
            VECTORS["note"].replace("AM=\n", "AN=\n"),
            VECTORS["note"] + "\n",
            "a\n\n— name AAAA\n",
            "a\n" * 40_000 + VECTORS["note"],
            "a\n\n" + "— name AAAAAAA=\n" * 65,
        ],
    )
    def test_refuses_what_is_not_a_note(self, note: str) -> None:
        with pytest.raises(NoteError):
            Note.parse(note)

    def test_knows_a_witness_cosignature(self) -> None:
        public = KEY.public_key().public_bytes_raw()
        name, text = "witness.test", checkpoint_text(HEAD)
        identity = key_id(name, public, b"\4")
        signature = KEY.sign(f"cosignature/v1\ntime 1795233600\n{text}".encode())
        line = b64encode(identity + (1795233600).to_bytes(8, "big") + signature).decode()
        witness = NoteVerifier.parse(vkey(name, public, b"\4"))
        assert witness.is_witness
        assert Note.parse(f"{text}\n— {name} {line}\n").verified_by([witness]) == [witness]
        wrong_time = b64encode(identity + (1795233601).to_bytes(8, "big") + signature).decode()
        with pytest.raises(NoteError):
            Note.parse(f"{text}\n— {name} {wrong_time}\n").verified_by([witness])


class TestCheckpoint:
    def test_comes_back(self) -> None:
        note = sign_checkpoint(HEAD, SIGNER)
        assert note.startswith(
            "log.test/cailian\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— log.test/cailian "
        )
        assert open_checkpoint(note, LOG) == HEAD

    def test_tolerates_extension_lines(self) -> None:
        assert parse_checkpoint(checkpoint_text(HEAD) + "more\n") == HEAD

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "log\n7\n",
            checkpoint_text(HEAD)[:-1],
            checkpoint_text(HEAD).replace("\n7\n", "\n07\n"),
            checkpoint_text(HEAD).replace("\n7\n", "\n-7\n"),
            checkpoint_text(HEAD).replace("\n7\n", "\n٧\n"),
            checkpoint_text(HEAD).replace("\n7\n", "\n" + "9" * 30 + "\n"),
            checkpoint_text(HEAD).replace("AAEC", "AAE"),
            "\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
            checkpoint_text(HEAD) + "\n",
        ],
    )
    def test_refuses_another_shape(self, text: str) -> None:
        with pytest.raises(NoteError):
            parse_checkpoint(text)

    def test_refuses_a_checkpoint_of_another_log(self) -> None:
        other = NoteSigner("other.test/log", KEY)
        note = sign_checkpoint(Checkpoint(other.name, 7, bytes(32)), other)
        with pytest.raises(NoteError):
            open_checkpoint(note, LOG)

    def test_refuses_a_checkpoint_the_log_did_not_sign(self) -> None:
        text = checkpoint_text(HEAD)
        stranger = NoteSigner("stranger", KEY)
        with pytest.raises(NoteError):
            open_checkpoint(f"{text}\n{stranger.sign(text)}", LOG)

    def test_signs_under_the_origin_only(self) -> None:
        with pytest.raises(ValueError, match="origin"):
            sign_checkpoint(Checkpoint("other", 0, bytes(32)), SIGNER)
