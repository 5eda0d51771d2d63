"""Use codes (用证码): what a search hands out instead of a licence, good for one organisation in one case for a day.

A code is the licence's id under authenticated encryption, bound to organisation and case: nothing is stored, nothing
can be read from it, and elsewhere it opens nothing. It permits nothing either: a use by it is decided like any other.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from authz.errors import SealBrokenError
from materials.errors import UseCodeInvalidError

if TYPE_CHECKING:
    from authz.vault import IdentityVault
    from ledger.clock import Clock

VALID: Final = timedelta(hours=24)
MAX_CODE: Final = 200


class UseCodes:
    """Gives out use codes and reads them."""

    def __init__(self, vault: IdentityVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def make(self, licence_id: str, party_id: str, case_no: str) -> str:
        """A code for a licence in a case of an organisation."""
        ends = int((self._clock.now() + VALID).timestamp())
        sealed = self._vault.shut(f"{ends} {licence_id}", _place(party_id, case_no))
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def read(self, code: str, party_id: str, case_no: str) -> str:
        """The licence's id (UUID).

        Raises:
            UseCodeInvalidError: no code of this organisation in this case, or its time is over.
        """
        try:
            sealed = urlsafe_b64decode(code + "=" * (-len(code) % 4))
            ends, licence_id = self._vault.open(sealed, _place(party_id, case_no)).split(" ")
        except (ValueError, SealBrokenError) as error:
            raise UseCodeInvalidError from error
        if self._clock.now() >= datetime.fromtimestamp(int(ends), UTC):
            raise UseCodeInvalidError
        return licence_id


def _place(party_id: str, case_no: str) -> bytes:
    return f"use-code/{party_id}/{case_no}".encode()
