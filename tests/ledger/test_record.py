"""Canonical JSON against RFC 8785, and commitments that open wholly, partly, or not at all."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, strategies as st

from ledger.errors import CommitmentError, NotCanonicalError
from ledger.record import LEAF_SIZE, Opening, Part, Record, canonical, open_leaf, seal

VECTOR = Path(__file__).parents[1] / "vectors/ledger/leaf.json"

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
RECORDS = st.builds(
    Record,
    st.fixed_dictionaries({"type": st.sampled_from(["material.deposited", "use.intended", "x"]), "time": TEXT}),
    st.dictionaries(KEYS, VALUES, max_size=4),
)


class TestCanonical:
    @given(VALUES)
    def test_equals_rfc_8785(self, value: Any) -> None:
        assert canonical(value) == rfc8785.dumps(value)

    @given(VALUES)
    def test_comes_back_from_any_spelling(self, value: Any) -> None:
        assert canonical(json.loads(json.dumps(value, indent=3))) == canonical(value)

    @pytest.mark.parametrize(
        "value",
        [1.0, float("nan"), 2**53, -(2**53), {"键": 1}, {1: 2}, ("a",), b"a", "\ud800", {"a": [{"b": 0.5}]}, object()],
    )
    def test_refuses_what_is_outside_the_subset(self, value: object) -> None:
        with pytest.raises(NotCanonicalError):
            canonical(value)

    def test_refuses_nesting_without_end(self) -> None:
        value: list[Any] = []
        value.append(value)
        with pytest.raises(NotCanonicalError):
            canonical(value)


class TestSeal:
    def test_pins_version_1(self) -> None:
        vector = json.loads(VECTOR.read_text())
        sealed = seal(Record(vector["fact"], vector["parties"]), bytes(range(48)))
        assert sealed.leaf.decode() == vector["leaf"]

    def test_is_the_construction_of_the_design(self) -> None:
        salts = bytes(range(48))
        sealed = seal(Record({"type": "a"}, {"case": "b"}), salts)
        fact = sha256(b"cailian/fact/v1\0" + salts[16:32] + b'{"type":"a"}').hexdigest()
        parties = sha256(b"cailian/parties/v1\0" + salts[32:] + b'{"case":"b"}').hexdigest()
        inner = rfc8785.dumps({"fact": fact, "parties": parties, "v": 1})
        c = urlsafe_b64decode(json.loads(sealed.leaf)["c"] + "=")
        assert c == sha256(b"cailian/record/v1\0" + salts[:16] + inner).digest()
        assert sealed.leaf == rfc8785.dumps(json.loads(sealed.leaf))

    @given(RECORDS)
    def test_every_type_has_a_leaf_of_one_length(self, record: Record) -> None:
        leaf = seal(record).leaf
        assert len(leaf) == LEAF_SIZE
        assert set(json.loads(leaf)) == {"c", "v"}

    def test_one_record_twice_has_two_leaves(self) -> None:
        record = Record({"type": "a"}, {})
        assert seal(record).leaf != seal(record).leaf

    def test_refuses_a_record_outside_the_subset(self) -> None:
        with pytest.raises(NotCanonicalError):
            seal(Record({"type": "a", "size": 1.5}, {}))


class TestOpenLeaf:
    RECORD = Record({"type": "use.intended", "time": "2026-11-21T04:00:00.000Z"}, {"case": "C-1"})

    def openings(self) -> dict[str, tuple[bytes, Opening]]:
        sealed = seal(self.RECORD)
        whole = Opening.of(sealed.fact, sealed.parties, sealed.salts)
        fact_only = Opening.of(sealed.fact, sealed.parties, sealed.salts, hide_parties=True)
        assert isinstance(fact_only.parties, bytes)
        bare = sha256(b"cailian/fact/v1\0" + sealed.salts[16:32] + sealed.fact).digest()
        return {
            "whole": (sealed.leaf, whole),
            "fact only": (sealed.leaf, fact_only),
            "parties only": (sealed.leaf, Opening(whole.salt, bare, whole.parties)),
        }

    @pytest.mark.parametrize("name", ["whole", "fact only", "parties only"])
    def test_opens(self, name: str) -> None:
        open_leaf(*self.openings()[name])

    @pytest.mark.parametrize("name", ["whole", "fact only", "parties only"])
    def test_refuses_every_changed_byte(self, name: str) -> None:
        leaf, opening = self.openings()[name]
        for changed_leaf, changed in changes(leaf, opening):
            with pytest.raises(CommitmentError):
                open_leaf(changed_leaf, changed)

    def test_hides_the_parties_from_who_sees_the_fact(self) -> None:
        _, opening = self.openings()["fact only"]
        assert b"C-1" not in repr(opening).encode()

    def test_refuses_a_border_moved_between_salt_and_content(self) -> None:
        leaf, opening = self.openings()["whole"]
        assert isinstance(opening.fact, Part)
        moved = Part(opening.fact.salt + opening.fact.content[:1], opening.fact.content[1:])
        with pytest.raises(CommitmentError):
            open_leaf(leaf, Opening(opening.salt, moved, opening.parties))


def changes(leaf: bytes, opening: Opening) -> list[tuple[bytes, Opening]]:
    found = [(other, opening) for other in flips(leaf)]
    found += [(leaf, Opening(other, opening.fact, opening.parties)) for other in flips(opening.salt)]
    for part in parts(opening.fact):
        found.append((leaf, Opening(opening.salt, part, opening.parties)))
    for part in parts(opening.parties):
        found.append((leaf, Opening(opening.salt, opening.fact, part)))
    return found


def parts(held: Part | bytes) -> list[Part | bytes]:
    if isinstance(held, bytes):
        return list(flips(held))
    return [*(Part(s, held.content) for s in flips(held.salt)), *(Part(held.salt, c) for c in flips(held.content))]


def flips(raw: bytes) -> list[bytes]:
    return [raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] for at in range(len(raw))]
