"""共同同意: what several hold together takes the grant of each, and ends with any of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.askbatches import AskBatches
from authz.asks import Asks
from authz.duties import Duties, DutyEntry
from authz.errors import AskClosedError, UseClosedError, UseRefusedError
from authz.holderledger import HolderLedger
from authz.model import AskState, Basis, Mode
from authz.noticekinds import NoticeKind
from authz.refusals import Refusals
from authz.terms import refusal_digest
from ledger.registers import Registers
from ledger.steps import run
from materials.asking import Asking, Request, Wanted
from tests.certs.world import CHEN, FACES, XU
from tests.materials.licences import LicenceWorld
from tests.materials.world import FOOD, offline_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from authz.model import Ask
    from certs.model import Licence
    from ledger.db import Database
    from materials.model import Case


@pytest.fixture
def world(database: Database) -> Iterator[LicenceWorld]:
    objects = offline_objects()
    yield LicenceWorld(database, objects)
    objects.close()


@pytest.fixture
def house(world: LicenceWorld) -> Licence:
    """A house of 陈安澜 and 徐行舟."""
    return world.issue("LT10", holders=(CHEN, XU), face=FACES["LT10"] | {"right_holders": [CHEN[0], XU[0]]})


@pytest.fixture
def case(world: LicenceWorld) -> Case:
    return world.open_case()


def both(world: LicenceWorld, case: Case, **terms: Any) -> tuple[str, str]:
    whole = {"types": ["CL021"]} | terms
    return world.grant(case, world.chen, **whole), world.grant(case, world.xu, **whole)


def refused(world: LicenceWorld, house: Licence, case: Case, **changes: Any) -> UseRefusedError:
    with pytest.raises(UseRefusedError) as caught:
        world.open_use(house.id, case, **changes)
    return caught.value


def left(world: LicenceWorld, *grants: str) -> list[int]:
    with world.database.unit() as db:
        return [world.grants.find(db, each).uses_left for each in grants]


def withdraw(world: LicenceWorld, grant_id: str, subject: str) -> None:
    with world.database.unit() as db:
        world.grants.withdraw(db, grant_id, world.token(world.grants.withdrawal_of(grant_id)[1], subject))


class TestUse:
    def test_takes_the_grant_of_each(self, world: LicenceWorld, house: Licence, case: Case) -> None:
        assert refused(world, house, case).code == "ask-holder"
        mine = world.grant(case, types=["CL021"])
        said = refused(world, house, case)
        assert (said.code, said.reason) == ("grant-joint", "grant-joint")
        theirs = world.grant(case, world.xu, types=["CL021"])
        use = world.open_use(house.id, case)
        assert left(world, mine, theirs) == [2, 2]
        parties = world.opened(use.intent_entry_id)[1]
        assert [each["grant"] for each in parties["grants"]] == [mine, theirs]
        assert parties["grant"] == mine
        with world.database.unit() as db:
            given = {each: world.grants.find(db, each) for each in (mine, theirs)}
            assert world.authz.joint_grants(db, use.id) == [theirs]
        assert [each["terms"] for each in parties["grants"]] == [each.digest for each in given.values()]
        assert [each["given_entry"] for each in parties["grants"]] == [each.entry_id for each in given.values()]

    def test_of_one_holder_takes_one(self, world: LicenceWorld, case: Case) -> None:
        alone = world.issue("LT10", holders=(CHEN,), face=FACES["LT10"] | {"right_holders": [CHEN[0]]})
        world.grant(case, types=["CL021"])
        assert "grants" not in world.opened(world.open_use(alone.id, case).intent_entry_id)[1]

    def test_the_others_grant_alone_is_nothing(self, world: LicenceWorld, house: Licence, case: Case) -> None:
        world.grant(case, world.xu, types=["CL021"])
        assert refused(world, house, case).code == "ask-holder"

    @pytest.mark.parametrize(
        "terms",
        [
            {"mode": Mode.verify},
            {"types": ["CL022"]},
            {"types": ["CL021", "CL022"]},
            {"regions": ["330000"]},
            {"case_no": "31011820261121009999"},
        ],
        ids=["another mode", "another type", "not separate", "another region", "another case"],
    )
    def test_no_limit_of_one_is_stretched_by_the_other(
        self, world: LicenceWorld, house: Licence, case: Case, terms: Any
    ) -> None:
        world.grant(case, types=["CL021"])
        world.grant(case, world.xu, **({"types": ["CL021"]} | terms))
        assert refused(world, house, case).code == "grant-joint"

    def test_ends_with_the_shorter_of_the_two(self, world: LicenceWorld, house: Licence, case: Case) -> None:
        mine = world.grant(case, types=["CL021"])
        world.grant(case, world.xu, types=["CL021"], max_uses=1)
        world.open_use(house.id, case)
        assert refused(world, house, case).code == "grant-joint"
        assert left(world, mine) == [2]

    def test_stands_in_the_ledgers_of_both(self, world: LicenceWorld, house: Licence, case: Case) -> None:
        both(world, case)
        use = world.open_use(house.id, case)
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.identity, world.clock)
        with world.database.unit() as db:
            lines = [ledger.page(db, each).lines for each in (world.chen, world.xu)]
            assert [[line.id for line in found] for found in lines] == [[use.id], [use.id]]
            assert [found[0].seq for found in lines] == [1, None]
            assert ledger.use(db, world.xu, use.id).id == use.id
            assert set(ledger.holders_of(db, use.id)) == {world.chen, world.xu}

    def test_is_not_hidden_behind_many_of_another_holder(self, world: LicenceWorld, house: Licence, case: Case) -> None:
        theirs = world.grant(case, world.xu, types=["CL021"])
        for _ in range(64):
            world.grant(case, types=["CL021"])
        use = world.open_use(house.id, case)
        with world.database.unit() as db:
            assert world.authz.joint_grants(db, use.id) == [theirs]

    def test_by_duty_tells_each_and_stands_in_the_ledgers_of_both(
        self, world: LicenceWorld, house: Licence, case: Case
    ) -> None:
        duties = Duties(Registers(world.evidence, world.clock, "310199"), world.clock)
        owner, now = world.qingpu.org_code, world.clock.now()
        entry = DutyEntry(owner, "不动产登记暂行条例 第二十七条", case.item_code, ("CL021",), Mode.copy, now)
        with world.database.unit() as db:
            duties.publish(db, 1, owner, now, [entry])
        use = world.open_use(house.id, case)
        assert use.basis is Basis.duty
        ledger = HolderLedger(world.evidence, world.holders, world.parties, world.identity, world.clock)
        with world.database.unit() as db:
            for holder in (world.chen, world.xu):
                told = [
                    each.subject for each in world.notices.of_holder(db, holder) if each.kind is NoticeKind.duty_use
                ]
                assert told == [line.id for line in ledger.page(db, holder).lines] == [use.id]

    def test_from_both_sides_at_once_waits_and_never_overspends(self, world: LicenceWorld, house: Licence) -> None:
        cases = [world.open_case(), world.open_case(applicant=world.xu, evidence="31019919900128027X")]
        grants = both(world, cases[0], case_no=None, max_uses=6)

        def attempt(number: int) -> str:
            try:
                return world.open_use(house.id, cases[number % 2]).id
            except UseRefusedError as refusal:
                return refusal.code

        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(attempt, range(8)))
        assert len({each for each in got if not each.startswith("grant-")}) == 6
        assert left(world, *grants) == [0, 0]


class TestWithdrawal:
    @pytest.mark.parametrize("who", ["chen", "xu"])
    def test_by_one_ends_the_whole(self, world: LicenceWorld, house: Licence, case: Case, who: str) -> None:
        grants = dict(zip(("chen", "xu"), both(world, case), strict=True))
        use = world.open_use(house.id, case)
        withdraw(world, grants[who], who)
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.authz.gate(use.id, world.qingpu))
        assert refused(world, house, case).code == {"chen": "grant-withdrawn", "xu": "grant-joint"}[who]


class TestAsking:
    @pytest.fixture
    def asks(self, world: LicenceWorld) -> Asks:
        refusals = Refusals(world.evidence, world.holders, world.identity)
        return Asks(refusals, world.grants, world.holders, world.delegations, world.notices, world.clock)

    @pytest.fixture
    def pair(self, world: LicenceWorld, asks: Asks, house: Licence, case: Case) -> list[Ask]:
        """What both were asked, the applicant first."""
        batches = AskBatches(asks, world.grants, world.delegations, world.parties, world.notices, world.clock)
        asking = Asking(
            world.catalogue,
            world.licence_types,
            world.licences,
            world.cases,
            world.counter,
            world.grants,
            batches,
            world.clock,
        )
        wanted = Wanted((house.id,), (), (), Mode.copy, 1, 30)
        with world.database.unit() as db:
            made = asking.ask(db, world.qingpu, Request(case.case_no, "qp-103", "食品经营许可新办审查", (wanted,)))
            (theirs,) = asks.of_holder(db, world.xu)
        return [made.asks[0], theirs]

    def states(self, world: LicenceWorld, asks: Asks, pair: list[Ask]) -> list[Any]:
        with world.database.unit() as db:
            told = [asks.joint_state(db, asks.get(db, each.id)) for each in pair]
        return [each and each["state"] for each in told]

    def test_asks_each_and_tells_each_how_far_it_is(
        self, world: LicenceWorld, asks: Asks, pair: list[Ask], house: Licence, case: Case
    ) -> None:
        assert pair[1].joint_id == pair[0].id
        assert self.states(world, asks, pair) == ["waiting-for-you", "waiting-for-you"]
        with world.database.unit() as db:
            asks.approve(db, pair[0].id, world.token(pair[0].digest, "chen"))
        assert self.states(world, asks, pair) == ["waiting-for-others", "waiting-for-you"]
        with world.database.unit() as db:
            asks.approve(db, pair[1].id, world.token(pair[1].digest, "xu"))
        assert self.states(world, asks, pair) == ["complete", "complete"]
        assert world.open_use(house.id, case)

    def test_one_refusal_ends_it_for_each(self, world: LicenceWorld, asks: Asks, pair: list[Ask]) -> None:
        with world.database.unit() as db:
            asks.refuse(db, pair[1].id, world.token(refusal_digest(pair[1].id), "xu"))
            assert asks.get(db, pair[0].id).state is AskState.refused
            assert NoticeKind.joint_refused in {each.kind for each in world.notices.of_holder(db, world.chen)}
        assert self.states(world, asks, pair) == ["refused", "refused"]
        with world.database.unit() as db, pytest.raises(AskClosedError):
            asks.approve(db, pair[0].id, world.token(pair[0].digest, "chen"))

    def test_a_thing_of_ones_own_is_asked_of_one(self, world: LicenceWorld, asks: Asks) -> None:
        card = world.issue("LT05")
        batches = AskBatches(asks, world.grants, world.delegations, world.parties, world.notices, world.clock)
        asking = Asking(
            *(world.catalogue, world.licence_types, world.licences, world.cases, world.counter, world.grants),
            *(batches, world.clock),
        )
        wanted = Wanted((card.id,), (), (), Mode.copy, 1, 30)
        request = Request(world.open_case(item_code=FOOD).case_no, "qp-103", "审查", (wanted,))
        with world.database.unit() as db:
            made = asking.ask(db, world.qingpu, request)
            assert asks.joint_state(db, made.asks[0]) is None
            assert asks.of_holder(db, world.xu) == []
        assert made.expires_at - made.created_at == timedelta(days=7)
