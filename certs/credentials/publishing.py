"""Status lists as they are handed out: always what holds now, signed again only where something changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from certs.credentials import statuslist
from certs.errors import UnknownStatusListError
from certs.store import statuslists

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from certs.signing.model import SealKeys
    from ledger.clock import Clock

RENEW: Final = timedelta(hours=1)
"""Signed again after so long though nothing changed: `exp` moves on, and a new key of the library takes over."""


@dataclass(slots=True)
class _Held:
    """One list as this process knows it; `raw` is everything up to `snapshot`."""

    raw: bytearray
    snapshot: str | None = None
    token: str | None = None
    signed_at: datetime | None = None
    tag: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class StatusLists:
    """Hands out status lists.

    Args:
        keys: the seal keys.
        library: organisation code of the licence library, which signs every list.
        base_url: of the node.
        clock: the time.
    """

    def __init__(self, keys: SealKeys, library: str, base_url: str, clock: Clock) -> None:
        self._keys = keys
        self._library = library
        self._base_url = base_url
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def uri(self, list_id: str) -> str:
        """The address of a list, as credentials name it."""
        return f"{self._base_url}/v1/status-lists/{list_id}"

    def look(self, db: Connection, list_id: str) -> None:
        """Read what changed since the last look: one short query, whose cost grows with the changes only.

        Raises:
            UnknownStatusListError: there is no such list.
        """
        held = self._held.get(list_id)
        if held is None:
            if not statuslists.exists(db, list_id):  # before room is made for it
                raise UnknownStatusListError
            held = self._held.setdefault(list_id, _Held(bytearray(statuslist.pack(()))))
        with held.lock:
            held.snapshot, changed = statuslists.changes(db, list_id, held.snapshot)
            for index, status in changed:
                if statuslist.put(held.raw, index, status):
                    held.token = None

    def token(self, list_id: str) -> str:
        """The signed list as of the last look. Call it outside any unit: signing may ask a hardware module.

        Raises:
            NoSealKeyError: the library has no key.
        """
        return self.tagged(list_id)[0]

    def tagged(self, list_id: str) -> tuple[str, str]:
        """As `token`, and a weak entity tag (RFC 9110 8.8.3).

        Processes of one node sign for themselves, so tokens of one content differ; the tag is that of the content and
        of the hour it was signed in.

        Raises:
            NoSealKeyError: the library has no key.
        """
        held, now = self._held[list_id], self._clock.now()
        with held.lock:
            if held.token is None or held.signed_at is None or now - held.signed_at >= RENEW:
                signer = self._keys.seal(self._library, statuslist.ALGORITHM, now)
                held.token = statuslist.sign(bytes(held.raw), self.uri(list_id), signer, now)
                held.signed_at = now
                held.tag = f'W/"{sha256(held.raw).hexdigest()[:32]}-{now:%Y%m%d%H}"'
            return held.token, held.tag
