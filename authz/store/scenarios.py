"""Queries over the published application scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Mode, PartyKind, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from authz.model import Caller
    from ledger.steps import Steps

_CLEAR: Final = "DELETE FROM authz.scenario"
_INSERT: Final = """
INSERT INTO authz.scenario (code, org_code, party_kind, purpose, types, fields, mode, valid_from, valid_to, version)
VALUES (%(code)s, %(org)s, %(kind)s, %(purpose)s, %(types)s, %(fields)s, %(mode)s, %(from)s, %(to)s, %(version)s)"""
_SCOPE: Final = """
WITH staff AS (
  SELECT roles FROM authz.operator WHERE party_id = %(party)s AND handle = %(operator)s AND enabled FOR SHARE
), scope AS (
  SELECT code, org_code, party_kind, purpose, types, fields, mode, valid_from, valid_to, version
  FROM authz.scenario WHERE code = %(code)s AND org_code = %(org)s FOR SHARE
)
SELECT staff.roles, scope.* FROM (SELECT 1) AS one LEFT JOIN staff ON true LEFT JOIN scope ON true"""


def put_in_force(db: Connection, scenarios: Iterable[Scenario]) -> None:
    """Replace what is in force by a version's entries."""
    db.exec_driver_sql(_CLEAR)
    rows = [
        {
            "code": each.code,
            "org": each.org_code,
            "kind": each.party_kind.value,
            "purpose": each.purpose,
            "types": sorted(each.types),
            "fields": None if each.fields is None else list(each.fields),
            "mode": each.mode.value,
            "from": each.valid_from,
            "to": each.valid_to,
            "version": each.version,
        }
        for each in scenarios
    ]
    if rows:
        db.exec_driver_sql(_INSERT, rows)


def scope(caller: Caller, handle: str, code: str) -> Steps[tuple[Sequence[str] | None, Scenario | None]]:
    """Roles of an enabled operator and a scenario of its organisation, both locked until the unit ends."""
    values = {"party": caller.party_id, "operator": handle, "code": code, "org": caller.org_code}
    roles, *row = (yield _SCOPE, values)[0]
    if row[0] is None:
        return roles, None
    fields = None if row[5] is None else tuple(row[5])
    return roles, Scenario(
        row[0], row[1], PartyKind(row[2]), row[3], frozenset(row[4]), fields, Mode(row[6]), row[7], row[8], row[9]
    )
