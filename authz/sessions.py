"""A holder's short session: who logged in at this node's pages, so that they may look at what is theirs.

A session lets somebody **look**, never act: what has an effect is signed by itself (`authz.signatures`). It begins with
a signature over a request to log in and has that request's id, so that the same login, sent again, begins the same
session, and not a second one after it was left.

The browser keeps it as a cookie that no script reads: sealed by the node's key, so that it says nothing and cannot be
made up. Leaving it is remembered by the node, for all its processes; where a crash of the database made it forget,
every session from before is over (as `authz.tokens` does with proofs).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.errors import SealBrokenError, SessionOverError
from authz.signers import Assurance, Signer, SignerKind
from authz.store import sessions as store
from authz.vault import base64url

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from ledger.clock import Clock

LASTS: Final = timedelta(minutes=15)
"""However busy it is."""
SENSITIVE: Final = 3
KEY_WAITS: Final = timedelta(hours=24)
"""A key younger than this opens nothing of level 3 or more, as in a grant (`policies/grants.cedar`)."""
_PLACE: Final = b"session"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Session:
    """Who is there.

    Attributes:
        id: of the request that began it.
        person_id: the holder who logged in.
        issuer: who vouched for them.
        kind: how they proved it.
        key_since: of a key, when it was enrolled.
        until: when it is over.
    """

    id: str
    person_id: str
    issuer: str
    kind: SignerKind
    assurance: Assurance
    key_since: datetime | None
    until: datetime

    def opens(self, level: int, now: datetime) -> bool:
        """Whether things of a security level may be looked at."""
        return level < SENSITIVE or self.key_since is None or now - self.key_since >= KEY_WAITS


class Sessions:
    """Begins, reads and ends sessions.

    Args:
        vault: seals what the browser keeps.
        clock: tells the time.
    """

    def __init__(self, vault: IdentityVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def begin(self, db: Connection, request_id: str, signer: Signer) -> tuple[Session, str]:
        """A session for whoever signed a request to log in, and what the browser keeps of it.

        Raises:
            SessionOverError: the session of that request was left.
        """
        until = self._clock.now() + LASTS
        made = Session(
            request_id, signer.holder_id, signer.issuer, signer.kind, signer.assurance, signer.key_since, until
        )
        self._check(db, made)
        return made, self._write(made)

    def read(self, db: Connection, kept: str) -> Session:
        """The session a browser sent.

        Raises:
            SessionOverError: none of ours, its time is over, or it was left.
        """
        held = self._read(kept)
        if held.until <= self._clock.now():
            raise SessionOverError
        self._check(db, held)
        return held

    def leave(self, db: Connection, held: Session) -> None:
        """End a session, for every process; the login that began it begins none again."""
        store.leave(db, _name(held.id), self._clock.now() + LASTS)

    def _check(self, db: Connection, held: Session) -> None:
        since, left = store.look(db, _name(held.id))
        if left or since is None or held.until - LASTS < since:
            raise SessionOverError

    def _write(self, held: Session) -> str:
        members = {
            "v": _VERSION,
            "id": held.id,
            "person": held.person_id,
            "issuer": held.issuer,
            "kind": held.kind.value,
            "assurance": int(held.assurance),
            "key": held.key_since.isoformat() if held.key_since else None,
            "until": held.until.isoformat(),
        }
        return base64url(self._vault.shut(json.dumps(members), _PLACE))

    def _read(self, kept: str) -> Session:
        try:
            held = json.loads(self._vault.open(urlsafe_b64decode(kept + "=" * (-len(kept) % 4)), _PLACE))
        except (SealBrokenError, ValueError, binascii.Error) as error:
            raise SessionOverError from error
        if held["v"] != _VERSION:
            raise SessionOverError
        return Session(
            held["id"],
            held["person"],
            held["issuer"],
            SignerKind(held["kind"]),
            Assurance(held["assurance"]),
            datetime.fromisoformat(held["key"]) if held["key"] else None,
            datetime.fromisoformat(held["until"]),
        )


def _name(session_id: str) -> bytes:
    return sha256(f"session\0{session_id}".encode()).digest()
