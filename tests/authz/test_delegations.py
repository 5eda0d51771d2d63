"""Chains of delegation: each link less than the one above, each signed, and the whole looked at again at every use."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from authz.delegations import Delegation, Named
from authz.delegationterms import DelegationBody, Scope, commitment, ending
from authz.errors import (
    DelegationClosedError,
    DelegationTooWideError,
    InvalidTermsError,
    SignerNotHolderError,
    UnknownDelegationError,
    UseRefusedError,
)
from authz.model import HolderKind, Identifier, Mode
from ledger.db import Database
from tests.authz.world import ITEM, World

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
FIRM = ("organisation", "宝山青禾餐饮管理有限公司", Identifier("001", "91310113XX0000019X"))
CHEN = ("person", "陈安澜", Identifier("111", "310199199001010018"))
XU = ("person", "徐行舟", Identifier("111", "31019919900128027X"))
LU = ("person", "陆望舒", Identifier("111", "31019919991231002X"))


class Chain(World):
    """The world with a manager (xu) and an agent (lu), and what they sign."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.unit() as db:
            self.lu = self.person(db, LU[1], LU[2].code, "lu")

    def terms(self, principal: Any = FIRM, delegate: Any = XU, **other: Any) -> tuple[DelegationBody, Named, Named]:
        salts = os.urandom(16), os.urandom(16)
        named = [
            Named(HolderKind(kind), name, code, salt)
            for (kind, name, code), salt in zip((principal, delegate), salts, strict=True)
        ]
        now = self.clock.now().replace(microsecond=0)
        body = DelegationBody(
            id=str(uuid.uuid4()),
            parent=None,
            principal=commitment(principal[2], salts[0]),
            delegate=commitment(delegate[2], salts[1]),
            items=(ITEM,),
            types=("CL015", "CL022"),
            mode=Mode.copy,
            regions=("310100",),
            levels=1,
            valid_from=now,
            valid_to=now + timedelta(days=60),
        )
        return replace(body, **other), named[0], named[1]

    def delegate(self, subject: str = "chen", principal: Any = FIRM, to: Any = XU, **other: Any) -> Delegation:
        body, principal_named, delegate_named = self.terms(principal, to, **other)
        with self.database.unit() as db:
            return self.delegations.give(db, body, principal_named, delegate_named, self.id_token(subject, body.digest))

    def child(self, parent: Delegation, subject: str = "xu", to: Any = LU, **other: Any) -> Delegation:
        narrower: dict[str, Any] = {"parent": parent.terms.id, "levels": 0, "types": ("CL022",)}
        narrower |= {"valid_from": parent.terms.valid_from, "valid_to": parent.terms.valid_to}
        return self.delegate(subject, to=to, **(narrower | other))

    def end(self, delegation_id: str, subject: str) -> Delegation:
        with self.database.unit() as db:
            return self.delegations.end(db, delegation_id, self.id_token(subject, ending(delegation_id)[1]))

    def refusal(self, **grant: Any) -> str:
        with pytest.raises(UseRefusedError) as raised:
            self.use(**grant)
        return str(raised.value.fields.get("reason", raised.value.reason))


@pytest.fixture
def world(database: Database) -> Chain:
    return Chain(database)


class TestGive:
    def test_manager_and_agent_sign_for_the_firm_and_their_chain_is_in_the_evidence(self, world: Chain) -> None:
        manager = world.delegate()
        agent = world.child(manager)
        grant = world.grant("lu")
        assert grant.signer_id == world.lu
        assert grant.representation == f"delegate:{agent.terms.id}"
        _, parties = world.record(grant.entry_id)
        assert parties["representation"] == "delegate"
        assert parties["delegations"] == [manager.digest, agent.digest]
        _, parties = world.record(agent.entry_id)
        assert parties["terms"] == agent.digest
        assert agent.chain == (manager.terms.id, agent.terms.id)
        assert world.use().grant_id == grant.id

    def test_person_lets_another_act_for_themselves(self, world: Chain) -> None:
        world.delegate("xu", principal=XU, to=LU)
        grant = world.grant("lu", grantor=world.xu)
        assert grant.signer_id == world.lu

    def test_delegate_signs_nothing_outside_the_scope(self, world: Chain) -> None:
        world.delegate(types=("CL015",))
        with pytest.raises(SignerNotHolderError):
            world.grant("xu", types=["CL022"])
        with pytest.raises(SignerNotHolderError):
            world.grant("xu", types=["CL015"], regions=["320500"])
        with pytest.raises(SignerNotHolderError):
            world.grant("xu", types=["CL015"], valid_to=world.clock.now() + timedelta(days=90))
        assert world.grant("xu", types=["CL015"]).signer_id == world.xu

    @pytest.mark.parametrize("subject", ["xu", "lu", "nobody"])
    def test_only_the_principal_or_who_represents_it_begins_a_chain(self, world: Chain, subject: str) -> None:
        with pytest.raises(SignerNotHolderError):
            world.delegate(subject, to=LU if subject != "lu" else XU)

    def test_terms_that_commit_to_somebody_else_are_refused(self, world: Chain) -> None:
        body, principal, delegate = world.terms()
        other, token = Named(HolderKind.person, LU[1], LU[2], delegate.salt), world.id_token("chen", body.digest)
        with world.database.unit() as db, pytest.raises(InvalidTermsError) as raised:
            world.delegations.give(db, body, principal, other, token)
        assert raised.value.fields == {"term": "delegate"}

    def test_same_terms_count_once(self, world: Chain) -> None:
        body, principal, delegate = world.terms()
        for expected in (None, DelegationClosedError):
            with world.database.unit() as db:
                token = world.id_token("chen", body.digest)
                if expected is None:
                    world.delegations.give(db, body, principal, delegate, token)
                    continue
                with pytest.raises(expected):
                    world.delegations.give(db, body, principal, delegate, token)

    def test_nobody_delegates_to_themselves_or_to_the_principal(self, world: Chain) -> None:
        with pytest.raises(DelegationTooWideError):
            world.delegate(to=CHEN)
        with pytest.raises(InvalidTermsError):
            world.delegate(to=FIRM)

    @pytest.mark.parametrize(
        ("term", "wider"),
        [
            ("types", ("CL015", "CL022", "CL025")),
            ("types", ("*",)),
            ("items", ("*",)),
            ("regions", ("310000",)),
            ("levels", 1),
            ("valid_to", 61),
        ],
    )
    def test_child_that_gives_more_than_its_parent_is_refused(self, world: Chain, term: str, wider: Any) -> None:
        manager = world.delegate()
        value = manager.terms.valid_from + timedelta(days=wider) if term == "valid_to" else wider
        with pytest.raises(DelegationTooWideError) as raised:
            world.child(manager, **{term: value})
        assert raised.value.fields == {"term": term}

    def test_mode_narrows_too(self, world: Chain) -> None:
        manager = world.delegate(mode=Mode.verify)
        with pytest.raises(DelegationTooWideError):
            world.child(manager, mode=Mode.data)

    def test_last_of_a_chain_lets_nobody_follow(self, world: Chain) -> None:
        manager = world.delegate(levels=0)
        with pytest.raises(DelegationTooWideError):
            world.child(manager)

    def test_only_the_delegate_delegates_further(self, world: Chain) -> None:
        manager = world.delegate()
        with pytest.raises(UnknownDelegationError):
            world.child(manager, subject="chen")

    def test_nothing_hangs_below_what_has_ended(self, world: Chain) -> None:
        manager = world.delegate()
        world.end(manager.terms.id, "chen")
        with pytest.raises(DelegationClosedError):
            world.child(manager)


class TestUse:
    def test_end_of_any_link_stops_the_next_use(self, world: Chain) -> None:
        manager = world.delegate()
        world.child(manager)
        world.grant("lu")
        world.use()
        world.end(manager.terms.id, "xu")
        assert world.refusal() == "grant-representation"

    def test_change_of_legal_representative_suspends_what_hangs_below(self, world: Chain) -> None:
        world.child(world.delegate())
        world.grant("lu")
        world.use()
        with world.database.unit() as db:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
        world.clock.pass_(1)
        assert world.refusal() == "grant-representation"

    def test_period_of_the_chain_bounds_the_use(self, world: Chain) -> None:
        now = world.clock.now().replace(microsecond=0)
        world.delegate(valid_to=now + timedelta(days=31))
        world.grant("xu")
        world.use()
        world.clock.pass_(31 * 86400)
        assert world.refusal() in {"grant-representation", "grant-expired"}

    def test_thing_named_by_id_is_judged_by_its_type_at_the_use(self, world: Chain) -> None:
        thing = world.lease()
        world.delegate(types=("CL015",))
        world.grant("xu", types=[], objects=[thing.id])
        assert world.refusal(resource=thing) == "grant-representation"

    @pytest.mark.parametrize(
        "change",
        [
            "delegate_id = '{lu}'",
            "principal_id = '{xu}'",
            "body = convert_to(replace(convert_from(body, 'utf8'), 'CL015', 'CL016'), 'utf8')",
            "digest = reverse(digest)",
            "id_token = substr(id_token, 1, 30)",
        ],
    )
    def test_row_that_a_database_administrator_changed_stands_for_nobody(self, world: Chain, change: str) -> None:
        world.delegate()
        world.grant("xu")
        world.use()
        world.run(f"UPDATE authz.delegation SET {change.format(lu=world.lu, xu=world.chen)}")
        assert world.refusal() == "grant-representation"


class TestEnd:
    @pytest.mark.parametrize("subject", ["chen", "xu", "lu"])
    def test_givers_above_and_the_delegate_may_end_it(self, world: Chain, subject: str) -> None:
        agent = world.child(world.delegate())
        ended = world.end(agent.terms.id, subject)
        assert ended.ended_at is not None
        assert world.types()[-1] == "delegation.ended"

    def test_new_representative_may_end_it(self, world: Chain) -> None:
        manager = world.delegate()
        with world.database.unit() as db:
            world.representations.end(db, world.represented.id, source=world.baoshan.party_id, operator="bs-002")
        world.clock.pass_(1)
        with world.database.unit() as db:
            world.representations.record(
                db,
                organisation=world.firm,
                person=world.lu,
                kind="legal_representative",
                valid_from=world.clock.now(),
                valid_to=None,
                source=world.baoshan.party_id,
                operator="bs-002",
            )
        assert world.end(manager.terms.id, "lu").ended_at is not None

    def test_stranger_learns_nothing(self, world: Chain) -> None:
        manager = world.delegate()
        with pytest.raises(UnknownDelegationError):
            world.end(manager.terms.id, "lu")
        with pytest.raises(UnknownDelegationError):
            world.end(str(uuid.uuid4()), "chen")

    def test_ends_once(self, world: Chain) -> None:
        manager = world.delegate()
        world.end(manager.terms.id, "chen")
        with pytest.raises(DelegationClosedError):
            world.end(manager.terms.id, "chen")


codes = st.one_of(
    st.just(("*",)), st.sets(st.sampled_from(["a", "b", "c"]), min_size=1).map(lambda held: tuple(sorted(held)))
)


class TestNarrowing:
    @given(codes, codes, st.sampled_from(list(Mode)), st.sampled_from(list(Mode)))
    def test_what_a_child_covers_its_parent_covers(self, wide: Any, narrow: Any, mode: Mode, less: Mode) -> None:
        base = DelegationBody(
            id=str(uuid.UUID(int=1)),
            parent=None,
            principal="p" * 43,
            delegate="d" * 43,
            items=wide,
            types=wide,
            mode=mode,
            regions=("310000",),
            levels=1,
            valid_from=NOW,
            valid_to=NOW + timedelta(days=2),
        )
        child = replace(base, id=str(uuid.UUID(int=2)), parent=base.id, items=narrow, types=narrow, mode=less, levels=0)
        try:
            base.check_child(child)
        except DelegationTooWideError:
            return
        for code in ("a", "b", "c", "z"):
            for asked in Mode:
                scope = Scope(frozenset({code}), frozenset({code}), asked, frozenset({"310118"}))
                assert base.covers(scope, NOW) or not child.covers(scope, NOW)

    def test_terms_survive_their_bytes(self, world: Chain) -> None:
        body, _, _ = world.terms()
        assert DelegationBody.decode(body.encode()) == body
        for spoilt in (
            b"{}",
            b"[" * 100_000,
            body.encode() + b" ",
            body.encode().replace(b'"levels":1', b'"levels":2.0'),
        ):
            with pytest.raises(InvalidTermsError):
                DelegationBody.decode(spoilt)
