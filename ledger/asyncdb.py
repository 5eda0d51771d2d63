"""Steps (`ledger.steps`) on the event loop: the database of the two hot paths.

The same rules as `ledger.db`: a unit commits when its steps end and rolls back when they raise; no connection is held
while anything outside is busy, which here is a matter of form, since steps can do nothing but yield statements.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from ledger.db import ANSWER_SECONDS, CONNECT_SECONDS, refusal

if TYPE_CHECKING:
    from ledger.steps import Rows, Statement, Steps

T = TypeVar("T")


class AsyncDatabase:
    """The PostgreSQL of one node, seen from the event loop.

    Args:
        url: SQLAlchemy URL, driver `postgresql+psycopg`.
        size: most connections.
        patience: seconds to wait for one answer, and for a free connection.
    """

    def __init__(self, url: str, *, size: int, patience: float = ANSWER_SECONDS) -> None:
        self._patience = patience
        self._pool = AsyncConnectionPool(
            url.replace("postgresql+psycopg", "postgresql", 1),
            min_size=0,
            max_size=size,
            open=False,
            timeout=10,
            kwargs={"autocommit": True, "connect_timeout": CONNECT_SECONDS, "prepare_threshold": 1},
        )

    async def open(self) -> None:
        """Begin; connections are made when they are needed."""
        await self._pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

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
            LogFrozenError, LogMismatchError: it takes no entries from this process.
            psycopg.OperationalError: it does not answer.
        """
        return await self._run(steps, unit=True)

    async def _run(self, steps: Steps[T], *, unit: bool) -> T:
        connection = await self._pool.getconn()
        try:
            if unit:
                await self._execute(connection, ("BEGIN", {}))
            done = await self._each(connection, steps)
            if unit:
                await self._execute(connection, ("COMMIT", {}))
        except psycopg.Error as error:
            if (refused := refusal(error)) is not None:
                raise refused from error
            if isinstance(error, psycopg.OperationalError):
                await self._pool.check()  # one lost connection is seldom lost alone
            raise
        else:
            return done
        finally:
            await self._give_back(connection)

    async def _each(self, connection: psycopg.AsyncConnection[Any], steps: Steps[T]) -> T:
        try:
            statement = next(steps)
            while True:
                try:
                    rows = await self._execute(connection, statement)
                except psycopg.IntegrityError as error:
                    statement = steps.throw(error)
                else:
                    statement = steps.send(rows)
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]  # a generator's value has no type of its own

    async def _execute(self, connection: psycopg.AsyncConnection[Any], statement: Statement) -> Rows:
        """One statement. A server that froze is not waited for; its connection is closed, as an answer may still come."""
        sql, values = statement
        try:
            async with asyncio.timeout(self._patience):
                cursor = await connection.execute(sql, values or None)
                return await cursor.fetchall() if cursor.description else []
        except TimeoutError as error:
            connection.pgconn.finish()
            msg = "no answer from the database"
            raise psycopg.OperationalError(msg) from error

    async def _give_back(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if not connection.closed and connection.pgconn.transaction_status != TransactionStatus.IDLE:
            try:
                await self._execute(connection, ("ROLLBACK", {}))
            except psycopg.Error:
                await connection.close()
        await self._pool.putconn(connection)
