"""Before the first word, ask outside whether anybody saw more of this log than this database holds (RELIABILITY D9).

A database restored from an old backup is whole in itself. Were it believed, the sequencer would give the lost indices
to other entries and sign a second tree for sizes that it signed before, which is the one thing a log must never do. So
before a node takes in or signs anything it asks the witnesses and the chain. What they show is written down, and from
then on the sequencer refuses (`RollbackDetectedError`) and so does every intake; reading, and proving what is there, go
on. The way out is the next log (docs/operations.md).

Who does not answer is not waited for: the log never stops because others are away. The anchor worker and the witnesses'
job look again on every round, and a contract takes no root that does not extend what it holds.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ledger import anchorrows, store, witness
from ledger.chainproof import log_id
from ledger.errors import ChainError, WitnessError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.chain import Chain
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.note import NoteVerifier
    from ledger.witness import Seat, WitnessLine

_logger: Final = logging.getLogger(__name__)


def look_outside(
    database: Database, log: NoteVerifier, line: WitnessLine, seats: Sequence[Seat], chain: Chain | None, clock: Clock
) -> None:
    """Ask every witness and the chain, and write down what they have seen beyond our own.

    Args:
        database: of the node.
        log: our log's key.
        line: to the witnesses.
        seats: the witnesses.
        chain: the chain; None where a superior log anchors ours.
        clock: the time.
    """
    for seat in seats:
        try:
            witness.look_ahead(database, line, seat, log)
        except WitnessError as error:
            _logger.info("rollback: %s shows no checkpoint: %s", seat.key.name, error.fields["reason"])
    if chain is not None:
        try:
            _look_at(database, log, chain, clock)
        except ChainError as error:
            _logger.warning("rollback: the chain was not asked: %s", error.code)


def _look_at(database: Database, log: NoteVerifier, chain: Chain, clock: Clock) -> None:
    name = log_id(log.name)
    with database.unit() as db:
        seen = store.newest_published_size(db)
    if chain.anchored(name).size > seen:
        proof = chain.proof_of(name)
        with database.unit() as db:
            anchorrows.confirm(db, proof, clock.now())
