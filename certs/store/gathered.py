"""Writing gathered licences by COPY, and what was gathered in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from certs.store.licences import COLUMNS
from ledger.sqltext import copy_line, copy_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from certs.model import LicenceEvent
    from certs.store.licences import LicenceStore, NewLicence

_LICENCES: Final = f"COPY certs.licence ({', '.join(COLUMNS)}, changed_entry_id) FROM STDIN"
_HOLDERS: Final = """
COPY certs.licence_holder (licence_id, position, holder_id, type_code, slot, standing) FROM STDIN"""
_EVENTS: Final = """
COPY certs.licence_event (licence_id, entry_id, at, operation, status, reason, party_id, operator) FROM STDIN"""
_SERIALS: Final = "SELECT nextval('certs.licence_serial') FROM generate_series(1, %(count)s)"
_COUNT: Final = """
INSERT INTO certs.gathering AS held (party_id, type_code, day, rows, taken, incomplete, inaccurate, late)
SELECT %(party)s::uuid, type_code, %(day)s, rows, taken, incomplete, inaccurate, late
FROM unnest(%(type_codes)s::text[], %(rows)s::bigint[], %(taken)s::bigint[], %(incomplete)s::bigint[],
  %(inaccurate)s::bigint[], %(late)s::bigint[]) AS e (type_code, rows, taken, incomplete, inaccurate, late)
ORDER BY type_code
ON CONFLICT (party_id, type_code, day) DO UPDATE SET rows = held.rows + excluded.rows,
  taken = held.taken + excluded.taken, incomplete = held.incomplete + excluded.incomplete,
  inaccurate = held.inaccurate + excluded.inaccurate, late = held.late + excluded.late"""
_FIGURES: Final = """
SELECT type_code, sum(rows)::bigint, sum(taken)::bigint, sum(incomplete)::bigint, sum(inaccurate)::bigint,
  sum(late)::bigint
FROM certs.gathering WHERE party_id = %(party)s::uuid AND day BETWEEN %(first)s AND %(last)s
GROUP BY type_code ORDER BY type_code"""
_REPLACING: Final = """
SELECT n.licence_id::text FROM certs.licence_holder n
WHERE n.licence_id = ANY(%(ids)s::uuid[]) AND n.slot IS NOT NULL AND EXISTS (
  SELECT 1 FROM certs.licence_holder o WHERE o.holder_id = n.holder_id AND o.type_code = n.type_code
    AND o.slot = n.slot AND o.licence_id < n.licence_id AND NOT o.licence_id = ANY(%(ids)s::uuid[]))"""


@dataclass(slots=True)
class Figures:
    """Rows counted: all, taken, and those that broke a rule of quality."""

    rows: int = 0
    taken: int = 0
    incomplete: int = 0
    inaccurate: int = 0
    late: int = 0

    @property
    def compliance(self) -> float | None:
        """Share of rows without a flaw, 0 to 1; None where there are no rows."""
        return (self.rows - self.incomplete - self.inaccurate - self.late) / self.rows if self.rows else None


def serials(db: Connection, count: int) -> list[int]:
    """Running numbers for licence ids, given out once."""
    return [int(row[0]) for row in db.exec_driver_sql(_SERIALS, {"count": count})]


def copy_licences(
    db: Connection, store: LicenceStore, new: Sequence[tuple[NewLicence, str | None]], events: Iterable[LicenceRow]
) -> None:
    """Write licences with their holders and history.

    Args:
        db: the caller's unit.
        store: shuts what must not lie in clear.
        new: each with its entry `licence.changed`, if any.
        events: licence id and event.

    Raises:
        psycopg.errors.UniqueViolation: somebody took a place meanwhile.
        StorageFullError: the disk is full.
    """
    copy_rows(db, _LICENCES, (copy_line([*store.values(each), changed]) for each, changed in new))
    copy_rows(db, _HOLDERS, (copy_line(row) for each, _ in new for row in _holders(each)))
    copy_rows(db, _EVENTS, (copy_line(_event(licence, event)) for licence, event in events))


LicenceRow = tuple[str, "LicenceEvent"]


def count(db: Connection, party_id: str, day: date, figures: Mapping[str, Figures]) -> None:
    """Add to the figures of a day, by type."""
    values: dict[str, Any] = {"party": party_id, "day": day, "type_codes": list(figures)}
    for name in Figures.__slots__:
        values[name] = [getattr(each, name) for each in figures.values()]
    db.exec_driver_sql(_COUNT, values)


def figures_of(db: Connection, party_id: str, first: date, last: date) -> dict[str, Figures]:
    """What an organisation gathered from day to day, by type."""
    rows = db.exec_driver_sql(_FIGURES, {"party": party_id, "first": first, "last": last})
    return {row[0]: Figures(*row[1:]) for row in rows}


def _holders(new: NewLicence) -> Iterable[list[Any]]:
    held = new.licence
    for position, holder in enumerate(held.holder_ids, 1):
        yield [held.id, position, holder, held.type_code, new.slot, held.status.is_standing]


def _event(licence: str, event: LicenceEvent) -> list[Any]:
    return [
        licence, event.entry_id, event.at, event.operation.value, event.status.value, event.reason, event.party_id,
        event.operator,
    ]  # fmt: skip


def replacing(db: Connection, ids: Sequence[str]) -> list[str]:
    """Which licences of a batch stand where an earlier one stood, of their type and holder, not of this batch."""
    return [row[0] for row in db.exec_driver_sql(_REPLACING, {"ids": list(ids)})]
