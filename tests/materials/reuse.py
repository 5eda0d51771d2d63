"""The world of materials with checklists in it: a firm with its legal representative, cases by answers, acceptance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from authz.model import Mode
from authz.workdays import Workdays
from ledger.steps import run
from materials.bundles import Bundles
from materials.checklist.glance import Glance
from materials.checklist.service import Checklists, Confirmed
from materials.handling import Handling
from tests.materials.licences import LicenceWorld

if TYPE_CHECKING:
    from authz.model import Caller
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.checklist.model import Line
    from materials.checklist.service import Checklist
    from materials.model import Case

RESTAURANT = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}


class ReuseWorld(LicenceWorld):
    """`LicenceWorld` with a firm that Chen leads."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        super().__init__(database, objects)
        self.serve()
        with database.unit() as db:
            self.representations.record(
                db,
                organisation=self.firm,
                person=self.chen,
                kind="legal_representative",
                valid_from=self.clock.now(),
                valid_to=None,
                source=self.baoshan.party_id,
                operator="bs-002",
            )

    def serve(self, sources: frozenset[str] = frozenset(), templates: frozenset[str] = frozenset()) -> None:
        """Let sources and templates be there."""
        reading = (self.catalogue, self.cases, self.licence_uses, self.authz, self.clock)
        self.glance = Glance(*reading, sources, templates)
        self.checklists = Checklists(self.glance, self.signatures, self.desk)
        self.handling = Handling(self.catalogue, self.cases, self.checklists, self.licences, Workdays(), self.desk)
        self.bundles = Bundles(self.catalogue, self.cases, self.desk)

    def firm_case(self, **changes: Any) -> Case:
        whole = {"applicant": self.firm, "applicant_kind": "organisation", "answers": RESTAURANT, "evidence": None}
        return self.open_case(**(whole | changes))

    def checklist(self, case: Case, caller: Caller | None = None) -> Checklist:
        with self.database.glance() as db:
            return run(db, self.checklists.get(caller or self.qingpu, case.case_no))

    def line(self, case: Case, key: str) -> Line:
        return next(line for line in self.checklist(case).lines if line.key == key)

    def confirm(
        self, case: Case, key: str, material_id: str, *conditions: str, signature: str | None = None
    ) -> Checklist:
        with self.database.unit() as db:
            confirmed = [Confirmed(key, material_id, conditions)]
            return self.checklists.confirm(db, self.qingpu, case.case_no, confirmed, "qp-103", signature)

    def deliver(self, case: Case, object_id: str, mode: Mode = Mode.copy) -> str:
        """Use something and take all of it; the use's id."""
        use = self.open_use(object_id, case, mode=mode)
        with self.database.unit() as db:
            run(db, self.authz.delivered(use.id, 0, use.size))
        return use.id

    def tomorrow(self, days: int = 1) -> datetime:
        return self.clock.now() + timedelta(days=days)
