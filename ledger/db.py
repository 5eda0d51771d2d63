"""Units of work: the only way to a database connection.

DESIGN 4 asks that a job be a list of short units, each committed before the next act outside the database, and that no
connection is checked out while a body, S3, the chain or HTTP is busy. `Database.unit()` opens such a unit; every port
that leaves the process calls `outside_any_unit()` first, so breaking the rule is an error at once and not a deadlock
under load.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerError, LogBusyError, LogFrozenError, LogMismatchError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sqlalchemy import Connection, Engine

_open_unit: ContextVar[bool] = ContextVar("open_unit", default=False)

_LOCK_TIMEOUT: Final = "55P03"
"""PostgreSQL `lock_not_available`: only a unit that queues for the log's lead sets a time for it."""
_DISK_FULL: Final = "53100"
"""PostgreSQL `disk_full`; class 53 of the SQLSTATE table (PostgreSQL manual, appendix A)."""
LOG_FROZEN: Final = "CL001"
FOREIGN_KEY: Final = "CL002"
"""What the database itself refuses an entry with: the log is frozen, or this process holds another log's key."""


CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 15.0
"""How long PostgreSQL may take for one answer. Ours take milliseconds; the longest, a batch, under a second."""
IDLE_SECONDS = 10.0
"""How long a unit may be silent before PostgreSQL ends it. A unit never waits for anything outside, so who is silent
froze (SIGSTOP, a dead host) and holds locks: the log's lead, a grant's row. Less than `ANSWER_SECONDS`, so that whoever
waits for such a lock gets it."""


def outside_any_unit(act: str) -> None:
    """Refuse to leave the process while a unit of work is open.

    Args:
        act: what is about to happen, for the message ("S3 PUT", "chain send").

    Raises:
        RuntimeError: a unit is open on this thread; a caller's bug, never bad input.
    """
    if _open_unit.get():
        msg = f"{act} inside an open unit of work: commit it first (DESIGN 4)"
        raise RuntimeError(msg)


def refusal(error: BaseException | None) -> LedgerError | None:
    """Our own error for what PostgreSQL refused as a whole; None for every other of its errors."""
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate == _DISK_FULL:
        return StorageFullError(part="database")
    if sqlstate == _LOCK_TIMEOUT:
        return LogBusyError()
    if sqlstate == LOG_FROZEN:
        return LogFrozenError()
    return LogMismatchError(reason="this process signs for another log") if sqlstate == FOREIGN_KEY else None


def with_idle_limit(options: str | None) -> str:
    """Connection options under which PostgreSQL ends the session of a unit that froze.

    Args:
        options: those of the database's address, which prevail.
    """
    return f"-c idle_in_transaction_session_timeout={round(IDLE_SECONDS * 1000)} {options or ''}"


class _Bounded(psycopg.Connection[Any]):
    """A connection that does not wait for ever: a server that froze (a hanging disk, SIGSTOP) keeps its side open."""

    patience = ANSWER_SECONDS

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server to its end.

        Raises:
            psycopg.OperationalError: no answer in time; the connection is closed, since an answer may still come.
        """
        began, longest = time.monotonic(), timeout or self.patience
        try:
            return super().wait(gen, interval, longest)
        except psycopg.OperationalError:
            if time.monotonic() - began >= longest:
                self.pgconn.finish()
            raise


class Database:
    """The PostgreSQL of one node.

    Args:
        url: SQLAlchemy URL, driver `postgresql+psycopg`.
        pool_size: connections kept; no smaller than the number of threads that use them (DESIGN 3).
        patience: seconds to wait for one answer.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patience: float = ANSWER_SECONDS) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=10,
            pool_recycle=3600,
            connect_args={"connect_timeout": CONNECT_SECONDS},
            hide_parameters=True,
        )
        self._patience = patience
        event.listen(self.engine, "do_connect", self._connect)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection on which every statement is a transaction of its own: for reads, and for one lone write.

        It saves the round trips of beginning and ending a unit. Statements in one block see the database at different
        moments, so nothing that must hold together may rest on it.

        Raises:
            RuntimeError: a unit is already open on this thread.
            StorageFullError: the database has no room left.
        """
        with self._connection(autocommit=True) as connection:
            yield connection

    @contextmanager
    def unit(self) -> Iterator[Connection]:
        """One short unit of work: commits when the block ends, rolls back when it raises.

        Raises:
            RuntimeError: a unit is already open on this thread.
            StorageFullError: the database has no room left; nothing of the unit is stored.
            LogFrozenError, LogMismatchError: it takes no entries from this process (`ledger.shards`).
        """
        with self._connection(autocommit=False) as connection:
            yield connection

    @contextmanager
    def _connection(self, *, autocommit: bool) -> Iterator[Connection]:
        outside_any_unit("a second unit of work")
        token = _open_unit.set(True)
        engine = self._autocommit if autocommit else self.engine
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if (refused := refusal(error.orig)) is not None:
                raise refused from error
            if error.connection_invalidated:
                self.engine.dispose()
            raise
        finally:
            _open_unit.reset(token)

    def _connect(self, _dialect: object, _record: object, given: tuple[Any, ...], named: dict[str, Any]) -> _Bounded:
        """How SQLAlchemy's pool makes a connection."""
        made = _Bounded.connect(*given, **named | {"options": with_idle_limit(named.get("options"))})
        made.patience = self._patience
        return made

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
