"""Queries over disputes, and over whom corrections were told.

Disputes of licences lie in this package's schema, those of materials in that of `materials`; the tables differ in their
names and in what a dispute is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from certs.model import Correction, Dispute, DisputeState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_SHOWN_TO: Final = """
SELECT DISTINCT party_id::text FROM certs.presentation
WHERE licence_id = ANY(%(licences)s::uuid[]) AND reason IS NULL"""
_ORDER: Final = " ORDER BY opened_at DESC, id DESC LIMIT %(limit)s"
_CORRECTIONS_ORDER: Final = " ORDER BY c.at DESC, c.dispute_id DESC LIMIT %(limit)s"


class DisputeRows:
    """The rows of disputes of one kind of thing.

    Args:
        schema: where the tables `dispute` and `correction` are.
        subject: column of what is disputed.
        party: column of who answers.
    """

    def __init__(self, schema: str, subject: str, party: str) -> None:
        names = f"id, {subject}, {party}, holder_id, signer_id"
        columns = f"""id::text, {subject}::text, {party}::text, holder_id::text, signer_id::text, fields, request,
  opened_at, due_at, entry_id::text, state, operator, answer, successor_id::text, answered_at, answer_entry_id::text"""
        table, told = f"{schema}.dispute", f"{schema}.correction"
        self._insert = f"""
INSERT INTO {table} ({names}, representation, fields, request, id_token, opened_at, due_at, entry_id, state)
VALUES (%(id)s, %(subject)s, %(party)s, %(holder)s, %(signer)s, %(representation)s, %(fields)s, %(request)s,
  %(kept)s, %(at)s, %(due)s, %(entry)s, 'open')"""
        self._close = f"""
UPDATE {table} SET state = %(state)s, operator = %(operator)s, answer = %(answer)s, successor_id = %(successor)s,
  answered_at = %(at)s, answer_entry_id = %(entry)s
WHERE id = %(id)s"""
        self._get = f"SELECT {columns} FROM {table} WHERE id = %(id)s"
        self._open = f"SELECT 1 FROM {table} WHERE {subject} = %(subject)s AND state = 'open'"
        self._of_subject = f"SELECT {columns} FROM {table} WHERE {subject} = %(subject)s" + _ORDER
        self._of_party = f"SELECT {columns} FROM {table} WHERE {party} = %(party)s"
        self._of_holder = f"SELECT {columns} FROM {table} WHERE holder_id = %(holder)s" + _ORDER
        self._overdue = f"SELECT count(*) FROM {table} WHERE state = 'open' AND due_at <= %(at)s"
        self._tell = f"""
INSERT INTO {told} (dispute_id, party_id, at)
SELECT %(dispute)s, party, %(at)s FROM unnest(%(parties)s::uuid[]) AS given (party)"""
        self._corrections = f"""
SELECT c.dispute_id::text, d.{subject}::text, d.successor_id::text, d.fields, c.at, c.seen_at
FROM {told} c JOIN {table} d ON d.id = c.dispute_id
WHERE c.party_id = %(party)s"""
        self._corrected = f"SELECT at FROM {told} WHERE dispute_id = %(dispute)s AND party_id = %(party)s"
        self._seen = f"""
UPDATE {told} SET seen_at = COALESCE(seen_at, %(at)s)
WHERE dispute_id = %(dispute)s AND party_id = %(party)s RETURNING 1"""
        self._told = f"SELECT count(*), count(seen_at) FROM {told} WHERE dispute_id = %(dispute)s"

    def insert(self, db: Connection, row: Mapping[str, Any]) -> None:
        """Store a dispute; at most one open stands against a thing."""
        db.exec_driver_sql(self._insert, dict(row))

    def close(self, db: Connection, row: Mapping[str, Any]) -> None:
        """Write how a dispute ended."""
        db.exec_driver_sql(self._close, dict(row))

    def get(self, db: Connection, dispute_id: str, *, lock: bool = False) -> Dispute | None:
        """A dispute."""
        row = db.exec_driver_sql(self._get + (" FOR NO KEY UPDATE" if lock else ""), {"id": dispute_id}).first()
        return None if row is None else _as_dispute(row)

    def is_disputed(self, db: Connection, subject_id: str) -> bool:
        """Whether a dispute stands against a thing; ask with the thing locked."""
        return db.exec_driver_sql(self._open, {"subject": subject_id}).first() is not None

    def of_subject(self, db: Connection, subject_id: str, limit: int) -> list[Dispute]:
        """Disputes of one thing, the newest first."""
        rows = db.exec_driver_sql(self._of_subject, {"subject": subject_id, "limit": limit})
        return [_as_dispute(row) for row in rows]

    def of_party(
        self, db: Connection, party_id: str, *, only_open: bool, after: tuple[datetime, str] | None, limit: int
    ) -> list[Dispute]:
        """Disputes that an organisation answers, the newest first.

        Args:
            after: time and id of the last of the page before.
        """
        asked = self._of_party + (" AND state = 'open'" if only_open else "")
        if after is not None:
            asked += " AND (opened_at, id) < (%(at)s, %(id)s::uuid)"
        at, last = after or (None, None)
        rows = db.exec_driver_sql(asked + _ORDER, {"party": party_id, "at": at, "id": last, "limit": limit})
        return [_as_dispute(row) for row in rows]

    def of_holder(self, db: Connection, holder_id: str, limit: int) -> list[Dispute]:
        """A holder's disputes, the newest first."""
        rows = db.exec_driver_sql(self._of_holder, {"holder": holder_id, "limit": limit})
        return [_as_dispute(row) for row in rows]

    def overdue(self, db: Connection, at: datetime) -> int:
        """How many open disputes should have been answered by now."""
        return int(db.exec_driver_sql(self._overdue, {"at": at}).scalar_one())

    def tell(self, db: Connection, dispute_id: str, parties: Collection[str], at: datetime) -> None:
        """Write down whom a correction is told."""
        db.exec_driver_sql(self._tell, {"dispute": dispute_id, "parties": sorted(parties), "at": at})

    def corrections(
        self, db: Connection, party_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[Correction]:
        """Corrections told to an organisation, the newest first.

        Args:
            after: time and dispute of the last of the page before.
        """
        more = "" if after is None else " AND (c.at, c.dispute_id) < (%(at)s, %(id)s::uuid)"
        at, last = after or (None, None)
        values = {"party": party_id, "at": at, "id": last, "limit": limit}
        rows = db.exec_driver_sql(self._corrections + more + _CORRECTIONS_ORDER, values)
        return [Correction(row[0], row[1], row[2], tuple(row[3]), row[4], row[5]) for row in rows]

    def corrected(self, db: Connection, dispute_id: str, party_id: str) -> datetime | None:
        """When an organisation was told of a correction; None where it was not."""
        row = db.exec_driver_sql(self._corrected, {"dispute": dispute_id, "party": party_id}).first()
        return None if row is None else row[0]

    def seen(self, db: Connection, dispute_id: str, party_id: str, at: datetime) -> bool:
        """Note that an organisation took notice; whether it had been told."""
        values = {"dispute": dispute_id, "party": party_id, "at": at}
        return db.exec_driver_sql(self._seen, values).first() is not None

    def told(self, db: Connection, dispute_id: str) -> tuple[int, int]:
        """How many organisations a correction was told, and how many took notice."""
        row = db.exec_driver_sql(self._told, {"dispute": dispute_id}).one()
        return int(row[0]), int(row[1])


LICENCES: Final = DisputeRows("certs", "licence_id", "issuer_party_id")


def shown_to(db: Connection, licences: Collection[str]) -> set[str]:
    """Organisations to which one of some licences was shown."""
    return {row[0] for row in db.exec_driver_sql(_SHOWN_TO, {"licences": list(licences)})}


def _as_dispute(row: Sequence[Any]) -> Dispute:
    values = list(row)
    values[5] = tuple(values[5])
    values[6] = bytes(values[6])
    values[10] = DisputeState(values[10])
    values[12] = None if values[12] is None else bytes(values[12])
    return Dispute(*values)
