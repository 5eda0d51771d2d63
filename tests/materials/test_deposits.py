"""Deposits: checked before a byte is stored, recorded in one unit, superseded once, withdrawn once."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from authz.errors import NotPermittedError, UnknownOperatorError
from authz.model import Presence
from ledger.db import Database
from ledger.objects import ObjectStore
from ledger.s3 import S3Settings
from ledger.sealing import Profile
from ledger.secrets import KeyRing
from ledger.steps import execute, run
from materials import store
from materials.content import Inspector
from materials.errors import (
    CaseClosedError,
    ContentTypeMismatchError,
    MaterialNotActiveError,
    MaterialsError,
    SupersedeRefusedError,
    UnknownCaseError,
    UnknownMaterialError,
    UnknownMaterialTypeError,
    UnknownProjectError,
)
from materials.model import MaterialStatus
from tests.materials.world import World, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from materials.model import Material
    from tests.conftest import Bucket

PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"xref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n100\n%%EOF\n"
)


def held(world: World, material: Material) -> Material:
    with world.database.unit() as db:
        found = run(db, store.material(material.id))
    assert found is not None
    return found


class TestCheck:
    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"type_code": "CL999"}, UnknownMaterialTypeError),
            ({"operator": "qp-103"}, UnknownOperatorError),
            ({"origin_case_no": "nothing"}, UnknownCaseError),
            ({"project_code": "nothing"}, UnknownProjectError),
            ({"share_in_project": True}, UnknownProjectError),
            ({"supersedes": "00000000-0000-7000-8000-000000000000"}, SupersedeRefusedError),
        ],
    )
    def test_refuses_what_is_not_there(self, world: World, change: dict[str, str], error: type[MaterialsError]) -> None:
        with world.database.unit() as db, pytest.raises(error):
            run(db, world.deposits.check(world.baoshan, world.meta(**change)))
        assert world.count("ledger.entry") == 0

    def test_refuses_a_project_the_holder_does_not_belong_to(self, world: World) -> None:
        world.project(world.xu)
        for holder in (world.chen, ""):
            with world.database.unit() as db, pytest.raises(UnknownProjectError):
                run(db, world.deposits.check(world.baoshan, world.meta(project_code="P-1", holder_id=holder)))

    def test_refuses_a_case_of_another_organisation(self, world: World) -> None:
        case = world.open_case()
        with world.database.unit() as db, pytest.raises(UnknownCaseError):
            run(db, world.deposits.check(world.baoshan, world.meta(origin_case_no=case.case_no)))

    def test_refuses_an_overseeing_operator(self, world: World) -> None:
        with world.database.unit() as db, pytest.raises(NotPermittedError):
            run(db, world.deposits.check(world.qingpu, world.meta(operator="qp-900")))

    def test_locks_the_file_for_as_long_as_its_type_is_kept(self, world: World) -> None:
        with world.database.unit() as db:
            ten = run(db, world.deposits.check(world.baoshan, world.meta()))
            ever = run(db, world.deposits.check(world.baoshan, world.meta(type_code="CL015")))
        assert ten.retain_until.year == 2036
        assert ever.retain_until.year == 2126


class TestRecord:
    def test_writes_material_object_key_and_entry_together(self, world: World) -> None:
        material = world.deposit()
        assert held(world, material) == material
        for table in ("materials.material", "ledger.object", "ledger.entry"):
            assert world.count(table) == 1

    def test_puts_the_document_into_the_fact_and_everybody_else_into_parties(self, world: World) -> None:
        case = world.open_case(world.baoshan)
        project = world.project(world.chen)
        material = world.deposit(origin_case_no=case.case_no, project_code="P-1", share_in_project=True)
        fact, parties = world.opened(material.entry_id)
        assert fact["type"] == "material.deposited"
        assert fact["digests"] == {"sha256": material.sha256, "sm3": material.sm3}
        assert fact["size"] == material.size
        assert set(fact) == {"type", "time", "digests", "size"}
        assert parties == {
            "requester": world.baoshan.org_code,
            "operator": "bs-017",
            "material": material.id,
            "material_type": "CL022",
            "version": 1,
            "channel": "counter",
            "verify_level": "staff_checked",
            "holder": world.holders.pairwise(world.chen, world.baoshan.party_id),
            "case": case.case_no,
            "project": project.id,
        }

    def test_gives_a_promise_of_the_log(self, world: World) -> None:
        with world.database.unit() as db:
            checked = run(db, world.deposits.check(world.baoshan, world.meta()))
        with world.database.unit() as db:
            material, promise = run(db, world.deposits.record(world.baoshan, checked, stored()))
        assert promise.entry_id == material.entry_id
        assert (promise.deadline - promise.promised_at).total_seconds() == 60

    def test_leaves_nothing_of_a_unit_that_fails(self, world: World) -> None:
        with world.database.unit() as db:
            checked = run(db, world.deposits.check(world.baoshan, world.meta()))

        def fail_after_recording() -> None:
            with world.database.unit() as db:
                run(db, world.deposits.record(world.baoshan, checked, stored()))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_after_recording()
        for table in ("materials.material", "ledger.object", "ledger.secret", "ledger.entry"):
            assert world.count(table) == 0

    def test_refuses_when_the_case_was_closed_meanwhile(self, world: World) -> None:
        case = world.open_case()
        with world.database.unit() as db:
            checked = run(db, world.deposits.check(world.qingpu, world.meta(world.qingpu, origin_case_no=case.case_no)))
        world.close(case)
        with world.database.unit() as db, pytest.raises(CaseClosedError):
            run(db, world.deposits.record(world.qingpu, checked, stored()))
        assert world.count("materials.material") == 0

    def test_keeps_the_same_content_twice_as_two_materials(self, world: World) -> None:
        for _ in range(2):
            with world.database.unit() as db:
                checked = run(db, world.deposits.check(world.baoshan, world.meta()))
                run(db, world.deposits.record(world.baoshan, checked, stored(b"same")))
        assert world.count("materials.material") == 2


class TestSupersede:
    def test_ends_the_old_version_and_names_the_new_one(self, world: World) -> None:
        old = world.deposit()
        new = world.deposit(supersedes=old.id)
        ended = held(world, old)
        assert (new.version, new.supersedes) == (2, old.id)
        assert (ended.status, ended.superseded_by) == (MaterialStatus.superseded, new.id)
        assert ended.ended_entry_id is not None
        fact, parties = world.opened(ended.ended_entry_id)
        assert fact["type"] == "material.superseded"
        assert (parties["material"], parties["by"]) == (old.id, new.id)

    def test_refuses_a_version_that_has_ended_and_names_the_current_one(self, world: World) -> None:
        first = world.deposit()
        second = world.deposit(supersedes=first.id)
        third = world.deposit(supersedes=second.id)
        with pytest.raises(SupersedeRefusedError) as refused:
            world.deposit(supersedes=first.id)
        assert refused.value.fields["current"] == third.id

    @pytest.mark.parametrize("change", [{"type_code": "CL015"}, {"holder_id": "xu"}])
    def test_refuses_another_type_or_holder(self, world: World, change: dict[str, str]) -> None:
        old = world.deposit()
        if "holder_id" in change:
            change = {"holder_id": world.xu}
        with pytest.raises(SupersedeRefusedError):
            world.deposit(supersedes=old.id, **change)
        assert held(world, old).status is MaterialStatus.active

    def test_lets_the_department_that_has_the_holder_before_it_replace_another_ones(self, world: World) -> None:
        old = world.deposit()
        case = world.open_case()
        new = world.deposit(world.qingpu, supersedes=old.id, origin_case_no=case.case_no)
        assert held(world, old).superseded_by == new.id

    def test_tells_everybody_else_no_more_than_that_there_is_none(self, world: World) -> None:
        old = world.deposit()
        absent = world.open_case(presence=Presence.none).case_no
        other = world.open_case(applicant=world.xu).case_no
        said = set()
        for target in (old.id, "00000000-0000-7000-8000-000000000000"):
            for case_no in (None, absent, other):
                with pytest.raises(SupersedeRefusedError) as refused:
                    world.deposit(world.qingpu, supersedes=target, origin_case_no=case_no)
                said.add(str(refused.value))
        assert len(said) == 1

    def test_lets_one_of_two_at_once_win(self, world: World) -> None:
        old = world.deposit()
        with world.database.unit() as db:
            checked = run(db, world.deposits.check(world.baoshan, world.meta(supersedes=old.id)))
        start, outcomes = threading.Barrier(2), []

        def race() -> None:
            start.wait()
            try:
                with world.database.unit() as db:
                    run(db, world.deposits.record(world.baoshan, checked, stored()))
                outcomes.append("won")
            except SupersedeRefusedError:
                outcomes.append("refused")

        racers = [threading.Thread(target=race) for _ in range(2)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) == ["refused", "won"]
        assert world.count("materials.material") == 2
        assert world.count("ledger.object") == 2

    def test_translates_the_unique_key_that_ends_the_race(self, world: World) -> None:
        old = world.deposit()
        new = world.deposit(supersedes=old.id)
        twin = replace(new, id="00000000-0000-7000-8000-000000000001", object_id="00000000-0000-7000-8000-000000000002")
        with pytest.raises(IntegrityError) as lost, world.database.unit() as db:
            execute(db, store.insert_material(twin))
        assert isinstance(lost.value.orig, UniqueViolation)
        assert store.is_superseded(lost.value.orig)


class TestWithdraw:
    def test_ends_a_deposit_with_an_entry(self, world: World) -> None:
        material = world.deposit()
        with world.database.unit() as db:
            ended = world.deposits.withdraw(db, world.baoshan, material.id, "bs-017")
        assert held(world, material) == ended
        assert ended.status is MaterialStatus.withdrawn
        assert ended.ended_entry_id is not None
        assert world.opened(ended.ended_entry_id)[0]["type"] == "material.withdrawn"

    def test_refuses_what_has_ended(self, world: World) -> None:
        old = world.deposit()
        world.deposit(supersedes=old.id)
        with world.database.unit() as db, pytest.raises(MaterialNotActiveError):
            world.deposits.withdraw(db, world.baoshan, old.id, "bs-017")

    def test_refuses_another_organisation_as_if_there_were_none(self, world: World) -> None:
        material = world.deposit()
        with world.database.unit() as db, pytest.raises(UnknownMaterialError):
            world.deposits.withdraw(db, world.qingpu, material.id, "qp-103")
        assert held(world, material).status is MaterialStatus.active


class TestWhole:
    """Check, PUT and record on a real S3."""

    @pytest.fixture
    def objects(self, s3: Bucket) -> Iterator[ObjectStore]:
        settings = S3Settings(
            endpoint=s3.endpoint,
            access_key=s3.access_key,
            secret_key=s3.secret_key,
            region=s3.region,
            bucket=s3.bucket,
            secure=False,
        )
        held = ObjectStore(settings, KeyRing(b"k" * 32), profile=Profile.INTL, threads=2)
        yield held
        held.close()

    def test_keeps_what_was_handed_in(self, database: Database, objects: ObjectStore) -> None:
        world = World(database, objects)
        with database.unit() as db:
            checked = run(db, world.deposits.check(world.baoshan, world.meta()))
        put = objects.put(
            io.BytesIO(PDF),
            retain_until=checked.retain_until,
            inspect=Inspector("application/pdf", checked.type.media_types),
        )
        with database.unit() as db:
            material, _ = run(db, world.deposits.record(world.baoshan, checked, put))
        with database.unit() as db:
            row = run(db, objects.lookup(material.object_id))
        assert bytes(objects.open(row).read_all()) == PDF
        assert material.size == len(PDF)

    def test_stores_nothing_of_a_file_that_is_something_else(self, database: Database, objects: ObjectStore) -> None:
        world = World(database, objects)
        with database.unit() as db:
            checked = run(db, world.deposits.check(world.baoshan, world.meta()))
        with pytest.raises(ContentTypeMismatchError):
            objects.put(
                io.BytesIO(PDF),
                retain_until=checked.retain_until,
                inspect=Inspector("image/png", checked.type.media_types),
            )
        with database.unit() as db:
            assert db.execute(text("SELECT count(*) FROM ledger.object")).scalar_one() == 0
