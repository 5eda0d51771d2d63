"""What happened to one thing: a page of its uses, with their ends, and of refused ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.model import UseEvent

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

# Two short walks of an index each; both are put in the order in which things began.
_PAGE: Final = """
SELECT * FROM (
  (SELECT opened_at, id::text, intent_entry_id::text, party_id::text, case_no, basis, grant_id::text, NULL AS reason,
     state, COALESCE(delivered_at, closes_at) AS ended, outcome_entry_id::text
   FROM authz.use_ WHERE object_id = %(object)s {uses} ORDER BY opened_at, id LIMIT %(limit)s)
  UNION ALL
  (SELECT at, id::text, entry_id::text, party_id::text, case_no, NULL, NULL, reason, 'refused', NULL, NULL
   FROM authz.refusal WHERE object_id = %(object)s {refusals} ORDER BY at, id LIMIT %(limit)s)
) AS line ORDER BY 1, 2 LIMIT %(limit)s"""
_AFTER: Final = "AND ({0}, id) > (%(at)s, %(id)s::uuid)"
_OF_PARTY: Final = " AND party_id = %(party)s"
_ENDED: Final = {"delivered": "completed", "aborted": "aborted"}


@dataclass(frozen=True, slots=True)
class UseLine:
    """A use with its end, where it ended, or a refused one.

    Attributes:
        at: when it began.
        id: of the use or refusal; with `at` the place of the line in the history.
        events: what is told of it, in the order of time.
    """

    at: datetime
    id: str
    events: tuple[UseEvent, ...]


def page(
    db: Connection, object_id: str, after: tuple[datetime, str] | None, party_id: str | None, limit: int
) -> list[UseLine]:
    """Lines of one thing's history, in the order in which they began.

    Args:
        after: time and id of the last line of the page before.
        party_id: of this organisation only.
    """
    more = ["" if after is None else _AFTER.format(name) for name in ("opened_at", "at")]
    mine = "" if party_id is None else _OF_PARTY
    at, last = after or (None, None)
    values = {"object": object_id, "at": at, "id": last, "party": party_id, "limit": limit}
    asked = _PAGE.format(uses=more[0] + mine, refusals=more[1] + mine)
    return [_line(tuple(row)) for row in db.exec_driver_sql(asked, values)]


def _line(row: tuple[object, ...]) -> UseLine:
    began, line_id, entry, party, case_no, basis, grant_id, reason, state, ended, outcome = row
    if state == "refused":
        return UseLine(began, line_id, (UseEvent("refused", began, entry, party, case_no, reason=reason),))  # type: ignore[arg-type]
    first = UseEvent("used", began, entry, party, case_no, line_id, basis, grant_id)  # type: ignore[arg-type]
    if state == "open":
        return UseLine(began, line_id, (first,))  # type: ignore[arg-type]
    kind = _ENDED[str(state)]
    return UseLine(began, line_id, (first, UseEvent(kind, ended, outcome, party, case_no, line_id, basis, grant_id)))  # type: ignore[arg-type]
