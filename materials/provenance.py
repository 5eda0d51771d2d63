"""The life of one material as a timeline: what was done, when, by whom, in which log entry.

Depositor and holder see everything. Anybody else who may know of the material sees how it came in, was disputed and
ended, and its own uses; that others used it, and when, is the holder's business (DESIGN 7). A case number is shown to
the organisation whose case it is and to the holder, never to a third.

However long the life, it is told whole, a page at a time: in the order in which things began, each use with its end.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from certs.model import DisputeState
from ledger.steps import run
from materials import store
from materials.errors import CursorInvalidError, UnknownMaterialError
from materials.model import Event, MaterialStatus

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from authz.model import Caller, UseEvent
    from authz.parties import Parties
    from authz.uses import Uses
    from certs.model import Dispute
    from materials.disputes import MaterialDisputes
    from materials.model import Material

LINES: Final = 200
"""Uses and refusals in a page."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of events, and the cursor of the next; None at the end."""

    events: tuple[Event, ...]
    next_cursor: str | None


class Provenance:
    """Tells a material's life to those who may know it.

    Args:
        uses: its uses.
        parties: names of organisations.
        disputes: claims against it.
    """

    def __init__(self, uses: Uses, parties: Parties, disputes: MaterialDisputes) -> None:
        self._uses = uses
        self._parties = parties
        self._disputes = disputes

    def timeline(
        self, db: Connection, caller: Caller, material: Material, *, cursor: str | None = None, limit: int = LINES
    ) -> Timeline:
        """A page of events, as far as an organisation may know them.

        Args:
            db: the unit.
            caller: who asks.
            material: from `Vault.get`, which decided that the caller may know of it.
            cursor: from the page before.
            limit: uses and refusals in the page.

        Raises:
            CursorInvalidError: the cursor is not one of ours.
        """
        everything = material.party_id == caller.party_id
        return self._tell(db, material, everything=everything, own=caller.party_id, cursor=cursor, limit=limit)

    def of_holder(
        self, db: Connection, holder_id: str, material_id: str, *, cursor: str | None = None, limit: int = LINES
    ) -> Timeline:
        """A page of events for whom the material is about: all of them.

        Raises:
            UnknownMaterialError: there is none, or it is about somebody else; the two look the same.
            CursorInvalidError: the cursor is not one of ours.
        """
        material = run(db, store.material(material_id))
        if material is None or material.holder_id != holder_id:
            raise UnknownMaterialError
        return self._tell(db, material, everything=True, own=None, cursor=cursor, limit=limit)

    def _tell(
        self, db: Connection, material: Material, *, everything: bool, own: str | None, cursor: str | None, limit: int
    ) -> Timeline:
        after = read_cursor(cursor)
        mine = None if everything else own
        lines = self._uses.history(db, material.id, after=after, party_id=mine, limit=limit + 1)
        more, lines = len(lines) > limit, lines[:limit]
        told = lines if own is not None else [each for each in lines if self._uses.is_told(db, each.id)]
        events = [_use_event(each, everything=everything, own=own) for line in told for each in line.events]
        # What is no use belongs to the page in whose time it falls; the last page reaches as far as there is time.
        since, until = after[0] if after else None, lines[-1].at if more else None
        others = _own_events(material, own) + [each for held in self._claims(db, material) for each in held]
        events += [each for each in others if _within(each.at, since, until)]
        names = {party: self._parties.party(db, party).name for party in {event.party_id for event in events} if party}
        named = [replace(event, organisation=names.get(event.party_id or "")) for event in events]
        named.sort(key=lambda event: (event.at, event.entry_id))
        return Timeline(tuple(named), write_cursor(lines[-1].at, lines[-1].id) if more else None)

    def _claims(self, db: Connection, material: Material) -> list[list[Event]]:
        return [_dispute_events(each) for each in self._disputes.of_material(db, material.id)]


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at > since) and (until is None or at <= until)


def _own_events(material: Material, own: str | None) -> list[Event]:
    """How it came in, and how it ended."""
    origin = material.origin_case_no if own in {None, material.party_id} else None
    events = [Event("deposited", material.deposited_at, material.entry_id, material.party_id, case_no=origin)]
    if material.ended_at and material.ended_entry_id:
        kind = "superseded" if material.superseded_by else MaterialStatus.withdrawn.value
        events.append(Event(kind, material.ended_at, material.ended_entry_id, material_id=material.superseded_by))
    return events


def _dispute_events(held: Dispute) -> list[Event]:
    """That its holder disputed it, and what came of that."""
    events = [Event("disputed", held.opened_at, held.entry_id)]
    if held.answered_at is not None and held.answer_entry_id is not None:
        party = None if held.state is DisputeState.withdrawn else held.party_id
        events.append(Event(f"dispute-{held.state.value}", held.answered_at, held.answer_entry_id, party))
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


def write_cursor(at: datetime, line_id: str) -> str:
    """The cursor of whatever comes after a line."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), line_id]).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """Time and id of the line before a cursor; None at the beginning.

    Raises:
        CursorInvalidError: it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        at, line_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise CursorInvalidError
        return moment, str(uuid.UUID(line_id))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise CursorInvalidError from error
