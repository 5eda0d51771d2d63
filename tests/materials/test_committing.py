"""Signing a letter of commitment: asked, taken back, at the counter, and the day it is to be checked."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from authz.errors import AssistanceRefusedError, NotPermittedError, SignerNotHolderError
from authz.model import Role
from authz.signers import SignerKind
from authz.workdays import Workdays
from certs.requests import HolderRequest
from ledger.db import Database
from ledger.ids import new_id
from ledger.objects import ObjectStore
from materials.catalogue import Catalogue
from materials.checklist.model import Line, LineState, Route
from materials.commitmentrows import Commitment
from materials.counterletters import CounterLetters
from materials.counterrows import CounterSignature
from materials.errors import (
    CatalogueError,
    CommitmentNotSignedError,
    CommitmentSignedError,
    CommitmentStandsError,
    UnknownCommitmentError,
    UnknownCounterSignatureError,
)
from materials.model import Case
from tests.authz.world import ISSUER, Key
from tests.materials.reuse import RESTAURANT, ReuseWorld
from tests.materials.test_commitments import DAY, Desk
from tests.materials.world import World

SUBSIDY = "11310113XX00000A2R4310500701000"
NEWBORN = "11310118XX00000B0W4310700901000"
PAD = b"\x89PNG\r\n\x1a\n" + b"a signature as somebody drew it"


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def reuse(database: Database, offline: ObjectStore) -> ReuseWorld:
    held = ReuseWorld(database, offline)
    held.serve(templates=frozenset({"commitment-letter"}))
    return held


def told(desk: Desk, holder_id: str) -> list[str]:
    with desk.world.database.unit() as db:
        return [each.kind.value for each in desk.world.notices.of_holder(db, holder_id)]


def refuse(desk: Desk, held: Commitment, subject: str = "chen") -> Commitment:
    asked = HolderRequest("refuse-commitment", new_id(), held.id)
    token = desk.world.token(asked.digest, subject)
    with desk.world.database.unit() as db:
        return desk.commitments.refuse(db, asked, token)


def outbox(desk: Desk, held: Commitment) -> list[str]:
    """What the department's systems are told of one."""
    with desk.world.database.unit() as db:
        rows = db.exec_driver_sql(
            "SELECT body->>'state' FROM ledger.outbox WHERE kind = 'commitment.changed'"
            " AND body->>'commitment_id' = %s ORDER BY id",
            (held.id,),
        )
        return [row[0] for row in rows]


class TestAsk:
    def test_the_holder_is_told_and_finds_it(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.propose(case)
        assert "commitment-asked" in told(desk, case.applicant_holder_id)
        with desk.world.database.unit() as db:
            found = desk.commitments.of_holders(db, {case.applicant_holder_id})
            assert [(each.id, [one.type_code for one in owed]) for each, owed in found] == [(held.id, ["CL040"])]
            with pytest.raises(UnknownCommitmentError):
                desk.commitments.for_holders(db, held.id, {desk.world.xu})

    def test_its_signature_says_by_whom_and_how_and_can_be_looked_at_again(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        parties = desk.world.opened(held.entry_id or "")[1]
        assert (parties["signer_kind"], parties["assurance"]) == ("oidc", 2)
        with desk.world.database.unit() as db:
            (kept,) = db.exec_driver_sql("SELECT signature FROM materials.commitment WHERE id = %s", (held.id,)).one()
        opened = desk.world.identity.open(bytes(kept), f"commitment/signature/{held.id}".encode())
        assert sha256(opened.encode()).hexdigest() == parties["id_token"]["sha256"]
        assert desk.world.signatures.covers(opened, parties["terms"])
        assert not desk.world.signatures.covers(opened, "A" * 43)
        assert outbox(desk, held) == ["signed"]


class TestRefuse:
    def test_what_was_not_signed_is_declined(self, desk: Desk) -> None:
        held = refuse(desk, desk.propose(desk.world.open_case()))
        assert held.state == "declined"
        parties = desk.world.opened(held.end_entry_id or "")[1]
        assert (parties["by"], parties["state"], parties["signed_entry"]) == ("holder", "declined", None)
        with pytest.raises(CommitmentNotSignedError, match="declined"):
            desk.sign(held)

    def test_what_was_signed_is_taken_back_and_supplies_nothing(self, reuse: ReuseWorld) -> None:
        desk = Desk(reuse)
        case = reuse.firm_case(answers=RESTAURANT | {"commitment": "yes"})
        held = desk.sign(desk.propose(case))
        assert reuse.line(case, "CL040").state is LineState.owed
        ended = refuse(desk, held)
        assert ended.state == "withdrawn"
        assert desk.world.opened(ended.end_entry_id or "")[1]["signed_entry"] == held.entry_id
        assert reuse.line(case, "CL040").state is LineState.offered
        assert "commitment-withdrawn" in told(desk, case.applicant_holder_id)
        again = desk.sign(desk.propose(case))
        assert again.state == "signed"
        assert outbox(desk, held) == ["signed", "withdrawn"]

    def test_owes_and_bars_nothing_afterwards(self, desk: Desk) -> None:
        refuse(desk, desk.sign(desk.propose(desk.world.open_case())))
        desk.world.clock.pass_(60 * DAY)
        assert desk.sweep() == 0

    def test_not_once_the_case_is_accepted(self, desk: Desk) -> None:
        case = desk.world.open_case()
        held = desk.sign(desk.propose(case))
        with desk.world.database.unit() as db:
            db.exec_driver_sql(
                "UPDATE materials.case_ SET accepted_at = now(), due_at = now(), statutory_due_at = now(),"
                " acceptance_entry_id = entry_id WHERE case_no = %s",
                (case.case_no,),
            )
        with pytest.raises(CommitmentStandsError):
            refuse(desk, held)
        assert desk.state(held) == "signed"

    def test_a_stranger_refuses_nothing(self, desk: Desk) -> None:
        held = desk.propose(desk.world.open_case())
        with pytest.raises(SignerNotHolderError):
            refuse(desk, held, "xu")

    def test_the_department_takes_back_what_it_proposed(self, desk: Desk) -> None:
        held = desk.propose(desk.world.open_case())
        with desk.world.database.unit() as db:
            ended = desk.commitments.take_back(db, desk.caller, held.id, desk.operator)
        assert desk.world.opened(ended.end_entry_id or "")[1]["by"] == "department"
        with desk.world.database.unit() as db, pytest.raises(CommitmentNotSignedError):
            desk.commitments.take_back(db, desk.caller, held.id, desk.operator)
        with desk.world.database.unit() as db, pytest.raises(UnknownCommitmentError):
            desk.commitments.take_back(db, desk.world.baoshan, held.id, "bs-017")


class Counter:
    """A counter of Qingpu's, where letters are signed on a pad."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self.letters = CounterLetters(
            desk.commitments, desk.world.cases, desk.world.signatures, desk.world.desk, ISSUER
        )
        self.key = Key()
        with self.world.database.unit() as db:
            client = (self.world.qingpu.client_id, self.world.qingpu.party_id)
            self.world.parties.register_client(db, *client, [self.key.jwk], ["case", "use"])

    def case(self) -> Case:
        return self.world.open_case()

    def begin(
        self, held: Commitment, person: str | None = None, pad: bytes = PAD, who: str = "qp-103"
    ) -> CounterSignature:
        with self.world.database.unit() as db:
            return self.letters.begin(db, self.world.qingpu, who, held.id, person or self.world.chen, pad)

    def state(self, begun: CounterSignature, who: str, role: Role, **wrong: Any) -> CounterSignature:
        with self.world.database.unit() as db:
            claims = self.letters.statement(db, begun).claims(who, role)
        told = claims | {
            "iss": self.world.qingpu.client_id,
            "aud": ISSUER,
            "iat": int(self.world.clock.now().timestamp()),
        }
        header = {"typ": "cailian-assistance+jwt", "kid": self.key.thumbprint}
        signed = self.key.sign(told | wrong, header)
        with self.world.database.unit() as db:
            return self.letters.state(db, self.world.qingpu, who, begun.id, signed)


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


class TestCounter:
    def test_two_of_the_staff_state_it_and_the_letter_is_signed(self, counter: Counter) -> None:
        held = counter.desk.propose(counter.case())
        begun = counter.begin(held)
        assert counter.state(begun, "qp-103", Role.window).signed_at is None
        assert counter.state(begun, "qp-204", Role.reviewer).signed_at is not None
        assert counter.desk.state(held) == "signed"
        with counter.world.database.unit() as db:
            signed, _ = counter.desk.commitments.get(db, counter.world.qingpu, held.id)
            (pad,) = db.exec_driver_sql("SELECT pad FROM materials.counter_signature").one()
            (kept,) = db.exec_driver_sql("SELECT signature FROM materials.commitment WHERE id = %s", (held.id,)).one()
        assert b"drawn" not in bytes(pad)
        parties = counter.world.opened(signed.entry_id or "")[1]
        assert (parties["signer_kind"], parties["assurance"]) == ("counter", 2)
        opened = counter.world.identity.open(bytes(kept), f"commitment/signature/{held.id}".encode())
        standing = counter.world.signatures.again(opened, parties["terms"])
        assert standing is not None
        assert standing.kind is SignerKind.counter
        assert "commitment-signed" in told(counter.desk, held.holder_id)

    def test_one_of_them_is_not_enough_nor_twice_the_same(self, counter: Counter) -> None:
        held = counter.desk.propose(counter.case())
        begun = counter.begin(held)
        counter.state(begun, "qp-103", Role.window)
        assert counter.state(begun, "qp-103", Role.window).signed_at is None
        assert counter.desk.state(held) == "proposed"

    def test_refuses_another_statement(self, counter: Counter) -> None:
        begun = counter.begin(counter.desk.propose(counter.case()))
        for wrong in ({"terms": "A" * 43}, {"pad": "0" * 64}, {"operator": "qp-104"}):
            with pytest.raises(AssistanceRefusedError):
                counter.state(begun, "qp-103", Role.window, **wrong)

    def test_nobody_there_nothing_drawn_or_the_wrong_person(self, counter: Counter) -> None:
        held = counter.desk.propose(counter.case())
        with pytest.raises(AssistanceRefusedError, match="pad"):
            counter.begin(held, pad=b"GIF89a")
        with pytest.raises(SignerNotHolderError):
            counter.begin(held, person=counter.world.xu)
        with pytest.raises(NotPermittedError):
            counter.begin(held, who="qp-204")
        with counter.world.database.unit() as db:
            db.exec_driver_sql(
                "UPDATE materials.case_ SET presence = 'holder_login' WHERE case_no = %s", (held.case_no,)
            )
        with pytest.raises(AssistanceRefusedError, match="presence"):
            counter.begin(held)

    def test_too_late_and_of_another_counter(self, counter: Counter) -> None:
        held = counter.desk.propose(counter.case())
        begun = counter.begin(held)
        with counter.world.database.unit() as db, pytest.raises(UnknownCounterSignatureError):
            counter.letters.state(db, counter.world.baoshan, "bs-017", begun.id, "eyJ.e30.c2ln")
        counter.world.clock.pass_(31 * 60)
        with pytest.raises(AssistanceRefusedError, match="time"):
            counter.state(begun, "qp-103", Role.window)
        counter.desk.sign(held)
        with pytest.raises(CommitmentSignedError):
            counter.begin(held)


class TestCheckDue:
    def test_the_department_is_reminded_once_when_the_day_has_come(self, desk: Desk) -> None:
        held = desk.sign(desk.propose(desk.world.open_case()))
        desk.fulfil(held)
        assert held.check_due_at is not None
        with desk.world.database.unit() as db:
            assert [each.id for each, _ in desk.commitments.to_check(db, desk.caller)] == [held.id]
        desk.world.clock.pass_((held.check_due_at - desk.world.clock.now()).total_seconds() - 60)
        assert desk.sweep() == 0
        desk.world.clock.pass_(61)
        assert (desk.sweep(), desk.sweep()) == (1, 0)
        assert outbox(desk, held) == ["signed", "check-due"]
        desk.check(held, "kept")
        with desk.world.database.unit() as db:
            assert desk.commitments.to_check(db, desk.caller) == []

    def test_a_year_nobody_told_holds_up_no_signature(self, world: World) -> None:
        desk = Desk(world, Workdays())
        held = desk.sign(desk.propose(world.open_case()))
        assert (held.state, held.check_due_at) == ("signed", None)


def letter(world: ReuseWorld, case: Case) -> Line:
    return next(line for line in world.checklist(case, world.baoshan).lines if line.key == "CL020")


class TestUnsigned:
    def test_letters_supply_no_line_in_any_item(self, reuse: ReuseWorld) -> None:
        desk = Desk(reuse, caller=reuse.baoshan)
        case = reuse.firm_case(item_code=SUBSIDY, caller=reuse.baoshan, answers={"again": "no"})
        line = letter(reuse, case)
        assert (line.state, line.offer.route, line.offer.conditions) == (LineState.offered, Route.generated, ("sign",))
        held = desk.propose_all(case, ())
        assert letter(reuse, case).state is LineState.offered
        desk.sign(held)
        assert letter(reuse, case).state is LineState.supplied

    def test_an_item_whose_letter_nobody_could_sign_is_refused(self) -> None:
        catalogue = Catalogue.load()
        for code in (SUBSIDY, NEWBORN):
            item = catalogue.item(code)
            assert item.commitment is not None
            held = {name: getattr(item, name) for name in item.__slots__} | {"commitment": None}
            with pytest.raises(CatalogueError, match="nobody could sign"):
                type(item)(**held)


def test_terms_hold_the_letter(desk: Desk) -> None:
    held = desk.propose(desk.world.open_case())
    assert set(json.loads(held.terms)["letter"]) == {"sha256", "sm3"}
