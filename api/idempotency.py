"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): one effect however often a request is sent.

The answer is written in the unit that makes the effect, so that there is never one without the other. Two requests
with one key that run at the same time both try; the unique key lets one commit, and the other gives the first's answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg.errors import UniqueViolation

from api.errors import IdempotencyKeyMissingError, IdempotencyKeyReusedError, MalformedRequestError
from ledger.sqltext import array, hexed, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.steps import Statement, Steps

MAX_KEY: Final = 200
_FIND: Final = """
SELECT fingerprint, status, body FROM api.idempotency WHERE principal = %(principal)s AND key = %(key)s"""
_KEEP: Final = """
INSERT INTO api.idempotency (principal, key, fingerprint, status, body)
VALUES (%(principal)s, %(key)s, %(fingerprint)s, %(status)s, %(body)s)"""
_KEEP_ALL: Final = """
INSERT INTO api.idempotency (principal, key, fingerprint, status, body)
SELECT * FROM unnest(
  %(principals)s::text[], %(keys)s::text[], %(fingerprints)s::bytea[], %(statuses)s::int[], %(bodies)s::bytea[])"""
_KEY_TAKEN: Final = "pk_idempotency"


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


def find(principal: str, key: str, fingerprint: bytes | None) -> Steps[Answer | None]:
    """The answer given before, if any.

    Args:
        fingerprint: SHA-256 of this request, 32 bytes; None where it is not known yet and only existence matters.

    Raises:
        IdempotencyKeyReusedError: the key belongs to a request that differs.
    """
    rows = yield _FIND, {"principal": principal, "key": key}
    if not rows:
        return None
    asked, status, body = rows[0]
    if fingerprint is not None and bytes(asked) != fingerprint:
        raise IdempotencyKeyReusedError
    return Answer(status, bytes(body))


def keep(principal: str, key: str, fingerprint: bytes, answer: Answer) -> Statement:
    """What writes the answer in the unit that makes the effect; fails by `is_taken` where the key was used before."""
    values = {"principal": principal, "key": key, "fingerprint": fingerprint}
    return _KEEP, {**values, "status": answer.status, "body": answer.body}


def keep_all(kept: Sequence[tuple[str, str, bytes, Answer]]) -> Statement:
    """`keep` for many requests at once: principal, key, fingerprint and answer of each."""
    return _KEEP_ALL, {
        "principals": array(quoted(principal) for principal, _, _, _ in kept),
        "keys": array(quoted(key) for _, key, _, _ in kept),
        "fingerprints": array(hexed(fingerprint) for _, _, fingerprint, _ in kept),
        "statuses": array(str(answer.status) for _, _, _, answer in kept),
        "bodies": array(hexed(answer.body) for _, _, _, answer in kept),
    }


def is_taken(error: BaseException) -> bool:
    """Whether a unit failed because a request with its key committed first; give that one's answer."""
    held = getattr(error, "orig", error)
    return isinstance(held, UniqueViolation) and held.diag.constraint_name == _KEY_TAKEN
