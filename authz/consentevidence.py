"""What a bundle shows of a consent besides its log entries: terms, kept signatures, the chain (docs/evidence.md, 8).

Nothing is made here: it is what was kept when the holder signed, opened for who may see it, the grantee and the holder.
Commitments of delegations stay shut: the node does not keep what opens them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from authz import jose, signers
from authz.delegations import DELEGATE
from authz.errors import CredentialError, SealBrokenError, UnknownDelegationError
from authz.store import delegations, keys, uses as store
from ledger import store as log
from ledger.envelope import MAX_EARLIER, MAX_ENTRIES
from ledger.errors import RecordErasedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from authz.delegations import Delegation, Delegations
    from authz.grants import Grants
    from authz.model import Caller, Grant, Use
    from authz.refusals import RefusedAsk

_LOGIN: Final = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "acr", "amr", "azp", "jti", "sid"}
) | {"at_hash", "c_hash", "s_hash", "jkt", "storage", "uv"}
"""Claims that say who logged in how: OpenID Connect Core 1.0, 2 and 3.3.2.11; of a host app, docs/signers.md, 4."""
_SLACK: Final = 32
"""How many uses of a grant may bear another order by their times than by their numbers: as many as wait at a time."""


@dataclass
class Sections:
    """Parts of a bundle.

    Attributes:
        entries: log entries by act.
        members: what acts hold beside their entries.
    """

    entries: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)


class ConsentEvidence:
    """Opens what was kept of consents.

    Args:
        grants, delegations: what was signed.
    """

    def __init__(self, grants: Grants, delegations: Delegations) -> None:
        self._grants = grants
        self._delegations = delegations

    def of_grant(self, db: Connection, grant: Grant) -> Sections:
        """A grant, its end if it has one, the enrolment of the key that signed, and the chain it was signed by.

        What was changed in the database so that it opens no more is left out: the bundle then shows no signature.
        """
        ended = [] if grant.withdrawal_entry_id is None else [grant.withdrawal_entry_id]
        made = Sections({"grant": [grant.entry_id, *ended]})
        try:
            given, withdrawn = self._grants.evidence_of(db, grant.id)
            consent = {"terms": _object(grant.body), "signature": given}
        except (SealBrokenError, ValueError):
            return made
        if ended and withdrawn is not None:
            consent["withdrawal"] = withdrawn
        made.members["grant"] = {"consent": consent}
        kept = [given, *([] if withdrawn is None else [withdrawn])]
        if (grant.representation or "").startswith(DELEGATE):
            kept += self._chain(db, (grant.representation or "").partition(":")[2], made)
        self._enrolled(db, kept, made)
        return made

    def of_refusal(self, db: Connection, refused: RefusedAsk) -> Sections:
        """A holder's no, the enrolment of the key that signed, and the chain it was signed by; as `of_grant`."""
        made = Sections({"refusal": [refused.entry_id]})
        try:
            terms = _object(refused.ask.body)
        except ValueError:
            return made
        if refused.signature is None:
            return made
        made.members["refusal"] = {"decision": {"terms": terms, "signature": refused.signature}}
        kept = [refused.signature]
        if (refused.representation or "").startswith(DELEGATE):
            kept += self._chain(db, (refused.representation or "").partition(":")[2], made)
        self._enrolled(db, kept, made)
        return made

    def relied_on(self, db: Connection, caller: Caller, delegation_id: str) -> Delegation:
        """A delegation by which, or below which, a grant was signed that the caller's organisation holds.

        Raises:
            UnknownDelegationError: there is none, or it is none of the organisation's business.
        """
        if not delegations.is_relied_on(db, delegation_id, caller.party_id):
            raise UnknownDelegationError
        return self._delegations.get(db, delegation_id)

    def of_delegation(self, db: Connection, delegation: Delegation) -> Sections:
        """A chain of delegations from its beginning to this one; without signatures where one opens no more."""
        made = Sections({"delegation": [self._delegations.get(db, each).entry_id for each in delegation.chain]})
        self._enrolled(db, self._chain(db, delegation.terms.id, made), made)
        return made

    @staticmethod
    def earlier(db: Connection, use: Use, grant: Grant) -> list[str]:
        """Entries of a grant's uses before one, by the numbers in their records; a number taken twice shows too."""
        mine = _number(db, use.intent_entry_id, grant.id)
        if mine is None:
            return []
        found = []
        for entry_id in store.entries_near(db, grant.id, use, MAX_EARLIER + _SLACK, _SLACK):
            number = _number(db, entry_id, grant.id)
            if number is not None and number <= mine:
                found.append((number, entry_id))
        return [entry_id for _, entry_id in sorted(found)[-MAX_EARLIER:]]

    def _chain(self, db: Connection, delegation_id: str, made: Sections) -> list[str]:
        """Add the chain; the signatures it was given by."""
        try:
            links = self._delegations.evidence_of(db, delegation_id)
            shown = [{"terms": _object(link.body), "signature": link.signature} for link in links]
        except (SealBrokenError, ValueError):
            return []
        if links:
            made.entries["delegation"] = [link.entry_id for link in links]
            made.members["delegation"] = {"links": shown}
        return [link.signature for link in links]

    @staticmethod
    def _enrolled(db: Connection, kept: Iterable[str], made: Sections) -> None:
        named = dict.fromkeys(name for each in kept if (name := _key_of(each)) is not None)
        entries = [entry for name in named if (entry := keys.entry(db, name)) is not None]
        if entries:
            made.entries["key"] = entries[:MAX_ENTRIES]


def nameless(shown: Sections, act: str) -> Sections:
    """For who may not know whom it is about: what was signed is left out where a token in it tells more than a login.

    A provider that puts a telephone number into its token (docs/asking.md) tells it to whoever reads the token.

    Args:
        act: the main one, whose entries stay.
    """
    return Sections({act: shown.entries[act]}) if _names(shown.members) else shown


def _names(value: object) -> bool:
    """Whether a token anywhere in a kept signature has a claim beyond those of a login."""
    if isinstance(value, dict):
        return any(map(_names, value.values()))
    if isinstance(value, list):
        return any(map(_names, value))
    if not isinstance(value, str):
        return False
    try:
        held = signers.read(value)
        return _names(held) if held is not None else not jose.parse(value, CredentialError).claims.keys() <= _LOGIN
    except CredentialError:
        return False


def _object(body: bytes) -> dict[str, Any]:
    """Terms as an object.

    Raises:
        ValueError: they are none any more.
    """
    held = json.loads(body)
    if not isinstance(held, dict):
        raise ValueError(type(held).__name__)  # noqa: TRY004 - one kind for everything that is no object
    return held


def _key_of(kept: str) -> str | None:
    """Id of the key that made a kept signature; None where none did."""
    try:
        held: Mapping[str, Any] = signers.read(kept) or {}
        return str(held["enrolment"]["terms"]["id"])
    except (CredentialError, KeyError, TypeError):
        return None


def _number(db: Connection, entry_id: str, grant_id: str) -> int | None:
    """Which use of a grant an entry is; None where its record does not say so, or was erased."""
    try:
        parties = json.loads(log.record(db, entry_id).parties)
    except RecordErasedError:
        return None
    for each in (parties, *parties.get("grants", [])):
        if each.get("grant") == grant_id and "grant_use" in each:
            return int(each["grant_use"])
    return None
