"""Licences and materials a form can be filled from.

What was read before in this case, by a use, is taken from there while the thing still stands. What may be read now is
named, for a use of its own; what would need consent is told as such, whether or not there is such a thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authz.model import GrantState, Mode, UseRequest
from certs import derived, masks
from ledger.steps import run
from materials.checklist import rows as glances
from materials.checklist.glance import LICENCES
from materials.checklist.reasons import WhyNot
from materials.forms import rows
from materials.forms.model import Origin, SourceKind
from materials.forms.opening import Opener
from materials.forms.plans import NOTHING, Ask, Thing
from materials.licence_uses import ACTIVE, standing
from materials.uses import resource_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.grants import Grants
    from authz.model import Resource
    from authz.uses import Uses
    from certs.model import Licence
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.forms.plans import Found, Look
    from materials.forms.rows import Known, SourceRow
    from materials.forms.sources import Group
    from materials.licence_uses import LicenceUses
    from materials.model import Material


class Things:
    """Looks at licences and materials.

    Args:
        catalogue: types.
        cases: what a decision must know of a case.
        licence_uses: the library.
        uses: looks ahead.
        grants: what holders gave.
        desk: the vault.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        cases: Cases,
        licence_uses: LicenceUses,
        uses: Uses,
        grants: Grants,
        desk: Desk,
    ) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._licence_uses = licence_uses
        self._uses = uses
        self._grants = grants
        self._opener = Opener(desk.vault)

    def look(self, db: Connection, groups: Sequence[Group], look: Look, found: Found) -> None:
        """Everything that is known, may be read or needs consent."""
        read = run(db, rows.sources(look.case_no))
        self._licences(db, [each for each in groups if each.is_licence], read, look, found)
        self._materials(db, [each for each in groups if not each.is_licence], read, look, found)

    def _licences(
        self, db: Connection, groups: Sequence[Group], read: Sequence[SourceRow], look: Look, found: Found
    ) -> None:
        pairs = {(each.holder_id, each.code) for each in groups if each.holder_id is not None}
        held: list[Licence] = []
        if pairs:
            held = run(db, self._licence_uses.licences.of_holders(sorted(pairs), limit=LICENCES))
        held.sort(key=lambda each: (standing(each, look.now) == ACTIVE, each.id), reverse=True)
        for group in groups:
            if group.holder_id is None:
                found.miss(group.places, WhyNot.holder_unknown.value)
                continue
            mine = (each for each in held if group.holder_id in each.holder_ids and each.type_code == group.code)
            self._licence(db, group, next(mine, None), read, look, found)

    def _licence(
        self,
        db: Connection,
        group: Group,
        best: Licence | None,
        read: Sequence[SourceRow],
        look: Look,
        found: Found,
    ) -> None:
        kind = self._licence_uses.types.type(group.code)
        named: dict[str, str] = {}
        for name, places in group.wanted.items():
            field = kind.field_of(name)
            if field is None or name not in derived.sharable(kind) or not masks.may_be_clear(field, Mode.data):
                found.miss(places, WhyNot.no_value.value)  # it never leaves as data
            else:
                masked = field.mask is not None or field.level > masks.OPEN_LEVEL
                named[name] = name + masks.CLEAR if masked else name
        if not named:
            return
        fields = tuple(sorted(named.values()))
        places = [place for name in named for place in group.wanted[name]]
        known = _newest_read(read, best.id if best else NOTHING, fields)
        if best is not None and known is not None and standing(best, look.now) == ACTIVE:
            self._known(group, known, SourceKind.licence, found)
            return
        resource = None
        if best is not None:
            resource = self._licence_uses.resource(best, kind, group.holder_id, look.row.case.people)
        basis, said, grant_id = self._foresee(db, look, group, kind.level, resource, fields)
        if basis and best is not None:
            found.things.append(Thing(best.id, fields, group, grant_id))
        else:
            found.refused(places, said, Ask(group.code, group.type_code, fields, group.of))

    # Materials

    def _materials(
        self, db: Connection, groups: Sequence[Group], read: Sequence[SourceRow], look: Look, found: Found
    ) -> None:
        wanted = [
            glances.Wanted(place, group.holder_id, group.code, shared=False)
            for place, group in enumerate(groups)
            if group.holder_id is not None
        ]
        held = run(db, glances.materials(wanted, None)) if wanted else []
        known = run(db, rows.known([material.id for _, material in held])) if held else {}
        for place, group in enumerate(groups):
            if group.holder_id is None:
                found.miss(group.places, WhyNot.holder_unknown.value)
                continue
            mine = [material for at, material in held if at == place]
            case = look.row.case
            here = [each for each in mine if (each.origin_case_no, each.party_id) == (case.case_no, case.party_id)]
            # What was handed in here goes first; among the rest what somebody vouched for, the newest of that.
            mine.sort(key=lambda each: (each in here, each.id in known, each.id), reverse=True)
            best = next((each for each in mine if self._is_active(each, look)), next(iter(mine), None))
            if best is not None and best in here and best.id in known and self._is_active(best, look):
                self._own(group, best, known[best.id], found)
            else:
                self._material(db, group, best, known, read, look, found)

    def _is_active(self, each: Material, look: Look) -> bool:
        return resource_of(each, self._catalogue.type(each.type_code), look.case_no, look.now).status == ACTIVE

    def _own(self, group: Group, best: Material, known: Known, found: Found) -> None:
        values = self._opener.known(known)
        at = best.valid_from or best.deposited_at
        for name, places in group.wanted.items():
            if name not in values:
                found.miss(places, WhyNot.no_value.value)
            for place in places if name in values else ():
                found.give(place, values[name], Origin(SourceKind(known.kind), place[1], best.id, known.entry_id, at))

    def _material(
        self,
        db: Connection,
        group: Group,
        best: Material | None,
        known: Mapping[str, Known],
        read: Sequence[SourceRow],
        look: Look,
        found: Found,
    ) -> None:
        fields = tuple(sorted(group.wanted))
        before = _newest_read(read, best.id if best else NOTHING, fields)
        if best is not None and before is not None and self._is_active(best, look):
            self._known(group, before, SourceKind(before.kind), found)
            return
        kind = self._catalogue.type(group.code)
        resource = None if best is None else resource_of(best, kind, look.case_no, look.now)
        basis, said, grant_id = self._foresee(db, look, group, kind.level, resource, fields)
        if not basis or best is None:
            found.refused(group.places, said, Ask(group.code, group.type_code, fields, group.of))
        elif best.id not in known:
            found.miss(group.places, WhyNot.no_value.value)
        else:
            found.things.append(Thing(best.id, fields, group, grant_id))

    def _known(self, group: Group, read: SourceRow, kind: SourceKind, found: Found) -> None:
        """What was read before in this case, by a use."""
        values = self._opener.read(read)
        live = kind is SourceKind.licence
        for name, places in group.wanted.items():
            if name not in values:
                found.miss(places, WhyNot.no_value.value)
            for place in places if name in values else ():
                found.give(place, values[name], Origin(kind, place[1], read.use_id, read.entry_id, read.as_of, live))

    def _foresee(
        self,
        db: Connection,
        look: Look,
        group: Group,
        level: int,
        resource: Resource | None,
        fields: tuple[str, ...],
    ) -> tuple[bool, str | None, str | None]:
        """Whether a use of some fields would be allowed now, or what its refusal would say; the grant it would name."""
        case, type_code = look.row.case, group.type_code
        thing = resource.id if resource is not None else NOTHING
        grant_id = self._grant(db, look, group, thing, fields) if resource is not None else None
        request = UseRequest(
            thing, Mode.data, case.case_no, case.item_code, look.item.name, look.operator, grant_id, fields
        )
        facts = self._cases.facts(case, case.case_no, type_code, look.row.lead_holder_id)
        told = run(db, self._uses.foresee(look.caller, request, resource, facts, type_code, level))
        return told.basis is not None, told.said, grant_id

    def _grant(self, db: Connection, look: Look, group: Group, thing: str, fields: tuple[str, ...]) -> str | None:
        """A grant in force that names all the fields: beside one for the whole document there may be one for these."""
        case = look.row.case
        for each in self._grants.of_holder(db, group.holder_id or NOTHING):
            fits = each.grantee_id == case.party_id and each.item_code == case.item_code
            fits = fits and each.case_no in {None, case.case_no} and each.mode is Mode.data
            fits = fits and (thing in each.objects or group.type_code in each.types) and set(fields) <= each.fields
            in_force = each.state is GrantState.active and each.uses_left > 0
            if fits and in_force and each.valid_from <= look.now < each.valid_to:
                return each.id
        return None


def _newest_read(read: Sequence[SourceRow], thing_id: str, fields: Sequence[str]) -> SourceRow | None:
    """The newest reading of a thing in this case that has all the fields."""
    fitting = (each for each in reversed(read) if each.thing_id == thing_id and set(fields) <= set(each.fields))
    return next(fitting, None)
