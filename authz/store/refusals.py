"""Queries over what holders and the node refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_INSERT: Final = """
INSERT INTO authz.ask_refusal (ask_id, signature, representation, entry_id, refused_at)
VALUES (%(ask)s, %(signature)s, %(representation)s, %(entry)s, %(at)s)"""
_OF_ASK: Final = """
SELECT signature, representation, entry_id::text, refused_at FROM authz.ask_refusal WHERE ask_id = %(id)s"""
_OF_USE: Final = """
SELECT id::text, party_id::text, holder_id::text, object_id::text, case_no, at, entry_id::text, why
FROM authz.refusal WHERE id = %(id)s"""


@dataclass(frozen=True, slots=True)
class RefusedUse:
    """A refused use.

    Attributes:
        party_id: who asked.
        holder_id, object_id: the thing and whose it is; None where there is no such thing.
        why: what opens the reason in the record (`authz.refusals.open_why`); None of a record that holds it openly.
    """

    id: str
    party_id: str
    holder_id: str | None
    object_id: str | None
    case_no: str
    at: datetime
    entry_id: str
    why: bytes | None


def insert(
    db: Connection, ask_id: str, signature: bytes, representation: str | None, entry_id: str, at: datetime
) -> None:
    """Keep what a holder signed to refuse."""
    values = {"ask": ask_id, "signature": signature, "representation": representation, "entry": entry_id, "at": at}
    db.exec_driver_sql(_INSERT, values)


def of_ask(db: Connection, ask_id: str) -> tuple[bytes, str | None, str, datetime] | None:
    """Sealed signature, capacity, entry and time of a holder's no."""
    row = db.exec_driver_sql(_OF_ASK, {"id": ask_id}).first()
    return None if row is None else (bytes(row[0]), row[1], row[2], row[3])


def of_use(db: Connection, refusal_id: str) -> RefusedUse | None:
    """A refused use."""
    row = db.exec_driver_sql(_OF_USE, {"id": refusal_id}).first()
    return None if row is None else RefusedUse(*row)
