"""异议 of licences: a claim freezes one (uses are refused, scans and status list say so) until its issuer answered.

*Corrected* is a newer version, or the end of a licence that should not be there at all. Told are the organisations that
used it or any version before, or were shown it. What every dispute does: `certs.disputing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from certs.disputing import LISTED, Court, Disputed, Disputing
from certs.errors import InvalidRequestError, NotCurrentVersionError, UnknownLicenceError
from certs.model import LicenceStatus, Operation
from certs.store.disputes import LICENCES, shown_to
from ledger import outbox
from ledger.clock import rfc3339
from ledger.steps import execute, run

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.uses import Uses
    from certs.catalogue import LicenceCatalogue
    from certs.changes import Changes
    from certs.model import Dispute, Licence
    from certs.store.licences import LicenceStore

ENDS: Final = frozenset({LicenceStatus.revoked, LicenceStatus.cancelled, LicenceStatus.withdrawn_permit})
"""Statuses that correct a licence which should not be there at all."""
_OPENED: Final = "licence.disputed"
_ENDED: Final = "licence.dispute-answered"
"""Types of the records, which are sealed (`certs.disputing`)."""


class Disputes(Disputing):
    """Opens and closes disputes of licences.

    Args:
        licences, catalogue, changes: what is disputed, frozen and thawed.
        uses: who relied on it.
        court: what every dispute needs.
    """

    opened = _OPENED
    ended = _ENDED
    act = Act.issue

    def __init__(
        self, licences: LicenceStore, catalogue: LicenceCatalogue, changes: Changes, uses: Uses, court: Court
    ) -> None:
        super().__init__(LICENCES, court)
        self._licences = licences
        self._catalogue = catalogue
        self._changes = changes
        self._uses = uses

    def of_licence(self, db: Connection, licence_id: str) -> list[Dispute]:
        """The newest 200 disputes of one version of a licence."""
        return self._rows.of_subject(db, licence_id, LISTED)

    def _locked(self, db: Connection, subject_id: str) -> Disputed:
        thing = self._again(db, subject_id)
        if thing.successor_id is not None:
            raise NotCurrentVersionError(current=thing.successor_id)
        return thing

    def _again(self, db: Connection, subject_id: str) -> Disputed:
        licence = run(db, self._licences.get(subject_id, lock="update"))
        if licence is None:
            raise UnknownLicenceError
        return Disputed(
            licence.id,
            licence.issuer_party_id,
            licence.holder_ids,
            licence.successor_id,
            licence.successor_id is not None or licence.status in ENDS,
            {"licence": licence.id, "licence_id": licence.licence_id},
            {"issued_entry": licence.entry_id},
            licence,
        )

    def _check(self, thing: Disputed, fields: list[str]) -> None:
        kind = self._catalogue.type(thing.owner.type_code)
        if any(kind.field_of(each) is None for each in fields):
            raise InvalidRequestError(term="fields")

    def _freeze(self, db: Connection, thing: Disputed, now: datetime) -> None:
        del now
        self._changes.freeze(db, thing.id, frozen=True)

    def _thaw(self, db: Connection, thing: Disputed, now: datetime) -> None:
        del now
        if thing.successor_id is None:
            self._changes.freeze(db, thing.id, frozen=False)
        else:  # nobody gets it back, so nobody is told that it came back
            execute(db, self._licences.freeze(thing.id, frozen=False))

    def _relied(self, db: Connection, thing: Disputed) -> set[str]:
        licence: Licence = thing.owner
        versions = [each.id for each in run(db, self._licences.versions(licence.first_id))]
        last = versions.index(licence.id) + 1 if licence.id in versions else licence.version
        wrong = versions[:last]
        return shown_to(db, wrong).union(*(self._uses.users(db, each) for each in wrong))

    def _tell(self, db: Connection, dispute: Dispute, thing: Disputed, relied: list[str], now: datetime) -> None:
        told: dict[str, Any] = {
            "licence_id": thing.id,
            "status": thing.owner.status.value,
            "operation": Operation.change.value,
        }
        told |= {"at": rfc3339(now), "dispute": dispute.id, "successor": thing.successor_id, "parties": relied}
        outbox.emit(db, "licence.changed", f"{dispute.id}/corrected", told, now)
