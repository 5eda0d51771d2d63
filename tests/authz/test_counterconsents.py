"""Consent at the counter: two of the staff, one drawn signature, one slip; little it is good for, and all of it listed."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from authz.counterconsents import MAX_PAD, Assistance, printed
from authz.errors import (
    AskClosedError,
    AssistanceRefusedError,
    GrantClosedError,
    KeyRefusedError,
    NotPermittedError,
    SignerNotHolderError,
    UnknownAskError,
    UnknownAssistanceError,
    UnknownOperatorError,
    UseRefusedError,
)
from authz.model import Ask, GrantState, Presence, Role
from authz.noticekinds import NoticeKind
from tests.authz.phones import respelled
from tests.authz.world import AUDIENCE, CASE, ISSUER, Key, World

PAD = b"\x89PNG\r\n\x1a\n" + b"a signature as somebody drew it"
NOBODY = "00000000-0000-7000-8000-000000000000"
FIRST, SECOND = ("qp-103", Role.window), ("qp-200", Role.reviewer)


@pytest.fixture
def staffed(world: World) -> World:
    with world.database.unit() as db:
        world.parties.register_operator(db, world.qingpu.party_id, "qp-200", {Role.reviewer})
        world.parties.register_operator(db, world.qingpu.party_id, "qp-300", {Role.window, Role.reviewer})
    return world


def begin(world: World, ask: Ask | None = None, person: str | None = None, **other: Any) -> Assistance:
    ask = ask or world.ask()
    told = {"operator": "qp-103", "presence": Presence.id_card_read, "pad": PAD, "caller": world.caller} | other
    with world.database.unit() as db:
        return world.assisted.begin(
            db,
            told["caller"],
            told["operator"],
            ask.id,
            person or world.chen,
            told["presence"],
            told["pad"],
        )


def statement(
    world: World,
    begun: Assistance,
    who: tuple[str, Role],
    key: Key | None = None,
    typ: str | None = None,
    **claims: Any,
) -> str:
    """What the department's system signs for one of its staff, made of the documented form."""
    told = {
        "iss": world.qingpu.client_id,
        "aud": ISSUER,
        "iat": world.clock.seconds,
        "assistance": begun.id,
        "terms": begun.statement.terms,
        "signer": begun.statement.signer,
        "identified_by": begun.statement.identified_by,
        "pad": sha256(PAD).hexdigest(),
        "operator": who[0],
        "role": who[1].value,
    }
    header = {"typ": typ or "cailian-assistance+jwt", "kid": world.qingpu.key.thumbprint}
    return (key or world.qingpu.key).sign(told | claims, header)


def state(world: World, begun: Assistance, who: tuple[str, Role], **wrong: Any) -> tuple[Assistance, str | None]:
    signed = statement(world, begun, who, **wrong)
    with world.database.unit() as db:
        return world.assisted.state(db, world.caller, who[0], begun.id, signed)


def give(world: World, **terms: Any) -> tuple[Assistance, str]:
    begun = begin(world, world.ask(**terms))
    state(world, begun, FIRST)
    made, code = state(world, begun, SECOND)
    assert code is not None
    return made, code


class TestBegin:
    def test_says_what_staff_must_state_and_names_nobody(self, staffed: World) -> None:
        begun = begin(staffed)
        assert begun.statement.claims("qp-103", Role.window) == {
            "assistance": begun.id,
            "terms": begun.statement.terms,
            "signer": staffed.holders.pairwise(staffed.chen, staffed.qingpu.party_id),
            "identified_by": "id_card_read",
            "pad": sha256(PAD).hexdigest(),
            "operator": "qp-103",
            "role": "window",
        }
        row = staffed.run("SELECT pad FROM authz.assistance")[0][0]
        assert b"drawn" not in bytes(row)
        assert b"PNG" not in bytes(row)

    @pytest.mark.parametrize(
        "presence", [each for each in Presence if each not in {Presence.id_card_read, Presence.live_code}]
    )
    def test_somebody_must_be_there(self, staffed: World, presence: Presence) -> None:
        with pytest.raises(AssistanceRefusedError):
            begin(staffed, presence=presence)

    @pytest.mark.parametrize("pad", [b"", b"GIF89a", PAD + bytes(MAX_PAD)], ids=["none", "other", "long"])
    def test_something_must_be_drawn(self, staffed: World, pad: bytes) -> None:
        with pytest.raises(AssistanceRefusedError):
            begin(staffed, pad=pad)

    def test_ask_must_be_for_a_case(self, staffed: World) -> None:
        with pytest.raises(AssistanceRefusedError):
            begin(staffed, staffed.ask(case_no=None))

    def test_only_who_may_consent(self, staffed: World) -> None:
        with pytest.raises(SignerNotHolderError):
            begin(staffed, person=staffed.xu)

    def test_only_at_the_window_and_of_ones_own_asks(self, staffed: World) -> None:
        for operator, error in (
            ("qp-200", NotPermittedError),
            ("qp-900", NotPermittedError),
            ("x", UnknownOperatorError),
        ):
            with pytest.raises(error):
                begin(staffed, operator=operator)
        ask, other = staffed.ask(), staffed.call(staffed.baoshan)
        with pytest.raises(UnknownAskError):
            begin(staffed, ask, caller=other, operator="bs-017")

    def test_answered_ask_is_closed(self, staffed: World) -> None:
        ask = staffed.ask()
        with staffed.database.unit() as db:
            staffed.asks.approve(db, ask.id, staffed.id_token("chen", ask.digest))
        with pytest.raises(AskClosedError):
            begin(staffed, ask)


class TestState:
    def test_two_staff_give_the_grant(self, staffed: World) -> None:
        begun = begin(staffed)
        one, none = state(staffed, begun, FIRST)
        assert (one.staff, one.grant_id, none) == (("qp-103",), None, None)
        made, code = state(staffed, begun, SECOND)
        assert made.staff == ("qp-103", "qp-200")
        assert code is not None
        with staffed.database.unit() as db:
            grant = staffed.grants.find(db, str(made.grant_id))
            kept = json.loads(staffed.grants.evidence_of(db, grant.id)[0])
            told = {notice.kind for notice in staffed.notices.of_holder(db, staffed.firm)}
        assert (grant.signer_kind, grant.signer_id) == ("counter", staffed.chen)
        assert (grant.representation, grant.case_no) == ("legal_representative", CASE)
        assert kept["slip"]["sha256"] == sha256(code.encode()).hexdigest()
        assert NoticeKind.counter_consent in told
        _, parties = staffed.record(grant.entry_id)
        assert (parties["signer_kind"], parties["provider"]) == ("counter", staffed.caller.org_code)
        assert staffed.use().uses_left == 2

    def test_again_is_answered_the_same(self, staffed: World) -> None:
        begun = begin(staffed)
        first = state(staffed, begun, FIRST)
        assert state(staffed, begun, FIRST) == first
        second = state(staffed, begun, SECOND)
        assert state(staffed, begun, SECOND) == second
        assert staffed.types().count("grant.given") == 1

    def test_code_is_kept_nowhere(self, staffed: World) -> None:
        _, code = give(staffed)
        rows = str(staffed.run("SELECT a.*, g.* FROM authz.assistance a JOIN authz.grant_ g ON g.id = a.grant_id"))
        assert code not in rows
        assert printed(code) not in rows

    def test_one_person_in_both_roles_is_not_two(self, staffed: World) -> None:
        begun = begin(staffed, operator="qp-300")
        state(staffed, begun, ("qp-300", Role.window))
        state(staffed, begun, ("qp-300", Role.window))
        with staffed.database.unit() as db:
            signed = statement(staffed, begun, ("qp-300", Role.reviewer))
            again, code = staffed.assisted.state(db, staffed.caller, "qp-300", begun.id, signed)
        assert (again.grant_id, code) == (None, None)

    def test_two_at_the_window_are_not_enough(self, staffed: World) -> None:
        with staffed.database.unit() as db:
            staffed.parties.register_operator(db, staffed.qingpu.party_id, "qp-104", {Role.window})
        begun = begin(staffed)
        state(staffed, begun, FIRST)
        with pytest.raises(NotPermittedError):
            state(staffed, begun, ("qp-104", Role.window))

    def test_reviewer_does_not_begin_and_auditor_does_nothing(self, staffed: World) -> None:
        begun = begin(staffed)
        for who in (SECOND, ("qp-900", Role.window)):
            with pytest.raises(NotPermittedError):
                state(staffed, begun, who)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"terms": "A" * 43},
            {"signer": "A" * 22},
            {"pad": "00" * 32},
            {"identified_by": "live_code"},
            {"assistance": NOBODY},
            {"operator": "qp-300"},
            {"role": "reviewer"},
            {"iss": "baoshan-window"},
            {"aud": AUDIENCE},
            {"iat": 0},
            {"more": 1},
            {"typ": "JWT"},
            {"key": Key()},
        ],
        ids=lambda change: str(list(change)),
    )
    def test_refuses_another_statement(self, staffed: World, wrong: Any) -> None:
        begun = begin(staffed)
        with pytest.raises(AssistanceRefusedError):
            state(staffed, begun, FIRST, **wrong)

    @pytest.mark.parametrize("wrong", ["fraction", "spelling"])
    def test_refuses_what_verifiers_of_evidence_would_not_read(self, staffed: World, wrong: str) -> None:
        begun = begin(staffed)
        signed = statement(staffed, begun, FIRST)
        if wrong == "fraction":
            signed = statement(staffed, begun, FIRST, iat=staffed.clock.seconds - 0.5)
        else:
            signed = respelled(signed)
        with staffed.database.unit() as db, pytest.raises(AssistanceRefusedError):
            staffed.assisted.state(db, staffed.caller, FIRST[0], begun.id, signed)

    def test_time_runs_out(self, staffed: World) -> None:
        begun = begin(staffed)
        state(staffed, begun, FIRST)
        staffed.clock.at = begun.expires_at
        with pytest.raises(AssistanceRefusedError):
            state(staffed, begun, SECOND)

    def test_another_organisations_is_unknown(self, staffed: World) -> None:
        begun, other = begin(staffed), staffed.call(staffed.baoshan)
        with staffed.database.unit() as db, pytest.raises(UnknownAssistanceError):
            staffed.assisted.state(db, other, "bs-017", begun.id, "x")

    def test_nobody_hands_it_in_as_a_signature(self, staffed: World) -> None:
        made, _ = give(staffed)
        with staffed.database.unit() as db:
            kept = staffed.grants.evidence_of(db, str(made.grant_id))[0]
        ask = staffed.ask()
        with staffed.database.unit() as db, pytest.raises(KeyRefusedError):
            staffed.asks.approve(db, ask.id, kept)


class TestWhatItIsGoodFor:
    @pytest.mark.parametrize(("level", "code"), [(1, None), (2, None), (3, "grant-assurance"), (4, "grant-assurance")])
    def test_level_2_at_most(self, staffed: World, level: int, code: str | None) -> None:
        made, _ = give(staffed)
        lease = staffed.lease(level=level)
        if code is None:
            assert staffed.use(lease, grant_id=made.grant_id)
            return
        with pytest.raises(UseRefusedError) as raised:
            staffed.use(lease, grant_id=made.grant_id)
        assert raised.value.code == code

    @pytest.mark.parametrize(
        "change", ["signer_kind = 'oidc'", "assurance = 3", "given_at = given_at + interval '1 day'"]
    )
    def test_administrator_who_lifts_it_is_noticed(self, staffed: World, change: str) -> None:
        made, _ = give(staffed)
        staffed.run(f"UPDATE authz.grant_ SET {change}")
        with pytest.raises(UseRefusedError) as raised:
            staffed.use(staffed.lease(level=3), grant_id=made.grant_id)
        assert raised.value.reason == "grant-altered"

    @pytest.mark.parametrize("wrong", ["one", "same person", "same role", "other key", "other terms"])
    def test_forged_statements_are_noticed_at_the_use(self, staffed: World, wrong: str) -> None:
        made, _ = give(staffed)
        with staffed.database.unit() as db:
            kept = json.loads(staffed.grants.evidence_of(db, str(made.grant_id))[0])
        told = kept["statements"]
        begun = replace(made)
        if wrong == "one":
            told.pop()
        elif wrong == "same person":
            told[1]["jws"] = statement(staffed, begun, ("qp-103", Role.reviewer))
        elif wrong == "same role":
            told[1]["jws"] = statement(staffed, begun, ("qp-200", Role.window))
        elif wrong == "other key":
            told[1]["jws"] = statement(staffed, begun, SECOND, key=Key())
        else:
            other = begin(staffed)
            kept["statements"] = [
                {"jws": statement(staffed, other, who), "key": staffed.qingpu.key.jwk} for who in (FIRST, SECOND)
            ]
        sealed = staffed.vault.shut(json.dumps(kept), f"grant/given/{made.grant_id}".encode())
        staffed.run("UPDATE authz.grant_ SET id_token = :sealed", sealed=sealed)
        with pytest.raises(UseRefusedError) as raised:
            staffed.use(grant_id=made.grant_id)
        assert raised.value.reason == "grant-altered"


class TestWithdraw:
    @pytest.mark.parametrize("spelt", ["{}", " {} ", "lower"])
    def test_by_the_code_on_the_slip(self, staffed: World, spelt: str) -> None:
        made, code = give(staffed)
        text = printed(code).lower() if spelt == "lower" else spelt.format(printed(code))
        with staffed.database.unit() as db:
            grant = staffed.assisted.withdraw(db, text)
        assert (grant.id, grant.state) == (made.grant_id, GrantState.withdrawn)
        with pytest.raises(UseRefusedError) as raised:
            staffed.use(grant_id=made.grant_id)
        assert raised.value.code == "grant-withdrawn"
        with staffed.database.unit() as db, pytest.raises(GrantClosedError):
            staffed.assisted.withdraw(db, text)
        assert "grant.withdrawn" in staffed.types()

    @pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA", "长", "x" * 64])
    def test_unknown_code(self, staffed: World, code: str) -> None:
        give(staffed)
        with staffed.database.unit() as db, pytest.raises(UnknownAssistanceError):
            staffed.assisted.withdraw(db, code)

    def test_or_by_a_login(self, staffed: World) -> None:
        made, _ = give(staffed)
        assert staffed.withdraw(str(made.grant_id)).state is GrantState.withdrawn


class TestListed:
    def test_to_the_auditor_whatever_came_of_it(self, staffed: World) -> None:
        made, code = give(staffed)
        begun = begin(staffed)
        with staffed.database.unit() as db:
            staffed.assisted.withdraw(db, code)
            listed = staffed.assisted.listed(db, staffed.caller, "qp-900")
        assert {(each.id, each.staff) for each in listed} == {(made.id, ("qp-103", "qp-200")), (begun.id, ())}
        assert [each.withdrawn_at is not None for each in sorted(listed, key=lambda each: each.id)] == [True, False]

    def test_to_nobody_else(self, staffed: World) -> None:
        other = staffed.call(staffed.baoshan)
        with staffed.database.unit() as db:
            for operator in ("qp-103", "qp-200"):
                with pytest.raises(NotPermittedError):
                    staffed.assisted.listed(db, staffed.caller, operator)
            staffed.parties.register_operator(db, staffed.baoshan.party_id, "bs-900", {Role.auditor})
            assert staffed.assisted.listed(db, other, "bs-900") == []
