"""What a holder asks of the library, as one canonical object that they see and sign, and nothing else (DESIGN 7).

    {"v": 1, "type": "cailian/request", "action", "id", "subject", "terms"}

The holder signs its digest by any kind of signature (`authz.signatures`). `id` is fresh and names what comes of the
request, so a signature serves once: sent again it finds its own result. `id` also says when it was made: a passkey's
signature holds no time, so one over an old request is refused (`check_fresh`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from authz.errors import InvalidIdentityError
from authz.identifiers import check_organisation
from authz.vault import digest_of
from certs.errors import InvalidRequestError
from ledger.errors import NotCanonicalError
from ledger.record import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION: Final = 1
KIND: Final = "cailian/request"
MAX_CLAIM: Final = 2000
MAX_FIELDS: Final = 64
FRESH: Final = timedelta(minutes=5)
AHEAD: Final = timedelta(seconds=10)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
"""How old a request may be, and how far a clock may be ahead, where a key signs it; as long as a login is fresh."""
MAX_KEY: Final = 64
"""Longest member of a public key of P-256 (RFC 7518, 6.2.1): 43 characters."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_COUNTER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _organisation(value: object) -> bool:
    try:
        check_organisation(value if isinstance(value, str) else "")
    except InvalidIdentityError:
        return False
    return True


def _organisation_or_none(value: object) -> bool:
    return value is None or _organisation(value)


def _counter(value: object) -> bool:
    return value is None or (isinstance(value, str) and _COUNTER.fullmatch(value) is not None)


def _fields(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_FIELDS
        and all(isinstance(each, str) and _FIELD.fullmatch(each) for each in value)
        and value == sorted(set(value))
    )


def _fields_or_all(value: object) -> bool:
    return value is None or (_fields(value) and bool(value))


def _key(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"kty", "crv", "x", "y"}
        and all(isinstance(each, str) and len(each) <= MAX_KEY for each in value.values())
    )


def _claim(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_CLAIM and value.isprintable()


def _answer(value: object) -> bool:
    return isinstance(value, str) and value in {"yes", "no"}


def _digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


ACTIONS: Final[Mapping[str, Mapping[str, Callable[[object], bool]]]] = {
    # 亮证: to one organisation, at one counter of it where named, some fields or all that the type presents
    "show": {"org": _organisation, "counter": _counter, "fields": _fields_or_all},
    "print-code": {},
    "company-code": {},
    "void-code": {},
    "open-delivery": {},
    "dispute": {"claim": _claim, "fields": _fields},
    "withdraw-dispute": {},
    "credential": {"key": _key},
    "inbox": {},
    # to log in at the node's pages, and look (`authz.sessions`)
    "session": {},
    # one's own ledger, or that of an organisation one represents
    "ledger": {"organisation": _organisation_or_none},
    "report": {"text": _claim},
    # a yes or no to what was asked, named by the digest of the statement; what is held against an act nobody asked for
    "answer": {"answer": _answer, "statement": _digest},
    "object": {"claim": _claim},
    # to take back a signed letter of commitment before it counts, or not to sign it
    "refuse-commitment": {},
}
"""What may be asked, and the terms of each."""


@dataclass(frozen=True, slots=True)
class HolderRequest:
    """One request.

    Attributes:
        action: of `ACTIONS`.
        id: fresh UUID; what comes of the request has it.
        subject: UUID of what it is about: a licence, a code, a delivery, a dispute, a line of the ledger, an
            inquiry, a commitment, what is objected to; for `inbox`, `session` and `ledger` the request itself.
        terms: as `ACTIONS` says.

    Raises:
        InvalidRequestError: a member is malformed; `term` names it.
    """

    action: str
    id: str
    subject: str
    terms: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse what nobody could enforce or understand."""
        wanted = ACTIONS.get(self.action)
        if wanted is None:
            raise InvalidRequestError(term="action")
        for term in ("id", "subject"):
            value = getattr(self, term)
            if not (isinstance(value, str) and _UUID.fullmatch(value)):
                raise InvalidRequestError(term=term)
        if self.action in {"inbox", "session", "ledger"} and self.subject != self.id:
            raise InvalidRequestError(term="subject")
        if not isinstance(self.terms, dict) or self.terms.keys() != wanted.keys():
            raise InvalidRequestError(term="terms")
        for term, is_good in wanted.items():
            if not is_good(self.terms[term]):
                raise InvalidRequestError(term=term)

    def document(self) -> dict[str, Any]:
        """The request as it is shown and hashed."""
        return {
            "v": VERSION,
            "type": KIND,
            "action": self.action,
            "id": self.id,
            "subject": self.subject,
            "terms": dict(self.terms),
        }

    def encode(self) -> bytes:
        """The canonical bytes."""
        try:
            return canonical(self.document())
        except NotCanonicalError as error:
            raise InvalidRequestError(term="encoding") from error

    def check_subject(self, subject: str) -> None:
        """Refuse a request about something else than the address names.

        Raises:
            InvalidRequestError: it is.
        """
        if self.subject != subject:
            raise InvalidRequestError(term="subject")

    def check_fresh(self, now: datetime) -> None:
        """Refuse a request that was not made just now, by the time in its id (UUID version 7, RFC 9562 5.7).

        Raises:
            InvalidRequestError: it was not, or its id holds no time.
        """
        made = int(self.id[:8] + self.id[9:13], 16)  # milliseconds; 48 bits reach beyond what a datetime holds
        age = (now - _EPOCH) // _MILLISECOND - made
        if self.id[14] != "7" or not -AHEAD // _MILLISECOND <= age <= FRESH // _MILLISECOND:
            raise InvalidRequestError(term="id")

    @property
    def digest(self) -> str:
        """What the holder signs: SHA-256 of the canonical bytes, base64url."""
        return digest_of(self.encode())

    @classmethod
    def read(cls, document: Mapping[str, Any], *actions: str) -> Self:
        """Read a request as it was shown.

        Args:
            document: the parsed object.
            actions: what it may ask here.

        Raises:
            InvalidRequestError: not a request of this version, or of another action.
        """
        if document.keys() != {"v", "type", "action", "id", "subject", "terms"}:
            raise InvalidRequestError(term="form")
        if (document["v"], document["type"]) != (VERSION, KIND) or document["v"] is True:
            raise InvalidRequestError(term="form")
        if document["action"] not in actions:
            raise InvalidRequestError(term="action")
        return cls(document["action"], document["id"], document["subject"], document["terms"])
