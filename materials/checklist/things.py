"""What may supply a line, as plain values: licences and materials that were found, as the whole glance sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authz.model import Mode
from materials.checklist.deciding import takes_commitment
from materials.checklist.facts import LEVELS, Thing
from materials.checklist.model import line_key
from materials.commitmentrows import BINDING, PROPOSED
from materials.licence_uses import ACTIVE, standing
from materials.promising import LETTER
from materials.validity import LOCAL, reuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from authz.model import Foresight
    from certs.model import Licence
    from materials.catalogue.items import CommitmentRule, Demand
    from materials.checklist.rows import CaseRow, RouteRows
    from materials.model import Material, MaterialType


@dataclass(frozen=True, slots=True)
class Place:
    """One line before it is decided on."""

    demand: Demand
    number: int
    holder_id: str | None

    @property
    def key(self) -> str:
        """Name of the line."""
        return line_key(self.demand.type_code, self.demand.whose, self.number)


@dataclass(frozen=True, slots=True)
class View:
    """What every line is seen with.

    Attributes:
        rule: the item's rule of commitment.
        party_id: whose case it is.
        used: uses that delivered in the case, with their modes, by thing.
        told: what was looked ahead for, by identity.
        ways: what the other routes did.
    """

    row: CaseRow
    rule: CommitmentRule | None
    party_id: str
    now: datetime
    used: Mapping[str, tuple[str, str]]
    told: Mapping[int, Foresight]
    ways: RouteRows

    def used_whole(self, material_id: str) -> str | None:
        """The use that delivered a material; reading fields of it for a form is none."""
        use_id, mode = self.used.get(material_id, (None, None))
        return use_id if mode == Mode.copy else None

    def is_letter(self, demand: Demand) -> bool:
        """Whether a line is the letter of a commitment that the case takes."""
        return demand.type_code == LETTER and takes_commitment(self.rule, self.row.case.scenario)

    def is_signed(self, each: Material) -> bool | None:
        """Whether a letter that was made is of a commitment that is signed; None of one handed in as it is."""
        if each.channel != "system":
            return None
        letter = self.ways.letters.get(each.id)
        return letter is not None and letter.state in BINDING


def licence_things(found: Sequence[Licence], told: Foresight, view: View) -> Iterable[Thing]:
    """The best licence as it was looked ahead for, and any other that was delivered already."""
    for number, each in enumerate(found):
        use_id, _ = view.used.get(each.id, (None, None))
        if number and use_id is None:
            continue
        held = standing(each, view.now)
        yield Thing(
            each.id,
            basis_of(told) if number == 0 else None,
            told.said if number == 0 else None,
            mode=told.mode.value if told.mode and number == 0 else Mode.copy.value,
            evidence={"licence": each.id, "identifier": each.licence_id, "entry": each.entry_id},
            obstacles=() if held == ACTIVE else (f"status-{held}",),
            use_id=use_id,
        )


def material_things(
    place: Place, kind: MaterialType, found: Sequence[Material], ahead: Mapping[str, Foresight], view: View
) -> Iterable[Thing]:
    """Things a line may be supplied by: what was looked ahead for, handed in here, used, or promised before.

    Args:
        ahead: what a use of some of them would be answered, by id.
    """
    case, promised = view.row.case, view.ways.kept(place.demand.type_code, place.holder_id or "")
    for each in found:
        here = each.origin_case_no == case.case_no and each.party_id == view.party_id
        use_id = view.used_whole(each.id)
        if each.id not in ahead and each.id != promised and not here and use_id is None:
            continue
        told = ahead.get(each.id)
        # What a promise was kept with outside any case was made for this one.
        own = replace(each, origin_case_no=each.origin_case_no or case.case_no) if each.id == promised else each
        rule = reuse(own, kind, view.now, case_no=case.case_no, project_id=case.project_id)
        letter = view.ways.letters.get(each.id)
        proposed = {"commitment": letter.commitment_id} if letter and letter.state == PROPOSED else {}
        yield Thing(
            each.id,
            basis_of(told) if told else None,
            told.said if told else None,
            verify_level=LEVELS[each.verify_level],
            evidence=_material_evidence(each) | proposed,
            obstacles=tuple(obstacle.value for obstacle in rule.obstacles),
            conditions=tuple(condition.value for condition in rule.conditions),
            confirmed=view.row.confirmed.get((place.key, each.id), frozenset()),
            use_id=use_id,
            here=here,
            made=each.channel == "system",
            signed=view.is_signed(each) if view.is_letter(place.demand) else None,
        )


def _material_evidence(each: Material) -> dict[str, str]:
    told = {
        "material": each.id,
        "version": str(each.version),
        "verify_level": each.verify_level,
        "deposited_on": each.deposited_at.astimezone(LOCAL).date().isoformat(),
        "division": each.division,
        "entry": each.entry_id,
    }
    if each.valid_to is not None:
        told["valid_to"] = each.valid_to.astimezone(LOCAL).date().isoformat()
    return told


def basis_of(told: Foresight) -> str | None:
    """What a use would rest on, as its code."""
    return None if told.basis is None else told.basis.value
