"""Webhooks in the Standard Webhooks form: departments are told when what they used changes (DESIGN 2, 10).

An event reaches its receivers in two steps, each a message of the outbox. First, `fan_out`: who used the thing, and
which of their webhooks want to know; one message each, in one unit. Then, `deliver`: sign, send, note what came of it.
Delivery is at least once, so `webhook-id` is the same however often a message is sent. A body holds ids only: who wants
to know more asks, and is decided upon again.
"""

from __future__ import annotations

import hmac
import json
import os
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from api import webhookrows as rows
from api.errors import TooManyWebhooksError, UnknownWebhookError, WebhookFailedError, WebhookUrlRefusedError
from api.observe import log
from api.webhookrows import Webhook, WebhookMessage
from authz.store import breakglass
from authz.store.parties import enabled
from ledger import outbox
from ledger.clock import rfc3339
from ledger.ids import new_id
from materials import committing, requests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from api.adapters.webhooks import HttpReceivers
    from authz.uses import Uses
    from authz.vault import IdentityVault
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.outbox import Message

CHANGED: Final = "licence.changed"
"""Kind of outbox message, and type of webhook message: a licence somebody used has another status."""
OVERSEE: Final = "oversee"
"""Scope of clients that oversee the node."""
TEST: Final = "webhook.test"
KIND: Final = "webhook"
"""Kind of outbox message: one webhook message to be sent."""
WITHDRAWN: Final = "grant.withdrawn"
"""Likewise: a grant under which its recipient used something was withdrawn; the recipient has to stop or delete."""
MATERIAL: Final = "material.changed"
"""Likewise: a material somebody used is disputed, good again, or was corrected."""
ASSISTANCE: Final = requests.OUTBOX
"""Likewise: a request between departments was made, ended, or is overdue; both sides are told."""
COMMITMENT: Final = committing.OUTBOX
"""Likewise: a commitment made to an organisation was signed or taken back, is overdue, or is to be checked."""
EMERGENCY: Final = "break-glass.approved"
"""Likewise, for organisations that oversee the node: two people let a department use in an emergency."""
EVENTS: Final = (CHANGED, MATERIAL, WITHDRAWN, ASSISTANCE, COMMITMENT, EMERGENCY)
MOST: Final = 10
"""Webhooks an organisation may have."""
KEPT: Final = timedelta(days=30)
OVERLAP: Final = timedelta(hours=24)
"""How long a replaced secret signs beside the new one, so that receivers can change without missing a message."""
REPLAYED: Final = 500
_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_GONE: Final = 410


class Webhooks:
    """Keeps webhooks, and sends what is to be told.

    Args:
        database: for `fan_out` and `deliver`, which open units of their own.
        uses: knows who used what.
        vault: encrypts secrets.
        line: goes out.
        clock: tells the time.
    """

    def __init__(self, database: Database, uses: Uses, vault: IdentityVault, line: HttpReceivers, clock: Clock) -> None:
        self._database = database
        self._uses = uses
        self._vault = vault
        self._line = line
        self._clock = clock

    def check(self, url: str) -> None:
        """Judge an address, outside any unit.

        Raises:
            WebhookUrlRefusedError: it is none we go to.
        """
        self._line.check(url)

    def register(self, db: Connection, party_id: str, url: str, events: Collection[str], operator: str) -> Webhook:
        """Add a webhook of a party, with a fresh secret.

        Raises:
            TooManyWebhooksError: it has as many as it may have.
        """
        if rows.count(db, party_id) >= MOST:
            raise TooManyWebhooksError(limit=MOST)
        webhook_id = new_id()
        made = Webhook(
            id=webhook_id,
            party_id=party_id,
            url=url,
            events=tuple(sorted(set(events))),
            state="active",
            reason=None,
            created_at=self._clock.now(),
            secret=self._fresh(webhook_id),
            older_secret=None,
            older_until=None,
        )
        rows.insert(db, made, operator)
        return made

    def of_party(self, db: Connection, party_id: str) -> list[Webhook]:
        """A party's webhooks."""
        return rows.of_party(db, party_id)

    def get(self, db: Connection, party_id: str, webhook_id: str, *, lock: bool = False) -> Webhook:
        """A webhook of a party.

        Raises:
            UnknownWebhookError: there is none; another party's looks the same.
        """
        held = rows.get(db, webhook_id, lock=lock)
        if held is None or held.party_id != party_id:
            raise UnknownWebhookError
        return held

    def secret(self, held: Webhook) -> str:
        """The secret that verifies a webhook's messages, in the form Standard Webhooks libraries take."""
        return self._vault.open(held.secret, _place(held.id))

    def rotate(self, db: Connection, held: Webhook) -> None:
        """Replace the secret; the present one signs beside the new one for a day."""
        rows.rotate(db, held.id, self._fresh(held.id), self._clock.now() + OVERLAP)

    @staticmethod
    def set_state(db: Connection, held: Webhook, state: str) -> None:
        """Let a webhook be `active` again, or `removed`."""
        rows.set_state(db, held.id, state, None)

    def test(self, db: Connection, held: Webhook) -> str:
        """Send a message that says nothing; its id."""
        message_id = new_id()
        self._add(db, held.id, message_id, event=f"test {message_id}", kind=TEST, data={})
        return message_id

    @staticmethod
    def messages(db: Connection, held: Webhook, *, before: str | None, limit: int) -> list[WebhookMessage]:
        """What a webhook was told, the newest first."""
        return rows.messages(db, held.id, before=before, limit=limit)

    def replay(self, db: Connection, held: Webhook, message_id: str) -> None:
        """Send a message once more, with the same id and body.

        Raises:
            UnknownWebhookError: no such message of this webhook.
        """
        message = rows.message(db, message_id, lock=True)
        if message is None or message.webhook_id != held.id:
            raise UnknownWebhookError
        self._send(db, message_id)

    def replay_failed(self, db: Connection, held: Webhook, since: datetime) -> int:
        """Send once more what was given up since a time, at most 500 messages; how many."""
        found = rows.failed_since(db, held.id, since, REPLAYED)
        for message_id in found:
            self._send(db, message_id)
        return len(found)

    def forget(self, db: Connection) -> None:
        """Delete messages older than thirty days."""
        rows.forget(db, self._clock.now() - KEPT)

    # What the worker does

    def fan_out(self, message: Message) -> None:
        """Turn one event into a message to each webhook that wants it, and take the event off the outbox."""
        body = message.body
        data = {"object_id": body["licence_id"], **{name: body[name] for name in ("status", "operation", "at")}}
        with self._database.unit() as db:
            # A correction names whom it concerns: those who were shown the licence, too (`certs.disputes`).
            parties = sorted({*self._uses.users(db, body["licence_id"]), *body.get("parties", ())})
            for webhook_id in rows.to_tell(db, parties, CHANGED) if parties else ():
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=CHANGED, data=data)
            outbox.done(db, message, self._clock.now())

    def material_changed(self, message: Message) -> None:
        """Turn a change of a material into a message to each webhook that wants it."""
        body = message.body
        data = {"object_id": body["material_id"], "status": body["status"], "at": body["at"]}
        data |= {name: body[name] for name in ("dispute", "successor") if name in body}
        with self._database.unit() as db:
            parties = sorted({*self._uses.users(db, body["material_id"]), *body.get("parties", ())})
            for webhook_id in rows.to_tell(db, parties, MATERIAL) if parties else ():
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=MATERIAL, data=data)
            outbox.done(db, message, self._clock.now())

    def assistance(self, message: Message) -> None:
        """Turn what became of a request between departments into messages to both sides."""
        data = {name: message.body[name] for name in ("request_id", "state", "at", "due_at")}
        with self._database.unit() as db:
            for webhook_id in rows.to_tell(db, list(message.body["parties"]), ASSISTANCE):
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=ASSISTANCE, data=data)
            outbox.done(db, message, self._clock.now())

    def commitment(self, message: Message) -> None:
        """Turn what became of a commitment into a message to each webhook of whom it was made to."""
        data = {name: message.body[name] for name in ("commitment_id", "state", "at")}
        with self._database.unit() as db:
            for webhook_id in rows.to_tell(db, [message.body["party"]], COMMITMENT):
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=COMMITMENT, data=data)
            outbox.done(db, message, self._clock.now())

    def emergency(self, message: Message) -> None:
        """Turn an approved emergency into a message to each webhook of whoever oversees the node."""
        data = {name: message.body[name] for name in ("break_glass_id", "at", "due_at")}
        with self._database.unit() as db:
            parties = breakglass.overseers(db, OVERSEE)
            for webhook_id in rows.to_tell(db, parties, EMERGENCY) if parties else ():
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=EMERGENCY, data=data)
            outbox.done(db, message, self._clock.now())
        log.warning("emergency approved", break_glass=message.body["break_glass_id"])

    def withdrawn(self, message: Message) -> None:
        """Turn a withdrawal into a message to each webhook of the recipient that wants it."""
        data = {name: message.body[name] for name in ("grant_id", "at", "due_at")}
        with self._database.unit() as db:
            for webhook_id in rows.to_tell(db, [message.body["party"]], WITHDRAWN):
                self._add(db, webhook_id, new_id(), event=f"{message.kind} {message.key}", kind=WITHDRAWN, data=data)
            outbox.done(db, message, self._clock.now())

    def deliver(self, message: Message) -> None:
        """Send one message once, and note what came of it. What fails is tried again later (`ledger.outbox`)."""
        with self._database.unit() as db:
            held = rows.message(db, message.body["message"])
            webhook = None if held is None else rows.get(db, held.webhook_id)
            told = webhook is not None and webhook.state == "active" and bool(enabled(db, [webhook.party_id]))
            if held is None or webhook is None or not told:  # who was suspended meanwhile is told nothing either
                if held is not None:
                    rows.failed(db, held.id, given_up=True, status=None, error="webhook-not-active")
                outbox.done(db, message, self._clock.now())
                return
        status, error = None, ""
        try:
            status = self._line.post(webhook.url, held.body, self._headers(webhook, held))
        except (WebhookFailedError, WebhookUrlRefusedError) as failure:
            error = failure.code
        with self._database.unit() as db:
            now = self._clock.now()
            if status is not None and 200 <= status < 300:
                rows.delivered(db, held.id, status, now)
                outbox.done(db, message, now)
                return
            error = error or f"http-{status}"
            if status == _GONE:
                rows.set_state(db, webhook.id, "disabled", "gone")
                rows.failed(db, held.id, given_up=True, status=status, error=error)
                outbox.done(db, message, now)
                return
            given_up = outbox.failed(db, message, error, now)
            rows.failed(db, held.id, given_up=given_up, status=status, error=error)

    def _add(
        self, db: Connection, webhook_id: str, message_id: str, *, event: str, kind: str, data: Mapping[str, Any]
    ) -> None:
        now = self._clock.now()
        whole = {"type": kind, "timestamp": rfc3339(now), "data": data}
        body = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
        made = WebhookMessage(message_id, webhook_id, kind, body, now, "pending", 0, None, None, None)
        if rows.add(db, made, event):
            outbox.emit(db, KIND, message_id, {"message": message_id}, now)

    def _send(self, db: Connection, message_id: str) -> None:
        times = rows.again(db, message_id)
        outbox.emit(db, KIND, f"{message_id}/{times}", {"message": message_id}, self._clock.now())

    def _headers(self, webhook: Webhook, message: WebhookMessage) -> dict[str, str]:
        now = self._clock.now()
        name, stamp = f"msg_{message.id}", str(int(now.timestamp()))
        sealed = [webhook.secret]
        if webhook.older_secret is not None and webhook.older_until is not None and now < webhook.older_until:
            sealed.append(webhook.older_secret)
        secrets = [self._vault.open(each, _place(webhook.id)) for each in sealed]
        return {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(signature(secret, name, stamp, message.body) for secret in secrets),
        }

    def _fresh(self, webhook_id: str) -> bytes:
        secret = _PREFIX + b64encode(os.urandom(_SECRET_BYTES)).decode()
        return self._vault.shut(secret, _place(webhook_id))


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """A symmetric signature (Standard Webhooks 1.0, "Signature scheme"): HMAC-SHA256 over id, time and body.

    Args:
        secret: `whsec_` and 24 to 64 bytes in base64.
        name: `webhook-id`.
        stamp: `webhook-timestamp`, seconds since 1970.
        body: as sent.
    """
    key = b64decode(secret.removeprefix(_PREFIX))
    return "v1," + b64encode(hmac.digest(key, f"{name}.{stamp}.".encode() + body, "sha256")).decode()


def _place(webhook_id: str) -> bytes:
    return f"webhook/{webhook_id}".encode()
