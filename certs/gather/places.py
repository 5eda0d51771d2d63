"""Which places are taken: numbers, licence ids, and what a holder may have one standing licence for.

Looked up for a whole batch at once; rows before in the batch count like what is here. The unique keys of the tables
have the last word (`certs.tables`): somebody else may write at the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from certs.errors import IssuerNotListedError, LicenceNoTakenError, LicenceOverlapError, SecondLicenceError
from certs.faces import Content
from certs.store import issuers
from ledger.steps import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.holders import Holders
    from authz.model import Caller
    from certs.errors import CertsError
    from certs.gather.rows import GatheredRow
    from certs.store.licences import LicenceStore


@dataclass(slots=True)
class Places:
    """What is taken: here, or by rows before in the batch."""

    types: set[str]
    known_ids: Mapping[str, str]
    ids: set[str]
    macs: set[bytes]
    slots: set[tuple[str, bytes]]
    keys: dict[int, tuple[bytes, list[tuple[str, bytes]]]]
    """Number and (holder, slot) of each row that stands."""

    @classmethod
    def of(
        cls,
        db: Connection,
        licences: LicenceStore,
        holders: Holders,
        caller: Caller,
        candidates: Sequence[GatheredRow],
    ) -> Places:
        """What stands in the way of some rows."""
        known = holders.known_many(db, {each for row in candidates for each in row.identifiers})
        keys = {}
        for row in candidates:
            if row.status.is_standing:
                mac = licences.number_mac(row.kind.code, caller.org_code, row.licence_no)
                slot = licences.slot(row.kind, Content(row.holders, row.face, b""))
                # Somebody new has no id yet; the code itself tells rows of the batch apart, and is never kept.
                named = [known.get(each) or f"{each.type}\0{each.country}\0{each.code}" for each in row.identifiers]
                keys[row.number] = mac, [(each, slot) for each in named] if slot is not None else []
        here = {(holder, slot) for _, slots in keys.values() for holder, slot in slots if "\0" not in holder}
        ids = [str(row.licence_id) for row in candidates if row.licence_id is not None]
        return cls(
            types=set(run(db, issuers.types(caller.party_id))),
            known_ids=run(db, licences.known_ids(ids)) if ids else {},
            ids=set(),
            macs=run(db, licences.taken_numbers([mac for mac, _ in keys.values()])),
            slots=run(db, licences.taken_slots(list(here))) if here else set(),
            keys=keys,
        )

    def take(self, row: GatheredRow) -> CertsError | None:
        """Let a row have its places; what stands in the way, if anything."""
        licence_id = None if row.licence_id is None else str(row.licence_id)
        if row.kind.code not in self.types:
            return IssuerNotListedError(type=row.kind.code)
        mac, slots = self.keys.get(row.number, (None, []))
        if licence_id in self.ids or mac in self.macs:
            return LicenceNoTakenError()
        if self.slots.intersection(slots):
            return SecondLicenceError() if row.kind.unique_per_holder else LicenceOverlapError(problem="same object")
        if licence_id is not None:
            self.ids.add(licence_id)
        if mac is not None:
            self.macs.add(mac)
        self.slots.update(slots)
        return None
