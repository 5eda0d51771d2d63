"""Facts of representation that follow from current licences (DESIGN 2, 7).

A business licence says who leads the firm, a birth certificate who the guardians are, a marriage certificate who is
married, a certificate of real property who owns it together. Issuing a version states exactly the facts of that
version: what was open from the one before and is not said again, ends. A licence that ended takes its facts with it;
one that is suspended does not, since a firm whose licence is held back still has its legal representative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import TYPE_CHECKING, Final

from authz.identifiers import PERSON
from certs.errors import RelatedPersonError, RepresentationOverlapError
from certs.licencetypes import years_after
from certs.lifecycle import start_of
from certs.model import LicenceStatus, RepresentationKind
from certs.store import representation as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from certs.faces import Holder
    from certs.licencetypes import LicenceType
    from certs.model import Face, Licence
    from certs.representation import Representations
    from ledger.clock import Clock

ENDING: Final = frozenset(
    {LicenceStatus.revoked, LicenceStatus.cancelled, LicenceStatus.withdrawn_permit, LicenceStatus.lapsed}
)
"""Statuses that end what a licence says of people; a transferred one goes on at the other authority."""


@dataclass(frozen=True, slots=True)
class Related:
    """Somebody a licence names beside its holders.

    Attributes:
        kind: of `RepresentationKind`.
        person: name, code type and code.
    """

    kind: str
    person: Holder


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact a licence states: `person` stands for `holder` in this capacity, until a moment or without end."""

    holder: str
    person: str
    kind: RepresentationKind
    until: datetime | None = None


def check_related(kind: LicenceType, face: Face, related: Sequence[Related]) -> None:
    """Check who is named beside the holders.

    Raises:
        RelatedPersonError: a role the type does not have, missing, too often, or a name that is not on the face.
    """
    roles = {role.kind: role for role in kind.related}
    if any(each.kind not in roles for each in related):
        raise RelatedPersonError(problem="role")
    for role in kind.related:
        named = [each for each in related if each.kind == role.kind]
        if len(named) > role.most or (role.required and not named):
            raise RelatedPersonError(problem="missing" if not named else "too many", role=role.kind)
    for place, shows in ((0, "person_name"), (2, "id_code")):
        shown = {value for name, value in face.items() if kind.by_name[name].kind == shows}
        if any(each.person[place] not in shown for each in related) and (shown or shows == "person_name"):
            raise RelatedPersonError(problem="not who is named on the face")


def stated(
    kind: LicenceType, holders: Sequence[str], named: Sequence[Holder], people: Sequence[tuple[str, str]]
) -> list[Fact]:
    """The facts a licence states.

    Args:
        kind: its type.
        holders: ids of its holders.
        named: the same holders as on the face.
        people: role and holder id of who it names beside them.
    """
    ages = {role.kind: role.until_age for role in kind.related}
    facts = []
    for role, person in people:
        until = _of_age(named[0], ages[role])
        facts += [Fact(holder, person, RepresentationKind(role), until) for holder in holders if holder != person]
    if kind.mutual is not None:
        capacity = RepresentationKind(kind.mutual)
        facts += [Fact(one, other, capacity) for one, other in permutations(dict.fromkeys(holders), 2)]
    return facts


def _of_age(holder: Holder, years: int | None) -> datetime | None:
    """The first moment a person is of some age, as far as their code tells the birth (GB 11643)."""
    _, code_type, code = holder
    if years is None or code_type != PERSON:
        return None
    return start_of(years_after(date(int(code[6:10]), int(code[10:12]), int(code[12:14])), years))


class LicenceFacts:
    """Keeps facts of representation in step with licences.

    Args:
        representations: records and ends them.
        clock: tells the time.
    """

    def __init__(self, representations: Representations, clock: Clock) -> None:
        self._representations = representations
        self._clock = clock

    def apply(self, db: Connection, licence: Licence, facts: Sequence[Fact], operator: str) -> None:
        """Make exactly these facts the open ones of a licence.

        Raises:
            RepresentationOverlapError: another authority says that somebody else leads the firm.
        """
        wanted = {(each.holder, each.person, each.kind): each for each in facts}
        for held in store.open_of_licence(db, licence.first_id, self._clock.now()):
            if wanted.pop((held.organisation_id, held.person_id, held.kind), None) is None:
                self._representations.end(db, held.id, source=held.source_party_id, operator=operator)
        for fact in wanted.values():
            if fact.kind is RepresentationKind.legal_representative and self._took_over(db, licence, fact, operator):
                continue
            self._record(db, licence, fact, operator)

    def end(self, db: Connection, licence: Licence, operator: str) -> None:
        """End what a licence says of people."""
        for held in store.open_of_licence(db, licence.first_id, self._clock.now()):
            self._representations.end(db, held.id, source=held.source_party_id, operator=operator)

    def _took_over(self, db: Connection, licence: Licence, fact: Fact, operator: str) -> bool:
        """Make way for a legal representative; True where the same person is stated already and stays."""
        held = store.open_leader(db, fact.holder)
        if held is None:
            return False
        own = held.source_party_id == licence.issuer_party_id
        if held.person_id == fact.person:
            if own:  # what another authority says goes on by that authority's word, whatever becomes of the licence
                store.follow(db, held.id, licence.first_id)
            return True
        if not own:
            raise RepresentationOverlapError
        self._representations.end(db, held.id, source=held.source_party_id, operator=operator)
        return False

    def _record(self, db: Connection, licence: Licence, fact: Fact, operator: str) -> None:
        begins = self._clock.now()  # after whatever it takes the place of has ended
        if fact.until is not None and fact.until <= begins:
            return
        made = self._representations.record(
            db,
            organisation=fact.holder,
            person=fact.person,
            kind=fact.kind.value,
            valid_from=begins,
            valid_to=fact.until,
            source=licence.issuer_party_id,
            operator=operator,
        )
        store.follow(db, made.id, licence.first_id)
