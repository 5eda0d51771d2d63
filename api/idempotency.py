"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): one effect however often a request is sent.

The answer is written in the unit that makes the effect, so that there is never one without the other. Two requests
with one key that run at the same time both try; the unique key lets one commit, and the other gives the first's answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from api.errors import IdempotencyKeyMissingError, IdempotencyKeyReusedError, MalformedRequestError

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_KEY: Final = 200
_FIND = text("select fingerprint, status, body from api.idempotency where principal = :principal and key = :key")
_KEEP = text(
    "insert into api.idempotency (principal, key, fingerprint, status, body)"
    " values (:principal, :key, :fingerprint, :status, :body) on conflict do nothing"
)


class RaceLostError(Exception):
    """Another request with the same key committed first; roll back and give its answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: HTTP status and JSON bytes."""

    status: int
    body: bytes


def check_key(key: str | None) -> str:
    """The key of a request.

    Raises:
        IdempotencyKeyMissingError: there is none.
        MalformedRequestError: it is empty, over 200 characters or not printable ASCII.
    """
    if key is None:
        raise IdempotencyKeyMissingError
    if not (key and len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise MalformedRequestError(header="Idempotency-Key", expected=f"1 to {MAX_KEY} printable ASCII characters")
    return key


def find(db: Connection, principal: str, key: str, fingerprint: bytes | None) -> Answer | None:
    """The answer given before, if any.

    Args:
        fingerprint: SHA-256 of this request, 32 bytes; None where it is not known yet and only existence matters.

    Raises:
        IdempotencyKeyReusedError: the key belongs to a request that differs.
    """
    row = db.execute(_FIND, {"principal": principal, "key": key}).first()
    if row is None:
        return None
    if fingerprint is not None and bytes(row.fingerprint) != fingerprint:
        raise IdempotencyKeyReusedError
    return Answer(row.status, bytes(row.body))


def keep(db: Connection, principal: str, key: str, fingerprint: bytes, answer: Answer) -> None:
    """Write the answer in the unit that makes the effect.

    Raises:
        RaceLostError: the key was used by a request that committed first; let the unit roll back.
    """
    values = {"principal": principal, "key": key, "fingerprint": fingerprint}
    kept = db.execute(_KEEP, {**values, "status": answer.status, "body": answer.body})
    if kept.rowcount == 0:
        raise RaceLostError
