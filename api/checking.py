"""A check at the source from end to end: two short units, and the question between them, outside any (DESIGN 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.errors import AuthzError, UseRefusedError
from authz.limits import Cost
from ledger import failpoints
from materials.connectors.errors import SourceContradictsError, SourceError, SourceUnavailableError
from materials.errors import MaterialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from authz.limits import Meter
    from authz.model import Caller
    from ledger.db import Database
    from materials.checkrows import Check
    from materials.checks import Asking, Checks
    from materials.connectors.port import Answer, Connector, Question


class Checking:
    """Puts questions and keeps what comes of them.

    Args:
        database: for units of its own.
        checks: begins and ends.
        connectors: by name of source.
        meter: an answer is a use, and counts as one.
    """

    def __init__(self, database: Database, checks: Checks, connectors: Mapping[str, Connector], meter: Meter) -> None:
        self._database = database
        self._checks = checks
        self._connectors = dict(connectors)
        self._meter = meter

    def ask(self, caller: Caller, asking: Asking, keep: Callable[[Connection, Check], None]) -> None:
        """Put a question. That the source failed is an outcome, and kept like any other.

        Args:
            keep: called in the last unit.

        Raises:
            QuotaSpentError: the organisation has had its uses of the day.
            as `Checks.begin`.
        """
        self._meter.charge(caller.party_id, caller.party_kind, (Cost.uses,))
        try:
            with self._database.unit() as db:
                question = self._checks.begin(db, caller, asking)
        except UseRefusedError as refusal:
            self._refuse(caller, asking, refusal)
            raise
        failpoints.reach("check.asked")
        try:
            answer = self._connector(question).ask(question)
        except SourceError as error:
            self._fail(question, error.code, None, keep)
            return
        failpoints.reach("check.answered")
        try:
            with self._database.unit() as db:
                keep(db, self._checks.answered(db, caller, question, answer))
                failpoints.reach("check.recorded")
            failpoints.reach("check.committed")
        except SourceContradictsError as error:
            self._fail(question, error.code, answer, keep)
        except (AuthzError, MaterialsError) as error:  # the grant or the case ended while the source was thinking
            self._fail(question, error.code, None, keep)
            if isinstance(error, UseRefusedError):
                self._refuse(caller, asking, error)

    def _fail(
        self, question: Question, code: str, answer: Answer | None, keep: Callable[[Connection, Check], None]
    ) -> None:
        with self._database.unit() as db:
            keep(db, self._checks.failed(db, question.id, code, answer))

    def _refuse(self, caller: Caller, asking: Asking, refusal: UseRefusedError) -> None:
        with self._database.unit() as db:
            self._checks.refuse(db, caller, asking, refusal)

    def _connector(self, question: Question) -> Connector:
        try:
            return self._connectors[question.kind.source]
        except KeyError:
            raise SourceUnavailableError(source=question.kind.source) from None
