"""A holder's short session: what it opens by how it began, and what ends it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.enrolment import revocation
from authz.errors import AssuranceTooLowError, KeyTooNewError, SessionOverError
from authz.sessions import KEY_WAITS, KIOSK_IDLE, KIOSK_LASTS, LASTS, Channel, Session, Sessions
from authz.signers import Assurance, Signer, SignerKind
from ledger.ids import new_id
from tests.authz.phones import Passkey, enrol
from tests.authz.world import LOGIN

if TYPE_CHECKING:
    from tests.authz.world import World


@pytest.fixture
def sessions(world: World) -> Sessions:
    return Sessions(world.vault, world.clock)


def signer(world: World, **how: Any) -> Signer:
    told: dict[str, Any] = {"assurance": Assurance.substantial, "kept": ""} | how
    return Signer(world.chen, None, LOGIN, **told)


def begin(world: World, sessions: Sessions, request_id: str = "", **how: Any) -> tuple[Session, str]:
    with world.database.unit() as db:
        return sessions.begin(db, request_id or new_id(), signer(world, **how))


def read(world: World, sessions: Sessions, kept: str) -> Session:
    with world.database.unit() as db:
        return sessions.read(db, kept)


class TestClosed:
    @pytest.mark.parametrize(
        ("assurance", "key_hours", "closed"),
        [
            (Assurance.low, None, AssuranceTooLowError),
            (Assurance.substantial, None, None),
            (Assurance.high, None, None),
            (Assurance.low, 24, AssuranceTooLowError),
            (Assurance.substantial, 0, KeyTooNewError),
            (Assurance.high, 23.9, KeyTooNewError),
            (Assurance.substantial, 24, None),
        ],
    )
    def test_what_is_sensitive_is_opened_by_a_sure_login_and_an_old_key(
        self, world: World, sessions: Sessions, assurance: Assurance, key_hours: float | None, closed: Any
    ) -> None:
        now = world.clock.now()
        by_key = (
            {} if key_hours is None else {"kind": SignerKind.passkey, "key_since": now - timedelta(hours=key_hours)}
        )
        held, _ = begin(world, sessions, assurance=assurance, **by_key)
        for level in (1, 2):
            assert held.closed(level, now) is None
        for level in (3, 4):
            assert type(held.closed(level, now)) is (closed or type(None))

    def test_a_key_grows_old_meanwhile(self, world: World, sessions: Sessions) -> None:
        now = world.clock.now()
        held, _ = begin(world, sessions, key_since=now)
        assert held.closed(3, now + KEY_WAITS - timedelta(seconds=1)) is not None
        assert held.closed(3, now + KEY_WAITS) is None


class TestRead:
    def test_is_what_was_begun(self, world: World, sessions: Sessions) -> None:
        for how in ({}, {"kind": SignerKind.oidc, "assurance": Assurance.low}):
            held, kept = begin(world, sessions, **how)
            assert read(world, sessions, kept) == held
            assert held.until - world.clock.now() == LASTS

    def test_says_nothing_to_who_holds_it(self, world: World, sessions: Sessions) -> None:
        _, kept = begin(world, sessions)
        assert world.chen not in kept
        with pytest.raises(SessionOverError):
            read(world, sessions, json.dumps({"v": 2, "person": world.chen}))

    def test_is_over_after_its_time_however_busy(self, world: World, sessions: Sessions) -> None:
        _, kept = begin(world, sessions)
        for _ in range(3):
            world.clock.pass_(LASTS.total_seconds() / 3 - 1)
            read(world, sessions, kept)
        world.clock.pass_(3)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    def test_is_over_where_the_node_forgot_who_left(self, world: World, sessions: Sessions) -> None:
        _, kept = begin(world, sessions)
        world.run("DELETE FROM authz.jti")
        with world.database.unit() as db:
            world.clock.pass_(1)
            world.tokens.tend(db)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    def test_is_over_once_its_key_is_revoked(self, world: World, sessions: Sessions) -> None:
        device = Passkey()
        key = enrol(world, device)
        _, kept = begin(world, sessions, kind=SignerKind.passkey, key_id=key.id, key_since=key.enrolled_at)
        read(world, sessions, kept)
        with world.database.unit() as db:
            world.enrolments.revoke(db, key.id, device.sign(revocation(key.id)[1]))
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)


class TestBegin:
    def test_the_same_login_begins_the_same_session_over_at_the_same_time(
        self, world: World, sessions: Sessions
    ) -> None:
        request_id = new_id()
        held, _ = begin(world, sessions, request_id)
        world.clock.pass_(240)
        again, kept = begin(world, sessions, request_id)
        assert again == held
        world.clock.pass_(LASTS.total_seconds() - 240)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)
        with pytest.raises(SessionOverError):
            begin(world, sessions, request_id)

    def test_left_is_left_for_the_login_too(self, world: World, sessions: Sessions) -> None:
        request_id = new_id()
        held, kept = begin(world, sessions, request_id)
        with world.database.unit() as db:
            sessions.leave(db, held)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)
        with pytest.raises(SessionOverError):
            begin(world, sessions, request_id)


class TestKiosk:
    def test_is_over_when_nothing_was_asked_for_a_while(self, world: World, sessions: Sessions) -> None:
        with world.database.unit() as db:
            _, kept = sessions.begin(db, new_id(), signer(world), Channel.kiosk)
        for _ in range(3):
            world.clock.pass_(KIOSK_IDLE.total_seconds() - 1)
            assert read(world, sessions, kept).channel is Channel.kiosk
        world.clock.pass_(KIOSK_IDLE.total_seconds() + 1)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    def test_is_over_at_last_however_busy_it_is(self, world: World, sessions: Sessions) -> None:
        with world.database.unit() as db:
            held, kept = sessions.begin(db, new_id(), signer(world), Channel.kiosk)
        assert held.until == world.clock.now() + KIOSK_LASTS
        while world.clock.now() + KIOSK_IDLE / 2 < held.until:
            world.clock.pass_(KIOSK_IDLE.total_seconds() / 2)
            read(world, sessions, kept)
        world.clock.pass_(KIOSK_IDLE.total_seconds() / 2)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    def test_no_request_brings_it_back(self, world: World, sessions: Sessions) -> None:
        request = new_id()
        with world.database.unit() as db:
            sessions.begin(db, request, signer(world), Channel.kiosk)
        world.clock.pass_(KIOSK_IDLE.total_seconds() + 1)
        with world.database.unit() as db, pytest.raises(SessionOverError):
            sessions.begin(db, request, signer(world), Channel.kiosk)
