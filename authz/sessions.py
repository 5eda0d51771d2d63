"""A holder's short session: who logged in at this node's pages, so that they may look at what is theirs.

A session lets somebody **look**, never act: what has an effect is signed by itself (`authz.signatures`). It begins with
a signature over a request to log in and has that request's id, so that the same login, sent again, begins the same
session, over at the same time, and not a second one after it was left. Whoever revokes the key that began it ends it.

At a **kiosk** it begins with a reading of the identity card (`authz.cards`). Who stands there may walk away, so such a
session is over when nothing was asked for `KIOSK_IDLE`, and after `KIOSK_LASTS` at the latest. What it reaches is the
edge's to say (`api.routes.session`), by the channel that is sealed into it.

The browser keeps it as a cookie that no script reads: sealed by the node's key, so that it says nothing and cannot be
made up. Beginning and leaving it is remembered by the node, for all its processes; where a crash of the database made
it forget, every session from before is over (as `authz.tokens` does with proofs).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.errors import AssuranceTooLowError, KeyTooNewError, SealBrokenError, SessionOverError
from authz.signers import Assurance, Signer, SignerKind
from authz.store import sessions as store
from authz.vault import base64url

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.errors import AuthzError
    from authz.vault import IdentityVault
    from ledger.clock import Clock

LASTS: Final = timedelta(minutes=15)
"""However busy it is."""
KIOSK_LASTS: Final = timedelta(minutes=10)
KIOSK_IDLE: Final = timedelta(seconds=90)
"""The page logs out after 60 s without a touch; where it does not, the exchange does."""
SENSITIVE: Final = 3
KEY_WAITS: Final = timedelta(hours=24)
"""A key younger than this opens nothing of level 3 or more."""
_PLACE: Final = b"session"
_VERSION: Final = 3


class Channel(StrEnum):
    """Where somebody looks."""

    page = "page"
    kiosk = "kiosk"


@dataclass(frozen=True, slots=True)
class Session:
    """Who is there.

    Attributes:
        id: of the request that began it.
        person_id: the holder who logged in.
        issuer: who vouched for them.
        kind: how they proved it.
        assurance: how sure that is.
        key_id: of a key.
        key_since: of a key, when it was enrolled.
        until: when it is over at the latest.
        channel: where it began; it is good nowhere else.
    """

    id: str
    person_id: str
    issuer: str
    kind: SignerKind
    assurance: Assurance
    key_id: str | None
    key_since: datetime | None
    until: datetime
    channel: Channel = Channel.page

    def closed(self, level: int, now: datetime) -> AuthzError | None:
        """Why things of a security level may not be looked at; None where they may.

        By the rules for a grant: `grant-assured` and `grant-key-waits` in `policies/grants.cedar`.
        """
        if level < SENSITIVE:
            return None
        if self.assurance < Assurance.substantial:
            return AssuranceTooLowError()
        if self.key_since is not None and now - self.key_since < KEY_WAITS:
            return KeyTooNewError()
        return None


class Sessions:
    """Begins, reads and ends sessions.

    Args:
        vault: seals what the browser keeps.
        clock: tells the time.
    """

    def __init__(self, vault: IdentityVault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def begin(
        self, db: Connection, request_id: str, signer: Signer, channel: Channel = Channel.page
    ) -> tuple[Session, str]:
        """A session for whoever signed a request to log in, and what the browser keeps of it.

        Raises:
            SessionOverError: the session of that request was left, or its time is over.
        """
        now = self._clock.now()
        if channel is Channel.kiosk:
            store.begin(db, _name("seen", request_id), now + KIOSK_IDLE)
        made = Session(
            request_id,
            signer.holder_id,
            signer.issuer,
            signer.kind,
            signer.assurance,
            signer.key_id,
            signer.key_since,
            store.begin(db, _name("begun", request_id, signer.holder_id), now + _lasts(channel)),
            channel,
        )
        self._check(db, made)
        return made, self._write(made)

    def read(self, db: Connection, kept: str) -> Session:
        """The session a browser sent.

        Raises:
            SessionOverError: none of ours, its time is over, it was left, or the key that began it was revoked.
        """
        held = self._read(kept)
        self._check(db, held)
        return held

    def leave(self, db: Connection, held: Session) -> None:
        """End a session, for every process; the login that began it begins none again."""
        store.leave(db, _name("session", held.id), self._clock.now() + LASTS)

    def _check(self, db: Connection, held: Session) -> None:
        now = self._clock.now()
        known = store.look(db, _name("session", held.id), held.key_id)
        if known.left or known.key_revoked or held.until <= now:
            raise SessionOverError
        if held.channel is Channel.kiosk and not store.seen(db, _name("seen", held.id), now, now + KIOSK_IDLE):
            raise SessionOverError
        if known.since is None or held.until - _lasts(held.channel) < known.since:
            raise SessionOverError

    def _write(self, held: Session) -> str:
        members = {
            "v": _VERSION,
            "id": held.id,
            "person": held.person_id,
            "issuer": held.issuer,
            "kind": held.kind.value,
            "assurance": int(held.assurance),
            "key": held.key_id,
            "since": held.key_since.isoformat() if held.key_since else None,
            "until": held.until.isoformat(),
            "channel": held.channel.value,
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
            held["key"],
            datetime.fromisoformat(held["since"]) if held["since"] else None,
            datetime.fromisoformat(held["until"]),
            Channel(held["channel"]),
        )


def _lasts(channel: Channel) -> timedelta:
    return KIOSK_LASTS if channel is Channel.kiosk else LASTS


def _name(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode()).digest()
