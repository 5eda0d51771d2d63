"""免申即办: when a licence changes, those that depend on it follow, and nobody applies.

1. A change of a licence leaves a message (`certs.issuing`), and so does a gathered one that stands where another stood.
   `follow` looks, by the rules of the folder `linked`, which licences of the same holder said the same and now would
   not: each is *announced* to its holder with an entry, and nothing is changed while the holder may object (working
   days of the rule).
2. The issuer of the dependent licence must have adopted the rule: its registrar answers for what the rule does, and can
   end that at any time. Without an adoption the change waits for a person of the issuer.
3. After the term the worker issues the next version (`api.linkedwork`): the same unit issues and ends the change, so it
   happens once. An objection stops it until the issuer has answered.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act, Caller
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import run
from materials.automatic import linkrows as rows
from materials.automatic.errors import LinkStateError, UnknownLinkError
from materials.automatic.linkrules import following
from materials.automatic.versions import draft_of
from materials.licence_uses import ACTIVE, standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.workdays import Workdays
    from certs.drafts import Draft
    from certs.model import Licence
    from certs.store.licences import LicenceStore
    from materials.automatic.linkrows import Linked
    from materials.automatic.linkrules import LinkRule, LinkRules
    from materials.desk import Desk

LEASE: Final = timedelta(minutes=2)
_ANNOUNCED: Final = "linked.announced"
_ADOPTED: Final = "linked.adopted"
_ABANDONED: Final = "linked.abandoned"
_LEFT: Final = "linked.left"
_LISTED: Final = 200
_PER_TYPE: Final = 50
"""Licences of one type that one holder may have; more are left to their issuer."""


class Linking:
    """Announces, carries out and ends changes that follow another.

    Args:
        rules: what follows what.
        licences: the library.
        workdays: counts days.
        desk: who acts, the log, the time.
    """

    def __init__(self, rules: LinkRules, licences: LicenceStore, workdays: Workdays, desk: Desk) -> None:
        self.rules = rules
        self._licences = licences
        self._workdays = workdays
        self._desk = desk

    # After a change

    def follow(self, db: Connection, licence_id: str) -> int:
        """Announce what follows a licence's new version; how many. Done again, it finds what it announced.

        Raises:
            HolidaysUnknownError: the term reaches into a year whose holidays nobody has told.
        """
        changed = run(db, self._licences.with_content(licence_id))
        if changed is None or standing(changed[0], self._desk.clock.now()) != ACTIVE:
            return 0
        earlier = changed[0].predecessor_id or run(db, self._licences.before(licence_id))  # one that was gathered
        if earlier is None:
            return 0
        before = run(db, self._licences.with_content(earlier))
        if before is None:
            return 0
        licence, after = changed
        count = 0
        for rule in self.rules.of(licence.type_code):
            pairs = [(licence.holder_ids[0], code) for code in rule.then]
            now = self._desk.clock.now()
            for each in run(db, self._licences.of_holders(pairs, limit=_PER_TYPE)):
                content = run(db, self._licences.content(each.id))
                if content is None or standing(each, now) != ACTIVE or rows.is_known(db, licence.id, each.id):
                    continue
                fields = following(rule.then[each.type_code], before[1], after, content)
                if fields:
                    self._announce(db, rule, licence, each, fields)
                    count += 1
        return count

    def _announce(
        self, db: Connection, rule: LinkRule, cause: Licence, held: Licence, fields: Mapping[str, str]
    ) -> None:
        linked_id, now = new_id(), self._desk.clock.now()
        due = self._workdays.due(now, rule.objection_days)
        parties = {
            "requester": self._desk.parties.party(db, held.issuer_party_id).org_code,
            "linked": linked_id,
            "rule": rule.code,
            "version": rule.version,
            "rules": rule.sha256,
            "cause": cause.id,
            "cause_entry": cause.entry_id,
            "licence": held.id,
            "fields": sorted(fields),
            "due": rfc3339(due),
            "holder": self._desk.holders.pairwise(held.holder_ids[0], held.issuer_party_id),
        }
        values = {
            "id": linked_id,
            "rule": rule.code,
            "rules": rule.sha256,
            "cause": cause.id,
            "licence": held.id,
            "party": held.issuer_party_id,
            "holder": held.holder_ids[0],
            "fields": self._desk.vault.shut(canonical(dict(fields)).decode(), _place(linked_id)),
            "at": now,
            "due": due,
            "entry": self._append(db, _ANNOUNCED, parties),
        }
        rows.insert(db, values)
        told = NoticeKind.linked_announced
        self._desk.notices.tell(db, held.holder_ids[0], told, linked_id, party_id=held.issuer_party_id)

    # By the worker

    def is_due(self, db: Connection) -> bool:
        """Whether `claim` would find something, unless somebody else takes it first."""
        return rows.is_due(db, self._desk.clock.now())

    def claim(self, db: Connection) -> Linked | None:
        """Take up the change whose term has been over the longest."""
        now = self._desk.clock.now()
        return rows.claim(db, now, now + LEASE)

    def draft(self, db: Connection, held: Linked) -> tuple[Caller, Draft] | str:
        """In whose name and what is to be issued; else why a person has to look."""
        adopted = rows.adoption(db, held.rule, held.party_id)
        if adopted is None:
            return "not-adopted"
        found = run(db, self._licences.with_content(held.licence_id))
        if found is None or standing(found[0], self._desk.clock.now()) != ACTIVE:
            return "licence-changed"
        party = self._desk.parties.party(db, held.party_id)
        caller = Caller(
            adopted.client_id, party.id, party.kind, party.org_code, party.division, frozenset({"issue"}), adopted.jkt
        )
        return caller, draft_of(*found, self.fields(held), adopted.operator)

    def changed(self, db: Connection, held: Linked, licence: Licence) -> None:
        """The next version was issued, in this unit."""
        rows.move(db, held, "changed", result=licence.id, ended=self._desk.clock.now())
        told = NoticeKind.linked_changed
        self._desk.notices.tell(db, held.holder_id, told, held.id, party_id=held.party_id)

    def leave(self, db: Connection, held: Linked, reason: str) -> None:
        """A person of the issuer has to look."""
        self._end_entry(db, held, "person", reason)
        rows.move(db, held, "person", reason=reason)

    def again(self, db: Connection, held: Linked, after: timedelta) -> None:
        """Try again later."""
        rows.move(db, held, "announced", next=self._desk.clock.now() + after, failures=held.failures + 1)

    # By the issuer

    def adopt(self, db: Connection, caller: Caller, code: str, operator: str) -> LinkRule:
        """Let a rule change the caller's licences; the operator, a registrar, answers for it.

        Raises:
            UnknownLinkError: there is no such rule.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        rule = self._rule(code)
        self._desk.counter.let(db, caller, operator, Act.issue)
        parties = {"requester": caller.org_code, "operator": operator, "rule": code, "rules": rule.sha256}
        values = {
            "rule": code,
            "party": caller.party_id,
            "client": caller.client_id,
            "jkt": caller.jkt,
            "operator": operator,
            "at": self._desk.clock.now(),
            "entry": self._append(db, _ADOPTED, parties),
        }
        rows.adopt(db, values)
        return rule

    def abandon(self, db: Connection, caller: Caller, code: str, operator: str) -> LinkRule:
        """Let a rule change the caller's licences no more; what was announced waits for a person.

        Raises:
            UnknownLinkError: there is no such rule, or it was not adopted.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
        """
        rule = self._rule(code)
        self._desk.counter.let(db, caller, operator, Act.issue)
        if not rows.end(db, code, caller.party_id, self._desk.clock.now()):
            raise UnknownLinkError
        self._append(db, _ABANDONED, {"requester": caller.org_code, "operator": operator, "rule": code})
        return rule

    def resume(self, db: Connection, caller: Caller, linked_id: str, operator: str) -> Linked:
        """Let a change go on that waits for a person.

        Raises:
            UnknownOperatorError, NotPermittedError, UnknownLinkError: as they say.
            LinkStateError: it does not wait for one.
        """
        self._desk.counter.let(db, caller, operator, Act.issue)
        held = rows.get(db, linked_id, lock=True)
        if held is None or held.party_id != caller.party_id:
            raise UnknownLinkError
        if held.state != "person":
            raise LinkStateError(state=held.state)
        rows.by_hand(db, held.id, "announced", None, max(self._desk.clock.now(), held.due_at))
        return self.get(db, held.id)

    def of_party(self, db: Connection, caller: Caller) -> list[Linked]:
        """Changes of the caller's licences, the newest 200 first."""
        return rows.of_party(db, caller.party_id, _LISTED)

    @staticmethod
    def of_holder(db: Connection, holder_id: str) -> list[Linked]:
        """Changes of a holder's licences, the newest 200 first."""
        return rows.of_holder(db, holder_id, _LISTED)

    @staticmethod
    def get(db: Connection, linked_id: str) -> Linked:
        """A change.

        Raises:
            UnknownLinkError: there is none.
        """
        held = rows.get(db, linked_id)
        if held is None:
            raise UnknownLinkError
        return held

    # Objections

    def objected(self, db: Connection, linked_id: str) -> None:
        """Its holder objects: nothing is changed until that is answered.

        Raises:
            UnknownLinkError: there is none.
            LinkStateError: it was made before.
        """
        held = rows.get(db, linked_id, lock=True)
        if held is None:
            raise UnknownLinkError
        if held.state == "changed":
            raise LinkStateError(state=held.state)
        rows.by_hand(db, held.id, "objected", None, None)

    def answered(self, db: Connection, linked_id: str, outcome: str) -> None:
        """The objection was answered: rejected, the change goes on; upheld, a person of the issuer has it."""
        held = rows.get(db, linked_id, lock=True)
        if held is None or held.state != "objected":
            return
        if outcome == "upheld":
            self._end_entry(db, held, "person", "objection-upheld")
            rows.by_hand(db, held.id, "person", "objection-upheld", None)
        else:
            rows.by_hand(db, held.id, "announced", None, max(self._desk.clock.now(), held.due_at))

    def fields(self, held: Linked) -> dict[str, str]:
        """What the licence will say, in clear; for its holder and issuer."""
        opened: dict[str, str] = json.loads(self._desk.vault.open(held.fields, _place(held.id)))
        return opened

    def document(self, held: Linked) -> dict[str, Any]:
        """A change as its holder and issuer see it."""
        return {
            "linked_id": held.id,
            "rule": held.rule,
            "rules": held.rules,
            "cause": held.cause_id,
            "licence": held.licence_id,
            "fields": self.fields(held),
            "state": held.state,
            "reason": held.reason,
            "announced_at": rfc3339(held.announced_at),
            "due_at": rfc3339(held.due_at),
            "result": held.result_id,
            "entry_id": held.entry_id,
        }

    # Parts

    def _rule(self, code: str) -> LinkRule:
        rule = self.rules.by_code.get(code)
        if rule is None:
            raise UnknownLinkError
        return rule

    def _end_entry(self, db: Connection, held: Linked, state: str, reason: str) -> None:
        parties = {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "linked": held.id,
            "licence": held.licence_id,
            "announced": held.entry_id,
            "state": state,
            "reason": reason,
        }
        self._append(db, _LEFT, parties)

    def _append(self, db: Connection, kind: str, parties: Mapping[str, Any]) -> str:
        record = Record({"type": kind, "time": rfc3339(self._desk.clock.now())}, dict(parties))
        return self._desk.evidence.append(db, record).entry_id


def _place(linked_id: str) -> bytes:
    return f"linked/fields/{linked_id}".encode()
