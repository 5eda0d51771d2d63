"""Whose seals must stand on a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from certs.files.errors import MalformedFileError, SealMissingError, SealUnexpectedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from certs.files.model import SealedBy


ANYBODY: Final = ("*",)
"""Of a paper that may be sealed by whoever: each seal has to hold, and the caller judges whose they are."""


def check_parties(seals: Sequence[SealedBy], held: Mapping[str, str], sealed_by: Sequence[str] | None) -> None:
    """Check that the seals are exactly those expected: one cut off, or one of a stranger, shows here.

    Args:
        seals: that hold.
        held: metadata of the file.
        sealed_by: codes expected; None for a licence's issuer or a copy's maker; `ANYBODY`.

    Raises:
        SealMissingError, SealUnexpectedError; MalformedFileError for neither metadata nor expectation.
    """
    if tuple(sealed_by or ()) == ANYBODY:
        return
    if sealed_by is None:
        issuer = held.get("JZJZZZDM") or held.get("ZZBFJGDM")
        if not issuer:
            raise MalformedFileError(problem="no metadata")
        sealed_by = (issuer,)
    found = [seal.org_code for seal in seals]
    if any(code not in found for code in sealed_by):
        raise SealMissingError
    if sorted(found) != sorted(sealed_by):
        raise SealUnexpectedError
