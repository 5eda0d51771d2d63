"""异议 of materials: a claim freezes one, its depositor answers, whoever used it hears of a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import NotPermittedError, SignerNotHolderError, UseClosedError, UseRefusedError
from authz.model import Role
from authz.noticekinds import NoticeKind
from authz.workdays import Workdays
from certs.errors import (
    CorrectionMissingError,
    DisputeClosedError,
    DisputeOpenError,
    InvalidRequestError,
    UnknownDisputeError,
)
from certs.model import DisputeState
from certs.requests import HolderRequest
from ledger import outbox
from ledger.ids import new_id
from ledger.steps import run
from materials import store
from materials.disputes import CHANGED
from materials.errors import MaterialNotActiveError, UnknownMaterialError
from materials.model import MaterialStatus
from tests.authz.world import written

if TYPE_CHECKING:
    from certs.model import Dispute
    from materials.model import Case, Material
    from tests.materials.world import World

CLAIM = "租赁期限登记有误,合同已于 2026 年 9 月变更"
ANSWER = "经核对合同原件,登记无误"


def dispute(world: World, material: Material, subject: str = "chen", **terms: Any) -> Dispute:
    request = HolderRequest("dispute", new_id(), material.id, {"claim": CLAIM, "fields": []} | terms)
    with world.database.unit() as db:
        return world.disputes.open(db, request, world.token(request.digest, subject))


def answer(world: World, held: Dispute, *, corrected: bool = False, **changes: Any) -> Dispute:
    whole = {"caller": world.baoshan, "answer": ANSWER, "operator": "bs-017"} | changes
    with world.database.unit() as db:
        return world.disputes.answer(db, whole.pop("caller"), held.id, corrected=corrected, **whole)


def status(world: World, material: Material) -> MaterialStatus:
    with world.database.unit() as db:
        held = run(db, store.material(material.id))
    assert held is not None
    return held.status


def use(world: World, material: Material, case: Case) -> Any:
    with world.database.unit() as db:
        return run(db, written(world.uses.open(world.qingpu, world.request(material.id, case), new_id())))


def told(world: World) -> list[dict[str, Any]]:
    with world.database.unit() as db:
        return [dict(each.body) for each in outbox.claim(db, 50, world.clock.now(), kinds=[CHANGED])]


def events(world: World, material: Material) -> list[str]:
    with world.database.unit() as db:
        held = run(db, store.material(material.id))
        assert held is not None
        return [each.event for each in world.provenance.timeline(db, world.baoshan, held).events]


class TestOpen:
    def test_freezes_ends_uses_under_way_and_sets_a_time(self, world: World) -> None:
        material, case = world.deposit(), world.open_case()
        world.grant(case)
        before = use(world, material, case)
        held = dispute(world, material)
        assert (held.state, held.party_id) == (DisputeState.open, world.baoshan.party_id)
        assert held.due_at == Workdays().due(held.opened_at, 10)
        assert status(world, material) is MaterialStatus.disputed
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.authz.gate(before.id, world.qingpu))
        with pytest.raises(UseRefusedError) as refused:
            use(world, material, case)
        assert refused.value.code == "status-disputed"
        assert [each["status"] for each in told(world)] == ["disputed"]

    def test_is_on_the_log_without_the_claim_and_the_claim_is_encrypted(self, world: World) -> None:
        material = world.deposit()
        held = dispute(world, material)
        fact, parties = world.opened(held.entry_id)
        assert fact["type"] == "material.disputed"
        assert (parties["material"], parties["dispute"], parties["signer_kind"]) == (material.id, held.id, "oidc")
        assert parties["deposited_entry"] == material.entry_id
        assert CLAIM not in str(parties)
        assert world.disputes.claim(held) == CLAIM
        assert CLAIM.encode() not in held.request

    def test_is_the_holders_one_at_a_time_and_of_the_whole(self, world: World) -> None:
        material = world.deposit()
        with pytest.raises(SignerNotHolderError):
            dispute(world, material, "xu")
        with pytest.raises(InvalidRequestError):
            dispute(world, material, fields=["address"])
        assert status(world, material) is MaterialStatus.active
        dispute(world, material)
        with pytest.raises(DisputeOpenError):
            dispute(world, material)

    def test_is_of_what_somebody_may_still_rely_on(self, world: World) -> None:
        material = world.deposit()
        newer = world.deposit(supersedes=material.id)
        with pytest.raises(MaterialNotActiveError) as refused:
            dispute(world, material)
        assert refused.value.fields["current"] == newer.id
        request = HolderRequest("dispute", new_id(), new_id(), {"claim": CLAIM, "fields": []})
        with world.database.unit() as db, pytest.raises(UnknownMaterialError):
            world.disputes.open(db, request, world.token(request.digest))


class TestAnswer:
    def test_rejected_makes_it_good_again_and_tells_the_holder(self, world: World) -> None:
        material, case = world.deposit(), world.open_case()
        world.grant(case)
        held = answer(world, dispute(world, material))
        assert (held.state, world.disputes.answer_of(held)) == (DisputeState.rejected, ANSWER)
        assert use(world, material, case).object_id == material.id
        with world.database.unit() as db:
            found = world.notices.of_holder(db, world.chen)
        assert (NoticeKind.dispute_answered, held.id) in {(each.kind, each.subject) for each in found}
        assert events(world, material)[:3] == ["deposited", "disputed", "dispute-rejected"]

    def test_corrected_supersedes_and_tells_everybody_who_used_it_or_a_version_before(self, world: World) -> None:
        first, case = world.deposit(), world.open_case()
        world.grant(case)
        use(world, first, case)
        second = world.deposit(supersedes=first.id)
        held = dispute(world, second)
        with pytest.raises(CorrectionMissingError):
            answer(world, held, corrected=True)
        third = world.deposit(supersedes=second.id)
        done = answer(world, held, corrected=True)
        assert (done.state, done.successor_id) == (DisputeState.corrected, third.id)
        assert status(world, second) is MaterialStatus.superseded
        last = told(world)[-1]
        assert (last["parties"], last["successor"]) == ([world.qingpu.party_id], third.id)
        with world.database.unit() as db:
            (found,) = world.disputes.corrections(db, world.qingpu, limit=5)
            assert (found.subject_id, found.successor_id) == (second.id, third.id)
            assert world.disputes.corrections(db, world.baoshan, limit=5) == []
            world.disputes.take_notice(db, world.qingpu, held.id)
            assert world.disputes.told(db, done) == (1, 1)

    def test_the_depositors_withdrawal_is_a_correction_too(self, world: World) -> None:
        material = world.deposit()
        held = dispute(world, material)
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, material.id, "bs-017")
        assert answer(world, held, corrected=True).successor_id is None
        assert status(world, material) is MaterialStatus.withdrawn

    def test_is_the_depositors_given_once(self, world: World) -> None:
        held = dispute(world, world.deposit())
        with pytest.raises(UnknownDisputeError):
            answer(world, held, caller=world.qingpu, operator="qp-103")
        with world.database.unit() as db:
            world.parties.register_operator(db, world.baoshan.party_id, "bs-900", {Role.auditor})
        with pytest.raises(NotPermittedError):
            answer(world, held, operator="bs-900")
        answer(world, held)
        with pytest.raises(DisputeClosedError):
            answer(world, held)

    def test_late_is_counted_recorded_and_frozen_until_then(self, world: World) -> None:
        material = world.deposit()
        held = dispute(world, material)
        world.clock.pass_((held.due_at - world.clock.now()).total_seconds())
        with world.database.unit() as db:
            assert world.disputes.overdue(db) == 1
        assert status(world, material) is MaterialStatus.disputed
        assert world.opened(answer(world, held).answer_entry_id or "")[1]["overdue"] is True
        with world.database.unit() as db:
            assert world.disputes.overdue(db) == 0


class TestWithdraw:
    def test_by_the_holder_makes_it_good_again(self, world: World) -> None:
        material = world.deposit()
        held = dispute(world, material)
        request = HolderRequest("withdraw-dispute", new_id(), held.id, {})
        with world.database.unit() as db, pytest.raises(SignerNotHolderError):
            world.disputes.withdraw(db, request, world.token(request.digest, "xu"))
        with world.database.unit() as db:
            done = world.disputes.withdraw(db, request, world.token(request.digest))
        assert (done.state, status(world, material)) == (DisputeState.withdrawn, MaterialStatus.active)
        assert events(world, material) == ["deposited", "disputed", "dispute-withdrawn"]
        with world.database.unit() as db:
            assert world.notices.of_holder(db, world.chen) == []
