"""Queries over notices and where their holders are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.noticekinds import Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from ledger.steps import Statement

_COLUMNS: Final = "id::text, holder_id::text, kind, subject, party_id::text, created_at, due_at, read_at"
_INSERT: Final = """
INSERT INTO authz.notice (id, holder_id, kind, subject, party_id, created_at, due_at)
VALUES (%(id)s, %(holder)s, %(kind)s, %(subject)s, %(party)s, %(at)s, %(due)s)
ON CONFLICT (holder_id, kind, subject) DO NOTHING"""
_KNOWN: Final = """
SELECT id::text FROM authz.notice WHERE holder_id = %(holder)s AND kind = %(kind)s AND subject = %(subject)s"""
_GET: Final = f"SELECT {_COLUMNS} FROM authz.notice WHERE id = %(id)s"
_OF_HOLDER: Final = f"""
SELECT {_COLUMNS} FROM authz.notice WHERE holder_id = %(holder)s AND due_at <= %(now)s
ORDER BY due_at DESC LIMIT %(limit)s"""
_SUBJECTS: Final = """
SELECT subject FROM authz.notice WHERE holder_id = %(holder)s AND kind = %(kind)s
ORDER BY subject DESC LIMIT %(limit)s"""
_READ: Final = """
UPDATE authz.notice SET read_at = %(at)s
WHERE id = ANY(%(ids)s::uuid[]) AND holder_id = %(holder)s AND due_at <= %(at)s AND read_at IS NULL"""
_LEARN: Final = """
INSERT INTO authz.contact (holder_id, phone, learned_at) VALUES (%(holder)s, %(phone)s, %(at)s)
ON CONFLICT (holder_id) DO UPDATE SET phone = excluded.phone, learned_at = excluded.learned_at"""
_PHONE: Final = "SELECT phone FROM authz.contact WHERE holder_id = %(holder)s"
_TOLD: Final = "SELECT person_id::text, channel FROM authz.notice_told WHERE notice_id = %(notice)s"
_TELL: Final = """
INSERT INTO authz.notice_told (notice_id, person_id, channel, at) VALUES (%(notice)s, %(person)s, %(channel)s, %(at)s)
ON CONFLICT DO NOTHING"""


def insert(db: Connection, notice: Notice) -> str | None:
    """Store a notice; where one of that kind tells the holder of that subject already, its id."""
    named = {"holder": notice.holder_id, "kind": notice.kind.value, "subject": notice.subject}
    values = {"id": notice.id, "party": notice.party_id, "at": notice.created_at, "due": notice.due_at}
    if db.exec_driver_sql(_INSERT, named | values).rowcount == 1:
        return None
    row = db.exec_driver_sql(_KNOWN, named).first()
    return None if row is None else str(row[0])


def inserting(notice: Notice) -> Statement:
    """What stores a notice, for a hot path; nothing where one of that kind tells the holder of that subject already."""
    values = {"holder": notice.holder_id, "kind": notice.kind.value, "subject": notice.subject, "id": notice.id}
    return _INSERT, values | {"party": notice.party_id, "at": notice.created_at, "due": notice.due_at}


def get(db: Connection, notice_id: str) -> Notice | None:
    """A notice."""
    row = db.exec_driver_sql(_GET, {"id": notice_id}).first()
    return None if row is None else _as_notice(row)


def of_holder(db: Connection, holder_id: str, now: datetime, limit: int) -> list[Notice]:
    """A holder's notices that are due, the newest first."""
    values = {"holder": holder_id, "now": now, "limit": limit}
    return [_as_notice(row) for row in db.exec_driver_sql(_OF_HOLDER, values)]


def subjects(db: Connection, holder_id: str, kind: NoticeKind, limit: int) -> list[str]:
    """What a holder was told of, of one kind."""
    values = {"holder": holder_id, "kind": kind.value, "limit": limit}
    return [row[0] for row in db.exec_driver_sql(_SUBJECTS, values)]


def read(db: Connection, notice_ids: Sequence[str], holder_id: str, at: datetime) -> None:
    """Date the first reading of a holder's notices; those that were read before stay as they are."""
    db.exec_driver_sql(_READ, {"ids": list(notice_ids), "holder": holder_id, "at": at})


def learn(db: Connection, holder_id: str, phone: bytes, at: datetime) -> None:
    """Keep a person's telephone number, sealed."""
    db.exec_driver_sql(_LEARN, {"holder": holder_id, "phone": phone, "at": at})


def phone(db: Connection, holder_id: str) -> bytes | None:
    """A person's telephone number, sealed."""
    row = db.exec_driver_sql(_PHONE, {"holder": holder_id}).first()
    return None if row is None else bytes(row[0])


def told(db: Connection, notice_id: str) -> set[tuple[str, str]]:
    """Who was told of a notice by which channel."""
    return {(row[0], row[1]) for row in db.exec_driver_sql(_TOLD, {"notice": notice_id})}


def tell(db: Connection, notice_id: str, person_id: str, channel: str, at: datetime) -> None:
    """Write down that somebody was told."""
    db.exec_driver_sql(_TELL, {"notice": notice_id, "person": person_id, "channel": channel, "at": at})


def _as_notice(row: Sequence[Any]) -> Notice:
    values = list(row)
    values[2] = NoticeKind(values[2])
    return Notice(*values)
