"""Pre-fill: of 500 generated applicants' forms, how many fields a source fills that the applicant would else type.

Everything goes through the services of a running exchange: licences are gathered, leases and vehicle papers deposited,
read and vouched for, earlier forms kept in earlier cases, registers asked by the SQL connector. 30 % of the firms have
no lease, the library's copy of 20 % of the licences has lapsed, half of the firms apply for the first time. What would
need consent rests on a published duty for exactly the fields that the forms name, so nothing fails for want of an
answer from 500 phones. A field in conflict counts as not filled; a value other than the true one is counted as wrong.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.node import Node
from api.stack.exchange import Exchange
from authz.duties import DutyEntry
from authz.model import Mode, Presence
from bench.applicants import applicants
from bench.prefillworld import BAOSHAN, PrefillWorld, registers
from materials.forms.composing import same
from materials.forms.service import Change
from materials.openings import Opening

if TYPE_CHECKING:
    from bench.applicants import Applicant
    from bench.suite import Suite
    from materials.forms.model import Form
    from materials.forms.plans import Plan

SEED: Final = 20261121
COUNT: Final = 500
CAUSE: Final = "申请表预填"
ARTICLE: Final = "试验:申请表预填"
ITEMS: Final = {
    "food": "11310118XX00000B0W4310100101000",
    "change": "11310113XX00000A2R4310700801000",
    "closing": "11310113XX00000A2R4310700901000",
    "vehicle": "11310113XX00000A2R4310700301000",
    "fund": "11310113XX00000A2R4310400401000",
    "hygiene": "11310113XX00000A2R4310100102000",
    "drainage": "11310118XX00000B0W4310101101000",
    "subsidy": "11310113XX00000A2R4310500701000",
    "fire": "11310118XX00000B0W4310101301000",
    "sign": "11310118XX00000B0W4312001201000",
}
TARGETS: Final[dict[str, float]] = {"food": 0.8, "change": 0.8, "closing": 0.8, "vehicle": 1.0, "fund": 1.0}
"""Of 食品经营, 企业变更 (the linked change of the licence), 企业注销, 非机动车, 残保金: above, or all of it where 1."""
OVERALL: Final = 0.7


def measure(suite: Suite, count: int = COUNT) -> None:
    """Fill every form and count."""
    made = applicants(count, SEED)
    exchange = Exchange(suite.folder / "prefill", demo=True, log_level="warning")
    exchange.up()
    try:
        address, settings = exchange.stack.site.database_admin_url, exchange.settings
        path = registers(exchange.folder, settings.secrets_dir, address, made)
        node = Node(settings.model_copy(update={"connectors": path}))
        try:
            _Run(suite, node).all(made)
        finally:
            node.close()
    finally:
        exchange.down()


class _Run:
    """One run on one node."""

    def __init__(self, suite: Suite, node: Node) -> None:
        self._suite = suite
        self._node = node
        self._world = PrefillWorld(node)

    def all(self, applicants: list[Applicant]) -> None:
        """History first, then what the library and the vault know, then the forms."""
        self._world.register(applicants)
        self._history([each for each in applicants if each.known])
        self._world.gather(applicants)
        self._world.leases(applicants)
        self._publish(applicants)  # what a form names of a material is asked for only where there is one
        self._suite.tell(f"prefill: {len(applicants)} applicants made")
        counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        first = [0, 0]
        wrong, conflicts = 0, 0
        for place, each in enumerate(applicants, 1):
            form = self._fill(each, self._open(each))
            for group in ([counted[each.item], counted["all"]]) + ([] if each.known else [first]):
                group[0] += form.prefilled
                group[1] += len(form.lines)
            conflicts += sum(line.state == "conflict" for line in form.lines)
            wrong += sum(
                line.chosen is not None
                and line.code in each.truth
                and not same(line.kind, line.chosen.content, each.truth[line.code])
                for line in form.lines
            )
            if place % 100 == 0:
                self._suite.tell(f"prefill: {place} of {len(applicants)} forms")
        self._rows(counted, first, wrong, conflicts, len(applicants))

    def _rows(self, counted: dict[str, list[int]], first: list[int], wrong: int, conflicts: int, forms: int) -> None:
        filled, total = counted.pop("all")
        shown = f"{filled / total:.1%}  ({filled} of {total} fields, {forms} forms, {conflicts} in conflict)"
        self._suite.row("prefill: all", shown, "> 70 %", filled / total > OVERALL, share=filled / total)
        for item, (part, of) in counted.items():
            least = TARGETS.get(item)
            met = None if least is None else part == of if least == 1 else part / of > least
            target = "-" if least is None else "100 %" if least == 1 else f"> {least:.0%}"
            self._suite.row(
                f"prefill: {item}", f"{part / of:.1%}  ({part} of {of} fields)", target, met, share=part / of
            )
        share = first[0] / max(1, first[1])
        self._suite.row("prefill: who applies for the first time", f"{share:.1%}", "-", None, share=share)
        self._suite.row("prefill: wrong values", str(wrong), "0", wrong == 0, wrong=wrong)

    def _open(self, each: Applicant) -> str:
        """A case; papers of a vehicle are handed in and vouched for in it."""
        caller, operator = self._world.desk(ITEMS[each.item])
        opening = Opening(
            item_code=ITEMS[each.item],
            scenario="",
            applicant_id=each.holder_id,
            applicant_kind=each.kind,
            presence=Presence.id_card_read,
            evidence="bench",
            project_code=None,
            operator=operator,
            answers=each.answers,
        )
        with self._node.database.unit() as db:
            case_no = self._node.cases.open(db, caller, opening).case_no
        for type_code, values in each.papers.items():
            self._world.vouched(caller, operator, each, type_code, values, case_no)
        return case_no

    def _fill(self, each: Applicant, case_no: str) -> Form:
        caller, operator = self._world.desk(ITEMS[each.item])
        held: list[Form] = []
        self._node.routes.filling.fill(caller, case_no, operator, CAUSE, lambda _db, form, _plan: held.append(form))
        return held[0]

    def _plan(self, each: Applicant, case_no: str) -> Plan:
        caller, operator = self._world.desk(ITEMS[each.item])
        with self._node.database.glance() as db:
            return self._node.routes.forms.plan(db, caller, case_no, operator)

    def _history(self, applicants: list[Applicant]) -> None:
        """Earlier cases, whose forms were typed."""
        for each in applicants:
            caller, operator = self._world.desk(ITEMS[each.item])
            case_no = self._open(each)
            plan = self._plan(each, case_no)
            with self._node.database.unit() as db:
                form = self._node.routes.forms.keep(db, caller, plan, operator)
                codes = {line.code for line in form.lines}
                typed = {code: value for code, value in each.typed.items() if code in codes}
                self._node.routes.forms.change(db, caller, Change(case_no, operator, "applicant", form.version, typed))
                self._node.cases.close(db, caller, case_no, operator)

    def _publish(self, applicants: list[Applicant]) -> None:
        """A duty for each thing that a form would need consent for, with the fields the form names."""
        now = self._node.clock.now()
        types: dict[str, set[str]] = defaultdict(set)
        fields: dict[str, set[str]] = defaultdict(set)
        sample = {(each.item, bool(each.lease), *sorted(each.answers.items())): each for each in applicants}
        for each in sample.values():
            code = ITEMS[each.item]
            for ask in self._plan(each, self._open(each)).asks:
                if ask.type_code:
                    types[code].add(ask.type_code)
                    fields[code] |= set(ask.fields)
        since = now - timedelta(days=1)
        entries = [
            DutyEntry(code[:18], ARTICLE, code, tuple(named), Mode.data, since, None, tuple(fields[code]))
            for code, named in sorted(types.items())
        ]
        with self._node.database.unit() as db:
            self._node.duties.publish(db, 1, BAOSHAN, now, entries)
