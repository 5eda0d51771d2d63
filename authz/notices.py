"""Notices to holders: kept in their inbox, and told by other channels through ports (DESIGN 2, 7).

A notice is written in the unit of what it tells, as a row of the inbox and an intent of the outbox; a worker in `api`
tells it. It holds ids and a kind: the words come from the table here, with nothing in them but the organisation's name,
so that a message centre or a telephone network learns nothing of what a holder has. An organisation's notices go to
whoever represents it.

A notice may be due later (a duty use whose telling is delayed); until then its holder does not see it either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from authz import jose
from authz.errors import CredentialError, UnknownNoticeError
from authz.holders import LOGIN
from authz.model import HolderKind
from authz.noticekinds import Addressee, Notice, NoticeKind
from authz.store import notices as store
from ledger import outbox
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.ports import RepresentationSource
    from authz.vault import IdentityVault
    from ledger.clock import Clock

OUTBOX: Final = "notice"
"""Kind of outbox message; its body names the notice."""
APP: Final = "app"
SMS: Final = "sms"
MAX_PHONE: Final = 16
"""`+` and fifteen digits (E.164, 6.2.1)."""
_LISTED: Final = 200


class Notices:
    """Writes, shows and addresses notices.

    Args:
        holders: their logins.
        representation: who reads an organisation's.
        vault: encrypts telephone numbers.
        clock: tells the time.
    """

    def __init__(
        self, holders: Holders, representation: RepresentationSource, vault: IdentityVault, clock: Clock
    ) -> None:
        self._holders = holders
        self._representation = representation
        self._vault = vault
        self._clock = clock

    def tell(
        self,
        db: Connection,
        holder_id: str,
        kind: NoticeKind,
        subject: str,
        *,
        party_id: str | None = None,
        due_at: datetime | None = None,
    ) -> str:
        """Write a notice in the caller's unit; its id. The same kind about the same subject is told once.

        Args:
            subject: id or number; never a name or code of a person.
            due_at: not before then; now where None.
        """
        now = self._clock.now()
        due = max(due_at or now, now)
        notice = Notice(new_id(), holder_id, kind, subject, party_id, now, due, None)
        known = store.insert(db, notice)
        if known is not None:
            return known
        outbox.emit(db, OUTBOX, notice.id, {"notice": notice.id}, due)
        return notice.id

    def of_holder(self, db: Connection, holder_id: str) -> list[Notice]:
        """A holder's inbox: the newest 200 that are due."""
        return store.of_holder(db, holder_id, self._clock.now(), _LISTED)

    @staticmethod
    def subjects(db: Connection, holder_id: str, kind: NoticeKind) -> list[str]:
        """What a holder was told of in notices of one kind: ids, the newest 200 of those that sort by time."""
        return store.subjects(db, holder_id, kind, _LISTED)

    def get(self, db: Connection, notice_id: str) -> Notice:
        """A notice.

        Raises:
            UnknownNoticeError: there is none.
        """
        found = store.get(db, notice_id)
        if found is None:
            raise UnknownNoticeError
        return found

    def read(self, db: Connection, holder_id: str, notices: Iterable[Notice]) -> None:
        """Write down that a holder opened notices of theirs; the first time counts, and of others' nothing."""
        if unread := [each.id for each in notices if each.read_at is None]:
            store.read(db, unread, holder_id, self._clock.now())

    # Where to tell

    def learn(self, db: Connection, person_id: str, id_token: str) -> None:
        """Keep the telephone number that an ID token carries, if its provider verified it (OIDC Core 1.0, 5.1).

        Args:
            id_token: of that person, checked before.
        """
        try:
            claims = jose.parse(id_token, CredentialError).claims
        except CredentialError:
            return
        number = claims.get("phone_number")
        if claims.get("phone_number_verified") is not True or not isinstance(number, str):
            return
        if 0 < len(number) <= MAX_PHONE and number.isascii() and number.removeprefix("+").isdigit():
            store.learn(db, person_id, self._vault.shut(number, _phone_of(person_id)), self._clock.now())

    def addressees(self, db: Connection, notice: Notice) -> list[Addressee]:
        """Whom to tell, by every channel that is known, but those already told."""
        people = [notice.holder_id]
        if self._holders.get(db, notice.holder_id).kind is HolderKind.organisation:
            people = self._representation.representatives(db, notice.holder_id, self._clock.now())
        found: list[Addressee] = []
        for person in people:
            logins = [each.code for each in self._holders.identifiers(db, person) if each.type == LOGIN]
            found += [Addressee(person, APP, login) for login in logins[:1]]
            if (sealed := store.phone(db, person)) is not None:
                found.append(Addressee(person, SMS, self._vault.open(sealed, _phone_of(person))))
        told = store.told(db, notice.id)
        return [each for each in found if (each.person_id, each.channel) not in told]

    def told(self, db: Connection, notice_id: str, to: Addressee) -> None:
        """Write down that somebody was told by a channel."""
        store.tell(db, notice_id, to.person_id, to.channel, self._clock.now())


def _phone_of(person_id: str) -> bytes:
    return f"contact/phone/{person_id}".encode()
