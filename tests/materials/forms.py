"""The world of licences with forms in it: a source that answers, readings that staff vouched for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api.checking import Checking
from api.filling import FormFilling
from authz.limits import Meter
from authz.model import HolderKind, Identifier, Mode
from materials.checks import Checks
from materials.connectors.errors import SourceUnavailableError
from materials.connectors.port import Answer, Question, Result
from materials.connectors.register import ConnectorRegister
from materials.forms.planning import Planner
from materials.forms.reader import FormReader
from materials.forms.service import Change, Forms
from materials.generated.service import Documents
from materials.generated.templates import Templates
from materials.reading.model import Box, FieldRead, Findings, Guess
from materials.reading.service import Confirmation, Readings
from tests.materials.licences import LicenceWorld
from tests.materials.world import stored

if TYPE_CHECKING:
    from authz.model import Caller
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.forms.model import Form, FormLine
    from materials.forms.plans import Plan
    from materials.generated.model import Wanted
    from materials.model import Case, Material

CAUSE = "食品经营许可新办预填"
RESTAURANT = {"business": "restaurant", "tenure": "lease", "agent": "no", "commitment": "no"}
LEASE = {"premises": "上海市宝山区示例路 88 号 1 层", "area": "120.50", "lessee": "宝山青禾餐饮管理有限公司"}
SOURCE = {"name": "front", "kind": "http", "zh": "源", "en": "Source", "timeout": 1}


def question(code: str, type_code: str, *names: str) -> dict[str, Any]:
    fields = [{"name": each, "zh": each, "en": each} for each in names]
    return {
        "code": code,
        "types": [type_code],
        "fields": fields,
        "zh": "问",
        "en": "Asked",
        "source": "front",
        "kind": "value",
        "valid_hours": 24,
    }


REGISTER = ConnectorRegister.read(
    {
        "sources": [SOURCE],
        "questions": [
            question("market.registration", "CL001", "name", "legal_representative", "domicile"),
            question("housing.address", "CL022", "address"),
            question("tax.payroll", "CL049", "head_count", "total"),
            question("disability.employed", "CL050", "count"),
        ],
    }
)


@dataclass
class Front:
    """A source: what it holds by question; what it does not hold it does not know."""

    holds: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def ask(self, asked: Question) -> Answer:
        self.asked.append(asked.kind.code)
        if self.down:
            raise SourceUnavailableError(source="front")
        held = self.holds.get(asked.kind.code)
        return Answer(Result.unknown, {}, None, "-") if held is None else Answer(Result.value, held, None, "signed")


class FormWorld(LicenceWorld):
    """`LicenceWorld` with forms."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        super().__init__(database, objects)
        checks = Checks(REGISTER, self.catalogue, self.cases, self.authz, self.desk)
        self.front = Front()
        planner = Planner(self.catalogue, self.cases, self.licence_uses, self.authz, self.grants, checks, self.desk)
        self.forms = Forms(planner, self.catalogue, self.cases, self.desk)
        self.reader = FormReader(self.catalogue, self.cases, self.licence_uses, self.authz, self.desk)
        self.meter = Meter(self.clock)
        self.checking = Checking(database, checks, {"front": self.front}, self.meter)
        self.filling = FormFilling(database, self.forms, self.reader, self.authz, self.checking, self.meter)
        made = (self.catalogue, self.cases, checks, self.deposits, self.desk)
        self.documents = Documents(Templates.load(), *made)
        self.readings = Readings(self.desk)
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
            code = Identifier("001", "91310118XX00000271")
            self.other = self.holders.register(db, HolderKind.organisation, "青浦云岫食品有限公司", [code])

    def firm_case(self, **changes: Any) -> Case:
        whole = {"applicant": self.firm, "applicant_kind": "organisation", "answers": RESTAURANT, "evidence": None}
        return self.open_case(**(whole | changes))

    def fill(self, case: Case, caller: Caller | None = None) -> Form:
        held: list[tuple[Form, Plan]] = []
        who = caller or self.qingpu
        self.filling.fill(who, case.case_no, self.operator(who), CAUSE, lambda _db, *kept: held.append(kept))
        self.planned = held[0][1]
        return held[0][0]

    def state(self, form: Form, caller: Caller | None = None, by: str = "applicant", **values: Any) -> Form:
        who = caller or self.qingpu
        with self.database.unit() as db:
            change = Change(form.case_no, self.operator(who), by, form.version, values)
            return self.forms.change(db, who, change)

    def vouched(self, caller: Caller | None = None, values: dict[str, str] | None = None, **changes: Any) -> Material:
        """A material whose values staff vouched for."""
        caller = caller or self.baoshan
        material = self.deposit(caller, **({"holder_id": self.firm} | changes))
        values = LEASE if values is None else values
        with self.database.unit() as db:
            reading = self.readings.ask(db, caller, material.id, self.operator(caller)).held.id
        read = tuple(FieldRead(code, value, 90, 1, Box(0, 0, 1, 1)) for code, value in values.items())
        with self.database.unit() as db:
            self.readings.finish(db, reading, Findings(Guess(material.type_code, 95), read))
        with self.database.unit() as db:
            given = Confirmation(material.type_code, values, ("holder-name-differs",), self.operator(caller))
            self.readings.confirm(db, caller, material.id, reading, given)
        return material

    def make(self, wanted: Wanted) -> Material:
        """A document made from what is at hand; its file is described without being made."""
        with self.database.unit() as db:
            plan = self.documents.plan(db, self.qingpu, wanted)
        values = self.documents.fill(plan, {}, {})
        with self.database.unit() as db:
            checked = self.documents.check(db, self.qingpu, self.documents.meta(plan, values))
            return self.documents.record(db, self.qingpu, plan, values, checked, stored())[0]

    def consent(self, caller: Caller, case: Case, *types: str, fields: list[str], grantor: str | None = None) -> None:
        """A holder's leave to read some fields in a case, the applicant's unless named; Chen signs for the firm."""
        grantor = grantor or case.applicant_holder_id
        now = self.clock.now()
        terms = {"item_code": case.item_code, "case_no": case.case_no, "cause": CAUSE, "max_uses": 9}
        body = self.grants.propose(
            caller,
            grantor,
            **terms,
            types=list(types),
            mode=Mode.data,
            fields=fields,
            valid_from=now,
            valid_to=now + timedelta(days=30),
        )
        token = self.token(body.digest, "xu" if grantor == self.xu else "chen")
        with self.database.unit() as db:
            self.grants.accept(db, body, grantor_id=grantor, signature=token)


def line(form: Form, code: str) -> FormLine:
    return next(each for each in form.lines if each.code == code)
