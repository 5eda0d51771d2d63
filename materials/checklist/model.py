"""Words and values of a checklist: routes, what is offered, why a better route was refused.

A *line* is one demand of the case's item about one holder. Its routes are tried in the order of `Route`; the first that
holds now is *offered*, and every better one that was refused stays on the line with its reason (DOMAIN f).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.catalogue.items import Demand


class Route(StrEnum):
    """How a material is supplied, the best way first: L V R A G P U of DOMAIN (f)."""

    licence = "licence"
    check = "check"
    reuse = "reuse"
    assistance = "assistance"
    generated = "generated"
    commitment = "commitment"
    upload = "upload"


class LineState(StrEnum):
    """Where a line stands."""

    supplied = "supplied"
    """It is there; the evidence says by what."""
    offered = "offered"
    """A route holds; its conditions are still to be confirmed, or the act itself to be done."""
    waiting = "waiting"
    """Somebody was asked and has not answered yet."""
    owed = "owed"
    """Promised with a date, by a signed commitment."""
    missing = "missing"
    """No better route holds: the applicant has to hand it in."""


class Confirm(StrEnum):
    """What must still be confirmed or done before an offer becomes a supplied line.

    Next to these stand the conditions of `materials.model.Condition`, which somebody has to confirm as a fact.
    """

    consent = "consent"
    """The holder is asked and signs."""
    unchanged = "unchanged"
    """The holder confirms that the material is reused and that nothing has changed."""
    ask = "ask"
    """The question has to be put: to a source (check) or to another department (assistance)."""
    make = "make"
    """The document has to be made from its template."""
    sign = "sign"
    """The commitment has to be signed."""
    fetch = "fetch"
    """The use has to be opened and its content fetched."""
    verify = "verify"
    """Staff have to check what was handed in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A route that holds.

    Attributes:
        route: which.
        evidence: what it stands on, ids, dates and codes only, e.g. `licence`, `material`, `use`, `check`, `basis`.
        conditions: what must still be confirmed or done: values of `Confirm` and `materials.model.Condition`.
    """

    route: Route
    evidence: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A better route that does not hold now, and why: a code of `materials.checklist.reasons`."""

    route: Route
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a checklist.

    Attributes:
        demand: of the item.
        state: where it stands.
        offer: the route it is or can be supplied by; None where none holds.
        refused: the better routes, in order.
        holder_id: whom the material is about; None where nobody of that role is known to the case yet.
        number: of several persons of one role, the first has 0.
        passed_over: better routes that held, needing nobody's consent, where the material came by another one.
    """

    demand: Demand
    state: LineState
    offer: Offer | None
    refused: tuple[Refused, ...]
    holder_id: str | None = None
    number: int = 0
    passed_over: tuple[Route, ...] = ()

    @property
    def key(self) -> str:
        """Name of the line within its case: the type, and whose it is where that is not the applicant's."""
        return line_key(self.demand.type_code, self.demand.whose, self.number)

    @property
    def of(self) -> str:
        """Whose it is, as asks and checks name them: `applicant`, `legal_rep`, `shareholder.1`."""
        whose = self.demand.whose
        return f"{whose[5:]}.{self.number}" if whose.startswith("each:") else whose


def line_key(type_code: str, whose: str, number: int = 0) -> str:
    """Name of a line within its case, e.g. `CL001`, `CL006.legal_rep`, `CL006.shareholder.1`."""
    if whose == "applicant":
        return type_code
    return f"{type_code}.{whose}" if not whose.startswith("each:") else f"{type_code}.{whose[5:]}.{number}"
