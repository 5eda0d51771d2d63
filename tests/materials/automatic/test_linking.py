"""免申即办: permits that follow a changed business licence, unless their holder objects."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from certs.facts import Related
from certs.gather import Gathering
from certs.issuing import VERSIONED
from certs.model import LicenceStatus, Operation
from certs.requests import HolderRequest
from ledger import outbox
from ledger.ids import new_id
from ledger.steps import run
from materials.automatic import objections
from materials.automatic.errors import LinkStateError, UnknownLinkError
from materials.automatic.linkrules import LinkRules, read_link
from materials.errors import CatalogueError
from tests.certs.world import FACES, LIN
from tests.materials.automatic.world import AutoWorld

if TYPE_CHECKING:
    from certs.model import Licence
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.automatic.linkrows import Linked

TERM = 10 * 86_400
RENAMED = ("宝山青禾餐饮集团有限公司", "001", "91310113XX0000019X")


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> AutoWorld:
    return AutoWorld(database, offline)


def lead_by_lin(world: AutoWorld, licence: Licence) -> Licence:
    """The firm's business licence names another legal representative."""
    return world.issue(
        "LT01",
        licence_no=licence_no(world, licence),
        face=FACES["LT01"] | {"legal_representative": LIN[0]},
        related=(Related("legal_representative", LIN),),
        operation=Operation.change,
        predecessor=licence.id,
        valid_from=licence.valid_from,
    )


def licence_no(world: AutoWorld, licence: Licence) -> str:
    with world.database.unit() as db:
        held = run(db, world.licences.get(licence.id))
    assert held is not None
    return held.licence_no


def tell(world: AutoWorld) -> None:
    """Deliver what changes left behind."""
    with world.database.unit() as db:
        found = outbox.claim(db, 50, world.clock.now(), kinds={VERSIONED})
    for message in found:
        world.linked.changed(message)


def follow(world: AutoWorld) -> None:
    for _ in range(20):
        if not world.linked.once():
            return
    raise AssertionError


def changes(world: AutoWorld) -> list[Linked]:
    with world.database.unit() as db:
        return world.linking.of_party(db, world.baoshan)


def adopt(world: AutoWorld) -> None:
    with world.database.unit() as db:
        world.linking.adopt(db, world.baoshan, "business-licence", "bs-002")


def announced(world: AutoWorld) -> tuple[Licence, Licence]:
    """A business licence and a permit that is about to follow its change."""
    licence, permit = world.issue("LT01"), world.issue("LT12")
    lead_by_lin(world, licence)
    tell(world)
    return licence, permit


def current(world: AutoWorld, licence: Licence) -> tuple[Licence, dict[str, Any]]:
    with world.database.unit() as db:
        newest = run(db, world.licences.current(licence.first_id))
        assert newest is not None
        content = run(db, world.licences.content(newest.id))
    assert content is not None
    return newest, dict(content.face) | {"holder": content.holders[0][0]}


class TestFollow:
    def test_a_change_that_was_gathered_is_followed_too(self, world: AutoWorld) -> None:
        """By bulk: the old licence has ended, and another one stands in its place."""
        adopt(world)
        old, permit = world.issue("LT01"), world.issue("LT12")
        world.change(old, Operation.cancel, to=LicenceStatus.cancelled)
        gathering = Gathering(
            world.licence_types, world.licences, world.evidence, world.holders, world.counter, world.clock
        )
        day = world.clock.now().date().isoformat()
        face = FACES["LT01"] | {"legal_representative": LIN[0]}
        row: dict[str, Any] = {"type": "LT01", "licence_no": "G-1", "face": face, "issued_on": day, "valid_from": day}
        row["holders"] = [{"name": RENAMED[0], "type": RENAMED[1], "code": RENAMED[2]}]
        with world.database.unit() as db:
            told = gathering.take(db, world.baoshan, "bs-002", gathering.read(world.baoshan, [(1, row)]))
        assert told.refused == []
        tell(world)
        (held,) = changes(world)
        assert world.linking.fields(held) == {"legal_representative": LIN[0], "holder_name": RENAMED[0]}
        world.clock.pass_(TERM)
        follow(world)
        newest, now = current(world, permit)
        assert (newest.version, now["legal_representative"], now["holder"]) == (2, LIN[0], RENAMED[0])

    def test_announces_then_changes_after_the_term(self, world: AutoWorld) -> None:
        adopt(world)
        _, permit = announced(world)
        (held,) = changes(world)
        assert (held.state, world.linking.fields(held)) == ("announced", {"legal_representative": LIN[0]})
        follow(world)
        assert current(world, permit)[0].version == 1
        world.clock.pass_(TERM)
        follow(world)
        newest, face = current(world, permit)
        assert (newest.version, face["legal_representative"], face["premises"]) == (
            *(2, LIN[0]),
            FACES["LT12"]["premises"],
        )
        (held,) = changes(world)
        assert (held.state, held.result_id) == ("changed", newest.id)
        with world.database.unit() as db:
            told = [each.kind.value for each in world.notices.of_holder(db, world.firm)]
        assert {"linked-announced", "linked-changed"} <= set(told)

    def test_announced_twice_is_one_change(self, world: AutoWorld) -> None:
        licence, _ = announced(world)
        newest, _ = current(world, licence)
        with world.database.unit() as db:
            assert world.linking.follow(db, newest.id) == 0
        assert len(changes(world)) == 1

    def test_follows_a_new_name_and_keeps_who_was_somebody_else(self, world: AutoWorld) -> None:
        adopt(world)
        licence = world.issue("LT01")
        permit = world.issue("LT14", face=FACES["LT14"] | {"person_in_charge": "徐行舟"})
        world.issue(
            "LT01",
            licence_no=licence_no(world, licence),
            holders=(RENAMED,),
            operation=Operation.change,
            predecessor=licence.id,
            valid_from=licence.valid_from,
        )
        tell(world)
        world.clock.pass_(TERM)
        follow(world)
        _, face = current(world, permit)
        assert (face["holder"], face["unit_name"], face["person_in_charge"]) == (RENAMED[0], RENAMED[0], "徐行舟")

    def test_what_says_the_same_is_left_alone(self, world: AutoWorld) -> None:
        licence = world.issue("LT01")
        world.issue("LT12", face=FACES["LT12"] | {"legal_representative": "徐行舟"})
        lead_by_lin(world, licence)
        tell(world)
        assert changes(world) == []

    def test_without_adoption_a_person_of_the_issuer_has_it(self, world: AutoWorld) -> None:
        _, permit = announced(world)
        world.clock.pass_(TERM)
        follow(world)
        (held,) = changes(world)
        assert (held.state, held.reason, current(world, permit)[0].version) == ("person", "not-adopted", 1)
        adopt(world)
        with world.database.unit() as db:
            world.linking.resume(db, world.baoshan, held.id, "bs-002")
        follow(world)
        assert current(world, permit)[0].version == 2

    def test_suspended_meanwhile_is_a_persons(self, world: AutoWorld) -> None:
        adopt(world)
        _, permit = announced(world)
        world.change(permit, Operation.suspend)
        world.clock.pass_(TERM)
        follow(world)
        (held,) = changes(world)
        assert (held.state, held.reason) == ("person", "licence-changed")

    def test_abandoned_rule_changes_nothing_more(self, world: AutoWorld) -> None:
        adopt(world)
        announced(world)
        with world.database.unit() as db:
            world.linking.abandon(db, world.baoshan, "business-licence", "bs-002")
        with world.database.unit() as db, pytest.raises(UnknownLinkError):
            world.linking.abandon(db, world.baoshan, "business-licence", "bs-002")
        world.clock.pass_(TERM)
        follow(world)
        assert changes(world)[0].reason == "not-adopted"

    def test_killed_before_the_version_is_recorded_it_is_made_once(self, world: AutoWorld) -> None:
        adopt(world)
        _, permit = announced(world)
        world.clock.pass_(TERM)

        def die(_plan: object) -> Any:
            raise KeyboardInterrupt

        work = world.linked
        work._make = die
        with pytest.raises(KeyboardInterrupt):
            work.once()
        world.work_on(world.database)
        follow(world)
        assert current(world, permit)[0].version == 1  # the lease of the dead one still runs
        world.clock.pass_(200)
        follow(world)
        follow(world)
        assert current(world, permit)[0].version == 2


class TestObjection:
    def object_to(self, world: AutoWorld) -> objections.Objection:
        (held,) = changes(world)
        request = HolderRequest("object", new_id(), held.id, {"claim": "不同意变更"})
        with world.database.unit() as db:
            made = world.objections.open(
                db,
                request,
                world.token(request.digest, "lin"),
                objections.LINKED,
                held.party_id,
                held.holder_id,
            )
            world.linking.objected(db, held.id)
        return made

    @pytest.mark.parametrize(("outcome", "state", "version"), [("rejected", "changed", 2), ("upheld", "person", 1)])
    def test_stops_it_until_answered(self, world: AutoWorld, outcome: str, state: str, version: int) -> None:
        adopt(world)
        _, permit = announced(world)
        made = self.object_to(world)
        world.clock.pass_(TERM)
        follow(world)
        assert (changes(world)[0].state, current(world, permit)[0].version) == ("objected", 1)
        with world.database.unit() as db:
            world.objections.answer(db, world.baoshan, made.id, outcome, "已核对", "bs-017")
            world.linking.answered(db, made.subject_id, outcome)
        follow(world)
        assert (changes(world)[0].state, current(world, permit)[0].version) == (state, version)

    def test_comes_too_late_for_what_was_changed(self, world: AutoWorld) -> None:
        adopt(world)
        announced(world)
        world.clock.pass_(TERM)
        follow(world)
        with pytest.raises(LinkStateError):
            self.object_to(world)


class TestRules:
    @pytest.mark.parametrize(
        "change",
        [
            {"of": "LT99"},
            {"objection_days": 0},
            {"then": []},
            {"then": [{"licence": "LT12", "follow": {"premises": "domicile"}}]},
            {"then": [{"licence": "LT12", "follow": {"legal_representative": "nobody"}}]},
            {"then": [{"licence": "LT01", "follow": {"holder_name": "holder_name"}}]},
            {"then": [{"licence": "LT12", "follow": {}}]},
        ],
        ids=lambda change: json.dumps(change)[:50],
    )
    def test_are_checked_when_they_are_read(self, world: AutoWorld, change: dict[str, Any]) -> None:
        path = files("materials.automatic.linked").joinpath("business-licence.json")
        row = json.loads(path.read_text("utf-8"))
        held = read_link(row)
        assert replace(held).code == "business-licence"
        with pytest.raises(Exception) as refused:  # noqa: PT011 - of the catalogue of licences, or of the rules
            LinkRules([read_link(row | change)], world.licence_types)
        assert getattr(refused.value, "code", "") in {CatalogueError.code, "unknown-licence-type"}
