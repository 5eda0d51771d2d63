"""Queries over what a client of the sandbox did, and the reports on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_ASK: Final = """
SELECT id::text, state, grant_id::text FROM authz.ask
WHERE party_id = %(party)s AND operator = %(operator)s ORDER BY created_at DESC LIMIT 1"""
# The newest of the client's few: a tenant of the sandbox has no more uses than somebody tried by hand.
_USE: Final = """
SELECT id::text, state, grant_id::text FROM authz.use_ WHERE client_id = %(client)s
ORDER BY state = 'delivered' DESC, opened_at DESC LIMIT 1"""
_REFUSED: Final = """
SELECT count(*) FROM authz.refusal r JOIN authz.ask a ON a.party_id = r.party_id AND a.operator = r.operator
WHERE r.client_id = %(client)s AND a.id = %(ask)s AND r.holder_id = a.grantor_id"""
_KEEP: Final = """
INSERT INTO authz.self_check (id, client_id, passed, report, at)
VALUES (%(id)s, %(client)s, %(passed)s, %(report)s, %(at)s)"""
_LISTED: Final = """
SELECT id::text, client_id, passed, report, at FROM authz.self_check WHERE client_id = %(client)s
ORDER BY at DESC LIMIT %(limit)s"""

_OF_PARTY: Final = """
SELECT s.id::text, s.client_id, s.passed, s.report, s.at FROM authz.self_check s
JOIN authz.client c ON c.id = s.client_id WHERE c.party_id = %(party)s ORDER BY s.at DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client did, as far as it got; None and 0 for what it did not."""

    ask_id: str | None
    grant_id: str | None
    refused: int
    use_id: str | None
    use_state: str | None
    used_grant_id: str | None


def seen(db: Connection, client_id: str, party_id: str, operator: str) -> Seen:
    """Its newest ask and use, and how often it was refused what it asked consent for."""
    ask = db.exec_driver_sql(_ASK, {"party": party_id, "operator": operator}).first()
    use = db.exec_driver_sql(_USE, {"client": client_id}).first()
    refused = 0
    if ask is not None:
        refused = int(db.exec_driver_sql(_REFUSED, {"client": client_id, "ask": ask[0]}).scalar_one())
    return Seen(
        ask[0] if ask else None,
        ask[2] if ask else None,
        refused,
        use[0] if use else None,
        use[1] if use else None,
        use[2] if use else None,
    )


def keep(db: Connection, report_id: str, client_id: str, report: Mapping[str, Any], at: datetime) -> None:
    """Keep a report; `passed` is one of its members."""
    values = {"id": report_id, "client": client_id, "passed": report["passed"], "at": at}
    db.exec_driver_sql(_KEEP, values | {"report": json.dumps(report, ensure_ascii=False)})


def listed(db: Connection, client_id: str, limit: int) -> list[dict[str, Any]]:
    """Reports on a client, the newest first."""
    return _reports(db, _LISTED, {"client": client_id, "limit": limit})


def of_party(db: Connection, party_id: str, limit: int) -> list[dict[str, Any]]:
    """Reports on all clients of an organisation, the newest first."""
    return _reports(db, _OF_PARTY, {"party": party_id, "limit": limit})


def _reports(db: Connection, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = db.exec_driver_sql(statement, dict(values))
    return [{"report_id": row[0], "client_id": row[1], "passed": row[2], **row[3], "at": row[4]} for row in rows]
