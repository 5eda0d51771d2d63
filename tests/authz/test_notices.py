"""Notices: who is told of what, when, and what is not in them."""

from datetime import timedelta

import pytest

from authz.noticekinds import WORDING, NoticeKind
from authz.notices import APP, SMS
from tests.authz.world import CASE, LOGIN, World

PHONE = "+8613800138000"


def tell(world: World, holder_id: str, kind: NoticeKind = NoticeKind.case_opened, **more: object) -> str:
    with world.database.unit() as db:
        return world.notices.tell(db, holder_id, kind, CASE, party_id=world.qingpu.party_id, **more)  # type: ignore[arg-type]


class TestTell:
    def test_is_in_the_inbox_and_on_the_outbox(self, world: World) -> None:
        notice_id = tell(world, world.chen)
        with world.database.unit() as db:
            (held,) = world.notices.of_holder(db, world.chen)
        assert (held.id, held.kind, held.subject, held.read_at) == (notice_id, "case-opened", CASE, None)
        assert world.run("SELECT body->>'notice' FROM ledger.outbox WHERE kind = 'notice'") == [(notice_id,)]

    def test_same_thing_once(self, world: World) -> None:
        assert tell(world, world.chen) == tell(world, world.chen)
        assert len(world.run("SELECT 1 FROM ledger.outbox WHERE kind = 'notice'")) == 1

    def test_delayed_one_is_not_seen_before(self, world: World) -> None:
        notice_id = tell(world, world.chen, NoticeKind.duty_use, due_at=world.clock.now() + timedelta(days=3))
        with world.database.unit() as db:
            assert world.notices.of_holder(db, world.chen) == []
            world.notices.read(db, world.chen, [world.notices.get(db, notice_id)])
            assert world.notices.get(db, notice_id).read_at is None
        (due,) = world.run("SELECT due_at FROM ledger.outbox WHERE kind = 'notice'")[0]
        assert due == world.clock.now() + timedelta(days=3)
        world.clock.pass_(3 * 86_400)
        with world.database.unit() as db:
            assert [each.id for each in world.notices.of_holder(db, world.chen)] == [notice_id]

    def test_reading_is_dated_once_and_by_its_holder_only(self, world: World) -> None:
        at, rows = world.clock.now(), "SELECT read_at, xmin::text FROM authz.notice ORDER BY id"
        tell(world, world.chen)
        tell(world, world.chen, NoticeKind.duty_use)
        with world.database.unit() as db:
            unread = world.notices.of_holder(db, world.chen)
            world.notices.read(db, world.xu, unread)
            assert [each.read_at for each in world.notices.of_holder(db, world.chen)] == [None, None]
            world.notices.read(db, world.chen, unread)
        before = world.run(rows)
        assert [read_at for read_at, _ in before] == [at, at]
        world.clock.pass_(60)
        with world.database.unit() as db:
            world.notices.read(db, world.chen, unread)
            world.notices.read(db, world.chen, world.notices.of_holder(db, world.chen))
        assert world.run(rows) == before  # no row is written a second time

    def test_words_name_the_organisation_and_nobody_else(self, world: World) -> None:
        assert set(WORDING) == set(NoticeKind)
        notice_id = tell(world, world.firm)
        with world.database.unit() as db:
            words = world.notices.get(db, notice_id).words("青浦区市场监督管理局")
        assert all("青浦区市场监督管理局" in each for each in words)


class TestAddressees:
    def test_person_by_login_and_verified_telephone(self, world: World) -> None:
        token = world.id_token("chen", "x", phone_number=PHONE, phone_number_verified=True)
        notice_id = tell(world, world.chen)
        with world.database.unit() as db:
            world.notices.learn(db, world.chen, token)
            found = world.notices.addressees(db, world.notices.get(db, notice_id))
        assert [(each.channel, each.to) for each in found] == [(APP, f"{LOGIN} chen"), (SMS, PHONE)]
        assert PHONE.encode() not in bytes(world.run("SELECT phone FROM authz.contact")[0][0])

    @pytest.mark.parametrize(
        "claims",
        [
            {"phone_number": PHONE},
            {"phone_number": PHONE, "phone_number_verified": "true"},
            {"phone_number": "call me", "phone_number_verified": True},
            {"phone_number": "1" * 17, "phone_number_verified": True},
        ],
    )
    def test_learns_no_other_telephone(self, world: World, claims: dict[str, object]) -> None:
        with world.database.unit() as db:
            world.notices.learn(db, world.chen, world.id_token("chen", "x", **claims))
            world.notices.learn(db, world.chen, "not a token")
        assert world.run("SELECT count(*) FROM authz.contact") == [(0,)]

    def test_organisation_by_who_represents_it(self, world: World) -> None:
        notice_id = tell(world, world.firm)
        with world.database.unit() as db:
            found = world.notices.addressees(db, world.notices.get(db, notice_id))
        assert [each.person_id for each in found] == [world.chen]

    def test_not_twice_by_one_channel(self, world: World) -> None:
        notice_id = tell(world, world.chen)
        with world.database.unit() as db:
            notice = world.notices.get(db, notice_id)
            (only,) = world.notices.addressees(db, notice)
            world.notices.told(db, notice_id, only)
            assert world.notices.addressees(db, notice) == []
