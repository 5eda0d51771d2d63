"""Both sides of a request between departments hear of it by webhook: when it is made, when it is overdue, when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from api import webhooks
from api.reactions import Reactions
from authz.model import Mode
from authz.workdays import Workdays
from ledger.db import Database
from materials.requestforms import Ask, Reply
from materials.requests import AssistRequests
from tests.api.test_webhooks import Receiver, Site
from tests.materials.world import offline_objects


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    held = Receiver()
    yield held
    held.close()


@pytest.fixture
def site(database: Database) -> Iterator[Site]:
    objects = offline_objects()
    yield Site(database, objects)
    objects.close()


def test_both_sides_are_told_and_nobody_is_named(site: Site, receiver: Receiver) -> None:
    handlers = {webhooks.ASSISTANCE: site.webhooks.assistance, webhooks.KIND: site.webhooks.deliver}
    site.reactions = Reactions(site.database, handlers, site.clock)
    with site.database.unit() as db:
        for party in (site.qingpu.party_id, site.baoshan.party_id):
            site.webhooks.register(db, party, receiver.url, [webhooks.ASSISTANCE], "op")
    requests = AssistRequests(site.catalogue, site.cases, site.authz, Workdays(), site.desk)
    case = site.open_case()
    site.grant(case, types=["CL022"], mode=Mode.verify)
    asked = Ask(case.case_no, "CL022", "租约是否备案", 1, "食品经营许可新办审查", "qp-103", site.baoshan.org_code)
    with site.database.unit() as db:
        held = requests.ask(db, site.qingpu, asked)
    site.react()
    site.clock.pass_(3 * 24 * 3600)
    with site.database.unit() as db:
        requests.sweep(db)
    site.react()
    with site.database.unit() as db:
        requests.reply(db, site.baoshan, held.id, Reply("no", "未备案", "bs-017"))
    site.react()
    told = [json.loads(body) for _, body in receiver.got if b"webhook.test" not in body]
    states = [each["data"]["state"] for each in told if each["type"] == "assistance.changed"]
    assert states == ["asked", "asked", "overdue", "overdue", "answered", "answered"]
    assert {each["data"]["request_id"] for each in told} == {held.id}
    assert all(case.case_no not in str(each) and "备案" not in str(each) for each in told)
