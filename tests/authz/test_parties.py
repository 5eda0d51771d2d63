"""Registration: what cannot be a party, client or operator is none; duties and the counter."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text

from authz.counter import Counter
from authz.duties import DutyEntry
from authz.errors import (
    InvalidIdentityError,
    InvalidRegistrationError,
    InvalidTermsError,
    NotPermittedError,
    UnknownOperatorError,
    UnknownPartyError,
)
from authz.model import OVERSEEING, Act, Mode, PartyKind, Role
from authz.onboardingerrors import TooManyCredentialsError
from authz.parties import CURRENT, EVER
from authz.store import assistances
from ledger import store
from ledger.clear import RegisterPublished, read_clear
from ledger.errors import RegisterInvalidError, RegisterUnchangedError, RegisterVersionError
from ledger.record import canonical
from ledger.steps import run
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
            ("new", [Key().jwk | {"kid": "a/b"}]),
            ("new", [Key().jwk | {"kid": "a\0"}]),
            ("new", [Key().jwk | {"kid": "键"}]),
            ("new", [Key().jwk | {"kid": "x" * 129}]),
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


class TestCredentials:
    def test_of_a_client_are_few_at_a_time_and_not_many_in_all(self, world: World) -> None:
        client = world.qingpu.client_id
        with world.database.unit() as db:
            for number in range(1, CURRENT):  # one it has
                world.parties.add_key(db, client, Key().jwk | {"kid": f"k{number}"})
            with pytest.raises(TooManyCredentialsError, match=f"current={CURRENT}"):
                world.parties.add_key(db, client, Key().jwk)
            for number in range(CURRENT, EVER):
                world.parties.retire(db, client, f"k{number - 1}")
                world.parties.add_key(db, client, Key().jwk | {"kid": f"k{number}"})
            world.parties.retire(db, client, f"k{EVER - 1}")
            with pytest.raises(TooManyCredentialsError, match=f"ever={EVER}"):
                world.parties.add_key(db, client, Key().jwk)

    def test_of_social_parties_are_in_no_trust_file(self, world: World) -> None:
        with world.database.unit() as db:
            world.department(db, "bank", "某银行", "91310118XX00000271", "310118", PartyKind.social)
            named = {client for client, *_ in assistances.client_keys(db, 10)}
        assert named == {world.qingpu.client_id, world.baoshan.client_id}


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
            assert run(db, world.parties.operator(world.qingpu.party_id, "qp-103")).roles == {Role.window}
            with pytest.raises(UnknownOperatorError):
                run(db, world.parties.operator(world.baoshan.party_id, "qp-103"))
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

    def test_version_is_in_the_log_in_clear_and_in_force(self, world: World) -> None:
        published = world.publish_duties(self.entry(world))
        with world.database.unit() as db:
            clear = read_clear(store.entry(db, published.entry_id).leaf)
            rows = db.execute(text("SELECT version, digest, entry_id::text FROM authz.duty_version WHERE current"))
            assert rows.all() == [("1", published.sha256, published.entry_id)]
        assert isinstance(clear, RegisterPublished)
        assert (clear.register, clear.version, clear.sha256) == ("duties", 1, sha256(published.document).hexdigest())
        assert canonical(json.loads(published.document)) == published.document

    def test_what_is_published_can_be_read_again(self, world: World) -> None:
        entry = self.entry(world, fields=("name",), valid_to=world.clock.now() + timedelta(days=1))
        (line,) = world.publish_duties(entry).entries
        assert DutyEntry.read(line).document() == entry.document()

    def test_order_of_entries_does_not_change_the_document(self, world: World) -> None:
        one, two = self.entry(world), self.entry(world, article="第三十六条")
        first = world.publish_duties(one, two).entries
        with pytest.raises(RegisterUnchangedError):
            world.publish_duties(two, one)
        assert len(first) == 2

    def test_matches_exactly(self, world: World) -> None:
        assert self.match(world) is None
        world.publish_duties(self.entry(world))
        assert self.match(world).article == "食品安全法 第三十五条"
        assert self.match(world, mode=Mode.verify)
        assert self.match(world, mode=Mode.copy) is None
        assert self.match(world, org="11310113XX00000A2R") is None
        assert self.match(world, item="other") is None
        assert self.match(world, type_="CL001") is None

    def test_period(self, world: World) -> None:
        now = world.clock.now()
        world.publish_duties(self.entry(world, valid_from=now + timedelta(1), valid_to=now + timedelta(2)))
        assert self.match(world) is None
        world.clock.at = now + timedelta(1)
        assert self.match(world)
        world.clock.at = now + timedelta(2)
        assert self.match(world) is None

    def test_next_version_replaces_the_whole(self, world: World) -> None:
        world.publish_duties(self.entry(world))
        world.publish_duties(self.entry(world, types=("CL001",)))
        assert self.match(world) is None
        assert self.match(world, type_="CL001").version == "2"

    def test_nothing_changes_when_the_register_is_refused(self, world: World) -> None:
        world.publish_duties(self.entry(world))
        with world.database.unit() as db, pytest.raises(RegisterVersionError):
            world.duties.publish(db, 1, "11310118XX00000B0W", world.clock.now(), [])
        with pytest.raises(RegisterInvalidError):
            world.publish_duties(self.entry(world, types=("lease",)))
        assert self.match(world)

    @pytest.mark.parametrize("change", [{"article": " "}, {"item_code": ""}, {"types": ()}, {"org_code": "x"}], ids=str)
    def test_refuses_entries(self, world: World, change: Any) -> None:
        with pytest.raises((InvalidTermsError, InvalidIdentityError)):
            self.entry(world, **change)

    def test_refuses_an_end_before_the_beginning(self, world: World) -> None:
        with pytest.raises(InvalidTermsError):
            self.entry(world, valid_to=world.clock.now())
