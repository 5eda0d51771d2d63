"""Registration: what cannot be a party, client or operator is none; duties and the counter."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from authz.counter import Counter
from authz.duties import DutyEntry
from authz.errors import (
    DutyVersionTakenError,
    InvalidIdentityError,
    InvalidRegistrationError,
    InvalidTermsError,
    NotPermittedError,
    UnknownOperatorError,
    UnknownPartyError,
)
from authz.model import OVERSEEING, Act, Mode, PartyKind, Role
from ledger.record import canonical
from tests.authz.world import ITEM, Key, World

NOBODY = "00000000-0000-7000-8000-000000000000"


class TestRegisterParty:
    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"org_code": "91310113MA1ABCDE0X"}, InvalidIdentityError),
            ({"org_code": "11310118XX00000B0W"}, InvalidRegistrationError),
            ({"division": "31"}, InvalidRegistrationError),
            ({"name": " "}, InvalidRegistrationError),
            ({"name": "a\nb"}, InvalidRegistrationError),
        ],
        ids=str,
    )
    def test_refuses(self, world: World, change: Any, error: Any) -> None:
        terms = {"kind": PartyKind.social, "name": "某银行", "org_code": "91310118XX00000271", "division": "310118"}
        with pytest.raises(error), world.database.unit() as db:
            world.parties.register_party(db, **(terms | change))

    def test_is_found(self, world: World) -> None:
        with world.database.unit() as db:
            party = world.parties.party_of(db, "11310118XX00000B0W")
            assert party == world.parties.party(db, world.qingpu.party_id)
            assert (party.kind, party.division, party.enabled) == (PartyKind.government, "310118", True)
            with pytest.raises(UnknownPartyError):
                world.parties.party_of(db, "91310118XX00000271")
            with pytest.raises(UnknownPartyError):
                world.parties.party(db, NOBODY)
            with pytest.raises(UnknownPartyError):
                world.parties.disable_party(db, NOBODY)


class TestRegisterClient:
    @pytest.mark.parametrize(
        ("client_id", "keys"),
        [
            ("qingpu-market", [Key().jwk]),
            ("a b", [Key().jwk]),
            ("new", []),
            ("new", [{"kty": "oct", "k": "AA"}]),
            ("new", [Key().jwk | {"d": "AA"}]),
            ("new", [Key().jwk | {"alg": "ES384"}]),
            ("new", [Key().jwk | {"x": 1}]),
            ("new", [Key().jwk | {"kid": "1"}, Key().jwk | {"kid": "1"}]),
            ("new", [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]),
        ],
    )
    def test_refuses(self, world: World, client_id: Any, keys: Any) -> None:
        with pytest.raises(InvalidRegistrationError), world.database.unit() as db:
            world.parties.register_client(db, client_id, world.qingpu.party_id, keys, ["use"])

    def test_of_an_unknown_party(self, world: World) -> None:
        with pytest.raises(InvalidRegistrationError), world.database.unit() as db:
            world.parties.register_client(db, "new", NOBODY, [Key().jwk], ["use"])

    def test_retiring_an_unknown_key(self, world: World) -> None:
        with pytest.raises(UnknownPartyError), world.database.unit() as db:
            world.parties.retire_key(db, "qingpu-market", "none")


class TestOperators:
    @pytest.mark.parametrize("role", sorted(OVERSEEING))
    def test_nobody_both_oversees_and_operates(self, world: World, role: Any) -> None:
        for other in set(Role) - {role}:
            with pytest.raises(InvalidRegistrationError), world.database.unit() as db:
                world.parties.register_operator(db, world.qingpu.party_id, "x", {role, other})
        with world.database.unit() as db:
            world.parties.register_operator(db, world.qingpu.party_id, "x", {role})

    @pytest.mark.parametrize(
        ("handle", "roles"),
        [("x", set()), ("", {Role.window}), ("张三", {Role.window}), ("a b", {Role.window}), ("qp-103", {Role.window})],
    )
    def test_refuses(self, world: World, handle: Any, roles: Any) -> None:
        with pytest.raises(InvalidRegistrationError), world.database.unit() as db:
            world.parties.register_operator(db, world.qingpu.party_id, handle, roles)

    def test_are_their_organisations(self, world: World) -> None:
        with world.database.unit() as db:
            assert world.parties.operator(db, world.qingpu.party_id, "qp-103").roles == {Role.window}
            with pytest.raises(UnknownOperatorError):
                world.parties.operator(db, world.baoshan.party_id, "qp-103")
            with pytest.raises(UnknownOperatorError):
                world.parties.disable_operator(db, world.baoshan.party_id, "qp-103")


class TestRegisterNode:
    def test_once_and_well_formed(self, world: World) -> None:
        terms = {"code": "js", "division": "320000", "endpoint": "https://js.test", "keys": [Key().jwk]}
        with world.database.unit() as db:
            world.parties.register_node(db, **terms)
        for change in (
            {},
            {"code": "x", "endpoint": "http://js.test"},
            {"code": "x", "division": "32"},
            {"code": "a b"},
        ):
            with pytest.raises(InvalidRegistrationError), world.database.unit() as db:
                world.parties.register_node(db, **(terms | change))


class TestCounter:
    def test_lets_by_role(self, world: World) -> None:
        counter = Counter(world.parties, world.decider)
        with world.database.unit() as db:
            assert counter.let(db, world.caller, "qp-103", Act.deposit).handle == "qp-103"
            with pytest.raises(NotPermittedError):
                counter.let(db, world.caller, "qp-900", Act.deposit)
            with pytest.raises(UnknownOperatorError):
                counter.let(db, world.caller, "nobody", Act.deposit)


class TestDuties:
    def entry(self, world: World, **other: Any) -> Any:
        return DutyEntry(
            **(
                {
                    "org_code": "11310118XX00000B0W",
                    "article": "食品安全法 第三十五条",
                    "item_code": ITEM,
                    "types": ("CL025", "CL022"),
                    "mode": Mode.data,
                    "valid_from": world.clock.now(),
                }
                | other
            )
        )

    def publish(self, world: World, version: Any, *entries: Any) -> Any:
        with world.database.unit() as db:
            return world.duties.publish(db, version, entries)

    def match(
        self,
        world: World,
        org: Any = "11310118XX00000B0W",
        item: Any = ITEM,
        type_: Any = "CL022",
        mode: Any = Mode.data,
    ) -> Any:
        with world.database.unit() as db:
            return world.duties.match(db, org, item, type_, mode)

    def test_version_is_on_the_log_by_its_digest(self, world: World) -> None:
        catalogue = self.publish(world, "2026-1", self.entry(world))
        fact, parties = world.record(catalogue.entry_id)
        assert fact["type"] == "duties.published"
        assert fact["digests"]["sha256"] == catalogue.digest == sha256(catalogue.document).hexdigest()
        assert parties == {"version": "2026-1", "entries": 1}
        assert canonical(json.loads(catalogue.document)) == catalogue.document
        with world.database.unit() as db:
            assert world.duties.current(db) == catalogue

    def test_order_of_entries_does_not_change_the_document(self, world: World) -> None:
        one, two = self.entry(world), self.entry(world, types=("CL001",))
        first = json.loads(self.publish(world, "1", one, two).document)["entries"]
        assert json.loads(self.publish(world, "2", two, one).document)["entries"] == first

    def test_matches_exactly(self, world: World) -> None:
        assert self.match(world) is None
        self.publish(world, "1", self.entry(world))
        assert self.match(world).article == "食品安全法 第三十五条"
        assert self.match(world, mode=Mode.verify)
        assert self.match(world, mode=Mode.copy) is None
        assert self.match(world, org="11310113XX00000A2R") is None
        assert self.match(world, item="other") is None
        assert self.match(world, type_="CL001") is None

    def test_period(self, world: World) -> None:
        now = world.clock.now()
        self.publish(world, "1", self.entry(world, valid_from=now + timedelta(1), valid_to=now + timedelta(2)))
        assert self.match(world) is None
        world.clock.at = now + timedelta(1)
        assert self.match(world)
        world.clock.at = now + timedelta(2)
        assert self.match(world) is None

    def test_next_version_replaces_the_whole(self, world: World) -> None:
        self.publish(world, "1", self.entry(world))
        self.publish(world, "2", self.entry(world, types=("CL001",)))
        assert self.match(world) is None
        assert self.match(world, type_="CL001").version == "2"

    def test_version_is_published_once(self, world: World) -> None:
        self.publish(world, "1", self.entry(world))
        with pytest.raises(DutyVersionTakenError):
            self.publish(world, "1")
        assert self.match(world)

    @pytest.mark.parametrize("change", [{"article": " "}, {"item_code": ""}, {"types": ()}, {"org_code": "x"}], ids=str)
    def test_refuses_entries(self, world: World, change: Any) -> None:
        with pytest.raises((InvalidTermsError, InvalidIdentityError)):
            self.entry(world, **change)

    def test_refuses_an_end_before_the_beginning(self, world: World) -> None:
        with pytest.raises(InvalidTermsError):
            self.entry(world, valid_to=world.clock.now())

    def test_refuses_a_version_without_name(self, world: World) -> None:
        with pytest.raises(InvalidTermsError):
            self.publish(world, " ")
        with world.database.unit() as db:
            assert world.duties.current(db) is None
