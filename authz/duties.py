"""The duty catalogue (职责目录) in force: what an organisation may use by law without asking the holder (依职能用证).

The catalogue is the register `duties` (`ledger.registers`): publishing a version of it is the only way to change what
is in force, and both happen in one unit. No entry in the current version, no duty use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from authz import registerforms
from authz.errors import InvalidTermsError
from authz.identifiers import check_organisation
from authz.model import Duty, Mode
from authz.store import duties as store
from authz.terms import sorted_terms
from ledger.clock import parse_rfc3339, rfc3339
from ledger.ids import new_id
from ledger.registers import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ledger.clock import Clock
    from ledger.registers import Changes, Registers, RegisterVersion

KIND: Final = "duties"
_MODES: Final = tuple(Mode)


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
        """The line as it is published and hashed (`authz.registerforms`)."""
        return {
            "org": self.org_code,
            "article": self.article,
            "item": self.item_code,
            "types": list(sorted_terms(self.types)),
            "mode": self.mode.value,
            "valid_from": rfc3339(self.valid_from),
            **({"fields": list(sorted_terms(self.fields))} if self.fields else {}),
            **({"valid_to": rfc3339(self.valid_to)} if self.valid_to else {}),
        }

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> DutyEntry:
        """Read a line that fits the form."""
        return cls(
            line["org"],
            line["article"],
            line["item"],
            tuple(line["types"]),
            Mode(line["mode"]),
            parse_rfc3339(line["valid_from"]),
            parse_rfc3339(line["valid_to"]) if "valid_to" in line else None,
            tuple(line.get("fields", ())),
        )


class Duties:
    """Publishes and asks the catalogue."""

    def __init__(self, registers: Registers, clock: Clock) -> None:
        self._registers = registers
        self._clock = clock

    def publish(
        self, db: Connection, version: int, owner: str, adopted_at: datetime, entries: Sequence[DutyEntry]
    ) -> tuple[RegisterVersion, Changes]:
        """Publish a version of the register and put it in force; it replaces the one before as a whole.

        Args:
            version: the next one.
            owner: code of the organisation that answers for it.
            adopted_at: when it was adopted.
            entries: every line of it; none at all ends duty use.

        Raises:
            RegisterError: see `Registers.publish` and `registerforms.check`; nothing changes.
        """
        lines = [entry.document() for entry in entries]
        registerforms.check(KIND, lines)
        draft = Draft(KIND, version, owner, adopted_at, lines)
        published, changes = self._registers.publish(db, draft, registerforms.form_of(KIND).key_of)
        store.put_in_force(
            db,
            {
                "version": str(version),
                "digest": published.sha256,
                "document": published.document,
                "entry": published.entry_id,
                "at": published.published_at,
            },
        )
        store.insert_duties(db, (_row(str(version), entry) for entry in entries))
        return published, changes

    def match(self, db: Connection, org_code: str, item_code: str, type_code: str, mode: Mode) -> Duty | None:
        """The entry that lets an organisation use a type for an item, now and so far; None where there is none."""
        modes = [each.value for each in _MODES[_MODES.index(mode) :]]
        values = {"org": org_code, "item": item_code, "type": type_code, "modes": modes}
        return store.match(db, values, self._clock.now())


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
