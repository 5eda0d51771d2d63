"""Every kind of presence: what proves it, and what does not."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from authz.delegations import Delegation
from authz.model import Identifier, Presence
from certs.codetext import CodeTexts
from certs.presence import LiveCodes
from materials.errors import PresenceRefusedError
from materials.presence import Presences, Proof, presence_terms
from tests.authz.test_delegations import LU, XU, Chain
from tests.authz.world import ITEM

if TYPE_CHECKING:
    from ledger.db import Database

CHEN_CARD = Identifier("111", "310199199001010018")


class Door(Chain):
    """A counter at which somebody says that the applicant is there."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.texts = CodeTexts(b"c" * 32, "310199")
        live_codes = LiveCodes(self.texts, self.clock)
        self.presences = Presences(
            self.holders, self.signatures, self.representations, self.delegations, live_codes, self.clock
        )

    def check(self, kind: Presence, proof: Proof, applicant: str | None = None) -> str | None:
        with self.database.unit() as db:
            return self.presences.check(db, self.caller, kind, proof, ITEM, applicant or self.firm)

    def login(self, subject: str, **signed: str) -> Proof:
        whole = {"login_id": str(uuid.uuid4()), "org_code": self.caller.org_code, "item_code": ITEM} | signed
        return Proof(login_id=whole["login_id"], signature=self.id_token(subject, presence_terms(**whole)[1]))

    def refused(self, kind: Presence, proof: Proof, applicant: str | None = None) -> str:
        with pytest.raises(PresenceRefusedError) as raised:
            self.check(kind, proof, applicant)
        return str(raised.value.fields["check"])


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


class TestLogin:
    def test_of_the_applicant_or_who_represents_them(self, door: Door) -> None:
        assert door.check(Presence.holder_login, door.login("chen"))
        assert door.check(Presence.holder_login, door.login("chen"), door.chen)

    def test_of_somebody_else(self, door: Door) -> None:
        assert door.refused(Presence.holder_login, door.login("xu")) == "id_token"

    @pytest.mark.parametrize("signed", [{"org_code": "11310113XX00000A2R"}, {"item_code": "other"}])
    def test_at_another_counter_or_for_another_item(self, door: Door, signed: dict[str, str]) -> None:
        assert door.refused(Presence.holder_login, door.login("chen", **signed)) == "id_token"

    def test_without_a_signature(self, door: Door) -> None:
        assert door.refused(Presence.holder_login, Proof()) == "id_token"

    def test_of_ten_minutes_ago(self, door: Door) -> None:
        proof = door.login("chen")
        door.clock.pass_(600)
        assert door.refused(Presence.holder_login, proof) == "id_token"


class TestCard:
    def test_of_the_applicant_or_who_represents_them(self, door: Door) -> None:
        assert door.check(Presence.id_card_read, Proof(card=CHEN_CARD))
        assert door.check(Presence.id_card_read, Proof(card=CHEN_CARD), door.chen)

    def test_of_somebody_else_or_nobody_known(self, door: Door) -> None:
        for card in (XU[2], Identifier("414", "E12345678")):
            assert door.refused(Presence.id_card_read, Proof(card=card)) == "card"

    def test_stated_by_staff(self, door: Door) -> None:
        assert door.check(Presence.id_card_read, Proof()) is None

    def test_keeps_no_code(self, door: Door) -> None:
        assert CHEN_CARD.code not in str(door.check(Presence.id_card_read, Proof(card=CHEN_CARD)))


class TestAgent:
    def proof(self, held: Delegation, agent: Any = XU) -> Proof:
        return Proof(card=agent[2], delegation_id=held.terms.id)

    def test_by_a_delegation_that_stands(self, door: Door) -> None:
        assert door.check(Presence.agent_grant, self.proof(door.delegate()))

    def test_by_the_end_of_a_chain(self, door: Door) -> None:
        child = door.child(door.delegate())
        assert door.check(Presence.agent_grant, self.proof(child, LU))

    def test_agent_of_another_delegation(self, door: Door) -> None:
        assert door.refused(Presence.agent_grant, self.proof(door.delegate(), LU)) == "delegation"

    def test_that_has_ended(self, door: Door) -> None:
        held = door.delegate()
        door.end(held.terms.id, "chen")
        assert door.refused(Presence.agent_grant, self.proof(held)) == "delegation"

    def test_for_another_item(self, door: Door) -> None:
        held = door.delegate(items=("11310118XX00000B0W4310100101999",))
        assert door.refused(Presence.agent_grant, self.proof(held)) == "delegation"

    def test_for_a_bundle_covers_every_item_of_it(self, door: Door) -> None:
        other = "11310118XX00000B0W4310100101999"
        one, both = door.delegate(), door.delegate(items=(ITEM, other))
        kind, wanted = Presence.agent_grant, (ITEM, other)
        with door.database.unit() as db:
            assert door.presences.check(db, door.caller, kind, self.proof(both), "bundle", door.firm, wanted)
            with pytest.raises(PresenceRefusedError):
                door.presences.check(db, door.caller, kind, self.proof(one), "bundle", door.firm, wanted)

    def test_whose_giver_no_longer_represents_the_firm(self, door: Door) -> None:
        held = door.delegate()
        with door.database.unit() as db:
            door.representations.end(db, door.represented.id, source=door.baoshan.party_id, operator="bs-002")
        assert door.refused(Presence.agent_grant, self.proof(held)) == "delegation"

    @pytest.mark.parametrize("missing", ["card", "delegation"])
    def test_needs_both(self, door: Door, missing: str) -> None:
        proof = self.proof(door.delegate())
        proof = Proof(card=None if missing == "card" else proof.card, delegation_id=None)
        assert door.refused(Presence.agent_grant, proof) == missing


class TestLiveCode:
    def test_refuses_what_is_no_code_of_ours(self, door: Door) -> None:
        assert door.refused(Presence.live_code, Proof()) == "code"
        assert door.refused(Presence.live_code, Proof(code="CL1:310199:x")) == "unknown-code"
        other = door.texts.of(str(uuid.uuid4()))
        assert door.refused(Presence.live_code, Proof(code=other)) == "unknown-code"


class TestNone:
    def test_needs_nothing_and_proves_nothing(self, door: Door) -> None:
        assert door.check(Presence.none, door.login("xu")) is None
