"""What the sections `grant` and `delegation` hold beside their entries: signed terms (docs/evidence.md, 2.4). Pure.

Only the form is read here; `ledger.consent`, `ledger.delegationcheck` and `ledger.enforcement` say what it must mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotCanonicalError
from ledger.record import SALT_SIZE
from ledger.strictjson import base64url, items, mapping, members, text

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIGNATURE: Final = 65_536
"""Bytes of a kept signature; a passkey's has about 3,000."""
_IDENTIFIER: Final = frozenset({"code", "country", "type"})


@dataclass(frozen=True, slots=True)
class Consent:
    """What a holder signed.

    Attributes:
        terms: of the grant.
        signature: the kept signature of giving, as text.
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


def consent(value: object) -> Consent:
    """Read the member `consent`.

    Raises:
        NotCanonicalError: it has another form.
    """
    held = members(value, {"terms", "signature"}, {"withdrawal"}, "consent")
    withdrawal = _signature(held["withdrawal"]) if "withdrawal" in held else None
    return Consent(mapping(held["terms"], "terms"), _signature(held["signature"]), withdrawal)


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
