"""`.tlog-proof` files: written and read to the letter, and refused at the step that an attack breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from ledger import proofs
from ledger.errors import EntryNotFoundError, EntryNotPublishedError, NoteError, ProofError
from ledger.ids import new_id
from ledger.merkle import LeafNodes, inclusion_proof, leaf_hash, root
from ledger.model import Checkpoint
from ledger.note import Note, NoteSigner, NoteVerifier, sign_checkpoint
from ledger.tlogproof import TlogProof, check, verify
from ledger.trust import LogKey, Trust
from ledger.witness import Cosigning
from tests.ledger.logs import Log
from tests.ledger.witnesses import NOW, ToyLog, cosigner, in_memory, listening

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.db import Database

SIGNER = ToyLog().signer
LOG = NoteVerifier.parse(SIGNER.vkey)
ENTRIES = [f"entry {number}".encode() for number in range(11)]
NODES = LeafNodes([leaf_hash(entry) for entry in ENTRIES])
WITNESSES = (cosigner(1), cosigner(2))
TRUST = Trust((LogKey(LOG),), tuple(each.verifier for each in WITNESSES), quorum=1)


def proof(index: int = 6, size: int = 11, signer: NoteSigner = SIGNER, *, cosigned: int = 1) -> TlogProof:
    note = sign_checkpoint(Checkpoint(signer.name, size, root(NODES, size)), signer)
    lines = [each.cosign(Note.parse(note).text, NOW) for each in WITNESSES[:cosigned]]
    return TlogProof(index, tuple(inclusion_proof(NODES, index, size)), note + "".join(lines), ENTRIES[index])


class TestFormat:
    def test_is_that_of_the_standard(self) -> None:
        lines = proof(index=6).encode().split("\n")
        assert lines[0] == "c2sp.org/tlog-proof@v1"
        assert lines[1] == "extra ZW50cnkgNg=="
        assert lines[2] == "index 6"
        assert [len(line) for line in lines[3:8]] == [44, 44, 44, 44, 0]
        assert lines[8:10] == ["toy.test/log", "11"]

    @pytest.mark.parametrize("extra", [None, b"", b"x"])
    def test_reads_what_it_writes(self, extra: bytes | None) -> None:
        for index, size in ((0, 1), (0, 11), (10, 11), (6, 8)):
            made = replace(proof(index, size), extra=extra)
            assert TlogProof.parse(made.encode().encode()) == made

    @given(st.data())
    def test_has_one_spelling(self, data: st.DataObject) -> None:
        raw = bytearray(proof().encode().encode())
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        try:
            read = TlogProof.parse(bytes(raw))
        except NoteError:
            return
        assert read.encode().encode() == bytes(raw)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("proof@v1", "proof@v2"),
            ("index 6", "index 06"),
            ("index 6", "index -6"),
            ("index 6\n", ""),
            ("index 6", "index 6 "),
            ("extra ", "extras "),
            ("extra ZW50cnkgNg==", "extra ZW50cnkgNh=="),
            ("\n\n", "\n"),
            ("c2sp", "\ufeffc2sp"),
        ],
    )
    def test_refuses_another_form(self, old: str, new: str) -> None:
        text = proof().encode()
        assert old in text
        with pytest.raises(NoteError):
            verify(TlogProof.parse(text.replace(old, new, 1).encode()), ENTRIES[6], TRUST)

    def test_refuses_a_huge_one(self) -> None:
        with pytest.raises(NoteError, match="too large"):
            TlogProof.parse(proof().encode().encode() + b"x" * 200_000)
        with pytest.raises(NoteError, match="too many"):
            TlogProof.parse(replace(proof(), path=(bytes(32),) * 64).encode().encode())


class TestVerify:
    def test_every_entry(self) -> None:
        for size in range(1, 12):
            for index in range(size):
                assert verify(proof(index, size), ENTRIES[index], TRUST).size == size

    def test_refuses_another_entry(self) -> None:
        """Step 1 and 4: a proof about something else, also when `extra` tells the lie."""
        with pytest.raises(ProofError):
            verify(proof(), ENTRIES[5], TRUST)
        lying = replace(proof(), extra=b"forged")
        with pytest.raises(ProofError):
            verify(lying, lying.extra or b"", TRUST)

    def test_refuses_another_log(self) -> None:
        """Step 2."""
        for stranger in (ToyLog(seed=8).signer, ToyLog("stranger.test/log").signer):
            with pytest.raises(NoteError, match="trust file"):
                verify(proof(signer=stranger), ENTRIES[6], TRUST)

    def test_a_retired_key_is_good_up_to_its_size(self) -> None:
        retired = replace(TRUST, logs=(LogKey(LOG, until_size=8),))
        verify(proof(6, 8), ENTRIES[6], retired)
        with pytest.raises(NoteError, match="trust file"):
            verify(proof(6, 9), ENTRIES[6], retired)

    def test_refuses_without_the_quorum(self) -> None:
        """Step 3; the log's own signature and one witness twice do not count."""
        with pytest.raises(NoteError, match="0 of 1"):
            verify(proof(cosigned=0), ENTRIES[6], TRUST)
        with pytest.raises(NoteError, match="1 of 2"):
            verify(proof(cosigned=1), ENTRIES[6], replace(TRUST, quorum=2))
        held = proof(cosigned=1)
        twice = replace(
            held, checkpoint=held.checkpoint + WITNESSES[0].cosign(Note.parse(held.checkpoint).text, NOW + 1)
        )
        with pytest.raises(NoteError, match="1 of 2"):
            verify(twice, ENTRIES[6], replace(TRUST, quorum=2))
        verify(proof(cosigned=2), ENTRIES[6], replace(TRUST, quorum=2))

    def test_refuses_every_changed_path(self) -> None:
        """Step 4."""
        held = proof()
        for path in (held.path[:-1], (*held.path, bytes(32)), held.path[::-1], ()):
            with pytest.raises(ProofError):
                verify(replace(held, path=path), ENTRIES[6], TRUST)
        for index in (5, 7, 11, 1 << 60):
            with pytest.raises(ProofError):
                verify(replace(held, index=index), ENTRIES[6], TRUST)

    def test_check_asks_for_no_signature(self) -> None:
        assert check(proof(signer=ToyLog(seed=8).signer), ENTRIES[6]).size == 11
        with pytest.raises(ProofError):
            check(proof(), ENTRIES[5])


class TestTlogProof:
    """`proofs.tlog_proof`, from a log in a database."""

    def test_of_every_entry(self, database: Database) -> None:
        log = Log(database)
        ids = log.append(5)
        log.integrate()
        ids += log.append(300)
        log.integrate()
        trust = Trust((LogKey(log.key),))
        for number, entry_id in enumerate(ids):
            with database.unit() as db:
                made = proofs.tlog_proof(db, entry_id, 0)
            assert made.extra is not None
            head = verify(TlogProof.parse(made.encode().encode()), made.extra, trust)
            assert (made.index, head.size) == (number, 5 if number < 5 else 305)  # the first that covers it

    def test_waits_for_publication(self, database: Database, tmp_path: Path) -> None:
        log = Log(database, quorum=1)
        [entry_id] = log.append(1)
        with database.unit() as db, pytest.raises(EntryNotPublishedError):
            proofs.tlog_proof(db, entry_id, 1)
        log.integrate()
        with database.unit() as db, pytest.raises(EntryNotPublishedError):
            proofs.tlog_proof(db, entry_id, 1)
        with database.unit() as db, pytest.raises(EntryNotFoundError):
            proofs.tlog_proof(db, new_id(), 1)
        with listening(in_memory(tmp_path, [log.key.vkey])) as seat:
            asking = Cosigning(database, log.line, log.clock, log.key, [seat], 1)
            asking.look()
            assert asking.serve(seat)
        with database.unit() as db:
            made = proofs.tlog_proof(db, entry_id, 1)
        assert made.extra is not None
        assert verify(made, made.extra, Trust((LogKey(log.key),), (seat.key,), 1)).size == 1
