"""Entries in clear: one spelling for each, and nothing else passes for one."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from ledger import store
from ledger.clear import (
    MAX_LEAF,
    Clear,
    DistrictCheckpoint,
    RegisterPublished,
    clear_leaf,
    is_clear,
    read_clear,
)
from ledger.clock import rfc3339
from ledger.db import Database
from ledger.errors import ClearLeafError, RecordErasedError
from ledger.record import LEAF_SIZE, Record, canonical, seal
from tests.ledger.logs import Log

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
CHECKPOINT = DistrictCheckpoint(AT, "310113", "log.test/310113\n3\nroot\n\n— log.test/310113 sig\n")
REGISTER = RegisterPublished(AT, "duties", 3, "11310113XX00000A2R", "ab" * 32, "cd" * 32)


class TestClearLeaf:
    def test_has_the_published_form(self) -> None:
        assert clear_leaf(REGISTER) == canonical(
            {
                "clear": {
                    "type": "register.published",
                    "time": rfc3339(AT),
                    "register": "duties",
                    "version": 3,
                    "owner": "11310113XX00000A2R",
                    "sha256": "ab" * 32,
                    "sm3": "cd" * 32,
                },
                "v": 1,
            }
        )
        assert json.loads(clear_leaf(CHECKPOINT)) == {
            "clear": {
                "type": "district.checkpoint",
                "time": rfc3339(AT),
                "district": "310113",
                "checkpoint": CHECKPOINT.checkpoint,
            },
            "v": 1,
        }

    @pytest.mark.parametrize("clear", [CHECKPOINT, REGISTER])
    def test_reads_back(self, clear: Clear) -> None:
        assert read_clear(clear_leaf(clear)) == clear

    def test_a_sealed_leaf_is_not_clear(self) -> None:
        leaf = seal(Record({"type": "x"}, {})).leaf
        assert not is_clear(leaf)
        assert is_clear(clear_leaf(REGISTER))
        assert len(clear_leaf(REGISTER)) > LEAF_SIZE
        with pytest.raises(ClearLeafError):
            read_clear(leaf)

    def test_refuses_what_an_entry_bundle_cannot_hold(self) -> None:
        with pytest.raises(ClearLeafError):
            clear_leaf(replace(CHECKPOINT, checkpoint="x" * MAX_LEAF))


class TestReadClear:
    @pytest.mark.parametrize(
        "change",
        [
            lambda value: value | {"v": 2},
            lambda value: value | {"v": True},
            lambda value: value | {"c": "A"},
            lambda value: {"clear": value["clear"]},
            lambda value: {"clear": value["clear"] | {"type": "material.deposited"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"more": 1}, "v": 1},
            lambda value: {"clear": value["clear"] | {"version": 0}, "v": 1},
            lambda value: {"clear": value["clear"] | {"version": "3"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"version": True}, "v": 1},
            lambda value: {"clear": value["clear"] | {"time": "2026-11-21T04:00:00Z"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"time": "2026-11-31T04:00:00.000Z"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"time": 7}, "v": 1},
            lambda value: {"clear": value["clear"] | {"sha256": "AB" * 32}, "v": 1},
            lambda value: {"clear": value["clear"] | {"sm3": "cd"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"owner": "310199 1990"}, "v": 1},
            lambda value: {"clear": value["clear"] | {"register": "../duties"}, "v": 1},
            lambda value: {"clear": None, "v": 1},
            lambda value: {"clear": [], "v": 1},
        ],
    )
    def test_refuses_another_content(self, change: object) -> None:
        value = json.loads(clear_leaf(REGISTER))
        with pytest.raises(ClearLeafError):
            read_clear(canonical(change(value)))  # type: ignore[operator]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'"v":1', b'"v": 1'),
            (b"},", b"} ,"),
            (b'"v":1', b'"v":1.0'),
            (b'{"clear"', b' {"clear"'),
            (b"duties", b"\\u0064uties"),
        ],
    )
    def test_refuses_another_spelling(self, old: bytes, new: bytes) -> None:
        leaf = clear_leaf(REGISTER)
        with pytest.raises(ClearLeafError):
            read_clear(leaf.replace(old, new, 1))

    def test_refuses_a_doubled_member(self) -> None:
        leaf = clear_leaf(REGISTER).replace(b'"register":"duties"', b'"register":"data","register":"duties"')
        with pytest.raises(ClearLeafError):
            read_clear(leaf)

    @given(st.binary(max_size=200))
    def test_never_fails_otherwise(self, raw: bytes) -> None:
        with pytest.raises(ClearLeafError):
            read_clear(raw)

    @given(st.integers(0, 400), st.integers(0, 255))
    def test_one_changed_byte_is_refused_or_another_content(self, at: int, value: int) -> None:
        leaf = bytearray(clear_leaf(REGISTER))
        at %= len(leaf)
        if leaf[at] == value:
            return
        leaf[at] = value
        with suppress(ClearLeafError):
            assert read_clear(bytes(leaf)) != REGISTER


class TestAppendClear:
    def test_has_no_record(self, database: Database) -> None:
        log = Log(database)
        with database.unit() as db:
            promise = log.evidence.append_clear(db, REGISTER)
        assert promise.leaf == clear_leaf(REGISTER)
        promise.verify(log.key)
        log.integrate()
        with database.unit() as db:
            assert store.entry(db, promise.entry_id).index == 0
            with pytest.raises(RecordErasedError):
                store.record(db, promise.entry_id)
