"""Checklists: shown at any time, confirmed line by line, kept at acceptance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act, Presence
from authz.vault import digest_of
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical
from ledger.steps import execute, run
from materials.checklist import rows
from materials.checklist.deciding import decide
from materials.checklist.model import Confirm, LineState, Route
from materials.errors import (
    CaseClosedError,
    CaseNotSubmittedError,
    ConfirmationExistsError,
    PresenceRequiredError,
    UnknownCaseError,
    UnknownLineError,
)
from materials.model import CaseState, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.signatures import HolderSignatures
    from ledger.steps import Steps
    from materials.catalogue.items import Item
    from materials.checklist.glance import Glance
    from materials.checklist.model import Line
    from materials.desk import Desk
    from materials.model import Case

VERSION: Final = 1
"""Of the form in which a checklist is kept."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A case's checklist at a moment.

    Attributes:
        lines: in the order of the item.
    """

    case: Case
    item: Item
    at: datetime
    lines: tuple[Line, ...]

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """Required lines that are neither supplied nor owed."""
        done = {LineState.supplied, LineState.owed}
        return tuple(line for line in self.lines if line.demand.need == "required" and line.state not in done)

    @property
    def uploads(self) -> int:
        """How many materials the applicant hands in, or still has to."""
        routes = [line.offer.route for line in self.lines if line.offer and line.demand.need == "required"]
        return sum(route is Route.upload for route in routes)

    def document(self) -> dict[str, Any]:
        """The checklist as it is kept: ids, codes and reasons only."""
        return {
            "v": VERSION,
            "case": self.case.case_no,
            "item": self.item.item_code,
            "item_version": self.case.item_version,
            "scenario": self.case.scenario,
            "at": rfc3339(self.at),
            "lines": [
                {
                    "line": line.key,
                    "type": line.demand.type_code,
                    "state": line.state.value,
                    "route": line.offer.route.value if line.offer else None,
                    "evidence": _kept_evidence(line),
                    "conditions": list(line.offer.conditions) if line.offer else [],
                    "refused": [{"route": each.route.value, "reason": each.reason} for each in line.refused],
                }
                | ({"passed_over": [route.value for route in line.passed_over]} if line.passed_over else {})
                for line in self.lines
            ],
        }


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a holder or staff confirm of one line.

    Attributes:
        line: its key.
        material_id: the material that is reused.
        conditions: every one that is confirmed.
    """

    line: str
    material_id: str
    conditions: tuple[str, ...]


class Checklists:
    """Shows, confirms and keeps checklists.

    Args:
        glance: reads what they are decided on.
        signatures: checks what a holder signs.
        desk: who acts, the log, the time.
    """

    def __init__(self, glance: Glance, signatures: HolderSignatures, desk: Desk) -> None:
        self._glance = glance
        self._signatures = signatures
        self._desk = desk

    def get(self, caller: Caller, case_no: str, operator: str | None = None) -> Steps[Checklist]:
        """The checklist of an open case of the caller's, as it stands now.

        Args:
            operator: who asks; who opened the case where None.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError: no such open case.
            PresenceRequiredError: the applicant is not there; only the item's generic list may be shown.
            UnknownOperatorError: the caller's organisation has no such operator.
        """
        seen = yield from self._glance.look(caller, case_no, operator)
        if seen is None:
            raise UnknownCaseError
        case = seen.row.case
        if case.state is CaseState.draft:
            raise CaseNotSubmittedError
        if case.state is not CaseState.open:
            raise CaseClosedError(case=case_no)
        if case.presence == Presence.none:
            raise PresenceRequiredError
        lines = tuple(
            decide(place.demand, seen.facts.lines[place.key], seen.facts, place.number) for place in seen.places
        )
        return Checklist(case, seen.item, seen.facts.at, lines)

    # Confirming reuse

    @staticmethod
    def terms(case_no: str, confirmed: Sequence[Confirmed]) -> tuple[bytes, str]:
        """What a holder signs to confirm reuse: the canonical words, and their digest."""
        lines: list[dict[str, Any]] = [
            {"conditions": sorted(each.conditions), "line": each.line, "material": each.material_id}
            for each in sorted(confirmed, key=lambda each: (each.line, each.material_id))
        ]
        document = canonical({"action": "confirm-reuse", "case": case_no, "lines": lines, "v": VERSION})
        return document, digest_of(document)

    def confirm(
        self,
        db: Connection,
        caller: Caller,
        case_no: str,
        confirmed: Sequence[Confirmed],
        operator: str,
        signature: str | None = None,
    ) -> Checklist:
        """Confirm that materials are reused and nothing has changed: by signature, or as stated at the counter.

        Args:
            signature: of the applicant, or of who represents them, over the digest of `terms`; staff state it where
                None, and then the applicant must be there.

        Raises:
            UnknownCaseError, CaseNotSubmittedError, CaseClosedError, PresenceRequiredError: as `get`.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            UnknownLineError: the checklist does not offer that material for that line, or no such condition.
            ConfirmationExistsError: it is confirmed already.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        self._desk.counter.let(db, caller, operator, Act.open_case)
        shown = run(db, self.get(caller, case_no, operator))
        _check_offered(shown, confirmed)
        terms, digest = self.terms(case_no, confirmed)
        signer, sealed = None, None
        told: dict[str, Any] = {"stated_by": "counter"}
        if signature is not None:
            held = self._signatures.check(db, signature, digest, shown.case.applicant_holder_id)
            signer = held.holder_id
            kept = json.dumps({"terms": terms.decode(), "signature": held.kept})
            sealed = self._desk.vault.shut(kept, _signature_place(case_no, digest))
            who = self._desk.holders.pairwise(signer, caller.party_id)
            told = {"stated_by": "holder", "signer": who, **held.told()}
        at = self._desk.clock.now()
        parties: dict[str, Any] = {
            "requester": caller.org_code,
            "operator": operator,
            "case": case_no,
            "terms": digest,
            "lines": json.loads(terms)["lines"],
            "holder": self._desk.holders.pairwise(shown.case.applicant_holder_id, caller.party_id),
        } | told
        record = Record({"type": "reuse.confirmed", "time": rfc3339(at)}, parties)
        entry_id = self._desk.evidence.append(db, record).entry_id
        common = {"case": case_no, "stated_by": told["stated_by"], "signer": signer, "signature": sealed}
        common |= {"operator": operator, "at": at, "entry": entry_id}
        for each in confirmed:
            values = {"id": new_id(), "line": each.line, "object": each.material_id}
            if not execute(db, rows.confirm(common | values | {"conditions": sorted(set(each.conditions))})):
                raise ConfirmationExistsError(line=each.line)
        return run(db, self.get(caller, case_no, operator))

    # Keeping

    def keep(self, db: Connection, shown: Checklist, at: datetime, entry_of: Callable[[str], str]) -> str:
        """Keep a checklist as it stands; the log entry.

        Args:
            at: when.
            entry_of: writes the entry that names the digest, SHA-256 of the canonical checklist in hexadecimal.
        """
        body = canonical(shown.document())
        digest = sha256(body)
        entry_id = entry_of(digest.hexdigest())
        case_no = shown.case.case_no
        values = {"case": case_no, "body": self._desk.vault.shut(body.decode(), kept_place(case_no))}
        rows.keep(db, values | {"digest": digest.digest(), "at": at, "entry": entry_id})
        return entry_id

    def kept(self, db: Connection, case_no: str) -> dict[str, Any] | None:
        """The checklist as it was kept at acceptance; None before.

        Args:
            case_no: of a case of the caller's, which the caller has checked.
        """
        held = rows.kept(db, case_no)
        if held is None:
            return None
        body = self._desk.vault.open(held.body, kept_place(case_no))
        document: dict[str, Any] = json.loads(body)
        return document | {"sha256": held.digest.hex(), "entry_id": held.entry_id, "kept_at": rfc3339(held.kept_at)}


CONFIRMABLE: Final = frozenset({Confirm.unchanged.value, *(each.value for each in Condition)})
"""What somebody can confirm by word; a consent, a fetch or a signature is an act of its own."""
_REUSED: Final = frozenset({Route.reuse, Route.assistance})
"""Routes that offer a stored material; what a department answered with is one."""


def _check_offered(shown: Checklist, confirmed: Sequence[Confirmed]) -> None:
    """Check that each line offers that material, and that what is confirmed can be confirmed by word.

    Raises:
        UnknownLineError: one does not, or cannot.
        ConfirmationExistsError: nothing of it is left to be confirmed.
    """
    offers = {line.key: line.offer for line in shown.lines if line.offer and line.offer.route in _REUSED}
    for each in confirmed:
        offer = offers.get(each.line)
        if offer is None or offer.evidence.get("material") != each.material_id:
            raise UnknownLineError(line=each.line)
        if not each.conditions or not set(each.conditions) <= CONFIRMABLE:
            raise UnknownLineError(line=each.line, problem="conditions")
        if set(each.conditions).isdisjoint(offer.conditions):
            raise ConfirmationExistsError(line=each.line)


def _kept_evidence(line: Line) -> dict[str, str]:
    """Evidence as it is kept: of a licence that was only offered nobody needs the id."""
    evidence = dict(line.offer.evidence) if line.offer else {}
    if line.state is not LineState.supplied:
        evidence.pop("licence", None)
    return evidence


def kept_place(case_no: str) -> bytes:
    """What a kept checklist is encrypted for."""
    return f"case/checklist/{case_no}".encode()


def _signature_place(case_no: str, digest: str) -> bytes:
    return f"case/confirmation/{case_no}/{digest}".encode()
