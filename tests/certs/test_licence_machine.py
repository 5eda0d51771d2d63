"""Whatever is done to licences in whatever order, what is written stays in step (Hypothesis, on a real database)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from certs.credentials.statuslist import Status, status_of
from certs.errors import CertsError
from certs.lifecycle import SUPERSEDED, TRANSITIONS, status_on
from certs.model import Licence, LicenceStatus, Operation
from certs.store import statuslists
from ledger.steps import run
from tests.certs.world import Library

if TYPE_CHECKING:
    from ledger.db import Database

ACTS = st.sampled_from([each for each in TRANSITIONS if each is not Operation.expire])
DAYS = st.sampled_from([1, 400, 5 * 366])


class Licences(RuleBasedStateMachine):
    """Food licences of one firm; each example has a premises of its own."""

    library: ClassVar[Library]
    examples: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        Licences.examples += 1
        self.place = f"上海市宝山区示例路 {Licences.examples} 号"
        self.issued: list[str] = []

    def _issue(self, **terms: object) -> bool:
        face = self.library.draft("LT12").face | {"premises": self.place}
        try:
            self.issued.append(self.library.issue("LT12", face=face, **terms).id)
        except CertsError:
            return False
        return True

    def _all(self) -> list[Licence]:
        return [self.library.get(each) for each in self.issued]

    @rule()
    def issue(self) -> None:
        free = not any(status_on(each, self.library.clock.at).is_standing for each in self._all())
        assert self._issue() is free

    @rule(operation=st.sampled_from([Operation.renew, Operation.change]), number=st.integers(0, 9))
    def succeed(self, operation: Operation, number: int) -> None:
        if self.issued:
            self._issue(operation=operation, predecessor=self.issued[number % len(self.issued)])

    @rule(operation=ACTS, to=st.sampled_from(LicenceStatus), number=st.integers(0, 9))
    def change(self, operation: Operation, to: LicenceStatus, number: int) -> None:
        if not self.issued:
            return
        held = self.library.get(self.issued[number % len(self.issued)])
        before = status_on(held, self.library.clock.at)
        allowed = held.is_current_version and to in TRANSITIONS[operation].get(before, frozenset())
        try:
            changed = self.library.change(held, operation, to=to)
        except CertsError:
            assert self.library.get(held.id) == held
            if allowed:  # then only because its place was taken meanwhile
                assert to.is_standing
                assert any(each.status.is_standing for each in self._all() if each.id != held.id)
        else:
            assert allowed
            assert changed.status is to

    @rule(days=DAYS)
    def pass_time(self, days: int) -> None:
        self.library.clock.at += timedelta(days=days)

    @rule()
    def sweep(self) -> None:
        with self.library.database.unit() as db:
            self.library.changes.lapse_due(db)

    @invariant()
    def one_stands_at_most(self) -> None:
        assert sum(each.status.is_standing for each in self._all()) <= 1

    @invariant()
    def versions_are_a_chain(self) -> None:
        held = {each.id: each for each in self._all()}
        for each in held.values():
            if each.predecessor_id:
                before = held[each.predecessor_id]
                assert (before.successor_id, before.version + 1) == (each.id, each.version)
            assert (each.successor_id is not None) == (each.status_reason == SUPERSEDED)

    @invariant()
    def history_log_and_list_say_the_same(self) -> None:
        for each in self._all():
            assert each.status_list is not None
            with self.library.database.unit() as db:
                events = run(db, self.library.store.events(each.id))
                listed = dict(statuslists.changes(db, each.status_list[0], None)[1]).get(each.status_list[1], 0)
            newest = events[-1]
            assert (newest.status, newest.reason) == (each.status, each.status_reason)
            assert newest.entry_id == (each.changed_entry_id or each.entry_id)
            if each.changed_entry_id:
                assert self.library.opened(each.changed_entry_id)[1]["status"] == each.status.value
            wanted = status_of(each.status, is_current=each.is_current_version)
            # Invalid is for good: a lapsed licence that is cancelled stays so.
            assert Status(listed) in {wanted, Status.invalid}
            assert (listed == Status.invalid) >= (wanted is Status.invalid)

    @invariant()
    def holder_rows_stand_with_their_licence(self) -> None:
        with self.library.database.unit() as db:
            wrong = db.execute(
                text(
                    "SELECT count(*) FROM certs.licence l JOIN certs.licence_holder h ON h.licence_id = l.id"
                    " WHERE h.standing <> (l.status IN ('01','02'))"
                )
            ).scalar_one()
        assert wrong == 0


class TestLicences:
    def test_stay_in_step(self, database: Database) -> None:
        Licences.library = Library(database)
        chosen = settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(Licences, settings=chosen)
