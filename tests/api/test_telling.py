"""What the worker tells: notices by message centre and SMS, pings to clients; each once, and again where it failed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.adapters.notices import HttpNotices
from api.adapters.webhooks import HttpReceivers
from api.demo import inbox
from api.reactions import Reactions
from api.telling import Telling
from api.webhooks import signature
from authz.notices import APP, OUTBOX, SMS
from authz.store.backchannel import PING
from tests.api.test_webhooks import LOOPBACK, Receiver
from tests.authz.test_ciba import TOKEN, Line
from tests.authz.test_notices import PHONE, tell
from tests.authz.world import LOGIN, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.db import Database

SECRET = "whsec_" + "c2VjcmV0" * 4


class Desk:
    """A world with a worker, a message centre and an SMS gateway."""

    def __init__(self, database: Database) -> None:
        self.world = World(database)
        self.line = Line(self.world)
        self.app, self.sms, self.client = Receiver(), Receiver(), Receiver()
        clock = self.world.clock
        channels = {APP: HttpNotices(self.app.url, SECRET, 2, clock), SMS: HttpNotices(self.sms.url, SECRET, 2, clock)}
        told = (self.world.notices, self.world.parties, self.line.ciba)
        self.telling = Telling(database, *told, channels, HttpReceivers(LOOPBACK, 2), "https://c.test/{}".format, clock)
        self.reactions = Reactions(database, {OUTBOX: self.telling.notice, PING: self.telling.ping}, clock)
        with database.unit() as db:
            token = self.world.id_token("chen", "x", phone_number=PHONE, phone_number_verified=True)
            self.world.notices.learn(db, self.world.chen, token)

    def work(self) -> None:
        """Deliver until nothing is due."""
        with ThreadPoolExecutor(1) as pool:
            while self.reactions.once(pool):
                pass

    def close(self) -> None:
        for each in (self.app, self.sms, self.client):
            each.close()


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    held = Desk(database)
    yield held
    held.close()


class TestNotice:
    def test_goes_by_both_channels_signed(self, desk: Desk) -> None:
        notice_id = tell(desk.world, desk.world.chen)
        desk.work()
        (headers, body), (_, text) = desk.app.got[0], desk.sms.got[0]
        sent = json.loads(body)
        assert (sent["id"], sent["to"]) == (notice_id, f"{LOGIN} chen")
        assert json.loads(text)["to"] == PHONE
        assert "青浦区市场监督管理局" in sent["text_zh"]
        assert "陈" not in body.decode() + text.decode()
        named = (SECRET, headers["webhook-id"], headers["webhook-timestamp"], body)
        assert headers["webhook-signature"] == signature(*named)

    def test_one_channel_that_fails_is_tried_again_alone(self, desk: Desk) -> None:
        desk.sms.answers = [(500, {})]
        tell(desk.world, desk.world.chen)
        desk.work()
        assert (len(desk.app.got), len(desk.sms.got)) == (1, 1)
        desk.world.clock.pass_(60)
        desk.work()
        assert (len(desk.app.got), len(desk.sms.got)) == (1, 2)
        desk.world.clock.pass_(4 * 3600)
        desk.work()
        assert len(desk.sms.got) == 2

    def test_delayed_one_waits(self, desk: Desk) -> None:
        tell(desk.world, desk.world.chen, due_at=desk.world.clock.now() + timedelta(days=1))
        desk.work()
        assert desk.app.got == []
        desk.world.clock.pass_(86_400)
        desk.work()
        assert len(desk.app.got) == 1


class TestPing:
    def answered(self, desk: Desk) -> dict[str, Any]:
        with desk.world.database.unit() as db:
            desk.line.ciba.register(db, desk.world.qingpu.client_id, desk.client.url, "qp-103")
        begun = desk.line.begin(client_notification_token=TOKEN)
        desk.line.desk.answer(desk.line.batch, desk.line.batch.asks[0].id)
        return begun

    def test_carries_the_request_and_the_clients_own_token(self, desk: Desk) -> None:
        begun = self.answered(desk)
        desk.work()
        ((headers, body),) = desk.client.got
        assert json.loads(body) == {"auth_req_id": begun["auth_req_id"]}
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert isinstance(desk.line.poll(begun), dict)

    def test_is_tried_again(self, desk: Desk) -> None:
        desk.client.answers = [(503, {}), (302, {"Location": desk.app.url})]
        self.answered(desk)
        for _ in range(3):
            desk.work()
            desk.world.clock.pass_(60)
        assert len(desk.client.got) == 3
        assert all("webhook-id" in headers for headers, _ in desk.app.got)  # notices only: a redirect is not followed


class TestDemoInbox:
    def test_shows_a_person_what_they_were_told(self, tmp_path: Path) -> None:
        for channel, to in ((APP, f"{LOGIN} chen"), (SMS, PHONE), (APP, f"{LOGIN} xu")):
            inbox.DemoInbox(tmp_path, channel).send("n1", to, ("中", "en"), "https://c.test/1")
        assert [each["channel"] for each in inbox.messages(tmp_path, "chen")] == [APP]
        assert [each["channel"] for each in inbox.messages(tmp_path, PHONE)] == [SMS]
        assert inbox.messages(tmp_path / "none", "chen") == []
