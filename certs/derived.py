"""What leaves of a licence: never the sealed original, always something made for one use (加注件).

- `copy`: the original's pages with a mark of who asked, why, and until when; sealed by the library (`certs.files`);
- `data`: named fields, masked unless their basis names them in clear (`certs.masks`);
- `verify`: whether it stands, and nothing that is on it.

Each has its own digest and names its parent, in the log entry `licence.derived` and in itself. It is planned in the
unit that opens the use, made outside any unit when it is first fetched, and recorded before its first byte leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.model import Mode
from certs import masks
from certs.errors import FieldMaskedError, FieldsMissingError, FieldUnknownError, LicenceFileMissingError
from certs.licencetypes import BASE_FIELDS
from certs.lifecycle import end_of, status_on
from certs.showing import values
from certs.store.copies import Copy
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from authz.model import Party, Use
    from certs.faces import Content
    from certs.licencetypes import LicenceType
    from certs.model import Licence
    from ledger.objectrows import StoredObject

VERSION: Final = 1
DATA: Final = "cailian/licence-data"
VERIFY: Final = "cailian/licence-verify"
OPEN_CLEAR_LEVEL: Final = 2
"""Without a grant or a duty entry that names it, a field above this level is never shown without its mask."""


def sharable(kind: LicenceType) -> frozenset[str]:
    """Names of every field of a type that may leave as data."""
    return frozenset(kind.sharing) | BASE_FIELDS[kind.is_personal].keys()


def plan(licence: Licence, kind: LicenceType, use: Use, fields: Sequence[str], period: timedelta) -> Copy:
    """The copy a use is to deliver.

    Args:
        licence: current, read in the unit that opens the use.
        kind: its type.
        use: as decided: its basis covers the fields.
        fields: as asked.
        period: how long a copy may be relied on; a licence that ends sooner ends it.

    Raises:
        LicenceFileMissingError: a copy is wanted and the licence was gathered without a file.
        FieldsMissingError, FieldUnknownError: data are wanted, and no field is named, or one that is not shared.
        FieldMaskedError: a field is wanted in clear that never leaves so.
    """
    if use.mode is Mode.copy and licence.pdf is None:
        raise LicenceFileMissingError
    if use.mode is Mode.data:
        check_fields(kind, fields, by_name=use.grant_id is not None or use.duty_id is not None)
    ends = use.opened_at + period
    if licence.valid_to is not None:
        ends = min(ends, end_of(licence.valid_to))
    kept = tuple(fields) if use.mode is Mode.data else ()
    return Copy(new_id(), use.id, licence.id, use.mode, kept, use.opened_at, ends)


def check_fields(kind: LicenceType, fields: Sequence[str], *, by_name: bool) -> None:
    """Refuse fields that do not leave as data.

    Args:
        by_name: a grant or a duty entry names each of them.

    Raises:
        FieldsMissingError, FieldUnknownError, FieldMaskedError: as `plan`.
    """
    if not fields:
        raise FieldsMissingError
    shared = sharable(kind)
    for each in fields:
        field = kind.field_of(masks.bare(each))
        if field is None or field.name not in shared:
            raise FieldUnknownError
        allowed = masks.may_be_clear(field, Mode.data) and (by_name or field.level <= OPEN_CLEAR_LEVEL)
        if masks.is_clear(each) and not allowed:
            raise FieldMaskedError(field=field.name)


def document(
    copy: Copy,
    licence: Licence,
    kind: LicenceType,
    content: Content,
    issuer: Party,
    requester: Party,
    use: Use,
    now: datetime,
) -> bytes:
    """The canonical JSON (RFC 8785) that a use in mode `data` or `verify` delivers.

    Args:
        copy: as planned.
        licence, content: as they are now.
        issuer, requester: named in it.
        use: whose cause it repeats.
        now: the time.
    """
    status = status_on(licence, now)
    told: dict[str, Any] = {
        "v": VERSION,
        "type": DATA if copy.rendition is Mode.data else VERIFY,
        "copy": copy.id,
        "licence": licence.id,
        "licence_type": kind.code,
        "version": licence.version,
        "status": status.value,
        "issuer": {"name": issuer.name, "code": issuer.org_code},
        "requester": {"name": requester.name, "code": requester.org_code},
        "cause": use.cause,
        "made_at": rfc3339(now),
        "valid_from": rfc3339(copy.valid_from),
        "valid_to": rfc3339(copy.valid_to),
        "parent": parent(licence),
    }
    if copy.rendition is Mode.data:
        clear = sorted(masks.bare(each) for each in copy.fields if masks.is_clear(each))
        told |= {"fields": values(kind, copy.fields, licence, content, issuer, status), "clear": clear}
    return canonical(told)


def parent(licence: Licence) -> dict[str, str]:
    """Digests of what a copy is made from: the sealed PDF, or the face of a licence that has no file."""
    if licence.pdf is None:
        return {"sha256": licence.face_sha256, "sm3": licence.face_sm3}
    return {"sha256": licence.pdf.sha256, "sm3": licence.pdf.sm3}


def record(
    copy: Copy, licence: Licence, use: Use, stored: StoredObject, org_code: str, holder: str, now: datetime
) -> Record:
    """The log record of a copy (docs/evidence.md).

    Args:
        stored: the copy as it was stored; its digests are those of the bytes that leave.
        org_code: of the requester.
        holder: of the use, pairwise for the requester.
        now: the time.
    """
    fact = {
        "type": "licence.derived",
        "time": rfc3339(now),
        "rendition": copy.rendition.value,
        "digests": {"sha256": stored.sha256, "sm3": stored.sm3},
        "size": stored.size,
        "parent": parent(licence),
    }
    parties = {
        "requester": org_code,
        "operator": use.operator,
        "use": use.id,
        "copy": copy.id,
        "licence": licence.id,
        "licence_id": licence.licence_id,
        "case": use.case_no,
        "item": use.item_code,
        "holder": holder,
        "valid_from": rfc3339(copy.valid_from),
        "valid_to": rfc3339(copy.valid_to),
    }
    return Record(fact, parties)
