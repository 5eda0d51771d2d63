"""The life of one material as a timeline: what was done, when, by whom, in which log entry.

Depositor and holder see everything. Anybody else who may know of the material sees how it came in and ended, and its
own uses; that others used it, and when, is the holder's business (DESIGN 7). A case number is shown to the organisation
whose case it is and to the holder, never to a third.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.steps import run
from materials import store
from materials.errors import UnknownMaterialError
from materials.model import Event, MaterialStatus

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller, UseEvent
    from authz.parties import Parties
    from authz.uses import Uses
    from materials.model import Material


class Provenance:
    """Tells a material's life to those who may know it."""

    def __init__(self, uses: Uses, parties: Parties) -> None:
        self._uses = uses
        self._parties = parties

    def timeline(self, db: Connection, caller: Caller, material: Material) -> list[Event]:
        """Events in the order of time, as far as an organisation may know them.

        Args:
            db: the unit.
            caller: who asks.
            material: from `Vault.get`, which decided that the caller may know of it.
        """
        everything = material.party_id == caller.party_id
        return self._tell(db, material, everything=everything, own=caller.party_id)

    def of_holder(self, db: Connection, holder_id: str, material_id: str) -> list[Event]:
        """Events in the order of time, for whom the material is about: all of them.

        Raises:
            UnknownMaterialError: there is none, or it is about somebody else; the two look the same.
        """
        material = run(db, store.material(material_id))
        if material is None or material.holder_id != holder_id:
            raise UnknownMaterialError
        return self._tell(db, material, everything=True, own=None)

    def _tell(self, db: Connection, material: Material, *, everything: bool, own: str | None) -> list[Event]:
        events = _own_events(material, own)
        events += [
            _use_event(use, everything=everything, own=own)
            for use in self._uses.history(db, material.id)
            if everything or use.party_id == own
        ]
        names = {party: self._parties.party(db, party).name for party in {event.party_id for event in events} if party}
        told = [replace(event, organisation=names.get(event.party_id or "")) for event in events]
        return sorted(told, key=lambda event: (event.at, event.entry_id))


def _own_events(material: Material, own: str | None) -> list[Event]:
    """How it came in, and how it ended."""
    origin = material.origin_case_no if own in {None, material.party_id} else None
    events = [Event("deposited", material.deposited_at, material.entry_id, material.party_id, case_no=origin)]
    if material.ended_at and material.ended_entry_id:
        kind = "superseded" if material.superseded_by else MaterialStatus.withdrawn.value
        events.append(Event(kind, material.ended_at, material.ended_entry_id, material_id=material.superseded_by))
    return events


def _use_event(use: UseEvent, *, everything: bool, own: str | None) -> Event:
    """One step of a use. Why another's was refused is for who sees everything; why one's own was, was said then."""
    return Event(
        use.kind,
        use.at,
        use.entry_id,
        use.party_id,
        case_no=use.case_no if own in {None, use.party_id} else None,
        use_id=use.use_id if own in {None, use.party_id} else None,
        basis=use.basis,
        reason=use.reason if everything else None,
    )
