"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): one effect however often a request is sent.

The answer is written in the unit that makes the effect, so that there is never one without the other. Two requests
with one key that run at the same time both try; the unique key lets one commit, and the other gives the first's answer.

Answers tell of people, and requests name them, so neither lies in the database as it is: an answer is sealed under a
key of its own row, and of a request there is a keyed digest, from which nobody can guess what was asked.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.errors import UniqueViolation

from api.errors import IdempotencyKeyMissingError, IdempotencyKeyReusedError, MalformedRequestError
from authz.errors import SealBrokenError
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
_NONCE_SIZE: Final = 12
_VERSION: Final = b"\x01"
"""AES-256-GCM: nonce, ciphertext and tag after it."""


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


class Answers:
    """What was answered, sealed.

    Each row has keys of its own, made from the node's by HMAC, so that the bound on random nonces under one key (2^32,
    NIST SP 800-38D 8.3) is out of sight however many answers a node gives.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def find(self, principal: str, key: str, fingerprint: bytes | None) -> Steps[Answer | None]:
        """The answer given before, if any.

        Args:
            fingerprint: SHA-256 of this request, 32 bytes; None where it is not known yet and only existence matters.

        Raises:
            IdempotencyKeyReusedError: the key belongs to a request that differs.
            SealBrokenError: the row was changed, or is another's.
        """
        rows = yield _FIND, {"principal": principal, "key": key}
        if not rows:
            return None
        asked, status, body = bytes(rows[0][0]), rows[0][1], bytes(rows[0][2])
        is_clear = body.startswith(b"{")  # kept by the release before this one, and forgotten a day after the upgrade
        if fingerprint is not None:
            wanted = fingerprint if is_clear else self._asked(principal, key, fingerprint)
            if asked != wanted:
                raise IdempotencyKeyReusedError
        return Answer(status, body if is_clear else self._open(principal, key, body))

    def keep(self, principal: str, key: str, fingerprint: bytes, answer: Answer) -> Statement:
        """What writes the answer in the unit that makes the effect; fails by `is_taken` where the key was used."""
        return _KEEP, {
            "principal": principal,
            "key": key,
            "fingerprint": self._asked(principal, key, fingerprint),
            "status": answer.status,
            "body": self._shut(principal, key, answer.body),
        }

    def keep_all(self, kept: Sequence[tuple[str, str, bytes, Answer]]) -> Statement:
        """`keep` for many requests at once: principal, key, fingerprint and answer of each."""
        return _KEEP_ALL, {
            "principals": array(quoted(principal) for principal, _, _, _ in kept),
            "keys": array(quoted(key) for _, key, _, _ in kept),
            "fingerprints": array(hexed(self._asked(principal, key, asked)) for principal, key, asked, _ in kept),
            "statuses": array(str(answer.status) for _, _, _, answer in kept),
            "bodies": array(hexed(self._shut(principal, key, answer.body)) for principal, key, _, answer in kept),
        }

    def _asked(self, principal: str, key: str, fingerprint: bytes) -> bytes:
        return hmac.digest(self._of_row("asked", principal, key), fingerprint, "sha256")

    def _shut(self, principal: str, key: str, body: bytes) -> bytes:
        nonce = os.urandom(_NONCE_SIZE)
        return _VERSION + nonce + AESGCM(self._of_row("body", principal, key)).encrypt(nonce, body, _VERSION)

    def _open(self, principal: str, key: str, sealed: bytes) -> bytes:
        nonce, body = sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
        try:
            if sealed[:1] != _VERSION:
                raise SealBrokenError
            return AESGCM(self._of_row("body", principal, key)).decrypt(nonce, body, _VERSION)
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError from error

    def _of_row(self, what: str, principal: str, key: str) -> bytes:
        return hmac.digest(self._key, f"{what}\0{principal}\0{key}".encode(), "sha256")


def is_taken(error: BaseException) -> bool:
    """Whether a unit failed because a request with its key committed first; give that one's answer."""
    held = getattr(error, "orig", error)
    return isinstance(held, UniqueViolation) and held.diag.constraint_name == _KEY_TAKEN
