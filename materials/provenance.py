"""The life of one material as a timeline: what was done, when, by whom, in which log entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from materials import store
from materials.model import Event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller
    from authz.parties import Parties
    from authz.uses import Uses
    from materials.model import Material


class Provenance:
    """Tells a material's life to those who may know it."""

    def __init__(self, uses: Uses, parties: Parties) -> None:
        self._uses = uses
        self._parties = parties

    def timeline(self, db: Connection, caller: Caller, material: Material) -> list[Event]:
        """Events in the order of time.

        The depositor sees every use and refusal with the organisation's code; anybody else sees its own only.
        """
        depositor = self._parties.party(db, material.party_id).org_code
        events = [Event("deposited", material.deposited_at, material.entry_id, depositor, material.origin_case_no)]
        if material.superseded_by and (entry := store.superseded_entry(db, material.id)):
            successor = store.material(db, material.superseded_by)
            at = successor.deposited_at if successor else material.deposited_at
            events.append(Event("superseded", at, entry, depositor, material_id=material.superseded_by))
        all_of_it = material.party_id == caller.party_id
        names: dict[str, str] = {}
        for use in self._uses.history(db, material.id):
            if not (all_of_it or use.party_id == caller.party_id):
                continue
            if use.party_id not in names:
                names[use.party_id] = self._parties.party(db, use.party_id).org_code
            own = use.party_id == caller.party_id
            events.append(
                Event(
                    use.kind,
                    use.at,
                    use.entry_id,
                    names[use.party_id],
                    use.case_no if own else None,
                    use.use_id if own else None,
                    use.basis,
                    use.reason if all_of_it else None,
                )
            )
        return sorted(events, key=lambda event: event.at)
