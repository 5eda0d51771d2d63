"""Using a licence: decided like a material, by its own status, and planned with the use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import UseClosedError, UseRefusedError
from authz.model import Basis, Mode
from certs.derived import check_fields
from certs.errors import FieldMaskedError, FieldsMissingError, FieldUnknownError, LicenceFileMissingError
from certs.lifecycle import end_of
from certs.model import LicenceStatus, Operation
from certs.store import copies
from ledger.steps import execute, run
from materials.licence_uses import standing
from tests.materials.licences import LicenceWorld
from tests.materials.world import offline_objects, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certs.model import Licence
    from certs.store.copies import Copy
    from ledger.db import Database
    from materials.model import Case


@pytest.fixture
def world(database: Database) -> Iterator[LicenceWorld]:
    objects = offline_objects()
    yield LicenceWorld(database, objects)
    objects.close()


@pytest.fixture
def case(world: LicenceWorld) -> Case:
    return world.open_case(applicant=world.firm, applicant_kind="organisation")


@pytest.fixture
def business(world: LicenceWorld) -> Licence:
    return world.issue("LT01")


def refusal(world: LicenceWorld, licence: str, case: Case, **changes: Any) -> UseRefusedError:
    with pytest.raises(UseRefusedError) as caught:
        world.open_use(licence, case, **changes)
    return caught.value


def copy_of(world: LicenceWorld, use_id: str) -> Copy:
    with world.database.unit() as db:
        held = run(db, copies.of_use(use_id))
    assert held is not None
    return held


ENDINGS = {
    Operation.suspend: (None, "status-suspended"),
    Operation.other: (LicenceStatus.other, "status-ended"),
}


class TestOpen:
    def test_rests_on_unconditional_sharing(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case)
        assert business.pdf is not None
        assert (use.basis, use.object_id, use.holder_id) == (Basis.open, business.id, world.firm)
        assert (use.size, use.sha256, use.sm3) == (business.pdf.size, business.pdf.sha256, business.pdf.sm3)
        fact, parties = world.opened(use.intent_entry_id)
        assert fact["digests"] == {"sha256": business.pdf.sha256, "sm3": business.pdf.sm3}
        assert (parties["object"], parties["object_type"]) == (business.id, "CL001")

    def test_plans_what_will_leave(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case)
        copy = copy_of(world, use.id)
        assert (copy.licence_id, copy.rendition, copy.made_at) == (business.id, Mode.copy, None)
        assert (copy.valid_from, copy.valid_to) == (use.opened_at, use.opened_at + timedelta(days=30))

    def test_a_copy_lasts_no_longer_than_its_licence(self, world: LicenceWorld, case: Case) -> None:
        today = world.clock.now()
        held = world.issue("LT01", valid_to=(today + timedelta(days=5)).date())
        assert held.valid_to is not None
        assert copy_of(world, world.open_use(held.id, case).id).valid_to == end_of(held.valid_to)

    def test_needs_a_grant_where_sharing_is_conditional(self, world: LicenceWorld) -> None:
        card, case = world.issue("LT05"), world.open_case()
        assert refusal(world, card.id, case).code == "ask-holder"
        world.grant(case, types=["CL006"])
        use = world.open_use(card.id, case)
        assert (use.basis, use.uses_left) == (Basis.grant, 2)

    def test_takes_the_applicant_of_several_holders(self, world: LicenceWorld) -> None:
        """A marriage certificate is of both; the case is the second's."""
        marriage = world.issue("LT08")
        item = "11310118XX00000B0W4310100101000"
        case = world.open_case(item_code=item, applicant=marriage.holder_ids[1])
        with world.database.unit() as db:
            found = run(db, world.licence_uses.find(marriage.id, case.applicant_holder_id))
        assert found is not None
        assert found.resource.holder_id == marriage.holder_ids[1]

    @pytest.mark.parametrize(("operation", "ending"), ENDINGS.items())
    def test_is_refused_by_status(
        self, world: LicenceWorld, case: Case, business: Licence, operation: Operation, ending: Any
    ) -> None:
        world.change(business, operation, to=ending[0])
        assert refusal(world, business.id, case).code == ending[1]

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (LicenceStatus.revoked, "status-revoked"),
            (LicenceStatus.cancelled, "status-cancelled"),
            (LicenceStatus.transferred, "status-transferred"),
            (LicenceStatus.withdrawn_permit, "status-permit-withdrawn"),
        ],
    )
    def test_is_refused_when_ended(
        self, world: LicenceWorld, case: Case, business: Licence, status: LicenceStatus, code: str
    ) -> None:
        world.change(business, Operation.cancel, to=status)
        assert refusal(world, business.id, case).code == code

    def test_is_refused_when_disputed(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        with world.database.unit() as db:
            world.changes.freeze(db, business.id, frozen=True)
        assert refusal(world, business.id, case).code == "status-disputed"

    def test_is_refused_after_its_last_day(self, world: LicenceWorld, case: Case) -> None:
        today = world.clock.now()
        held = world.issue("LT01", valid_to=(today + timedelta(days=5)).date())
        world.clock.pass_(timedelta(days=7).total_seconds())
        assert refusal(world, held.id, case).code == "status-expired"

    def test_is_refused_before_its_first_day(self, world: LicenceWorld, case: Case) -> None:
        held = world.issue("LT01", valid_from=(world.clock.now() + timedelta(days=2)).date())
        assert refusal(world, held.id, case).code == "status-not-yet-valid"

    def test_names_the_version_to_use_instead(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        newer = world.issue("LT01", operation=Operation.change, predecessor=business.id, licence_no=business.licence_no)
        found = refusal(world, business.id, case)
        assert (found.code, found.fields) == ("status-superseded", {"current": newer.id})

    def test_is_refused_as_anything_where_the_caller_has_no_case(self, world: LicenceWorld, business: Licence) -> None:
        elsewhere = world.open_case(world.baoshan)
        assert refusal(world, business.id, elsewhere).code == "case-not-yours"

    def test_is_refused_to_another_applicant(self, world: LicenceWorld, business: Licence) -> None:
        assert refusal(world, business.id, world.open_case()).code == "unrelated-holder"


class TestPlan:
    def test_refuses_data_without_fields(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        with pytest.raises(FieldsMissingError):
            world.open_use(business.id, case, mode=Mode.data)
        assert world.count("authz.use_") == 0

    def test_refuses_a_field_the_type_does_not_share(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        with pytest.raises(FieldUnknownError):
            world.open_use(business.id, case, mode=Mode.data, fields=("entity_type", "name_a"))

    def test_keeps_fields_in_order(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case, mode=Mode.data, fields=("domicile", "licence_no:clear"))
        assert copy_of(world, use.id).fields == ("domicile", "licence_no:clear")

    def test_gives_in_clear_what_the_grant_names_so(self, world: LicenceWorld) -> None:
        card, case = world.issue("LT05"), world.open_case()
        world.grant(case, types=["CL006"], mode=Mode.data, fields=["address", "licence_no:clear"])
        assert refusal(world, card.id, case, mode=Mode.data, fields=("address:clear",)).code == "grant-fields"
        use = world.open_use(card.id, case, mode=Mode.data, fields=("address", "licence_no", "licence_no:clear"))
        assert use.basis is Basis.grant

    def test_gives_nothing_in_clear_above_level_two_without_a_name_for_it(self, world: LicenceWorld) -> None:
        kind = world.licence_types.type("LT05")
        check_fields(kind, ["holder_name:clear", "address"], by_name=False)
        with pytest.raises(FieldMaskedError):
            check_fields(kind, ["address:clear"], by_name=False)
        check_fields(kind, ["address:clear"], by_name=True)

    def test_has_no_copy_of_a_licence_without_a_file(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        with world.database.unit() as db:
            names = "pdf_object_id = NULL, pdf_size = NULL, pdf_sha256 = NULL, pdf_sm3 = NULL"
            db.exec_driver_sql(f"UPDATE certs.licence SET {names} WHERE id = %(id)s", {"id": business.id})
        with pytest.raises(LicenceFileMissingError):
            world.open_use(business.id, case)
        use = world.open_use(business.id, case, mode=Mode.verify)
        assert (use.sha256, use.sm3) == (business.face_sha256, business.face_sm3)


class TestDelivery:
    def test_stops_when_the_licence_is_suspended(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case)
        with world.database.unit() as db:
            assert run(db, world.uses.object_of(use)) is None
        world.change(business, Operation.suspend)
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.uses.object_of(use))
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.licence_uses.check(use))

    def test_is_recorded_once(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case)
        for once in (True, False):
            with world.database.unit() as db:
                copy, licence = run(db, world.licence_uses.check(use))
                first, *writes = world.licence_uses.made(copy, licence, use, stored(b"copy"), world.qingpu.org_code)
                assert bool(execute(db, first)) is once
                for each in writes if once else ():
                    execute(db, each)
        copy = copy_of(world, use.id)
        assert copy.entry_id is not None
        fact, parties = world.opened(copy.entry_id)
        assert business.pdf is not None
        assert fact["type"] == "licence.derived"
        assert fact["parent"] == {"sha256": business.pdf.sha256, "sm3": business.pdf.sm3}
        assert (fact["rendition"], fact["size"]) == ("copy", 4)
        assert {name: parties[name] for name in ("use", "copy", "licence", "licence_id", "case", "requester")} == {
            "use": use.id,
            "copy": copy.id,
            "licence": business.id,
            "licence_id": business.licence_id,
            "case": case.case_no,
            "requester": world.qingpu.org_code,
        }

    def test_entries_are_those_of_licence_and_copy(self, world: LicenceWorld, case: Case, business: Licence) -> None:
        use = world.open_use(business.id, case)
        with world.database.unit() as db:
            assert run(db, world.licence_uses.entries_of(use)) == (business.entry_id, None)
            assert run(db, world.licence_uses.is_of_licence(use))


class TestStanding:
    def test_is_active_only_while_valid_and_current(self, world: LicenceWorld, business: Licence) -> None:
        assert standing(business, world.clock.now()) == "active"

    def test_of_a_copy_under_way_ends_with_the_licence(
        self, world: LicenceWorld, case: Case, business: Licence
    ) -> None:
        """The gate that every piece passes knows in the same unit, without asking for the licence."""
        use = world.open_use(business.id, case)
        caller = world.qingpu
        with world.database.unit() as db:
            run(db, world.authz.gate(use.id, caller))
        world.change(business, Operation.suspend)
        with world.database.unit() as db, pytest.raises(UseClosedError):
            run(db, world.authz.gate(use.id, caller))
        with world.database.unit() as db:
            assert not run(db, world.authz.finish(use))
