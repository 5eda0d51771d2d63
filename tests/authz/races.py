"""Two units of work, interleaved by force: one stops before its n-th statement, the other runs meanwhile."""

from __future__ import annotations

from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from authz.errors import UseRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.authz.world import World


class Pause:
    """Stops one thread before its n-th statement (or before its commit) until told to go on."""

    def __init__(self, engine: Engine, step: int) -> None:
        self.step = step
        self.reached, self.go = Event(), Event()
        self._engine, self._thread, self._count = engine, 0, 0
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)

    def bind(self) -> None:
        self._thread = get_ident()

    def close(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._statement)
        event.remove(self._engine, "commit", self._commit)

    def _statement(self, *_: object) -> None:
        if get_ident() == self._thread:
            if self._count == self.step:
                self._stop()
            self._count += 1

    def _commit(self, *_: object) -> None:
        if get_ident() == self._thread and not self.reached.is_set():
            self.step = -1
            self._stop()

    def _stop(self) -> None:
        self.reached.set()
        assert self.go.wait(90)


def blocked(world: World) -> int:
    """How many connections to this database wait for a lock."""
    statement = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with world.database.engine.connect() as db:
        return int(db.execute(statement).scalar_one())


def _attempt(act: Callable[[], Any], outcome: dict[str, Any], name: str, pause: Pause | None = None) -> None:
    if pause:
        pause.bind()
    try:
        outcome[name] = act()
    except UseRefusedError as refusal:
        outcome[name] = refusal.code


def interleave(
    world: World, slow: Callable[[], Any], fast: Callable[[], Any], step: int
) -> tuple[dict[str, Any], bool]:
    """Run `slow` up to a step, then `fast` until it is done or waits for a lock, then let `slow` go on.

    Returns:
        What each returned (or the code with which its use was refused), and whether the step was the commit.
    """
    outcome: dict[str, Any] = {}
    pause = Pause(world.database.engine, step)
    first = Thread(target=_attempt, args=(slow, outcome, "slow", pause))
    second = Thread(target=_attempt, args=(fast, outcome, "fast"))
    first.start()
    assert pause.reached.wait(90)
    last = pause.step == -1
    second.start()
    tick = Event()
    while second.is_alive() and not blocked(world):
        tick.wait(0.005)
    pause.go.set()
    first.join(90)
    second.join(90)
    pause.close()
    assert set(outcome) == {"slow", "fast"}
    return outcome, last
