"""Why a witness refuses a request, and why it does not start."""

from __future__ import annotations

from typing import ClassVar


class WitnessHomeError(Exception):
    """The witness cannot start; a person must look."""

    code: ClassVar[str] = "witness-home"


class MemoryLostError(WitnessHomeError):
    """The key is there and the memory is not: without it the witness would cosign a second tree."""

    code = "witness-memory-lost"


class RefusalError(Exception):
    """A request is refused: nothing was signed, and nothing of it is remembered unless it is evidence.

    Each kind has its HTTP status (tlog-witness, "add-checkpoint").
    """

    status: ClassVar[int]


class MalformedError(RefusalError):
    """The body is none of the protocol's, or its old size is greater than its checkpoint's."""

    status = 400


class NotTrustedError(RefusalError):
    """No good signature of a key by which we know this log."""

    status = 403


class UnknownLogError(RefusalError):
    """A log we do not watch."""

    status = 404


class ConflictError(RefusalError):
    """The sender is wrong about what we cosigned last; `size` is the truth."""

    status = 409

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class InconsistentError(RefusalError):
    """The checkpoint is not shown to add to the one we cosigned."""

    status = 422
