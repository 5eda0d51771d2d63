"""Holders: one person is one row, no code is stored in clear, nobody attaches a login to somebody else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from authz.errors import (
    IdentityConflictError,
    InvalidIdentityError,
    SealBrokenError,
    UnknownHolderError,
)
from authz.holders import Holders
from authz.model import HolderKind, Identifier
from authz.vault import IdentityVault
from tests.authz.races import interleave
from tests.authz.world import LOGIN, World

CHEN = Identifier("111", "310199199001010018")
XU = Identifier("111", "31019919900128027X")
LIN = Identifier("111", "31019919991231002X")
PASSPORT = Identifier("414", "E00000001")


def register(world: World, *identifiers: Any, kind: Any = HolderKind.person, name: Any = "林知微") -> Any:
    with world.database.unit() as db:
        return world.holders.register(db, kind, name, identifiers)


class TestRegister:
    def test_same_code_is_same_holder(self, world: World) -> None:
        assert register(world, CHEN, name="another spelling") == world.chen

    def test_many_identifiers_lead_to_one_holder(self, world: World) -> None:
        lin = register(world, LIN, PASSPORT)
        with world.database.unit() as db:
            assert world.holders.resolve(db, PASSPORT) == world.holders.resolve(db, LIN) == lin
            assert world.holders.identifiers(db, lin) == [LIN, PASSPORT] or set(world.holders.identifiers(db, lin)) == {
                LIN,
                PASSPORT,
            }

    def test_refuses_codes_of_two_holders(self, world: World) -> None:
        with pytest.raises(IdentityConflictError):
            register(world, CHEN, XU)

    def test_refuses_to_attach_a_new_code_to_a_known_holder(self, world: World) -> None:
        with pytest.raises(IdentityConflictError):
            register(world, CHEN, PASSPORT)
        with world.database.unit() as db:
            assert world.holders.resolve(db, PASSPORT) is None

    def test_refuses_a_login(self, world: World) -> None:
        with pytest.raises(InvalidIdentityError):
            register(world, LIN, Identifier.oidc(LOGIN, "mallory"))

    @pytest.mark.parametrize("name", ["", " ", "a\nb", "\0", "x" * 201])
    def test_refuses_a_name_that_is_none(self, world: World, name: Any) -> None:
        with pytest.raises(InvalidIdentityError):
            register(world, LIN, name=name)

    def test_refuses_a_kind_that_the_code_is_not(self, world: World) -> None:
        with pytest.raises(InvalidIdentityError):
            register(world, LIN, kind=HolderKind.organisation)

    def test_second_registration_at_each_step_of_the_first(self, world: World) -> None:
        step, last, raced = 0, False, 0
        while not last:
            world.__init__(world.database)
            outcome, last = interleave(
                world, lambda: register(world, LIN, PASSPORT), lambda: register(world, PASSPORT, LIN), step
            )
            assert outcome["slow"] == outcome["fast"]
            assert world.run("SELECT count(*) FROM authz.holder")[0][0] == 4
            assert world.run("SELECT count(*) FROM authz.identifier")[0][0] == 7
            step += 1
            raced += 1
        assert raced >= 4

    def test_many_at_once_make_one_holder(self, world: World) -> None:
        with ThreadPoolExecutor(6) as pool:
            made = set(pool.map(lambda order: register(world, *order), [(LIN, PASSPORT), (PASSPORT, LIN)] * 6))
        assert len(made) == 1
        assert world.run("SELECT count(*) FROM authz.holder")[0][0] == 4


class TestLink:
    def test_attaches_a_login_once(self, world: World) -> None:
        with world.database.unit() as db:
            world.holders.link(db, world.chen, Identifier.oidc(LOGIN, "chen"))
            with pytest.raises(IdentityConflictError):
                world.holders.link(db, world.xu, Identifier.oidc(LOGIN, "chen"))


class TestPairwise:
    def test_recipients_cannot_link(self, world: World) -> None:
        ids = {world.holders.pairwise(holder, party) for holder in (world.chen, world.xu) for party in ("a", "b")}
        assert len(ids) == 4
        assert world.chen not in ids

    def test_is_stable(self, world: World) -> None:
        assert world.holders.pairwise(world.chen, "a") == world.holders.pairwise(world.chen, "a")


class TestWhatIsStored:
    def test_nothing_in_clear(self, world: World) -> None:
        rows = world.run("SELECT h::text || i::text FROM authz.holder h JOIN authz.identifier i ON i.holder_id = h.id")
        stored = " ".join(row[0] for row in rows)
        for secret in ("310199199001010018", "陈安澜", "91310113XX0000019X", "chen"):
            assert secret not in stored
            assert secret.encode().hex() not in stored

    def test_row_moved_to_another_holder_does_not_open(self, world: World) -> None:
        world.run(
            "UPDATE authz.holder SET name = (SELECT name FROM authz.holder WHERE id = :x) WHERE id = :c",
            x=world.xu,
            c=world.chen,
        )
        with world.database.unit() as db, pytest.raises(SealBrokenError):
            world.holders.get(db, world.chen)

    def test_other_keys_find_and_open_nothing(self, world: World) -> None:
        others = Holders(IdentityVault(b"L" * 32, b"I" * 32, b"P" * 32), world.clock)
        with world.database.unit() as db:
            assert others.resolve(db, CHEN) is None
            with pytest.raises(SealBrokenError):
                others.get(db, world.chen)


class TestGet:
    def test_opens_the_name(self, world: World) -> None:
        with world.database.unit() as db:
            assert world.holders.get(db, world.chen).name == "陈安澜"

    def test_unknown(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(UnknownHolderError):
            world.holders.get(db, "00000000-0000-7000-8000-000000000000")


class TestVault:
    def test_refuses_one_key_for_two_uses(self) -> None:
        with pytest.raises(ValueError, match="different"):
            IdentityVault(b"l" * 32, b"l" * 32, b"p" * 32)

    def test_refuses_an_unknown_version(self) -> None:
        vault = IdentityVault(b"l" * 32, b"i" * 32, b"p" * 32)
        sealed = vault.shut("x", b"place")
        assert vault.open(sealed, b"place") == "x"
        with pytest.raises(SealBrokenError):
            vault.open(b"\x02" + sealed[1:], b"place")
