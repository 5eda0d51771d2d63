"""Queries of the figures: what is not counted yet, the day's sums, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.sqltext import copy_line, copy_rows
from materials.figures.model import By, Counts
from materials.tables.figures import MEASURES, OF_CASE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from materials.figures.model import OfCase, Scope

_LOCK: Final = 0x6361696C_66696775
"""Key of the advisory lock under which one worker counts ("cailfigu" in ASCII)."""
_ZONE: Final = "Asia/Shanghai"
_LEAD: Final = "SELECT pg_try_advisory_xact_lock(%s)"
# An acceptance is kept with the moment it was made and committed a moment later: a day back is far more than enough.
_UNCOUNTED: Final = f"""
SELECT k.case_no, k.body, (k.kept_at AT TIME ZONE '{_ZONE}')::date, f.fields, f.prefilled
FROM materials.kept_checklist k
LEFT JOIN LATERAL (
  SELECT fields, prefilled FROM materials.form
  WHERE case_no = k.case_no AND saved_at <= k.kept_at ORDER BY version DESC LIMIT 1
) AS f ON true
WHERE k.kept_at >= coalesce((SELECT max(day) - 1 FROM materials.figure_case)::timestamp AT TIME ZONE '{_ZONE}',
    '-infinity')
  AND NOT EXISTS (SELECT FROM materials.figure_case c WHERE c.case_no = k.case_no)
ORDER BY k.kept_at LIMIT %(limit)s"""
_COPY_CASES: Final = f"COPY materials.figure_case (case_no, day, {', '.join(OF_CASE)}) FROM STDIN"
_BOUNDS: Final = f"""
SELECT (SELECT max(day) - 1 FROM materials.figure_day),
  (SELECT min(first AT TIME ZONE '{_ZONE}')::date FROM (
    SELECT min(deposited_at) AS first FROM materials.material
    UNION ALL SELECT min(kept_at) FROM materials.kept_checklist
    UNION ALL SELECT min(closed_at) FROM materials.case_ WHERE closed_at IS NOT NULL) AS firsts)"""


def _source(counts: dict[str, str], key: str, rows: str) -> str:
    """One SELECT that counts some measures, with zeros for the others."""
    columns = ", ".join(f"{counts.get(name, '0')}" for name in MEASURES)
    return f"SELECT {key}, {columns} FROM {rows} GROUP BY 1, 2, 3"


_DECIDED: Final = "c.decision IN ('granted', 'refused')"
_UNACCEPTED: Final = "c.accepted_at IS NULL AND c.send_backs"
_ROLL: Final = f"""
INSERT INTO materials.figure_day (day, item_code, party_id, division, {", ".join(MEASURES)})
SELECT %(day)s, item_code, party_id, division, {", ".join(f"sum({name})::bigint" for name in MEASURES)} FROM (
{
    " UNION ALL ".join(
        (
            _source(
                {
                    "deposits": "count(*) FILTER (WHERE m.channel <> 'archive')",
                    "archived": "count(*) FILTER (WHERE m.channel = 'archive')",
                },
                "coalesce(c.item_code, ''), m.party_id, m.division",
                "materials.material m LEFT JOIN materials.case_ c"
                " ON c.case_no = m.origin_case_no AND c.party_id = m.party_id"
                " WHERE m.deposited_at >= %(start)s AND m.deposited_at < %(end)s AND m.channel <> 'system'",
            ),
            _source(
                {
                    "cases": "count(*)",
                    **{name: f"sum(f.{name})" for name in OF_CASE},
                    "intakes": "count(*)",
                    "first_pass": "count(*) FILTER (WHERE c.send_backs = 0)",
                    "second_back": "count(*) FILTER (WHERE c.send_backs > 1)",
                },
                "c.item_code, c.party_id, c.division",
                "materials.figure_case f JOIN materials.case_ c ON c.case_no = f.case_no WHERE f.day = %(day)s",
            ),
            _source(
                {
                    "intakes": f"count(*) FILTER (WHERE {_UNACCEPTED} > 0)",
                    "second_back": f"count(*) FILTER (WHERE {_UNACCEPTED} > 1)",
                    "decided": f"count(*) FILTER (WHERE {_DECIDED})",
                    "in_time": f"count(*) FILTER (WHERE {_DECIDED} AND c.closed_at <= c.due_at)",
                    "in_law": f"count(*) FILTER (WHERE {_DECIDED} AND c.closed_at <= c.statutory_due_at)",
                },
                "c.item_code, c.party_id, c.division",
                "materials.case_ c WHERE c.closed_at >= %(start)s AND c.closed_at < %(end)s",
            ),
        )
    )
}
) AS counted (item_code, party_id, division, {", ".join(MEASURES)})
GROUP BY item_code, party_id, division
HAVING {" + ".join(f"sum({name})" for name in MEASURES)} > 0"""
_SUMS: Final = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in MEASURES)
_KEYS: Final = {By.item: "item_code", By.org: "party_id::text", By.district: "division", By.day: "day::text"}
_OVERDUE: Final = """
SELECT count(*) FROM materials.case_ WHERE state = 'open' AND due_at IS NOT NULL AND due_at < %(now)s"""


def lead(db: Connection) -> bool:
    """Whether this process counts until its unit ends; another one does where not."""
    return bool(db.exec_driver_sql(_LEAD, (_LOCK,)).scalar_one())


def uncounted(db: Connection, limit: int) -> list[tuple[str, bytes, date, tuple[int, int] | None]]:
    """Accepted cases that are not counted yet: number, sealed checklist, day, and fields of the form."""
    rows = db.exec_driver_sql(_UNCOUNTED, {"limit": limit})
    return [(row[0], bytes(row[1]), row[2], None if row[3] is None else (row[3], row[4])) for row in rows]


def count(db: Connection, cases: Sequence[OfCase]) -> None:
    """Write what cases count for."""
    rows = ((each.case_no, each.day, *(each.counts[name] for name in OF_CASE)) for each in cases)
    copy_rows(db, _COPY_CASES, map(copy_line, rows))


def bounds(db: Connection) -> tuple[date | None, date | None]:
    """The day before the last one that was summed up, and the first one of any record."""
    row = db.exec_driver_sql(_BOUNDS).one()
    return row[0], row[1]


def roll(db: Connection, day: date, start: datetime, end: datetime) -> None:
    """Sum a day up anew.

    Args:
        start, end: its first moment, and that of the next day.
    """
    db.exec_driver_sql("DELETE FROM materials.figure_day WHERE day = %(day)s", {"day": day})
    db.exec_driver_sql(_ROLL, {"day": day, "start": start, "end": end})


def forget(db: Connection) -> None:
    """Forget everything that was counted; the worker counts it again from the records."""
    db.exec_driver_sql("DELETE FROM materials.figure_day")
    db.exec_driver_sql("DELETE FROM materials.figure_case")


def sums(db: Connection, scope: Scope) -> list[tuple[str, Counts]]:
    """What a scope comes to, by its key; `""` where it has none."""
    key = _KEYS[scope.by] if scope.by else "''"
    where = "day BETWEEN %(first)s AND %(last)s" + (" AND party_id = %(party)s" if scope.party_id else "")
    grouped = "GROUP BY 1 ORDER BY 1" if scope.by else ""
    query = f"SELECT {key}, {_SUMS} FROM materials.figure_day WHERE {where} {grouped}"
    values: dict[str, Any] = {"first": scope.first, "last": scope.last, "party": scope.party_id}
    return [(row[0], Counts(dict(zip(MEASURES, row[1:], strict=True)))) for row in db.exec_driver_sql(query, values)]


def overdue(db: Connection, party_id: str | None, now: datetime) -> int:
    """Open cases whose promised day is over."""
    query = _OVERDUE + (" AND party_id = %(party)s" if party_id else "")
    return int(db.exec_driver_sql(query, {"party": party_id, "now": now}).scalar_one())


def through(db: Connection) -> date | None:
    """The newest day that was summed up."""
    day: date | None = db.exec_driver_sql("SELECT max(day) FROM materials.figure_day").scalar_one()
    return day
