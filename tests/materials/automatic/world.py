"""The world of forms with automatic decisions in it: sources, duties, a worker, people who sign on their phones."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from api.automating import Automating
from api.casegathering import Parts
from api.filling import FormFilling
from api.linkedwork import LinkedWork
from api.reviewing import Reviewing
from authz.askbatches import AskBatches
from authz.asks import Asks
from authz.duties import Duties, DutyEntry
from authz.model import HolderKind, Identifier, Mode, Role
from authz.refusals import Refusals
from authz.workdays import Workdays
from certs.drafts import Draft, Prepared
from certs.lifecycle import day_of
from certs.requests import HolderRequest
from ledger.errors import RecordErasedError
from ledger.ids import new_id
from ledger.registers import Registers
from ledger.steps import run
from materials.asking import Asking
from materials.automatic import runrows
from materials.automatic.entitled import Programmes
from materials.automatic.facts import FactFinder
from materials.automatic.inquiries import Inquiries
from materials.automatic.linking import Linking
from materials.automatic.linkrules import LinkRules
from materials.automatic.looking import Looker
from materials.automatic.objections import Objections
from materials.automatic.rounds import Rounds
from materials.automatic.runs import Beginning, Runs
from materials.checklist.glance import Glance
from materials.checklist.service import Checklists
from materials.checks import Checks
from materials.connectors.errors import SourceTimeoutError
from materials.connectors.port import Answer, Question, Result
from materials.connectors.register import ConnectorRegister
from materials.forms.planning import Planner
from materials.forms.questions import Questions
from materials.forms.service import Forms
from materials.forms.things import Things
from materials.generated.templates import Templates
from materials.handling import Handling
from materials.model import Case
from materials.review.gathering import Gatherer
from materials.review.papers import Papers
from materials.review.service import Reviews
from tests.materials.forms import SOURCE, FormWorld, question
from tests.materials.world import stored

if TYPE_CHECKING:
    from api.node import Node
    from authz.model import Caller
    from certs.model import Licence
    from ledger.db import Database
    from ledger.objects import ObjectStore
    from materials.automatic.inquiryrows import Inquiry
    from materials.automatic.runrows import Run

FUND: Final = "11310113XX00000A2R4310400401000"
STAFF: Final = "11310113XX00000A2R4310700501000"
HIRING: Final = "11310113XX00000A2R4310500701000"
CAUSE: Final = "残疾人就业保障金申报"
ARTICLE: Final = "残疾人保障法 第三十三条"


def yes_no(code: str, type_code: str) -> dict[str, Any]:
    whole = question(code, type_code)
    return {name: value for name, value in whole.items() if name != "fields"} | {"kind": "yes-no"}


REGISTER: Final = ConnectorRegister.read(
    {
        "sources": [SOURCE],
        "questions": [
            question("tax.payroll", "CL049", "head_count", "total"),
            question("disability.employed", "CL050", "count"),
            question("social.insurance", "CL048", "new_workers"),
            yes_no("disability.certificate", "CL043"),
            yes_no("police.identity-valid", "CL006"),
            yes_no("police.driving-licence", "CL039"),
            yes_no("credit.standing", "CL001"),
        ],
    }
)


@dataclass
class Sources:
    """Source systems: what each holds by question and subject code, or by question; what is down, what is slow."""

    holds: dict[str, Any] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def ask(self, asked: Question) -> Answer:
        self.asked.append(asked.kind.code)
        if asked.kind.code in self.slow:
            raise SourceTimeoutError(source="front")
        held = self.holds.get(f"{asked.kind.code}/{asked.subject.code}", self.holds.get(asked.kind.code))
        if held is None:
            return Answer(Result.unknown, {}, None, "-")
        if isinstance(held, bool):
            return Answer(Result.yes if held else Result.no, {}, None, "signed")
        return Answer(Result.value, held, None, "signed")


class AutoWorld(FormWorld):
    """`FormWorld` in which the exchange decides by itself, with sources of its own."""

    def __init__(self, database: Database, objects: ObjectStore) -> None:
        super().__init__(database, objects)
        self.objects = objects
        self.sources = Sources()
        checks = Checks(REGISTER, self.catalogue, self.cases, self.authz, self.desk)
        self.checks = checks
        self.checking = self.checking.__class__(database, checks, {"front": self.sources}, self.meter)
        reading = (self.catalogue, self.cases, self.licence_uses, self.authz)
        planner = Planner(*reading, self.grants, checks, self.desk)
        self.forms = Forms(planner, self.catalogue, self.cases, self.desk)
        self.filling = FormFilling(database, self.forms, self.reader, self.authz, self.checking, self.meter)
        glance = Glance(*reading, self.clock, frozenset(REGISTER.questions), frozenset())
        self.checklists = Checklists(glance, self.signatures, self.desk)
        days = Workdays()
        licences = (self.catalogue, self.cases, self.checklists, self.licences)
        self.handling = Handling(*licences, days, self.desk)
        gatherer = Gatherer(
            self.catalogue,
            self.cases,
            Things(*reading, self.grants, self.desk),
            Questions(self.catalogue, self.cases, checks, self.authz),
            self.licence_uses,
            Papers(self.catalogue, Templates.load(), self.identity),
            self.desk,
        )
        self.reviews = Reviews(self.catalogue, self.cases, gatherer, self.desk)
        refusals = Refusals(self.evidence, self.holders, self.identity)
        asks = Asks(refusals, self.grants, self.holders, self.delegations, self.notices, self.clock)
        told = (self.grants, self.delegations, self.parties, self.notices, self.clock)
        self.batches = AskBatches(asks, *told)
        named = (self.catalogue, self.licence_types, self.licences, self.cases, self.counter, self.grants)
        self.asking = Asking(*named, self.batches, self.clock)
        self.inquiries = Inquiries(self.signatures, self.batches, self.desk)
        self.objections = Objections(self.signatures, days, self.desk)
        facts = FactFinder(self.forms, self.checklists, self.reviews, self.clock)
        self.programmes = Programmes.load(self.catalogue)
        decided = (self.catalogue, self.programmes, self.cases, self.handling, facts, self.inquiries, days, self.desk)
        self.runs = Runs(*decided)
        found = (self.programmes, self.cases, self.licences, self.runs, facts, self.inquiries, self.objections)
        self.rounds = Rounds(*found, days, self.desk)
        self.linking = Linking(LinkRules.load(self.licence_types), self.licences, days, self.desk)
        self.made: list[str] = []
        self.work_on(database)
        with database.unit() as db:
            self.parties.register_operator(db, self.baoshan.party_id, "bs-900", {Role.auditor})
            self.worker = self._person(db, "林知微", "31019919991231002X", "lin")

    def work_on(self, database: Database) -> None:
        """The worker, on this database or one that stops."""
        fillings = FormFilling(
            database,
            self.forms,
            self.reader,
            self.authz,
            self.checking.__class__(database, self.checks, {"front": self.sources}, self.meter),
            self.meter,
        )
        parts = Parts(
            runs=self.runs,
            rounds=self.rounds,
            filling=fillings,
            reviewing=Reviewing(cast("Node", _Place(self, database)), self.reviews, fillings),
            forms=self.forms,
            checklists=self.checklists,
            checks=self.checks,
            checking=self.checking.__class__(database, self.checks, {"front": self.sources}, self.meter),
            looker=Looker(self.cases, self.licence_uses, self.authz),
            uses=self.authz,
            meter=self.meter,
            asking=self.asking,
            batches=self.batches,
            licences=self.licences,
            issuing=self.issuing,
            make=lambda _plan: self._files(),
            sign=self._sign,
        )
        self.automating = Automating(database, parts, self.clock)
        self.linked = LinkedWork(database, self.linking, self.issuing, lambda _plan: self._files(), self.clock)

    def _files(self) -> Prepared:
        self.made.append("licence")
        return Prepared(stored(), stored(), "eyJ.e30.c2ln~", "ab" * 32)

    def _sign(self, org_code: str, typ: str, claims: Any) -> str:
        self.made.append(typ)
        return f"{org_code}.{typ}.{len(claims)}"

    def work(self, most: int = 200) -> None:
        """Let the worker work until there is nothing to do now."""
        for _ in range(most):
            if not self.automating.once():
                return
        msg = "the worker never rests"
        raise AssertionError(msg)

    # Duties and cases

    def duty(self, item: str, *types: str, mode: Mode = Mode.copy) -> None:
        """Let Baoshan use types for an item by a published duty; with every field of data they can have."""
        duties = Duties(Registers(self.evidence, self.clock, "310199"), self.clock)
        now = self.clock.now()
        entries = [DutyEntry(self.baoshan.org_code, ARTICLE, item, types, Mode.copy, now)]
        for code in types:
            names = {name for each in REGISTER.questions.values() if code in each.types for name in each.names}
            kind = self.licence_types.for_material(code)
            if kind is not None:
                names |= {*kind.sharing, "holder_name", "holder_code", "licence_no", "name:clear", "holder_name:clear"}
                names |= {f"{each}:clear" for each in (*kind.sharing, "holder_code", "licence_no", "name")}
            if names:
                entries.append(
                    DutyEntry(
                        self.baoshan.org_code,
                        f"{ARTICLE} {code}",
                        item,
                        (code,),
                        Mode.data,
                        now,
                        None,
                        tuple(sorted(names)),
                    )
                )
        with self.database.unit() as db:
            duties.publish(db, 1, self.baoshan.org_code, now, entries)

    def fund(self, **changes: Any) -> Case:
        """A case of the fund for the firm, in which everything is known."""
        whole = {"item_code": FUND, "caller": self.baoshan, "answers": {"employs": "no"}, "scenario": "none"}
        case = self.firm_case(**(whole | changes))
        self.sources.holds |= {
            "tax.payroll": {"head_count": "200", "total": "20000000.00"},
            "disability.employed": {"count": "1"},
        }
        return case

    def begin(self, case: Case, caller: Caller | None = None, **changes: Any) -> Run:
        whole: dict[str, Any] = {"operator": "bs-017", "registrar": None, "cause": CAUSE}
        with self.database.unit() as db:
            given = Beginning(case.case_no, **(whole | changes))
            return self.runs.begin(db, caller or self.baoshan, given)

    def run_of(self, held: Run) -> Run:
        with self.database.unit() as db:
            return self.runs.held(db, held.id)

    # People

    def asked(self, holder_id: str) -> list[Inquiry]:
        with self.database.unit() as db:
            return self.inquiries.of_holder(db, holder_id)

    def say(self, inquiry: Inquiry, answer: str = "yes", subject: str = "chen") -> Inquiry:
        document = self.inquiries.document(inquiry)
        request = HolderRequest("answer", new_id(), inquiry.id, {"answer": answer, "statement": document["digest"]})
        with self.database.unit() as db:
            held = self.inquiries.answer(db, request, self.token(request.digest, subject))
            runrows.nudge(db, held.subject_id, self.clock.now())
        return held

    def firm_named(self, name: str, code: str) -> str:
        with self.database.unit() as db:
            return self.holders.register(db, HolderKind.organisation, name, [Identifier("001", code)])

    def type_of(self, entry_id: str) -> str:
        return str(self.opened(entry_id)[0]["type"])

    def give(self, code: str, holder: tuple[str, str, str], years: int | None = None, **face: str) -> Licence:
        """A licence of a type the other tests do not issue."""
        first = day_of(self.clock.now())
        last = first.replace(year=first.year + years) if years else None
        number = f"{code}-{self.clock.now().timestamp():.3f}"
        draft = Draft(code, number, (holder,), face, first, last, "bs-002")
        with self.database.unit() as db:
            plan = self.issuing.plan(db, self.baoshan, draft)
        with self.database.unit() as db:
            return self.issuing.record(db, self.baoshan, plan, self._files())[0]

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Parties of all entries of a type."""
        with self.database.unit() as db:
            rows = db.exec_driver_sql("SELECT id::text FROM ledger.entry ORDER BY id").all()
        opened = []
        for row in rows:
            with suppress(RecordErasedError):  # of what is published in clear there is no record
                opened.append(self.opened(row[0]))
        return [parties for fact, parties in opened if fact["type"] == kind]

    def checklist_of(self, case: Case) -> dict[str, tuple[str, str | None]]:
        with self.database.glance() as db:
            shown = run(db, self.checklists.get(self.baoshan, case.case_no))
        return {line.key: (line.state.value, line.offer.route.value if line.offer else None) for line in shown.lines}


class _Place:
    """Where a review looks at documents: there are none in these cases."""

    def __init__(self, world: AutoWorld, database: Database) -> None:
        self.database = database
        self.readings = world.readings
        self.objects = world.objects
        self.clock = world.clock
