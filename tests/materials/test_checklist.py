"""The checklist of a real case: what is offered on which evidence, what is refused and why, what is told when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authz.errors import SignerNotHolderError
from authz.model import Presence
from certs.model import LicenceStatus, Operation
from ledger.steps import execute
from materials.checklist.model import LineState, Route
from materials.checklist.service import Checklists, Confirmed
from materials.checks import Asking, Checks
from materials.connectors.port import Answer, Result
from materials.errors import (
    CaseClosedError,
    CaseNotSubmittedError,
    ConfirmationExistsError,
    PresenceRequiredError,
    UnknownCaseError,
    UnknownLineError,
)
from tests.materials.forms import REGISTER
from tests.materials.reuse import RESTAURANT, ReuseWorld

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    """A firm, its people and checklists on an empty database."""
    return ReuseWorld(database, offline)


def why(line: object) -> dict[str, str]:
    """Reasons of the refused routes."""
    return {each.route.value: each.reason for each in line.refused}  # type: ignore[attr-defined]


class TestLicence:
    def test_is_offered_where_a_use_would_be_allowed(self, world: ReuseWorld) -> None:
        licence = world.issue()
        line = world.line(world.firm_case(), "CL001")
        assert (line.state, line.offer.route, line.refused) == (LineState.offered, Route.licence, ())
        assert line.offer.evidence["licence"] == licence.id
        assert (line.offer.evidence["basis"], line.offer.conditions) == ("open", ("fetch",))

    def test_is_supplied_by_a_use_that_delivered(self, world: ReuseWorld) -> None:
        licence, case = world.issue(), world.firm_case()
        use = world.deliver(case, licence.id)
        line = world.line(case, "CL001")
        assert (line.state, line.offer.evidence["use"]) == (LineState.supplied, use)

    def test_is_not_supplied_by_another_cases_use(self, world: ReuseWorld) -> None:
        licence, case = world.issue(), world.firm_case()
        world.deliver(world.firm_case(), licence.id)
        assert world.line(case, "CL001").state is LineState.offered

    @pytest.mark.parametrize(
        ("operation", "reason"), [(Operation.suspend, "status-suspended"), (Operation.cancel, "status-cancelled")]
    )
    def test_names_why_it_no_longer_holds(self, world: ReuseWorld, operation: Operation, reason: str) -> None:
        licence, case = world.issue(), world.firm_case()
        world.deliver(case, licence.id)
        world.change(licence, operation, **({"to": LicenceStatus.cancelled} if operation is Operation.cancel else {}))
        line = world.line(case, "CL001")
        assert (line.state, line.offer.route) == (LineState.missing, Route.upload)
        assert why(line)["licence"] == reason

    def test_says_that_there_is_none(self, world: ReuseWorld) -> None:
        line = world.line(world.firm_case(), "CL001")
        assert why(line) == {
            "licence": "no-licence",
            "check": "no-source",
            "reuse": "no-material",
            "assistance": "not-foreseen",
            "generated": "not-foreseen",
            "commitment": "not-foreseen",
        }
        assert line.state is LineState.missing


class TestOfTheLegalRepresentative:
    def test_asks_for_consent_whether_there_is_a_card_or_not(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        before = world.line(case, "CL006.legal_rep")
        world.issue("LT05")
        after = world.line(case, "CL006.legal_rep")
        assert before == after
        assert (after.state, after.offer.conditions) == (LineState.offered, ("consent", "fetch"))
        assert after.offer.evidence == {"licence_type": "LT05"}
        assert after.holder_id == world.chen

    def test_names_the_card_after_consent(self, world: ReuseWorld) -> None:
        card, case = world.issue("LT05"), world.firm_case()
        world.grant(case, world.chen, types=["CL006"])
        line = world.line(case, "CL006.legal_rep")
        assert (line.offer.evidence["licence"], line.offer.evidence["basis"]) == (card.id, "grant")
        world.deliver(case, card.id)
        assert world.line(case, "CL006.legal_rep").state is LineState.supplied

    def test_says_after_consent_that_there_is_none(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        world.grant(case, world.chen, types=["CL006"])
        line = world.line(case, "CL006.legal_rep")
        assert (line.state, why(line)["licence"]) == (LineState.missing, "no-licence")

    def test_takes_no_consent_of_the_firm_for_its_representatives_card(self, world: ReuseWorld) -> None:
        world.issue("LT05")
        case = world.firm_case()
        world.grant(case, world.firm, types=["CL006"])
        assert world.line(case, "CL006.legal_rep").offer.conditions == ("consent", "fetch")


class TestReuse:
    def test_asks_for_consent_and_confirmation(self, world: ReuseWorld) -> None:
        plan = world.deposit(holder_id=world.firm, type_code="CL025")
        line = world.line(world.firm_case(), "CL025")
        assert (line.state, line.offer.route) == (LineState.offered, Route.reuse)
        assert line.offer.conditions == ("consent", "unchanged", "same-premises", "fetch")
        assert line.offer.evidence["material"] == plan.id
        assert why(line) == {"licence": "not-foreseen", "check": "not-foreseen"}

    def test_is_supplied_once_consented_confirmed_and_fetched(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        world.grant(case, world.firm, types=["CL025"])
        world.confirm(case, "CL025", plan.id, "unchanged", "same-premises")
        assert world.line(case, "CL025").offer.conditions == ("fetch",)
        world.deliver(case, plan.id)
        line = world.line(case, "CL025")
        assert (line.state, line.offer.route) == (LineState.supplied, Route.reuse)

    def test_is_not_supplied_unconfirmed(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        world.grant(case, world.firm, types=["CL025"])
        world.deliver(case, plan.id)
        world.confirm(case, "CL025", plan.id, "unchanged")
        line = world.line(case, "CL025")
        assert (line.state, "same-premises" in line.offer.conditions) == (LineState.offered, True)
        world.confirm(case, "CL025", plan.id, "same-premises")
        assert world.line(case, "CL025").state is LineState.supplied

    def test_names_a_version_that_was_superseded_and_offers_the_new_one(self, world: ReuseWorld) -> None:
        old = world.deposit(holder_id=world.firm, type_code="CL025")
        new = world.deposit(holder_id=world.firm, type_code="CL025", supersedes=old.id)
        assert world.line(world.firm_case(), "CL025").offer.evidence["material"] == new.id

    def test_refuses_what_has_expired(self, world: ReuseWorld) -> None:
        world.deposit(holder_id=world.firm, type_code="CL022", valid_to=world.tomorrow())
        case = world.firm_case()
        world.clock.pass_(2 * 86_400)
        line = world.line(case, "CL022")
        assert (line.state, why(line)["reuse"]) == (LineState.missing, "expired")

    def test_refuses_what_was_withdrawn(self, world: ReuseWorld) -> None:
        plan = world.deposit(holder_id=world.firm, type_code="CL025")
        with world.database.unit() as db:
            world.deposits.withdraw(db, world.baoshan, plan.id, "bs-017")
        assert why(world.line(world.firm_case(), "CL025"))["reuse"] == "withdrawn"

    def test_refuses_what_was_checked_too_little(self, world: ReuseWorld) -> None:
        world.deposit(holder_id=world.firm, type_code="CL041", verify_level="self_declared")
        assert why(world.line(world.firm_case(), "CL041"))["reuse"] == "level-too-low"

    def test_says_nothing_of_a_sensitive_one_before_consent(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        world.deposit(holder_id=world.firm, type_code="CL022", valid_to=world.tomorrow())
        before = world.line(case, "CL040")
        world.deposit(holder_id=world.firm, type_code="CL040", verify_level="staff_checked")
        assert world.line(case, "CL040") == before
        assert before.offer.conditions[0] == "consent"

    def test_prefers_the_best_checked_one(self, world: ReuseWorld) -> None:
        best = world.deposit(holder_id=world.firm, type_code="CL025", verify_level="source_verified")
        world.deposit(holder_id=world.firm, type_code="CL025", verify_level="self_declared")
        assert world.line(world.firm_case(), "CL025").offer.evidence["material"] == best.id


class TestProject:
    def test_offers_what_another_member_shares(self, world: ReuseWorld) -> None:
        world.project(world.firm, world.xu)
        plan = world.deposit(holder_id=world.xu, type_code="CL025", project_code="P-1", share_in_project=True)
        case = world.firm_case(project_code="P-1")
        line = world.line(case, "CL025")
        assert (line.offer.route, line.offer.evidence["material"]) == (Route.reuse, plan.id)

    def test_offers_what_one_shares_behind_all_that_another_does_not(self, world: ReuseWorld) -> None:
        world.project(world.firm, world.xu, world.chen)
        mine = {"type_code": "CL025", "project_code": "P-1"}
        plan = world.deposit(holder_id=world.xu, share_in_project=True, **mine)
        for _ in range(17):
            world.deposit(holder_id=world.chen, **mine)
        line = world.line(world.firm_case(project_code="P-1"), "CL025")
        assert (line.offer.route, line.offer.evidence["material"]) == (Route.reuse, plan.id)

    def test_tells_that_another_member_did_not_share_it(self, world: ReuseWorld) -> None:
        world.project(world.xu, world.firm)
        world.deposit(holder_id=world.xu, type_code="CL025", project_code="P-1")
        line = world.line(world.firm_case(project_code="P-1"), "CL025")
        assert (line.state, why(line)["reuse"]) == (LineState.missing, "not-shared")

    def test_offers_it_by_the_leads_grant(self, world: ReuseWorld) -> None:
        world.project(world.xu, world.firm)
        plan = world.deposit(holder_id=world.xu, type_code="CL025", project_code="P-1")
        case = world.firm_case(project_code="P-1")
        world.grant(case, world.xu, types=["CL025"])
        line = world.line(case, "CL025")
        assert (line.offer.evidence["material"], line.offer.evidence["basis"]) == (plan.id, "grant")

    def test_never_offers_another_projects(self, world: ReuseWorld) -> None:
        world.project(world.firm, world.xu)
        world.project(world.chen, world.xu, code="P-2")
        world.deposit(holder_id=world.xu, type_code="CL025", project_code="P-2", share_in_project=True)
        assert why(world.line(world.firm_case(project_code="P-1"), "CL025"))["reuse"] == "no-material"


class TestHandedIn:
    def test_is_supplied_by_a_deposit_in_this_case(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        held = world.deposit(world.qingpu, holder_id=world.firm, type_code="CL022", origin_case_no=case.case_no)
        line = world.line(case, "CL022")
        assert (line.state, line.offer.route) == (LineState.supplied, Route.upload)
        assert line.offer.evidence["material"] == held.id

    def test_is_no_reason_to_forget_what_could_be_reused(self, world: ReuseWorld) -> None:
        old = world.deposit(holder_id=world.firm, type_code="CL041")
        case = world.firm_case()
        more = {"origin_case_no": case.case_no, "verify_level": "self_declared"}
        world.deposit(world.qingpu, holder_id=world.firm, type_code="CL041", **more)
        line = world.line(case, "CL041")
        assert (line.offer.route, line.offer.evidence["material"]) == (Route.reuse, old.id)

    def test_waits_for_staff_where_the_item_wants_it_checked(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        world.deposit(
            world.qingpu,
            holder_id=world.firm,
            type_code="CL041",
            origin_case_no=case.case_no,
            verify_level="self_declared",
        )
        line = world.line(case, "CL041")
        assert (line.state, line.offer.conditions) == (LineState.waiting, ("verify",))


class TestOtherRoutes:
    def test_offers_a_source_only_where_one_answers(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        assert why(world.line(case, "CL022"))["check"] == "no-source"
        world.serve(sources=frozenset({"housing.lease-registered"}))
        line = world.line(case, "CL022")
        assert (line.offer.route, line.offer.conditions) == (Route.check, ("consent", "ask"))
        world.grant(case, world.firm, types=["CL022"])
        assert world.line(case, "CL022").offer.conditions == ("ask",)

    def test_takes_no_answer_to_another_question(self, world: ReuseWorld) -> None:
        """A form asks for the values of the registration; that says nothing of whether it stands."""
        checks, case = Checks(REGISTER, world.catalogue, world.cases, world.authz, world.desk), world.firm_case()
        asking = Asking(case.case_no, "CL001", "食品经营许可新办预填", "qp-103", "market.registration")
        with world.database.unit() as db:
            question = checks.begin(db, world.qingpu, asking)
        values = {"name": "甲", "legal_representative": "乙", "domicile": "丙路 1 号"}
        with world.database.unit() as db:
            held = checks.answered(db, world.qingpu, question, Answer(Result.value, values, None, "signed"))
        assert held.stands(world.clock.now())
        assert world.line(case, "CL001").state is LineState.missing

    def test_offers_a_template_only_where_there_is_one(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        assert why(world.line(case, "CL051"))["generated"] == "no-template"
        world.serve(templates=frozenset({"food-safety-rules"}))
        line = world.line(case, "CL051")
        assert (line.offer.route, line.offer.evidence) == (Route.generated, {"template": "food-safety-rules"})

    def test_offers_a_commitment_only_in_its_scenario(self, world: ReuseWorld) -> None:
        world.grant(world.firm_case(), world.firm, types=["CL040"])
        ordinary, promised = world.firm_case(), world.firm_case(answers=RESTAURANT | {"commitment": "yes"})
        for case in (ordinary, promised):
            world.grant(case, world.firm, types=["CL040"])
        assert why(world.line(ordinary, "CL040"))["commitment"] == "commitment-other-scenario"
        assert world.line(promised, "CL040").offer.route is Route.commitment


class TestQuestionnaire:
    def test_decides_what_is_on_the_list(self, world: ReuseWorld) -> None:
        rented = {line.key for line in world.checklist(world.firm_case()).lines}
        owned = world.checklist(world.firm_case(answers=RESTAURANT | {"tenure": "own", "agent": "yes"}))
        assert {line.key for line in owned.lines} == rented - {"CL022"} | {"CL021", "CL013"}


class TestGuards:
    def test_shows_nothing_of_another_organisations_case(self, world: ReuseWorld) -> None:
        with pytest.raises(UnknownCaseError):
            world.checklist(world.firm_case(), world.baoshan)

    def test_shows_nothing_without_presence(self, world: ReuseWorld) -> None:
        with pytest.raises(PresenceRequiredError):
            world.checklist(world.firm_case(presence=Presence.none))

    def test_shows_nothing_of_a_draft_or_a_closed_case(self, world: ReuseWorld) -> None:
        with pytest.raises(CaseNotSubmittedError):
            world.checklist(world.firm_case(draft=True))
        with pytest.raises(CaseClosedError):
            world.checklist(world.close(world.firm_case()))


class TestConfirming:
    def test_takes_the_holders_signature_and_keeps_it_sealed(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        confirmed = [("CL025", plan.id, ("unchanged", "same-premises"))]
        _, digest = Checklists.terms(case.case_no, [Confirmed(*confirmed[0])])
        world.confirm(case, *confirmed[0][:2], *confirmed[0][2], signature=world.token(digest))
        with world.database.unit() as db:
            row = db.exec_driver_sql(
                "SELECT stated_by, signer_id::text, signature, entry_id::text FROM materials.confirmation"
            ).one()
        assert (row[0], row[1]) == ("holder", world.chen)
        assert b"eyJ" not in bytes(row[2])
        fact, parties = world.opened(row[3])
        assert (fact["type"], parties["terms"], parties["stated_by"]) == ("reuse.confirmed", digest, "holder")

    def test_refuses_somebody_elses_signature(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        _, digest = Checklists.terms(case.case_no, [Confirmed("CL025", plan.id, ("unchanged",))])
        with pytest.raises(SignerNotHolderError):
            world.confirm(case, "CL025", plan.id, "unchanged", signature=world.token(digest, "xu"))
        assert world.count("materials.confirmation") == 0

    def test_refuses_what_the_checklist_does_not_offer(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        for key, thing, condition in (
            ("CL053", plan.id, "unchanged"),
            ("CL025", case.entry_id, "unchanged"),
            ("CL025", plan.id, "consent"),
        ):
            with pytest.raises(UnknownLineError):
                world.confirm(case, key, thing, condition)

    def test_refuses_a_second_confirmation(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL025"), world.firm_case()
        world.confirm(case, "CL025", plan.id, "unchanged")
        with pytest.raises(ConfirmationExistsError):
            world.confirm(case, "CL025", plan.id, "unchanged")


class TestCost:
    def test_takes_the_same_statements_however_much_there_is(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        few = statements(world, case.case_no)
        for code in ("CL025", "CL053", "CL051", "CL041", "CL022"):
            world.deposit(holder_id=world.firm, type_code=code)
        for code in ("LT01", "LT05"):
            world.issue(code)
        world.grant(case, world.firm, types=["CL025", "CL053", "CL051", "CL041", "CL022"], max_uses=9)
        assert few == 6
        assert few <= statements(world, case.case_no) <= few + 1


def statements(world: ReuseWorld, case_no: str) -> int:
    """How many statements one checklist takes."""
    steps, count = world.checklists.get(world.qingpu, case_no), 0
    with world.database.glance() as db:
        try:
            statement = next(steps)
            while True:
                count += 1
                statement = steps.send(execute(db, statement))
        except StopIteration:
            return count
