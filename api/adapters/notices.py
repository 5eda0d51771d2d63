"""Telling people by the city app's message centre or an SMS gateway: one form of HTTPS message for both.

    POST URL   {"id", "to", "text_zh", "text_en", "link"}, signed as Standard Webhooks has it

`id` is the same however often a message is sent. The gateway is the operator's own choice, so unlike a webhook it may
lie in a private network. `to` is a login (`issuer subject`) or a telephone number, and goes nowhere else.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from api.adapters.webhooks import HttpReceivers
from api.errors import NoticeNotTakenError
from api.webhooks import signature

if TYPE_CHECKING:
    from ledger.clock import Clock

EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


class HttpNotices:
    """A message centre or gateway; implements `authz.ports.NoticeChannel`.

    Args:
        url: where it takes messages.
        secret: `whsec_` and base64, shared with it.
        timeout: seconds it may take.
        clock: tells the time.
    """

    def __init__(self, url: str, secret: str, timeout: float, clock: Clock) -> None:
        self._url = url
        self._secret = secret
        self._line = HttpReceivers(EVERYWHERE, timeout)
        self._clock = clock

    def send(self, notice_id: str, to: str, words: tuple[str, str], link: str) -> None:
        """Hand a message over.

        Raises:
            WebhookFailedError, WebhookUrlRefusedError: no answer.
            NoticeNotTakenError: an answer that is not 2xx.
        """
        body = json.dumps({"id": notice_id, "to": to, "text_zh": words[0], "text_en": words[1], "link": link}).encode()
        name, stamp = f"msg_{notice_id}", str(int(self._clock.now().timestamp()))
        headers = {"Content-Type": "application/json", "webhook-id": name, "webhook-timestamp": stamp}
        status = self._line.post(
            self._url, body, headers | {"webhook-signature": signature(self._secret, name, stamp, body)}
        )
        if not 200 <= status < 300:
            raise NoticeNotTakenError(status=status)
