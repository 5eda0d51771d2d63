"""The duty catalogue (职责目录): what an organisation may use by law without asking the holder (依职能用证).

A catalogue is published as a whole, as a version; its canonical document's digest goes on the log. No entry in the
current version, no duty use.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from authz.errors import DutyVersionTakenError, InvalidTermsError
from authz.identifiers import check_organisation
from authz.model import Duty, Mode
from authz.store import duties as store
from authz.terms import sorted_terms
from ledger.clock import rfc3339
from ledger.ids import new_id
from ledger.record import Record, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.evidence import Evidence

FORM: Final = 1
_MODES: Final = tuple(Mode)
_MAX_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True)
class DutyEntry:
    """One line of a catalogue.

    Attributes:
        org_code: the organisation.
        article: law and article that make it a duty.
        item_code: the item it serves.
        types: what may be used.
        fields: what of it, in mode `data`.
        mode: how far.
        valid_from, valid_to: the period; open ended where None.

    Raises:
        InvalidTermsError, InvalidIdentityError: an attribute is malformed.
    """

    org_code: str
    article: str
    item_code: str
    types: tuple[str, ...]
    mode: Mode
    valid_from: datetime
    valid_to: datetime | None = None
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a line that says nothing or too much."""
        check_organisation(self.org_code)
        for term, value in (("article", self.article), ("item", self.item_code), ("types", "".join(self.types))):
            if not value.strip() or not value.isprintable():
                raise InvalidTermsError(term=term)
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise InvalidTermsError(term="valid_to")

    def document(self) -> dict[str, object]:
        """The line as it is published and hashed."""
        return {
            "org": self.org_code,
            "article": self.article,
            "item": self.item_code,
            "types": list(sorted_terms(self.types)),
            "fields": list(sorted_terms(self.fields)),
            "mode": self.mode.value,
            "valid_from": rfc3339(self.valid_from),
            "valid_to": None if self.valid_to is None else rfc3339(self.valid_to),
        }


@dataclass(frozen=True, slots=True)
class DutyCatalogue:
    """The current version: its canonical document, digest (SHA-256, hexadecimal) and log entry `duties.published`."""

    version: str
    digest: str
    document: bytes
    entry_id: str
    published_at: datetime


class Duties:
    """Publishes and asks the catalogue."""

    def __init__(self, evidence: Evidence, clock: Clock) -> None:
        self._evidence = evidence
        self._clock = clock

    def publish(self, db: Connection, version: str, entries: Sequence[DutyEntry]) -> DutyCatalogue:
        """Publish a version; it replaces the one before as a whole.

        Args:
            version: its name, never used before.
            entries: every line of it; none at all ends duty use.

        Raises:
            DutyVersionTakenError: the version was published before.
            InvalidTermsError: no version name, or more than 10,000 lines.
        """
        if not version.strip() or not version.isprintable() or len(entries) > _MAX_ENTRIES:
            raise InvalidTermsError(term="version")
        now = self._clock.now()
        lines = sorted((entry.document() for entry in entries), key=canonical)
        document = canonical({"v": FORM, "type": "cailian/duties", "version": version, "entries": lines})
        digest = sha256(document).hexdigest()
        fact = {"type": "duties.published", "time": rfc3339(now), "digests": {"sha256": digest}}
        promise = self._evidence.append(db, Record(fact, {"version": version, "entries": len(lines)}))
        row = {"version": version, "digest": digest, "document": document, "entry": promise.entry_id, "at": now}
        if not store.insert_version(db, row):
            raise DutyVersionTakenError(version=version)
        store.insert_duties(db, (_row(version, entry) for entry in entries))
        return DutyCatalogue(version, digest, document, promise.entry_id, now)

    def match(self, db: Connection, org_code: str, item_code: str, type_code: str, mode: Mode) -> Duty | None:
        """The entry that lets an organisation use a type for an item, now and so far; None where there is none."""
        modes = [each.value for each in _MODES[_MODES.index(mode) :]]
        values = {"org": org_code, "item": item_code, "type": type_code, "modes": modes}
        return store.match(db, values, self._clock.now())

    def current(self, db: Connection) -> DutyCatalogue | None:
        """The current version, for everybody to read; None before the first."""
        row = store.current(db)
        return None if row is None else DutyCatalogue(row[0], row[1], bytes(row[2]), row[3], row[4])


def _row(version: str, entry: DutyEntry) -> dict[str, object]:
    return {
        "id": new_id(),
        "version": version,
        "org": entry.org_code,
        "article": entry.article,
        "item": entry.item_code,
        "types": list(sorted_terms(entry.types)),
        "fields": list(sorted_terms(entry.fields)),
        "mode": entry.mode.value,
        "from": entry.valid_from,
        "to": entry.valid_to,
    }
