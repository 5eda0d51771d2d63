"""The anchor worker: brings the newest published checkpoint to the chain (DESIGN 4.4, README "the life of an anchor").

Where witnesses are demanded, a checkpoint is published when their quorum has cosigned it: nothing else is anchored.

The contract's state is the truth and the rows follow it. One round reads the account's nonce and the anchored head by
the state of one block, and knows all it needs:

- the head is ahead of the confirmed rows: the transaction in flight landed, or another process's: prove it, keep it;
- a row is in flight and the nonce is still its own: the node may not have it: send the same bytes again;
- a row is in flight and the nonce is another: it was refused by the contract, or the chain lost its past: void;
- nothing is in flight and a newer checkpoint is there: write the intent, commit, send.

Killing the process between any two acts therefore needs no recovery of its own: the next round is the recovery.
Nothing is anchored twice, since an intent holds the signed bytes, one row exists per checkpoint, and the contract takes
each size once. A chain that was reset, or lost blocks, shows as another genesis, missing code, a smaller head or
another block hash; anchors it no longer has become void and the newest checkpoint is anchored again. All are logged as
errors. On QBFT, whose blocks are final, a replaced block is an incident, and a node that knows fewer blocks than we saw
is only catching up (or a balancer asked a slower one): nothing becomes void, and we wait for it.

A receipt is believed for one thing, that it is time to look: an anchor counts once a state proof shows it, under a
header that the validators sealed where we know them. A receipt that the state belies is named and nothing is kept.
"""

from __future__ import annotations

import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError as PoolTimeoutError

from ledger import anchorrows as rows, failpoints, proofs, store
from ledger.chainproof import log_id
from ledger.errors import (
    AnchorConflictError,
    ChainBehindError,
    ChainContradictionError,
    ChainError,
    ChainRefusedError,
    ChainUnavailableError,
    ContractMissingError,
    StorageFullError,
)

if TYPE_CHECKING:
    import threading
    from datetime import datetime

    from ledger.chain import AnchoredHead, Chain, ChainView, Transaction
    from ledger.chainproof import ChainIdentity
    from ledger.clock import Clock
    from ledger.db import Database

_logger: Final = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.25
"""How often the loop looks for a new checkpoint; they come at most once a second."""

_REST_SECONDS: Final = 5.0
"""How often, at most, the chain itself is looked at while there is nothing newer to anchor."""

_RECEIPT_SECONDS: Final = 1.0
"""How long a round waits for its own transaction. A chain with slower blocks is asked again in the next round."""

_FORKED: Final = frozenset({"OldRootMismatch", "NewRootMismatch", "RootConflict", "ProofTooShort", "ProofTooLong"})
"""Refusals that no race explains: our log does not extend what is anchored."""


class Step(StrEnum):
    """How far a round came."""

    idle = "idle"
    """Nothing newer than the anchored head."""
    early = "early"
    """A newer checkpoint is there; the interval is not over."""
    sent = "sent"
    """A transaction is in flight."""
    confirmed = "confirmed"
    """An anchor was proven and kept."""


class Anchorer:
    """Anchors one log.

    Args:
        database: the node's database.
        chain: the chain, as the log's operator.
        clock: the time.
        origin: the log's origin line.
        interval: least seconds between two transactions.
    """

    def __init__(self, database: Database, chain: Chain, clock: Clock, origin: str, *, interval: float = 5.0) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._log_id = log_id(origin)
        self._interval = interval
        self._looked_at: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Anchor until told to stop.

        A chain or database that is away, or a refusal, is logged and tried again: uses and withdrawals never wait for
        the chain (DESIGN 10).
        """
        while not stop.is_set():
            pause = _LOOK_SECONDS
            try:
                if self._is_due():
                    with self._chain.turn:
                        self.run_once()
            except ChainUnavailableError as error:
                _logger.warning("anchor: chain unavailable: %s", error)
                pause = self._interval
            except ChainError as error:
                _logger.error("anchor: %s: %s", error.code, error)  # the trace says nothing more
                pause = self._interval
            except (DBAPIError, PoolTimeoutError, StorageFullError) as error:
                _logger.warning("anchor: database error %s", type(error).__name__)
                pause = self._interval
            stop.wait(pause)

    def run_once(self) -> Step:
        """One round.

        Raises:
            ChainUnavailableError: the node does not answer, or is behind; nothing is lost.
            ChainContradictionError, ChainProofError: the node's answers do not hold together. Nothing was kept.
            ContractMissingError: the contracts are gone; all anchors are void now.
            LogNotRegisteredError: the log is not registered for this account.
            AnchorConflictError: the chain holds a root that is not in our log. Needs a person.
            ChainRefusedError: the node or the contract refused otherwise.
        """
        self._looked_at = self._clock.now()
        identity = self._identity()
        view = self._chain.look(self._log_id)
        confirmed = self._follow(identity, view)
        failpoints.reach("anchor.looked")
        if view.head.size > confirmed:
            return self._confirm()
        with self._database.unit() as db:
            pending = rows.sending(db)
        if pending is None:
            return self._start(view.head, view.nonce)
        if pending.nonce == view.nonce:
            return self._deliver(pending.size, pending.transaction)
        if view.sealed and confirmed and pending.nonce > view.nonce:  # nonces never go down on a final chain
            raise ChainBehindError(block=view.block_number)
        _logger.error("anchor: transaction of size %d is not on the chain, nonce %d", pending.size, pending.nonce)
        with self._database.unit() as db:
            rows.void(db, pending.size)
        return Step.early

    # --- following the chain -------------------------------------------------------------------------------------

    def _identity(self) -> ChainIdentity:
        """Which chain this is. Without our contracts on it nothing is anchored."""
        try:
            return self._chain.identity()
        except ContractMissingError:
            with self._database.unit() as db:
                known = rows.identity(db)
            if known and self._chain.genesis_hash() == known.genesis_hash:
                block_number, sealed = self._chain.newest_block()
                self._refuse_behind(block_number, sealed=sealed)
            with self._database.unit() as db:
                if count := rows.void_all(db):
                    _logger.error("anchor: contracts are gone, %d anchors are void", count)
            raise

    def _refuse_behind(self, block_number: int, *, sealed: bool) -> None:
        """A final chain cannot lose the block that proves an anchor: a node without it is catching up.

        Unless it has another block where we saw one: then the chain began anew from the same genesis block.
        """
        with self._database.unit() as db:
            newest, reached = rows.newest_confirmed(db), rows.newest_proven_by(db, block_number)
        if not sealed or newest is None or newest.block_number <= block_number:
            return
        if reached is None or self._chain.block_hash(reached.block_number) == reached.block_hash:
            raise ChainBehindError(block=block_number, proven=newest.block_number)

    def _follow(self, identity: ChainIdentity, view: ChainView) -> int:
        """Make void what the chain does not have; the size of the newest anchor left."""
        head, level = view.head, logging.CRITICAL if view.sealed else logging.ERROR
        with self._database.unit() as db:
            known = rows.identity(db)
            if known != identity:
                count = rows.void_all(db)
                rows.replace_identity(db, identity)
                if known is not None:
                    _logger.error("anchor: another chain, %d anchors are void", count)
        failpoints.reach("anchor.identified")
        self._refuse_behind(view.block_number, sealed=view.sealed)
        with self._database.unit() as db:
            if count := rows.void_confirmed_above(db, head.size):
                _logger.log(level, "anchor: the chain lost blocks, %d anchors are void", count)
            newest = rows.newest_confirmed(db)
        while newest and self._chain.block_hash(newest.block_number) != newest.block_hash:
            text = "anchor: block %d was replaced, anchor of size %d is void"
            _logger.log(level, text, newest.block_number, newest.size)
            with self._database.unit() as db:
                rows.void(db, newest.size)
                newest = rows.newest_confirmed(db)
        if newest and newest.size == head.size and newest.root != head.root:
            raise AnchorConflictError(size=head.size)
        return newest.size if newest else 0

    def _confirm(self) -> Step:
        """Prove the anchored head and keep it, whoever anchored it, if it is a root of our log."""
        proof = self._chain.proof_of(self._log_id)
        failpoints.reach("anchor.proven")
        with self._database.unit() as db:
            log = store.log_head(db)
            ahead = log is not None and log.size < proof.head.size
            if log is None or not (ahead or proofs.root(db, proof.head.size) == proof.head.root):
                raise AnchorConflictError(size=proof.head.size)
            rows.confirm(db, proof, self._clock.now())
        if ahead:  # this database is an old backup; with the row the sequencer stops (RELIABILITY D9)
            raise AnchorConflictError(size=proof.head.size, reason="ahead of the log")
        failpoints.reach("anchor.confirmed")
        _logger.info("anchor: size %d in block %d", proof.head.size, proof.block_number)
        return Step.confirmed

    # --- anchoring -----------------------------------------------------------------------------------------------

    def _start(self, head: AnchoredHead, nonce: int) -> Step:
        """Anchor the newest published checkpoint: intent, commit, send."""
        with self._database.unit() as db:
            newest = store.newest_published(db)
            if newest is None or newest.head.size <= head.size:
                return Step.idle
            if self._is_early(rows.last_sent_at(db)):
                return Step.early
            checkpoint = newest.head
            proof = proofs.consistency(db, head.size, checkpoint.size) if head.size else []
        try:
            transaction = self._chain.build_anchor_tx(
                self._log_id, head.size, checkpoint.size, checkpoint.root, proof, nonce
            )
        except ChainRefusedError as error:
            if error.fields["reason"] in _FORKED:
                raise AnchorConflictError(size=head.size, reason=error.fields["reason"]) from error
            raise
        failpoints.reach("anchor.built")
        try:
            with self._database.unit() as db:
                intended = rows.intend(db, checkpoint.size, checkpoint.root, nonce, transaction, self._clock.now())
        except IntegrityError:  # another process has one in flight
            intended = False
        return self._deliver(checkpoint.size, transaction) if intended else Step.sent

    def _deliver(self, size: int, transaction: Transaction) -> Step:
        """Send, and confirm at once when the chain is quick."""
        failpoints.reach("anchor.intended")
        self._chain.send(transaction)
        failpoints.reach("anchor.sent")
        receipt = self._chain.await_receipt(transaction.hash, _RECEIPT_SECONDS)
        if receipt is None:
            return Step.sent
        if self._chain.anchored(self._log_id, hex(receipt.block_number)).size >= size:
            return self._confirm()
        if receipt.succeeded:
            raise ChainContradictionError(act="anchor", reason="receipt-without-effect", size=size)
        return Step.sent

    # --- when ----------------------------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        """Whether a round has something to do; a look at the chain itself is due from time to time.

        A log that is frozen and anchored to its end has nothing to do: the chain closes it, and is right to refuse us.
        """
        with self._database.glance() as db:
            found = rows.prospect(db)
        if found is None or (found.frozen and found.size == found.anchored):
            return False
        if self._looked_at is None or not self._is_early(self._looked_at, max(self._interval, _REST_SECONDS)):
            return True
        return found.sending or (found.published > found.anchored and not self._is_early(found.last_sent_at))

    def _is_early(self, last: datetime | None, interval: float | None = None) -> bool:
        """Whether the interval since a moment is not over. A clock that was set back does not make us wait."""
        interval = self._interval if interval is None else interval
        return last is not None and 0 <= (self._clock.now() - last).total_seconds() < interval
