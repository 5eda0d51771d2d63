"""Queries over disputes, and over whom corrections were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from certs.model import Correction, Dispute, DisputeState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_COLUMNS: Final = """id::text, licence_id::text, issuer_party_id::text, holder_id::text, signer_id::text, fields,
  request, opened_at, due_at, entry_id::text, state, operator, answer, successor_id::text, answered_at,
  answer_entry_id::text"""
_INSERT: Final = """
INSERT INTO certs.dispute (id, licence_id, issuer_party_id, holder_id, signer_id, representation, fields, request,
  id_token, opened_at, due_at, entry_id, state)
VALUES (%(id)s, %(licence)s, %(issuer)s, %(holder)s, %(signer)s, %(representation)s, %(fields)s, %(request)s,
  %(id_token)s, %(at)s, %(due)s, %(entry)s, 'open')"""
_CLOSE: Final = """
UPDATE certs.dispute SET state = %(state)s, operator = %(operator)s, answer = %(answer)s,
  successor_id = %(successor)s, answered_at = %(at)s, answer_entry_id = %(entry)s
WHERE id = %(id)s"""
_GET: Final = f"SELECT {_COLUMNS} FROM certs.dispute WHERE id = %(id)s"
_OPEN: Final = "SELECT 1 FROM certs.dispute WHERE licence_id = %(licence)s AND state = 'open'"
_AFTER: Final = " AND (opened_at, id) < (SELECT b.opened_at, b.id FROM certs.dispute b WHERE b.id = %(after)s)"
_ORDER: Final = " ORDER BY opened_at DESC, id DESC LIMIT %(limit)s"
_OF_ISSUER: Final = f"SELECT {_COLUMNS} FROM certs.dispute WHERE issuer_party_id = %(issuer)s"
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM certs.dispute WHERE holder_id = %(holder)s ORDER BY opened_at DESC LIMIT %(limit)s"""
_OPEN_OF_ISSUER: Final = f"{_OF_ISSUER} AND state = 'open'"
_OVERDUE: Final = "SELECT count(*) FROM certs.dispute WHERE state = 'open' AND due_at <= %(at)s"
_SHOWN_TO: Final = """
SELECT DISTINCT party_id::text FROM certs.presentation
WHERE licence_id = ANY(%(licences)s::uuid[]) AND reason IS NULL"""
_TELL: Final = """
INSERT INTO certs.correction (dispute_id, party_id, at)
SELECT %(dispute)s, party, %(at)s FROM unnest(%(parties)s::uuid[]) AS given (party)"""
_CORRECTIONS: Final = """
SELECT c.dispute_id::text, d.licence_id::text, d.successor_id::text, d.fields, c.at, c.seen_at
FROM certs.correction c JOIN certs.dispute d ON d.id = c.dispute_id
WHERE c.party_id = %(party)s"""
_CORRECTIONS_AFTER: Final = """
  AND (c.at, c.dispute_id) < (SELECT b.at, b.dispute_id FROM certs.correction b
    WHERE b.dispute_id = %(after)s AND b.party_id = %(party)s)"""
_CORRECTIONS_ORDER: Final = " ORDER BY c.at DESC, c.dispute_id DESC LIMIT %(limit)s"
_SEEN: Final = """
UPDATE certs.correction SET seen_at = COALESCE(seen_at, %(at)s)
WHERE dispute_id = %(dispute)s AND party_id = %(party)s RETURNING 1"""
_TOLD: Final = "SELECT count(*), count(seen_at) FROM certs.correction WHERE dispute_id = %(dispute)s"


def insert(db: Connection, row: Mapping[str, Any]) -> None:
    """Store a dispute; at most one open stands against a licence."""
    db.exec_driver_sql(_INSERT, dict(row))


def close(db: Connection, row: Mapping[str, Any]) -> None:
    """Write how a dispute ended."""
    db.exec_driver_sql(_CLOSE, dict(row))


def get(db: Connection, dispute_id: str, *, lock: bool = False) -> Dispute | None:
    """A dispute."""
    row = db.exec_driver_sql(_GET + (" FOR NO KEY UPDATE" if lock else ""), {"id": dispute_id}).first()
    return None if row is None else _as_dispute(row)


def is_disputed(db: Connection, licence_id: str) -> bool:
    """Whether a dispute stands against a licence; ask with the licence locked."""
    return db.exec_driver_sql(_OPEN, {"licence": licence_id}).first() is not None


def of_issuer(db: Connection, party_id: str, *, only_open: bool, after: str | None, limit: int) -> list[Dispute]:
    """Disputes of what an organisation issued, the newest first."""
    asked = (_OPEN_OF_ISSUER if only_open else _OF_ISSUER) + ("" if after is None else _AFTER) + _ORDER
    rows = db.exec_driver_sql(asked, {"issuer": party_id, "after": after, "limit": limit})
    return [_as_dispute(row) for row in rows]


def of_holder(db: Connection, holder_id: str, limit: int) -> list[Dispute]:
    """A holder's disputes, the newest first."""
    rows = db.exec_driver_sql(_OF_HOLDER, {"holder": holder_id, "limit": limit})
    return [_as_dispute(row) for row in rows]


def overdue(db: Connection, at: datetime) -> int:
    """How many open disputes should have been answered by now."""
    return int(db.exec_driver_sql(_OVERDUE, {"at": at}).scalar_one())


def shown_to(db: Connection, licences: Collection[str]) -> set[str]:
    """Organisations to which one of some licences was shown."""
    return {row[0] for row in db.exec_driver_sql(_SHOWN_TO, {"licences": list(licences)})}


def tell(db: Connection, dispute_id: str, parties: Collection[str], at: datetime) -> None:
    """Write down whom a correction is told."""
    db.exec_driver_sql(_TELL, {"dispute": dispute_id, "parties": sorted(parties), "at": at})


def corrections(db: Connection, party_id: str, *, after: str | None, limit: int) -> list[Correction]:
    """Corrections told to an organisation, the newest first."""
    asked = _CORRECTIONS + ("" if after is None else _CORRECTIONS_AFTER) + _CORRECTIONS_ORDER
    rows = db.exec_driver_sql(asked, {"party": party_id, "after": after, "limit": limit})
    return [Correction(row[0], row[1], row[2], tuple(row[3]), row[4], row[5]) for row in rows]


def seen(db: Connection, dispute_id: str, party_id: str, at: datetime) -> bool:
    """Note that an organisation took notice; whether it had been told."""
    return db.exec_driver_sql(_SEEN, {"dispute": dispute_id, "party": party_id, "at": at}).first() is not None


def told(db: Connection, dispute_id: str) -> tuple[int, int]:
    """How many organisations a correction was told, and how many took notice."""
    row = db.exec_driver_sql(_TOLD, {"dispute": dispute_id}).one()
    return int(row[0]), int(row[1])


def _as_dispute(row: Sequence[Any]) -> Dispute:
    values = list(row)
    values[5] = tuple(values[5])
    values[6] = bytes(values[6])
    values[10] = DisputeState(values[10])
    values[12] = None if values[12] is None else bytes(values[12])
    return Dispute(*values)
