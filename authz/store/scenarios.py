"""Queries over the published application scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz.model import Mode, PartyKind, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from ledger.steps import Steps

_CLEAR: Final = "DELETE FROM authz.scenario"
_INSERT: Final = """
INSERT INTO authz.scenario (code, org_code, party_kind, purpose, types, fields, mode, valid_from, valid_to, version)
VALUES (%(code)s, %(org)s, %(kind)s, %(purpose)s, %(types)s, %(fields)s, %(mode)s, %(from)s, %(to)s, %(version)s)"""
_SCENARIO: Final = """
SELECT code, org_code, party_kind, purpose, types, fields, mode, valid_from, valid_to, version
FROM authz.scenario WHERE code = %(code)s AND org_code = %(org)s FOR SHARE"""


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


def scenario(code: str, org_code: str) -> Steps[Scenario | None]:
    """A scenario of an organisation, locked against a new version meanwhile."""
    rows = yield _SCENARIO, {"code": code, "org": org_code}
    if not rows:
        return None
    row = rows[0]
    fields = None if row[5] is None else tuple(row[5])
    return Scenario(
        row[0], row[1], PartyKind(row[2]), row[3], frozenset(row[4]), fields, Mode(row[6]), row[7], row[8], row[9]
    )
