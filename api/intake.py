"""Group commit: single pieces of evidence that come in together are written together.

What queued while the last commit ran is the next group, and with it who was at the door by then, whose token and proof
were being checked; there is no timer. A group is one unit: its records, entries, indices and answers are durable
together, then every caller is answered. Its promise is one signature, of which each caller gets the path to their own
entry.

A request is checked wholly before it joins a group, so none can spoil it for the others; what is left to fail concerns
the whole group (the database is away, the log is frozen) or a key that was used before, and that one is told apart.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from psycopg.errors import UniqueViolation

from api import idempotency
from api.errors import AnchorOverdueError, IdempotencyKeyReusedError, MergeOverdueError
from api.idempotency import Answer
from api.routes import edge
from ledger import failpoints
from ledger.errors import LogBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from api.idempotency import Answers
    from ledger.asyncdb import AsyncDatabase
    from ledger.kept import Keeping, KeptDocuments
    from ledger.promise import BatchPromise, Promise
    from ledger.steps import Statement, Steps

MOST: Final = 256
"""Requests in one group."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One request: whose key, which key, digest of what is asked, what to anchor, and who waits for the answer."""

    principal: str
    key: str
    fingerprint: bytes
    keeping: Keeping
    answer: asyncio.Future[Answer]


class Intake:
    """The queue of one process; lives on its event loop.

    Args:
        documents: does the anchoring.
        answers: keeps what was answered.
        database: of the loop.
        refuse_when_overdue: raises when nothing new may be taken in.
    """

    def __init__(
        self,
        documents: KeptDocuments,
        answers: Answers,
        database: AsyncDatabase,
        refuse_when_overdue: Callable[[], Steps[None]],
    ) -> None:
        self._documents = documents
        self._answers = answers
        self._database = database
        self._refuse_when_overdue = refuse_when_overdue
        self._waiting: list[_Asked] = []
        self._arriving: set[object] = set()
        self._expected: set[object] = set()
        self._all_in: asyncio.Future[None] | None = None
        self._work: asyncio.Task[None] | None = None

    async def anchor(self, principal: str, key: str, fingerprint: bytes, keeping: Keeping) -> Answer:
        """Anchor one document with whatever else is waiting.

        Args:
            principal: the client.
            key: its Idempotency-Key for this act.
            fingerprint: SHA-256 of the request.
            keeping: what to anchor, and for whom.

        Returns:
            The answer; durable.

        Raises:
            IdempotencyKeyReusedError: the key belongs to another request.
            AnchorOverdueError, MergeOverdueError: the log is behind; nothing new is taken in.
            LedgerError, psycopg.Error: nothing was stored.
        """
        loop = asyncio.get_running_loop()
        asked = _Asked(principal, key, fingerprint, keeping, loop.create_future())
        self._waiting.append(asked)
        if self._work is None:
            self._work = loop.create_task(self._drain())
        return await asked.answer

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Who is within is waited for by the next group; what is done there must not depend on the caller's speed."""
        token = object()
        self._arriving.add(token)
        try:
            yield
        finally:
            self._arriving.discard(token)
            self._expected.discard(token)
            if not self._expected and self._all_in is not None and not self._all_in.done():
                self._all_in.set_result(None)

    async def _let_in(self) -> None:
        """Wait for those who are arriving now. Those who come meanwhile are of a later group: nobody waits for ever."""
        if self._arriving:
            self._expected = set(self._arriving)
            self._all_in = asyncio.get_running_loop().create_future()
            await self._all_in

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._let_in()
                group = self._next()
                try:
                    await self._settle(group)
                except Exception as error:  # noqa: BLE001 - whatever it was, it is the answer to each of them
                    for asked in group:
                        if not asked.answer.done():
                            asked.answer.set_exception(error)
        finally:
            self._work = None

    def _next(self) -> list[_Asked]:
        """The next group. Two requests with one key never share a group: the second is answered from the first."""
        group: list[_Asked] = []
        left: list[_Asked] = []
        keys: set[tuple[str, str]] = set()
        for asked in self._waiting:
            name = asked.principal, asked.key
            if len(group) < MOST and name not in keys:
                keys.add(name)
                group.append(asked)
            else:
                left.append(asked)
        self._waiting = left
        return group

    async def _settle(self, group: Sequence[_Asked]) -> None:
        """Write a group and answer it; each key that was used before is answered as it was then."""
        try:
            try:
                answers = await self._write(group, waiting=False)
            except LogBusyError:
                answers = await self._write(group, waiting=True)
        except (UniqueViolation, AnchorOverdueError, MergeOverdueError) as error:
            # Nothing was written. What was answered before is answered again, whatever stops the others.
            fresh = [asked for asked in group if not await self._is_repeated(asked)]
            if fresh and (len(fresh) == len(group) or not idempotency.is_taken(error)):
                raise
            if fresh:
                await self._settle(fresh)
            return
        failpoints.reach("evidence.committed")
        for asked, answer in zip(group, answers, strict=True):
            if not asked.answer.done():
                asked.answer.set_result(answer)

    async def _is_repeated(self, asked: _Asked) -> bool:
        try:
            before = await self._database.glance(self._answers.find(asked.principal, asked.key, asked.fingerprint))
        except IdempotencyKeyReusedError as error:
            asked.answer.set_exception(error)
            return True
        if before is None:
            return False
        asked.answer.set_result(before)
        return True

    async def _write(self, group: Sequence[_Asked], *, waiting: bool) -> list[Answer]:
        answers: list[Answer] = []

        def beside(promise: BatchPromise, earlier: Sequence[str | None]) -> Statement:
            documents = map(answer_document, promise.each(), earlier)
            answers.extend(Answer(201, edge.dump(document)) for document in documents)
            failpoints.reach("evidence.sealed")
            return self._answers.keep_all(
                [
                    (asked.principal, asked.key, asked.fingerprint, answer)
                    for asked, answer in zip(group, answers, strict=True)
                ]
            )

        await self._database.glance(self._refuse_when_overdue())
        batch = [asked.keeping for asked in group]
        await self._database.unit(self._documents.anchor_few(batch, beside, waiting=waiting))
        return answers


def answer_document(promise: Promise, earlier: str | None) -> dict[str, Any]:
    """The answer to one anchored document."""
    return {"entry_id": promise.entry_id, "earlier_entry_id": earlier, "promise": promise.to_json()}
