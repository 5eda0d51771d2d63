"""The recorder: brings the hashes of published registers to the chain (DESIGN 5), oldest version of each kind first.

Rows are the intent, the chain is the truth: each round looks there first, so a death between sending and noting costs
a look. With k above 1 a version stays *approved* until the other members did their part. A contract that holds another
hash for a version makes it a *conflict*: logged as an error, shown by the API, never overwritten; a person must look.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from ledger import registers, registry
from ledger.errors import ChainError, ChainUnavailableError, RegisterConflictError, StorageFullError

if TYPE_CHECKING:
    import threading

    from ledger.chain import Chain
    from ledger.clock import Clock
    from ledger.db import Database

_logger: Final = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 1.0
"""How often the loop looks for a version to record; registers change a few times a year."""

_PAUSE_SECONDS: Final = 15.0
"""Pause while the chain is away, refuses, or other members have to approve."""


class Recorder:
    """Records the registers of one node.

    Args:
        database: of the node.
        chain: as a member of the registry.
        clock: the time.
        division: of the node, part of a register's name on the chain.
    """

    def __init__(self, database: Database, chain: Chain, clock: Clock, division: str) -> None:
        self._database = database
        self._chain = chain
        self._clock = clock
        self._division = division

    def run(self, stop: threading.Event) -> None:
        """Record until told to stop. What fails is logged and tried again; nothing waits for it."""
        while not stop.is_set():
            pause = _LOOK_SECONDS
            try:
                if self.run_once():
                    pause = _PAUSE_SECONDS
            except ChainUnavailableError as error:
                _logger.warning("recorder: chain unavailable: %s", error)
                pause = _PAUSE_SECONDS
            except ChainError as error:
                _logger.error("recorder: %s: %s", error.code, error)  # the trace says nothing more
                pause = _PAUSE_SECONDS
            except (DBAPIError, PoolTimeoutError, StorageFullError) as error:
                _logger.warning("recorder: database error %s", type(error).__name__)
                pause = _PAUSE_SECONDS
            stop.wait(pause)

    def run_once(self) -> int:
        """One round: the oldest unrecorded version of each kind.

        Returns:
            how many of them still wait for other members.

        Raises:
            ChainUnavailableError: the node does not answer.
            ChainRefusedError: we are not a member, or the node refused otherwise.
        """
        with self._database.unit() as db:
            waiting = registers.unrecorded(db)
        return sum(self._record(held) for held in waiting)

    def _record(self, held: registers.RegisterVersion) -> bool:
        try:
            act = registry.publish_register(
                self._chain, self._division, held.kind, held.version, bytes.fromhex(held.sha256), held.owner
            )
        except RegisterConflictError:
            _logger.error("recorder: the chain holds another %s %d", held.kind, held.version)
            state = "conflict"
        else:
            state = act.value
        at = self._clock.now() if state == registry.Act.recorded else None
        if state != held.chain_state:
            with self._database.unit() as db:
                registers.note_chain_state(db, held, state, at)
        return state == registry.Act.approved
