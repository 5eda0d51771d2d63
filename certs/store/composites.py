"""Queries over the members of composite licences (综合许可)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from certs.model import LicenceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.steps import Statement, Steps

_ADD: Final = """
INSERT INTO certs.licence_member (composite_id, member_first_id, position)
SELECT %(composite)s::uuid, given.member, given.position
FROM unnest(%(members)s::uuid[]) WITH ORDINALITY AS given (member, position)"""
# Locked before the members are read, so that of two changes at once the later one sees what the earlier one did.
_OF_MEMBER: Final = """
SELECT c.id::text FROM certs.licence c
WHERE c.id IN (SELECT composite_id FROM certs.licence_member WHERE member_first_id = %(member)s::uuid)
  AND c.successor_id IS NULL AND c.status IN ('01','02')
ORDER BY c.id FOR NO KEY UPDATE"""
_STATUSES: Final = """
SELECT v.status FROM certs.licence_member m CROSS JOIN LATERAL (
  SELECT status FROM certs.licence WHERE first_id = m.member_first_id ORDER BY version DESC LIMIT 1) AS v
WHERE m.composite_id = %(composite)s::uuid ORDER BY m.position"""
_MEMBERS: Final = """
SELECT v.id::text FROM certs.licence_member m CROSS JOIN LATERAL (
  SELECT id FROM certs.licence WHERE first_id = m.member_first_id ORDER BY version DESC LIMIT 1) AS v
WHERE m.composite_id = %(composite)s::uuid ORDER BY m.position"""


def add(composite: str, members: Sequence[str]) -> Statement:
    """What lists members of a composite, by their first versions, in the order of the face."""
    return _ADD, {"composite": composite, "members": list(members)}


def of_member(first_id: str) -> Steps[list[str]]:
    """Standing composites that list a licence, locked."""
    rows = yield _OF_MEMBER, {"member": first_id}
    return [row[0] for row in rows]


def statuses(composite: str) -> Steps[list[LicenceStatus]]:
    """Statuses of the newest versions of the members."""
    rows = yield _STATUSES, {"composite": composite}
    return [LicenceStatus(row[0]) for row in rows]


def members(composite: str) -> Steps[list[str]]:
    """Newest versions of the members, in the order of the face."""
    rows = yield _MEMBERS, {"composite": composite}
    return [row[0] for row in rows]
