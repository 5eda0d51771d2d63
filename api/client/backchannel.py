"""Asking a holder and waiting for the answer: OpenID CIBA in poll mode, and what a pinged client does."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from api.client.client import ProblemError

if TYPE_CHECKING:
    from api.client.client import Client

GRANT_TYPE: Final = "urn:openid:params:grant-type:ciba"
SLOWER_SECONDS: Final = 5
"""What OpenID CIBA 11 adds to the interval after `slow_down`."""


class Backchannel:
    """The backchannel of one client.

    Args:
        client: whose key signs.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def begin(self, details: list[dict[str, Any]], **more: str) -> dict[str, Any]:
        """Ask the applicant of a case; `auth_req_id`, `expires_in`, `interval`.

        Args:
            details: objects of the type `cailian_use`, all of one case.
            more: `binding_message`, `client_notification_token`, `requested_expiry`.

        Raises:
            ProblemError: the node refused.
        """
        form = {
            "scope": "openid use",
            "login_hint": f"case:{details[0]['case_no']}",
            "authorization_details": json.dumps(details, ensure_ascii=False),
        }
        return self._client.post_form("/oauth/bc-authorize", form | more)

    def poll(self, auth_req_id: str) -> dict[str, Any]:
        """The token once, with what was granted.

        Raises:
            ProblemError: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`.
        """
        form = {"grant_type": GRANT_TYPE, "auth_req_id": auth_req_id}
        return self._client.post_form("/oauth/token", form, proof=True)

    def wait(self, begun: dict[str, Any]) -> dict[str, Any]:
        """Poll until the holder answered, at the pace that was set.

        Raises:
            ProblemError: refused, or too late.
        """
        interval = int(begun["interval"])
        while True:
            try:
                return self.poll(str(begun["auth_req_id"]))
            except ProblemError as problem:
                if problem.code not in {"authorization_pending", "slow_down"}:
                    raise
                interval += SLOWER_SECONDS if problem.code == "slow_down" else 0
            time.sleep(interval)
