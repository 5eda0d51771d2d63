"""Licence ids: the check character finds every single error and every swap; public samples pass (DOMAIN d)."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from stdnum.iso7064 import mod_37_36

from certs.errors import LicenceIdError
from certs.licenceid import ARC, LicenceId, check_character

PUBLIC = [
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000MB03271699022.340100.000000016.001.9",
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013338W032.11220000013544541J.2430599.001.F",
]
"""Ids of licences other places published; the issuer of the second is a division, as old ids have it."""
OURS = [
    "11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.001.7",
    "11100000MB0143028R999.11310113XX00000A2R.BS2026000000001.002.5",
]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BODIES = st.text(ALPHABET, min_size=1, max_size=60)


class TestParse:
    @pytest.mark.parametrize("middle", [*PUBLIC, *OURS])
    def test_reads_what_others_gave_out(self, middle: str) -> None:
        text = f"{ARC}.{middle}"
        assert str(LicenceId.parse(text)) == text

    def test_tells_the_parts(self) -> None:
        held = LicenceId.parse(f"{ARC}.{OURS[1]}")
        assert (held.type_code, held.serial, held.version) == ("11100000MB0143028R999", "BS2026000000001", 2)

    def test_refuses_every_single_substitution(self) -> None:
        parts = OURS[0].split(".")
        body, check = "".join(parts[:4]), parts[4]
        wrong = [
            body[:place] + other + body[place + 1 :]
            for place, held in enumerate(body)
            for other in ALPHABET
            if other != held
        ]
        assert len(wrong) == 57 * 35
        assert check not in {check_character(each) for each in wrong}

    def test_refuses_every_swap_of_neighbours(self) -> None:
        body = "".join(OURS[0].split(".")[:4])
        swapped = [
            body[:i] + body[i + 1] + body[i] + body[i + 2 :] for i in range(len(body) - 1) if body[i] != body[i + 1]
        ]
        assert "7" not in {check_character(each) for each in swapped}

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (f"{ARC}.{OURS[0][:-1]}8", "check"),
            (f"{ARC}.{OURS[0]} ", "form"),
            (f"1.2.156.3005.1.{OURS[0]}", "form"),
            (f"{ARC}.{OURS[0].lower()}", "form"),
            (f"{ARC}.11100000MB0143028R999.11310113XX00000A2R.{'A' * 33}.001.7", "form"),
            (f"{ARC}.11100000MB0143028R999.3101130.BS1.001.7", "form"),
            ("", "form"),
        ],
    )
    def test_refuses(self, text: str, problem: str) -> None:
        with pytest.raises(LicenceIdError) as refused:
            LicenceId.parse(text)
        assert refused.value.fields["problem"] == problem

    def test_refuses_version_nought(self) -> None:
        body = "11100000MB0143028R99911310113XX00000A2RBS1000"
        text = f"{ARC}.11100000MB0143028R999.11310113XX00000A2R.BS1.000.{check_character(body)}"
        with pytest.raises(LicenceIdError):
            LicenceId.parse(text)


class TestMake:
    def test_equals_the_sample(self) -> None:
        made = LicenceId.make("11100000MB0143028R999", "11310113XX00000A2R", "BS2026000000001")
        assert str(made) == f"{ARC}.{OURS[0]}"
        assert str(made.next_version()) == f"{ARC}.{OURS[1]}"

    @pytest.mark.parametrize(
        ("type_code", "issuer", "serial", "version"),
        [
            ("11100000MB0143028R999", "310113", "1", 1),
            ("11100000MB0143028R999", "11310113XX00000A2X", "1", 1),
            ("11100000MB0143028R999", "11310113XX00000A2R", "a", 1),
            ("11100000MB0143028R999", "11310113XX00000A2R", "", 1),
            ("11100000MB0143028R", "11310113XX00000A2R", "1", 1),
            ("11100000MB0143028R999", "11310113XX00000A2R", "1", 1000),
        ],
    )
    def test_refuses(self, type_code: str, issuer: str, serial: str, version: int) -> None:
        with pytest.raises(LicenceIdError):
            LicenceId.make(type_code, issuer, serial, version)

    def test_ends_at_version_999(self) -> None:
        with pytest.raises(LicenceIdError):
            LicenceId.make("11100000MB0143028R999", "11310113XX00000A2R", "1", 999).next_version()


class TestCheckCharacter:
    @given(BODIES)
    def test_agrees_with_another_implementation(self, body: str) -> None:
        assert check_character(body) == mod_37_36.calc_check_digit(body)
