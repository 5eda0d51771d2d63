"""Lines of what an auditor sees: who did what when, on which basis, in which log entry; no name and no content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from certs.model import DisputeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.store.auditlooks import AuditedUse
    from certs.model import Delivery, Dispute, Licence, LicenceEvent
    from certs.store.audited import AuditedScan
    from materials.auditrows import AuditedCase, AuditedMaterial


class Part(StrEnum):
    """What a department does, as it can be told by itself."""

    uses = "uses"
    refusals = "refusals"
    deposits = "deposits"
    licences = "licences"
    cases = "cases"
    scans = "scans"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was done.

    Attributes:
        kind: opened, accepted, closed (cases); deposited, superseded, withdrawn, erased (materials); an operation,
            delivered, receipted (licences); disputed and how that ended; used or refused; presented or scan-refused.
        id: of the use, refusal or scan; else of the entry.
        entry_id: None of a refused scan, which the log does not hold.
        party_id: None of what the holder did, and of what the node's own staff erased.
        object_id: of the material or licence.
        related: the version that came instead.
        state: how a use or case stands; of what was done to a licence, the status it had afterwards; of a deposit or
            delivery its channel; of a scan the status that was seen.
        copy_sha256, copy_entry_id: of the derived copy (加注件) that left by a use.
        code_kind, scenario, fields: of a scan, by which kind of code, in which scope, names of what was seen.
    """

    kind: str
    id: str
    at: datetime
    entry_id: str | None
    party_id: str | None
    operator: str | None = None
    object_id: str | None = None
    case_no: str | None = None
    item_code: str | None = None
    mode: str | None = None
    basis: str | None = None
    reason: str | None = None
    state: str | None = None
    ended_at: datetime | None = None
    outcome_entry_id: str | None = None
    related: str | None = None
    copy_sha256: str | None = None
    copy_entry_id: str | None = None
    code_kind: str | None = None
    scenario: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def entry_ids(self) -> tuple[str, ...]:
        """Every entry it names."""
        return tuple(each for each in (self.entry_id, self.outcome_entry_id, self.copy_entry_id) if each)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of what is looked at.

    Attributes:
        code: type code of the material or licence.
        sha256: of a material's document, or of a licence's salted face; None of what is another organisation's.
        origin_case_no: the case a material was deposited for.
        erased_at: when the key of its document was destroyed, of several files the last one's.
    """

    id: str
    code: str
    version: int
    status: str
    party_id: str
    at: datetime
    sha256: str | None
    origin_case_no: str | None = None
    licence_id: str | None = None
    erased_at: datetime | None = None


def of_use(held: AuditedUse, copies: Mapping[str, tuple[str, str]]) -> Line:
    """A use or refusal, with the copy that left by it."""
    sha256, entry = copies.get(held.id, (None, None))
    return Line(
        held.kind, held.id, held.at, held.entry_id, held.party_id, held.operator, held.object_id, held.case_no,
        held.item_code, held.mode, held.basis, held.reason, held.state, held.ended_at, held.outcome_entry_id,
        copy_sha256=sha256, copy_entry_id=entry,
    )  # fmt: skip


def of_scan(held: AuditedScan) -> Line:
    """A scan of a code (亮证), or its refusal."""
    return Line(
        "scan-refused" if held.reason else "presented", held.id, held.at, held.entry_id, held.party_id, held.operator,
        held.licence_id, reason=held.reason, state=held.status, code_kind=held.code_kind, scenario=held.scenario,
        fields=held.fields,
    )  # fmt: skip


def of_case(held: AuditedCase) -> list[Line]:
    """How a case was opened, accepted and closed."""
    acts = (
        ("opened", held.opened_at, held.entry_id, None),
        ("accepted", held.accepted_at, held.acceptance_entry_id, None),
        ("closed", held.closed_at, held.closing_entry_id, held.decision),
    )
    return [
        Line(kind, entry, at, entry, held.party_id, held.operator, None, held.case_no, held.item_code, state=state)
        for kind, at, entry, state in acts
        if at is not None and entry is not None
    ]


def opened(held: AuditedCase) -> Line:
    """That a case was opened, and how it stands."""
    return replace(of_case(held)[0], state=held.decision or held.state, ended_at=held.closed_at)


def deposited(held: AuditedMaterial) -> Line:
    """How a version came in."""
    return Line(
        "deposited", held.entry_id, held.deposited_at, held.entry_id, held.party_id, held.operator, held.id,
        held.origin_case_no, state=held.channel,
    )  # fmt: skip


def ended(held: AuditedMaterial) -> list[Line]:
    """How a version ended, and by whom; none of one that stands."""
    if held.ended_at is None or held.ended_entry_id is None:
        return []
    kind, entry = "superseded" if held.superseded_by else "withdrawn", held.ended_entry_id
    line = Line(kind, entry, held.ended_at, entry, held.ended_by, object_id=held.id)
    return [replace(line, related=held.superseded_by)]


def of_event(licence_id: str, held: LicenceEvent) -> Line:
    """What its issuer did to a licence."""
    return Line(
        held.operation.value, held.entry_id, held.at, held.entry_id, held.party_id, held.operator, licence_id,
        reason=held.reason or None, state=held.status.value,
    )  # fmt: skip


def delivered(held: Delivery) -> Line:
    """That a licence was sent to its holder."""
    return Line(
        "delivered", held.entry_id, held.sent_at, held.entry_id, held.party_id, held.operator, held.licence_id,
        state=held.channel,
    )  # fmt: skip


def receipted(held: Delivery) -> list[Line]:
    """That what was sent was opened, and by whom; none of what waits."""
    if held.opened_at is None or held.opened_entry_id is None:
        return []
    party, entry = held.party_id if held.opened_by == "operator" else None, held.opened_entry_id
    return [Line("receipted", entry, held.opened_at, entry, party, object_id=held.licence_id)]


def disputed(held: Dispute) -> list[Line]:
    """That the holder disputed it, and what came of that; what was claimed is not told."""
    lines = [Line("disputed", held.entry_id, held.opened_at, held.entry_id, None, object_id=held.subject_id)]
    if held.answered_at is not None and held.answer_entry_id is not None:
        party = None if held.state is DisputeState.withdrawn else held.party_id
        kind, entry = f"dispute-{held.state.value}", held.answer_entry_id
        answered = Line(kind, entry, held.answered_at, entry, party, held.operator, held.subject_id)
        lines.append(replace(answered, related=held.successor_id))
    return lines


def erased(object_id: str, at: datetime, entry_id: str) -> Line:
    """That the key of a document was destroyed: the entries stay, the content is gone for good."""
    return Line("erased", entry_id, at, entry_id, None, object_id=object_id)


def material_version(held: AuditedMaterial, erased_at: datetime | None) -> Version:
    """A version of a material."""
    return Version(
        held.id, held.type_code, held.version, held.status, held.party_id, held.deposited_at, held.sha256,
        origin_case_no=held.origin_case_no, erased_at=erased_at,
    )  # fmt: skip


def licence_version(held: Licence, erased_at: datetime | None) -> Version:
    """A version of a licence."""
    return Version(
        held.id, held.type_code, held.version, held.status.value, held.issuer_party_id, held.issued_at,
        held.face_sha256, licence_id=held.licence_id, erased_at=erased_at,
    )  # fmt: skip


def veiled(line: Line) -> Line:
    """Another organisation's line as its depositor or issuer may know it: that it was, not in which case or by whom."""
    return replace(line, id=line.entry_id or line.id, operator=None, case_no=None, item_code=None)


def veiled_version(version: Version) -> Version:
    """Another organisation's version as the depositor or issuer of one beside it may know it."""
    return replace(version, sha256=None, origin_case_no=None)
