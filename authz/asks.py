"""Asks: what a department would like a holder to allow, kept until the holder answers or time runs out.

Asks that one notice covers are a batch (`authz.askbatches`), and may be answered together or each by itself. The id of
an ask is a capability to *read* it; answering takes the holder's signature.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from authz.delegationterms import Scope
from authz.errors import AskClosedError, InvalidTermsError, UnknownAskError
from authz.model import Ask, AskState
from authz.noticekinds import NoticeKind
from authz.store import backchannel, grants as store
from authz.terms import GrantBody, refusal_digest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.delegations import Delegations
    from authz.grants import Grants
    from authz.holders import Holders
    from authz.model import Caller, Grant
    from authz.notices import Notices
    from authz.refusals import Refusals
    from authz.signers import Signer
    from ledger.clock import Clock

OPEN_FOR: Final = timedelta(days=7)
MIN_JOINT: Final = 2
_LISTED: Final = 200


class Asks:
    """Keeps asks and takes the holder's answer."""

    def __init__(
        self,
        refusals: Refusals,
        grants: Grants,
        holders: Holders,
        delegations: Delegations,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._refusals = refusals
        self._grants = grants
        self._holders = holders
        self._delegations = delegations
        self._notices = notices
        self._clock = clock

    def create(
        self,
        db: Connection,
        caller: Caller,
        grantor_id: str,
        operator: str,
        body: GrantBody,
        *,
        batch_id: str | None = None,
        ends: datetime | None = None,
        joint_id: str | None = None,
    ) -> Ask:
        """Keep an ask.

        Args:
            grantor_id: the holder.
            operator: handle of who asks; checked by the caller.
            body: from `Grants.propose`.
            batch_id: what it is asked together with.
            ends: until when it may be answered; seven days where None.
            joint_id: the ask to another holder of the same thing, who was asked first.

        Raises:
            InvalidTermsError: the terms are for another organisation or holder.
        """
        if body.party_id != caller.party_id or body.grantor != self._holders.pairwise(grantor_id, caller.party_id):
            raise InvalidTermsError(term="grantee")
        now = self._clock.now()
        ask = Ask(
            id=body.id,
            party_id=caller.party_id,
            grantor_id=grantor_id,
            operator=operator,
            body=body.encode(),
            digest=body.digest,
            state=AskState.pending,
            created_at=now,
            expires_at=min(ends or now + OPEN_FOR, body.valid_to),
            batch_id=batch_id,
            joint_id=joint_id,
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
        grant = self.give(db, ask, body, signature)
        if isinstance(signature, str):
            self._notices.learn(db, grant.signer_id, signature)
        self._settle(db, ask)
        return grant

    def give(
        self, db: Connection, ask: Ask, body: GrantBody, signature: str | Signer, answer: bytes | None = None
    ) -> Grant:
        """Give what a locked, pending ask asks, and tell the holder.

        Args:
            body: its terms, compared with what was shown.
            signature, answer: as `Grants.accept`.
        """
        grant = self._grants.accept(db, body, grantor_id=ask.grantor_id, signature=signature, answer=answer)
        store.answer_ask(db, ask.id, AskState.approved, grant.id)
        self._notices.tell(db, ask.grantor_id, NoticeKind.grant_given, grant.id, party_id=ask.party_id)
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
        self.deny(db, ask, signer)
        self._settle(db, ask)
        return self.get(db, ask_id)

    def deny(self, db: Connection, ask: Ask, signer: Signer, answer: bytes | None = None) -> None:
        """Close a locked, pending ask with a no.

        Args:
            signer: who said so; checked by the caller.
            answer: what was signed, where other asks were answered with it.
        """
        now = self._clock.now()
        self._refusals.keep(db, ask, signer, answer, now)
        store.answer_ask(db, ask.id, AskState.refused, None)
        # One refusal ends it for every holder: nothing waits for them any more, and they are told.
        for other, party, holder, batch in store.close_joint(db, ask.joint_id or ask.id, ask.id):
            self._notices.tell(db, holder, NoticeKind.joint_refused, other, party_id=party)
            if batch is not None:
                backchannel.settle(db, batch, now)

    @staticmethod
    def joint_asks(db: Connection, ask: Ask) -> list[Ask]:
        """An ask and those to the other holders of the same thing; for one of them."""
        return store.joint_asks(db, ask.joint_id or ask.id)

    def joint_state(self, db: Connection, ask: Ask) -> dict[str, object] | None:
        """How far the consent of several holders has come, for one of them; None where one holder's is enough.

        Not for the department: whether there is another holder is nothing it may know before it was told `grant-joint`.
        """
        every = self.joint_asks(db, ask)
        if len(every) < MIN_JOINT:
            return None
        states = {each.state for each in every}
        waits = ask.state is AskState.pending
        if AskState.refused in states:
            state = "refused"
        elif states == {AskState.approved}:
            state = "complete"
        else:
            state = "waiting-for-you" if waits else "waiting-for-others"
        approved = sum(each.state is AskState.approved for each in every)
        return {"holders": len(every), "approved": approved, "state": state}

    def _settle(self, db: Connection, ask: Ask) -> None:
        if ask.batch_id is not None:
            backchannel.settle(db, ask.batch_id, self._clock.now())

    def _pending(self, db: Connection, ask_id: str) -> Ask:
        store.lock_ask(db, ask_id)
        ask = store.ask(db, ask_id, lock=True)
        if ask is None:
            raise UnknownAskError
        if ask.state is not AskState.pending or ask.expires_at <= self._clock.now():
            raise AskClosedError(state=ask.state.value if ask.state is not AskState.pending else "expired")
        return ask
