"""Carrying out what follows a changed licence: the announcement after the change, the new version after the term.

Each change is on its own: planned in a unit, made outside any, issued and ended in one more. What goes wrong with one
leaves it to a person of its issuer, or is tried again later, and holds up no other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.observe import log
from authz.errors import AuthzError
from certs.errors import CertsError
from ledger import outbox
from ledger.errors import LedgerError
from materials.automatic.errors import RunMovedError
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from sqlalchemy import Connection

    from certs.drafts import Plan, Prepared
    from certs.issuing import Issuing
    from ledger.clock import Clock
    from ledger.db import Database
    from ledger.outbox import Message
    from materials.automatic.linking import Linking
    from materials.automatic.linkrows import Linked

IDLE_SECONDS: Final = 1.0
MAX_FAILURES: Final = 6
_PAUSE: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)


class LinkedWork:
    """Works linked changes off.

    Args:
        database: for units of its own.
        linking: announces and ends.
        issuing: issues versions.
        make: makes the files of a planned licence, outside any unit.
        clock: tells the time.
    """

    def __init__(
        self,
        database: Database,
        linking: Linking,
        issuing: Issuing,
        make: Callable[[Plan], Prepared],
        clock: Clock,
    ) -> None:
        self._database = database
        self._linking = linking
        self._issuing = issuing
        self._make = make
        self._clock = clock

    def changed(self, message: Message) -> None:
        """A licence has a new version: announce what follows it, and take the message off, in one unit."""
        with self._database.unit() as db:
            self._linking.follow(db, str(message.body["licence_id"]))
            outbox.done(db, message, self._clock.now())

    def run(self, stop: Event) -> None:
        """Work until stopped."""
        while not stop.is_set():
            if not self.once():
                stop.wait(IDLE_SECONDS)

    def once(self) -> bool:
        """Carry out the change whose term has been over the longest; False where there is none."""
        with self._database.glance() as db:  # idle, nothing is locked
            if not self._linking.is_due(db):
                return False
        with self._database.unit() as db:
            held = self._linking.claim(db)
        if held is None:
            return False
        try:
            self._carry_out(held)
        except RunMovedError:
            log.info("linked change moved meanwhile", linked=held.id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on; this one after its lease
            log.error("linked change not moved", linked=held.id, error=type(error).__name__)
        return True

    def _carry_out(self, held: Linked) -> None:
        try:
            self._issue(held)
        except (AuthzError, CertsError, MaterialsError) as error:
            if isinstance(error, RunMovedError):
                raise
            code = error.code
            self._unit(lambda db: self._linking.leave(db, held, code))
        except Exception as error:  # noqa: BLE001 - tried again, and then somebody has to look
            log.error("linked change failed", linked=held.id, error=type(error).__name__)
            if held.failures + 1 >= MAX_FAILURES and not isinstance(error, LedgerError):
                self._unit(lambda db: self._linking.leave(db, held, "internal"))
            else:
                pause = min(_PAUSE * 2 ** min(held.failures, 10), _LONGEST)
                self._unit(lambda db: self._linking.again(db, held, pause))

    def _issue(self, held: Linked) -> None:
        with self._database.unit() as db:
            drafted = self._linking.draft(db, held)
            if isinstance(drafted, str):
                self._linking.leave(db, held, drafted)
                return
            caller, draft = drafted
            plan = self._issuing.plan(db, caller, draft)
        prepared = self._make(plan)
        with self._database.unit() as db:
            licence, _ = self._issuing.record(db, caller, plan, prepared)
            self._linking.changed(db, held, licence)

    def _unit(self, act: Callable[[Connection], None]) -> None:
        with self._database.unit() as db:
            act(db)
