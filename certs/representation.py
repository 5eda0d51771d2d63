"""Facts of representation: who may act for an organisation or a ward, as the body that keeps the register states it.

Implements `authz.ports.RepresentationSource`. The answer is read in the caller's unit and locked, so a fact that ends
is ordered against a use that relies on it, like a withdrawal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certs.errors import (
    InvalidRepresentationError,
    RepresentationEndedError,
    RepresentationOverlapError,
    UnknownRepresentationError,
)
from certs.model import Representation, RepresentationKind
from certs.store import representation as store
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record
from ledger.steps import run

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.parties import Parties
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from ledger.steps import Steps


class Representations:
    """States, ends and answers facts of representation.

    Args:
        evidence: the log.
        holders: names holders pairwise in records.
        parties: give the code of the organisation that states a fact.
        clock: tells the time.
    """

    def __init__(self, evidence: Evidence, holders: Holders, parties: Parties, clock: Clock) -> None:
        self._evidence = evidence
        self._holders = holders
        self._parties = parties
        self._clock = clock

    def record(
        self,
        db: Connection,
        *,
        organisation: str,
        person: str,
        kind: str,
        valid_from: datetime,
        valid_to: datetime | None,
        source: str,
        operator: str,
    ) -> Representation:
        """State a fact.

        Args:
            organisation: holder that is represented: the firm, the ward, the spouse, the other owner.
            person: holder that represents.
            kind: of `RepresentationKind`.
            valid_from, valid_to: the period; open ended where None.
            source: party that states it; its right to do so is the caller's to check.
            operator: handle of its registrar.

        Raises:
            InvalidRepresentationError: an unknown kind, somebody for themselves, an end before the beginning.
            RepresentationOverlapError: there is a legal representative for some of that time.
        """
        try:
            capacity = RepresentationKind(kind)
        except ValueError as error:
            raise InvalidRepresentationError(problem="kind") from error
        now, fact_id = self._clock.now(), new_id()
        parties = self._stated(db, fact_id, organisation, person, capacity, source, operator)
        parties |= {"valid_from": rfc3339(valid_from), "valid_to": None if valid_to is None else rfc3339(valid_to)}
        record = Record({"type": "representation.recorded", "time": rfc3339(now)}, parties)
        if capacity is RepresentationKind.legal_representative:
            store.lock(db, organisation)
            if store.overlaps(db, organisation, valid_from, valid_to):
                raise RepresentationOverlapError
        entry_id = self._evidence.append(db, record).entry_id
        fact = Representation(fact_id, organisation, person, capacity, valid_from, valid_to, source, operator, entry_id)
        store.insert(db, fact, now)
        return fact

    def end(self, db: Connection, fact_id: str, *, source: str, operator: str) -> Representation:
        """End a fact now; every grant signed on it stops covering uses from this moment.

        Args:
            source: the party that stated it.
            operator: handle of its registrar.

        Raises:
            UnknownRepresentationError: no such fact of this party.
            RepresentationEndedError: it is over already.
        """
        now = self._clock.now()
        fact = store.get(db, fact_id)
        if fact is None or fact.source_party_id != source:
            raise UnknownRepresentationError
        if fact.valid_to is not None and fact.valid_to <= now:
            raise RepresentationEndedError
        at = max(now, fact.valid_from)  # a fact that has not begun ends where it would have begun
        parties = self._stated(db, fact_id, fact.organisation_id, fact.person_id, fact.kind, source, operator)
        parties |= {"recorded_entry": fact.entry_id, "valid_to": rfc3339(at)}
        record = Record({"type": "representation.ended", "time": rfc3339(now)}, parties)
        store.end(db, fact_id, at, self._evidence.append(db, record).entry_id)
        ended = store.get(db, fact_id)
        if ended is None:
            raise UnknownRepresentationError
        return ended

    def check(self, principal: str, holder: str, kind: str, at: datetime) -> Steps[bool]:
        """Whether `principal` represents `holder` in this capacity at a moment."""
        return kind in (yield from store.kinds(principal, holder, at))

    def kinds(self, db: Connection, principal: str, holder: str, at: datetime) -> tuple[str, ...]:
        """Every capacity in which `principal` represents `holder` at a moment, the strongest first."""
        held = run(db, store.kinds(principal, holder, at))
        return tuple(kind.value for kind in RepresentationKind if kind.value in held)

    def representatives(self, db: Connection, holder: str, at: datetime) -> list[str]:
        """The people who represent a holder at a moment, in whichever capacity."""
        return store.representatives(db, holder, at)

    def represented(self, db: Connection, person: str, at: datetime) -> list[tuple[str, str]]:
        """Whom a person represents at a moment, with the capacity; one holder once for each capacity."""
        return store.represented(db, person, at)

    def _stated(
        self,
        db: Connection,
        fact_id: str,
        organisation: str,
        person: str,
        kind: RepresentationKind,
        source: str,
        operator: str,
    ) -> dict[str, object]:
        return {
            "representation": fact_id,
            "kind": kind.value,
            "requester": self._parties.party(db, source).org_code,
            "operator": operator,
            "holder": self._holders.pairwise(organisation, source),
            "representative": self._holders.pairwise(person, source),
        }
