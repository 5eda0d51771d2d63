"""Looking whether a licence stands, for a line of a checklist: a use in mode `verify`, delivered in one unit.

What is delivered is one canonical statement, whether the licence stands, and nothing that is on it. It can be made
again from the log entry and the row, so nothing of it is kept but its digest, which is the use's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.digests import digest
from ledger.record import canonical
from ledger.steps import execute, run, together
from materials import store
from materials.errors import UnknownMaterialError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller, Use, UseRequest
    from authz.uses import Uses
    from materials.cases import Cases
    from materials.licence_uses import LicenceUses


class Looker:
    """Looks at licences.

    Args:
        cases: what a decision must know of a case.
        licence_uses: the library.
        uses: decides and records.
    """

    def __init__(self, cases: Cases, licence_uses: LicenceUses, uses: Uses) -> None:
        self._cases = cases
        self._licence_uses = licence_uses
        self._uses = uses

    def verify(self, db: Connection, caller: Caller, request: UseRequest, key: str) -> Use:
        """Whether a licence stands, for a case.

        Args:
            request: in mode `verify`.
            key: under which the use is unique for the client.

        Raises:
            UnknownMaterialError: there is no such licence.
            UseRefusedError: the use is refused; record that with `Uses.refuse`.
        """
        _, case, lead = run(db, store.for_use(request.object_id, request.case_no, caller.party_id))
        applicant = case.applicant_holder_id if case is not None else None
        people = case.people if case is not None else frozenset()
        found = run(db, self._licence_uses.find(request.object_id, applicant, people))
        if found is None:
            raise UnknownMaterialError
        facts = self._cases.facts(case, request.case_no, found.resource.type_code, lead)
        said = canonical({"licence": found.licence.id, "version": found.licence.version, "stands": True})
        both = digest(said)
        digests = {"sha256": both.sha256.hex(), "sm3": both.sm3.hex()}
        use, writes = run(db, self._uses.open(caller, request, found.resource, facts, len(said), digests, key))
        execute(db, together(*writes))
        return run(db, self._uses.delivered(use.id, 0, use.size))
