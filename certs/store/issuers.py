"""Queries over who issues what here (发证清单), and the running part of licence ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ledger.steps import Statement, Steps

_ISSUES: Final = "SELECT 1 FROM certs.issuer WHERE party_id = %(party)s::uuid AND type_code = %(type)s"
_TYPES: Final = "SELECT type_code FROM certs.issuer WHERE party_id = %(party)s::uuid ORDER BY type_code"
_LIST: Final = """
INSERT INTO certs.issuer (party_id, type_code, added_at)
SELECT %(party)s, code, %(at)s FROM unnest(%(types)s::text[]) AS given (code) ON CONFLICT DO NOTHING"""
_SERIAL: Final = "SELECT nextval('certs.licence_serial')"


def issues(party_id: str, type_code: str) -> Steps[bool]:
    """Whether an organisation issues a type here."""
    return bool((yield _ISSUES, {"party": party_id, "type": type_code}))


def types(party_id: str) -> Steps[list[str]]:
    """The types an organisation issues here."""
    rows = yield _TYPES, {"party": party_id}
    return [row[0] for row in rows]


def add(party_id: str, types: Iterable[str], at: datetime) -> Statement:
    """What puts types on an organisation's list."""
    return _LIST, {"party": party_id, "types": list(types), "at": at}


def next_serial() -> Steps[int]:
    """The next running number; one that is not used leaves a gap."""
    rows = yield _SERIAL, {}
    return int(rows[0][0])
