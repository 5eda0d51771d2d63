"""免申即享: a round of a programme finds who is entitled, and nobody has to apply.

1. `begin`: by the department that runs the programme's item. The worker matches: everybody with a standing licence of
   the programme's type in the division gets a case of the item, opened by the department's own motion (presence
   `proactive`: only a published duty or what is open to departments permits a use in it, `authz/policies/uses.cedar`).
2. Each case runs by itself (`materials.automatic.runs`): the form is filled, the rules' questions are put. `judge` puts
   on the list whom every rule holds for; who plainly fails a decisive one is not; whatever is unclear a person decides.
3. `publish` (公示): the list is public for the programme's working days, persons by masked names; everybody on it is
   told and asked whether they want it (意愿确认). Anybody may object, to the list or to their own part in it.
4. `hand_off`: whoever was shown long enough, said yes and has no open objection goes into one signed file for whoever
   pays. The unique key of programme, period and holder, and the state of the row, make it once for each.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act, Caller, Presence
from certs import masks
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import canonical
from ledger.steps import run as glance
from materials.automatic import roundrows as rows, runrows, runsteps as steps
from materials.automatic.errors import (
    RoundExistsError,
    RoundStateError,
    UnknownProgrammeError,
    UnknownRoundError,
    UnknownRunError,
)
from materials.automatic.handoffs import HandOffs, place
from materials.automatic.inquiries import Words
from materials.automatic.rules import Said, judge
from materials.automatic.runrows import Move
from materials.errors import MaterialsError
from materials.openings import Opening
from materials.validity import LOCAL

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.workdays import Workdays
    from certs.store.licences import LicenceStore
    from materials.automatic.entitled import Programme, Programmes
    from materials.automatic.facts import FactFinder
    from materials.automatic.inquiries import Inquiries
    from materials.automatic.objections import Objections
    from materials.automatic.roundrows import HandOff, Round
    from materials.automatic.runrows import Run
    from materials.automatic.runs import Runs
    from materials.cases import Cases
    from materials.desk import Desk

BATCH: Final = 20
"""People looked at, or told, in one unit."""
AGAIN: Final = timedelta(minutes=1)
DAILY: Final = timedelta(days=1)
_BEGUN: Final = "entitlement.begun"
_PUBLISHED: Final = "entitlement.published"
_LISTED: Final = 200
_PAGE: Final = 500


class Rounds(HandOffs):
    """Runs rounds of programmes.

    Args:
        programmes: what there is.
        cases, licences: opens cases, finds who may match.
        runs, facts: each case on its own.
        inquiries, objections: what people say to it.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(  # noqa: PLR0913 - the parts of a round
        self,
        programmes: Programmes,
        cases: Cases,
        licences: LicenceStore,
        runs: Runs,
        facts: FactFinder,
        inquiries: Inquiries,
        objections: Objections,
        workdays: Workdays,
        desk: Desk,
    ) -> None:
        super().__init__(programmes, objections, desk)
        self._cases = cases
        self._licences = licences
        self._runs = runs
        self._facts = facts
        self._inquiries = inquiries
        self._workdays = workdays

    def begin(self, db: Connection, caller: Caller, code: str, period: str, operator: str, cause: str) -> Round:
        """Begin a round.

        Args:
            period: year or month that is paid for.
            cause: as every use says.

        Raises:
            UnknownProgrammeError: there is none, or another department runs it.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            RoundExistsError: there is one of this period.
        """
        programme = self._programmes.get(code)
        if programme.item_code[:18] != caller.org_code:
            raise UnknownProgrammeError
        for act in (Act.open_case, Act.search, Act.close_case):
            self._desk.counter.let(db, caller, operator, act)
        round_id, now = new_id(), self._desk.clock.now()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "round": round_id,
            "programme": code,
            "version": programme.version,
            "rules": programme.automatic.sha256,
            "period": period,
        }
        values = {
            "id": round_id,
            "programme": code,
            "version": programme.version,
            "rules": programme.automatic.sha256,
            "period": period,
            "party": caller.party_id,
            "client": caller.client_id,
            "jkt": caller.jkt,
            "operator": operator,
            "cause": cause,
            "at": now,
            "entry": self._append(db, _BEGUN, parties),
        }
        if not rows.insert(db, values):
            raise RoundExistsError
        return self._get(db, round_id)

    def publish(self, db: Connection, caller: Caller, round_id: str, operator: str) -> Round:
        """Publish the list: from now on it is public, and everybody on it is told and asked.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownRoundError: as they say.
            RoundStateError: it was published, still matches, or somebody has not been decided about.
        """
        self._desk.counter.let(db, caller, operator, Act.close_case)
        held = self._own(db, caller, round_id, lock=True)
        if held.state != "matched":
            raise RoundStateError(problem="public" if held.state == "published" else "matching")
        if rows.is_unseen(db, held.id):
            raise RoundStateError(problem="open")
        found = rows.counts(db, held.id)
        if not found.get("listed"):
            raise RoundStateError(problem="empty")
        now = self._desk.clock.now()
        self._workdays.due(now, self._programme(held).publicity_days)  # an unknown year is said here, not by the worker
        parties = self._parties(held, caller.org_code, operator) | {"listed": found["listed"]}
        rows.publish(db, held.id, now, self._append(db, _PUBLISHED, parties))
        return self._get(db, held.id)

    def get(self, db: Connection, caller: Caller, round_id: str) -> tuple[Round, dict[str, int], list[HandOff]]:
        """A round of the caller's, how many stand where, and its files.

        Raises:
            UnknownRoundError: there is none; another organisation's looks the same.
        """
        held = self._own(db, caller, round_id)
        return held, rows.counts(db, held.id), rows.files(db, held.id)

    @staticmethod
    def listed(db: Connection, caller: Caller) -> list[Round]:
        """Rounds of the caller's organisation, the newest 200 first."""
        return rows.of_party(db, caller.party_id, _LISTED)

    def public(self, db: Connection, round_id: str, after: str | None) -> tuple[Round, list[dict[str, Any]]]:
        """The public list: persons by masked names, organisations, which stand in public registers, by their names.

        Args:
            after: the last number of the page before: a run's id.

        Raises:
            UnknownRoundError: there is none, or it is not public now.
        """
        held = rows.get(db, round_id)
        now = self._desk.clock.now()
        if held is None or held.state != "published":
            raise UnknownRoundError
        found = []
        for each in rows.shown(db, held.id, now, after, _PAGE):
            holder = self._desk.holders.get(db, each.holder_id)
            name = masks.name(holder.name) if holder.kind.value == "person" else holder.name
            found.append(
                {
                    "number": each.run_id,
                    "name": name,
                    "amount": self._amount(each),
                    "until": rfc3339(each.public_until) if each.public_until else None,
                }
            )
        return held, found

    def of_party(self, db: Connection, round_id: str) -> str:
        """Who runs a round: to whom one objects.

        Raises:
            UnknownRoundError: there is none, or it was never published.
        """
        held = rows.get(db, round_id)
        if held is None or held.state != "published":
            raise UnknownRoundError
        return held.party_id

    def due(self, db: Connection) -> str | None:
        """The round that has been due the longest; None where none is."""
        return rows.due(db, self._desk.clock.now())

    def work(self, db: Connection, round_id: str) -> None:
        """One piece of a round that is due, which stays locked; nothing where another worker was first."""
        held = rows.get(db, round_id, lock=True)
        if held is None or held.next_at is None or held.next_at > self._desk.clock.now():
            return
        if held.state == "matching":
            self._match(db, held)
        else:
            self._tell(db, held)

    def postpone(self, db: Connection, round_id: str) -> None:
        """Try a round again later, after the others."""
        rows.wake(db, round_id, self._desk.clock.now() + AGAIN)

    def judge(self, db: Connection, held: Run) -> None:
        """Step `decide` of a case of a round: on the list, not on it, or a person's to decide."""
        item, rule = self._runs.rule_of(held)
        programme = self._programmes.by_rules(held.rules)
        one = rows.entitlement(db, held.id, lock=True)
        if programme is None or one is None or item.version != held.item_version:
            self._runs.leave(db, held, "rules-changed")
            return
        runrows.hold(db, held)
        facts = self._facts.of_case(db, self._runs.caller(db, held), held, rule.rules, {})
        said = judge(rule.rules, facts)
        document = facts.document(rule.rules, rule.kept, said)
        short = tuple(code for code, each in said.items() if each is not Said.holds)
        decisive = {each.code for each in rule.rules if each.decisive}
        if any(said[code] is Said.fails for code in decisive):
            self._runs.write_decision(db, held, "not-listed", document)
            runrows.move(db, held, Move("excluded", steps.DECIDE, details=short))
            return
        amount = programme.due(facts)
        payee = {code: facts.fields[code].content for code in programme.payee if code in facts.fields}
        lacking = [] if all(payee.get(code) for code in programme.payee) else ["payee"]
        lacking += [] if amount else ["amount"]
        if short or lacking or amount is None:
            self._runs.keep_facts(db, held, document)
            self._runs.leave(db, held, "rules-not-met", (*short, *lacking))
            return
        self._runs.write_decision(db, held, "listed", document)
        vault = self._desk.vault
        account = canonical({code: _plain(content) for code, content in payee.items()}).decode()
        rows.list_(
            db, held.id, vault.shut(amount, place("amount", held.id)), vault.shut(account, place("payee", held.id))
        )
        runrows.move(db, held, Move("listed", steps.DECIDE))
        if held.round_id is not None and self._get(db, held.round_id).state == "published":
            rows.wake(db, held.round_id, self._desk.clock.now())  # listed late, e.g. after an objection: shown as long

    def reconsider(self, db: Connection, run_id: str) -> bool:
        """An objection was upheld: whom it is about is off the list; whether it was handed over for payment before."""
        one = rows.entitlement(db, run_id, lock=True)
        if one is None:
            return False
        if one.state == "handed":
            return True
        rows.unlist(db, run_id)
        self._inquiries.withdraw(db, run_id)
        return False

    def on_list(self, db: Connection, round_id: str, run_id: str) -> str:
        """Somebody on the list of a round.

        Raises:
            UnknownRunError: nobody there has that number.
        """
        held = self._runs.held(db, run_id)
        if held.round_id != round_id:
            raise UnknownRunError
        return held.id

    def _match(self, db: Connection, held: Round) -> None:
        """Look at the next licences; each holder gets a case, unless a round has found them before."""
        programme = self._programmes.by_rules(held.rules)
        if programme is None:  # the file was changed while it matched: those found so far are decided by nobody
            rows.matched(db, held.id, held.cursor, "matched", None)
            return
        caller = self._caller(db, held)
        day = self._desk.clock.now().astimezone(LOCAL).date()
        found = glance(
            db,
            self._licences.standing_in(programme.licence, caller.division, after=held.cursor, day=day, limit=BATCH),
        )
        known = rows.known(db, held.programme, held.period, [holder for _, holder in found])
        for _, holder_id in found:
            if holder_id in known:
                continue
            known.add(holder_id)
            savepoint = db.begin_nested()
            try:
                self._look_at(db, caller, held, programme, holder_id)
            except MaterialsError:  # e.g. the item is not open to this kind of holder: the others are looked at
                savepoint.rollback()
            else:
                savepoint.commit()
        last = found[-1][0] if found else held.cursor
        done = len(found) < BATCH
        rows.matched(db, held.id, last, "matched" if done else "matching", None if done else self._desk.clock.now())

    def _caller(self, db: Connection, held: Round) -> Caller:
        """In whose name a round acts: the department and client that began it."""
        party = self._desk.parties.party(db, held.party_id)
        scopes = frozenset({"automatic"})
        return Caller(held.client_id, party.id, party.kind, party.org_code, party.division, scopes, held.jkt)

    def _look_at(self, db: Connection, caller: Caller, held: Round, programme: Programme, holder_id: str) -> None:
        holder = self._desk.holders.get(db, holder_id)
        opening = Opening(
            item_code=programme.item_code,
            scenario="",
            applicant_id=holder_id,
            applicant_kind=holder.kind.value,
            presence=Presence.proactive,
            evidence=None,
            project_code=None,
            operator=held.operator,
            answers=programme.answers,
        )
        case = self._cases.open(db, caller, opening)
        now, run_id = self._desk.clock.now(), new_id()
        values = {
            "id": run_id,
            "case": case.case_no,
            "round": held.id,
            "party": held.party_id,
            "holder": holder_id,
            "client": held.client_id,
            "jkt": held.jkt,
            "operator": held.operator,
            "registrar": None,
            "cause": held.cause,
            "item": case.item_code,
            "version": case.item_version,
            "rules": held.rules,
            "state": "running",
            "step": steps.FILL,
            "next": now,
            "wait": None,
            "at": now,
            "entry": case.entry_id,
        }
        runrows.insert(db, values)
        rows.add(db, held, run_id, holder_id)

    def _tell(self, db: Connection, held: Round) -> None:
        """Show and ask the next who are on the list; when that is done, close once a day what is over."""
        programme = self._programme(held)
        found = rows.untold(db, held.id, BATCH)
        now = self._desk.clock.now()
        until = self._workdays.due(now, programme.publicity_days)
        due = max(until, self._workdays.due(now, programme.willing_days))
        for each in found:
            rows.show(db, each.run_id, until)
            facts = {"amount": self._amount(each), "period": held.period, "round": held.id, "until": rfc3339(until)}
            zh = f"您符合“{programme.name}”的条件,无需申请。您愿意享受吗?依据:{programme.legal_basis[0]}"
            en = f"You are entitled to: {programme.name_en}. Do you want it? Basis: {programme.legal_basis[1]}"
            item = (programme.item_code, programme.name, programme.name_en)
            words = Words("willingness", each.run_id, held.party_id, item, zh, en, facts)
            self._inquiries.ask(db, words, [each.holder_id], due)
        if len(found) == BATCH:
            rows.wake(db, held.id, now)
            return
        left = rows.leftover(db, held.id, now, BATCH)
        caller = self._caller(db, held)
        for case_no in left:  # nothing more is looked at in the case of who is not entitled, or does not want it
            self._cases.close(db, caller, case_no, held.operator)
        more = timedelta() if len(left) == BATCH else DAILY
        rows.wake(db, held.id, now + more if rows.is_going_on(db, held.id) else None)


def _plain(content: object) -> object:
    return list(content) if isinstance(content, tuple) else content
