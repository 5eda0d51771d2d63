"""Errors of the evidence layer. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class LedgerError(Exception):
    """Root of everything `ledger` raises on bad data or failing parts.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "ledger-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class StorageFullError(LedgerError):
    """A disk has no room left; nothing was acknowledged."""

    code = "storage-full"
