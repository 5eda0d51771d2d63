"""Queries over forms. What is encrypted stays so here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Statement, Steps

_FORM: Final = """case_no, version, item_code, operator, body, saved_at, entry_id::text,
  (SELECT item_version FROM materials.case_ AS of WHERE of.case_no = form.case_no)"""
_NEWEST: Final = f"""
SELECT {_FORM} FROM materials.form WHERE case_no = %(case)s ORDER BY version DESC LIMIT 1"""
# The form of the newest case before, and those of the other cases of the same application.
_EARLIER: Final = f"""
(SELECT 'last_case', {_FORM} FROM materials.form
  WHERE holder_id = %(holder)s::uuid AND item_code = %(item)s AND party_id = %(party)s::uuid AND case_no <> %(case)s
    AND case_no <> ALL(%(siblings)s)
  ORDER BY saved_at DESC LIMIT 1)
UNION ALL
(SELECT DISTINCT ON (case_no) 'same_application', {_FORM} FROM materials.form
  WHERE case_no = ANY(%(siblings)s) AND party_id = %(party)s::uuid ORDER BY case_no, version DESC)"""
_INSERT: Final = """
INSERT INTO materials.form (case_no, version, party_id, holder_id, item_code, operator, body, fields, prefilled,
  saved_at, entry_id)
VALUES (%(case)s, %(version)s, %(party)s, %(holder)s, %(item)s, %(operator)s, %(body)s, %(fields)s, %(prefilled)s,
  %(at)s, %(entry)s)"""
_SOURCES: Final = """
SELECT id::text, kind, thing_id::text, fields, body, as_of, use_id::text, entry_id::text, read_at
FROM materials.form_source WHERE case_no = %(case)s ORDER BY read_at"""
_READ: Final = """
INSERT INTO materials.form_source (id, case_no, holder_id, kind, thing_id, fields, body, as_of, read_at, use_id,
  entry_id)
VALUES (%(id)s, %(case)s, %(holder)s, %(kind)s, %(thing)s, %(fields)s, %(body)s, %(as_of)s, %(at)s, %(use)s,
  %(entry)s)"""
# What staff vouched for, or what a document was made from: the newest of each material.
_VALUES: Final = """
SELECT DISTINCT ON (material_id) material_id::text, 'material', id::text, confirmed, confirmed_at, entry_id::text
FROM materials.reading WHERE material_id = ANY(%(ids)s::uuid[]) AND state = 'confirmed' AND confirmed IS NOT NULL
ORDER BY material_id, id DESC"""
_MADE: Final = """
SELECT material_id::text, 'generated', material_id::text, sources, made_at, entry_id::text
FROM materials.generated WHERE material_id = ANY(%(ids)s::uuid[])"""


@dataclass(frozen=True, slots=True)
class FormRow:
    """A version of a form; `body` is encrypted, `item_version` is the case's."""

    case_no: str
    version: int
    item_code: str
    operator: str
    body: bytes
    saved_at: datetime
    entry_id: str
    item_version: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What was read by a use for a form; `body` is encrypted."""

    id: str
    kind: str
    thing_id: str
    fields: tuple[str, ...]
    body: bytes
    as_of: datetime
    use_id: str
    entry_id: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Values that are known of a material: vouched for by staff, or those it was made from.

    Attributes:
        kind: `material` or `generated`.
        id: of the reading, or of the material.
        body: encrypted.
        at: when they were vouched for, or it was made.
    """

    kind: str
    id: str
    body: bytes
    at: datetime
    entry_id: str


def newest(case_no: str, *, lock: bool = False) -> Steps[FormRow | None]:
    """The newest version of a case's form."""
    rows = yield _NEWEST + (" FOR UPDATE" if lock else ""), {"case": case_no}
    return _form(rows[0]) if rows else None


def earlier(
    case_no: str, holder_id: str, item_code: str, party_id: str, siblings: Sequence[str]
) -> Steps[list[tuple[str, FormRow]]]:
    """The form of the holder's case before of the same item and organisation, and those of the same application."""
    values = {"case": case_no, "holder": holder_id, "item": item_code, "party": party_id, "siblings": list(siblings)}
    rows = yield _EARLIER, values
    return [(row[0], _form(row[1:])) for row in rows]


def insert(db: Connection, values: Mapping[str, Any]) -> None:
    """Write a version of a form."""
    db.exec_driver_sql(_INSERT, dict(values))


def sources(case_no: str) -> Steps[list[SourceRow]]:
    """What was read for a case's form, the oldest first."""
    rows = yield _SOURCES, {"case": case_no}
    return [
        SourceRow(row[0], row[1], row[2], tuple(row[3]), bytes(row[4]), row[5], row[6], row[7], row[8]) for row in rows
    ]


def read(values: Mapping[str, Any]) -> Statement:
    """What writes down that something was read."""
    return _READ, dict(values)


def known(material_ids: Sequence[str]) -> Steps[dict[str, Known]]:
    """Values that are known of materials, by material: what it was made from goes before what was read in it."""
    found: dict[str, Known] = {}
    for query in (_VALUES, _MADE):
        rows = yield query, {"ids": list(material_ids)}
        found |= {row[0]: Known(row[1], row[2], bytes(row[3]), row[4], row[5]) for row in rows}
    return found


def _form(row: Sequence[Any]) -> FormRow:
    return FormRow(row[0], row[1], row[2], row[3], bytes(row[4]), row[5], row[6], row[7])
