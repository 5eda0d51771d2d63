"""What happens after an act, by the outbox: each kind of message has one who delivers it.

A loop takes what is due, hands it over outside any unit, and sleeps only when there was nothing. Who delivers takes the
message off the outbox in the unit of its effect; what raises is tried again later.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from api.observe import log
from ledger import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.outbox import Message

IDLE_SECONDS: Final = 0.25
"""Well below the second within which every path must notice that a licence was suspended."""
_BATCH: Final = 20


class Reactions:
    """Delivers messages of some kinds.

    Args:
        database: where the outbox is.
        handlers: by kind; each takes the message off the outbox itself.
        clock: tells the time.
        threads: how many messages are delivered at the same time.
        batch: how many are taken at once; whoever takes long over one takes few, since a lease covers them all.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Callable[[Message], None]],
        clock: Clock,
        threads: int = 1,
        batch: int = _BATCH,
    ) -> None:
        self._database = database
        self._handlers = dict(handlers)
        self._clock = clock
        self._threads = threads
        self._batch = batch

    def run(self, stop: Event) -> None:
        """Deliver until stopped."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="reaction") as pool:
            while not stop.is_set():
                if not self.once(pool):
                    stop.wait(IDLE_SECONDS)

    def once(self, pool: ThreadPoolExecutor) -> int:
        """Deliver what is due now; how many messages that were."""
        with self._database.glance() as db:
            if not outbox.is_due(db, self._clock.now(), self._handlers.keys()):
                return 0
        with self._database.unit() as db:
            taken = outbox.claim(db, self._batch, self._clock.now(), kinds=self._handlers.keys())
        list(pool.map(self._deliver, taken))
        return len(taken)

    def _deliver(self, message: Message) -> None:
        try:
            self._handlers[message.kind](message)
        except Exception as error:  # noqa: BLE001 - one message that cannot be delivered must not stop the others
            log.error("reaction failed", kind=message.kind, error=type(error).__name__)
            code = getattr(error, "code", "internal")
            with self._database.unit() as db:
                outbox.failed(db, message, code, self._clock.now())
