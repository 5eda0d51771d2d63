"""Steps (`ledger.steps`) on the event loop: the database of the two hot paths.

The same rules as `ledger.db`: a unit commits when its steps end and rolls back when they raise; no connection is held
while anything outside is busy, which here is a matter of form, since steps can do nothing but yield statements.

A use is a handful of statements that PostgreSQL answers in a tenth of a millisecond each; a driver's cursor then costs
as much as the answer. So a `_Line` speaks to libpq through psycopg's own binding (`psycopg.pq`), with its adapters for
values and rows, and leaves out cursors: every statement is prepared once and run by name.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import error_from_result

from ledger.db import ANSWER_SECONDS, CONNECT_SECONDS, refusal, with_idle_limit

if TYPE_CHECKING:
    from ledger.steps import Rows, Statement, Steps

T = TypeVar("T")

_PARAMETER: Final = re.compile(r"%\((\w+)\)s")
_GOOD: Final = frozenset({pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK})


class AsyncDatabase:
    """The PostgreSQL of one node, seen from the event loop.

    Args:
        url: SQLAlchemy URL, driver `postgresql+psycopg`.
        size: most connections; who finds none free waits for one.
        patience: seconds to wait for one answer.
    """

    def __init__(self, url: str, *, size: int, patience: float = ANSWER_SECONDS) -> None:
        self._url = url.replace("postgresql+psycopg", "postgresql", 1)
        self._patience = patience
        self._free = asyncio.Semaphore(size)
        self._idle: deque[_Line] = deque()

    async def close(self) -> None:
        """Close the connections that are not at work."""
        while self._idle:
            await self._idle.pop().close()

    async def glance(self, steps: Steps[T]) -> T:
        """Carry out steps, each statement a transaction of its own: for reads, and for one lone write.

        Raises:
            StorageFullError: the database has no room left.
            psycopg.OperationalError: it does not answer.
        """
        return await self._run(steps, unit=False)

    async def unit(self, steps: Steps[T]) -> T:
        """Carry out steps in one unit of work: committed when they end, rolled back when they raise.

        Raises:
            StorageFullError: the database has no room left; nothing of the unit is stored.
            LogFrozenError, LogMismatchError: it takes no entries from this process (`ledger.shards`).
            psycopg.OperationalError: it does not answer.
        """
        return await self._run(steps, unit=True)

    async def _run(self, steps: Steps[T], *, unit: bool) -> T:
        async with self._free:
            line = self._idle.pop() if self._idle else await _Line.connect(self._url, self._patience)
            try:
                if unit:
                    await line.command(b"BEGIN")
                done = await _carry_out(line, steps)
                if unit:
                    await line.command(b"COMMIT")
            except psycopg.Error as error:
                if (refused := refusal(error)) is not None:
                    raise refused from error
                if isinstance(error, psycopg.OperationalError):
                    await self.close()  # one lost connection is seldom lost alone
                raise
            else:
                return done
            finally:
                if await line.is_usable():
                    self._idle.append(line)
                else:
                    await line.close()


async def _carry_out(line: _Line, steps: Steps[T]) -> T:
    try:
        statement = next(steps)
        while True:
            try:
                rows = await line.execute(statement)
            except psycopg.IntegrityError as error:
                statement = steps.throw(error)
            else:
                statement = steps.send(rows)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]  # a generator's value has no type of its own


class _Line:
    """One connection, used by one task at a time.

    Args:
        connection: made by psycopg, in autocommit.
        patience: seconds to wait for one answer.
    """

    def __init__(self, connection: psycopg.AsyncConnection[Any], patience: float) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._pg.nonblocking = 1
        self._values = Transformer(connection)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        # Kept, since libpq forgets the number when it loses the connection; None once nobody listens to it any more,
        # since by then it may be another connection's.
        self._socket: int | None = self._pg.socket
        self._loop.add_reader(self._socket, self._read)

    @classmethod
    async def connect(cls, url: str, patience: float) -> _Line:
        """Make a connection.

        Raises:
            psycopg.OperationalError: PostgreSQL does not let us in.
        """
        options = with_idle_limit(str(conninfo_to_dict(url).get("options") or ""))
        made = await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=CONNECT_SECONDS, options=options
        )
        return cls(made, patience)

    async def close(self) -> None:
        """Hang up."""
        self._stop_listening()
        await self._connection.close()

    async def is_usable(self) -> bool:
        """Whether the next one may have the line; what is left of a failed unit is rolled back."""
        try:
            if self._connection.closed or self._answer is not None:
                return False
            if self._pg.transaction_status != pq.TransactionStatus.IDLE:
                await self.command(b"ROLLBACK")
        except psycopg.Error:
            return False
        return self._pg.transaction_status == pq.TransactionStatus.IDLE

    async def command(self, sql: bytes) -> None:
        """BEGIN, COMMIT or ROLLBACK.

        Raises:
            psycopg.Error: as PostgreSQL says.
        """
        self._pg.send_query(sql)
        await self._result()

    async def execute(self, statement: Statement) -> Rows:
        """One statement.

        Raises:
            psycopg.Error: as PostgreSQL says.
        """
        sql, values = statement
        text, names = _numbered(sql)
        given = self._values.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        types = self._values.types or ()
        name = self._names.get((sql, types))
        if name is None:
            name = f"s{len(self._names)}".encode()
            self._pg.send_prepare(name, text, types)
            await self._result()
            self._names[(sql, types)] = name
        self._pg.send_query_prepared(name, given, self._values.formats)
        result = await self._result()
        if not result.ntuples:
            return []
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    async def _result(self) -> pq.abc.PGresult:
        """The answer to what was sent. A line that was not answered is not used again: its answer may still come."""
        self._answer = self._loop.create_future()
        alarm = self._loop.call_later(self._patience, self._give_up)
        try:
            await self._flush()
            await self._answer
        finally:
            alarm.cancel()
        self._answer = None
        result = self._pg.get_result()
        while self._pg.get_result() is not None:
            pass
        if result is None or result.status not in _GOOD:
            raise error_from_result(result) if result else psycopg.OperationalError("the connection is lost")
        return result

    async def _flush(self) -> None:
        """Hand the statement to the kernel; a long one may not fit at once."""
        while self._pg.flush() and self._answer is not None and not self._answer.done():
            self._room = asyncio.Event()
            self._loop.add_writer(self._pg.socket, self._room.set)
            try:
                await self._room.wait()
            finally:
                self._loop.remove_writer(self._pg.socket)

    def _read(self) -> None:
        try:
            self._pg.consume_input()
            busy = self._pg.is_busy()
        except psycopg.OperationalError as error:
            self._stop_listening()
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(error)
            else:
                self._pg.finish()
            return
        if not busy and self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    def _stop_listening(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket = None

    def _give_up(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(psycopg.OperationalError("no answer from the database"))
            self._room.set()


@lru_cache(512)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with `$1, $2, ...` as the server knows them, and the names of its parameters in that order."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}"

    return _PARAMETER.sub(number, sql).replace("%%", "%").encode(), tuple(names)
