"""异议 of materials: a claim freezes a material, uses under way end, until its depositor answered.

*Corrected* is a newer version (`supersedes` at the deposit), or its withdrawal; then everybody who ever used it or a
version before it is told. What every dispute does: `certs.disputing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from authz.uses import cut
from certs.disputing import LISTED, Court, Disputed, Disputing
from certs.errors import InvalidRequestError
from certs.store.disputes import DisputeRows
from ledger import outbox
from ledger.clock import rfc3339
from ledger.steps import execute, run
from materials import store
from materials.deposits import STANDING
from materials.errors import MaterialNotActiveError, UnknownMaterialError
from materials.model import MaterialStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.uses import Uses
    from certs.model import Dispute
    from materials.model import Material

CHANGED: Final = "material.changed"
"""Kind of outbox message: a material that somebody used has another status."""
_OPENED: Final = "material.disputed"
_ENDED: Final = "material.dispute-answered"
"""Types of the records, which are sealed (`certs.disputing`)."""
_ROWS: Final = DisputeRows("materials", "material_id", "depositor_party_id")


class MaterialDisputes(Disputing):
    """Opens and closes disputes of materials.

    Args:
        uses: who relied on it.
        court: what every dispute needs.
    """

    opened = _OPENED
    ended = _ENDED
    act = Act.deposit

    def __init__(self, uses: Uses, court: Court) -> None:
        super().__init__(_ROWS, court)
        self._uses = uses

    def of_material(self, db: Connection, material_id: str) -> list[Dispute]:
        """The newest 200 disputes of one material."""
        return self._rows.of_subject(db, material_id, LISTED)

    def _locked(self, db: Connection, subject_id: str) -> Disputed:
        thing = self._again(db, subject_id)
        if thing.owner.status not in STANDING:
            current = run(db, store.current_version(thing.id))
            raise MaterialNotActiveError(status=thing.owner.status.value, current=current)
        return thing

    def _again(self, db: Connection, subject_id: str) -> Disputed:
        material = run(db, store.material(subject_id, lock=True))
        if material is None:
            raise UnknownMaterialError
        return Disputed(
            material.id,
            material.party_id,
            (material.holder_id,),
            material.superseded_by,
            material.status not in STANDING,
            {"material": material.id},
            {"deposited_entry": material.entry_id},
            material,
        )

    def _check(self, thing: Disputed, fields: list[str]) -> None:
        del thing
        if fields:  # a document has no fields of its own; the claim says what is wrong
            raise InvalidRequestError(term="fields")

    def _freeze(self, db: Connection, thing: Disputed, now: datetime) -> None:
        execute(db, store.freeze(thing.id, MaterialStatus.active, MaterialStatus.disputed))
        cut(db, thing.id, now)
        self._changed(db, thing, MaterialStatus.disputed, now)

    def _thaw(self, db: Connection, thing: Disputed, now: datetime) -> None:
        if thing.owner.status is MaterialStatus.disputed:  # else it was replaced or withdrawn, and stays so
            execute(db, store.freeze(thing.id, MaterialStatus.disputed, MaterialStatus.active))
            self._changed(db, thing, MaterialStatus.active, now)

    def _relied(self, db: Connection, thing: Disputed) -> set[str]:
        wrong = run(db, store.versions_before(thing.id))
        return {party for each in wrong for party in self._uses.users(db, each)}

    def _tell(self, db: Connection, dispute: Dispute, thing: Disputed, relied: list[str], now: datetime) -> None:
        material: Material = thing.owner
        told: dict[str, Any] = {"material_id": thing.id, "status": material.status.value, "at": rfc3339(now)}
        told |= {"dispute": dispute.id, "successor": thing.successor_id, "parties": relied}
        outbox.emit(db, CHANGED, f"{dispute.id}/corrected", told, now)

    @staticmethod
    def _changed(db: Connection, thing: Disputed, status: MaterialStatus, now: datetime) -> None:
        body = {"material_id": thing.id, "status": status.value, "at": rfc3339(now)}
        outbox.emit(db, CHANGED, f"{thing.id}/{status.value}/{rfc3339(now)}", body, now)
