"""A licence on its way: what its issuer asks for, what was judged, what was made, and what is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from certs.errors import LicenceNoInvalidError
from certs.model import FileRef, Licence, LicenceStatus, Operation
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from authz.model import Caller
    from certs.faces import Content, Holder
    from certs.facts import Related
    from certs.licencetypes import LicenceType
    from certs.model import Face, Sheet
    from ledger.objects import StoredObject

MAX_NO: Final = 64
ISSUED: Final = "issued"
"""Reason of the first status of a version."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A licence somebody wants to issue.

    Attributes:
        type_code: LTnn.
        licence_no: the number printed on it.
        holders: name, code type and code of each, in the order of the face.
        face: face data by field.
        valid_from, valid_to: first and last day; no last day where None.
        operator: handle of a registrar of the issuer.
        operation: issue, transfer_in, renew or change.
        predecessor: UUID of the version before, for renew and change.
        related: people it names beside its holders.
        members: UUIDs of member licences, for a composite.
        origin_id: licence id at the authority it came from, for transfer_in.
        holder_key: public JWK that the credential is bound to.
    """

    type_code: str
    licence_no: str
    holders: tuple[Holder, ...]
    face: Mapping[str, str | Sequence[str]]
    valid_from: date
    valid_to: date | None
    operator: str
    operation: Operation = Operation.issue
    predecessor: str | None = None
    related: tuple[Related, ...] = ()
    members: tuple[str, ...] = ()
    origin_id: str | None = None
    holder_key: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft that may become a licence.

    Attributes:
        holder_kind: person, organisation or mixed.
        before: the version it replaces.
        members: of a composite, in the order of its face.
        face: as it is kept.
        valid_to: the last day; of a composite never after its members'.
    """

    kind: LicenceType
    holder_kind: str
    before: Licence | None
    members: tuple[Licence, ...]
    face: Face
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A licence that has its id, its time of issue and its place in a status list."""

    id: str
    at: datetime
    draft: Draft
    sheet: Sheet
    content: Content
    status_list: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made and stored for a plan: both files and the credential."""

    pdf: StoredObject
    ofd: StoredObject
    credential: str
    credential_sha256: str


def check_number(licence_no: str) -> None:
    """Check the number printed on a licence.

    Raises:
        LicenceNoInvalidError: not 1 to 64 visible characters without blanks around them.
    """
    if not (1 <= len(licence_no) <= MAX_NO and licence_no.isprintable() and licence_no == licence_no.strip()):
        raise LicenceNoInvalidError


def issued(plan: Plan, judged: Judged, prepared: Prepared, org_code: str, holders: list[str]) -> Record:
    """The record of an issue.

    Args:
        org_code: of the issuer.
        holders: pairwise ids for the issuer.
    """
    pdf, ofd, draft = prepared.pdf, prepared.ofd, plan.draft
    fact = {
        "type": "licence.issued",
        "time": rfc3339(plan.at),
        "digests": {"sha256": pdf.sha256, "sm3": pdf.sm3},
        "size": pdf.size,
    }
    parties: dict[str, object] = {
        "requester": org_code,
        "operator": draft.operator,
        "licence": plan.id,
        "licence_id": plan.sheet.licence_id,
        "licence_type": judged.kind.code,
        "version": plan.sheet.version,
        "operation": draft.operation.value,
        "predecessor": judged.before.id if judged.before else None,
        "holders": holders,
        "ofd": {"sha256": ofd.sha256, "sm3": ofd.sm3},
        "credential": prepared.credential_sha256,
        "valid_from": draft.valid_from.isoformat(),
        "valid_to": judged.valid_to.isoformat() if judged.valid_to else None,
    }
    return Record(fact, parties)


def licence(
    plan: Plan, judged: Judged, prepared: Prepared, caller: Caller, holder_ids: tuple[str, ...], entry_id: str
) -> Licence:
    """The licence as it is written."""
    sha256, sm3 = plan.content.digests()
    return Licence(
        id=plan.id,
        licence_id=plan.sheet.licence_id,
        type_code=judged.kind.code,
        licence_no=plan.draft.licence_no,
        version=plan.sheet.version,
        first_id=judged.before.first_id if judged.before else plan.id,
        predecessor_id=judged.before.id if judged.before else None,
        issuer_party_id=caller.party_id,
        holder_ids=holder_ids,
        holder_kind=judged.holder_kind,
        status=LicenceStatus.valid,
        status_reason=ISSUED,
        status_at=plan.at,
        issued_at=plan.at,
        valid_from=plan.draft.valid_from,
        valid_to=judged.valid_to,
        level=judged.kind.level,
        share_class=judged.kind.share_class,
        division=caller.division,
        frozen=False,
        face_sha256=sha256,
        face_sm3=sm3,
        pdf=_ref(prepared.pdf),
        ofd=_ref(prepared.ofd),
        credential_sha256=prepared.credential_sha256,
        status_list=plan.status_list,
        origin="issued",
        entry_id=entry_id,
    )


def _ref(stored: StoredObject) -> FileRef:
    return FileRef(stored.object_id, stored.size, stored.sha256, stored.sm3)
