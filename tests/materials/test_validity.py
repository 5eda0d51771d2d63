"""When a material's time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from materials.catalogue import Catalogue
from materials.model import Condition, Material, MaterialStatus, Obstacle, Reuse
from materials.validity import add_months, ends_at, reuse, status_at

CATALOGUE = Catalogue.load()
DEPOSITED = datetime(2026, 1, 31, 9, tzinfo=UTC)
MATERIAL = Material(
    "m", "CL022", "h", 1, MaterialStatus.active, "o", "a.pdf", "application/pdf", 1, "00", "00", "310199", "p", "op", "counter",
    "staff_checked", None, None, False, None, None, None, None, DEPOSITED, "e",
)  # fmt: skip


class TestStatusAt:
    def test_ends_with_the_lease(self) -> None:
        lease = replace(MATERIAL, valid_to=datetime(2026, 6, 1, tzinfo=UTC))
        kind = CATALOGUE.type("CL022")
        assert status_at(lease, kind, datetime(2026, 5, 31, tzinfo=UTC)) is MaterialStatus.active
        assert status_at(lease, kind, datetime(2026, 6, 1, tzinfo=UTC)) is MaterialStatus.expired

    def test_does_not_revive_what_is_superseded(self) -> None:
        old = replace(MATERIAL, status=MaterialStatus.superseded, valid_to=DEPOSITED)
        assert status_at(old, CATALOGUE.type("CL022"), DEPOSITED + timedelta(days=1)) is MaterialStatus.superseded

    @pytest.mark.parametrize(
        ("code", "end"),
        [
            ("CL024", datetime(2027, 1, 31, 9, tzinfo=UTC)),
            ("CL048", DEPOSITED + timedelta(days=30)),
            ("CL049", datetime(2026, 12, 31, 16, tzinfo=UTC)),
            ("CL051", datetime(2029, 1, 31, 9, tzinfo=UTC)),
            ("CL015", None),
            ("CL012", None),
        ],
    )
    def test_counts_by_the_types_rule(self, code: str, end: datetime | None) -> None:
        assert ends_at(replace(MATERIAL, type_code=code), CATALOGUE.type(code)) == end


class TestReuse:
    def test_lets_a_current_document_be_reused_without_asking(self) -> None:
        assert reuse(MATERIAL, CATALOGUE.type("CL015"), DEPOSITED, case_no="C", project_id=None) == Reuse((), ())

    @pytest.mark.parametrize(
        ("code", "change", "obstacles", "conditions"),
        [
            ("CL001", {}, (), (Condition.recheck_at_source,)),
            ("CL022", {"valid_to": DEPOSITED + timedelta(days=1)}, (), (Condition.same_premises,)),
            ("CL022", {}, (), (Condition.same_premises, Condition.end_unstated)),
            ("CL022", {"valid_to": DEPOSITED}, (Obstacle.expired,), (Condition.same_premises,)),
            ("CL039", {"valid_to": DEPOSITED + timedelta(days=1)}, (), (Condition.recheck_at_source,)),
            ("CL015", {"valid_from": DEPOSITED + timedelta(days=1)}, (Obstacle.not_yet_valid,), ()),
            ("CL015", {"status": MaterialStatus.disputed}, (Obstacle.disputed,), ()),
            ("CL015", {"status": MaterialStatus.superseded}, (Obstacle.superseded,), ()),
            ("CL017", {}, (Obstacle.other_matter,), ()),
            ("CL017", {"origin_case_no": "C"}, (), ()),
            ("CL013", {"origin_case_no": "D", "valid_to": DEPOSITED + timedelta(1)}, (Obstacle.other_matter,), ()),
            ("CL046", {"project_id": "P"}, (), ()),
            ("CL046", {"project_id": "Q"}, (Obstacle.other_project,), ()),
            ("CL046", {}, (), (Condition.same_project,)),
            ("CL056", {}, (), (Condition.same_vehicle,)),
            ("CL016", {}, (), (Condition.same_base_version,)),
        ],
    )
    def test_names_every_obstacle_and_condition(
        self,
        code: str,
        change: dict[str, Any],
        obstacles: tuple[Obstacle, ...],
        conditions: tuple[Condition, ...],
    ) -> None:
        material = replace(MATERIAL, type_code=code, **change)
        found = reuse(material, CATALOGUE.type(code), DEPOSITED, case_no="C", project_id="P")
        assert (found.obstacles, found.conditions) == (obstacles, conditions)
        assert found.allowed is not bool(obstacles)

    @pytest.mark.parametrize("code", sorted(CATALOGUE.types))
    @pytest.mark.parametrize("status", list(MaterialStatus))
    def test_answers_for_every_type_and_status(self, code: str, status: MaterialStatus) -> None:
        material = replace(MATERIAL, type_code=code, status=status, origin_case_no="C", project_id="P")
        found = reuse(material, CATALOGUE.type(code), DEPOSITED, case_no="C", project_id="P")
        assert found.allowed is (status is MaterialStatus.active)


class TestAddMonths:
    def test_stops_at_the_end_of_a_short_month(self) -> None:
        assert add_months(DEPOSITED, 1).date().isoformat() == "2026-02-28"

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)), st.integers(0, 120))  # noqa: DTZ001
    def test_lands_in_the_right_month(self, start: datetime, months: int) -> None:
        end = add_months(start, months)
        assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
        assert end.day <= start.day
