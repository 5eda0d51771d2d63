"""Forced schedules of many units of work on a real database, step by step, without waiting for time to do it.

Units that are written as steps are carried out by hand, one statement at a time, each on a connection of its own; the
withdrawal, which is not, runs in a thread that stops before each of its statements and before its commit. Whose turn it
is comes from a seeded generator, so that a schedule that fails can be run again.

A unit that would wait for a row somebody else has locked is passed over, but for the withdrawal: that one is let go, and
waits in PostgreSQL, so that what it reads after the wait is what it would read in earnest.
"""

from __future__ import annotations

from functools import cache
from queue import SimpleQueue
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from ledger.steps import execute

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from ledger.steps import Statement, Steps

COMMIT = "COMMIT"


@cache
def locks(statement: str) -> frozenset[str]:
    """Rows a statement locks against others here: those of the grant, or of its use."""
    held = set()
    if "authz.grant_" in statement and ("FOR UPDATE" in statement or "FOR NO KEY UPDATE" in statement):
        held.add("grant")
    if "UPDATE authz.use_" in statement:
        held.add("use")
    return frozenset(held)


class Unit:
    """One unit of work in steps.

    Attributes:
        moments: at which turn each statement ran; the last is the commit, where it came to that.
        outcome: what the steps returned or raised; None while they run.
    """

    def __init__(self, db: Connection, steps: Steps[Any]) -> None:
        self._db = db
        self._steps = steps
        self._begun = db.begin()
        self.held: frozenset[str] = frozenset()
        self.moments: list[int] = []
        self.outcome: Any = None
        self._next: Statement | None = None
        self._go_on(None)

    @property
    def needs(self) -> frozenset[str]:
        """Rows the next step locks."""
        return frozenset() if self._next is None else locks(self._next[0]) - self.held

    @property
    def done(self) -> bool:
        """Committed or rolled back."""
        return not self._begun.is_active

    def step(self, turn: int) -> None:
        """The next statement, or the end of the unit."""
        self.moments.append(turn)
        if self._next is None:
            if isinstance(self.outcome, Exception):
                self._begun.rollback()
            else:
                self._begun.commit()
            return
        statement = self._next
        rows = execute(self._db, statement)
        self.held |= locks(statement[0])
        self._go_on(rows)

    def _go_on(self, rows: Any) -> None:
        try:
            self._next = next(self._steps) if rows is None else self._steps.send(rows)
        except StopIteration as ended:
            self._next, self.outcome = None, ended.value
        except Exception as error:  # noqa: BLE001 - what a unit raises is its outcome
            self._next, self.outcome = None, error


class Stepped:
    """One act after the other in a thread that stops before each statement and before the commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._acts: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._go: SimpleQueue[None] = SimpleQueue()
        self._stops: SimpleQueue[str | None] = SimpleQueue()
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)
        self.next: str | None = None
        self.waiting = False
        self.held: frozenset[str] = frozenset()
        self.outcome: Any = None
        self.committed: int | None = None

    def start(self, act: Callable[[], Any]) -> None:
        """Begin an act; it stands before its first statement afterwards."""
        self.held, self.outcome, self.committed, self.waiting = frozenset(), None, None, False
        self._acts.put(act)
        self._arrive()

    @property
    def done(self) -> bool:
        """The act is over."""
        return self.next is None

    def step(self, turn: int, *, blocked: bool) -> None:
        """The next statement or the commit.

        Args:
            blocked: it will wait in the database: do not wait for it here; call `arrive` when it can go on.
        """
        statement = str(self.next)
        if statement == COMMIT:
            self.committed = turn
        self.held |= locks(statement)
        self._go.put(None)
        if blocked:
            self.waiting = True
        else:
            self._arrive()

    def arrive(self) -> None:
        """Wait until what was blocked is through."""
        self.waiting = False
        self._arrive()

    def close(self) -> None:
        """End the thread."""
        self._acts.put(None)
        self._thread.join(20)
        event.remove(self._engine, "before_cursor_execute", self._statement)
        event.remove(self._engine, "commit", self._commit)

    def _arrive(self) -> None:
        self.next = self._stops.get(timeout=90)

    def _work(self) -> None:
        while (act := self._acts.get()) is not None:
            try:
                self.outcome = act()
            except Exception as error:  # noqa: BLE001 - what it raises is its outcome
                self.outcome = error
            self._stops.put(None)

    def _stop(self, statement: str) -> None:
        if current_thread() is self._thread:
            self._stops.put(statement)
            self._go.get()

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        self._stop(statement)

    def _commit(self, _connection: Any) -> None:
        self._stop(COMMIT)
