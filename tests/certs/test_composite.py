"""综合许可: a composite stands and falls with its members."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from certs.credentials.statuslist import Status
from certs.errors import CompositeMembersError, LicenceOverlapError, UnknownLicenceError
from certs.model import Licence, LicenceStatus, Operation
from ledger.steps import run
from tests.certs.test_issuing import shown
from tests.certs.world import OTHER_FIRM, Library


def composite(library: Library) -> tuple[Licence, Licence, Licence]:
    food, hygiene = library.issue("LT12"), library.issue("LT14")
    return library.issue("LT26", members=(food.id, hygiene.id)), food, hygiene


class TestIssue:
    def test_lists_its_members_and_ends_with_the_first(self, library: Library) -> None:
        whole, food, hygiene = composite(library)
        assert whole.valid_to == hygiene.valid_to
        with library.database.unit() as db:
            content = run(db, library.store.content(whole.id))
        assert content is not None
        assert content.face["members"] == (
            f"食品经营许可证 {food.licence_no}",
            f"公共场所卫生许可证 {hygiene.licence_no}",
        )

    def test_refuses_bad_members(self, library: Library) -> None:
        food, hygiene = library.issue("LT12"), library.issue("LT14")
        other = library.issue("LT12", holders=(OTHER_FIRM,))
        for members, error in (
            ((), CompositeMembersError),
            ((food.id,), CompositeMembersError),
            ((food.id, food.id), CompositeMembersError),
            ((food.id, other.id), UnknownLicenceError),
            ((food.id, "0194e5a0-0000-7000-8000-000000000001"), UnknownLicenceError),
        ):
            with pytest.raises(error):
                library.plan("LT26", members=members)
        with pytest.raises(CompositeMembersError):
            library.plan("LT01", members=(food.id, hygiene.id))
        late = hygiene.valid_to and hygiene.valid_to + timedelta(days=1)
        with pytest.raises(LicenceOverlapError):
            library.plan("LT26", members=(food.id, hygiene.id), valid_to=late)

    def test_refuses_a_member_suspended_meanwhile(self, library: Library) -> None:
        food, hygiene = library.issue("LT12"), library.issue("LT14")
        plan = library.plan("LT26", members=(food.id, hygiene.id))
        library.change(food, Operation.suspend)
        with pytest.raises(CompositeMembersError):
            library.record(plan)


class TestDerivedStatus:
    def test_is_suspended_and_comes_back_with_its_member(self, library: Library) -> None:
        whole, food, _ = composite(library)
        library.change(food, Operation.suspend)
        held = library.get(whole.id)
        assert (held.status, held.status_reason) == (LicenceStatus.suspended, "member-suspended")
        assert shown(library, held) is Status.suspended
        assert library.messages()[-1]["licence_id"] == whole.id
        library.change(food, Operation.restore)
        assert library.get(whole.id).status is LicenceStatus.valid

    def test_waits_for_the_last_of_two_suspended_members(self, library: Library) -> None:
        whole, food, hygiene = composite(library)
        for each in (food, hygiene):
            library.change(each, Operation.suspend)
        library.change(food, Operation.restore)
        assert library.get(whole.id).status is LicenceStatus.suspended
        library.change(hygiene, Operation.restore)
        assert library.get(whole.id).status is LicenceStatus.valid

    def test_what_its_issuer_suspended_stays_suspended(self, library: Library) -> None:
        whole, food, _ = composite(library)
        library.change(whole, Operation.suspend, reason="own-reason")
        library.change(food, Operation.suspend)
        library.change(food, Operation.restore)
        assert library.get(whole.id).status is LicenceStatus.suspended

    def test_is_not_given_back_before_its_member(self, library: Library) -> None:
        whole, food, _ = composite(library)
        library.change(food, Operation.suspend)
        with pytest.raises(CompositeMembersError):
            library.change(whole, Operation.restore)

    def test_ends_with_a_member(self, library: Library) -> None:
        whole, food, _ = composite(library)
        library.change(food, Operation.cancel, to=LicenceStatus.revoked)
        held = library.get(whole.id)
        assert (held.status, held.status_reason) == (LicenceStatus.lapsed, "member-ended")
        assert library.opened(held.changed_entry_id or "")[1]["operator"] == "system"

    def test_a_renewed_member_stays_one(self, library: Library) -> None:
        whole, food, _ = composite(library)
        library.clock.at += timedelta(days=100)
        terms: dict[str, Any] = {"operation": Operation.renew, "predecessor": food.id}
        new = library.issue("LT12", **terms)
        assert library.get(whole.id).status is LicenceStatus.valid
        library.change(new, Operation.suspend)
        assert library.get(whole.id).status is LicenceStatus.suspended
