"""Selective disclosure (RFC 9901): what may be shown one by one, and how a verifier puts it together again.

Pure. A *disclosure* is base64url of `[salt, name, value]` for a member of an object, `[salt, value]` for an element of
an array; the signed payload holds only its SHA-256. `member` and `element` make them, `reveal` puts together again what
was disclosed (RFC 9901 7.1, step 3).

What `reveal` stops: a disclosure that nothing refers to (smuggled text), one referred to twice, a digest that stands
twice (one text in two places), a disclosed name that is already there or is one of the mechanism's own.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from authz.vault import base64url
from certs.errors import InvalidCredentialError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ALGORITHM: Final = "sha-256"
"""`_sd_alg`, a name of the IANA Named Information registry (RFC 9901 4.1.1)."""
MAX_DISCLOSURES: Final = 512
_SALT_BYTES: Final = 16
"""128 bits (RFC 9901 9.3)."""
_MULTIPLE: Final = 8
"""Digests of an object are filled up to a multiple of so many with decoys (RFC 9901 4.2.5)."""
_DEPTH: Final = 16
_SD: Final = "_sd"
_ELEMENT: Final = "..."


@dataclass(frozen=True, slots=True)
class Concealed:
    """Something that may be disclosed.

    Attributes:
        digest: what the signed text holds instead.
        disclosure: the text that opens it.
    """

    digest: str
    disclosure: str


def member(name: str, value: object) -> Concealed:
    """Conceal a member of an object (RFC 9901 4.2.1)."""
    return _concealed([_salt(), name, value])


def element(value: object) -> Concealed:
    """Conceal an element of an array (RFC 9901 4.2.2)."""
    return _concealed([_salt(), value])


def digests(concealed: Iterable[Concealed]) -> list[str]:
    """The `_sd` of an object: digests and decoys, sorted, so that neither number nor order of the members shows."""
    held = [each.digest for each in concealed]
    decoys = (base64url(sha256(secrets.token_bytes(32)).digest()) for _ in range(-len(held) % _MULTIPLE))
    return sorted([*held, *decoys])


def digest_of(disclosure: str) -> str:
    """The digest of a disclosure: over its text as it is sent, not over what it decodes to (RFC 9901 4.2.3)."""
    return base64url(sha256(disclosure.encode("ascii")).digest())


def read(disclosure: str) -> list[Any]:
    """Decode a disclosure: `[salt, name, value]` or `[salt, value]`.

    Raises:
        InvalidCredentialError: it is neither.
    """
    try:
        parts = _DECODER.decode(urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)).decode())
    except (ValueError, RecursionError) as error:
        raise InvalidCredentialError(reason="disclosure") from error
    if not isinstance(parts, list) or len(parts) not in {2, 3} or not isinstance(parts[0], str):
        raise InvalidCredentialError(reason="disclosure form")
    if len(parts) == 3 and (not isinstance(parts[1], str) or parts[1] in {_SD, _ELEMENT}):
        raise InvalidCredentialError(reason="disclosure name")
    return parts


def reveal(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """The payload with everything disclosed in its place and the mechanism's own members removed.

    Raises:
        InvalidCredentialError: see the module's text.
    """
    if len(disclosures) > MAX_DISCLOSURES:
        raise InvalidCredentialError(reason="number of disclosures")
    if payload.get("_sd_alg", ALGORITHM) != ALGORITHM:
        raise InvalidCredentialError(reason="digest algorithm")
    by_digest = {digest_of(each): read(each) for each in disclosures}
    if len(by_digest) != len(disclosures):
        raise InvalidCredentialError(reason="disclosure twice")
    revealing = _Revealing(by_digest)
    held = revealing.value({name: value for name, value in payload.items() if name != "_sd_alg"}, 0)
    if revealing.used != by_digest.keys():
        raise InvalidCredentialError(reason="disclosure without digest")
    return dict(held)


class _Revealing:
    """One walk over a payload."""

    def __init__(self, by_digest: Mapping[str, list[Any]]) -> None:
        self._by_digest = by_digest
        self._seen: set[str] = set()
        self.used: set[str] = set()

    def value(self, given: Any, depth: int) -> Any:
        if depth > _DEPTH:
            raise InvalidCredentialError(reason="depth")
        if isinstance(given, dict):
            return self._object(given, depth)
        if isinstance(given, list):
            return self._array(given, depth)
        return given

    def _object(self, given: dict[str, Any], depth: int) -> dict[str, Any]:
        if _ELEMENT in given:  # stands for an element only, in an array
            raise InvalidCredentialError(reason="reserved name")
        held = {name: self.value(value, depth + 1) for name, value in given.items() if name != _SD}
        hidden = given.get(_SD, [])
        if not isinstance(hidden, list):
            raise InvalidCredentialError(reason="digests")
        for digest in hidden:
            parts = self._open(digest, 3)
            if parts is None:
                continue
            if parts[1] in held:
                raise InvalidCredentialError(reason="name twice")
            held[parts[1]] = self.value(parts[2], depth + 1)
        return held

    def _array(self, given: list[Any], depth: int) -> list[Any]:
        held = []
        for each in given:
            if isinstance(each, dict) and each.keys() == {_ELEMENT}:
                parts = self._open(each[_ELEMENT], 2)
                if parts is not None:
                    held.append(self.value(parts[1], depth + 1))
            else:
                held.append(self.value(each, depth + 1))
        return held

    def _open(self, digest: object, size: int) -> list[Any] | None:
        """What a digest stands for; None for a decoy or what stays hidden."""
        if not isinstance(digest, str) or digest in self._seen:
            raise InvalidCredentialError(reason="digest twice or no text")
        self._seen.add(digest)
        parts = self._by_digest.get(digest)
        if parts is None:
            return None
        if len(parts) != size:
            raise InvalidCredentialError(reason="disclosure in the wrong place")
        self.used.add(digest)
        return parts


def _concealed(parts: list[Any]) -> Concealed:
    disclosure = base64url(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode())
    return Concealed(digest_of(disclosure), disclosure)


def _salt() -> str:
    return base64url(secrets.token_bytes(_SALT_BYTES))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "duplicate member"
        raise ValueError(msg)
    return value


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique)
