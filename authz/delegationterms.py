"""The terms of a delegation: the canonical object that whoever gives power signs (DESIGN 7, DOMAIN (a) 委托授权).

    {"v": 1, "type": "cailian/delegation", "id", "parent", "principal", "delegate", "items", "types", "mode",
     "regions", "levels", "valid_from", "valid_to", "notice"}

`principal` (whom the delegate will act for) and `delegate` are commitments to an identity code under a salt of 16
random bytes that whoever makes the terms chooses: the terms name both parties for good, and show neither to anybody
who was not told code and salt. A child gives at most what its parent gives, and `levels` counts how many may follow: by
the verifiers' own rules (`ledger.signedterms`), since what they say of a chain is what counts later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from authz.errors import DelegationTooWideError, InvalidTermsError
from authz.model import Mode
from authz.terms import MAX_LISTED, MAX_PERIOD, NOTICE_VERSION
from authz.termsdocument import SignedTerms
from authz.vault import base64url, digest_of
from ledger import signedterms
from ledger.clock import parse_rfc3339, rfc3339
from ledger.record import canonical
from ledger.signedterms import ANY, MODES, lie_in, within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.model import Identifier

VERSION: Final = 1
KIND: Final = "cailian/delegation"
MAX_LEVELS: Final = 2
"""Delegations that may follow the first: legal representative, manager, agent, and one more."""
SALT_SIZE: Final = 16

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COMMITMENT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE: Final = re.compile(r"\*|[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_REGION: Final = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody wants to sign for another, or do by a grant so signed.

    Attributes:
        items, types, regions: codes; empty where the question does not arise.
        valid_to: until when it is to hold; None where that does not matter.
    """

    items: frozenset[str]
    types: frozenset[str]
    mode: Mode
    regions: frozenset[str]
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class DelegationBody(SignedTerms):
    """The terms of one delegation.

    Attributes:
        id: of the delegation, chosen by whoever makes the terms.
        parent: the delegation by which the signer has what it gives; None where the signer is the principal, or
            represents it.
        principal, delegate: commitments, base64url of SHA-256.
        items, types: codes, or `*` alone.
        regions: division codes; one of a province or city covers what lies in it.
        levels: how many delegations may follow this one, 0 to 2.
        valid_from, valid_to: the period, at most 366 days.

    Raises:
        InvalidTermsError: a term is malformed; `term` names it.
    """

    id: str
    parent: str | None
    principal: str
    delegate: str
    items: tuple[str, ...]
    types: tuple[str, ...]
    mode: Mode
    regions: tuple[str, ...]
    levels: int
    valid_from: datetime
    valid_to: datetime
    notice: str = NOTICE_VERSION

    def __post_init__(self) -> None:
        """Refuse what nobody could enforce."""
        checks = {
            "id": bool(_UUID.fullmatch(self.id)),
            "parent": self.parent is None or bool(_UUID.fullmatch(self.parent)),
            "principal": bool(_COMMITMENT.fullmatch(self.principal)),
            "delegate": bool(_COMMITMENT.fullmatch(self.delegate)) and self.delegate != self.principal,
            "items": _is_list(self.items, _CODE),
            "types": _is_list(self.types, _CODE),
            "regions": _is_list(self.regions, _REGION),
            "levels": type(self.levels) is int and 0 <= self.levels <= MAX_LEVELS,
            "valid_to": timedelta(0) < self.valid_to - self.valid_from <= MAX_PERIOD,
            "notice": bool(_CODE.fullmatch(self.notice)),
        }
        for term, good in checks.items():
            if not good:
                raise InvalidTermsError(term=term)

    def document(self) -> dict[str, Any]:
        """As `SignedTerms.document`."""
        return {
            "v": VERSION,
            "type": KIND,
            "id": self.id,
            "parent": self.parent,
            "principal": self.principal,
            "delegate": self.delegate,
            "items": list(self.items),
            "types": list(self.types),
            "mode": self.mode.value,
            "regions": list(self.regions),
            "levels": self.levels,
            "valid_from": rfc3339(self.valid_from),
            "valid_to": rfc3339(self.valid_to),
            "notice": self.notice,
        }

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            document["id"],
            document["parent"],
            document["principal"],
            document["delegate"],
            tuple(document["items"]),
            tuple(document["types"]),
            Mode(document["mode"]),
            tuple(document["regions"]),
            document["levels"],
            parse_rfc3339(document["valid_from"]),
            parse_rfc3339(document["valid_to"]),
            document["notice"],
        )

    def check_child(self, child: DelegationBody) -> None:
        """Refuse a child that gives more than this.

        Raises:
            DelegationTooWideError: it does; `term` names the first thing.
        """
        above, below = (signedterms.DelegationTerms.of(each.document()) for each in (self, child))
        exceeded = above.exceeded_by(below)
        if exceeded is not None:
            raise DelegationTooWideError(term=exceeded)

    def covers(self, scope: Scope, at: datetime) -> bool:
        """Whether a delegate may do this, at a moment."""
        return (
            self.valid_from <= at < self.valid_to
            and (scope.valid_to is None or scope.valid_to <= self.valid_to)
            and within(scope.items, self.items)
            and within(scope.types, self.types)
            and MODES[scope.mode] <= MODES[self.mode]
            and lie_in(scope.regions, self.regions)
        )


def commitment(identifier: Identifier, salt: bytes) -> str:
    """What stands for an identity code in terms: SHA-256 over salt and canonical identifier, base64url.

    Raises:
        InvalidTermsError: a salt of another length than 16 bytes.
    """
    if len(salt) != SALT_SIZE:
        raise InvalidTermsError(term="salt")
    named = {"code": identifier.code, "country": identifier.country, "type": identifier.type}
    return base64url(sha256(salt + canonical(named)).digest())


def ending(delegation_id: str) -> tuple[bytes, str]:
    """What is signed to end a delegation: the canonical bytes, and their digest."""
    document = canonical({"action": "end", "delegation": delegation_id, "v": VERSION})
    return document, digest_of(document)


def _is_list(values: tuple[str, ...], form: re.Pattern[str]) -> bool:
    return (
        1 <= len(values) <= MAX_LISTED
        and all(isinstance(value, str) and form.fullmatch(value) for value in values)
        and list(values) == sorted(set(values))
        and (ANY not in values or len(values) == 1)
    )
