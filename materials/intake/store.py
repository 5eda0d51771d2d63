"""Queries of bulk intakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.sqltext import array, copy_line, copy_rows, hexed
from materials.intake.model import Intake, Taken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

_OPEN: Final = """
INSERT INTO materials.intake (id, party_id, manifest, rows, operator, opened_at)
VALUES (%(id)s, %(party)s, %(manifest)s, %(rows)s, %(operator)s, %(at)s) ON CONFLICT (party_id, manifest) DO NOTHING"""
_COLUMNS: Final = """
SELECT i.id::text, i.party_id::text, encode(i.manifest, 'hex'), i.rows, i.operator, i.opened_at,
  (SELECT count(*) FROM materials.intake_row r WHERE r.intake_id = i.id)
FROM materials.intake i WHERE i.party_id = %(party)s"""
_BY_MANIFEST: Final = _COLUMNS + " AND i.manifest = %(manifest)s"
_BY_ID: Final = _COLUMNS + " AND i.id = %(id)s"
_TAKEN: Final = """
SELECT r.number, r.material_id::text, m.entry_id::text, encode(m.sha256, 'hex'), m.size
FROM materials.intake_row r JOIN materials.material m ON m.id = r.material_id WHERE r.intake_id = %(intake)s"""
_AMONG: Final = _TAKEN + " AND r.number = ANY(%(numbers)s)"
_PAGE: Final = _TAKEN + " AND r.number > %(after)s ORDER BY r.number LIMIT %(limit)s"
# By digest first: to the planner a holder's documents of a type look as few as those of a digest, and may be thousands.
_SAME: Final = """
SELECT w.n, m.id::text
FROM unnest(%(ns)s::int[], %(sums)s::bytea[], %(types)s::text[], %(holders)s::uuid[]) AS w (n, sum, type, holder)
CROSS JOIN LATERAL (
  SELECT id FROM (
    SELECT id, type_code, status FROM materials.material
    WHERE party_id = %(party)s AND sha256 = w.sum AND holder_id = w.holder OFFSET 0
  ) AS alike
  WHERE type_code = w.type AND status NOT IN ('withdrawn', 'destroyed') LIMIT 1
) AS m"""
_ROWS: Final = "COPY materials.intake_row (intake_id, number, material_id, reference) FROM STDIN"


def insert(db: Connection, held: Intake) -> None:
    """Write an intake, unless its manifest has one already."""
    values = {"id": held.id, "party": held.party_id, "manifest": bytes.fromhex(held.manifest), "rows": held.rows}
    db.exec_driver_sql(_OPEN, values | {"operator": held.operator, "at": held.opened_at})


def by_manifest(db: Connection, party_id: str, manifest: str) -> Intake | None:
    """The intake of a manifest of an organisation."""
    row = db.exec_driver_sql(_BY_MANIFEST, {"party": party_id, "manifest": bytes.fromhex(manifest)}).one_or_none()
    return None if row is None else Intake(*row)


def by_id(db: Connection, party_id: str, intake_id: str) -> Intake | None:
    """An intake of an organisation."""
    row = db.exec_driver_sql(_BY_ID, {"party": party_id, "id": intake_id}).one_or_none()
    return None if row is None else Intake(*row)


def among(db: Connection, intake_id: str, numbers: Collection[int]) -> dict[int, Taken]:
    """Those of some rows that were taken, by number."""
    rows = db.exec_driver_sql(_AMONG, {"intake": intake_id, "numbers": sorted(numbers)})
    return {row[0]: Taken(*row) for row in rows}


def page(db: Connection, intake_id: str, after: int, limit: int) -> list[Taken]:
    """Rows that were taken, by number, beyond one."""
    return [Taken(*row) for row in db.exec_driver_sql(_PAGE, {"intake": intake_id, "after": after, "limit": limit})]


def same(db: Connection, party_id: str, wanted: Sequence[tuple[int, str, str, str]]) -> dict[int, str]:
    """Materials that are the same document of the same type and holder, deposited by one organisation.

    Args:
        wanted: number, SHA-256 in hexadecimal, type and holder of each.

    Returns:
        a material's id by number.
    """
    values = {
        "party": party_id,
        "ns": array(str(number) for number, _, _, _ in wanted),
        "sums": array(hexed(bytes.fromhex(digest)) for _, digest, _, _ in wanted),
        "types": array(type_code for _, _, type_code, _ in wanted),
        "holders": array(holder_id for _, _, _, holder_id in wanted),
    }
    return {row[0]: row[1] for row in db.exec_driver_sql(_SAME, values)}


def copy(db: Connection, intake_id: str, rows: Iterable[tuple[int, str, str | None]]) -> None:
    """Write that rows were taken, by COPY: number, material, the archive's own number.

    Raises:
        psycopg.errors.UniqueViolation: one of them was taken meanwhile.
    """
    copy_rows(db, _ROWS, (copy_line((intake_id, *row)) for row in rows))
