"""The door: callers that come together are each judged as if they had come alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from api.door import Door
from authz.errors import CredentialError, InvalidDpopProofError, InvalidTokenError
from authz.model import Caller
from authz.tokenproofs import REPLAY_RESET
from authz.tokens import TokenService
from ledger.asyncdb import AsyncDatabase
from ledger.db import Database
from tests.authz.world import ISSUER, USES_URL, World

if TYPE_CHECKING:
    from ledger.steps import Steps


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def begin(world: World, token: str, proof: str, tokens: TokenService | None = None) -> Steps[Caller]:
    return (tokens or world.tokens).authenticate(f"DPoP {token}", proof, "POST", USES_URL)


def together(world: World, *begun: Steps[Caller], tokens: TokenService | None = None) -> list[Any]:
    """Come at once; the caller, or the refusal's class and reason, of each."""

    async def come() -> list[Any]:
        database = AsyncDatabase(world.database.url, size=2)
        door = Door(tokens or world.tokens, database)
        try:
            return await asyncio.gather(*(door.let_in(steps) for steps in begun), return_exceptions=True)
        finally:
            await database.close()

    return [said(each) for each in asyncio.run(come())]


def said(outcome: Any) -> Any:
    return (type(outcome), outcome.reason) if isinstance(outcome, CredentialError) else outcome.client_id


def proof(world: World, token: str, **more: Any) -> str:
    return world.proof(world.qingpu.key, "POST", USES_URL, token, **more)


class TestLetIn:
    def test_lets_in_many_at_once_with_one_statement(self, world: World) -> None:
        token = world.token(world.qingpu)
        count = "SELECT count(*), count(DISTINCT xmin::text) FROM authz.jti"
        rows, units = world.run(count)[0]
        callers = together(world, *(begin(world, token, proof(world, token)) for _ in range(40)))
        assert callers == [world.qingpu.client_id] * 40
        after, more = world.run(count)[0]
        assert after == rows + 40
        assert more - units <= 2  # the first may come alone; all others queue while its statement runs

    def test_refuses_a_proof_sent_twice_in_one_group_but_for_the_first(self, world: World) -> None:
        token = world.token(world.qingpu)
        first, same = proof(world, token), proof(world, token)
        sent = [first, same, proof(world, token), same, same]
        replayed = (InvalidDpopProofError, "replayed")
        name = world.qingpu.client_id
        assert together(world, *(begin(world, token, each) for each in sent)) == [name, name, name, replayed, replayed]
        assert together(world, begin(world, token, same)) == [replayed]

    def test_keeps_clients_apart(self, world: World) -> None:
        tokens = {client.client_id: world.token(client) for client in (world.qingpu, world.baoshan)}
        begun = [
            begin(world, tokens[each.client_id], world.proof(each.key, "POST", USES_URL, tokens[each.client_id]))
            for each in (world.qingpu, world.baoshan, world.qingpu)
        ]
        assert together(world, *begun) == [world.qingpu.client_id, world.baoshan.client_id, world.qingpu.client_id]

    @pytest.mark.parametrize(
        ("spoil", "refusal"),
        [
            ("UPDATE authz.client SET epoch = epoch + 1 WHERE id = 'baoshan-window'", (InvalidTokenError, "revoked")),
            ("UPDATE authz.client SET enabled = false WHERE id = 'baoshan-window'", (InvalidTokenError, "client")),
            (
                "UPDATE authz.party p SET enabled = false FROM authz.client c WHERE p.id = c.party_id AND c.id ~ 'baoshan'",
                (InvalidTokenError, "client"),
            ),
        ],
    )
    def test_refuses_one_of_a_group_for_its_own_fault(self, world: World, spoil: str, refusal: Any) -> None:
        good, bad = world.token(world.qingpu), world.token(world.baoshan)
        world.authenticate(bad, world.proof(world.baoshan.key, "POST", USES_URL, bad))
        world.run(spoil)
        begun = [
            begin(world, good, proof(world, good)),
            begin(world, bad, world.proof(world.baoshan.key, "POST", USES_URL, bad)),
            begin(world, good, proof(world, good)),
        ]
        name = world.qingpu.client_id
        assert together(world, *begun) == [name, refusal, name]
        with pytest.raises(refusal[0]) as caught:
            world.authenticate(bad, world.proof(world.baoshan.key, "POST", USES_URL, bad))
        alone = caught.value.reason
        assert alone == refusal[1]

    def test_learns_a_token_on_the_way(self, world: World) -> None:
        token = world.token(world.qingpu)
        fresh = TokenService(ISSUER, world.tokens._key, world.clock)
        begun = [begin(world, token, proof(world, token), fresh) for _ in range(3)]
        assert together(world, *begun, tokens=fresh) == [world.qingpu.client_id] * 3

    def test_refuses_a_forged_token_before_it_queues(self, world: World) -> None:
        token = world.token(world.qingpu)
        forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
        outcome = together(world, begin(world, forged, proof(world, forged)), begin(world, token, proof(world, token)))
        assert outcome == [(InvalidTokenError, "signature"), world.qingpu.client_id]

    @pytest.mark.parametrize("reason", [REPLAY_RESET, "older than the replay store"])
    def test_refuses_all_where_the_replay_store_has_forgotten(self, world: World, reason: str) -> None:
        token = world.token(world.qingpu)
        begun = [begin(world, token, proof(world, token)) for _ in range(2)]
        world.run("TRUNCATE authz.jti")
        if reason != REPLAY_RESET:
            world.clock.pass_(30)
            with world.database.unit() as db:
                world.tokens.tend(db)
        assert together(world, *begun) == [(InvalidDpopProofError, reason)] * 2

    def test_answers_everybody_when_the_database_is_away(self, world: World) -> None:
        token = world.token(world.qingpu)
        world.authenticate(token, proof(world, token))

        async def come() -> list[Any]:
            gone = AsyncDatabase("postgresql+psycopg://nobody@127.0.0.1:9/none", size=2)
            door = Door(world.tokens, gone)
            begun = [begin(world, token, proof(world, token)) for _ in range(3)]
            return await asyncio.gather(*(door.let_in(steps) for steps in begun), return_exceptions=True)

        assert {type(each).__name__ for each in asyncio.run(come())} == {"OperationalError"}
