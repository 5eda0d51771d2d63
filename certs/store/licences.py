"""Queries over licences: found by id, number, holder or issuer; written one by one or by the thousand.

Numbers, faces and credentials are shut and opened here, so that no other module sees ciphertext or stores clear text.
Lists take a required scope; every path has an index (`certs.tables`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from certs.errors import LicenceNoTakenError, LicenceOverlapError, NotCurrentVersionError, SecondLicenceError
from certs.faces import Content
from certs.model import FileRef, Licence, LicenceEvent, LicenceStatus, Operation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from psycopg.errors import UniqueViolation
    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from certs.errors import CertsError
    from certs.licencetypes import LicenceType
    from ledger.steps import Statement, Steps

_TYPES_OF: Final = "SELECT id::text, type_code FROM certs.licence WHERE id = ANY(%(ids)s::uuid[])"
_PLAIN: Final = (
    "id::text", "licence_id", "type_code", "licence_no", "version", "first_id::text", "predecessor_id::text",
    "issuer_party_id::text", "holder_kind", "status", "status_reason", "status_at", "issued_at", "valid_from",
    "valid_to", "level", "share_class", "division", "frozen", "face_sha256", "face_sm3", "pdf_object_id::text",
    "pdf_size", "pdf_sha256", "pdf_sm3", "ofd_object_id::text", "ofd_size", "ofd_sha256", "ofd_sm3",
    "credential_sha256", "status_list_id", "status_index", "origin", "entry_id::text", "changed_entry_id::text",
    "successor_id::text",
)  # fmt: skip
_HOLDERS: Final = (
    "ARRAY(SELECT h.holder_id::text FROM certs.licence_holder h WHERE h.licence_id = l.id ORDER BY h.position)"
)
_SELECT: Final = f"SELECT {', '.join(f'l.{name}' for name in _PLAIN)}, {_HOLDERS} FROM certs.licence l"
_SELECT_WITH_FACE: Final = (
    f"SELECT {', '.join(f'l.{name}' for name in _PLAIN)}, {_HOLDERS}, l.face FROM certs.licence l"
)
_LOCKS: Final = {"": "", "share": " FOR SHARE OF l", "update": " FOR NO KEY UPDATE OF l"}

COLUMNS: Final = (
    "id", "licence_id", "type_code", "licence_no", "no_mac", "version", "first_id", "predecessor_id",
    "issuer_party_id", "holder_kind", "status", "status_reason", "status_at", "issued_at", "valid_from", "valid_to",
    "level", "share_class", "division", "frozen", "face", "face_sha256", "face_sm3", "pdf_object_id", "pdf_size",
    "pdf_sha256", "pdf_sm3", "ofd_object_id", "ofd_size", "ofd_sha256", "ofd_sm3", "credential", "credential_sha256",
    "status_list_id", "status_index", "origin", "entry_id",
)  # fmt: skip
"""Columns of a new row, in the order of `LicenceStore.values`."""
_INSERT: Final = (
    f"INSERT INTO certs.licence ({', '.join(COLUMNS)}) VALUES ({', '.join(f'%({name})s' for name in COLUMNS)})"
)
_INSERT_HOLDERS: Final = """
INSERT INTO certs.licence_holder (licence_id, position, holder_id, type_code, slot, standing)
SELECT %(licence)s::uuid, given.position, given.holder, %(type)s, %(slot)s, %(standing)s
FROM unnest(%(holders)s::uuid[]) WITH ORDINALITY AS given (holder, position)"""
_CHANGE: Final = """
UPDATE certs.licence SET status = %(status)s, status_reason = %(reason)s, status_at = %(at)s,
  changed_entry_id = %(entry)s WHERE id = %(id)s"""
_STAND: Final = "UPDATE certs.licence_holder SET standing = %(standing)s WHERE licence_id = %(id)s"
_SUCCEED: Final = "UPDATE certs.licence SET successor_id = %(successor)s WHERE id = %(id)s"
_FREEZE: Final = "UPDATE certs.licence SET frozen = %(frozen)s WHERE id = %(id)s"
_EVENT: Final = """
INSERT INTO certs.licence_event (licence_id, entry_id, at, operation, status, reason, party_id, operator)
VALUES (%(licence)s, %(entry)s, %(at)s, %(operation)s, %(status)s, %(reason)s, %(party)s, %(operator)s)"""
_EVENTS: Final = """
SELECT at, operation, status, reason, party_id::text, operator, entry_id::text
FROM certs.licence_event WHERE licence_id = %(id)s::uuid ORDER BY at, entry_id"""
_RIVALS: Final = f"""
{_SELECT} WHERE l.id IN (
  SELECT id FROM certs.licence WHERE no_mac = %(no)s AND status IN ('01','02')
  UNION ALL
  SELECT licence_id FROM certs.licence_holder
  WHERE holder_id = ANY(%(holders)s::uuid[]) AND slot = %(slot)s AND slot IS NOT NULL AND standing)
ORDER BY l.id"""
_TAKEN_NUMBERS: Final = "SELECT no_mac FROM certs.licence WHERE no_mac = ANY(%(macs)s) AND status IN ('01','02')"
_TAKEN_SLOTS: Final = """
SELECT h.holder_id::text, h.slot FROM unnest(%(holders)s::uuid[], %(slots)s::bytea[]) AS given (holder, slot)
JOIN certs.licence_holder h ON h.holder_id = given.holder AND h.slot = given.slot
WHERE h.standing AND h.slot IS NOT NULL"""
_KNOWN_IDS: Final = "SELECT licence_id, id::text FROM certs.licence WHERE licence_id = ANY(%(ids)s)"
_OF_HOLDER: Final = f"""
{_SELECT} WHERE l.id IN (
  SELECT found.licence_id FROM unnest(%(types)s::text[]) AS wanted (code) CROSS JOIN LATERAL (
    SELECT licence_id FROM certs.licence_holder
    WHERE holder_id = %(holder)s::uuid AND type_code = wanted.code AND licence_id < %(after)s::uuid
      AND (standing OR NOT %(standing)s)
    ORDER BY licence_id DESC LIMIT %(limit)s) AS found)
ORDER BY l.id DESC LIMIT %(limit)s"""
_BEFORE: Final = """
SELECT o.licence_id::text FROM certs.licence_holder n JOIN certs.licence_holder o
  ON o.holder_id = n.holder_id AND o.type_code = n.type_code AND o.slot = n.slot AND o.licence_id < n.licence_id
WHERE n.licence_id = %(id)s AND n.slot IS NOT NULL ORDER BY o.licence_id DESC LIMIT 1"""
_OF_HOLDERS: Final = f"""
{_SELECT} WHERE l.id IN (
  SELECT found.licence_id
  FROM unnest(%(holders)s::uuid[], %(types)s::text[]) AS wanted (holder, code) CROSS JOIN LATERAL (
    SELECT licence_id FROM certs.licence_holder WHERE holder_id = wanted.holder AND type_code = wanted.code
    ORDER BY licence_id DESC LIMIT %(limit)s) AS found)
ORDER BY l.id DESC"""
_STANDING_IN: Final = """
SELECT l.id::text, h.holder_id::text FROM certs.licence l
JOIN certs.licence_holder h ON h.licence_id = l.id AND h.position = 1
WHERE l.type_code = %(type)s AND l.division = %(division)s AND l.status = '01' AND l.id > %(after)s::uuid
  AND NOT l.frozen AND l.successor_id IS NULL AND l.valid_from <= %(day)s
  AND (l.valid_to IS NULL OR l.valid_to >= %(day)s)
ORDER BY l.id LIMIT %(limit)s"""
_DUE: Final = f"""
{_SELECT} WHERE l.status IN ('01','02') AND l.valid_to < %(day)s ORDER BY l.valid_to LIMIT %(limit)s
FOR NO KEY UPDATE OF l SKIP LOCKED"""
_LAST_ID: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_FIRST_ID: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class NewLicence:
    """A licence about to be written.

    Attributes:
        slot: what its holders may have one standing licence for (`LicenceStore.slot`).
        credential: SD-JWT VC as issued.
    """

    licence: Licence
    issuer_code: str
    content: Content
    slot: bytes | None
    credential: str | None = None


def types_of(db: Connection, ids: Collection[str]) -> dict[str, str]:
    """Type codes of licences by id; what is none is left out."""
    rows = db.exec_driver_sql(_TYPES_OF, {"ids": list(ids)})
    return {row[0]: row[1] for row in rows}


class LicenceStore:
    """Reads and writes licences.

    Args:
        vault: the keys over identity.
    """

    def __init__(self, vault: IdentityVault) -> None:
        self._vault = vault

    # Look-up values

    def number_mac(self, type_code: str, issuer_code: str, licence_no: str) -> bytes:
        """By what a number of one type and issuer is found, 32 bytes."""
        return self._vault.keyed("licence-no", f"{type_code}\0{issuer_code}\0{licence_no}")

    def slot(self, kind: LicenceType, content: Content) -> bytes | None:
        """What a holder may have one standing licence for: the type, or the type at some premises; else None."""
        if kind.unique_per_holder:
            return self._vault.keyed("licence-slot", kind.code)
        if kind.object_field is None:
            return None
        bound = content.face.get(kind.object_field, "")
        text = bound if isinstance(bound, str) else "".join(bound)
        same = "".join(unicodedata.normalize("NFKC", text).casefold().split())
        return self._vault.keyed("licence-slot", f"{kind.code}\0{same}")

    # Finding

    def get(self, licence: str, *, lock: str = "") -> Steps[Licence | None]:
        """A licence by its UUID.

        Args:
            licence: UUID.
            lock: nothing, `share` or `update`, until the unit ends.
        """
        rows = yield f"{_SELECT} WHERE l.id = %(id)s::uuid{_LOCKS[lock]}", {"id": licence}
        return self._licence(rows[0]) if rows else None

    def by_licence_id(self, licence_id: str, *, lock: str = "") -> Steps[Licence | None]:
        """A licence by its 电子证照标识."""
        rows = yield f"{_SELECT} WHERE l.licence_id = %(id)s{_LOCKS[lock]}", {"id": licence_id}
        return self._licence(rows[0]) if rows else None

    def by_number(self, type_code: str, issuer_code: str, licence_no: str) -> Steps[Licence | None]:
        """The standing licence with a number."""
        mac = self.number_mac(type_code, issuer_code, licence_no)
        rows = yield f"{_SELECT} WHERE l.no_mac = %(mac)s AND l.status IN ('01','02')", {"mac": mac}
        return self._licence(rows[0]) if rows else None

    def current(self, first_id: str, *, lock: str = "") -> Steps[Licence | None]:
        """The newest version of the licence that began as `first_id`."""
        order = f" WHERE l.first_id = %(id)s::uuid ORDER BY l.version DESC LIMIT 1{_LOCKS[lock]}"
        rows = yield _SELECT + order, {"id": first_id}
        return self._licence(rows[0]) if rows else None

    def versions(self, first_id: str) -> Steps[list[Licence]]:
        """All versions of a licence, the oldest first."""
        rows = yield f"{_SELECT} WHERE l.first_id = %(id)s::uuid ORDER BY l.version", {"id": first_id}
        return [self._licence(row) for row in rows]

    def of_holder(
        self, holder_id: str, types: Collection[str], *, standing: bool = True, after: str | None = None, limit: int
    ) -> Steps[list[Licence]]:
        """A holder's licences of some types, the newest first.

        Args:
            types: codes LTnn.
            standing: only valid and suspended ones.
            after: the last id of the page before.
        """
        values = {"holder": holder_id, "types": sorted(types), "standing": standing, "limit": limit}
        rows = yield _OF_HOLDER, values | {"after": after or _LAST_ID}
        return [self._licence(row) for row in rows]

    def of_holders(self, pairs: Collection[tuple[str, str]], *, limit: int) -> Steps[list[Licence]]:
        """The newest licences of several holders and types, in whatever status: `limit` of each pair.

        Args:
            pairs: holder and code LTnn.
        """
        wanted = sorted(set(pairs))
        values = {"holders": [each[0] for each in wanted], "types": [each[1] for each in wanted], "limit": limit}
        rows = yield _OF_HOLDERS, values
        return [self._licence(row) for row in rows]

    @staticmethod
    def before(licence_id: str) -> Steps[str | None]:
        """The newest licence that stood in the place of this one before it, of its type and holder."""
        rows = yield _BEFORE, {"id": licence_id}
        return rows[0][0] if rows else None

    def issued_by(
        self, party_id: str, *, type_code: str | None = None, after: str | None = None, limit: int
    ) -> Steps[list[Licence]]:
        """What an organisation issued, the newest first."""
        narrowed = " AND l.type_code = %(type)s" if type_code else ""
        scope = f" WHERE l.issuer_party_id = %(party)s::uuid{narrowed} AND l.id < %(after)s::uuid"
        values = {"party": party_id, "type": type_code, "after": after or _LAST_ID, "limit": limit}
        rows = yield f"{_SELECT}{scope} ORDER BY l.id DESC LIMIT %(limit)s", values
        return [self._licence(row) for row in rows]

    @staticmethod
    def standing_in(
        type_code: str, division: str, *, after: str | None, day: date, limit: int
    ) -> Steps[list[tuple[str, str]]]:
        """Licences of a type that stand in a division on a day, the oldest first: each with its first holder.

        Args:
            after: the last id of the page before.
        """
        values = {"type": type_code, "division": division, "after": after or _FIRST_ID, "day": day, "limit": limit}
        rows = yield _STANDING_IN, values
        return [(row[0], row[1]) for row in rows]

    def due(self, day: date, *, limit: int) -> Steps[list[Licence]]:
        """Standing licences whose last day is before `day`, locked; those somebody else holds are left out."""
        rows = yield _DUE, {"day": day, "limit": limit}
        return [self._licence(row) for row in rows]

    def content(self, licence: str) -> Steps[Content | None]:
        """The face of a licence, in clear."""
        rows = yield "SELECT face FROM certs.licence WHERE id = %(id)s::uuid", {"id": licence}
        return Content.open(self._vault, bytes(rows[0][0]), licence) if rows else None

    def with_content(self, licence: str, *, lock: str = "") -> Steps[tuple[Licence, Content] | None]:
        """A licence with its face, in one round trip; as `get` and `content`."""
        rows = yield f"{_SELECT_WITH_FACE} WHERE l.id = %(id)s::uuid{_LOCKS[lock]}", {"id": licence}
        if not rows:
            return None
        return self._licence(rows[0]), Content.open(self._vault, bytes(rows[0][-1]), licence)

    def credential(self, licence: str) -> Steps[str | None]:
        """The SD-JWT VC of a licence, with every disclosure."""
        rows = yield "SELECT credential FROM certs.licence WHERE id = %(id)s::uuid", {"id": licence}
        if not rows or rows[0][0] is None:
            return None
        return self._vault.open(bytes(rows[0][0]), _credential_of(licence))

    @staticmethod
    def events(licence: str) -> Steps[list[LicenceEvent]]:
        """What was done to a licence, in order."""
        rows = yield _EVENTS, {"id": licence}
        return [LicenceEvent(row[0], Operation(row[1]), LicenceStatus(row[2]), *row[3:]) for row in rows]

    # In the way of a new one

    def rivals(self, new_mac: bytes, holders: Sequence[str], slot: bytes | None) -> Steps[list[Licence]]:
        """Standing licences with the same number, or in the same slot of one of the holders."""
        rows = yield _RIVALS, {"no": new_mac, "holders": list(holders), "slot": slot}
        return [self._licence(row) for row in rows]

    @staticmethod
    def taken_numbers(macs: Collection[bytes]) -> Steps[set[bytes]]:
        """Those of some numbers (`number_mac`) that stand; for batches."""
        rows = yield _TAKEN_NUMBERS, {"macs": list(macs)}
        return {bytes(row[0]) for row in rows}

    @staticmethod
    def taken_slots(pairs: Collection[tuple[str, bytes]]) -> Steps[set[tuple[str, bytes]]]:
        """Those of some (holder, slot) that are taken; for batches."""
        rows = yield _TAKEN_SLOTS, {"holders": [each[0] for each in pairs], "slots": [each[1] for each in pairs]}
        return {(row[0], bytes(row[1])) for row in rows}

    @staticmethod
    def known_ids(licence_ids: Collection[str]) -> Steps[dict[str, str]]:
        """UUIDs of the licence ids that are here; for batches."""
        rows = yield _KNOWN_IDS, {"ids": list(licence_ids)}
        return {row[0]: row[1] for row in rows}

    # Writing

    def values(self, new: NewLicence) -> tuple[Any, ...]:
        """The row of a new licence, in the order of `COLUMNS`."""
        held, credential = new.licence, new.credential
        pdf, ofd = _file(held.pdf), _file(held.ofd)
        sealed_credential = None if credential is None else self._vault.shut(credential, _credential_of(held.id))
        listed = held.status_list or (None, None)
        return (
            held.id, held.licence_id, held.type_code, self._vault.shut(held.licence_no, _number_of(held.id)),
            self.number_mac(held.type_code, new.issuer_code, held.licence_no), held.version, held.first_id,
            held.predecessor_id, held.issuer_party_id, held.holder_kind, held.status.value, held.status_reason,
            held.status_at, held.issued_at, held.valid_from, held.valid_to, held.level, held.share_class,
            held.division, held.frozen, new.content.shut(self._vault, held.id), bytes.fromhex(held.face_sha256),
            bytes.fromhex(held.face_sm3), *pdf, *ofd, sealed_credential, _bytes(held.credential_sha256), *listed,
            held.origin, held.entry_id,
        )  # fmt: skip

    def insert(self, new: NewLicence) -> list[Statement]:
        """What writes a licence with its holders; broken rules are told by `refusal`."""
        held = new.licence
        row = dict(zip(COLUMNS, self.values(new), strict=True))
        holders = {"licence": held.id, "type": held.type_code, "slot": new.slot, "holders": list(held.holder_ids)}
        return [(_INSERT, row), (_INSERT_HOLDERS, holders | {"standing": held.status.is_standing})]

    @staticmethod
    def change(licence: str, status: LicenceStatus, reason: str, at: datetime, entry_id: str) -> list[Statement]:
        """What writes a change of status; to be carried out one by one."""
        row = {"id": licence, "status": status.value, "reason": reason, "at": at, "entry": entry_id}
        return [(_CHANGE, row), (_STAND, {"id": licence, "standing": status.is_standing})]

    @staticmethod
    def succeed(licence: str, successor: str) -> Statement:
        """What names the version that took a licence's place."""
        return _SUCCEED, {"id": licence, "successor": successor}

    @staticmethod
    def freeze(licence: str, *, frozen: bool) -> Statement:
        """What marks a licence as disputed, or no longer."""
        return _FREEZE, {"id": licence, "frozen": frozen}

    @staticmethod
    def event(licence: str, event: LicenceEvent) -> Statement:
        """What writes a line of a licence's life."""
        row = {"licence": licence, "entry": event.entry_id, "at": event.at, "operation": event.operation.value}
        row |= {"status": event.status.value, "reason": event.reason}
        return _EVENT, row | {"party": event.party_id, "operator": event.operator}

    def _licence(self, row: Sequence[Any]) -> Licence:
        pdf, ofd = row[21:25], row[25:29]
        return Licence(
            id=row[0],
            licence_id=row[1],
            type_code=row[2],
            licence_no=self._vault.open(bytes(row[3]), _number_of(row[0])),
            version=row[4],
            first_id=row[5],
            predecessor_id=row[6],
            issuer_party_id=row[7],
            holder_ids=tuple(row[36]),
            holder_kind=row[8],
            status=LicenceStatus(row[9]),
            status_reason=row[10],
            status_at=row[11],
            issued_at=row[12],
            valid_from=row[13],
            valid_to=row[14],
            level=row[15],
            share_class=row[16],
            division=row[17],
            frozen=row[18],
            face_sha256=bytes(row[19]).hex(),
            face_sm3=bytes(row[20]).hex(),
            pdf=_ref(pdf),
            ofd=_ref(ofd),
            credential_sha256=None if row[29] is None else bytes(row[29]).hex(),
            status_list=None if row[30] is None else (row[30], row[31]),
            origin=row[32],
            entry_id=row[33],
            changed_entry_id=row[34],
            successor_id=row[35],
        )


def refusal(error: UniqueViolation, kind: LicenceType) -> CertsError | None:
    """What a broken rule of the database means; None where it is none of a licence's."""
    name = error.diag.constraint_name
    if name in {"uq_licence_licence_id", "uq_licence_no_mac_standing"}:
        return LicenceNoTakenError()
    if name == "uq_licence_holder_slot_standing":
        return SecondLicenceError() if kind.unique_per_holder else LicenceOverlapError(problem="same object")
    return NotCurrentVersionError() if name == "uq_licence_predecessor_id" else None


def _bytes(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)


def _file(ref: FileRef | None) -> tuple[Any, ...]:
    return (None,) * 4 if ref is None else (ref.object_id, ref.size, bytes.fromhex(ref.sha256), bytes.fromhex(ref.sm3))


def _ref(row: Sequence[Any]) -> FileRef | None:
    return None if row[0] is None else FileRef(row[0], row[1], bytes(row[2]).hex(), bytes(row[3]).hex())


def _number_of(licence: str) -> bytes:
    return f"licence/number/{licence}".encode()


def _credential_of(licence: str) -> bytes:
    return f"licence/credential/{licence}".encode()
