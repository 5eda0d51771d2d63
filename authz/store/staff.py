"""Queries over logins of staff and what stands behind them; what was left is in the replay table (`store.sessions`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from authz.errors import InvalidRegistrationError
from authz.store.tokens import BIRTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.steps import Steps

_INSERT: Final = """
INSERT INTO authz.operator_login (lookup, party_id, handle, created_at)
VALUES (%(lookup)s, %(party)s, %(handle)s, %(at)s)
ON CONFLICT (lookup) DO NOTHING"""
_DELETE: Final = "DELETE FROM authz.operator_login WHERE party_id = %(party)s AND handle = %(handle)s"
_OWNER: Final = "SELECT party_id::text, handle FROM authz.operator_login WHERE lookup = %(lookup)s"
_STANDING: Final = """
SELECT l.party_id::text, l.handle, o.roles, p.kind, p.org_code, p.division,
  ARRAY(SELECT DISTINCT unnest(c.scopes) FROM authz.client c WHERE c.party_id = l.party_id AND c.enabled),
  (SELECT expires_at FROM authz.jti WHERE id = %(birth)s), EXISTS (SELECT 1 FROM authz.jti WHERE id = %(session)s)
FROM authz.operator_login l
JOIN authz.operator o ON o.party_id = l.party_id AND o.handle = l.handle AND o.enabled
JOIN authz.party p ON p.id = l.party_id AND p.enabled
WHERE l.lookup = %(lookup)s"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is behind a login now, and what its organisation's systems may do.

    Attributes:
        remembered_since: since when it is known which sessions were left; None where that was lost.
        left: whether the session was.
    """

    party_id: str
    handle: str
    roles: Sequence[str]
    kind: str
    org_code: str
    division: str
    scopes: Sequence[str]
    remembered_since: datetime | None
    left: bool


def standing(lookup: bytes, session: bytes) -> Steps[Standing | None]:
    """Who is behind a login, with the state of one of their sessions; None where nobody who may work is."""
    rows = yield _STANDING, {"lookup": lookup, "session": session, "birth": BIRTH}
    return Standing(*rows[0]) if rows else None


def insert(db: Connection, lookup: bytes, party_id: str, handle: str, at: datetime) -> tuple[str, str]:
    """Keep a login of an operator; whose it is now, which may be somebody else's from before.

    Raises:
        InvalidRegistrationError: no such operator.
    """
    try:
        db.exec_driver_sql(_INSERT, {"lookup": lookup, "party": party_id, "handle": handle, "at": at})
    except IntegrityError as error:
        raise InvalidRegistrationError(problem="operator") from error
    row = db.exec_driver_sql(_OWNER, {"lookup": lookup}).one()
    return row[0], row[1]


def delete(db: Connection, party_id: str, handle: str) -> int:
    """Forget an operator's logins; how many there were."""
    return db.exec_driver_sql(_DELETE, {"party": party_id, "handle": handle}).rowcount
