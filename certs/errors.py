"""Errors of e-licences. Each carries a stable kebab-case `code`; `api/problems.py` maps it to HTTP."""

from __future__ import annotations

from typing import ClassVar


class CertsError(Exception):
    """Root of everything `certs` raises on bad data.

    Keyword arguments become typed fields and the message; they never hold personal data (DESIGN 5).
    """

    code: ClassVar[str] = "certs-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class InvalidRepresentationError(CertsError):
    """A fact of representation is malformed: nobody represents themselves, an end before the beginning."""

    code = "invalid-representation"


class RepresentationOverlapError(CertsError):
    """The organisation has a legal representative for some of that time; end that fact first."""

    code = "representation-overlap"


class UnknownRepresentationError(CertsError):
    """No such fact, or another organisation stated it."""

    code = "unknown-representation"


class RepresentationEndedError(CertsError):
    """The fact has ended already."""

    code = "representation-ended"
