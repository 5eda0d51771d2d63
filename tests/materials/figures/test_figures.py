"""Figures against a full recount from the records by other code, however and whenever they were summed up."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from ledger.ids import new_id
from materials.checklist.model import Route
from materials.checklist.service import kept_place
from materials.figures.model import By, Scope
from materials.figures.service import Figures
from materials.model import Outcome
from materials.openings import Decision
from materials.tables.figures import MEASURES
from materials.validity import LOCAL
from tests.materials.reuse import ReuseWorld
from tests.materials.test_handling import LIST, act, ready
from tests.materials.world import FOOD, HYGIENE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.db import Database
    from ledger.objects import ObjectStore

ROUTES = ("licence", "check", "reuse", "assistance", "generated", "commitment", "upload")
FIRST = date(2026, 9, 1)
DAYS = 60


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    return ReuseWorld(database, offline)


def keep(world: ReuseWorld, figures: Figures) -> None:
    """What the worker does at one of its turns."""
    more = True
    while more:
        with world.database.unit() as db:
            more = figures.count(db)
    with world.database.unit() as db:
        figures.roll(db, figures.due(db))


def told(world: ReuseWorld, figures: Figures, scope: Scope) -> dict[str, dict[str, int]]:
    with world.database.unit() as db:
        return {key: dict(counts.of) for key, counts in figures.tell(db, scope).rows}


class Records:
    """Cases, kept checklists, forms and materials written at random, and counted again by hand."""

    def __init__(self, world: ReuseWorld, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.parties = [world.qingpu.party_id, world.baoshan.party_id]
        self.number = 0

    def write(self, first: date, days: int, count: int) -> None:
        """So many cases and materials, on these days."""
        with self.world.database.unit() as db:
            for _ in range(count):
                self._case(db, first, days)
                self._material(db, first, days)

    def _moment(self, first: date, days: int) -> datetime:
        start = datetime(first.year, first.month, first.day, tzinfo=LOCAL)
        return start + timedelta(seconds=self.random.randrange(days * 86400))

    def _case(self, db: Any, first: date, days: int) -> None:
        pick, self.number = self.random, self.number + 1
        case_no, opened = f"F{self.number:08d}", self._moment(first, days)
        accepted = pick.random() < 0.8
        closed = pick.random() < 0.7
        at = opened + timedelta(seconds=pick.randrange(3600))
        end = at + timedelta(days=pick.randrange(12)) if closed else None
        decided = pick.choice(["granted", "refused", "withdrawn"]) if closed and accepted else None
        values = {
            "case_no": case_no,
            "item": pick.choice([FOOD, HYGIENE]),
            "party": pick.choice(self.parties),
            "division": pick.choice(["310118", "310113"]),
            "state": "closed" if closed else "open",
            "opened": opened,
            "closed": end,
            "entry": new_id(),
            "accepted": at if accepted else None,
            "due": at + timedelta(days=5) if accepted else None,
            "law": at + timedelta(days=10) if accepted else None,
            "acceptance": new_id() if accepted else None,
            "backs": pick.choice([0, 0, 0, 1, 2, 3]),
            "decision": decided,
            "holder": self.world.firm,
        }
        db.execute(_CASE, values)
        if accepted:
            self._kept(db, case_no, at)
            for version in range(1, pick.randrange(3) + 1):
                fields = pick.randrange(1, 20)
                moment = at + timedelta(minutes=pick.randrange(-60, 61, 120))  # some only after the acceptance
                form = {"case_no": case_no, "version": version, "fields": fields, "at": moment, "item": values["item"]}
                form |= {"filled": pick.randrange(fields + 1), "entry": new_id(), "holder": self.world.firm}
                db.execute(_FORM, form | {"party": values["party"]})

    def _kept(self, db: Any, case_no: str, at: datetime) -> None:
        pick, lines = self.random, []
        for number in range(pick.randrange(8)):
            route = pick.choice(ROUTES)
            state = "owed" if route == "commitment" else pick.choice(["supplied"] * 4 + ["missing", "offered"])
            line: dict[str, Any] = {"line": f"CL{number:03d}", "state": state, "route": route, "refused": []}
            if route == "upload" and pick.random() < 0.4:
                line["passed_over"] = pick.sample(["licence", "check", "reuse", "assistance", "commitment"], 2)
            lines.append(line if state != "missing" else line | {"route": None})
        body = self.world.identity.shut(json.dumps({"v": 1, "lines": lines}), kept_place(case_no))
        db.execute(_KEPT, {"case_no": case_no, "body": body, "at": at, "entry": new_id()})

    def _material(self, db: Any, first: date, days: int) -> None:
        pick = self.random
        cases = db.execute(text("SELECT case_no, party_id::text FROM materials.case_ ORDER BY random() LIMIT 1")).one()
        inside = pick.random() < 0.5
        values = {"id": new_id(), "object": new_id(), "entry": new_id(), "at": self._moment(first, days)}
        values |= {"party": cases[1] if inside else pick.choice(self.parties), "case_no": cases[0] if inside else None}
        values |= {"channel": pick.choice(["counter", "app", "archive", "system"]), "holder": self.world.firm}
        db.execute(_MATERIAL, values | {"division": pick.choice(["310118", "310113"])})

    def count(self, scope: Scope) -> dict[str, dict[str, int]]:
        """The full recount: every record looked at, one by one."""
        found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))

        def into(day: date, item: str, party: str, division: str) -> dict[str, int] | None:
            if not scope.first <= day <= scope.last or scope.party_id not in {None, party}:
                return None
            keys = {By.item: item, By.org: party, By.district: division, By.day: day.isoformat()}
            return found[keys[scope.by]] if scope.by else found[""]

        with self.world.database.unit() as db:
            self._count_cases(db, into)
            items = dict(db.execute(text("SELECT case_no, item_code FROM materials.case_")).all())
            for row in db.execute(text("SELECT * FROM materials.material")).mappings():
                where = into(
                    _day(row["deposited_at"]),
                    items.get(row["origin_case_no"], ""),
                    str(row["party_id"]),
                    row["division"],
                )
                if where is not None and row["channel"] != "system":
                    where["archived" if row["channel"] == "archive" else "deposits"] += 1
        return {key: counts for key, counts in found.items() if any(counts.values())}

    def _count_cases(self, db: Any, into: Callable[..., dict[str, int] | None]) -> None:
        for case in db.execute(text("SELECT * FROM materials.case_")).mappings().all():
            place = case["item_code"], str(case["party_id"]), case["division"]
            if case["accepted_at"] is not None and (where := into(_day(case["accepted_at"]), *place)) is not None:
                where["cases"] += 1
                where["intakes"] += 1
                where["first_pass"] += case["send_backs"] == 0
                where["second_back"] += case["send_backs"] >= 2
                self._count_kept(db, case, where)
            if case["closed_at"] is not None and (where := into(_day(case["closed_at"]), *place)) is not None:
                if case["accepted_at"] is None and case["send_backs"]:
                    where["intakes"] += 1
                    where["second_back"] += case["send_backs"] >= 2
                if case["decision"] in {"granted", "refused"}:
                    where["decided"] += 1
                    where["in_time"] += case["closed_at"] <= case["due_at"]
                    where["in_law"] += case["closed_at"] <= case["statutory_due_at"]

    def _count_kept(self, db: Any, case: Any, where: dict[str, int]) -> None:
        kept = self.world.checklists.kept(db, case["case_no"])
        assert kept is not None
        for line in kept["lines"]:
            if line["state"] in {"supplied", "owed"}:
                where[f"by_{line['route']}"] += 1
                better = {"licence", "check", "reuse", "generated"}.intersection(line.get("passed_over", []))
                where["avoidable"] += line["route"] == "upload" and bool(better)
        forms = text("SELECT version, fields, prefilled, saved_at FROM materials.form WHERE case_no = :case_no")
        stood = [form for form in db.execute(forms, {"case_no": case["case_no"]}) if form[3] <= case["accepted_at"]]
        if stood:
            newest = max(stood)
            where["fields"] += newest[1]
            where["prefilled"] += newest[2]


def _day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()


_CASE = text("""
INSERT INTO materials.case_ (case_no, item_code, item_version, scenario, applicant_holder_id, presence, party_id, operator,
  division, state, opened_at, closed_at, entry_id, accepted_at, due_at, statutory_due_at, acceptance_entry_id, send_backs,
  decision)
VALUES (:case_no, :item, '1', 'default', :holder, 'holder_login', :party, 'op', :division, :state, :opened, :closed, :entry,
  :accepted, :due, :law, :acceptance, :backs, :decision)""")
_KEPT = text("""
INSERT INTO materials.kept_checklist (case_no, body, digest, kept_at, entry_id) VALUES (:case_no, :body, '', :at, :entry)""")
_FORM = text("""
INSERT INTO materials.form (case_no, version, party_id, holder_id, item_code, operator, body, fields, prefilled, saved_at,
  entry_id) VALUES (:case_no, :version, :party, :holder, :item, 'op', '', :fields, :filled, :at, :entry)""")
_MATERIAL = text("""
INSERT INTO materials.material (id, type_code, holder_id, version, status, object_id, file_name, media_type, size, sha256,
  sm3, division, party_id, operator, channel, verify_level, origin_case_no, share_in_project, deposited_at, entry_id)
VALUES (:id, 'CL022', :holder, 1, 'active', :object, 'a.pdf', 'application/pdf', 9, '', '', :division, :party, 'op',
  :channel, 'staff_checked', :case_no, false, :at, :entry)""")


class TestRecount:
    def test_agrees_however_the_days_were_summed_up(self, world: ReuseWorld) -> None:
        figures, records = Figures(world.identity, world.clock), Records(world, 20261121)
        whole = (FIRST - timedelta(days=1), FIRST + timedelta(days=DAYS + 40))
        for first, days, count in (
            (FIRST, 20, 60),
            (FIRST + timedelta(days=20), 10, 60),
            (FIRST + timedelta(30), 30, 80),
        ):
            records.write(first, days, count)
            # Time goes on with the records: what is to come is never summed up before.
            world.clock.at = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=days + 13)
            keep(world, figures)
            keep(world, figures)
            with world.database.unit() as db:
                db.exec_driver_sql("DELETE FROM materials.figure_day WHERE day >= %s", (first,))  # a worker was away
            keep(world, figures)
        scopes = [Scope(*whole, by) for by in (*By, None)]
        scopes += [Scope(FIRST + timedelta(days=7), FIRST + timedelta(days=33), By.item, world.qingpu.party_id)]
        with world.database.unit() as db:
            figures.rebuild(db)
        keep(world, figures)
        for scope in scopes:
            if scope.by:
                assert told(world, figures, scope) == records.count(scope), scope.by
        with world.database.unit() as db:
            total = figures.tell(db, Scope(*whole)).total
        assert total is not None
        assert dict(total.of) == records.count(Scope(*whole))[""]
        assert all(total[name] for name in MEASURES), "every count is counted"

    def test_a_day_summed_up_again_is_the_same(self, world: ReuseWorld) -> None:
        figures, records = Figures(world.identity, world.clock), Records(world, 7)
        world.clock.at = datetime(2026, 9, 20, tzinfo=UTC)
        records.write(FIRST, 5, 20)
        keep(world, figures)
        scope = Scope(FIRST, figures.today(), By.day)
        before = told(world, figures, scope)
        records.write(date(2026, 9, 19), 1, 10)
        keep(world, figures)
        after = told(world, figures, scope)
        assert before.items() <= after.items()
        assert after == records.count(scope)


class TestRealCases:
    def test_count_what_was_done(self, world: ReuseWorld) -> None:
        figures = Figures(world.identity, world.clock)
        case = ready(world)
        act(world, "accept", case.case_no, "qp-103")
        with world.database.unit() as db:
            world.cases.close(db, world.qingpu, case.case_no, "qp-103", Decision(Outcome.granted))
        back = world.firm_case()
        act(world, "send_back", back.case_no, ["CL022"], "qp-103")
        act(world, "send_back", back.case_no, ["CL022"], "qp-103")
        with world.database.unit() as db:
            world.cases.close(db, world.qingpu, back.case_no, "qp-103", Decision(Outcome.withdrawn))
        keep(world, figures)
        today = figures.today()
        (counts,) = told(world, figures, Scope(today, today, By.org, world.qingpu.party_id)).values()
        assert {name: count for name, count in counts.items() if count} == {
            "deposits": 6,
            "cases": 1,
            "by_licence": 2,
            "by_upload": 6,
            "intakes": 2,
            "first_pass": 1,
            "second_back": 1,
            "decided": 1,
            "in_time": 1,
            "in_law": 1,
        }
        with world.database.unit() as db:
            shares = figures.tell(db, Scope(today, today, None, world.qingpu.party_id)).total
        assert shares is not None
        assert shares.shares() == {
            "reuse_rate": 0.25,
            "spared_rate": 0.25,
            "prefill_rate": None,
            "first_pass_rate": 0.5,
            "second_back_rate": 0.5,
            "in_time_rate": 1.0,
            "in_law_rate": 1.0,
            "compliance_rate": 1.0,
        }

    def test_asking_for_what_could_be_used_at_once_is_avoidable(self, world: ReuseWorld) -> None:
        """The business licence is in the library and needs no consent, and still the window took the paper."""
        figures, case = Figures(world.identity, world.clock), world.firm_case()
        world.issue()
        card = world.issue("LT05")
        world.grant(case, world.chen, types=["CL006"])
        world.deliver(case, card.id)
        for code in ("CL001", *LIST):
            world.deposit(world.qingpu, holder_id=world.firm, type_code=code, origin_case_no=case.case_no)
        line = world.line(case, "CL001")
        assert line.offer is not None
        assert (line.offer.route, list(line.passed_over)) == (Route.upload, [Route.licence])
        act(world, "accept", case.case_no, "qp-103")
        keep(world, figures)
        (counts,) = told(world, figures, Scope(figures.today(), figures.today(), By.item)).values()
        assert (counts["by_upload"], counts["avoidable"]) == (7, 1)

    def test_overdue_is_told_while_a_case_is_open(self, world: ReuseWorld) -> None:
        figures, case = Figures(world.identity, world.clock), ready(world)
        act(world, "accept", case.case_no, "qp-103")
        today = figures.today()
        scope = Scope(today, today)
        with world.database.unit() as db:
            assert figures.tell(db, scope).overdue == 0
            world.clock.pass_(30 * 86400)
            assert figures.tell(db, scope).overdue == 1
