"""Looking ahead at many uses says of each what a use would be answered, whatever grants and duties there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authz.errors import UnknownOperatorError
from authz.foreseeing import Sought
from authz.model import Mode
from ledger.steps import run
from materials.uses import resource_of
from tests.materials.reuse import ReuseWorld

if TYPE_CHECKING:
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case

TYPES = ("CL022", "CL025", "CL040", "CL041", "CL051")


@pytest.fixture
def world(database: Database, offline: ObjectStore) -> ReuseWorld:
    """A firm, its people and checklists on an empty database."""
    return ReuseWorld(database, offline)


def grants(world: ReuseWorld, case: Case, name: str) -> None:
    """Some constellation of grants."""
    now = world.clock.now()
    terms: dict[str, list[dict[str, Any]]] = {
        "none": [],
        "by type": [{"types": ["CL022", "CL025"]}],
        "sensitive alone": [{"types": ["CL040"]}],
        "sensitive bundled": [{"types": ["CL040", "CL022"]}],
        "over and good": [
            {"types": ["CL025"], "valid_to": now + timedelta(hours=1)},
            {"types": ["CL025"], "max_uses": 1},
        ],
        "verify only": [{"types": ["CL041"], "mode": Mode.verify}],
        "any case": [{"types": ["CL051"], "case_no": None}],
        "fresh only": [{"types": ["CL022"], "fresh_days": 1}],
    }
    for each in terms[name]:
        world.grant(case, world.firm, **each)
    if name == "over and good":
        world.clock.pass_(2 * 3600)


class TestForeseeAll:
    @pytest.mark.parametrize(
        "name",
        [
            "none",
            "by type",
            "sensitive alone",
            "sensitive bundled",
            "over and good",
            "verify only",
            "any case",
            "fresh only",
        ],
    )
    def test_says_what_one_look_at_each_says(self, world: ReuseWorld, name: str) -> None:
        held = [world.deposit(holder_id=world.firm, type_code=code) for code in TYPES]
        world.clock.pass_(2 * 86_400)
        held.append(world.deposit(holder_id=world.xu, type_code="CL025"))
        case = world.firm_case()
        grants(world, case, name)
        request = world.request(case.entry_id, case)
        sought, alone = [], []
        for code in (*TYPES, "CL015"):
            facts = world.cases.facts(case, case.case_no, code, None)
            kind = world.catalogue.type(code)
            things = [
                resource_of(each, kind, case.case_no, world.clock.now()) for each in held if each.type_code == code
            ]
            for thing in (*things, None):
                sought.append(Sought(thing, world.firm, code, kind.level, facts))
                asked = world.request(thing.id if thing else case.entry_id, case)
                with world.database.glance() as db:
                    told = run(db, world.authz.foresee(world.qingpu, asked, thing, facts, code, kind.level))
                alone.append((told.basis, told.said))
        with world.database.glance() as db:
            together = run(db, world.authz.foresee_all(world.qingpu, request, sought))
        assert [(each.basis, each.said) for each in together] == alone
        assert len({said for _, said in alone}) > 1

    def test_tries_the_modes_in_their_order(self, world: ReuseWorld) -> None:
        plan, case = world.deposit(holder_id=world.firm, type_code="CL041"), world.firm_case()
        world.grant(case, world.firm, types=["CL041"], mode=Mode.verify)
        kind, facts = world.catalogue.type("CL041"), world.cases.facts(case, case.case_no, "CL041", None)
        thing = resource_of(plan, kind, case.case_no, world.clock.now())
        modes = (Mode.copy, Mode.data, Mode.verify)
        with world.database.glance() as db:
            sought = [Sought(thing, world.firm, "CL041", 2, facts, modes)]
            (told,) = run(db, world.authz.foresee_all(world.qingpu, world.request(plan.id, case), sought))
        assert (told.basis, told.mode) == ("grant", Mode.verify)

    def test_refuses_an_operator_there_is_not(self, world: ReuseWorld) -> None:
        case = world.firm_case()
        facts = world.cases.facts(case, case.case_no, "CL025", None)
        request = world.request(case.entry_id, case, operator="nobody")
        with world.database.glance() as db, pytest.raises(UnknownOperatorError):
            run(db, world.authz.foresee_all(world.qingpu, request, [Sought(None, world.firm, "CL025", 2, facts)]))
