"""Organisations found by the beginning of their name; persons never are (issue of the window: exact codes only).

Names are encrypted at rest, so what is kept to find them are keyed digests of their beginnings, `SHORTEST` to `LONGEST`
characters: a stolen database tells no name, and no two nodes' digests can be compared. A longer beginning is looked for
by its first `LONGEST` characters, and the names found are compared in clear.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from authz.store import firms as store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.vault import IdentityVault

SHORTEST: Final = 2
LONGEST: Final = 12
MOST: Final = 20
_LOOKED_AT: Final = 200
"""Most organisations with one beginning of `LONGEST` characters that are compared in clear."""
_CODES: Final = ("001", "099")


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation as it was found; its code is public."""

    name: str
    type: str
    code: str


class Firms:
    """Finds organisations.

    Args:
        vault: makes the digests.
        holders: opens names and codes.
    """

    def __init__(self, vault: IdentityVault, holders: Holders) -> None:
        self._vault = vault
        self._holders = holders

    def find(self, db: Connection, beginning: str) -> list[Firm]:
        """Organisations whose name begins so, by name: at most `MOST`.

        Args:
            beginning: at least `SHORTEST` characters; fewer find nothing.
        """
        wanted = folded(beginning)
        if len(wanted) < SHORTEST:
            return []
        found = []
        for holder_id in store.find(db, digest(self._vault, wanted[:LONGEST]), _LOOKED_AT):
            name = self._holders.get(db, holder_id).name
            codes = [each for each in self._holders.identifiers(db, holder_id) if each.type in _CODES]
            if codes and folded(name).startswith(wanted):
                found.append(Firm(name, codes[0].type, codes[0].code))
            if len(found) == MOST:
                break
        return sorted(found, key=lambda each: each.name)


def folded(name: str) -> str:
    """A name as it is compared: full and half width, case and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def digest(vault: IdentityVault, beginning: str) -> bytes:
    """The look-up value of a beginning that is folded."""
    return vault.keyed("firm-name", beginning)


def beginnings(vault: IdentityVault, name: str) -> list[bytes]:
    """What an organisation of that name is found by."""
    held = folded(name)
    return [digest(vault, held[:size]) for size in range(SHORTEST, min(LONGEST, len(held)) + 1)]
