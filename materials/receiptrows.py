"""Queries over what a holder was given a receipt for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_LISTED: Final = """
SELECT c.case_no, c.item_code, c.party_id::text,
  CASE WHEN c.state = 'closed' THEN 'closed' WHEN c.accepted_at IS NULL THEN 'intake' ELSE 'accepted' END,
  c.opened_at, c.accepted_at, c.due_at, c.entry_id::text, k.body, k.digest
FROM materials.case_ c LEFT JOIN materials.kept_checklist k USING (case_no)
WHERE c.case_no = ANY(%(cases)s) AND c.applicant_holder_id = %(holder)s AND c.state <> 'draft'
ORDER BY c.opened_at DESC, c.case_no DESC"""


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A case of a holder's, with the checklist it was accepted with; `body` is encrypted, None before."""

    case_no: str
    item_code: str
    party_id: str
    stage: str
    opened_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    entry_id: str
    body: bytes | None
    digest: bytes | None


def of_cases(db: Connection, holder_id: str, case_nos: Sequence[str]) -> list[ReceiptRow]:
    """Those of some cases that are a holder's, the newest first."""
    found = db.exec_driver_sql(_LISTED, {"holder": holder_id, "cases": list(case_nos)})
    return [ReceiptRow(*row) for row in found]
