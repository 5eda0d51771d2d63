"""The citizen's ledger: complete, without values, paged without gap or double; reports reach the overseers."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import fields
from datetime import timedelta

import pytest

from authz.errors import LedgerCursorError, ReportClosedError, UnknownLineError, UnknownReportError, UseRefusedError
from authz.holderledger import HolderLedger
from authz.store.ledger import Line
from ledger.db import Database
from ledger.steps import run
from tests.authz.world import ITEM, World


class Ledgers(World):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.ledger = HolderLedger(self.evidence, self.holders, self.parties, self.vault, self.clock)

    def refuse(self) -> None:
        """A use that is refused and recorded."""
        request = self.request()
        with self.database.unit() as db, pytest.raises(UseRefusedError) as raised:
            run(db, self.uses.open(self.caller, request, self.lease(), self.facts(open=False), 1, {}, "k"))
        with self.database.unit() as db:
            db.exec_driver_sql(*self.uses.refuse(self.caller, request, raised.value))

    def lines(self, holder: str | None = None, limit: int = 50) -> list[Line]:
        found: list[Line] = []
        cursor = None
        with self.database.unit() as db:
            for _ in range(100):
                page = self.ledger.page(db, holder or self.firm, cursor=cursor, limit=limit)
                found += page.lines
                if (cursor := page.cursor) is None:
                    break
        return found


@pytest.fixture
def world(database: Database) -> Ledgers:
    return Ledgers(database)


class TestPage:
    def test_tells_uses_and_refusals_to_their_holder_only(self, world: Ledgers) -> None:
        world.grant()
        use = world.use()
        world.clock.pass_(1)
        world.refuse()
        refused, used = world.lines()
        assert (used.id, used.state, used.basis, used.seq, used.entry_id) == (
            use.id, "open", "grant", 1, use.intent_entry_id,
        )  # fmt: skip
        assert (refused.kind, refused.state, refused.reason) == ("refusal", "refused", "case-closed")
        assert {line.item_code for line in (used, refused)} == {ITEM}
        assert world.lines(world.chen) == []

    def test_holds_no_values(self) -> None:
        names = {each.name for each in fields(Line)}
        assert not names & {"sha256", "sm3", "size", "fields", "content", "operator", "jkt", "client_id"}

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
    def test_pages_without_gap_or_double_however_uses_and_refusals_mix(self, world: Ledgers, limit: int) -> None:
        world.grant(max_uses=20)
        for turn in range(9):
            if turn % 3 == 2:
                world.refuse()
            else:
                world.use()
            if turn % 2:
                world.clock.pass_(1)
        found = world.lines(limit=limit)
        assert len({line.id for line in found}) == len(found) == 9
        assert all(newer.at >= older.at for newer, older in itertools.pairwise(found))
        assert [line.seq for line in found if line.seq is not None] == list(range(6, 0, -1))

    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_leaves_nothing_out_where_a_later_use_bears_an_earlier_time(self, world: Ledgers, limit: int) -> None:
        world.grant(max_uses=20)
        uses = [world.use() for _ in range(4)]
        world.refuse()
        for seconds, use in zip((30, 10, 20, 0), uses, strict=True):
            world.run(
                "UPDATE authz.use_ SET opened_at = opened_at + :s WHERE id = :id",
                s=timedelta(seconds=seconds),
                id=use.id,
            )
        found = world.lines(limit=limit)
        assert len(found) == 5
        assert [line.seq for line in found if line.seq is not None] == [4, 3, 2, 1]

    @pytest.mark.parametrize("cursor", ["x", "", "e30", "WzEsMiwzXQ", "WzFd", "[" * 500])
    def test_refuses_a_cursor_that_is_not_ours(self, world: Ledgers, cursor: str) -> None:
        with world.database.unit() as db, pytest.raises(LedgerCursorError):
            world.ledger.page(db, world.firm, cursor=cursor)


class TestReport:
    def test_reaches_the_overseers_and_comes_back_answered(self, world: Ledgers) -> None:
        world.grant()
        use, report_id = world.use(), str(uuid.uuid4())
        with world.database.unit() as db:
            made = world.ledger.report(db, world.firm, use.id, report_id, "我没有申请这件事")
            assert world.ledger.open_reports(db) == [made]
            answered = world.ledger.answer(db, report_id, answer="已核查", operator="op-900")
            assert world.ledger.open_reports(db) == []
            assert world.ledger.reports_of(db, world.firm) == [answered]
        assert (answered.text, answered.answer) == ("我没有申请这件事", "已核查")
        assert world.types()[-2:] == ["use.reported", "use.report-answered"]
        _, parties = world.record(made.entry_id)
        assert parties["line"] == use.id
        assert "我没有申请这件事" not in str(parties)
        assert world.run("SELECT count(*) FROM authz.report WHERE text LIKE convert_to('%申请%', 'utf8')") == [(0,)]

    def test_sent_again_is_the_same_report(self, world: Ledgers) -> None:
        world.grant()
        use, report_id = world.use(), str(uuid.uuid4())
        with world.database.unit() as db:
            first = world.ledger.report(db, world.firm, use.id, report_id, "甲")
            assert world.ledger.report(db, world.firm, use.id, report_id, "乙") == first

    def test_of_a_refused_use(self, world: Ledgers) -> None:
        world.refuse()
        (line,) = world.lines()
        with world.database.unit() as db:
            assert world.ledger.report(db, world.firm, line.id, str(uuid.uuid4()), "谁").line_id == line.id

    def test_of_somebody_else_s_line_is_refused(self, world: Ledgers) -> None:
        world.grant()
        use = world.use()
        for holder, line in ((world.chen, use.id), (world.firm, str(uuid.uuid4()))):
            with world.database.unit() as db, pytest.raises(UnknownLineError):
                world.ledger.report(db, holder, line, str(uuid.uuid4()), "甲")

    def test_is_answered_once(self, world: Ledgers) -> None:
        world.grant()
        use, report_id = world.use(), str(uuid.uuid4())
        with world.database.unit() as db:
            world.ledger.report(db, world.firm, use.id, report_id, "甲")
            world.ledger.answer(db, report_id, answer="乙", operator="op-900")
        with world.database.unit() as db, pytest.raises(ReportClosedError):
            world.ledger.answer(db, report_id, answer="丙", operator="op-900")
        with world.database.unit() as db, pytest.raises(UnknownReportError):
            world.ledger.answer(db, str(uuid.uuid4()), answer="丙", operator="op-900")
