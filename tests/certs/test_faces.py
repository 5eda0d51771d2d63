"""Face data: what a type lets stand on a licence, and how it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from authz.errors import InvalidIdentityError, SealBrokenError
from authz.vault import IdentityVault
from certs.catalogue import LicenceCatalogue
from certs.errors import FaceInvalidError, HolderKindError
from certs.faces import Content, check_face, check_holders, contradictions
from tests.certs.world import CHEN, FACES, FIRM, LIN, OTHER_FIRM

TYPES = LicenceCatalogue.load().types
ONE, OTHER = "0194e5a0-0000-7000-8000-000000000001", "0194e5a0-0000-7000-8000-000000000002"


class TestCheckFace:
    @pytest.mark.parametrize("code", sorted(set(FACES) - {"LT26"}))
    def test_takes_a_good_face(self, code: str) -> None:
        held = check_face(TYPES[code], FACES[code])
        assert held.keys() == FACES[code].keys()

    def test_normalises_text(self) -> None:
        held = check_face(TYPES["LT12"], FACES["LT12"] | {"supervisor": "  Cafe\u0301 ", "business_items": " x "})
        assert (held["supervisor"], held["business_items"]) == ("Caf\u00e9", "x")

    def test_leaves_out_what_is_empty(self) -> None:
        assert "supervisor" not in check_face(TYPES["LT12"], FACES["LT12"] | {"supervisor": " "})

    @pytest.mark.parametrize(
        ("code", "changes", "problem"),
        [
            ("LT01", {"unknown": "x"}, "unknown field"),
            ("LT01", {"domicile": ""}, "missing"),
            ("LT01", {"domicile": ["a"]}, "a list"),
            ("LT10", {"right_holders": "a"}, "a list"),
            ("LT10", {"right_holders": []}, "missing"),
            ("LT10", {"right_holders": ["a"] * 201}, "too many"),
            ("LT01", {"established_on": "2025-02-30"}, "not a date"),
            ("LT01", {"established_on": "20250228"}, "not a date"),
            ("LT10", {"area": "88.6 m2"}, "not a number"),
            ("LT01", {"business_scope": "x" * 4001}, "too long"),
            ("LT01", {"business_scope": "a\u202eb"}, "too long"),
            ("LT01", {"business_scope": "a\0b"}, "too long"),
            ("LT08", {"code_a": "310199199001010019"}, "fails its check"),
            ("LT08", {"code_a": "??"}, "not an identity code"),
        ],
    )
    def test_refuses(self, code: str, changes: dict[str, Any], problem: str) -> None:
        with pytest.raises(FaceInvalidError) as refused:
            check_face(TYPES[code], FACES[code] | changes)
        assert problem in str(refused.value.fields["problem"])
        assert not any(value and str(value) in str(refused.value) for value in changes.values() if value != "a")


class TestCheckHolders:
    def test_tells_the_kind(self) -> None:
        assert check_holders(TYPES["LT01"], [FIRM]) == "organisation"
        assert check_holders(TYPES["LT08"], [CHEN, LIN]) == "person"
        assert check_holders(TYPES["LT10"], [CHEN, FIRM]) == "mixed"

    @pytest.mark.parametrize(
        ("code", "holders"),
        [
            ("LT01", [CHEN]),
            ("LT05", [FIRM]),
            ("LT01", [FIRM, OTHER_FIRM]),
            ("LT01", []),
            ("LT08", [CHEN]),
            ("LT10", [CHEN, CHEN]),
        ],
    )
    def test_refuses(self, code: str, holders: list[Any]) -> None:
        with pytest.raises(HolderKindError):
            check_holders(TYPES[code], holders)

    def test_refuses_a_bad_check_digit(self) -> None:
        with pytest.raises(InvalidIdentityError):
            check_holders(TYPES["LT05"], [("陈安澜", "111", "310199199001010019")])


class TestContradictions:
    def test_finds_none_on_a_good_card(self) -> None:
        assert contradictions([CHEN], FACES["LT05"]) == []

    @pytest.mark.parametrize(("field", "value"), [("name", "陈"), ("born_on", "1990-01-02"), ("sex", "女")])
    def test_finds(self, field: str, value: str) -> None:
        assert contradictions([CHEN], FACES["LT05"] | {field: value}) == [field]


class TestContent:
    def vault(self) -> IdentityVault:
        return IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32)

    def test_opens_what_it_shut(self) -> None:
        held = Content.fresh((CHEN,), check_face(TYPES["LT10"], FACES["LT10"]))
        sealed = held.shut(self.vault(), ONE)
        assert CHEN[0].encode() not in sealed
        assert Content.open(self.vault(), sealed, ONE) == held

    def test_does_not_open_in_another_row(self) -> None:
        sealed = Content.fresh((CHEN,), {}).shut(self.vault(), ONE)
        with pytest.raises(SealBrokenError):
            Content.open(self.vault(), sealed, OTHER)

    def test_digests_cannot_be_guessed(self) -> None:
        one, other = Content.fresh((CHEN,), {"name": "a"}), Content.fresh((CHEN,), {"name": "a"})
        assert one.digests() != other.digests()
        assert one.digests()[0] == one.sha256()

    def test_digests_cover_face_and_holders(self) -> None:
        base = Content((CHEN,), {"name": "a"}, b"s" * 16)
        for changed in (Content((LIN,), {"name": "a"}, b"s" * 16), Content((CHEN,), {"name": "b"}, b"s" * 16)):
            assert changed.sha256() != base.sha256()
