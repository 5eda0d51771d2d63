"""What the worker tells people and clients: notices by every channel there is, and pings of OpenID CIBA.

Each is a message of the outbox: read in a unit, sent outside any, noted in another. Delivery is at least once; a person
whom one channel told already is not told by it again when another one failed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from api.errors import PingNotTakenError
from authz.noticekinds import NoticeKind
from ledger import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from api.adapters.webhooks import HttpReceivers
    from authz.ciba import Ciba
    from authz.noticekinds import Notice
    from authz.notices import Notices
    from authz.parties import Parties
    from authz.ports import NoticeChannel
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.outbox import Message


class Telling:
    """Sends notices and pings.

    Args:
        database: for units of its own.
        notices, parties: what to tell whom, in whose name.
        ciba: who waits for a ping.
        channels: by name; a channel that is not there tells nobody, and the inbox has the notice all the same.
        line: HTTP to addresses of others.
        link: where a batch of asks is read; of no batch, where a holder reads everything.
        clock: tells the time.
    """

    def __init__(
        self,
        database: Database,
        notices: Notices,
        parties: Parties,
        ciba: Ciba,
        channels: Mapping[str, NoticeChannel],
        line: HttpReceivers,
        link: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._database = database
        self._notices = notices
        self._parties = parties
        self._ciba = ciba
        self._channels = dict(channels)
        self._line = line
        self._link = link
        self._clock = clock

    def notice(self, message: Message) -> None:
        """Tell one notice. What fails is tried again later (`ledger.outbox`)."""
        with self._database.unit() as db:
            notice = self._notices.get(db, message.body["notice"])
            words = notice.words(self._organisation(db, notice))
            waiting = [each for each in self._notices.addressees(db, notice) if each.channel in self._channels]
        link = self._link(notice.subject if notice.kind is NoticeKind.ask else "")
        error = ""
        for each in waiting:
            try:
                self._channels[each.channel].send(notice.id, each.to, words, link)
            except Exception as failure:  # noqa: BLE001 - one channel that fails must not keep the others from telling
                error = str(getattr(failure, "code", "internal"))
                continue
            with self._database.unit() as db:
                self._notices.told(db, notice.id, each)
        with self._database.unit() as db:
            if error:
                outbox.failed(db, message, error, self._clock.now())
            else:
                outbox.done(db, message, self._clock.now())

    def ping(self, message: Message) -> None:
        """Tell a client that its request was answered (OpenID CIBA 10.2).

        Raises:
            PingNotTakenError, WebhookFailedError, WebhookUrlRefusedError: it was not; tried again later.
        """
        with self._database.unit() as db:
            ping = self._ciba.ping(db, message.body["batch"])
        if ping is not None:
            body = json.dumps({"auth_req_id": ping.auth_req_id}).encode()
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ping.token}"}
            status = self._line.post(ping.endpoint, body, headers)
            if not 200 <= status < 300:
                raise PingNotTakenError(status=status)
        with self._database.unit() as db:
            outbox.done(db, message, self._clock.now())

    def _organisation(self, db: Connection, notice: Notice) -> str:
        return "" if notice.party_id is None else self._parties.party(db, notice.party_id).name
