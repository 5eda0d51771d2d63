"""After a withdrawal: who used something is asked to stop, says so, or is on the overdue list."""

import json
from typing import Any

import pytest

from authz.cessations import Cessations
from authz.counter import Counter
from authz.errors import (
    CessationClosedError,
    InvalidTermsError,
    NotPermittedError,
    UnknownCessationError,
    UnknownOperatorError,
)
from authz.grants import CEASE_WITHIN, WITHDRAWN
from authz.model import Cessation
from tests.authz.world import World


@pytest.fixture
def cessations(world: World) -> Cessations:
    return Cessations(world.evidence, Counter(world.parties, world.decider), world.clock)


def withdrawn(world: World) -> str:
    grant = world.grant()
    world.use()
    world.use()
    return world.withdraw(grant.id).id


def said(world: World, cessations: Cessations, grant_id: str, **changes: Any) -> Cessation:
    whole: dict[str, Any] = {"action": "deleted", "reason": None, "operator": "qp-103"}
    with world.database.unit() as db:
        return cessations.acknowledge(db, world.caller, grant_id, **(whole | changes))


class TestOpen:
    def test_asks_who_used_it_and_tells_them(self, world: World, cessations: Cessations) -> None:
        grant_id = withdrawn(world)
        with world.database.unit() as db:
            (held,) = cessations.of_party(db, world.caller)
        assert (held.grant_id, held.uses, held.state(world.clock.now())) == (grant_id, 2, "open")
        (body,) = world.run("SELECT body FROM ledger.outbox WHERE kind = :kind", kind=WITHDRAWN)[0]
        assert body["party"] == world.qingpu.party_id
        assert world.firm not in json.dumps(body)

    def test_of_what_was_never_used_there_is_nothing_to_stop(self, world: World, cessations: Cessations) -> None:
        grant_id = world.withdraw(world.grant().id).id
        with world.database.unit() as db, pytest.raises(UnknownCessationError):
            cessations.of_grant(db, grant_id)


class TestAcknowledge:
    def test_writes_its_entry(self, world: World, cessations: Cessations) -> None:
        grant_id = withdrawn(world)
        held = said(world, cessations, grant_id, action="retained", reason="食品安全法规定保存二年")
        assert held.state(world.clock.now()) == "acknowledged"
        fact, parties = world.record(str(held.entry_id))
        assert fact["type"] == "withdrawal.acknowledged"
        assert (parties["grant"], parties["action"], parties["uses"]) == (grant_id, "retained", 2)
        with world.database.unit() as db:
            assert parties["withdrawn_entry"] == world.grants.find(db, grant_id).withdrawal_entry_id

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"operator": "nobody"}, UnknownOperatorError),
            ({"operator": "qp-900"}, NotPermittedError),
            ({"action": "forgotten"}, InvalidTermsError),
            ({"action": "retained"}, InvalidTermsError),
            ({"reason": "审查"}, InvalidTermsError),
            ({"action": "retained", "reason": "310199199001010018"}, InvalidTermsError),
        ],
    )
    def test_refuses(
        self, world: World, cessations: Cessations, change: dict[str, str], error: type[Exception]
    ) -> None:
        grant_id = withdrawn(world)
        with pytest.raises(error):
            said(world, cessations, grant_id, **change)
        with world.database.unit() as db:
            assert cessations.of_grant(db, grant_id).acknowledged_at is None

    def test_once_and_by_the_recipient_only(self, world: World, cessations: Cessations) -> None:
        grant_id = withdrawn(world)
        other = world.call(world.baoshan)
        world.run(
            "INSERT INTO authz.operator (party_id, handle, roles, created_at) VALUES (:p, 'bs-1', '{window}', now())",
            p=world.baoshan.party_id,
        )
        with world.database.unit() as db, pytest.raises(UnknownCessationError):
            cessations.acknowledge(db, other, grant_id, action="deleted", reason=None, operator="bs-1")
        said(world, cessations, grant_id)
        with pytest.raises(CessationClosedError):
            said(world, cessations, grant_id)


class TestOverdue:
    def test_lists_who_is_silent(self, world: World, cessations: Cessations) -> None:
        silent, spoken = withdrawn(world), withdrawn(world)
        said(world, cessations, spoken)
        world.clock.pass_(CEASE_WITHIN.total_seconds() - 1)
        with world.database.unit() as db:
            assert cessations.overdue(db) == []
        world.clock.pass_(1)
        with world.database.unit() as db:
            (held,) = cessations.overdue(db)
        assert (held.grant_id, held.state(world.clock.now())) == (silent, "overdue")
