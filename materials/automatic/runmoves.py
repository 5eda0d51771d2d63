"""Moving a run of an automatic decision: who takes it, where it goes, what is written when it does.

Every unit moves a run on together with what it writes, or writes nothing (`materials.automatic.runrows`).
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.model import Caller
from authz.noticekinds import NoticeKind
from ledger.clock import rfc3339
from ledger.record import Record, canonical
from ledger.steps import run as glance
from materials import store
from materials.automatic import runrows as rows
from materials.automatic.errors import AutomaticNotOfferedError, UnknownRunError
from materials.automatic.runrows import Move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.workdays import Workdays
    from materials.automatic.entitled import Programmes
    from materials.automatic.rules import Automatic
    from materials.automatic.runrows import Run
    from materials.catalogue import Catalogue
    from materials.catalogue.items import Item
    from materials.desk import Desk
    from materials.model import Case

LEASE: Final = timedelta(minutes=2)
"""How long a worker has for one step; longer than all questions of one case together may take."""
_DECIDED: Final = "automatic.decided"
_LEFT: Final = "automatic.left"
_LEAST: Final = timedelta(seconds=1)
_MOST: Final = timedelta(minutes=10)
_SHARE: Final = 10


class RunMoves:
    """Takes runs up and moves them.

    Args:
        catalogue, programmes: by which rules a run goes.
        workdays: counts days.
        desk: names, notices, vault, the log, the time.
    """

    def __init__(self, catalogue: Catalogue, programmes: Programmes, workdays: Workdays, desk: Desk) -> None:
        self._catalogue = catalogue
        self._programmes = programmes
        self._workdays = workdays
        self._desk = desk

    @staticmethod
    def held(db: Connection, run_id: str) -> Run:
        """A run.

        Raises:
            UnknownRunError: there is none.
        """
        found = rows.get(db, run_id)
        if found is None:
            raise UnknownRunError
        return found

    def is_due(self, db: Connection) -> bool:
        """Whether `claim` would find something, unless somebody else takes it first."""
        return rows.is_due(db, self._desk.clock.now())

    def claim(self, db: Connection) -> Run | None:
        """Take up the run that has been due the longest."""
        now = self._desk.clock.now()
        return rows.claim(db, now, now + LEASE)

    def caller(self, db: Connection, held: Run) -> Caller:
        """In whose name a run acts: the department and client that began it; its operator is asked at every act."""
        party = self._desk.parties.party(db, held.party_id)
        return Caller(
            held.client_id, party.id, party.kind, party.org_code, party.division, frozenset({"automatic"}), held.jkt
        )

    def rule_of(self, held: Run) -> tuple[Item, Automatic]:
        """The item of a run, and the rules it goes by: the item's own, or those of its round's programme.

        Raises:
            UnknownItemError, AutomaticNotOfferedError: there is none, or its rules are no more.
        """
        item = self._catalogue.at(held.item_code, held.item_version)
        if held.round_id is None:
            return item, rules_of(item)
        programme = self._programmes.by_rules(held.rules)
        if programme is None:
            raise AutomaticNotOfferedError(problem="rules-changed")
        return item, programme.automatic

    def case(self, db: Connection, held: Run) -> Case:
        """The case of a run, locked until the unit ends."""
        case = glance(db, store.case_of(held.case_no, held.party_id, lock=True))
        if case is None:
            raise UnknownRunError
        return case

    def go(self, db: Connection, held: Run, step: str) -> None:
        """On to a step, at once."""
        rows.move(db, held, Move("running", step, self._desk.clock.now()))

    def wait(self, db: Connection, held: Run, late: str, until: datetime | None = None) -> None:
        """Look again later: the longer somebody has not answered, the later. After its term a person takes over.

        Args:
            late: the reason then.
            until: the end of the term; as it was where None.
        """
        now = self._desk.clock.now()
        due = until or held.wait_until
        if due is None:
            due = self._workdays.due(now, self.rule_of(held)[1].wait_days)
        if now >= due:
            self.leave(db, held, late)
            return
        pause = min(max((now - held.started_at) / _SHARE, _LEAST), _MOST)
        rows.move(db, held, Move("waiting", held.step, min(now + pause, due), wait_until=due))

    def again(self, db: Connection, held: Run, after: timedelta) -> None:
        """Try the step again later; something failed that may not fail next time."""
        at = self._desk.clock.now() + after
        rows.move(db, held, Move("running", held.step, at, wait_until=held.wait_until, failures=held.failures + 1))

    def leave(self, db: Connection, held: Run, reason: str, details: Sequence[str] = ()) -> None:
        """Leave a case to a person, with the reason."""
        self._left(db, held, reason, details, held.operator)
        rows.move(db, held, Move("person", held.step, reason=reason, details=tuple(details)))

    def asked(self, db: Connection, held: Run, batches: Sequence[str]) -> None:
        """Remember what the holders were asked, and wait for them."""
        rows.asked(db, held.id, batches)
        until = self._workdays.due(self._desk.clock.now(), self.rule_of(held)[1].wait_days)
        self.wait(db, held, "consent-late", until)

    def write_decision(self, db: Connection, held: Run, decision: str, document: Mapping[str, Any]) -> str:
        """Write a decision: what, by which rules, and the digest of what they read; the log entry."""
        body = canonical(dict(document))
        parties = self._parties(db, held) | {
            "decision": decision,
            "item_version": held.item_version,
            "rules": held.rules,
            "results": document["rules"],
            "facts": sha256(body).hexdigest(),
            "operator": held.operator,
        }
        entry = self._append(db, _DECIDED, parties)
        rows.decided(db, held.id, self._desk.clock.now(), self._shut(held, document), entry)
        return entry

    def keep_facts(self, db: Connection, held: Run, document: Mapping[str, Any]) -> None:
        """Keep what rules read that did not all hold, for the person who looks at it."""
        rows.facts(db, held.id, self._shut(held, document))

    def facts(self, held: Run) -> dict[str, Any]:
        """What the rules read and what came of each, in clear; for the department, and whom it is about."""
        if held.facts is None:
            return {"rules": {}, "shown": {}, "fields": {}}
        opened: dict[str, Any] = json.loads(self._desk.vault.open(held.facts, _place("facts", held.id)))
        return opened

    def receipt(self, held: Run) -> str | None:
        """The signed receipt; None before there is one."""
        return None if held.receipt is None else self._desk.vault.open(held.receipt, _place("receipt", held.id))

    def _shut_receipt(self, held: Run, receipt: str) -> bytes:
        return self._desk.vault.shut(receipt, _place("receipt", held.id))

    def _left(self, db: Connection, held: Run, reason: str, details: Sequence[str], operator: str) -> None:
        parties = self._parties(db, held) | {
            "operator": operator,
            "step": held.step,
            "reason": reason,
            "details": list(details),
        }
        self._append(db, _LEFT, parties)
        if held.round_id is None:
            self._desk.notices.tell(db, held.holder_id, NoticeKind.automatic_left, held.case_no, party_id=held.party_id)

    def _shut(self, held: Run, document: Mapping[str, Any]) -> bytes:
        return self._desk.vault.shut(canonical(dict(document)).decode(), _place("facts", held.id))

    def _parties(self, db: Connection, held: Run) -> dict[str, Any]:
        return {
            "requester": self._desk.parties.party(db, held.party_id).org_code,
            "run": held.id,
            "case": held.case_no,
            "item": held.item_code,
            "holder": self._desk.holders.pairwise(held.holder_id, held.party_id),
        }

    def _append(self, db: Connection, kind: str, parties: Mapping[str, Any]) -> str:
        record = Record({"type": kind, "time": rfc3339(self._desk.clock.now())}, dict(parties))
        return self._desk.evidence.append(db, record).entry_id


def rules_of(item: Item) -> Automatic:
    """The rules of an item.

    Raises:
        AutomaticNotOfferedError: it has none.
    """
    if item.automatic is None:
        raise AutomaticNotOfferedError(problem="item")
    return item.automatic


def _place(column: str, run_id: str) -> bytes:
    return f"automatic/{column}/{run_id}".encode()
