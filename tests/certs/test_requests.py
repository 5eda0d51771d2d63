"""What holders sign: one canonical form, and nothing else passes as it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from certs.errors import InvalidRequestError
from certs.requests import ACTIONS, HolderRequest
from ledger.ids import new_id

SUBJECT = "019a0000-0000-7000-8000-000000000000"
ORG = "11310118XX00000B0W"
SHOW = {"org": ORG, "counter": "3", "fields": ["name", "sex"]}
KEY = {"kty": "EC", "crv": "P-256", "x": "x" * 43, "y": "y" * 43}
GOOD: dict[str, dict[str, Any]] = {
    "show": SHOW,
    "dispute": {"claim": "住址有误", "fields": []},
    "credential": {"key": KEY},
}

MEMBERS = ["v", "type", "action", "id", "subject", "terms"]
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
    | st.sampled_from([1, "cailian/request", "show", SUBJECT])
)


def make(action: str = "show", **changes: Any) -> HolderRequest:
    terms = GOOD.get(action, {})
    whole = {"action": action, "id": new_id(), "subject": SUBJECT, "terms": terms} | changes
    return HolderRequest(**whole)


class TestForm:
    def test_reads_what_it_writes(self) -> None:
        for action in ("show", "print-code", "dispute", "credential"):
            made = make(action)
            assert HolderRequest.read(json.loads(made.encode()), action) == made

    def test_digest_differs_for_every_request(self) -> None:
        assert len({make().digest for _ in range(50)}) == 50

    @pytest.mark.parametrize(
        ("action", "terms"),
        [
            ("show", {}),
            ("show", SHOW | {"more": 1}),
            ("show", SHOW | {"org": "91310113MA1ABCDE0X"}),
            ("show", SHOW | {"org": None}),
            ("show", SHOW | {"counter": "a b"}),
            ("show", SHOW | {"counter": 3}),
            ("show", SHOW | {"fields": []}),
            ("show", SHOW | {"fields": ["sex", "name"]}),
            ("show", SHOW | {"fields": ["name", "name"]}),
            ("show", SHOW | {"fields": ["name:clear"]}),
            ("show", SHOW | {"fields": "name"}),
            ("dispute", {"claim": " ", "fields": []}),
            ("dispute", {"claim": "x" * 2001, "fields": []}),
            ("dispute", {"claim": "a\0b", "fields": []}),
            ("dispute", {"claim": "\ud800", "fields": []}),
            ("credential", {"key": KEY | {"d": "private"}}),
            ("credential", {"key": KEY | {"x": 1}}),
            ("print-code", {"x": 1}),
            ("nothing", {}),
            ("show", None),
        ],
    )
    def test_refuses_other_terms(self, action: str, terms: Any) -> None:
        with pytest.raises(InvalidRequestError):
            make(action, terms=terms).encode()

    @pytest.mark.parametrize("member", ["id", "subject"])
    @pytest.mark.parametrize("value", ["1", SUBJECT.replace("a", "A"), SUBJECT + "\n", None, 1, ""])
    def test_refuses_other_ids(self, member: str, value: Any) -> None:
        with pytest.raises(InvalidRequestError):
            make(**{member: value})

    def test_an_inbox_is_about_itself(self) -> None:
        with pytest.raises(InvalidRequestError):
            make("inbox")
        own = new_id()
        assert make("inbox", id=own, subject=own).action == "inbox"

    def test_is_about_what_the_address_names(self) -> None:
        make().check_subject(SUBJECT)
        with pytest.raises(InvalidRequestError):
            make().check_subject(new_id())


class TestFresh:
    """By the time in the id: its first 48 bits, milliseconds since 1970."""

    NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)

    def of(self, milliseconds: int, version: str = "7") -> HolderRequest:
        text = f"{milliseconds:012x}"
        return make(id=f"{text[:8]}-{text[8:]}-{version}fff-8fff-ffffffffffff")

    @pytest.mark.parametrize("seconds", [-10, 0, 300])
    def test_is_what_was_made_just_now(self, seconds: int) -> None:
        self.of(int(self.NOW.timestamp()) * 1000 - seconds * 1000).check_fresh(self.NOW)

    @pytest.mark.parametrize("milliseconds", [-10_001, 300_001])
    def test_is_nothing_else(self, milliseconds: int) -> None:
        with pytest.raises(InvalidRequestError):
            self.of(int(self.NOW.timestamp()) * 1000 - milliseconds).check_fresh(self.NOW)

    def test_no_time_at_all(self) -> None:
        with pytest.raises(InvalidRequestError):
            self.of(int(self.NOW.timestamp()) * 1000, "4").check_fresh(self.NOW)

    @pytest.mark.parametrize("milliseconds", [0, (1 << 48) - 1])
    def test_ends_of_the_scale_are_refused_like_any_other_time(self, milliseconds: int) -> None:
        """The last is in the year 10889, which no datetime holds."""
        with pytest.raises(InvalidRequestError):
            self.of(milliseconds).check_fresh(self.NOW)


class TestRead:
    @pytest.mark.parametrize(
        "change", [{"v": 2}, {"v": True}, {"v": "1"}, {"type": "cailian/grant"}, {"extra": 1}, {"action": "dispute"}]
    )
    def test_refuses_another_form(self, change: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequestError):
            HolderRequest.read(make().document() | change, "show")

    @pytest.mark.parametrize("missing", ["v", "type", "action", "id", "subject", "terms"])
    def test_refuses_a_missing_member(self, missing: str) -> None:
        document = {name: value for name, value in make().document().items() if name != missing}
        with pytest.raises(InvalidRequestError):
            HolderRequest.read(document, "show")

    @given(st.dictionaries(st.sampled_from(MEMBERS), ANYTHING))
    def test_anything_else_is_refused_and_nothing_breaks(self, document: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequestError):
            HolderRequest.read(document, *ACTIONS)
