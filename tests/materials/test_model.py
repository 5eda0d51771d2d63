"""File names and periods."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from materials.errors import FileNameInvalidError, FileNameTooLongError, PeriodInvalidError
from materials.model import DepositMeta, check_file_name


class TestCheckFileName:
    @pytest.mark.parametrize("name", ["章程.pdf", "lease 2026 (signed).pdf", "a", "图纸.v2.tar.gz", "x" * 200])
    def test_takes_ordinary_names(self, name: str) -> None:
        check_file_name(name)

    @pytest.mark.parametrize("name", ["x" * 201, "章" * 67])
    def test_refuses_names_that_are_too_long(self, name: str) -> None:
        with pytest.raises(FileNameTooLongError):
            check_file_name(name)

    @pytest.mark.parametrize(
        "name",
        [
            "",
            " ",
            "..",
            "../etc/passwd",
            "a/b",
            "a\\b",
            "C:x",
            "a\0b",
            "a\r\nSet-Cookie: x",
            "gpj.\u202efdp.exe",
            "NUL",
            "com1.pdf",
            "\ud800",
        ],
    )
    def test_refuses_names_that_are_tricks(self, name: str) -> None:
        with pytest.raises(FileNameInvalidError):
            check_file_name(name)

    @given(st.text(max_size=300))
    def test_never_lets_a_path_or_control_through(self, name: str) -> None:
        try:
            check_file_name(name)
        except (FileNameInvalidError, FileNameTooLongError):
            return
        assert not set(name) & set('/\\\0\r\n"')


class TestDepositMeta:
    def test_refuses_an_end_before_the_beginning(self) -> None:
        with pytest.raises(PeriodInvalidError):
            DepositMeta(
                "CL015", "h", "a.pdf", "application/pdf", "op", "counter", "staff_checked",
                valid_from=datetime(2026, 2, 1, tzinfo=UTC), valid_to=datetime(2026, 1, 1, tzinfo=UTC),
            )  # fmt: skip

    def test_refuses_a_time_without_a_zone(self) -> None:
        with pytest.raises(PeriodInvalidError):
            DepositMeta(
                "CL015", "h", "a.pdf", "application/pdf", "op", "counter", "staff_checked",
                valid_to=datetime(2026, 1, 1),  # noqa: DTZ001 - the very thing
            )  # fmt: skip
