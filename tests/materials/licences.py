"""The world of materials with a licence library in it: issuing, changes, uses and fetching on one database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from authz.model import Mode, Role
from certs.changes import Changes
from certs.drafts import Draft, Prepared
from certs.facts import LicenceFacts
from certs.issuing import Issuing
from certs.lifecycle import day_of
from certs.model import Licence, Operation
from certs.representation import Representations
from certs.store import issuers
from ledger.steps import execute, run
from materials.fetching import Asking, Fetching
from materials.usecodes import UseCodes
from tests.certs.world import FACES, HOLDERS, RELATED, YEARS
from tests.materials.world import World, stored

if TYPE_CHECKING:
    from authz.model import Caller, Use
    from certs.drafts import Plan
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.model import Case


class LicenceWorld(World):
    """`World` with an issuer of every type: `baoshan`, by its operator `bs-002`."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        super().__init__(database, objects)
        representations = Representations(self.evidence, self.holders, self.parties, self.clock)
        people = (self.evidence, self.holders, self.parties, self.counter, self.clock)
        facts = LicenceFacts(representations, self.clock)
        self.changes = Changes(self.licence_types, self.licences, facts, *people)
        self.issuing = Issuing(self.licence_types, self.licences, self.changes, *people)
        self.codes = UseCodes(self.identity, self.clock)
        self.fetching = Fetching(
            self.cases, self.licence_uses, self.authz, self.holders, self.counter, self.codes, self.evidence, self.clock
        )
        with database.unit() as db:
            self.parties.register_operator(db, self.baoshan.party_id, "bs-002", {Role.registrar})
            execute(db, issuers.add(self.baoshan.party_id, self.licence_types.types, self.clock.now()))

    def plan(self, code: str = "LT01", **changes: Any) -> Plan:
        """Judge a draft; its number and period are good unless changed."""
        first = day_of(self.clock.now())
        years = YEARS.get(code)
        whole: dict[str, Any] = {
            "type_code": code,
            "licence_no": f"{code}-{self.clock.now().timestamp():.3f}",
            "holders": HOLDERS.get(code, (("宝山青禾餐饮管理有限公司", "001", "91310113XX0000019X"),)),
            "face": FACES[code],
            "valid_from": first,
            "valid_to": first.replace(year=first.year + years) if years else None,
            "operator": "bs-002",
            "related": RELATED.get(code, ()),
        }
        with self.database.unit() as db:
            return self.issuing.plan(db, self.baoshan, Draft(**(whole | changes)))

    def issue(self, code: str = "LT01", prepared: Prepared | None = None, **changes: Any) -> Licence:
        """Issue a licence; its files are described without being made unless they are given."""
        plan = self.plan(code, **changes)
        prepared = prepared or Prepared(stored(), stored(), "eyJ.e30.c2ln~", "ab" * 32)
        with self.database.unit() as db:
            return self.issuing.record(db, self.baoshan, plan, prepared)[0]

    def change(self, licence: Licence, operation: Operation, **terms: Any) -> Licence:
        """Change a licence as its issuer."""
        whole: dict[str, Any] = {"reason": "inspection-found", "operator": "bs-002"}
        with self.database.unit() as db:
            return self.changes.change(db, self.baoshan, licence.id, operation, **(whole | terms))

    def open_use(self, licence: str, case: Case, caller: Caller | None = None, **changes: Any) -> Use:
        """Open a use of a licence."""
        request = self.request(licence, case, **changes)
        with self.database.unit() as db:
            use, writes = run(db, self.uses.open(caller or self.qingpu, request, self.clock.now().isoformat()))
            for each in writes:
                execute(db, each)
        return use

    def asking(self, case: Case, **changes: Any) -> Asking:
        """What a call says of itself."""
        whole = {"case_no": case.case_no, "item_code": case.item_code, "cause": "审查", "operator": "qp-103"}
        return Asking(**(whole | changes))

    def search(self, case: Case, *types: str, mode: Mode = Mode.copy, **changes: Any) -> dict[str, Any]:
        """Findings of a search by type; of several of one type the last."""
        with self.database.glance() as db:
            found = self.fetching.search(db, self.qingpu, self.asking(case, **changes), mode, None, types)
        return {each.kind.code: each for each in found}
