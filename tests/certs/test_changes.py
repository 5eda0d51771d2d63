"""Changes of status: everything that follows is written in one unit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from authz.errors import NotPermittedError
from certs.credentials.statuslist import Status
from certs.errors import (
    LicenceFrozenError,
    LicenceTransitionError,
    NotCurrentVersionError,
    SecondLicenceError,
    StatusReasonError,
    UnknownLicenceError,
)
from certs.lifecycle import has_begun, status_on
from certs.model import LicenceStatus, Operation
from ledger.steps import run
from tests.certs.test_issuing import shown
from tests.certs.world import Library


class TestChange:
    def test_suspends_and_gives_back(self, library: Library) -> None:
        held = library.issue()
        suspended = library.change(held, Operation.suspend, reason="unpaid-fine")
        assert (suspended.status, suspended.status_reason) == (LicenceStatus.suspended, "unpaid-fine")
        assert shown(library, held) is Status.suspended
        restored = library.change(held, Operation.restore)
        assert restored.status is LicenceStatus.valid
        assert shown(library, held) is Status.valid

    def test_writes_the_entry_and_tells(self, library: Library) -> None:
        held = library.issue()
        changed = library.change(held, Operation.suspend, reason="unpaid-fine")
        fact, parties = library.opened(changed.changed_entry_id or "")
        assert fact.keys() == {"type", "time"}
        assert parties == {
            "requester": "11310113XX00000A2R",
            "operator": "bs-002",
            "licence": held.id,
            "licence_id": held.licence_id,
            "operation": "03",
            "status": "02",
            "reason": "unpaid-fine",
            "issued_entry": held.entry_id,
            "holders": [library.holders.pairwise(held.holder_ids[0], library.issuer.party_id)],
        }
        said = library.messages()[-1]
        assert (said["licence_id"], said["status"], said["operation"]) == (held.id, "02", "03")
        with library.database.unit() as db:
            events = run(db, library.store.events(held.id))
        assert [each.operation for each in events] == [Operation.issue, Operation.suspend]

    @pytest.mark.parametrize("to", [LicenceStatus.revoked, LicenceStatus.cancelled, LicenceStatus.withdrawn_permit])
    def test_ends_for_good(self, library: Library, to: LicenceStatus) -> None:
        held = library.change(library.issue(), Operation.cancel, to=to)
        assert held.status is to
        assert shown(library, held) is Status.invalid
        for operation in (Operation.restore, Operation.suspend, Operation.undo_transfer):
            with pytest.raises(LicenceTransitionError):
                library.change(held, operation)

    def test_takes_a_transfer_back(self, library: Library) -> None:
        held = library.change(library.issue(), Operation.cancel, to=LicenceStatus.transferred)
        assert library.change(held, Operation.undo_transfer).status is LicenceStatus.valid

    def test_does_not_take_a_transfer_back_into_a_taken_place(self, library: Library) -> None:
        held = library.change(library.issue(), Operation.cancel, to=LicenceStatus.transferred)
        library.issue()
        with pytest.raises(SecondLicenceError):
            library.change(held, Operation.undo_transfer)
        assert library.get(held.id).status is LicenceStatus.transferred

    def test_does_not_expire_early(self, library: Library) -> None:
        held = library.issue("LT12")
        with pytest.raises(LicenceTransitionError):
            library.change(held, Operation.expire)
        library.clock.at += timedelta(days=366 * 5)
        assert library.change(held, Operation.expire).status is LicenceStatus.lapsed

    def test_refuses_what_needs_a_target(self, library: Library) -> None:
        held = library.issue()
        with pytest.raises(LicenceTransitionError):
            library.change(held, Operation.cancel)
        with pytest.raises(LicenceTransitionError):
            library.change(held, Operation.suspend, to=LicenceStatus.revoked)

    def test_refuses_another_issuer_and_a_window(self, library: Library) -> None:
        held = library.issue()
        with pytest.raises(UnknownLicenceError), library.database.unit() as db:
            library.changes.change(db, library.elsewhere, held.id, Operation.suspend, reason="x", operator="qp-002")
        with pytest.raises(NotPermittedError):
            library.change(held, Operation.suspend, operator="window")
        with pytest.raises(StatusReasonError):
            library.change(held, Operation.suspend, reason="陈安澜")

    def test_refuses_an_old_version(self, library: Library) -> None:
        old = library.issue()
        new = library.issue(operation=Operation.change, predecessor=old.id)
        with pytest.raises(NotCurrentVersionError) as refused:
            library.change(old, Operation.cancel, to=LicenceStatus.cancelled)
        assert refused.value.fields["current"] == new.id

    def test_a_refusal_writes_nothing(self, library: Library) -> None:
        held = library.issue()
        before = library.count("ledger.entry"), library.count("ledger.outbox")
        with pytest.raises(LicenceTransitionError):
            library.change(held, Operation.restore)
        assert (library.count("ledger.entry"), library.count("ledger.outbox")) == before


class TestStatusOn:
    def test_follows_the_date(self, library: Library) -> None:
        held = library.issue("LT12")
        assert held.valid_to is not None
        assert status_on(held, library.clock.at) is LicenceStatus.valid
        library.clock.at += timedelta(days=366 * 5)
        assert status_on(held, library.clock.at) is LicenceStatus.lapsed
        assert library.get(held.id).status is LicenceStatus.valid  # nobody has written it down yet

    def test_knows_the_first_day(self, library: Library) -> None:
        tomorrow = library.draft().valid_from + timedelta(days=1)
        assert not has_begun(library.issue(valid_from=tomorrow), library.clock.at)


class TestLapseDue:
    def test_writes_down_what_ran_out(self, library: Library) -> None:
        held, stays = library.issue("LT12"), library.issue("LT01")
        library.clock.at += timedelta(days=366 * 5)
        with library.database.unit() as db:
            assert library.changes.lapse_due(db) == 1
        with library.database.unit() as db:
            assert library.changes.lapse_due(db) == 0
        ended = library.get(held.id)
        assert (ended.status, ended.status_reason) == (LicenceStatus.lapsed, "ran-out")
        assert library.opened(ended.changed_entry_id or "")[1]["operator"] == "system"
        assert library.get(stays.id).status is LicenceStatus.valid


class TestFreeze:
    def test_shows_in_the_status_list_and_hinders_giving_back(self, library: Library) -> None:
        held = library.change(library.issue(), Operation.suspend)
        with library.database.unit() as db:
            assert library.changes.freeze(db, held.id, frozen=True).frozen
        with pytest.raises(LicenceFrozenError):
            library.change(held, Operation.restore)
        with library.database.unit() as db:
            library.changes.freeze(db, held.id, frozen=False)
        assert library.change(held, Operation.restore).status is LicenceStatus.valid

    def test_comes_and_goes(self, library: Library) -> None:
        held = library.issue()
        for frozen, status in ((True, Status.suspended), (False, Status.valid)):
            with library.database.unit() as db:
                library.changes.freeze(db, held.id, frozen=frozen)
            assert shown(library, held) is status
        assert len(library.messages()) == 3
