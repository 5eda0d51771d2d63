"""Evidence against a log: convicts a liar from the file alone, and nobody else (RELIABILITY L2)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.equivocation import Equivocation, Kind, examine, gather
from ledger.errors import EquivocationFormatError, NoteError
from ledger.note import NoteVerifier
from tests.ledger.witnesses import ToyLog

LOG = ToyLog()
KEY = NoteVerifier.parse(LOG.vkey)
HONEST, FORKED = LOG.honest, LOG.forked
VECTORS = Path(__file__).parents[1] / "vectors" / "equivocation"


def path(old: int, new: int) -> tuple[bytes, ...]:
    """The forked tree's consistency proof with the hash that a power of two leaves out."""
    seed = [FORKED.hash(0, old)] if old & (old - 1) == 0 else []
    return (*seed, *FORKED.proof(old, new))


def fork(old: int, new: int) -> Equivocation:
    return Equivocation(KEY, (LOG.note(old), LOG.note(new, FORKED)), path(old, new))


def vectors() -> dict[str, dict[str, Any]]:
    """The files of tests/vectors/equivocation by name."""
    stranger = ToyLog(seed=8)
    power = fork(4, 9)
    return {
        "same-size": Equivocation(KEY, (LOG.note(5), LOG.note(5, FORKED))).to_json(),
        "inconsistent": fork(5, 9).to_json(),
        "inconsistent-power-of-two": power.to_json(),
        "unproven-power-of-two": replace(power, path=power.path[1:]).to_json(),
        "unproven-honest": Equivocation(KEY, (LOG.note(5), LOG.note(9)), path(5, 9)).to_json(),
        "broken-forged-signature": Equivocation(KEY, (LOG.note(5), stranger.note(5, FORKED))).to_json(),
        "broken-order": Equivocation(KEY, (LOG.note(9, FORKED), LOG.note(5)), path(5, 9)).to_json(),
        "broken-version": fork(5, 9).to_json() | {"version": 2},
    }


class TestVectors:
    @pytest.mark.parametrize("name", list(vectors()))
    def test_show_what_their_name_says(self, name: str) -> None:
        raw = (VECTORS / f"{name}.json").read_bytes()
        assert json.loads(raw) == vectors()[name]
        if name.startswith("broken-"):
            with pytest.raises((EquivocationFormatError, NoteError)):
                examine(Equivocation.parse(raw))
        else:
            assert name.startswith(examine(Equivocation.parse(raw)).kind)

    def test_are_all_named_on_their_page(self) -> None:
        files = {path.name for path in VECTORS.glob("*.json")}
        page = (VECTORS / "README.md").read_text("utf-8")
        assert files == {f"{name}.json" for name in vectors()} == set(re.findall(r"`([a-z-]+\.json)`", page))


class TestExamine:
    def test_two_trees_of_one_size(self) -> None:
        found = examine(Equivocation(KEY, (LOG.note(5), LOG.note(5, FORKED))))
        assert (found.kind, found.older.root, found.newer.root) == (Kind.same_size, HONEST.root(5), FORKED.root(5))

    @given(st.data())
    @settings(deadline=None)
    def test_two_sizes_of_two_trees(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(2, 300))
        assert examine(fork(data.draw(st.integers(1, new - 1)), new)).kind is Kind.inconsistent

    @given(st.data())
    @settings(deadline=None)
    def test_never_convicts_an_honest_log(self, data: st.DataObject) -> None:
        """Whoever writes the path: with honest checkpoints it shows nothing, however it is changed."""
        new = data.draw(st.integers(2, 300))
        old = data.draw(st.integers(1, new - 1))
        seed = [HONEST.hash(0, old)] if old & (old - 1) == 0 else []
        whole = [*seed, *HONEST.proof(old, new)]
        strange = data.draw(st.lists(st.sampled_from([*whole, *path(old, new), bytes(32)]), max_size=12))
        for each in (whole, strange, path(old, new), whole[1:], ()):
            held = Equivocation(KEY, (LOG.note(old), LOG.note(new)), tuple(each))
            assert examine(held).kind is Kind.unproven
        assert examine(Equivocation(KEY, (LOG.note(old), LOG.note(old)))).kind is Kind.unproven

    def test_a_lie_needs_its_path(self) -> None:
        whole = fork(5, 9)
        for broken in ((), whole.path[1:], whole.path[:-1], (*whole.path, bytes(32))):
            assert examine(replace(whole, path=broken)).kind is Kind.unproven

    def test_convicts_nobody_who_did_not_sign(self) -> None:
        """A forged checkpoint beside a true one: evidence of nothing, and refused."""
        other = ToyLog(seed=8)
        for notes in (
            (LOG.note(5), other.note(5, FORKED)),
            (other.note(5), LOG.note(5, FORKED)),
            (LOG.note(5), ToyLog("other.test/log").note(5, FORKED)),
            (LOG.note(5), LOG.note(5, FORKED).replace("\n5\n", "\n6\n")),
        ):
            with pytest.raises(NoteError):
                examine(Equivocation(KEY, notes))

    def test_wants_the_smaller_first(self) -> None:
        with pytest.raises(EquivocationFormatError):
            examine(Equivocation(KEY, (LOG.note(9), LOG.note(5, FORKED)), path(5, 9)))


class TestGather:
    def test_puts_the_smaller_first(self) -> None:
        held = gather(KEY, (LOG.note(9, FORKED), LOG.note(5)), FORKED.proof(5, 9))
        assert examine(held).kind is Kind.inconsistent
        assert examine(gather(KEY, (LOG.note(5), LOG.note(5, FORKED)), [bytes(32)])).kind is Kind.same_size

    def test_refuses_what_the_log_did_not_sign(self) -> None:
        with pytest.raises(NoteError):
            gather(KEY, (LOG.note(5), ToyLog(seed=8).note(5, FORKED)))


class TestParse:
    def test_reads_what_it_writes(self) -> None:
        held = fork(5, 9)
        assert Equivocation.parse(held.encode().encode()) == held

    @pytest.mark.parametrize(
        "change",
        [
            {"format": "cailian-evidence"},
            {"version": 2},
            {"version": True},
            {"log": "x"},
            {"log": None},
            {"checkpoints": ["x"]},
            {"checkpoints": [1, 2]},
            {"checkpoints": "xy"},
            {"path": ["AAAA"]},
            {"path": [None]},
            {"path": None},
            {"path": ["PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="] * 65},
            {"more": 1},
        ],
    )
    def test_refuses_another_form(self, change: dict[str, object]) -> None:
        with pytest.raises(EquivocationFormatError):
            Equivocation.parse(json.dumps(fork(5, 9).to_json() | change).encode())

    @pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b'{"format": 1, "format": 2}', b"x" * 300_000])
    def test_refuses_what_is_no_json(self, raw: bytes) -> None:
        with pytest.raises(EquivocationFormatError):
            Equivocation.parse(raw)

    @given(st.data())
    @settings(deadline=None, max_examples=300)
    def test_no_flipped_byte_convicts_an_honest_log(self, data: st.DataObject) -> None:
        raw = bytearray(Equivocation(KEY, (LOG.note(5), LOG.note(9)), path(5, 9)).encode().encode())
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        try:
            assert examine(Equivocation.parse(bytes(raw))).kind is Kind.unproven
        except (EquivocationFormatError, NoteError):
            return


if __name__ == "__main__":
    for name, content in vectors().items():
        (VECTORS / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
