"""The backchannel without HTTP: what is read, how a request ages, who is pinged, what a token says."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from authz.ciba import Ciba
from authz.errors import (
    AccessDeniedError,
    AuthorizationPendingError,
    CredentialError,
    ExpiredTokenError,
    InvalidBindingMessageError,
    InvalidGrantError,
    InvalidScopeError,
    InvalidTokenRequestError,
    SlowDownError,
    UnauthorizedClientError,
    UnknownUserIdError,
)
from authz.store.backchannel import PING
from tests.authz.test_askbatches import HEALTH, LEASE_TYPE, Desk
from tests.authz.world import World

FORM = {"scope": "openid use", "login_hint": "case:31011820261121000001"}
TOKEN = "n" * 32
URL = "https://qingpu.example/ciba"


class Line:
    """A client on the backchannel."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.desk = Desk(world)
        self.ciba = Ciba(world.tokens, self.desk.batches, world.grants, world.holders, world.vault, world.clock)
        self.batch: Any = None

    def begin(self, **form: str) -> dict[str, Any]:
        request = self.ciba.read(FORM | form, self.world.caller)
        self.batch = self.desk.ask(
            self.desk.part(LEASE_TYPE), self.desk.part(HEALTH), channel="ciba", open_for=request.open_for
        )
        with self.world.database.unit() as db:
            return self.ciba.begin(db, self.world.caller, request, self.batch)

    def poll(self, begun: dict[str, Any], caller: Any = None) -> dict[str, Any] | CredentialError:
        with self.world.database.unit() as db:
            return self.ciba.poll(db, caller or self.world.caller, 0, begun["auth_req_id"])

    def pings(self) -> list[str]:
        rows = self.world.run("SELECT key FROM ledger.outbox WHERE kind = :kind", kind=PING)
        return [row[0] for row in rows]


@pytest.fixture
def line(world: World) -> Line:
    return Line(world)


class TestRead:
    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"scope": "use"}, InvalidScopeError),
            ({"scope": "openid register"}, InvalidScopeError),
            ({"login_hint": ""}, InvalidTokenRequestError),
            ({"id_token_hint": "x"}, InvalidTokenRequestError),
            ({"request": "x"}, InvalidTokenRequestError),
            ({"user_code": "x"}, InvalidTokenRequestError),
            ({"login_hint": "310199199001010018"}, UnknownUserIdError),
            ({"binding_message": "x" * 21}, InvalidBindingMessageError),
            ({"binding_message": "a\u202eb"}, InvalidBindingMessageError),
            ({"binding_message": "13800138000"}, InvalidBindingMessageError),
            ({"client_notification_token": "short"}, InvalidTokenRequestError),
            ({"requested_expiry": "-1"}, InvalidTokenRequestError),
            ({"requested_expiry": "٣"}, InvalidTokenRequestError),
        ],
    )
    def test_refuses(self, line: Line, change: dict[str, str], error: type[CredentialError]) -> None:
        with pytest.raises(error):
            line.ciba.read(FORM | change, line.world.caller)

    def test_bounds_the_expiry(self, line: Line) -> None:
        read = [
            line.ciba.read(FORM | {"requested_expiry": asked}, line.world.caller) for asked in ("1", "99999999", "60")
        ]
        assert [each.open_for for each in read] == [timedelta(seconds=30), timedelta(days=7), timedelta(seconds=60)]


class TestPoll:
    def test_once_per_interval_and_slower_after_each_haste(self, line: Line) -> None:
        begun = line.begin()
        assert isinstance(line.poll(begun), AuthorizationPendingError)
        line.world.clock.pass_(4)
        assert isinstance(line.poll(begun), SlowDownError)
        line.world.clock.pass_(6)  # ten are wanted now
        assert isinstance(line.poll(begun), SlowDownError)
        line.world.clock.pass_(15)
        assert isinstance(line.poll(begun), AuthorizationPendingError)

    def test_expires(self, line: Line) -> None:
        begun = line.begin(requested_expiry="60")
        assert begun["expires_in"] == 60
        line.world.clock.pass_(60)
        assert isinstance(line.poll(begun), ExpiredTokenError)

    def test_gives_its_token_once(self, line: Line) -> None:
        begun = line.begin()
        line.desk.answer(line.batch, line.batch.asks[0].id)
        answer = line.poll(begun)
        assert isinstance(answer, dict)
        (granted,) = answer["authorization_details"]
        assert granted["datatypes"] == ["CL022"]
        assert granted["terms"] == line.batch.asks[0].digest
        claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
        world = line.world
        assert claims["sub"] == world.holders.pairwise(world.firm, world.qingpu.party_id)
        assert claims["aud"] == world.qingpu.client_id
        assert claims["auth_time"] == world.clock.seconds
        assert world.firm not in json.dumps(answer)
        token = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert (token["scope"], token["cnf"]["jkt"]) == ("use", world.caller.jkt)
        assert isinstance(line.poll(begun), InvalidGrantError)

    def test_of_nobody_else(self, line: Line) -> None:
        begun = line.begin()
        other = line.world.call(line.world.baoshan)
        assert isinstance(line.poll(begun, other), InvalidGrantError)

    def test_what_was_withdrawn_meanwhile_is_not_granted(self, line: Line) -> None:
        begun = line.begin()
        _, (grant,) = line.desk.answer(line.batch, line.batch.asks[0].id)
        line.world.withdraw(grant.id)
        assert isinstance(line.poll(begun), AccessDeniedError)

    def test_database_does_not_hold_the_request_in_clear(self, line: Line) -> None:
        begun = line.begin()
        (row,) = line.world.run("SELECT id, request_id FROM authz.backchannel")
        assert begun["auth_req_id"].encode() not in bytes(row[0]) + bytes(row[1])


class TestPing:
    def register(self, line: Line) -> None:
        with line.world.database.unit() as db:
            line.ciba.register(db, line.world.qingpu.client_id, URL, "qp-103")

    def test_needs_an_address(self, line: Line) -> None:
        with pytest.raises(UnauthorizedClientError):
            line.begin(client_notification_token=TOKEN)

    def test_when_the_last_ask_is_answered(self, line: Line) -> None:
        self.register(line)
        begun = line.begin(client_notification_token=TOKEN)
        first, second = line.batch.asks
        with line.world.database.unit() as db:
            line.world.asks.approve(db, first.id, line.world.id_token("chen", first.digest))
        assert line.pings() == []
        line.desk.answer(line.batch, second.id)
        assert line.pings() == [line.batch.id]
        with line.world.database.unit() as db:
            ping = line.ciba.ping(db, line.batch.id)
        assert ping is not None
        assert (ping.endpoint, ping.token, ping.auth_req_id) == (URL, TOKEN, begun["auth_req_id"])

    def test_not_who_polls(self, line: Line) -> None:
        self.register(line)
        line.begin()
        line.desk.answer(line.batch)
        assert line.pings() == []

    def test_not_who_fetched_it_already_or_took_its_address_back(self, line: Line) -> None:
        self.register(line)
        begun = line.begin(client_notification_token=TOKEN)
        line.desk.answer(line.batch, line.batch.asks[0].id)
        with line.world.database.unit() as db:
            line.ciba.remove(db, line.world.qingpu.client_id)
            assert line.ciba.ping(db, line.batch.id) is None
        self.register(line)
        assert isinstance(line.poll(begun), dict)
        with line.world.database.unit() as db:
            assert line.ciba.ping(db, line.batch.id) is None
