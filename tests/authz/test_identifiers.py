"""Identity codes: the vectors of DOMAIN (d), and python-stdnum as oracle."""

from typing import Any

import pytest
from hypothesis import given, strategies as st
from stdnum.cn import ric

from authz.errors import InvalidIdentityError
from authz.identifiers import check_organisation, check_person, names_a_person
from authz.model import Identifier

PEOPLE = [
    "11010519491231002X",  # GB 11643's own samples
    "440524188001010014",
    "310199199001010018",  # synthetic, division 310199
    "31019919991231002X",
    "31019919900128027X",
]
ORGANISATIONS = [
    "91110000600037341L",
    "91350100M000100Y43",
    "91310113XX0000019X",
    "91310118XX00000271",
    "91320509XX0000035K",
    "92330421XX0000043M",
    "11310113XX00000A2R",
    "11310118XX00000B0W",
]
DIGITS = "0123456789"
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def problem(check: Any, code: Any) -> Any:
    with pytest.raises(InvalidIdentityError) as raised:
        check(code)
    assert not code or code not in str(raised.value)
    return raised.value.fields["problem"]


class TestCheckPerson:
    @pytest.mark.parametrize("code", PEOPLE)
    def test_accepts_vector(self, code: Any) -> None:
        check_person(code)

    @pytest.mark.parametrize("code", PEOPLE)
    def test_refuses_every_single_wrong_character(self, code: Any) -> None:
        for place in range(18):
            for other in DIGITS + ("X" if place == 17 else ""):
                if other != code[place]:
                    problem(check_person, code[:place] + other + code[place + 1 :])

    @pytest.mark.parametrize("code", PEOPLE)
    def test_refuses_swapped_neighbours(self, code: Any) -> None:
        for place in range(16):
            if code[place] != code[place + 1]:
                problem(check_person, code[:place] + code[place + 1] + code[place] + code[place + 2 :])

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("31019919900230001", "date"),  # 30 February
            ("31019919901301001", "date"),
            ("31019918491231001", "date"),
            ("10019919900101001", "division"),
            ("00000019900101001", "division"),
        ],
    )
    def test_checks_date_and_division_before_the_check_character(self, body: Any, said: Any) -> None:
        assert problem(check_person, body + ric.calc_check_digit(body + "0")) == said

    @pytest.mark.parametrize(
        "code", ["", "31019919900101001", "310199199001010018 ", "31019919900128027x", "３10199199001010018"]
    )
    def test_refuses_another_form(self, code: Any) -> None:
        assert problem(check_person, code) == "form"

    @given(st.dates().filter(lambda day: day.year >= 1850), st.integers(0, 999))
    def test_agrees_with_stdnum_on_the_check_character(self, day: Any, serial: Any) -> None:
        body = f"310199{day:%Y%m%d}{serial:03d}" if day.year > 999 else ""
        right = ric.calc_check_digit(body + "0")
        for character in "0123456789X":
            if character == right:
                check_person(body + character)
            else:
                assert problem(check_person, body + character) == "check"


class TestCheckOrganisation:
    @pytest.mark.parametrize("code", ORGANISATIONS)
    def test_accepts_vector(self, code: Any) -> None:
        check_organisation(code)

    @pytest.mark.parametrize("code", ORGANISATIONS)
    def test_refuses_every_single_wrong_character(self, code: Any) -> None:
        for place in range(18):
            for other in USCC:
                if other != code[place]:
                    problem(check_organisation, code[:place] + other + code[place + 1 :])

    def test_refuses_a_wrong_inner_organisation_code_under_a_right_outer_check(self) -> None:
        # The inner check character of 91310113XX0000019X changed, then the outer one computed anew (31 - sum mod 31).
        weights = [3**i % 31 for i in range(17)]
        inner = "91310113XX0000018"
        outer = USCC[-sum(w * USCC.index(c) for w, c in zip(weights, inner, strict=True)) % 31]
        assert problem(check_organisation, inner + outer) == "organisation-check"

    @pytest.mark.parametrize("code", ["91310113MA1ABCDE0X", "91310113XX0000019x", "9131O113XX0000019X", "", "9" * 19])
    def test_refuses_invalid_vector(self, code: Any) -> None:
        problem(check_organisation, code)


class TestIdentifier:
    def test_hides_the_code(self) -> None:
        assert "310199199001010018" not in repr(Identifier("111", "310199199001010018"))

    @pytest.mark.parametrize(
        ("type_", "code", "country"),
        [
            ("111", "310199199001010019", "156"),
            ("001", "91310113MA1ABCDE0X", "156"),
            ("414", "e1234567", "156"),
            ("414", "../etc/passwd", "156"),
            ("999", "", "156"),
            ("999", "A" * 300, "156"),
            ("11", "310199199001010018", "156"),
            ("__class__", "x", "156"),
            ("414", "E1234567", "CHN"),
        ],
    )
    def test_refuses(self, type_: Any, code: Any, country: Any) -> None:
        with pytest.raises(InvalidIdentityError):
            Identifier(type_, code, country)

    def test_login_is_of_its_issuer(self) -> None:
        assert Identifier.oidc("https://a", "s") != Identifier.oidc("https://b", "s")


class TestNamesAPerson:
    @pytest.mark.parametrize("text", ["审查 310199199001010018", "call 13800000000", "a31019919900128027xb"])
    def test_finds(self, text: Any) -> None:
        assert names_a_person(text)

    @pytest.mark.parametrize("text", ["食品经营许可新办审查", "310118202611210000010", "2026-11-21", "12345678901"])
    def test_leaves_alone(self, text: Any) -> None:
        assert not names_a_person(text)
