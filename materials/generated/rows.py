"""Queries over generated documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement

_COLUMNS: Final = """material_id::text, case_no, party_id::text, holder_id::text, type_code, template, template_version,
  sources, seals, made_at, entry_id::text"""
_INSERT: Final = """
INSERT INTO materials.generated (material_id, case_no, party_id, holder_id, type_code, template, template_version,
  sources, seals, made_at, entry_id)
VALUES (%(material)s, %(case)s, %(party)s, %(holder)s, %(type)s, %(template)s, %(version)s, %(sources)s, %(seals)s,
  %(at)s, %(entry)s)"""
_GET: Final = f"SELECT {_COLUMNS} FROM materials.generated WHERE material_id = %(id)s"
_OF_CASE: Final = f"""
SELECT {_COLUMNS} FROM materials.generated WHERE case_no = %(case)s ORDER BY made_at DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Generated:
    """A row.

    Attributes:
        sources: encrypted.
        seals: names of the places that are sealed.
    """

    material_id: str
    case_no: str
    party_id: str
    holder_id: str
    type_code: str
    template: str
    template_version: str
    sources: bytes
    seals: tuple[str, ...]
    made_at: datetime
    entry_id: str


def insert(values: Mapping[str, Any]) -> Statement:
    """What writes a document."""
    return _INSERT, dict(values)


def get(db: Connection, material_id: str) -> Generated | None:
    """A document by its material."""
    row = db.exec_driver_sql(_GET, {"id": material_id}).first()
    return None if row is None else _made(row)


def of_case(db: Connection, case_no: str, limit: int) -> list[Generated]:
    """Documents of a case, the newest first."""
    return [_made(row) for row in db.exec_driver_sql(_OF_CASE, {"case": case_no, "limit": limit})]


def _made(row: Any) -> Generated:
    values = list(row)
    values[8] = tuple(values[8])
    return Generated(*values)
