"""Acts at the counter: is this operator the caller's, and may the role do that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.errors import UnknownOperatorError
from ledger.steps import run

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.decider import Decider
    from authz.model import Act, Caller, Operator
    from authz.parties import Parties
    from ledger.steps import Steps


class Counter:
    """Lets operators act by the policies in `policies/acts.cedar`."""

    def __init__(self, parties: Parties, decider: Decider) -> None:
        self._parties = parties
        self._decider = decider

    def let(self, db: Connection, caller: Caller, handle: str, act: Act) -> Operator:
        """As `allow`, in a unit."""
        return run(db, self.allow(caller, handle, act))

    def permit(self, caller: Caller, operator: Operator, act: Act) -> None:
        """Let an operator that was read already do something.

        Raises:
            NotPermittedError: the role does not permit it.
        """
        self._decider.permit(caller, operator, act)

    def allow(self, caller: Caller, handle: str, act: Act) -> Steps[Operator]:
        """The operator behind a handle, who may do this.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator, or the caller is another one.
            NotPermittedError: the role does not permit the act.
        """
        if not caller.speaks_for(handle):
            raise UnknownOperatorError
        operator = yield from self._parties.operator(caller.party_id, handle)
        self._decider.permit(caller, operator, act)
        return operator
