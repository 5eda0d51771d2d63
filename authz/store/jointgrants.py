"""Queries over grants that several holders gave for one thing; asked only of things that take joint consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.store.grants import GRANT_COLUMNS, GRANT_WIDTH, as_grant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.model import Grant
    from ledger.steps import Statement, Steps

_MOST: Final = 64
"""Of each holder."""
# Locked already, in one order, by the statement that loads a use (`store.uses`); here only read again as they are now.
_LOCK: Final = f"""
SELECT {GRANT_COLUMNS}, g.id_token FROM unnest(%(holders)s::uuid[]) AS h (id) CROSS JOIN LATERAL (
  SELECT * FROM authz.grant_
  WHERE grantee_id = %(party)s AND grantor_id = h.id AND item_code = %(item)s
    AND (case_no IS NULL OR case_no = %(case)s) AND (%(object)s::uuid = ANY(objects) OR %(type)s = ANY(types))
    AND state = 'active' AND uses_left > 0 AND valid_to > %(now)s
  ORDER BY id DESC LIMIT {_MOST} FOR NO KEY UPDATE) AS g"""
_SPEND: Final = """
UPDATE authz.grant_ SET uses_left = uses_left - 1, recent = CASE WHEN frequency_count IS NULL THEN recent
  ELSE (recent || %(at)s::timestamptz)[greatest(1, cardinality(recent) + 2 - frequency_count):] END
WHERE id = ANY(%(grants)s::uuid[])"""
_KEEP: Final = """
INSERT INTO authz.use_grant (use_id, grant_id, grantor_id, opened_at)
SELECT %(use)s::uuid, g.id, g.grantor_id, %(at)s FROM authz.grant_ g WHERE g.id = ANY(%(grants)s::uuid[])"""
_OF_USE: Final = "SELECT grant_id::text FROM authz.use_grant WHERE use_id = %(use)s ORDER BY 1"


def lock(values: Mapping[str, Any]) -> Steps[list[tuple[Grant, bytes]]]:
    """Grants of several holders that name a thing and can be used, locked, of each the newest first; with their seals.

    Args:
        values: `party`, `holders`, `item`, `case`, `object`, `type` and `now`.
    """
    rows = yield _LOCK, values
    return [(as_grant(row[:GRANT_WIDTH]), bytes(row[GRANT_WIDTH])) for row in rows]


def spend(grants: Sequence[str], use_id: str, at: object) -> list[Statement]:
    """Spend one use of further grants, and keep that the use rested on them."""
    values = {"grants": list(grants), "use": use_id, "at": at}
    return [(_SPEND, {"grants": values["grants"], "at": at}), (_KEEP, values)]


def of_use(db: Connection, use_id: str) -> list[str]:
    """Ids of the further grants a use rested on."""
    return [row[0] for row in db.exec_driver_sql(_OF_USE, {"use": use_id})]
