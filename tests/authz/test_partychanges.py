"""What changes of an organisation after it joined is on the log: who set which limit, which key came and went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import InvalidRegistrationError, NotPermittedError, UnknownPartyError
from authz.limits import Cost, Meter
from authz.model import Role
from authz.partychanges import PartyChanges
from tests.authz.test_onboarding import certificate
from tests.authz.world import Key, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.db import Database


class Changing(World):
    """`World` with its changes; 宝山 is the node's own staff, by `bs-900`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.changes = PartyChanges(self.evidence, self.parties, self.counter, self.clock)
        with database.unit() as db:
            self.parties.register_operator(db, self.baoshan.party_id, "bs-900", {Role.security_officer})
        self.staff = self.call(self.baoshan)

    def set(self, limits: Mapping[str, int | None], operator: str = "bs-900", party: str = "") -> None:
        with self.database.unit() as db:
            self.changes.set_limits(db, self.staff, operator, party or self.qingpu.party_id, limits)

    def written(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and parties of the records about organisations, in the order of the log."""
        rows = self.run(
            "SELECT r.entry_id::text FROM ledger.record r JOIN ledger.entry e ON e.id = r.entry_id"
            " WHERE r.fact LIKE '%\"party.%' ORDER BY e.seq"
        )
        held = [self.record(entry) for (entry,) in rows]
        return [(fact["type"], parties) for fact, parties in held]


@pytest.fixture
def world(database: Database) -> Changing:
    return Changing(database)


class TestSetLimits:
    def test_is_an_entry_with_who_set_what(self, world: Changing) -> None:
        world.set({"uses": 7, "bytes": None})
        ((kind, parties),) = world.written()
        assert kind == "party.limits-set"
        assert parties == {
            "requester": "11310113XX00000A2R",
            "operator": "bs-900",
            "organisation": "11310118XX00000B0W",
            "limits": {"uses": 7, "bytes": None},
        }
        meter = Meter(world.clock)
        with meter.sharing() as share, world.database.unit() as db:
            share(db)
        held = {each.what: each.limit for each in meter.standing(world.qingpu.party_id, world.caller.party_kind)}
        assert held[Cost.uses] == 7

    def test_takes_who_onboards(self, world: Changing) -> None:
        with pytest.raises(NotPermittedError):
            world.set({"uses": 7}, "bs-017")
        assert world.written() == []

    def test_of_nobody_is_nothing(self, world: Changing) -> None:
        with pytest.raises(UnknownPartyError):
            world.set({"uses": 7}, party="019a0000-0000-7000-8000-00000000dead")
        with pytest.raises(InvalidRegistrationError):
            world.set({"nothing": 7})
        assert world.written() == []


class TestCredentials:
    def test_one_that_is_added_is_named_by_its_thumbprint(self, world: Changing) -> None:
        key, pem = Key(), certificate()
        with world.database.unit() as db:
            world.changes.add_credential(db, world.caller, jwk=key.jwk | {"kid": "new"}, certificate=None)
            held = world.changes.add_credential(db, world.caller, jwk=None, certificate=pem)
        prints = {each.name: each.thumbprint for each in held}
        assert prints["new"] == key.thumbprint
        first, second = world.written()
        assert first == (
            "party.credential-added",
            {
                "requester": "11310118XX00000B0W",
                "client": "qingpu-market",
                "credential": key.thumbprint,
                "kind": "ES256",
                "name": "new",
                "by": world.qingpu.key.thumbprint,
            },
        )
        assert second[1]["kind"] == "x5t#S256"
        assert second[1]["credential"] == second[1]["name"] in prints

    def test_one_that_is_retired_is_an_entry_too(self, world: Changing) -> None:
        with world.database.unit() as db:
            world.changes.add_credential(db, world.caller, jwk=Key().jwk, certificate=None)
            held = world.changes.retire_credential(db, world.caller, world.qingpu.key.thumbprint)
        assert {each.name: each.is_current(world.clock.now()) for each in held}[world.qingpu.key.thumbprint] is False
        kind, parties = world.written()[-1]
        assert (kind, parties["credential"]) == ("party.credential-retired", world.qingpu.key.thumbprint)

    @pytest.mark.parametrize("both", [False, True], ids=["neither", "both"])
    def test_is_a_key_or_a_certificate(self, world: Changing, both: bool) -> None:
        given: dict[str, Any] = {"jwk": Key().jwk, "certificate": certificate()} if both else {}
        with world.database.unit() as db, pytest.raises(InvalidRegistrationError):
            world.changes.add_credential(db, world.caller, **({"jwk": None, "certificate": None} | given))
        assert world.written() == []
