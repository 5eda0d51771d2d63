"""Asking a holder for several things at once: one notice, each sensitive thing ticked by itself, one signature.

A batch is what one notice covers: its asks, each with terms of its own. What is of level 3 or 4 stands alone in its
terms (单独同意), so the holder approves part of a batch by naming the asks; the rest is refused by the same signature.
The signature is over the *answer* (`authz.terms.answer`), which every grant it gives keeps.

The id of a batch, like that of an ask, is a capability to read it: it goes into the holder's notice, or into the QR
code on the screen at the counter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from authz import consentnotice
from authz.delegationterms import Scope
from authz.errors import AskClosedError, ConsentBundledError, InvalidTermsError, UnknownAskError
from authz.model import AskState, Mode
from authz.noticekinds import NoticeKind
from authz.store import backchannel, grants as store
from authz.terms import SEPARATE, GrantBody, answer
from authz.vault import digest_of
from ledger.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from authz.asks import Asks
    from authz.consentnotice import Part, Purpose
    from authz.delegations import Delegations
    from authz.grants import Grants
    from authz.model import Ask, Caller, Grant
    from authz.notices import Notices
    from authz.parties import Parties
    from authz.signers import Signer
    from ledger.clock import Clock

OPEN_FOR: Final = {"app": timedelta(days=7), "qr": timedelta(minutes=15), "ciba": timedelta(days=1)}
"""How long a holder has, by the channel: a screen at the counter is left after minutes."""
MAX_PARTS: Final = 50


@dataclass(frozen=True, slots=True)
class AskBatch:
    """Asks under one notice.

    Attributes:
        channel: how the holder hears of it: app (a notice), qr (a screen), ciba (a notice, and the client waits).
        notice: canonical bytes of what is shown.
        notice_digest: SHA-256 of it, base64url; part of every ask's terms.
    """

    id: str
    party_id: str
    grantor_id: str
    operator: str
    channel: str
    notice: bytes
    notice_digest: str
    created_at: datetime
    expires_at: datetime
    asks: tuple[Ask, ...] = ()

    def open(self, now: datetime) -> tuple[Ask, ...]:
        """Asks that still wait for an answer."""
        return tuple(ask for ask in self.asks if ask.state is AskState.pending and now < self.expires_at)


class AskBatches:
    """Keeps batches and takes the holder's answer.

    Args:
        asks, grants: each ask, and what it leads to.
        delegations: says who may sign for another.
        parties: the name of who asks.
        notices: tell the holder.
        clock: tells the time.
    """

    def __init__(
        self, asks: Asks, grants: Grants, delegations: Delegations, parties: Parties, notices: Notices, clock: Clock
    ) -> None:
        self._asks = asks
        self._grants = grants
        self._delegations = delegations
        self._parties = parties
        self._notices = notices
        self._clock = clock

    def create(  # noqa: PLR0913 - what is asked, of whom, how and how long
        self,
        db: Connection,
        caller: Caller,
        grantor_id: str,
        operator: str,
        purpose: Purpose,
        parts: Sequence[Part],
        *,
        channel: str = "app",
        open_for: timedelta | None = None,
        joint: Mapping[str, str] = MappingProxyType({}),
    ) -> AskBatch:
        """Keep a batch and tell the holder of it, unless they look at its QR code.

        Args:
            grantor_id: the holder.
            operator: handle of who asks; checked by the caller.
            parts: from `Grants.propose`, of one item and case; a sensitive thing alone in its part.
            channel: app, qr or ciba.
            open_for: how long the holder has; by the channel where None.
            joint: the first holder's ask, by the id of terms that another holder of the same thing is asked.

        Raises:
            InvalidTermsError: too many parts, or terms for another organisation, holder or case.
            ConsentBundledError: a sensitive thing together with another.
        """
        if not 1 <= len(parts) <= MAX_PARTS or len({(each.terms.item_code, each.terms.case_no) for each in parts}) > 1:
            raise InvalidTermsError(term="parts")
        for part in parts:
            sensitive = any(thing.sensitive for thing in part.things)
            if sensitive and (len(part.things) > 1 or part.terms.basis != SEPARATE):
                raise ConsentBundledError
        now, batch_id = self._clock.now(), new_id()
        notice = consentnotice.write(batch_id, self._parties.party(db, caller.party_id), purpose, parts)
        digest = digest_of(notice)
        ends = min(now + (open_for or OPEN_FOR[channel]), *(part.terms.valid_to for part in parts))
        batch = AskBatch(batch_id, caller.party_id, grantor_id, operator, channel, notice, digest, now, ends)
        store.insert_batch(db, batch)
        asks = tuple(
            self._asks.create(
                db,
                caller,
                grantor_id,
                operator,
                replace(part.terms, notice_digest=digest),
                batch_id=batch_id,
                ends=ends,
                joint_id=joint.get(part.terms.id),
            )
            for part in parts
        )
        if channel != "qr":
            self._notices.tell(db, grantor_id, NoticeKind.ask, batch_id, party_id=caller.party_id)
        return replace(batch, asks=asks)

    def get(self, db: Connection, batch_id: str) -> AskBatch:
        """A batch, for whoever was handed its id.

        Raises:
            UnknownAskError: there is none.
        """
        found = store.batch(db, batch_id)
        if found is None:
            raise UnknownAskError
        return replace(AskBatch(*found), asks=tuple(store.asks_in(db, batch_id)))

    def terms(self, batch: AskBatch, approved: Collection[str]) -> tuple[bytes, str]:
        """What a holder signs to approve some asks of a batch and refuse the others: canonical bytes, and digest.

        Args:
            approved: ids of asks.

        Raises:
            AskClosedError: nothing waits for an answer.
            UnknownAskError: one of them does not wait for one in this batch.
        """
        waiting = {ask.id: ask for ask in batch.open(self._clock.now())}
        if not waiting:
            raise AskClosedError(state="closed")
        if not waiting.keys() >= set(approved):
            raise UnknownAskError
        given = [ask.digest for ask in waiting.values() if ask.id in approved]
        return answer(batch.id, batch.notice_digest, given, {ask.digest for ask in waiting.values()} - set(given))

    def answer(
        self, db: Connection, batch_id: str, approved: Collection[str], signature: str | Signer
    ) -> tuple[AskBatch, list[Grant]]:
        """Take a holder's answer: a grant for each ask that was ticked, a refusal for each other.

        Args:
            approved: ids of the asks that were ticked; none where everything is refused.
            signature: over the digest of `terms`; or who gave it, where staff brought it.

        Raises:
            UnknownAskError, AskClosedError: as `terms`.
            InvalidTermsError: terms were changed behind our back.
            IdTokenRefusedError, KeyRefusedError, SignerNotHolderError: the signature.
        """
        if not store.lock_asks(db, batch_id):
            raise UnknownAskError
        batch = self.get(db, batch_id)
        document, digest = self.terms(batch, approved)
        waiting = batch.open(self._clock.now())
        bodies = {ask.id: GrantBody.decode(ask.body) for ask in waiting}
        if any(bodies[ask.id].digest != ask.digest for ask in waiting):
            raise InvalidTermsError(term="digest")
        signer = signature
        if isinstance(signer, str):
            scope = _scope([bodies[each] for each in approved] or list(bodies.values()), bool(approved))
            signer = self._delegations.signer(db, signer, digest, batch.grantor_id, scope)
            self._notices.learn(db, signer.holder_id, str(signature))
        given = []
        for ask in waiting:
            if ask.id in approved:
                given.append(self._asks.give(db, ask, bodies[ask.id], signer, document))
            else:
                self._asks.deny(db, ask, signer, document)
        backchannel.settle(db, batch_id, self._clock.now())
        return self.get(db, batch_id), given


def _scope(bodies: Sequence[GrantBody], approving: bool) -> Scope:  # noqa: FBT001 - of two ways to answer
    """What whoever signs for another must be allowed to give; to refuse, no region and no end matter."""
    modes = list(Mode)
    return Scope(
        frozenset(body.item_code for body in bodies),
        frozenset(code for body in bodies for code in body.types),
        max((body.mode for body in bodies), key=modes.index),
        frozenset(code for body in bodies for code in body.regions) if approving else frozenset(),
        max(body.valid_to for body in bodies) if approving else None,
    )
