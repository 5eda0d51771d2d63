"""Fetching licences in a case (调证): what is there, which one is meant, and whose file this is.

Nothing here permits a use. A search says for each type what a use would be answered now, by the same decision and the
same table of what is said (DESIGN 7): where the table says `ask-holder`, it says so whether there is a licence or not.
A selector only finds the licence that `POST /v1/uses` would name; who may not know of it gets the one refusal.

Every search names organisation, operator, item, case and cause, and is a log entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from authz.decider import is_cause
from authz.errors import UseRefusedError
from authz.model import Act, Identifier, Mode, UseRequest
from authz.reasons import Reason
from certs.lifecycle import status_on
from certs.store import copies
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import run
from materials import store
from materials.licence_uses import ACTIVE, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from authz.counter import Counter
    from authz.holders import Holders
    from authz.model import Caller
    from authz.uses import Uses
    from certs.licencetypes import LicenceType
    from certs.model import Licence
    from certs.store.copies import Copy
    from ledger.clock import Clock
    from ledger.evidence import Evidence
    from materials.cases import Cases
    from materials.licence_uses import LicenceUses
    from materials.model import Case
    from materials.usecodes import UseCodes

NOTHING: Final = "00000000-0000-0000-0000-000000000000"
"""Id that no licence has: what a selector that finds nothing asks for, so that it is refused like any other."""
AVAILABLE: Final = "available"
MOST: Final = 20
"""Licences of one type that a search looks at."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What every call must say (DOMAIN 0.1: no licence without item, case and operator)."""

    case_no: str
    item_code: str
    cause: str
    operator: str


@dataclass(frozen=True, slots=True)
class Selector:
    """Which licence is meant; exactly one way of saying so.

    Attributes:
        identifier: 电子证照标识.
        use_code: as a search gave it out.
        type_code: LTnn or CLnnn: the applicant's, or that of `holder`; with `licence_no` the type of the number.
        holder: whose, where not the applicant's.
        licence_no, issuer_code: the number printed on it and the code of the body that issued it.
    """

    identifier: str | None = None
    use_code: str | None = None
    type_code: str | None = None
    holder: Identifier | None = None
    licence_no: str | None = field(default=None, repr=False)
    issuer_code: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search says of one type.

    Attributes:
        answer: `available`, or the code a use would be refused with.
        basis: the lawful basis a use would rest on.
        use_code: names the licence in this case.
    """

    kind: LicenceType
    answer: str
    basis: str | None = None
    use_code: str | None = None


@dataclass(frozen=True, slots=True)
class FileFinding:
    """Whose file something is.

    Attributes:
        what: `original`, `derived` or `unknown`.
        status: of the licence now, by the national list.
        standing: whether it may be used now, or why not.
        copy: the derived copy it is.
    """

    what: str
    licence: Licence | None = None
    status: str | None = None
    standing: str | None = None
    copy: Copy | None = None


class Fetching:
    """Searches for and selects licences."""

    def __init__(
        self,
        cases: Cases,
        licence_uses: LicenceUses,
        uses: Uses,
        holders: Holders,
        counter: Counter,
        codes: UseCodes,
        evidence: Evidence,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._types = licence_uses.types
        self._licences = licence_uses.licences
        self._licence_uses = licence_uses
        self._uses = uses
        self._holders = holders
        self._counter = counter
        self._codes = codes
        self._evidence = evidence
        self._clock = clock

    # What is there

    def search(
        self,
        db: Connection,
        caller: Caller,
        asking: Asking,
        mode: Mode,
        holder: Identifier | None,
        types: Sequence[str],
    ) -> list[Finding]:
        """What a use of each licence the item demands would be answered now; no content, nothing spent.

        Args:
            db: a glance, not a unit: decisions lock what they read, and several in one unit could wait in a circle.
            mode: of the use there might be.
            holder: whose; the applicant's where None.
            types: narrow to some, CLnnn or LTnn; all that the item demands where empty.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError, UseRefusedError: the request
                itself.
            UnknownLicenceTypeError: a type of none of ours.
        """
        case = self._case(db, caller, asking)
        holder_id = case.applicant_holder_id if holder is None else self._holders.resolve(db, holder)
        kinds = [self.type(code) for code in types] or [
            kind for code in sorted(self._cases.demanded(case)) if (kind := self._types.for_material(code)) is not None
        ]
        found: list[Finding] = []
        for kind in dict.fromkeys(kinds):
            for each in self._of_type(db, caller, asking, mode, case, holder_id, kind):
                if each not in found:
                    found.append(each)
        return found

    def type(self, code: str) -> LicenceType:
        """A type by its own code or that of the material it stands for.

        Raises:
            UnknownLicenceTypeError: there is none.
        """
        kind = self._types.for_material(code)
        return self._types.type(code) if kind is None else kind

    def _of_type(
        self,
        db: Connection,
        caller: Caller,
        asking: Asking,
        mode: Mode,
        case: Case,
        holder_id: str | None,
        kind: LicenceType,
    ) -> list[Finding]:
        held = run(db, self._licences.of_holder(holder_id, [kind.code], limit=MOST)) if holder_id else []
        material = kind.material_type or ""
        facts = self._cases.facts(case, case.case_no, material, None)
        request = UseRequest(NOTHING, mode, asking.case_no, asking.item_code, asking.cause, asking.operator, None, ())
        if not held:
            answer = run(db, self._uses.foresee(caller, request, None, facts, material, kind.level))
            return [Finding(kind, answer.said or "")]
        findings = []
        for licence in held:
            resource = self._licence_uses.resource(licence, kind, case.applicant_holder_id, case.people)
            asked = replace(request, object_id=licence.id)
            answer = run(db, self._uses.foresee(caller, asked, resource, facts, material, kind.level))
            if answer.basis is None:
                findings.append(Finding(kind, answer.said or ""))
            else:
                code = self._codes.make(licence.id, caller.party_id, asking.case_no)
                findings.append(Finding(kind, AVAILABLE, answer.basis.value, code))
        return findings

    def record(
        self, db: Connection, caller: Caller, asking: Asking, holder: Identifier | None, found: Sequence[str]
    ) -> str:
        """Write a search down, in a unit; the log entry.

        Args:
            found: types that were asked for, or what a file was found to be.
        """
        case = self._case(db, caller, asking)
        holder_id = case.applicant_holder_id if holder is None else self._holders.resolve(db, holder)
        parties = {
            "requester": caller.org_code,
            "client": caller.client_id,
            "operator": asking.operator,
            "case": asking.case_no,
            "item": asking.item_code,
            "cause": asking.cause,
            "holder": None if holder_id is None else self._holders.pairwise(holder_id, caller.party_id),
            "asked": sorted(found),
        }
        record = Record({"type": "licence.searched", "time": rfc3339(self._clock.now())}, parties)
        return self._evidence.append(db, record).entry_id

    # Which one is meant

    def select(self, db: Connection, caller: Caller, asking: Asking, selector: Selector) -> str:
        """The id (UUID) of the licence that is meant; that of no licence where there is none.

        Raises:
            UseCodeInvalidError: the use code is not of this organisation and case, or its time is over.
            UnknownLicenceTypeError: a type of none of ours.
        """
        if selector.use_code is not None:
            return self._codes.read(selector.use_code, caller.party_id, asking.case_no)
        if selector.identifier is not None:
            return _id(run(db, self._licences.by_licence_id(selector.identifier)))
        kind = self.type(selector.type_code or "")
        if selector.licence_no is not None:
            number = self._licences.by_number(kind.code, selector.issuer_code or "", selector.licence_no)
            return _id(run(db, number))
        holder_id = None
        if selector.holder is not None:
            holder_id = self._holders.resolve(db, selector.holder)
        elif (case := run(db, store.case_of(asking.case_no, caller.party_id))) is not None:
            holder_id = case.applicant_holder_id
        held = run(db, self._licences.of_holder(holder_id, [kind.code], limit=MOST)) if holder_id else []
        now = self._clock.now()
        # Of several the one issued last that stands; a search lists them all.
        return _id(next((each for each in held if standing(each, now) == ACTIVE), held[0] if held else None))

    # Whose file this is

    def recognise(self, db: Connection, caller: Caller, asking: Asking, sha256: str) -> FileFinding:
        """Whether a file is a sealed original of this library or something derived from one, and how it stands now.

        Args:
            sha256: of the file, hexadecimal. Who has the file has what is on it; this adds its standing.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError, UseRefusedError: the request
                itself.
        """
        self._case(db, caller, asking)
        copy = run(db, copies.by_digest(sha256))
        licence_id = copy.licence_id if copy else run(db, copies.original(sha256))
        licence = run(db, self._licences.get(licence_id)) if licence_id else None
        if licence is None:
            return FileFinding("unknown")
        now = self._clock.now()
        what = "original" if copy is None else "derived"
        return FileFinding(what, licence, status_on(licence, now).value, standing(licence, now), copy)

    def _case(self, db: Connection, caller: Caller, asking: Asking) -> Case:
        """The open case a search is made in, after everything the request says of itself was checked."""
        if not is_cause(asking.cause):
            raise _refused(Reason.cause_invalid)
        self._counter.let(db, caller, asking.operator, Act.search)
        case = self._cases.open_one(db, caller, asking.case_no)
        if case.item_code != asking.item_code:
            raise _refused(Reason.item_mismatch)
        return case


def _refused(reason: Reason) -> UseRefusedError:
    return UseRefusedError(reason.value, reason=reason.value, policies=(), holder_id=None)


def _id(licence: Licence | None) -> str:
    return NOTHING if licence is None else licence.id
