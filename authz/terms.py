"""The terms of a grant: the canonical object a holder sees and signs, and nothing else (DESIGN 7, DOMAIN c4).

    {"v": 2, "type": "cailian/grant", "id", "basis": "consent" | "separate_consent", "grantor": {"holder"},
     "grantee": {"org", "party"}, "purpose": {"item", "case", "cause"}, "objects", "types", "fields", "mode",
     "max_uses", "frequency": {"count", "unit"} | null, "fresh_days", "valid_from", "valid_to", "regions", "parent",
     "notice": {"version", "sha256"}}

`id` is fresh, so two grants with the same terms have different digests and a signature serves one of them only.
The grantor is a pairwise id: the recipient's copy of the grant links to nobody else's. `notice` names the 告知书 the
holder read (`authz.consentnotice`), by the digest of its bytes.

Several terms can be answered by one signature, over an *answer* that names the terms that are approved and those that
are refused (`answer`): ticked one by one, signed once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from authz.errors import InvalidTermsError
from authz.identifiers import names_a_person
from authz.model import Mode
from authz.termsdocument import SignedTerms
from authz.vault import digest_of
from ledger.clock import parse_rfc3339, rfc3339
from ledger.record import canonical
from ledger.signedterms import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

VERSION: Final = 2
ACT_VERSION: Final = 1
"""Of withdrawals, refusals and answers."""
KIND: Final = "cailian/grant"
NOTICE_VERSION: Final = "2026-11"
"""Version of the wording under which the terms are shown."""
MAX_USES: Final = 1000
MAX_LISTED: Final = 200
MAX_PERIOD: Final = timedelta(days=366)
MAX_CAUSE: Final = 200
MAX_FREQUENCY: Final = 100
MAX_FRESH_DAYS: Final = 3660
CONSENT: Final = "consent"
SEPARATE: Final = "separate_consent"
"""Consent to one thing, ticked by itself: 单独同意 (个人信息保护法, articles 23 and 29)."""

_REGION: Final = re.compile(r"[0-9]{6}")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Frequency:
    """At most `count` uses in any one `unit` of time.

    Raises:
        InvalidTermsError: not 1 to 100, or no unit we know.
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if isinstance(self.count, bool) or not 1 <= self.count <= MAX_FREQUENCY or self.unit not in UNITS:
            raise InvalidTermsError(term="frequency")

    @property
    def seconds(self) -> int:
        """Length of the unit; the period slides: it ends at the use."""
        return UNITS[self.unit]


@dataclass(frozen=True, slots=True)
class GrantBody(SignedTerms):
    """The terms of one grant.

    Attributes:
        id: of the grant to be, and of the ask that carries it.
        grantor: the holder as a pairwise id for the grantee.
        org_code: the grantee's unified social credit code.
        party_id: the grantee.
        case_no: one case only, or None for every case of the item.
        cause: 用证事由 in the requester's words; may not hold an identity or phone number.
        objects: ids of the things granted.
        types: types granted; whatever of them the holder has, now or later within the period.
        fields: fields granted in mode `data`.
        max_uses: 1 to 1,000.
        valid_from, valid_to: the period, at most 366 days, to the millisecond.
        regions: division codes that may receive; one of a province or city covers what lies in it.
        basis: `separate_consent` where the terms are about one thing that was ticked by itself.
        frequency: how often within the period; as often as `max_uses` where None.
        fresh_days: nothing that was older than this when it is used is covered; any age where None.
        notice: version of the notice's wording.
        notice_digest: SHA-256 of the notice, base64url; None where it was put in words elsewhere.

    Raises:
        InvalidTermsError: a term is malformed; `term` names it.
    """

    id: str
    grantor: str
    org_code: str
    party_id: str
    item_code: str
    case_no: str | None
    cause: str
    objects: tuple[str, ...]
    types: tuple[str, ...]
    fields: tuple[str, ...]
    mode: Mode
    max_uses: int
    valid_from: datetime
    valid_to: datetime
    regions: tuple[str, ...]
    basis: str = CONSENT
    frequency: Frequency | None = None
    fresh_days: int | None = None
    notice: str = NOTICE_VERSION
    notice_digest: str | None = None

    def __post_init__(self) -> None:
        """Refuse terms nobody could enforce or understand."""
        check_cause(self.cause)
        self._check_things()
        if isinstance(self.max_uses, bool) or not 1 <= self.max_uses <= MAX_USES:
            raise InvalidTermsError(term="max_uses")
        if self.fresh_days is not None and not 1 <= self.fresh_days <= MAX_FRESH_DAYS:
            raise InvalidTermsError(term="fresh_days")
        if not timedelta(0) < self.valid_to - self.valid_from <= MAX_PERIOD:
            raise InvalidTermsError(term="valid_to")
        for term, value in (("item", self.item_code), ("case", self.case_no or "0"), ("notice", self.notice)):
            if not _CODE.fullmatch(value):
                raise InvalidTermsError(term=term)
        if self.notice_digest is not None and not _DIGEST.fullmatch(self.notice_digest):
            raise InvalidTermsError(term="notice")

    def _check_things(self) -> None:
        listed = (("objects", self.objects, _UUID), ("types", self.types, _CODE), ("regions", self.regions, _REGION))
        for term, values, form in (*listed, ("fields", self.fields, _CODE)):
            if list(values) != sorted(set(values)) or len(values) > MAX_LISTED or not all(map(form.fullmatch, values)):
                raise InvalidTermsError(term=term)
        if not self.objects and not self.types:
            raise InvalidTermsError(term="objects")
        if not self.regions:
            raise InvalidTermsError(term="regions")
        if self.mode is Mode.data and not self.fields:
            raise InvalidTermsError(term="fields")
        one = len(self.objects) + len(self.types) == 1
        if self.basis not in {CONSENT, SEPARATE} or (self.basis == SEPARATE and not one):
            raise InvalidTermsError(term="basis")

    def document(self) -> dict[str, Any]:
        """As `SignedTerms.document`; `parent` stands for grants under grants, which nothing enforces yet."""
        return {
            "v": VERSION,
            "type": KIND,
            "id": self.id,
            "basis": self.basis,
            "grantor": {"holder": self.grantor},
            "grantee": {"org": self.org_code, "party": self.party_id},
            "purpose": {"item": self.item_code, "case": self.case_no, "cause": self.cause},
            "objects": list(self.objects),
            "types": list(self.types),
            "fields": list(self.fields),
            "mode": self.mode.value,
            "max_uses": self.max_uses,
            "frequency": None
            if self.frequency is None
            else {"count": self.frequency.count, "unit": self.frequency.unit},
            "fresh_days": self.fresh_days,
            "valid_from": rfc3339(self.valid_from),
            "valid_to": rfc3339(self.valid_to),
            "regions": list(self.regions),
            "parent": None,
            "notice": {"version": self.notice, "sha256": self.notice_digest},
        }

    @classmethod
    def _read(cls, document: Mapping[str, Any]) -> Self:
        purpose, grantee, often = document["purpose"], document["grantee"], document["frequency"]
        return cls(
            document["id"],
            document["grantor"]["holder"],
            grantee["org"],
            grantee["party"],
            purpose["item"],
            purpose["case"],
            purpose["cause"],
            tuple(document["objects"]),
            tuple(document["types"]),
            tuple(document["fields"]),
            Mode(document["mode"]),
            document["max_uses"],
            parse_rfc3339(document["valid_from"]),
            parse_rfc3339(document["valid_to"]),
            tuple(document["regions"]),
            document["basis"],
            None if often is None else Frequency(often["count"], often["unit"]),
            document["fresh_days"],
            document["notice"]["version"],
            document["notice"]["sha256"],
        )


def sorted_terms(values: Iterable[str]) -> tuple[str, ...]:
    """A list of terms in the one order they are signed in."""
    return tuple(sorted(set(values)))


def check_cause(cause: str) -> None:
    """Refuse a cause that says nothing or names a person.

    Raises:
        InvalidTermsError: empty, over 200 characters, unprintable, or with an identity or phone number in it.
    """
    if not cause.strip() or len(cause) > MAX_CAUSE or not cause.isprintable() or names_a_person(cause):
        raise InvalidTermsError(term="cause")


def withdrawal(grant_id: str) -> tuple[bytes, str]:
    """What a holder signs to withdraw a grant: the canonical bytes, and their digest."""
    document = canonical({"action": "withdraw", "grant": grant_id, "v": ACT_VERSION})
    return document, digest_of(document)


def refusal_digest(ask_id: str) -> str:
    """What a holder signs to refuse an ask, so that no passer-by can refuse for them."""
    return digest_of(canonical({"action": "refuse", "ask": ask_id, "v": ACT_VERSION}))


def answer(batch_id: str, notice_digest: str, approved: Iterable[str], refused: Iterable[str]) -> tuple[bytes, str]:
    """What a holder signs to answer several asks at once: the canonical bytes, and their digest.

    Args:
        batch_id: of the asks that were put together.
        notice_digest: of the notice that was read, base64url.
        approved, refused: digests of the terms.
    """
    document = canonical(
        {
            "action": "answer",
            "approved": sorted(approved),
            "batch": batch_id,
            "notice": notice_digest,
            "refused": sorted(refused),
            "v": ACT_VERSION,
        }
    )
    return document, digest_of(document)


def approves(document: bytes, digest: str) -> bool:
    """Whether an answer approves the terms of a digest."""
    try:
        held = json.loads(document)
        return held["action"] == "answer" and held["v"] == ACT_VERSION and digest in held["approved"]
    except (ValueError, KeyError, TypeError):
        return False
