"""Asks: what a department would like a holder to allow, kept until the holder answers or time runs out.

The id of an ask is a capability to *read* it (a QR code, a notice); answering takes the holder's signature.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from authz.delegationterms import Scope
from authz.errors import AskClosedError, InvalidTermsError, UnknownAskError
from authz.model import Ask, AskState
from authz.store import grants as store
from authz.terms import GrantBody, refusal_digest
from ledger.clock import rfc3339
from ledger.record import Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.delegations import Delegations
    from authz.grants import Grants
    from authz.holders import Holders
    from authz.model import Caller, Grant
    from authz.signers import Signer
    from ledger.clock import Clock
    from ledger.evidence import Evidence

OPEN_FOR: Final = timedelta(days=7)
_LISTED: Final = 200


class Asks:
    """Keeps asks and takes the holder's answer."""

    def __init__(
        self, evidence: Evidence, grants: Grants, holders: Holders, delegations: Delegations, clock: Clock
    ) -> None:
        self._evidence = evidence
        self._grants = grants
        self._holders = holders
        self._delegations = delegations
        self._clock = clock

    def create(self, db: Connection, caller: Caller, grantor_id: str, operator: str, body: GrantBody) -> Ask:
        """Keep an ask.

        Args:
            grantor_id: the holder.
            operator: handle of who asks; checked by the caller.
            body: from `Grants.propose`.

        Raises:
            InvalidTermsError: the terms are for another organisation or holder.
        """
        if body.party_id != caller.party_id or body.grantor != self._holders.pairwise(grantor_id, caller.party_id):
            raise InvalidTermsError(term="grantee")
        now = self._clock.now()
        expires = min(now + OPEN_FOR, body.valid_to)
        ask = Ask(
            body.id, caller.party_id, grantor_id, operator, body.encode(), body.digest, AskState.pending, now, expires
        )
        store.insert_ask(db, ask)
        return ask

    def get(self, db: Connection, ask_id: str) -> Ask:
        """An ask, for whoever was handed its id.

        Raises:
            UnknownAskError: there is none.
        """
        ask = store.ask(db, ask_id)
        if ask is None:
            raise UnknownAskError
        return ask

    def of_party(self, db: Connection, caller: Caller, ask_id: str) -> Ask:
        """An ask of the caller's organisation.

        Raises:
            UnknownAskError: there is none; another organisation's looks the same.
        """
        ask = store.ask(db, ask_id)
        if ask is None or ask.party_id != caller.party_id:
            raise UnknownAskError
        return ask

    def of_holder(self, db: Connection, holder_id: str) -> list[Ask]:
        """A holder's newest 200 asks."""
        return store.asks_of(db, holder_id, _LISTED)

    def approve(self, db: Connection, ask_id: str, signature: str | Signer) -> Grant:
        """Take the holder's yes: a signature over exactly the terms asked.

        Raises:
            UnknownAskError, AskClosedError: the ask.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError, InvalidTermsError: see `Grants.accept`.
        """
        ask = self._pending(db, ask_id)
        body = GrantBody.decode(ask.body)
        if body.digest != ask.digest:  # a row changed behind our back: what was shown is not what would be given
            raise InvalidTermsError(term="digest")
        grant = self._grants.accept(db, body, grantor_id=ask.grantor_id, signature=signature)
        store.answer_ask(db, ask_id, AskState.approved, grant.id)
        return grant

    def refuse(self, db: Connection, ask_id: str, signature: str) -> Ask:
        """Take the holder's no.

        Args:
            signature: over `terms.refusal_digest(ask_id)`.

        Raises:
            UnknownAskError, AskClosedError: the ask.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        ask = self._pending(db, ask_id)
        terms = GrantBody.decode(ask.body)
        narrow = Scope(frozenset({terms.item_code}), frozenset(terms.types), terms.mode, frozenset())
        signer = self._delegations.signer(db, signature, refusal_digest(ask_id), ask.grantor_id, narrow)
        parties = {
            "ask": ask_id,
            "terms": ask.digest,
            "holder": self._holders.pairwise(ask.grantor_id, ask.party_id),
            "signer": self._holders.pairwise(signer.holder_id, ask.party_id),
            **signer.told(),
        }
        record = Record({"type": "ask.refused", "time": rfc3339(self._clock.now())}, parties)
        self._evidence.append(db, record)
        store.answer_ask(db, ask_id, AskState.refused, None)
        return self.get(db, ask_id)

    def _pending(self, db: Connection, ask_id: str) -> Ask:
        ask = store.ask(db, ask_id, lock=True)
        if ask is None:
            raise UnknownAskError
        if ask.state is not AskState.pending or ask.expires_at <= self._clock.now():
            raise AskClosedError(state=ask.state.value if ask.state is not AskState.pending else "expired")
        return ask
