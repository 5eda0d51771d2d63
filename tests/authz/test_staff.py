"""Staff at the console: who begins a session, whom it speaks for, what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authz.errors import (
    IdTokenRefusedError,
    InvalidRegistrationError,
    NotPermittedError,
    NotStaffError,
    SessionOverError,
    UnknownOperatorError,
)
from authz.model import Act, Role
from authz.staff import IDLE, LONGEST, Staff, StaffSessions, words
from authz.stafflogins import StaffLogins
from authz.vault import digest_of
from ledger.ids import new_id
from ledger.steps import run
from tests.authz.world import LOGIN

if TYPE_CHECKING:
    from tests.authz.world import World

SUBJECT = "staff-qp-103"


@pytest.fixture
def sessions(world: World) -> StaffSessions:
    held = StaffSessions(world.id_tokens, world.vault, world.clock)
    with world.database.unit() as db:
        held.register(db, world.qingpu.party_id, "qp-103", LOGIN, SUBJECT)
    return held


def begin(world: World, sessions: StaffSessions, session_id: str = "", subject: str = SUBJECT) -> tuple[Staff, str]:
    held = session_id or new_id()
    token = world.id_token(subject, digest_of(words(held)))
    with world.database.unit() as db:
        return sessions.begin(db, held, token)


def read(world: World, sessions: StaffSessions, kept: str) -> Staff:
    with world.database.unit() as db:
        return run(db, sessions.read(kept))


class TestBegin:
    def test_is_the_department_and_its_one_operator(self, world: World, sessions: StaffSessions) -> None:
        held, kept = begin(world, sessions)
        assert (held.handle, held.roles) == ("qp-103", {Role.window})
        assert (held.caller.party_id, held.caller.org_code) == (world.qingpu.party_id, "11310118XX00000B0W")
        assert held.caller.scopes == {"case", "use"}  # its systems' scopes, no more
        assert read(world, sessions, kept) == held

    def test_says_nothing_to_who_holds_it(self, world: World, sessions: StaffSessions) -> None:
        _, kept = begin(world, sessions)
        assert world.qingpu.party_id not in kept
        with pytest.raises(SessionOverError):
            read(world, sessions, kept[:-2] + "AA")

    def test_a_login_for_something_else_begins_none(self, world: World, sessions: StaffSessions) -> None:
        token = world.id_token(SUBJECT, digest_of(words(new_id())))
        with world.database.unit() as db, pytest.raises(IdTokenRefusedError):
            sessions.begin(db, new_id(), token)

    @pytest.mark.parametrize("subject", ["chen", "staff-qp-104"])
    def test_nobody_else_may_work_here(self, world: World, sessions: StaffSessions, subject: str) -> None:
        with pytest.raises(NotStaffError):
            begin(world, sessions, subject=subject)

    def test_the_same_login_begins_the_same_session(self, world: World, sessions: StaffSessions) -> None:
        name = new_id()
        token = world.id_token(SUBJECT, digest_of(words(name)))
        with world.database.unit() as db:
            first = sessions.begin(db, name, token)[0]
        world.clock.pass_(60)
        with world.database.unit() as db:
            again, kept = sessions.begin(db, name, token)
            assert again == first
            sessions.leave(db, again)
        with world.database.unit() as db, pytest.raises(SessionOverError):
            sessions.begin(db, name, token)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)


class TestSpeaksFor:
    def test_no_colleague_of_theirs(self, world: World, sessions: StaffSessions) -> None:
        held, _ = begin(world, sessions)
        with world.database.unit() as db:
            assert world.counter.let(db, held.caller, "qp-103", Act.open_case).handle == "qp-103"
            with pytest.raises(UnknownOperatorError):
                world.counter.let(db, held.caller, "qp-900", Act.inspect)
            world.counter.let(db, world.caller, "qp-900", Act.inspect)  # its systems answer for all of them
            with pytest.raises(NotPermittedError):
                world.counter.let(db, held.caller, "qp-103", Act.inspect)


class TestEnds:
    def test_after_half_an_hour_that_nobody_renewed(self, world: World, sessions: StaffSessions) -> None:
        _, kept = begin(world, sessions)
        world.clock.pass_(IDLE.total_seconds() - 1)
        held = read(world, sessions, kept)
        _, renewed = sessions.renew(held)
        world.clock.pass_(2)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)
        assert read(world, sessions, renewed).handle == "qp-103"

    def test_with_the_working_day_however_busy(self, world: World, sessions: StaffSessions) -> None:
        held, kept = begin(world, sessions)
        began = world.clock.now()
        while world.clock.now() < began + LONGEST:
            held = read(world, sessions, kept)
            _, kept = sessions.renew(held)
            world.clock.pass_(IDLE.total_seconds() - 1)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    @pytest.mark.parametrize("what", ["operator", "party", "login"])
    def test_at_once_with_operator_organisation_or_login(
        self, world: World, sessions: StaffSessions, what: str
    ) -> None:
        _, kept = begin(world, sessions)
        with world.database.unit() as db:
            if what == "operator":
                world.parties.disable_operator(db, world.qingpu.party_id, "qp-103")
            elif what == "party":
                world.parties.disable_party(db, world.qingpu.party_id)
            else:
                assert sessions.forget(db, world.qingpu.party_id, "qp-103") == 1
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)

    def test_where_the_node_forgot_who_left(self, world: World, sessions: StaffSessions) -> None:
        _, kept = begin(world, sessions)
        world.run("DELETE FROM authz.jti")
        with world.database.unit() as db:
            world.clock.pass_(1)
            world.tokens.tend(db)
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)


class TestRegister:
    def test_one_account_is_one_operator(self, world: World, sessions: StaffSessions) -> None:
        with world.database.unit() as db:
            sessions.register(db, world.qingpu.party_id, "qp-103", LOGIN, SUBJECT)  # again: nothing changes
            with pytest.raises(NotStaffError):
                sessions.register(db, world.baoshan.party_id, "bs-017", LOGIN, SUBJECT)

    def test_keeps_no_account(self, world: World, sessions: StaffSessions) -> None:
        with world.database.unit() as db:
            row = db.exec_driver_sql("SELECT lookup::text || handle FROM authz.operator_login").one()
        assert SUBJECT not in row[0]
        assert SUBJECT.encode().hex() not in row[0]

    def test_is_for_overseers_and_for_operators_there_are(self, world: World, sessions: StaffSessions) -> None:
        logins = StaffLogins(sessions, world.parties, world.counter, world.evidence, world.clock)
        party_id = world.qingpu.party_id
        with world.database.unit() as db:
            world.parties.register_operator(db, party_id, "qp-901", {Role.administrator})
        with world.database.unit() as db, pytest.raises(NotPermittedError):
            logins.give(db, world.caller, "qp-103", party_id, "qp-900", (LOGIN, "other"))
        with world.database.unit() as db, pytest.raises(InvalidRegistrationError):
            logins.give(db, world.caller, "qp-901", party_id, "nobody", (LOGIN, "other"))
        with world.database.unit() as db:
            logins.give(db, world.caller, "qp-901", party_id, "qp-900", (LOGIN, "other"))
        held, kept = begin(world, sessions, subject="other")
        assert held.roles == {Role.auditor}
        with world.database.unit() as db:
            assert logins.take(db, world.caller, "qp-901", party_id, "qp-900") == 1
            with pytest.raises(UnknownOperatorError):
                logins.take(db, world.caller, "qp-901", party_id, "qp-900")
        with pytest.raises(SessionOverError):
            read(world, sessions, kept)
