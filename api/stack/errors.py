"""Errors of the embedded stack. Same shape as the packages' roots: a stable `code` and typed fields, no secrets."""

from __future__ import annotations

from typing import ClassVar


class StackError(Exception):
    """Root of everything the embedded stack raises. Keyword arguments become typed fields and the message."""

    code: ClassVar[str] = "stack-error"

    def __init__(self, **fields: str | int) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()) or self.code)
        self.fields = fields


class PartMissingError(StackError):
    """A server's binary is not installed (`make` installs the Python and npm dependencies)."""

    code = "stack-part-missing"


class PartFailedError(StackError):
    """A part did not become ready; the field `log` carries the last lines of its output."""

    code = "stack-part-failed"


class StackBusyError(StackError):
    """Another supervisor works on this data directory, or processes of a killed one are still stopping."""

    code = "stack-busy"


class PortsExhaustedError(StackError):
    """No free port was found on 127.0.0.1."""

    code = "stack-ports-exhausted"


class StackDownError(StackError):
    """Something was asked of a stack that is not up."""

    code = "stack-down"
