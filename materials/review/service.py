"""Reviews: the check points of a case evaluated, kept encrypted, and what staff decided about a finding.

A review is made from what is known (`gathering`), in one unit, by a pure function (`judging`). Each run is a version
with an entry of its own, `review.made`: which points passed, failed or are unclear, and a digest of the findings; no
value. Staff settle a finding as resolved or a false alarm, with their reason: `review.settled`. That stands for this
very finding: when what was compared changes, it is open again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.vault import digest_of
from certs import derived
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import run
from materials import store
from materials.errors import CaseClosedError, CatalogueError, UnknownCaseError
from materials.model import CaseState
from materials.review import rows
from materials.review.errors import FindingChangedError, NoCheckPointsError, UnknownFindingError, UnknownReviewError
from materials.review.judging import judge
from materials.review.model import Cause, Finding, Resolution, Review, State, Verdict
from materials.review.naming import Names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from certs.catalogue import LicenceCatalogue
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.model import Case, Material
    from materials.review.gathering import Gathered, Gatherer
    from materials.review.rows import ReviewRow

_MADE: Final = "review.made"
_SETTLED: Final = "review.settled"
_SETTLABLE: Final = frozenset({State.failed, State.unclear})


class Reviews:
    """Makes and keeps reviews.

    Args:
        catalogue, cases: check points, and whose case it is.
        gatherer: gathers facts.
        desk: who acts, the log, the vault, the time.

    Raises:
        CatalogueError: a check point names a licence or field that is not shared.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases, gatherer: Gatherer, desk: Desk) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._gatherer = gatherer
        self._desk = desk
        self._names = Names(catalogue, gatherer.licence_types)
        check_licences(catalogue, gatherer.licence_types)

    def plan(self, db: Connection, caller: Caller, case_no: str, operator: str) -> Gathered:
        """What is known for a review, and what could be read, asked or checked for it first.

        Args:
            db: a glance, as `Gatherer.gather`.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError: no such open case.
            NoCheckPointsError: the item has none.
        """
        self._desk.counter.let(db, caller, operator, Act.search)
        return self._gathered(db, caller, case_no, operator)

    def run(
        self, db: Connection, caller: Caller, case_no: str, operator: str | None = None, cause: Cause = Cause.automatic
    ) -> Review:
        """Review a case by what is known of it now, and keep the review; for a caller who has a unit open anyway.

        Args:
            db: a unit.
            operator: who has it done; who opened the case where None.
            cause: why it is made.

        Raises:
            as `plan`.
        """
        if operator is not None:
            self._desk.counter.let(db, caller, operator, Act.search)
        gathered = self._gathered(db, caller, case_no, operator)
        return self.keep(db, caller, gathered, operator or gathered.row.case.operator, cause)

    def keep(self, db: Connection, caller: Caller, gathered: Gathered, operator: str, cause: Cause) -> Review:
        """Evaluate the facts of a case, and keep what comes of it.

        Args:
            gathered: as `plan` gathered it, in a glance.

        Raises:
            UnknownCaseError, CaseClosedError: the case ended meanwhile.
        """
        item, case = gathered.item, gathered.row.case
        self._lock(db, caller, case.case_no)
        findings = tuple(
            self._names.finding(point, judge(point.checked, gathered.facts), item) for point in item.check_points
        )
        before = run(db, rows.newest(case.case_no))
        return self._write(db, caller, case, (operator, cause), before, findings)

    def get(self, db: Connection, caller: Caller, case_no: str) -> Review:
        """The newest review of a case of the caller's organisation, open or closed.

        Raises:
            UnknownCaseError, UnknownReviewError: there is none.
        """
        self._cases.get(db, caller, case_no)
        held = run(db, rows.newest(case_no))
        if held is None:
            raise UnknownReviewError
        return self._review(db, held)

    def settle(
        self, db: Connection, caller: Caller, case_no: str, finding: tuple[str, str], decision: tuple[Verdict, str, str]
    ) -> Review:
        """Take what staff decided about a finding of the newest review.

        Args:
            finding: code of the check point, digest of the finding they saw.
            decision: verdict, reason, operator.

        Raises:
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            UnknownCaseError, UnknownReviewError: there is none.
            CaseClosedError: too late.
            UnknownFindingError: no such check point, or nothing to settle.
            FindingChangedError: it is another finding by now.
        """
        verdict, reason, operator = decision
        self._desk.counter.let(db, caller, operator, Act.open_case)
        case = self._lock(db, caller, case_no)
        held = run(db, rows.newest(case_no))
        if held is None:
            raise UnknownReviewError
        code, digest = finding
        found = next((each for each in self._findings(held) if each.code == code), None)
        if found is None or found.state not in _SETTLABLE:
            raise UnknownFindingError
        if found.digest != digest:
            raise FindingChangedError
        now, settled = self._desk.clock.now(), new_id()
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case_no,
            "version": held.version,
            "point": code,
            "verdict": verdict.value,
            "finding": found.digest,
            "reason": digest_of(settled.encode() + b"\0" + reason.encode()),
            "holder": self._desk.holders.pairwise(case.applicant_holder_id, caller.party_id),
        }
        entry = self._desk.evidence.append(db, Record({"type": _SETTLED, "time": rfc3339(now)}, parties)).entry_id
        row = {
            "id": settled,
            "case": case_no,
            "version": held.version,
            "code": code,
            "verdict": verdict.value,
            "finding": bytes.fromhex(digest),
            "reason": self._desk.vault.shut(reason, _reason_place(settled)),
            "operator": operator,
            "at": now,
            "entry": entry,
        }
        rows.resolve(db, row)
        return self._review(db, held)

    def keep_seals(self, db: Connection, material: Material, seals: Sequence[str], problem: str) -> None:
        """Keep what the check of a document's seals said: whose hold, and what is wrong with the file."""
        at = self._desk.clock.now()
        rows.keep_seals(db, {"material": material.id, "seals": list(seals), "problem": problem, "at": at})

    def forget(self, db: Connection, object_id: str) -> int:
        """Wipe what reviews keep of a document whose key was destroyed; from how many reviews.

        What was found stays, and its digest, so that nothing that was settled is open again; the values go.
        """
        count = 0
        for case_no, version, sealed, material_id, type_code in rows.touched(db, object_id):
            place = _place(case_no, version)
            body = json.loads(self._desk.vault.open(sealed, place))
            found = [each for each in body["findings"] if _is_of(each, material_id, type_code) and each["values"]]
            for each in found:
                each["values"] = []
            if found:
                count += 1
                rows.rewrite(db, case_no, version, self._desk.vault.shut(json.dumps(body, ensure_ascii=False), place))
        return count

    @staticmethod
    def stale(db: Connection, material_id: str) -> tuple[str, str, str] | None:
        """The open case whose review was made before a document handed in for it was read: case, party, operator."""
        return rows.stale(db, material_id)

    # Parts

    @staticmethod
    def _lock(db: Connection, caller: Caller, case_no: str) -> Case:
        """An open case of the caller's, locked so that its reviews come one after the other."""
        case = run(db, store.case_of(case_no, caller.party_id, lock=True))
        if case is None:
            raise UnknownCaseError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        return case

    def _gathered(self, db: Connection, caller: Caller, case_no: str, operator: str | None) -> Gathered:
        gathered = self._gatherer.gather(db, caller, case_no, operator)
        if not gathered.item.check_points:
            raise NoCheckPointsError
        return gathered

    def _write(
        self,
        db: Connection,
        caller: Caller,
        case: Case,
        by: tuple[str, Cause],
        before: ReviewRow | None,
        findings: tuple[Finding, ...],
    ) -> Review:
        operator, cause = by
        now, version = self._desk.clock.now(), 1 if before is None else before.version + 1
        review = Review(case.case_no, case.item_code, version, cause, now, "", findings)
        body = review.body()
        codes = {state: [each.code for each in findings if each.state is state] for state in State}
        parties = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case.case_no,
            "item": case.item_code,
            "item_version": case.item_version,
            "version": version,
            "cause": cause.value,
            # The case number keeps equal findings of two cases apart.
            "review": digest_of(case.case_no.encode() + b"\0" + canonical(body)),
            "passed": codes[State.passed],
            "failed": codes[State.failed],
            "unclear": codes[State.unclear],
            "holder": self._desk.holders.pairwise(case.applicant_holder_id, caller.party_id),
        }
        entry = self._desk.evidence.append(db, Record({"type": _MADE, "time": rfc3339(now)}, parties)).entry_id
        row = {
            "case": case.case_no,
            "version": version,
            "party": caller.party_id,
            "holder": case.applicant_holder_id,
            "item": case.item_code,
            "operator": operator,
            "cause": cause.value,
            "body": self._desk.vault.shut(json.dumps(body, ensure_ascii=False), _place(case.case_no, version)),
            "passed": len(codes[State.passed]),
            "failed": len(codes[State.failed]),
            "unclear": len(codes[State.unclear]),
            "skipped": len(codes[State.not_applicable]),
            "at": now,
            "entry": entry,
        }
        rows.insert(db, row)
        settled = self._resolutions(db, case.case_no, findings)
        return Review(case.case_no, case.item_code, version, cause, now, entry, findings, settled)

    def _review(self, db: Connection, held: ReviewRow) -> Review:
        findings = self._findings(held)
        settled = self._resolutions(db, held.case_no, findings)
        return Review(
            held.case_no,
            held.item_code,
            held.version,
            Cause(held.cause),
            held.reviewed_at,
            held.entry_id,
            findings,
            settled,
        )

    def _findings(self, held: ReviewRow) -> tuple[Finding, ...]:
        body = json.loads(self._desk.vault.open(held.body, _place(held.case_no, held.version)))
        return tuple(Finding.of_json(each) for each in body["findings"])

    def _resolutions(self, db: Connection, case_no: str, findings: Sequence[Finding]) -> Mapping[str, Resolution]:
        """What was decided about findings that are still the same."""
        digests = {each.code: each.digest for each in findings}
        held = (each for each in run(db, rows.resolutions(case_no)) if digests.get(each.code) == each.finding.hex())
        return {
            each.code: Resolution(
                each.code,
                Verdict(each.verdict),
                each.finding.hex(),
                self._desk.vault.open(each.reason, _reason_place(each.id)),
                each.operator,
                each.at,
                each.entry_id,
            )
            for each in held
        }


def check_licences(catalogue: Catalogue, licences: LicenceCatalogue) -> None:
    """Check that every field of a licence that a rule names is there and may leave as data."""
    for item in catalogue.items.values():
        for source in (each for point in item.check_points for each in point.checked.values if each.startswith("LT")):
            code, _, name = source.partition(".")
            kind = licences.types.get(code)
            if kind is None or kind.field_of(name) is None or name not in derived.sharable(kind):
                raise CatalogueError(item=item.item_code, source=source, problem="no such shared field")


def _is_of(finding: Mapping[str, Any], material_id: str, type_code: str) -> bool:
    """Whether a finding, as it is kept, rests on a document."""
    if any(each.get("material_id") == material_id for each in finding["places"]):
        return True
    return any(each.get("source", "").startswith(f"material:{type_code}.") for each in finding["values"])


def _place(case_no: str, version: int) -> bytes:
    return f"case/review/{case_no}/{version}".encode()


def _reason_place(resolution_id: str) -> bytes:
    return f"review/reason/{resolution_id}".encode()
