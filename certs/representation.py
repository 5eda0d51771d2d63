"""Facts of representation: who acts for an organisation, stated by the body that keeps the register.

`authz` asks at every grant and at every use, so the end of a fact suspends at once whatever was granted on it (DESIGN
7). A new legal representative ends the old one in the same unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from certs.errors import RepresentationPeriodError
from certs.tables import representation
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Party
    from ledger.clock import Clock
    from ledger.evidence import Evidence

LEGAL_REPRESENTATIVE: Final = "legal_representative"


@dataclass(frozen=True, slots=True)
class Representation:
    """A fact: `person_id` acts for `organisation_id` in a capacity, from a moment until another.

    Attributes:
        valid_to: end; None while it stands.
        source_id: party that stated it.
        entry_id: log entry `representation.stated`.
    """

    id: str
    organisation_id: str
    person_id: str
    kind: str
    valid_from: datetime
    valid_to: datetime | None
    source_id: str
    operator: str
    entry_id: str


class Representations:
    """Keeps facts of representation; implements `authz.ports.RepresentationSource`."""

    def __init__(self, evidence: Evidence, holders: Holders, clock: Clock) -> None:
        self._evidence = evidence
        self._holders = holders
        self._clock = clock

    def record(
        self,
        db: Connection,
        *,
        organisation: str,
        person: str,
        valid_from: datetime,
        valid_to: datetime | None,
        source: Party,
        operator: str,
        kind: str = LEGAL_REPRESENTATIVE,
    ) -> Representation:
        """State a fact; where it is open-ended, the one that stood before ends when it begins.

        Args:
            organisation: holder id of whom is represented.
            person: holder id of who represents.
            source: the party that keeps the register.
            operator: handle of its registrar.
            kind: the capacity.

        Raises:
            RepresentationPeriodError: it would end before it begins, or begin before the one it ends.
        """
        if valid_to is not None and valid_to <= valid_from:
            raise RepresentationPeriodError
        if valid_to is None:
            self._end_standing(db, organisation, kind, valid_from, source, operator)
        parties = self._parties(organisation, person, kind, source, operator)
        parties |= {"valid_from": rfc3339(valid_from), "valid_to": rfc3339(valid_to) if valid_to else None}
        promise = self._append(db, "representation.stated", parties)
        fact = Representation(
            new_id(), organisation, person, kind, valid_from, valid_to, source.id, operator, promise
        )
        db.execute(insert(representation), {name: getattr(fact, name) for name in Representation.__slots__})
        return fact

    def check(self, db: Connection, principal: str, holder: str, kind: str, at: datetime) -> bool:
        """Whether `principal` represents `holder` in a capacity at a moment."""
        return kind in self.kinds(db, principal, holder, at)

    def kinds(self, db: Connection, principal: str, holder: str, at: datetime) -> tuple[str, ...]:
        """Every capacity in which `principal` represents `holder` at a moment."""
        held = representation.c
        query = select(held.kind).where(
            held.person_id == principal,
            held.organisation_id == holder,
            held.valid_from <= at,
            held.valid_to.is_(None) | (held.valid_to > at),
        )
        return tuple(row.kind for row in db.execute(query.with_for_update(read=True)))

    def _end_standing(
        self, db: Connection, organisation: str, kind: str, at: datetime, source: Party, operator: str
    ) -> None:
        held = representation.c
        standing = (held.organisation_id == organisation, held.kind == kind, held.valid_to.is_(None))
        row = db.execute(select(held.id, held.person_id, held.valid_from).where(*standing).with_for_update()).first()
        if row is None:
            return
        if row.valid_from >= at:
            raise RepresentationPeriodError
        parties = self._parties(organisation, row.person_id, kind, source, operator)
        entry = self._append(db, "representation.ended", parties)
        change = {"valid_to": at, "ending_entry_id": entry}
        db.execute(update(representation).where(held.id == row.id), change)

    def _parties(self, organisation: str, person: str, kind: str, source: Party, operator: str) -> dict[str, object]:
        return {
            "requester": source.org_code,
            "operator": operator,
            "kind": kind,
            "holder": self._holders.pairwise(organisation, source.id),
            "person": self._holders.pairwise(person, source.id),
        }

    def _append(self, db: Connection, kind: str, parties: dict[str, object]) -> str:
        fact = {"type": kind, "time": rfc3339(self._clock.now())}
        return self._evidence.append(db, Record(fact, parties)).entry_id
