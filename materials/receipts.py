"""收件凭证 for whoever applied: which cases they were told of, and with which materials each was accepted.

The list is the one that was kept at acceptance and that the log names by its digest, so that what a kiosk prints is
what the window printed; before that a case has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authz.noticekinds import NoticeKind
from materials import receiptrows
from materials.checklist.model import LineState
from materials.checklist.service import kept_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from materials.desk import Desk
    from materials.receiptrows import ReceiptRow

_THERE = frozenset({LineState.supplied, LineState.owed})


@dataclass(frozen=True, slots=True)
class Supplied:
    """A material that a case was accepted with.

    Attributes:
        route: by which it was supplied; None of one that is still owed.
    """

    type_code: str
    route: str | None
    owed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """A case as its applicant may print it."""

    case: ReceiptRow
    materials: Sequence[Supplied]


class Receipts:
    """Lists receipts.

    Args:
        desk: notices, which say of which cases a holder was told, and the vault.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_holder(self, db: Connection, holder_id: str) -> list[Receipt]:
        """Of the newest 200 cases a holder was told of, those that are in their own name."""
        told = self._desk.notices.subjects(db, holder_id, NoticeKind.case_opened)
        return [Receipt(row, self._supplied(row)) for row in receiptrows.of_cases(db, holder_id, told)]

    def _supplied(self, row: ReceiptRow) -> list[Supplied]:
        if row.body is None:
            return []
        lines = json.loads(self._desk.vault.open(row.body, kept_place(row.case_no)))["lines"]
        return [
            Supplied(line["type"], line["route"], line["state"] == LineState.owed.value)
            for line in lines
            if line["state"] in _THERE
        ]
