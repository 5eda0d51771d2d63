"""Acts at the counter: is this operator the caller's, and may the role do that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.decider import Decider
    from authz.model import Act, Caller, Operator
    from authz.parties import Parties


class Counter:
    """Lets operators act by the policies in `policies/acts.cedar`."""

    def __init__(self, parties: Parties, decider: Decider) -> None:
        self._parties = parties
        self._decider = decider

    def let(self, db: Connection, caller: Caller, handle: str, act: Act) -> Operator:
        """The operator behind a handle, who may do this.

        Raises:
            UnknownOperatorError: the caller's organisation has no such operator.
            NotPermittedError: the role does not permit the act.
        """
        operator = self._parties.operator(db, caller.party_id, handle)
        self._decider.permit(caller, operator, act)
        return operator
