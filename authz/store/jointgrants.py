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
# Locked already, in one order, by the statement that loads a use (`store.uses`); here only read again as they are now.
_LOCK: Final = f"""
SELECT {GRANT_COLUMNS}, g.id_token FROM authz.grant_ g
WHERE g.grantee_id = %(party)s AND g.grantor_id = ANY(%(holders)s::uuid[]) AND g.item_code = %(item)s
  AND (g.case_no IS NULL OR g.case_no = %(case)s)
  AND (%(object)s::uuid = ANY(g.objects) OR %(type)s = ANY(g.types))
ORDER BY g.id DESC LIMIT {_MOST} FOR NO KEY UPDATE"""
_SPEND: Final = """
UPDATE authz.grant_ SET uses_left = uses_left - 1, recent = CASE WHEN frequency_count IS NULL THEN recent
  ELSE (recent || %(at)s::timestamptz)[greatest(1, cardinality(recent) + 2 - frequency_count):] END
WHERE id = ANY(%(grants)s::uuid[])"""
_KEEP: Final = """
INSERT INTO authz.use_grant (use_id, grant_id, grantor_id, opened_at)
SELECT %(use)s::uuid, g.id, g.grantor_id, %(at)s FROM authz.grant_ g WHERE g.id = ANY(%(grants)s::uuid[])"""
_OF_USE: Final = "SELECT grant_id::text FROM authz.use_grant WHERE use_id = %(use)s ORDER BY 1"


def lock(values: Mapping[str, Any]) -> Steps[list[tuple[Grant, bytes]]]:
    """Grants of several holders that name a thing, locked, the newest first. Each with its sealed signature.

    Args:
        values: `party`, `holders`, `item`, `case`, `object` and `type`.
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
