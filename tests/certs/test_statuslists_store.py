"""Places in status lists, and what changed since the look before, on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from certs.credentials import statuslist
from certs.credentials.publishing import RENEW, StatusLists
from certs.credentials.statuslist import CAPACITY, Status
from certs.errors import UnknownStatusListError
from certs.store import statuslists
from tests.certs.issuers import LIBRARY, NOW, TestCa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from certs.signing.model import Signer
    from ledger.db import Database
    from tests.certs.issuers import TestSigner


class HandClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Keys:
    """Seal keys of one organisation; counts how often it is asked."""

    def __init__(self, signer: TestSigner) -> None:
        self.signer, self.asked = signer, 0

    def seal(self, org_code: str, algorithm: str, at: datetime) -> Signer:
        assert (org_code, algorithm) == (LIBRARY, "ES256")
        self.asked += 1
        return self.signer


@pytest.fixture(autouse=True)
def _empty(database: Database) -> Iterator[None]:
    yield
    with database.unit() as db:
        db.execute(text("TRUNCATE certs.status_entry, certs.status_list"))
        db.execute(text("ALTER SEQUENCE certs.status_place RESTART"))


def allocate(database: Database, count: int) -> list[tuple[str, int]]:
    with database.unit() as db:
        return statuslists.allocate(db, count, NOW)


class TestAllocate:
    def test_gives_each_place_once_over_several_lists(self, database: Database) -> None:
        places = [place for count in (1, 3, 4000) for place in allocate(database, count)]
        assert len(set(places)) == len(places)
        assert {count // 1000 for count in Counter(list_id for list_id, _ in places).values()} == {1}
        assert len({list_id for list_id, _ in places}) == statuslists.OPEN

    def test_indices_say_nothing_about_the_order(self, database: Database) -> None:
        indices = [index for _, index in allocate(database, 4000)[:: statuslists.OPEN]]
        rising = sum(a < b for a, b in pairwise(indices))
        assert 400 < rising < 600
        assert max(indices) > CAPACITY * 0.98
        assert min(indices) < CAPACITY * 0.02

    def test_a_full_list_is_followed_by_another_with_room_left_for_decoys(self, database: Database) -> None:
        first = {list_id for list_id, _ in allocate(database, 4)}
        with database.unit() as db:
            last = statuslists.OPEN * statuslists.USABLE
            db.execute(text(f"ALTER SEQUENCE certs.status_place RESTART WITH {last}"))
        assert [list_id in first for list_id, _ in allocate(database, 3)] == [True, False, False]

    def test_a_place_of_a_unit_that_rolled_back_is_given_to_nobody(self, database: Database) -> None:
        allocate(database, 4)
        with database.engine.connect() as db:
            lost = statuslists.allocate(db, 4, NOW)
            db.rollback()
        assert not set(lost) & set(allocate(database, 100))


class TestChange:
    def test_shows_what_is_invalid_suspended_and_restored(self, database: Database) -> None:
        (a, x), (b, y), *_ = allocate(database, 2)
        with database.unit() as db:
            statuslists.change(db, [(a, x, Status.suspended), (b, y, Status.invalid)])
            _, changed = statuslists.changes(db, a, None)
        assert dict(changed)[x] == Status.suspended
        with database.unit() as db:
            statuslists.change(db, [(a, x, Status.valid)])
            _, changed = statuslists.changes(db, a, None)
        assert dict(changed)[x] == Status.valid

    def test_what_is_invalid_stays_invalid(self, database: Database) -> None:
        ((list_id, index),) = allocate(database, 1)
        for status in (Status.invalid, Status.valid):
            with database.unit() as db:
                statuslists.change(db, [(list_id, index, status)])
                _, changed = statuslists.changes(db, list_id, None)
        assert dict(changed)[index] == Status.invalid

    def test_decoys_change_too(self, database: Database) -> None:
        places = allocate(database, 40)
        with database.unit() as db:
            for list_id, index in places:
                statuslists.change(db, [(list_id, index, Status.suspended)])
            count = db.execute(text("SELECT count(*) FROM certs.status_entry")).scalar_one()
        assert 40 < count <= 40 * (1 + statuslists.MOST_DECOYS)


class TestChanges:
    def test_gives_only_what_came_since(self, database: Database) -> None:
        (list_id, x), *_, (_, y) = allocate(database, 5)
        with database.unit() as db:
            statuslists.change(db, [(list_id, x, Status.invalid)])
        with database.glance() as db:
            seen, _ = statuslists.changes(db, list_id, None)
            assert statuslists.changes(db, list_id, seen)[1] == []
        with database.unit() as db:
            statuslists.change(db, [(list_id, y, Status.suspended)])
        with database.glance() as db:
            changed = dict(statuslists.changes(db, list_id, seen)[1])
        assert changed[y] == Status.suspended
        assert x not in changed

    def test_misses_nothing_of_units_that_commit_out_of_order(self, database: Database) -> None:
        (list_id, x), *_, (_, y) = allocate(database, 5)
        early, late = database.engine.connect(), database.engine.connect()
        try:
            statuslists.change(early, [(list_id, x, Status.invalid)])
            statuslists.change(late, [(list_id, y, Status.invalid)])
            late.commit()
            with database.glance() as db:
                seen, changed = statuslists.changes(db, list_id, None)
            assert x not in dict(changed)
            early.commit()
            with database.glance() as db:
                assert x in dict(statuslists.changes(db, list_id, seen)[1])
        finally:
            early.close()
            late.close()

    def test_costs_as_much_as_changed_not_as_much_as_there_is(self, database: Database) -> None:
        ((list_id, _),) = allocate(database, 1)
        rows = text(
            "INSERT INTO certs.status_entry (list_id, index, status, changed_in)"
            " SELECT :list, n, 1, pg_current_xact_id()::text::bigint FROM generate_series(1, 50000) AS n"
        )
        with database.unit() as db:
            db.execute(rows, {"list": list_id})
        with database.unit() as db:
            db.execute(text("ANALYZE certs.status_entry"))
            seen, changed = statuslists.changes(db, list_id, None)
            assert len(changed) == 50_000
            # The first page of the index is enough to see that nothing is newer.
            statement = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statuslists._SINCE}"
            ((held,),) = db.exec_driver_sql(statement, {"list": list_id, "since": seen})
        assert held[0]["Plan"]["Plans"][0]["Index Name"] == "ix_status_entry_list_id_changed_in"
        assert held[0]["Plan"]["Shared Hit Blocks"] + held[0]["Plan"]["Shared Read Blocks"] < 20

    def test_refuses_an_unknown_list(self, database: Database) -> None:
        with database.glance() as db, pytest.raises(UnknownStatusListError):
            statuslists.changes(db, "nowhere", None)


class TestStatusLists:
    @pytest.fixture
    def ca(self) -> TestCa:
        return TestCa()

    @pytest.fixture
    def keys(self, ca: TestCa) -> Keys:
        return Keys(ca.issuer(LIBRARY, "证照库"))

    def test_hands_out_what_holds_now_and_signs_only_when_it_changed(
        self, database: Database, ca: TestCa, keys: Keys
    ) -> None:
        clock = HandClock()
        lists = StatusLists(keys, LIBRARY, "http://node.test", clock)  # type: ignore[arg-type]
        ((list_id, index),) = allocate(database, 1)

        def fetched() -> statuslist.StatusList:
            with database.glance() as db:
                lists.look(db, list_id)
            return statuslist.read(lists.token(list_id), lists.uri(list_id), LIBRARY, ca.trusted, clock.now())

        assert [fetched()[index] for _ in range(3)] == [0, 0, 0]
        assert keys.asked == 1
        for status in (Status.suspended, Status.valid, Status.invalid):
            with database.unit() as db:
                statuslists.change(db, [(list_id, index, status)])
            assert fetched()[index] == status
        clock.at += RENEW
        asked = keys.asked
        fetched()
        assert keys.asked == asked + 1

    def test_refuses_an_unknown_list(self, database: Database, keys: Keys) -> None:
        lists = StatusLists(keys, LIBRARY, "http://node.test", HandClock())  # type: ignore[arg-type]
        with database.glance() as db, pytest.raises(UnknownStatusListError):
            lists.look(db, "nowhere")
