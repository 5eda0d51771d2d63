"""Working days: a year nobody has told is an error for who is held to a term, a guess for the office that set it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from authz.errors import HolidaysInvalidError, HolidaysUnknownError
from authz.workdays import Workdays

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = {"years": {"2099": {"off": ["2099-01-01"], "worked": ["2099-01-03"]}}}


class TestIsWorkday:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            (date(2026, 10, 1), False),  # National Day, by the library
            (date(2026, 10, 10), True),  # a Saturday worked in lieu, by the library
            (date(2099, 1, 1), False),  # by the operator's file
            (date(2099, 1, 3), True),  # a Saturday
            (date(2099, 1, 4), False),
            (date(2099, 1, 5), True),
        ],
    )
    def test_follows_library_and_file(self, day: date, works: bool) -> None:
        assert Workdays.read(NOTICE).is_workday(day) is works

    def test_refuses_a_year_nobody_told(self) -> None:
        with pytest.raises(HolidaysUnknownError) as refused:
            Workdays().is_workday(date(2098, 1, 1))
        assert refused.value.fields == {"year": 2098}


class TestDue:
    def test_begins_after_the_act_and_ends_with_its_last_day(self) -> None:
        friday = datetime(2026, 11, 20, 4, tzinfo=UTC)
        assert Workdays().due(friday, 1) == datetime(2026, 11, 23, 16, tzinfo=UTC)
        assert Workdays().due(datetime(2026, 9, 30, 1, tzinfo=UTC), 1) == datetime(2026, 10, 8, 16, tzinfo=UTC)

    def test_reaches_into_the_next_year_only_where_it_is_known(self) -> None:
        late = datetime(2098, 12, 31, 4, tzinfo=UTC)
        assert Workdays.read(NOTICE).due(late, 1) == datetime(2099, 1, 2, 16, tzinfo=UTC)
        with pytest.raises(HolidaysUnknownError):
            Workdays().due(late, 1)

    def test_the_day_is_the_local_one(self) -> None:
        late = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # Friday, half past midnight in Shanghai
        assert Workdays().due(late, 1) == datetime(2026, 11, 23, 16, tzinfo=UTC)

    @pytest.mark.parametrize("days", [0, -1, 1001])
    def test_refuses_no_term(self, days: int) -> None:
        with pytest.raises(ValueError, match="1 to 1000"):
            Workdays().due(datetime(2026, 11, 20, tzinfo=UTC), days)


class TestOfficeDue:
    def test_counts_as_due_where_the_year_is_known(self) -> None:
        at = datetime(2026, 9, 30, 4, tzinfo=UTC)
        assert Workdays().office_due(at, 3) == Workdays().due(at, 3) == datetime(2026, 10, 10, 16, tzinfo=UTC)

    def test_counts_monday_to_friday_where_it_is_not(self) -> None:
        assert Workdays().office_due(datetime(2098, 12, 31, 4, tzinfo=UTC), 2) == datetime(2099, 1, 2, 16, tzinfo=UTC)


class TestLoad:
    def test_without_a_file_knows_what_the_library_knows(self) -> None:
        assert not Workdays.load(None).is_workday(date(2026, 10, 1))

    def test_reads_the_operators_file(self, tmp_path: Path) -> None:
        path = tmp_path / "holidays.json"
        path.write_text(json.dumps(NOTICE))
        assert Workdays.load(path).is_workday(date(2099, 1, 3))

    def test_names_a_file_it_cannot_read(self, tmp_path: Path) -> None:
        (tmp_path / "holidays.json").write_text("{")
        for name in ("holidays.json", "none.json"):
            with pytest.raises(HolidaysInvalidError) as refused:
                Workdays.load(tmp_path / name)
            assert refused.value.fields["file"] == name


class TestRead:
    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"years": []},
            {"years": {"2099": {"off": ["2098-01-01"], "worked": []}}},
            {"years": {"2099": {"off": ["soon"], "worked": []}}},
            {"years": {"2099": {"off": []}}},
            {"years": {"next": {"off": [], "worked": []}}},
        ],
    )
    def test_refuses(self, document: dict[str, object]) -> None:
        with pytest.raises(HolidaysInvalidError):
            Workdays.read(document)
