"""What an auditor sees of a case, a licence, a material or a department: records in time, no names and no contents.

1. **Looked.** `look` finds the subject within the auditor's scope and writes the look down (`authz.auditlooks`). What
   is outside the scope looks like what does not exist, shows nothing, and is recorded as nothing.
2. **Told.** `page` tells it in lines (`materials.auditlines`), a page at a time: how a thing came in, was delivered,
   replaced, disputed, erased and ended, and every use, refusal and scan of its code, each with its log entry. A thing
   is told with all its versions, in the order of time, so that it can be drawn as a graph; what a department did
   begins with the newest, all of it together or one part of it, and `sums` counts the parts.

**Scope.** Of the node's own auditor: everything. Of an organisation's auditor: its cases, its uses and scans, what it
deposited and the licences it issued, with what others did with them; others' cases and staff are not told (as in
`provenance`), and of a version that another brought only that there is one.

**Cost.** What can be many (uses, refusals, scans, deliveries, a case's deposits, a department's acts) is walked by
index from the cursor on, never more than a page of each; what is few (versions, disputes) comes whole and is put where
its time is.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from authz.auditlooks import LookKind, Reach, Subject
from authz.errors import UnknownPartyError
from authz.store import auditlooks as uses
from certs.errors import UnknownLicenceError
from certs.store import audited, licences
from ledger import erasure
from ledger.steps import run
from materials import auditlines as lines_of, auditrows as rows, store
from materials.auditlines import Part
from materials.errors import UnknownCaseError, UnknownMaterialError
from materials.provenance import read_cursor, write_cursor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from authz.auditlooks import AuditLooks
    from authz.model import Caller
    from authz.parties import Parties
    from authz.store.auditlooks import AuditedUse, HeldLook
    from certs.disputes import Disputes
    from certs.model import Licence
    from certs.store.licences import LicenceStore
    from materials.auditlines import Line, Version
    from materials.disputes import MaterialDisputes

COUNTED: Final = 10_000
"""So far a department's acts are counted."""
_FIRST: Final = (datetime(1, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")
_LAST: Final = (datetime(9999, 1, 1, tzinfo=UTC), "ffffffff-ffff-ffff-ffff-ffffffffffff")
_SINCE_EVER: Final = _FIRST[0]


@dataclass(frozen=True, slots=True)
class LookPage:
    """A page of a look.

    Attributes:
        versions: of a material or licence, the oldest first; also where it has only one.
        lines: what was done.
        next_cursor: of the next page; None at the end.
    """

    versions: tuple[Version, ...]
    lines: tuple[Line, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a subject beside what is walked."""

    versions: tuple[Version, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line at its place: time, and what decides between lines of one time."""

    at: datetime
    id: str
    line: Line


class Auditing:
    """Finds what auditors ask for, and tells it.

    Args:
        looks: records looks.
        parties: knows organisations.
        licences: knows licences.
        disputes, licence_disputes: claims against materials and licences.
    """

    def __init__(
        self,
        looks: AuditLooks,
        parties: Parties,
        licences: LicenceStore,
        disputes: MaterialDisputes,
        licence_disputes: Disputes,
    ) -> None:
        self._looks = looks
        self._parties = parties
        self._licences = licences
        self._disputes = disputes
        self._licence_disputes = licence_disputes

    def look(self, db: Connection, caller: Caller, operator: str, wanted: Subject, cause: str) -> HeldLook:
        """Begin a look: find its subject within the auditor's scope and write down that it is looked at.

        Args:
            wanted: named as people name it: a licence also by its 电子证照标识.
            cause: why, naming nobody.

        Raises:
            UnknownOperatorError, NotPermittedError: no auditor.
            UnknownCaseError, UnknownLicenceError, UnknownMaterialError, UnknownPartyError: there is none in scope.
            InvalidTermsError: the cause.
        """
        reach = self._looks.reach(db, caller, operator)
        owner, name = self._found(db, wanted.kind, wanted.name)
        if reach is not Reach.node and owner != caller.party_id:
            refusal = _UNKNOWN[wanted.kind]
            raise refusal
        return self._looks.record(db, caller, operator, reach, replace(wanted, name=name), cause)

    def page(
        self, db: Connection, caller: Caller, held: HeldLook, cursor: str | None, limit: int, only: Part | None = None
    ) -> LookPage:
        """A page of a look that stands.

        Args:
            held: from `AuditLooks.standing`.
            cursor: from the page before.
            limit: of what is walked: uses, refusals, scans, deliveries and their receipts, a case's deposits and their
                ends, everything a department did.
            only: of a department, this part alone.

        Raises:
            CursorInvalidError: the cursor is not one of ours.
        """
        after = read_cursor(cursor)
        told = self._told(db, held)
        backwards = held.kind == LookKind.department
        found = sorted(
            self._walked(db, held, told, after, limit + 1, only),
            key=lambda each: (each.at, each.id),
            reverse=backwards,
        )
        more, found = len(found) > limit, found[:limit]
        last = (found[-1].at, found[-1].id) if more else None
        # What is not walked belongs to the page in whose time it falls; the last page reaches as far as there is time.
        beside = [
            each for each in told.lines
            if (after is None or each.at > after[0]) and (last is None or each.at <= last[0])
        ]  # fmt: skip
        lines = [each.line for each in found] + beside
        # A version and what it replaces are of one moment: the end comes before the beginning.
        lines.sort(key=lambda each: (each.at, each.kind != "superseded", each.entry_id or each.id), reverse=backwards)
        versions: Sequence[Version] = told.versions
        if held.scope != Reach.node:
            lines = [each if each.party_id in {None, caller.party_id} else lines_of.veiled(each) for each in lines]
            versions = [
                each if each.party_id == caller.party_id else lines_of.veiled_version(each) for each in versions
            ]
        return LookPage(tuple(versions), tuple(lines), None if last is None else write_cursor(*last))

    def sums(self, db: Connection, held: HeldLook) -> dict[Part, int]:
        """How much of each part a department did in the look's time; none above `COUNTED` + 1.

        Args:
            held: from `AuditLooks.standing`, of a department.
        """
        party = self._parties.party_of(db, held.subject).id
        asked = (party, held.since or _SINCE_EVER, held.until or _LAST[0], COUNTED + 1)
        used, refused = uses.count(db, *asked)
        deposits, cases = rows.count(db, *asked)
        scans, acts = audited.count(db, *asked)
        return {
            Part.uses: used,
            Part.refusals: refused,
            Part.deposits: deposits,
            Part.licences: acts,
            Part.cases: cases,
            Part.scans: scans,
        }

    def came_in(self, db: Connection, caller: Caller, held: HeldLook, version_id: str) -> tuple[str, str]:
        """By which act of `ledger.acts` a version of what is looked at came in, and its entry.

        Args:
            held: from `AuditLooks.standing`.

        Raises:
            UnknownLicenceError, UnknownMaterialError: it is no version of that within the auditor's scope.
        """
        mine = None if held.scope == Reach.node else caller.party_id
        if held.kind == LookKind.licence:
            for licence in self._issued(db, held.subject):
                if licence.id == version_id and mine in {None, licence.issuer_party_id}:
                    return "licence", licence.entry_id
            raise UnknownLicenceError
        for version in rows.versions(db, held.subject) if held.kind == LookKind.material else ():
            if version.id == version_id and mine in {None, version.party_id}:
                return "deposit", version.entry_id
        raise UnknownMaterialError

    def things(self, db: Connection, held: HeldLook) -> set[str]:
        """Ids of every version of the material or licence that is looked at; none of a case or department."""
        if held.kind == LookKind.licence:
            return {each.id for each in self._issued(db, held.subject)}
        return {each.id for each in rows.versions(db, held.subject)} if held.kind == LookKind.material else set()

    @staticmethod
    def types_of(db: Connection, object_ids: Collection[str]) -> dict[str, str]:
        """Type codes of materials and licences by id."""
        held = {each for each in object_ids if each}
        return (store.types_of(db, held) | licences.types_of(db, held)) if held else {}

    def _found(self, db: Connection, kind: LookKind, name: str) -> tuple[str, str]:
        """Whose a subject is, and its one name."""
        if kind is LookKind.department:
            party = self._parties.party_of(db, name)
            return party.id, party.org_code
        if kind is LookKind.case:
            case = rows.case(db, name)
            if case is None:
                raise UnknownCaseError
            return case.party_id, case.case_no
        if kind is LookKind.licence:
            licence = self._licence(db, name)
            return licence.issuer_party_id, licence.id
        versions = rows.versions(db, _id(name)) if _is_id(name) else []
        named = next((each for each in versions if each.id == _id(name)), None)
        if named is None:
            raise UnknownMaterialError
        return named.party_id, named.id

    def _licence(self, db: Connection, name: str) -> Licence:
        asked = self._licences.get(_id(name)) if _is_id(name) else self._licences.by_licence_id(name)
        found = run(db, asked)
        if found is None:
            raise UnknownLicenceError
        return found

    def _told(self, db: Connection, held: HeldLook) -> _Told:
        if held.kind == LookKind.case:
            return _Told((), self._of_case(db, held.subject))
        if held.kind == LookKind.material:
            return self._of_material(db, held.subject)
        if held.kind == LookKind.licence:
            return self._of_licence(db, held.subject)
        return _Told((), ())

    def _walked(
        self,
        db: Connection,
        held: HeldLook,
        told: _Told,
        after: tuple[datetime, str] | None,
        limit: int,
        only: Part | None,
    ) -> list[_Placed]:
        """What may be many, from a place on: no more than `limit` of each source."""
        if held.kind == LookKind.department:
            party = self._parties.party_of(db, held.subject)
            newest = (held.until, _FIRST[1]) if held.until else _LAST
            parts = Part if only is None else (only,)
            # A cursor that somebody made up leads nowhere beyond what was written down.
            asked = (party.id, held.since or _SINCE_EVER, min(after or newest, newest), limit)
            return [each for part in parts for each in _did(db, part, asked)]
        if held.kind == LookKind.case:
            return self._in_case(db, held.subject, after or _FIRST, limit)
        things = [each.id for each in told.versions]
        found = _used(db, uses.by_things(db, things, after or _FIRST, limit))
        if held.kind == LookKind.licence:
            found += _shown_and_sent(db, things, after or _FIRST, limit)
        return found

    @staticmethod
    def _of_case(db: Connection, case_no: str) -> tuple[Line, ...]:
        held = rows.case(db, case_no)
        if held is None:
            raise UnknownCaseError
        return tuple(lines_of.of_case(held))

    @staticmethod
    def _in_case(db: Connection, case_no: str, after: tuple[datetime, str], limit: int) -> list[_Placed]:
        """Uses and refusals in a case, and what was deposited for it and how that ended."""
        asked = (case_no, after, limit)
        found = _used(db, uses.by_case(db, *asked))
        found += _deposited(rows.deposited_for(db, *asked))
        gone = rows.ended_for(db, *asked)
        return found + [_Placed(line.at, each.id, line) for each in gone for line in lines_of.ended(each)]

    def _of_material(self, db: Connection, material_id: str) -> _Told:
        found = rows.versions(db, material_id)
        gone, whole = _erased(db, {each.id: (each.object_id,) for each in found})
        versions = [lines_of.material_version(each, whole.get(each.id)) for each in found]
        lines = [line for each in found for line in (lines_of.deposited(each), *lines_of.ended(each))]
        lines += [line for each in found for held in self._disputes.of_material(db, each.id)
                  for line in lines_of.disputed(held)]  # fmt: skip
        return _Told(tuple(versions), (*lines, *gone))

    def _of_licence(self, db: Connection, licence_id: str) -> _Told:
        found = self._issued(db, licence_id)
        files = {each.id: tuple(file.object_id for file in (each.pdf, each.ofd) if file) for each in found}
        gone, whole = _erased(db, files)
        versions = [lines_of.licence_version(each, whole.get(each.id)) for each in found]
        lines = [line for each in found for line in self._life_of(db, each)]
        return _Told(tuple(versions), (*lines, *gone))

    def _issued(self, db: Connection, licence_id: str) -> Sequence[Licence]:
        """Every version of a licence, the oldest first."""
        return run(db, self._licences.versions(self._licence(db, licence_id).first_id))

    def _life_of(self, db: Connection, held: Licence) -> Iterator[Line]:
        for event in run(db, self._licences.events(held.id)):
            yield lines_of.of_event(held.id, event)
        for claim in self._licence_disputes.of_licence(db, held.id):
            yield from lines_of.disputed(claim)


_UNKNOWN: Final = {
    LookKind.case: UnknownCaseError,
    LookKind.licence: UnknownLicenceError,
    LookKind.material: UnknownMaterialError,
    LookKind.department: UnknownPartyError,
}


def _did(db: Connection, part: Part, asked: tuple[str, datetime, tuple[datetime, str], int]) -> list[_Placed]:
    """One part of what a department did, the newest first."""
    if part is Part.uses:
        return _used(db, uses.by_department(db, *asked, "used"))
    if part is Part.refusals:
        return _used(db, uses.by_department(db, *asked, "refused"))
    if part is Part.deposits:
        return _deposited(rows.deposits_of(db, *asked))
    if part is Part.cases:
        return [_Placed(each.opened_at, each.entry_id, lines_of.opened(each)) for each in rows.cases_of(db, *asked)]
    if part is Part.licences:
        acts = audited.acts_of_party(db, *asked)
        return [_Placed(event.at, licence, lines_of.of_event(licence, event)) for licence, event in acts]
    return _scanned(audited.scans_of_party(db, *asked))


def _used(db: Connection, found: Sequence[AuditedUse]) -> list[_Placed]:
    copies = audited.copies_of(db, [each.id for each in found if each.kind == "used"]) if found else {}
    return [_Placed(each.at, each.id, lines_of.of_use(each, copies)) for each in found]


def _deposited(found: Sequence[rows.AuditedMaterial]) -> list[_Placed]:
    return [_Placed(each.deposited_at, each.id, lines_of.deposited(each)) for each in found]


def _scanned(found: Sequence[audited.AuditedScan]) -> list[_Placed]:
    return [_Placed(each.at, each.id, lines_of.of_scan(each)) for each in found]


def _shown_and_sent(db: Connection, issued: Sequence[str], after: tuple[datetime, str], limit: int) -> list[_Placed]:
    """Scans of some licences, and their deliveries with the receipts."""
    sent = [lines_of.delivered(each) for each in audited.sent_of(db, issued, after, limit)]
    opened = audited.opened_of(db, issued, after, limit)
    sent += [line for each in opened for line in lines_of.receipted(each)]
    scans = _scanned(audited.scans_of_licences(db, issued, after, limit))
    return scans + [_Placed(each.at, each.id, each) for each in sent]


def _erased(db: Connection, objects: Mapping[str, Sequence[str]]) -> tuple[list[Line], dict[str, datetime]]:
    """Which files of things were erased: a line each; and of the things with none left, since when."""
    gone = erasure.of(db, erasure.Kind.object, [each for held in objects.values() for each in held])
    lines, whole = [], {}
    for thing, held in objects.items():
        times = sorted(gone[each] for each in held if each in gone)
        lines += [lines_of.erased(thing, *each) for each in times]
        if times and len(times) == len(held):
            whole[thing] = times[-1][0]
    return lines, whole


def _is_id(name: str) -> bool:
    try:
        uuid.UUID(name)
    except ValueError:
        return False
    return True


def _id(name: str) -> str:
    return str(uuid.UUID(name))
