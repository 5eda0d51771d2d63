"""Duty use: the holder is told, later only where another person decided so before, and never forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.duties import DutyEntry
from authz.dutynotices import LONGEST
from authz.errors import (
    DelayClosedError,
    InvalidTermsError,
    NotPermittedError,
    UnknownDelayError,
    UnknownUseError,
    UseRefusedError,
)
from authz.holderledger import HolderLedger
from authz.model import Basis, Mode, Role, ShareClass
from authz.noticekinds import NoticeKind
from authz.notices import OUTBOX
from authz.store import notices as store
from ledger import outbox
from ledger.steps import execute
from tests.authz.world import CASE, ITEM, World

if TYPE_CHECKING:
    from authz.model import Resource, Use
    from authz.noticekinds import Notice
    from authz.store.dutyuses import Delay

DAY = timedelta(days=1)


@pytest.fixture
def world(world: World) -> World:
    """青浦 may use leases by duty; its window `qp-103` uses, its reviewer `qp-204` decides."""
    entry = DutyEntry("11310118XX00000B0W", "食品安全法 第一百一十条", ITEM, ("CL022",), Mode.copy, world.clock.now())
    world.publish_duties(entry)
    with world.database.unit() as db:
        world.parties.register_operator(db, world.qingpu.party_id, "qp-204", {Role.reviewer})
        world.parties.register_operator(db, world.qingpu.party_id, "qp-205", {Role.reviewer, Role.window})
    return world


def delay(world: World, **changes: Any) -> Delay:
    whole: dict[str, Any] = {
        "case_no": CASE,
        "ground": "investigation",
        "article": "行政处罚法 第五十四条",
        "until": world.clock.now() + 30 * DAY,
        "operator": "qp-204",
    }
    with world.database.unit() as db:
        return world.duty_notices.decide(db, world.caller, **(whole | changes))


def inbox(world: World, holder: str | None = None) -> list[Notice]:
    with world.database.unit() as db:
        return world.notices.of_holder(db, holder or world.firm)


def due(world: World) -> list[str]:
    """Notices that a worker would tell now; the claim is given back by the roll-back."""
    with world.database.engine.connect() as db:
        messages = outbox.claim(db, 50, world.clock.now(), kinds=[OUTBOX])
        kinds = {each.body["notice"]: store.get(db, each.body["notice"]) for each in messages}
        db.rollback()
    return [each.subject for each in kinds.values() if each is not None and each.kind is NoticeKind.duty_use]


def lines(world: World, holder: str | None = None) -> list[str]:
    ledger = HolderLedger(world.evidence, world.holders, world.parties, world.vault, world.clock)
    with world.database.unit() as db:
        return [line.id for line in ledger.page(db, holder or world.firm).lines]


def duty(world: World, **request: Any) -> Use:
    use = world.use(**request)
    assert use.basis is Basis.duty
    return use


def refuse(world: World, **request: Any) -> str:
    """A use that is refused since the lease is disputed, and recorded; its line."""
    wanted = world.request(**request)
    facts = world.facts(case_no=wanted.case_no)
    with pytest.raises(UseRefusedError) as refused:
        world.use(world.lease(status="disputed"), facts, **request)
    before = set(world.run("SELECT id::text FROM authz.refusal"))
    with world.database.unit() as db:
        execute(db, world.uses.refuse(world.caller, wanted, refused.value))
    ((made,),) = set(world.run("SELECT id::text FROM authz.refusal")) - before
    return str(made)


def together(world: World, **changes: Any) -> Resource:
    """The lease, held by two people with the firm."""
    return world.lease(co_holders=frozenset({world.chen, world.xu}), **changes)


class TestNotice:
    def test_is_written_with_the_use_and_told_at_once(self, world: World) -> None:
        use = duty(world)
        assert [(each.kind, each.subject, each.party_id) for each in inbox(world)] == [
            (NoticeKind.duty_use, use.id, world.qingpu.party_id)
        ]
        assert due(world) == [use.id]
        assert lines(world) == [use.id]

    def test_is_not_written_of_other_uses(self, world: World) -> None:
        world.grant()
        assert world.use().basis is Basis.grant
        assert {each.kind for each in inbox(world)} == {NoticeKind.grant_given}
        assert world.run("SELECT count(*) FROM authz.duty_use")[0][0] == 0

    def test_is_undone_with_its_use(self, world: World) -> None:
        duty(world, key="k")
        with pytest.raises(Exception, match="uq_use__client_id_key"):
            world.use(key="k")
        assert len(inbox(world)) == 1


class TestDelay:
    def test_holds_back_notice_and_line_until_its_end(self, world: World) -> None:
        held = delay(world)
        use = duty(world)
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.vault, world.clock)
        assert (inbox(world), due(world), lines(world)) == ([], [], [])
        with world.database.unit() as db:
            assert ledger.holders_of(db, use.id) == ()
            with pytest.raises(UnknownUseError):
                ledger.use(db, world.firm, use.id)
        world.clock.pass_((held.until - world.clock.now()).total_seconds())
        assert [each.subject for each in inbox(world)] == [use.id]
        assert (due(world), lines(world)) == ([use.id], [use.id])

    def test_is_on_the_log_and_so_is_the_use_from_the_first_moment(self, world: World) -> None:
        held = delay(world)
        use = duty(world)
        fact, parties = world.record(held.entry_id)
        assert fact["type"] == "duty.notice-delayed"
        assert (parties["case"], parties["ground"], parties["operator"]) == (CASE, "investigation", "qp-204")
        assert world.record(use.intent_entry_id)[0]["type"] == "use.intended"

    def test_is_another_persons_decision(self, world: World) -> None:
        delay(world, operator="qp-205")
        assert due(world) == []
        own = duty(world, operator="qp-205")
        assert due(world) == [own.id]
        duty(world)
        assert due(world) == [own.id]

    @pytest.mark.parametrize("operator", ["qp-103", "qp-900"])
    def test_is_a_reviewers(self, world: World, operator: str) -> None:
        with pytest.raises(NotPermittedError):
            delay(world, operator=operator)

    def test_covers_no_use_before_it_and_no_other_case(self, world: World) -> None:
        before = duty(world)
        delay(world)
        delay(world, case_no="31011820261121000002")
        assert duty(world).id not in due(world)
        other = "31011820261121000003"
        elsewhere = world.use(facts=world.facts(case_no=other), case_no=other)
        assert due(world) == [before.id, elsewhere.id]

    @pytest.mark.parametrize(
        ("term", "changes"),
        [
            ("ground", {"ground": "because"}),
            ("article", {"article": " "}),
            ("article", {"article": "31019919900101001" + "8"}),
            ("until", {"until": timedelta(0)}),
            ("until", {"until": LONGEST + timedelta(seconds=1)}),
        ],
        ids=["ground", "no article", "a person", "over", "too long"],
    )
    def test_is_refused_without_a_ground_an_article_and_an_end(
        self, world: World, term: str, changes: dict[str, Any]
    ) -> None:
        if isinstance(changes.get("until"), timedelta):
            changes = {"until": world.clock.now() + changes["until"]}
        with pytest.raises(InvalidTermsError) as refused:
            delay(world, **changes)
        assert refused.value.fields["term"] == term

    def test_holds_back_refused_attempts_too(self, world: World) -> None:
        before = refuse(world)
        world.clock.pass_(1)
        held = delay(world)
        other = "31011820261121000002"
        shown = [before, refuse(world, case_no=other), refuse(world, operator="qp-204")]
        hidden = refuse(world)
        emergency = refuse(world, break_glass_id="019a0000-0000-7000-8000-00000000dead")
        assert sorted(lines(world)) == sorted([*shown, emergency])
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.vault, world.clock)
        with world.database.unit() as db:
            assert ledger.holders_of(db, hidden) == ()
            assert not world.uses.is_told(db, hidden)
            assert world.uses.is_told(db, before)
        with world.database.unit() as db:
            world.duty_notices.lift(db, world.caller, held.id, "qp-204")
        assert sorted(lines(world)) == sorted([*shown, emergency, hidden])

    def test_is_listed_whole_where_many_were_decided_at_once(self, world: World) -> None:
        made = {delay(world, case_no=f"3101182026112100000{n}").id for n in range(5)}
        seen: list[str] = []
        with world.database.unit() as db:
            while page := world.duty_notices.of_party(db, world.caller, before=seen[-1] if seen else None, limit=2):
                seen += [each.id for each in page]
        assert (len(seen), set(seen)) == (5, made)
        stranger = world.call(world.baoshan)
        with world.database.unit() as db, pytest.raises(UnknownDelayError):
            world.duty_notices.of_party(db, stranger, before=seen[0], limit=2)


class TestTogether:
    """Of a thing that several hold, each is told of every use, whatever it rests on."""

    def test_each_is_told_at_once(self, world: World) -> None:
        use = duty(world, resource=together(world))
        for holder in (world.firm, world.chen, world.xu):
            assert [(each.kind, each.subject) for each in inbox(world, holder)] == [(NoticeKind.duty_use, use.id)]
            assert lines(world, holder) == [use.id]
        assert due(world) == [use.id] * 3

    def test_a_delay_holds_back_every_notice_and_line_and_its_end_tells_each(self, world: World) -> None:
        held = delay(world)
        use = duty(world, resource=together(world))
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.vault, world.clock)
        for holder in (world.firm, world.chen, world.xu):
            assert (inbox(world, holder), lines(world, holder)) == ([], [])
        with world.database.unit() as db:
            assert ledger.holders_of(db, use.id) == ()
            assert world.duty_notices.lift(db, world.caller, held.id, "qp-204")[1] == 3
            assert set(ledger.holders_of(db, use.id)) == {world.firm, world.chen, world.xu}
        for holder in (world.firm, world.chen, world.xu):
            assert [each.subject for each in inbox(world, holder)] == lines(world, holder) == [use.id]

    def test_an_open_use_stands_in_the_ledger_of_each(self, world: World) -> None:
        use = world.use(together(world, share_class=ShareClass.unconditional))
        assert use.basis is Basis.open
        assert [lines(world, holder) for holder in (world.firm, world.chen, world.xu)] == [[use.id]] * 3


class TestLift:
    def test_tells_everything_at_once_and_nobody_twice(self, world: World) -> None:
        held = delay(world)
        uses = [duty(world).id for _ in range(2)]
        with world.database.unit() as db:
            done, told = world.duty_notices.lift(db, world.caller, held.id, "qp-204")
        assert (done.ended_by, told) == ("qp-204", 2)
        assert sorted(due(world)) == sorted(uses)
        assert {each.subject for each in inbox(world)} == set(uses)
        assert world.record(done.end_entry_id or "")[1]["delayed_entry"] == held.entry_id
        now = duty(world)
        assert now.id in due(world)

    def test_is_done_once_and_by_its_organisation(self, world: World) -> None:
        held = delay(world)
        other = world.call(world.baoshan)
        with world.database.unit() as db:
            world.parties.register_operator(db, world.baoshan.party_id, "bs-204", {Role.reviewer})
        with world.database.unit() as db, pytest.raises(UnknownDelayError):
            world.duty_notices.lift(db, other, held.id, "bs-204")
        with world.database.unit() as db:
            world.duty_notices.lift(db, world.caller, held.id, "qp-204")
        with world.database.unit() as db, pytest.raises(DelayClosedError):
            world.duty_notices.lift(db, world.caller, held.id, "qp-204")

    def test_auditors_see_what_each_holds_back(self, world: World) -> None:
        held = delay(world)
        duty(world)
        with world.database.unit() as db:
            assert [(each.id, count) for each, count in world.duty_notices.standing(db)] == [(held.id, 1)]
            assert world.duty_notices.of_party(db, world.caller, limit=5) == [held]
        world.clock.pass_((held.until - world.clock.now()).total_seconds())
        with world.database.unit() as db:
            assert world.duty_notices.standing(db) == []
