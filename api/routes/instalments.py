"""Acts of several units of work under one Idempotency-Key: the answer is kept in the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from api import idempotency
from api.idempotency import Answer
from api.routes import edge
from ledger import failpoints
from ledger.steps import execute, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import Request, Response
    from pydantic import BaseModel
    from sqlalchemy import Connection

    from api.idempotency import Answers
    from api.node import Node


class Keep:
    """Keeps the answer of an act, in the unit of its effect.

    Attributes:
        key: Idempotency-Key, for what is made on the way and must be made once.
    """

    def __init__(self, answers: Answers, principal: str, key: str, asked: bytes) -> None:
        self.key = key
        self.answer: Answer | None = None
        self._answers = answers
        self._principal = principal
        self._asked = asked

    def __call__(self, db: Connection, status: int, document: dict[str, Any]) -> None:
        """Keep status and JSON of the answer."""
        self.answer = Answer(status, edge.dump(document))
        execute(db, self._answers.keep(self._principal, self.key, self._asked, self.answer))

    def before(self, db: Connection) -> Answer | None:
        """The answer given before under this key."""
        return run(db, self._answers.find(self._principal, self.key, self._asked))


def once(node: Node, request: Request, principal: str, body: BaseModel | None, act: Callable[[Keep], None]) -> Response:
    """Do something in several units, once per Idempotency-Key.

    Two requests with one key at the same time both begin; the last unit of one commits, and both get its answer.

    Args:
        principal: whose key it is.
        act: does it, and calls what it is given in its last unit.
    """
    key = idempotency.check_key(request.headers.get("idempotency-key"))
    keep = Keep(node.answers, principal, key, edge.fingerprint(request, body))
    with node.database.glance() as db:
        given = keep.before(db)
    if given is not None:
        return edge.json_response(given)
    failpoints.reach("instalments.begun")
    try:
        act(keep)
    except IntegrityError as error:
        if not idempotency.is_taken(error):
            raise
        with node.database.glance() as db:
            given = keep.before(db)
        if given is None:
            raise
        return edge.json_response(given)
    if keep.answer is None:
        msg = "an act that kept no answer"
        raise RuntimeError(msg)
    return edge.json_response(keep.answer)
