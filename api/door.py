"""The door: callers that come together have their proofs remembered together.

Token and proof of each are checked as it comes, by `TokenService.authenticate` and nothing else; what is left is one
statement for each request, and those that queued while the last one ran are sent as one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authz.model import Caller
    from authz.tokens import TokenService
    from ledger.asyncdb import AsyncDatabase
    from ledger.steps import Statement, Steps


class Door:
    """The queue of one process; lives on its event loop.

    Args:
        tokens: knows how several are carried to their end.
        database: of the loop.
    """

    def __init__(self, tokens: TokenService, database: AsyncDatabase) -> None:
        self._tokens = tokens
        self._database = database
        self._waiting: list[tuple[Steps[Caller], Statement, asyncio.Future[Caller]]] = []
        self._work: asyncio.Task[None] | None = None

    async def let_in(self, steps: Steps[Caller]) -> Caller:
        """Carry an authentication to its end.

        Args:
            steps: from `TokenService.authenticate`, not begun.

        Raises:
            CredentialError: as `authenticate`.
            psycopg.Error: the database does not answer.
        """
        statement = next(steps)  # what is wrong with token or proof is raised here
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Caller] = loop.create_future()
        self._waiting.append((steps, statement, answer))
        if self._work is None:
            self._work = loop.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                begun = [(steps, statement) for steps, statement, _ in group]
                try:
                    done = await self._database.glance(self._tokens.authenticate_all(begun))
                except Exception as error:  # noqa: BLE001 - whatever it was, it is the answer to each of them
                    done = [error] * len(group)
                for (_, _, answer), outcome in zip(group, done, strict=True):
                    if answer.done():
                        continue
                    if isinstance(outcome, Exception):
                        answer.set_exception(outcome)
                    else:
                        answer.set_result(outcome)
        finally:
            self._work = None
