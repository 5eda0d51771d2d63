"""What sections hold beside their entries: signed terms, and why a use was refused (docs/evidence.md, 2.4). Pure.

Only the form is read here; `ledger.consent`, `ledger.delegationcheck` and `ledger.enforcement` say what it must mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotCanonicalError
from ledger.record import SALT_SIZE, canonical
from ledger.strictjson import base64url, items, mapping, members, text, unpadded

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIGNATURE: Final = 65_536
"""Bytes of a kept signature; a passkey's has about 3,000."""
_IDENTIFIER: Final = frozenset({"code", "country", "type"})
_MAX_POLICIES: Final = 64
_WHY: Final = b"cailian/why/v1\0"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a holder signed.

    Attributes:
        terms: of the grant.
        signature: the kept signature of giving, or of refusing, as text.
        withdrawal: that of taking back; None where it is not shown.
    """

    terms: Mapping[str, Any]
    signature: str
    withdrawal: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a commitment of terms stands for."""

    salt: bytes
    identifier: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """One delegation of a chain.

    Attributes:
        terms: what its delegator signed.
        signature: the kept signature, as text.
        opened: commitments of the terms that whoever made the bundle opens, by the member's name.
    """

    terms: Mapping[str, Any]
    signature: str
    opened: Mapping[str, Opened]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a use was refused, which its record holds as a commitment: its holder may know, who asked may not.

    Attributes:
        digest: what the record holds, base64url.
        reason: code of the first reason.
        holder: pairwise id of whose thing it is; None where there is no such thing.
        policies: ids of the policies that decided.
    """

    digest: str
    reason: str
    holder: str | None
    policies: tuple[str, ...]


def consent(value: object) -> Consent:
    """Read the member `consent`.

    Raises:
        NotCanonicalError: it has another form.
    """
    held = members(value, {"terms", "signature"}, {"withdrawal"}, "consent")
    withdrawal = _signature(held["withdrawal"]) if "withdrawal" in held else None
    return Consent(mapping(held["terms"], "terms"), _signature(held["signature"]), withdrawal)


def decision(value: object) -> Consent:
    """Read the member `decision`: what a holder signed to refuse.

    Raises:
        NotCanonicalError: it has another form.
    """
    held = members(value, {"terms", "signature"}, (), "decision")
    return Consent(mapping(held["terms"], "terms"), _signature(held["signature"]), None)


def why(value: object) -> Why:
    """Read the member `why`.

    Raises:
        NotCanonicalError: it has another form.
    """
    held = members(value, {"salt", "content"}, (), "why")
    salt = base64url(held["salt"], "salt")
    content = members(held["content"], {"holder", "policies", "reason"}, (), "why")
    if len(salt) != SALT_SIZE:
        raise NotCanonicalError(reason="salt is not 16 bytes")
    return Why(
        why_digest(salt, content),
        text(content["reason"], "reason"),
        None if content["holder"] is None else text(content["holder"], "holder"),
        tuple(text(each, "policies") for each in items(content["policies"], _MAX_POLICIES, "policies")),
    )


def why_digest(salt: bytes, content: Mapping[str, Any]) -> str:
    """What the record of a refused use holds in the place of why.

    Args:
        salt: 16 random bytes.
        content: `holder`, `policies`, `reason`.
    """
    return unpadded(sha256(_WHY + salt + canonical(dict(content))).digest())


def links(value: object, number: int) -> tuple[Link, ...]:
    """Read the member `links`.

    Args:
        value: the member.
        number: how many entries stand beside it: one link for each.

    Raises:
        NotCanonicalError: it has another form.
    """
    return tuple(_link(each) for each in items(value, number, "links", least=number))


def _link(value: object) -> Link:
    held = members(value, {"terms", "signature"}, {"opened"}, "link")
    opened = members(held["opened"], (), {"principal", "delegate"}, "opened") if "opened" in held else {}
    return Link(
        mapping(held["terms"], "terms"),
        _signature(held["signature"]),
        {name: _opened(each) for name, each in opened.items()},
    )


def _opened(value: object) -> Opened:
    held = members(value, {"salt", "identifier"}, (), "opened")
    salt = base64url(held["salt"], "salt")
    if len(salt) != SALT_SIZE:
        raise NotCanonicalError(reason="salt is not 16 bytes")
    identifier = members(held["identifier"], _IDENTIFIER, (), "identifier")
    return Opened(salt, {name: text(identifier[name], name) for name in sorted(_IDENTIFIER)})


def _signature(value: object) -> str:
    signature = text(value, "signature")
    if len(signature.encode()) > MAX_SIGNATURE:
        raise NotCanonicalError(reason="signature too large")
    return signature
