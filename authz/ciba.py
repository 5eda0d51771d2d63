"""Asking through the backchannel: OpenID Client-Initiated Backchannel Authentication 1.0, modes poll and ping.

A client asks for a holder's consent and waits, by polling the token endpoint, or until its own address is pinged; the
holder answers a batch of asks (`authz.askbatches`) as always. What the client gets is an access token like its others,
an ID token that names the holder pairwise, and the details that were granted (RFC 9396, 7), each with its grant. The
token opens nothing by itself: every use is decided by the grant's row, so that a withdrawal counts at once.

Who is asked is the applicant of an open case of the client's: `login_hint` is `case:` and its number, so that no
identity code is ever sent, and nobody can ask whom they have no business with.

The life of a request: `begin` keeps it with its batch; `poll` says how far it is, at most once per interval; when the
last ask of its batch is answered an intent of the outbox pings (`ping`); it is redeemed once.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.errors import (
    AccessDeniedError,
    AuthorizationPendingError,
    CredentialError,
    ExpiredTokenError,
    InvalidBindingMessageError,
    InvalidGrantError,
    InvalidScopeError,
    InvalidTokenRequestError,
    SlowDownError,
    UnauthorizedClientError,
    UnknownUserIdError,
)
from authz.identifiers import names_a_person
from authz.model import GrantState
from authz.store import backchannel as store
from authz.vault import base64url
from ledger.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.askbatches import AskBatch, AskBatches
    from authz.grants import Grants
    from authz.holders import Holders
    from authz.model import Caller, Grant
    from authz.tokens import TokenService
    from authz.vault import IdentityVault
    from ledger.clock import Clock

GRANT_TYPE: Final = "urn:openid:params:grant-type:ciba"
DETAIL_TYPE: Final = "cailian_use"
"""Our published type of `authorization_details` (RFC 9396, 5.1)."""
INTERVAL_SECONDS: Final = 5
SLOWER_SECONDS: Final = 5
"""By how much the interval grows when a client polls too often (OpenID CIBA 11)."""
EXPIRY: Final = timedelta(days=1)
SHORTEST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(days=7)
MAX_BINDING: Final = 20
_OPENID: Final = "openid"
_ASKING: Final = frozenset({"use"})
"""What a client must be allowed, and is given where it names nothing."""
_HINT: Final = re.compile(r"case:([0-9A-Za-z-]{1,64})")
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]{22,1024}=*")
"""RFC 6750 2.1; at least 128 bits in base64 (OpenID CIBA 7.1)."""
_REQUEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class BackchannelRequest:
    """What a client sends, checked, all but its details.

    Attributes:
        case_no: whose applicant is asked.
        scope: what the token shall carry.
        binding: shown to the holder in the notice.
        notification_token: with which the client is pinged; None where it polls.
    """

    case_no: str
    scope: str
    binding: str | None
    notification_token: str | None
    open_for: timedelta


@dataclass(frozen=True, slots=True)
class Ping:
    """A client to be told that its request was answered."""

    endpoint: str
    token: str
    auth_req_id: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A request as it is stored."""

    id: bytes
    client_id: str
    batch_id: str
    scope: str
    interval: int
    request_id: bytes
    notification_token: bytes | None
    created_at: datetime
    expires_at: datetime
    polled_at: datetime | None
    redeemed_at: datetime | None


class Ciba:
    """The backchannel.

    Args:
        tokens: make tokens.
        batches, grants: what was asked and given.
        holders: names holders pairwise.
        vault: encrypts what a ping needs.
        clock: tells the time.
    """

    def __init__(
        self,
        tokens: TokenService,
        batches: AskBatches,
        grants: Grants,
        holders: Holders,
        vault: IdentityVault,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._batches = batches
        self._grants = grants
        self._holders = holders
        self._vault = vault
        self._clock = clock

    @staticmethod
    def read(form: Mapping[str, str], caller: Caller) -> BackchannelRequest:
        """Check an authentication request (OpenID CIBA 7.1 and 7.2), all but its `authorization_details`.

        Raises:
            InvalidTokenRequestError: a parameter is missing, or not served.
            InvalidScopeError: without `openid`, or beyond what the client may have.
            UnknownUserIdError: a hint of another form.
            InvalidBindingMessageError: as it says.
        """
        if any(form.get(name) for name in ("request", "user_code")):
            raise InvalidTokenRequestError("request or user_code")
        scopes = set(form.get("scope", "").split())
        wanted = frozenset(scopes - {_OPENID}) or _ASKING
        if _OPENID not in scopes or not wanted <= caller.scopes or not caller.scopes >= _ASKING:
            raise InvalidScopeError("scope")
        if [bool(form.get(name)) for name in ("login_hint", "login_hint_token", "id_token_hint")].count(True) != 1:
            raise InvalidTokenRequestError("hint")
        hint = _HINT.fullmatch(form.get("login_hint", ""))
        if hint is None:
            raise UnknownUserIdError("login_hint")
        binding = form.get("binding_message") or None
        if binding is not None and (
            len(binding) > MAX_BINDING or not binding.isprintable() or not binding.strip() or names_a_person(binding)
        ):
            raise InvalidBindingMessageError("binding_message")
        token = form.get("client_notification_token") or None
        if token is not None and not _BEARER.fullmatch(token):
            raise InvalidTokenRequestError("client_notification_token")
        asked = form.get("requested_expiry") or str(int(EXPIRY.total_seconds()))
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 8):
            raise InvalidTokenRequestError("requested_expiry")
        open_for = min(max(timedelta(seconds=int(asked)), SHORTEST), LONGEST)
        return BackchannelRequest(hint[1], " ".join(sorted(wanted)), binding, token, open_for)

    def begin(self, db: Connection, caller: Caller, request: BackchannelRequest, batch: AskBatch) -> dict[str, Any]:
        """Keep a request with the batch that asks the holder; the answer to the client (OpenID CIBA 7.3).

        Raises:
            UnauthorizedClientError: it wants to be pinged and never said where.
        """
        if request.notification_token is not None and store.endpoint(db, caller.client_id) is None:
            raise UnauthorizedClientError("endpoint")
        auth_req_id = base64url(os.urandom(_REQUEST_BYTES))
        id_, now = _digest(auth_req_id), self._clock.now()
        token = request.notification_token
        values = {
            "id": id_,
            "client": caller.client_id,
            "batch": batch.id,
            "scope": request.scope,
            "interval": INTERVAL_SECONDS,
            "request": self._vault.shut(auth_req_id, _place("request", batch.id)),
            "token": None if token is None else self._vault.shut(token, _place("token", batch.id)),
            "at": now,
            "expires": batch.expires_at,
        }
        store.insert(db, values)
        left = int((batch.expires_at - now).total_seconds())
        return {"auth_req_id": auth_req_id, "expires_in": left, "interval": INTERVAL_SECONDS}

    def poll(self, db: Connection, caller: Caller, epoch: int, auth_req_id: str) -> dict[str, Any] | CredentialError:
        """How far a request is (OpenID CIBA 10 and 11).

        Returns:
            The token response, or the error to answer with: commit in both cases, since a poll counts either way.
        """
        found = store.get(db, _digest(auth_req_id))
        row = None if found is None else _Row(*found)
        if row is None or row.client_id != caller.client_id or row.redeemed_at is not None:
            return InvalidGrantError("auth_req_id")
        now, batch = self._clock.now(), self._batches.get(db, row.batch_id)
        if any(ask.state.value == "pending" for ask in batch.asks):
            if now >= row.expires_at:
                return ExpiredTokenError("expires_at")
            early = row.polled_at is not None and now < row.polled_at + timedelta(seconds=row.interval)
            interval = row.interval + (SLOWER_SECONDS if early else 0)
            store.polled(db, row.id, now, interval)
            return SlowDownError("interval") if early else AuthorizationPendingError("pending")
        given = [self._grants.find(db, ask.grant_id) for ask in batch.asks if ask.grant_id is not None]
        standing = [grant for grant in given if grant.state is GrantState.active]
        if not standing:
            return AccessDeniedError("refused")
        store.redeemed(db, row.id, now)
        scopes = caller.scopes & frozenset(row.scope.split(" "))
        subject = self._holders.pairwise(batch.grantor_id, caller.party_id)
        answer: dict[str, Any] = dict(self._tokens.mint(caller, epoch, scopes))
        answer["id_token"] = self._tokens.id_token(
            caller.client_id, subject, max(grant.given_at for grant in standing), {"acr": _acr(standing)}
        )
        answer["authorization_details"] = [detail(grant) for grant in standing]
        return answer

    def ping(self, db: Connection, batch_id: str) -> Ping | None:
        """Whom to ping for a batch that was answered; None where nobody waits for that any more."""
        found = store.of_batch(db, batch_id)
        row = None if found is None else _Row(*found)
        endpoint = None if row is None else store.endpoint(db, row.client_id)
        if row is None or endpoint is None or row.notification_token is None or row.redeemed_at is not None:
            return None
        token = self._vault.open(row.notification_token, _place("token", batch_id))
        return Ping(endpoint, token, self._vault.open(row.request_id, _place("request", batch_id)))

    def register(self, db: Connection, client_id: str, endpoint: str, operator: str) -> None:
        """Keep where a client is pinged; its address was judged by the caller."""
        store.register(db, client_id, endpoint, operator, self._clock.now())

    @staticmethod
    def remove(db: Connection, client_id: str) -> None:
        """Ping a client no more.

        Raises:
            UnauthorizedClientError: it never was.
        """
        if not store.remove(db, client_id):
            raise UnauthorizedClientError("endpoint")


def detail(grant: Grant) -> dict[str, Any]:
    """A grant as an object of our type of `authorization_details`, enriched as RFC 9396, 7.1 has it."""
    terms = json.loads(grant.body)
    return {
        "type": DETAIL_TYPE,
        "actions": [grant.mode.value],
        "datatypes": sorted(grant.types),
        "objects": sorted(grant.objects),
        "fields": sorted(grant.fields),
        "case_no": grant.case_no,
        "cause": terms["purpose"]["cause"],
        "max_uses": grant.max_uses,
        "frequency": terms["frequency"],
        "fresh_days": grant.fresh_days,
        "regions": sorted(grant.regions),
        "valid_to": rfc3339(grant.valid_to),
        "grant_id": grant.id,
        "terms": grant.digest,
    }


def _acr(grants: list[Grant]) -> str:
    """The least assurance of what was signed."""
    return str(min(grant.assurance for grant in grants))


def _digest(auth_req_id: str) -> bytes:
    return sha256(auth_req_id.encode(errors="surrogatepass")).digest()


def _place(what: str, batch_id: str) -> bytes:
    return f"backchannel/{what}/{batch_id}".encode()


__all__ = ["GRANT_TYPE", "BackchannelRequest", "Ciba", "Ping", "detail"]
