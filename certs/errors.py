"""Errors of licences. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class CertsError(Exception):
    """Root of everything `certs` raises on bad data or a refusal.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "certs-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class RepresentationPeriodError(CertsError):
    """A fact of representation ends before it begins."""

    code = "representation-period"


class UnknownRepresentationError(CertsError):
    """No such fact that stands."""

    code = "unknown-representation"
