"""Values of e-licences; in this version the fact that one holder represents another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from certs.errors import InvalidRepresentationError

if TYPE_CHECKING:
    from datetime import datetime


class RepresentationKind(StrEnum):
    """In which capacity, the strongest first."""

    legal_representative = "legal_representative"
    guardian = "guardian"


@dataclass(frozen=True, slots=True)
class Representation:
    """One fact: `person` represents `organisation` from then until then.

    Attributes:
        organisation_id: holder that is represented.
        person_id: holder that represents.
        valid_to: the first moment it no longer holds; None while open.
        source_party_id: the authority that states it.
        operator: handle of its registrar.
        entry_id: log entry `representation.recorded`.
        end_entry_id: log entry `representation.ended`.

    Raises:
        InvalidRepresentationError: somebody for themselves, or an end before the beginning.
    """

    id: str
    organisation_id: str
    person_id: str
    kind: RepresentationKind
    valid_from: datetime
    valid_to: datetime | None
    source_party_id: str
    operator: str
    entry_id: str
    end_entry_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.organisation_id == self.person_id:
            raise InvalidRepresentationError(problem="self")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise InvalidRepresentationError(problem="period")
