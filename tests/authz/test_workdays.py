"""Working days: the yearly notice of the State Council where it is out, Monday to Friday where it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from authz.workdays import due, is_workday


class TestIsWorkday:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            (date(2026, 11, 20), True),
            (date(2026, 11, 21), False),
            (date(2026, 10, 1), False),  # a Thursday, National Day
            (date(2026, 10, 10), True),  # a Saturday worked in lieu
            (date(2099, 1, 1), True),  # a Thursday of a year nobody has given notice of
            (date(2099, 1, 3), False),
        ],
    )
    def test_follows_the_notice(self, day: date, works: bool) -> None:
        assert is_workday(day) is works


class TestDue:
    def test_leaves_out_weekends_and_the_day_of_the_act(self) -> None:
        friday = datetime(2026, 11, 20, 4, tzinfo=UTC)
        assert due(friday, 1) == datetime(2026, 11, 23, 16, tzinfo=UTC)
        assert due(friday, 10) == datetime(2026, 12, 4, 16, tzinfo=UTC)

    def test_leaves_out_holidays(self) -> None:
        assert due(datetime(2026, 9, 30, 1, tzinfo=UTC), 1) == datetime(2026, 10, 8, 16, tzinfo=UTC)

    def test_the_day_is_the_local_one(self) -> None:
        late = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # Friday, half past midnight in Shanghai
        assert due(late, 1) == datetime(2026, 11, 23, 16, tzinfo=UTC)
