"""Members of staff at this node's own console: a login at the identity provider, and the session that follows it.

A login is registered for one operator of one organisation; its subject is kept as a keyed look-up value only. Whoever
logs in signs `words`, whose digest is the `nonce` of the ID token, so that no login given for something else begins a
session, and the same login sent again begins the same one.

What the browser keeps is a cookie that no script reads, sealed by the node's key. It says who; what they may do is read
anew at every request: operator and organisation must still be enabled, and the scopes are those of the organisation's
own systems. From there on the session is a `Caller` like any other, bound to its one operator (`Caller.speaks_for`):
services and policies judge it by the rules they have, and there is no second set.

A session that nobody renews ends after `IDLE`; none lasts longer than `LONGEST`.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.errors import CredentialError, IdTokenRefusedError, NotStaffError, SealBrokenError, SessionOverError
from authz.model import Caller, PartyKind, Role
from authz.store import sessions, staff as store
from authz.vault import base64url, digest_of
from ledger.record import canonical
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.idtokens import IdTokens
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.steps import Steps

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=10)
"""A working day: then they log in again."""
KIND: Final = "cailian/staff-session"
_PLACE: Final = b"staff-session"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session of a member of staff.

    Attributes:
        id: from the words that were signed.
        login: look-up value of the login it began with.
        since: when it began.
        until: when it is over, unless it is renewed.
    """

    id: str
    login: bytes
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is at the console.

    Attributes:
        caller: of their organisation, bound to their handle.
        roles: theirs.
    """

    session: StaffSession
    caller: Caller
    handle: str
    roles: frozenset[Role]


def words(session_id: str) -> bytes:
    """What a member of staff signs to log in."""
    return canonical({"id": session_id, "type": KIND, "v": _VERSION})


class StaffSessions:
    """Registers logins of staff; begins, reads, renews and ends their sessions.

    Args:
        id_tokens: of the providers this node trusts.
        vault: finds logins, seals what the browser keeps.
        clock: tells the time.
    """

    def __init__(self, id_tokens: IdTokens, vault: IdentityVault, clock: Clock) -> None:
        self._id_tokens = id_tokens
        self._vault = vault
        self._clock = clock

    def register(self, db: Connection, party_id: str, handle: str, issuer: str, subject: str) -> None:
        """Let a subject of a login provider be an operator. For the node's own administration only.

        Raises:
            InvalidRegistrationError: no such operator.
            NotStaffError: the subject is somebody else already.
        """
        owner = store.insert(db, self._lookup(issuer, subject), party_id, handle, self._clock.now())
        if owner != (party_id, handle):
            raise NotStaffError

    def forget(self, db: Connection, party_id: str, handle: str) -> int:
        """Take an operator's logins away, which ends every session; how many there were."""
        return store.delete(db, party_id, handle)

    def begin(self, db: Connection, session_id: str, id_token: str) -> tuple[Staff, str]:
        """A session for whoever signed `words`, and what the browser keeps of it.

        Raises:
            IdTokenRefusedError: no login over these words.
            NotStaffError: nobody who may work here.
            SessionOverError: the session of these words was left.
        """
        now = self._clock.now()
        try:
            login = self._id_tokens.fresh(id_token, digest_of(words(session_id)), now)
        except CredentialError as error:
            raise IdTokenRefusedError(check=error.reason) from error
        made = StaffSession(session_id, self._lookup(login.issuer, login.subject), login.at, login.at + IDLE)
        found = run(db, store.standing(made.login, _name(made.id)))
        if found is None:
            raise NotStaffError
        return self._staff(made, found), self._write(made)

    def read(self, kept: str) -> Steps[Staff]:
        """Who a browser's cookie says is there.

        Raises:
            SessionOverError: no session of ours, its time is over, it was left, or they may not work any more.
        """
        held = self._read(kept)
        if held.until <= self._clock.now():
            raise SessionOverError
        found = yield from store.standing(held.login, _name(held.id))
        if found is None:
            raise SessionOverError
        return self._staff(held, found)

    def renew(self, held: Staff) -> tuple[Staff, str]:
        """The same session for longer, and what the browser keeps of it."""
        until = min(self._clock.now() + IDLE, held.session.since + LONGEST)
        session = replace(held.session, until=max(until, held.session.until))
        return replace(held, session=session), self._write(session)

    def leave(self, db: Connection, held: Staff) -> None:
        """End a session, for every process."""
        sessions.leave(db, _name(held.session.id), held.session.since + LONGEST)

    def _lookup(self, issuer: str, subject: str) -> bytes:
        return self._vault.keyed("operator-login", f"{issuer} {subject}")

    @staticmethod
    def _staff(session: StaffSession, found: store.Standing) -> Staff:
        if found.left or found.remembered_since is None or session.since < found.remembered_since:
            raise SessionOverError
        caller = Caller(
            client_id=f"staff:{found.party_id}:{found.handle}",  # no registered client's id has a colon
            party_id=found.party_id,
            party_kind=PartyKind(found.kind),
            org_code=found.org_code,
            division=found.division,
            scopes=frozenset(found.scopes),
            jkt=f"session:{session.id}",
            operator=found.handle,
        )
        return Staff(session, caller, found.handle, frozenset(map(Role, found.roles)))

    def _write(self, held: StaffSession) -> str:
        members = {
            "v": _VERSION,
            "id": held.id,
            "login": held.login.hex(),
            "since": held.since.isoformat(),
            "until": held.until.isoformat(),
        }
        return base64url(self._vault.shut(json.dumps(members), _PLACE))

    def _read(self, kept: str) -> StaffSession:
        try:
            held = json.loads(self._vault.open(urlsafe_b64decode(kept + "=" * (-len(kept) % 4)), _PLACE))
        except (SealBrokenError, ValueError, binascii.Error) as error:
            raise SessionOverError from error
        if held["v"] != _VERSION:
            raise SessionOverError
        since, until = (datetime.fromisoformat(held[name]) for name in ("since", "until"))
        return StaffSession(held["id"], bytes.fromhex(held["login"]), since, until)


def _name(session_id: str) -> bytes:
    return sha256(f"staff\0{session_id}".encode()).digest()
