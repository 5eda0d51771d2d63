"""The terms that holders sign, as evidence shows them: of a grant and of a delegation (docs/evidence.md, 8.2). Pure.

`authz` makes them; this reads them again from plain JSON, so that a verifier needs nothing of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from ledger.envelope import is_time
from ledger.errors import ConsentError
from ledger.record import canonical
from ledger.strictjson import integer, items, members, text, unpadded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ANY: Final = "*"
"""In `items` or `types` of a delegation: every one."""
MODES: Final = {"verify": 1, "data": 2, "copy": 3}
UNITS: Final = {"hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000}
"""Seconds of a frequency's unit: a month has thirty days, and every period slides."""
_GRANT_VERSION: Final = 2
_DELEGATION_VERSION: Final = 1
_MAX_LISTED: Final = 200
_REGION: Final = re.compile(r"[0-9]{6}", re.ASCII)
_DIVISION: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """The terms of a grant.

    Attributes:
        digest: what was signed, or what the signed answer names: SHA-256, base64url.
        case: None for every case of the item.
        mode: 1 verify, 2 data, 3 copy.
        frequency: how many uses in how many seconds; None for as many as `max_uses`.
        fresh_days: None for any age.
        valid_from, valid_to: as records spell times, so that texts compare as times do.
        notice: digest of what the holder read; None where it was put in words elsewhere.
    """

    digest: str
    id: str
    basis: str
    holder: str
    org: str
    item: str
    case: str | None
    objects: tuple[str, ...]
    types: tuple[str, ...]
    fields: tuple[str, ...]
    mode: int
    max_uses: int
    frequency: tuple[int, int] | None
    fresh_days: int | None
    valid_from: str
    valid_to: str
    regions: tuple[str, ...]
    notice_version: str
    notice: str | None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> GrantTerms:
        """Read terms.

        Raises:
            NotCanonicalError, ConsentError: not terms of this version.
        """
        needed = {"v", "type", "id", "basis", "grantor", "grantee", "purpose", "objects", "types", "fields", "mode"}
        needed |= {"max_uses", "frequency", "fresh_days", "valid_from", "valid_to", "regions", "parent", "notice"}
        held = members(value, needed, (), "terms")
        _check_kind(held, "cailian/grant", _GRANT_VERSION)
        grantor = members(held["grantor"], {"holder"}, (), "grantor")
        grantee = members(held["grantee"], {"org", "party"}, (), "grantee")
        purpose = members(held["purpose"], {"item", "case", "cause"}, (), "purpose")
        notice = members(held["notice"], {"version", "sha256"}, (), "notice")
        for name, told in (("party", grantee["party"]), ("cause", purpose["cause"])):
            text(told, name)
        if held["parent"] is not None:
            raise ConsentError(reason="terms with a parent")
        return cls(
            digest=digest_of(held),
            id=text(held["id"], "id"),
            basis=text(held["basis"], "basis"),
            holder=text(grantor["holder"], "holder"),
            org=text(grantee["org"], "org"),
            item=text(purpose["item"], "item"),
            case=_optional(purpose["case"], "case"),
            objects=_listed(held["objects"], "objects"),
            types=_listed(held["types"], "types"),
            fields=_listed(held["fields"], "fields"),
            mode=rank(held["mode"]),
            max_uses=integer(held["max_uses"], "max_uses"),
            frequency=_frequency(held["frequency"]),
            fresh_days=None if held["fresh_days"] is None else integer(held["fresh_days"], "fresh_days"),
            valid_from=_time(held["valid_from"], "valid_from"),
            valid_to=_time(held["valid_to"], "valid_to"),
            regions=tuple(region(each) for each in _listed(held["regions"], "regions")),
            notice_version=text(notice["version"], "version of the notice"),
            notice=_optional(notice["sha256"], "notice"),
        )


@dataclass(frozen=True, slots=True)
class DelegationTerms:
    """The terms of a delegation.

    Attributes:
        digest: what was signed.
        parent: None of the first of a chain.
        principal, delegate: commitments, base64url.
        mode: as in `GrantTerms`.
        levels: how many may follow.
    """

    digest: str
    id: str
    parent: str | None
    principal: str
    delegate: str
    items: tuple[str, ...]
    types: tuple[str, ...]
    mode: int
    regions: tuple[str, ...]
    levels: int
    valid_from: str
    valid_to: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> DelegationTerms:
        """Read terms.

        Raises:
            NotCanonicalError, ConsentError: not terms of this version.
        """
        needed = {"v", "type", "id", "parent", "principal", "delegate", "items", "types", "mode", "regions", "levels"}
        held = members(value, needed | {"valid_from", "valid_to", "notice"}, (), "terms")
        _check_kind(held, "cailian/delegation", _DELEGATION_VERSION)
        text(held["notice"], "notice")
        return cls(
            digest=digest_of(held),
            id=text(held["id"], "id"),
            parent=_optional(held["parent"], "parent"),
            principal=text(held["principal"], "principal"),
            delegate=text(held["delegate"], "delegate"),
            items=_listed(held["items"], "items"),
            types=_listed(held["types"], "types"),
            mode=rank(held["mode"]),
            regions=tuple(region(each) for each in _listed(held["regions"], "regions")),
            levels=integer(held["levels"], "levels"),
            valid_from=_time(held["valid_from"], "valid_from"),
            valid_to=_time(held["valid_to"], "valid_to"),
        )

    def exceeded_by(self, child: DelegationTerms) -> str | None:
        """The first term by which a child gives more than this; None where it gives no more."""
        good = {
            "levels": child.levels < self.levels,
            "items": within(child.items, self.items),
            "types": within(child.types, self.types),
            "mode": child.mode <= self.mode,
            "regions": lie_in(child.regions, self.regions),
            "valid_from": child.valid_from >= self.valid_from,
            "valid_to": child.valid_to <= self.valid_to,
        }
        return next((name for name, holds in good.items() if not holds), None)

    def check_child(self, child: DelegationTerms) -> None:
        """Refuse a child that gives more than this.

        Raises:
            ConsentError: it does.
        """
        exceeded = self.exceeded_by(child)
        if exceeded is not None:
            raise ConsentError(reason=f"a delegation gives more than the one above it: {exceeded}")

    def holds_at(self, time: str) -> bool:
        """Whether a moment lies in the period."""
        return self.valid_from <= time < self.valid_to


def digest_of(value: Mapping[str, Any]) -> str:
    """What a holder signs: SHA-256 of the canonical bytes, base64url."""
    return unpadded(sha256(canonical(dict(value))).digest())


def rank(mode: object) -> int:
    """A mode as a number that grows with what it gives.

    Raises:
        ConsentError: no mode we know.
    """
    if not isinstance(mode, str) or mode not in MODES:
        raise ConsentError(reason="unknown mode")
    return MODES[mode]


def region(value: object) -> str:
    """A division code of six digits (GB/T 2260).

    Raises:
        ConsentError: it is none.
    """
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        raise ConsentError(reason="a region that is no division code")
    return value


def division(value: object) -> str:
    """A division code of six, nine or twelve digits: where an organisation sits.

    Raises:
        ConsentError: it is none.
    """
    if not isinstance(value, str) or not _DIVISION.fullmatch(value):
        raise ConsentError(reason="no division code")
    return value


def within(asked: Iterable[str], given: Iterable[str]) -> bool:
    """Whether codes are all given; `*` gives every one."""
    allowed = set(given)
    return ANY in allowed or set(asked) <= allowed


def lie_in(asked: Iterable[str], given: Iterable[str]) -> bool:
    """Whether each division is given, or lies in one that is (GB/T 2260)."""
    allowed = set(given)
    return all({each, each[:4] + "00", each[:2] + "0000"} & allowed for each in asked)


def milliseconds(time: str) -> int:
    """A time of a record as milliseconds since 1970."""
    at = datetime.fromisoformat(time)
    return int(at.replace(microsecond=0).timestamp()) * 1000 + at.microsecond // 1000


def _check_kind(held: Mapping[str, Any], kind: str, version: int) -> None:
    if held["type"] != kind or type(held["v"]) is not int or held["v"] != version:
        raise ConsentError(reason="unknown version of terms")


def _frequency(value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    held = members(value, {"count", "unit"}, (), "frequency")
    unit = text(held["unit"], "unit")
    if unit not in UNITS:
        raise ConsentError(reason="unknown unit of a frequency")
    return integer(held["count"], "count"), UNITS[unit]


def _listed(value: object, what: str) -> tuple[str, ...]:
    return tuple(text(each, what) for each in items(value, _MAX_LISTED, what))


def _optional(value: object, what: str) -> str | None:
    return None if value is None else text(value, what)


def _time(value: object, what: str) -> str:
    if not is_time(value):
        raise ConsentError(reason=f"{what} is not a time")
    return str(value)
