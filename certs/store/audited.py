"""What the audit asks of e-licences: scans of codes, what issuers did, deliveries, and the copies that left.

Nobody's name and no value of a field. Every page is a short walk of an index, from a place on in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from certs.model import Delivery, LicenceEvent, LicenceStatus, Operation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_SCAN: Final = """p.id::text, p.at, p.entry_id::text, p.party_id::text, p.operator, p.licence_id::text, c.kind,
  p.scenario, p.reason, p.fields, p.status"""
_OF_LICENCES: Final = f"""
SELECT {_SCAN} FROM unnest(%(licences)s::uuid[]) AS thing(id) CROSS JOIN LATERAL (
  SELECT * FROM certs.presentation WHERE licence_id = thing.id AND (at, id) > (%(at)s, %(id)s::uuid)
  ORDER BY at, id LIMIT %(limit)s) AS p
JOIN certs.code c ON c.id = p.code_id ORDER BY p.at, p.id LIMIT %(limit)s"""
_OF_PARTY: Final = f"""
SELECT {_SCAN} FROM certs.presentation p JOIN certs.code c ON c.id = p.code_id
WHERE p.party_id = %(party)s AND p.at >= %(since)s AND (p.at, p.id) < (%(at)s, %(id)s::uuid)
ORDER BY p.at DESC, p.id DESC LIMIT %(limit)s"""
_ACTS: Final = """
SELECT licence_id::text, at, operation, status, reason, party_id::text, operator, entry_id::text
FROM certs.licence_event
WHERE party_id = %(party)s AND at >= %(since)s AND (at, licence_id) < (%(at)s, %(id)s::uuid)
ORDER BY licence_event.at DESC, licence_event.licence_id DESC LIMIT %(limit)s"""
# In the order of an index, so that no more than `most` are read of however many.
_COUNT: Final = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM certs.presentation
    WHERE party_id = %(party)s AND at >= %(since)s AND at < %(until)s ORDER BY at, id LIMIT %(most)s) AS found),
  (SELECT count(*) FROM (SELECT 1 FROM certs.licence_event
    WHERE party_id = %(party)s AND at >= %(since)s AND at < %(until)s
    ORDER BY at, licence_id LIMIT %(most)s) AS found)"""
_DELIVERIES: Final = """
SELECT d.id::text, d.licence_id::text, d.holder_id::text, d.party_id::text, d.operator, d.channel, d.sent_at,
  d.entry_id::text, d.opened_at, d.opened_by, d.opened_entry_id::text
FROM unnest(%(licences)s::uuid[]) AS thing(id) CROSS JOIN LATERAL (
  SELECT * FROM certs.delivery WHERE licence_id = thing.id AND ({at}, {entry}) > (%(at)s, %(id)s::uuid)
  ORDER BY {at}, {entry} LIMIT %(limit)s) AS d
ORDER BY d.{at}, d.{entry} LIMIT %(limit)s"""
# By entries: what is handed over at once is sent and opened in one moment, by one id.
_SENT: Final = _DELIVERIES.format(at="sent_at", entry="entry_id")
_OPENED: Final = _DELIVERIES.format(at="opened_at", entry="opened_entry_id")
_COPIES: Final = """
SELECT use_id::text, encode(sha256, 'hex'), entry_id::text FROM certs.copy
WHERE use_id = ANY(%(uses)s::uuid[]) AND made_at IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class AuditedScan:
    """A scan of a licence's code (亮证): who saw which fields by which kind of code, or was refused.

    Attributes:
        entry_id: None of a refused one, which the log does not hold.
        licence_id: None where the code shows no licence, or several.
        code_kind: live, printed or company.
        reason: why it was refused.
        fields: names of what was seen; no values.
        status: of the licence then.
    """

    id: str
    at: datetime
    entry_id: str | None
    party_id: str
    operator: str
    licence_id: str | None
    code_kind: str
    scenario: str
    reason: str | None
    fields: tuple[str, ...]
    status: str | None


def scans_of_licences(
    db: Connection, licence_ids: Collection[str], after: tuple[datetime, str], limit: int
) -> list[AuditedScan]:
    """Scans of some licences after a place, in order; refused ones too."""
    values = {"licences": list(licence_ids), "at": after[0], "id": after[1], "limit": limit}
    return [_scan(row) for row in db.exec_driver_sql(_OF_LICENCES, values)]


def scans_of_party(
    db: Connection, party_id: str, since: datetime, before: tuple[datetime, str], limit: int
) -> list[AuditedScan]:
    """What an organisation scanned since a moment, before a place, the newest first; refused ones too."""
    values = {"party": party_id, "since": since, "at": before[0], "id": before[1], "limit": limit}
    return [_scan(row) for row in db.exec_driver_sql(_OF_PARTY, values)]


def acts_of_party(
    db: Connection, party_id: str, since: datetime, before: tuple[datetime, str], limit: int
) -> list[tuple[str, LicenceEvent]]:
    """Which licences an issuer issued and changed since a moment, before a place, the newest first: each with its id.

    Args:
        before: time and id of the licence.
    """
    values = {"party": party_id, "since": since, "at": before[0], "id": before[1], "limit": limit}
    return [
        (row[0], LicenceEvent(row[1], Operation(row[2]), LicenceStatus(row[3]), *row[4:]))
        for row in db.exec_driver_sql(_ACTS, values)
    ]


def count(db: Connection, party_id: str, since: datetime, until: datetime, most: int) -> tuple[int, int]:
    """How many codes an organisation scanned and how many acts on licences it did in a time, neither above `most`."""
    values = {"party": party_id, "since": since, "until": until, "most": most}
    scans, acts = db.exec_driver_sql(_COUNT, values).one()
    return int(scans), int(acts)


def sent_of(db: Connection, licence_ids: Collection[str], after: tuple[datetime, str], limit: int) -> list[Delivery]:
    """Deliveries of some licences that were sent after a place, in that order.

    Args:
        after: time and entry.
    """
    values = {"licences": list(licence_ids), "at": after[0], "id": after[1], "limit": limit}
    return [Delivery(*row) for row in db.exec_driver_sql(_SENT, values)]


def opened_of(db: Connection, licence_ids: Collection[str], after: tuple[datetime, str], limit: int) -> list[Delivery]:
    """Deliveries of some licences that were opened after a place, in that order.

    Args:
        after: time and entry of the receipt.
    """
    values = {"licences": list(licence_ids), "at": after[0], "id": after[1], "limit": limit}
    return [Delivery(*row) for row in db.exec_driver_sql(_OPENED, values)]


def copies_of(db: Connection, use_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Of uses by which a derived copy (加注件) left: its SHA-256 and its entry."""
    rows = db.exec_driver_sql(_COPIES, {"uses": list(use_ids)})
    return {row[0]: (row[1], row[2]) for row in rows}


def _scan(row: Sequence[Any]) -> AuditedScan:
    values = list(row)
    values[9] = tuple(values[9])
    return AuditedScan(*values)
