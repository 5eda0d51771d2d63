"""The state machine of licences: what the table allows, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from certs import lifecycle
from certs.errors import LicenceTransitionError, StatusReasonError
from certs.lifecycle import check_new_version, check_reason, check_transition, day_of, end_of, start_of
from certs.model import LicenceStatus, Operation

S, O = LicenceStatus, Operation  # noqa: E741 - a table reads best with short names

ALLOWED = {
    (O.suspend, S.valid, S.suspended),
    (O.restore, S.suspended, S.valid),
    (O.expire, S.valid, S.lapsed),
    (O.expire, S.suspended, S.lapsed),
    *((O.cancel, S.valid, after) for after in (S.revoked, S.cancelled, S.transferred, S.withdrawn_permit)),
    *((O.cancel, S.suspended, after) for after in (S.revoked, S.cancelled, S.withdrawn_permit)),
    *((O.cancel, S.lapsed, after) for after in (S.revoked, S.cancelled)),
    *((O.cancel, S.other, after) for after in (S.revoked, S.cancelled, S.withdrawn_permit)),
    (O.undo_transfer, S.transferred, S.valid),
    (O.other, S.valid, S.other),
    (O.other, S.other, S.valid),
}


class TestCheckTransition:
    @pytest.mark.parametrize("operation", list(Operation))
    def test_lets_what_the_list_allows_and_nothing_else(self, operation: Operation) -> None:
        for before in LicenceStatus:
            for after in LicenceStatus:
                if (operation, before, after) in ALLOWED:
                    check_transition(operation, before, after)
                    continue
                with pytest.raises(LicenceTransitionError) as refused:
                    check_transition(operation, before, after)
                assert refused.value.fields == {
                    "before": before.value, "operation": operation.value, "after": after.value
                }  # fmt: skip

    def test_nothing_comes_back_from_the_end(self) -> None:
        for ended in (S.revoked, S.cancelled, S.withdrawn_permit):
            assert not any(ended in steps for steps in lifecycle.TRANSITIONS.values())

    def test_every_operation_has_a_place(self) -> None:
        placed = lifecycle.TRANSITIONS.keys() | lifecycle.MAKES | lifecycle.MAKES_VERSION
        assert placed == set(Operation)


class TestCheckNewVersion:
    def test_lets_a_late_renewal(self) -> None:
        check_new_version(O.renew, S.lapsed)

    @pytest.mark.parametrize(
        ("operation", "before"),
        [
            (O.change, S.lapsed),
            (O.renew, S.suspended),
            (O.change, S.suspended),
            (O.renew, S.revoked),
            (O.issue, S.valid),
        ],
    )
    def test_refuses(self, operation: Operation, before: LicenceStatus) -> None:
        with pytest.raises(LicenceTransitionError):
            check_new_version(operation, before)


class TestCheckReason:
    @pytest.mark.parametrize("reason", ["inspection-found", "a", "x1-2"])
    def test_lets_a_code(self, reason: str) -> None:
        check_reason(reason)

    @pytest.mark.parametrize("reason", ["", "Reason", "a b", "陈安澜", "a--b", "-a", "x" * 65])
    def test_refuses_text(self, reason: str) -> None:
        with pytest.raises(StatusReasonError):
            check_reason(reason)


class TestDays:
    def test_are_days_in_china(self) -> None:
        assert day_of(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
        assert day_of(datetime(2026, 11, 20, 16, tzinfo=UTC)) == date(2026, 11, 21)

    def test_begin_where_the_one_before_ends(self) -> None:
        assert end_of(date(2026, 11, 20)) == start_of(date(2026, 11, 21)) == datetime(2026, 11, 20, 16, tzinfo=UTC)
