"""Asking the applicant of a case for consent: what the item demands, by name, each sensitive thing by itself.

`authz` keeps asks and knows ids; here the case says who is asked and for which item, the catalogues say what things are
called and how sensitive they are (DESIGN 7, "Necessity": an item lists what it may demand, and no more may be asked).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authz.consentnotice import Part, Purpose, Thing
from authz.errors import ConsentBundledError, InvalidTermsError
from authz.model import CLEAR, Act, Mode
from authz.terms import CONSENT, SEPARATE
from ledger.steps import run
from materials import store
from materials.catalogue.items import APPLICANT
from materials.errors import AskNotDemandedError
from materials.jointasking import JointAsking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from authz.askbatches import AskBatch, AskBatches
    from authz.counter import Counter
    from authz.grants import Grants
    from authz.model import Caller
    from authz.terms import Frequency
    from certs.catalogue import LicenceCatalogue
    from certs.store.licences import LicenceStore
    from ledger.clock import Clock
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.model import Case

NAMELESS: Final = ("材料", "A material")
"""What a thing is called that is not the applicant's, or does not exist: the two look the same."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Things wanted under the same terms.

    Attributes:
        objects: ids of materials and licences.
        types: material types.
        fields: in mode `data`.
        fresh_days: nothing older than this.
        valid_days: from now.
        regions: division codes; the caller's own where empty.
    """

    objects: tuple[str, ...]
    types: tuple[str, ...]
    fields: tuple[str, ...]
    mode: Mode
    max_uses: int
    valid_days: int
    frequency: Frequency | None = None
    fresh_days: int | None = None
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a department asks of the applicant of a case.

    Attributes:
        operator: handle of who asks.
        wanted: things that are not sensitive are put together as they are here; each sensitive one is alone.
        channel, open_for: as `AskBatches.create`.
        of: who is asked: the applicant, or another the case is about, e.g. `legal_rep` or `seller.1`.
        binding, confirms: as `Purpose`.
    """

    case_no: str
    operator: str
    cause: str
    wanted: tuple[Wanted, ...]
    channel: str = "app"
    open_for: timedelta | None = None
    binding: str | None = None
    of: str = APPLICANT
    confirms: Mapping[str, Any] | None = field(default=None, repr=False)


class Asking:
    """Puts together what a holder is asked.

    Args:
        catalogue, licence_types: names and levels.
        licences: the rows.
        cases: who applies for what.
        counter: who may ask.
        grants, batches: make terms, keep them.
        clock: tells the time.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        licence_types: LicenceCatalogue,
        licences: LicenceStore,
        cases: Cases,
        counter: Counter,
        grants: Grants,
        batches: AskBatches,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._licence_types = licence_types
        self._licences = licences
        self._cases = cases
        self._counter = counter
        self._grants = grants
        self._batches = batches
        self._joint = JointAsking(licence_types, licences, grants, batches)
        self._clock = clock

    def ask(self, db: Connection, caller: Caller, request: Request, *, single: bool = False) -> AskBatch:
        """Ask the applicant of an open case, or another it is about.

        Args:
            single: refuse what would take more than one consent.

        Raises:
            UnknownCaseError, CaseClosedError: no open case of the caller's.
            UnknownOperatorError, NotPermittedError: no such operator, or not of that role.
            UnknownMaterialTypeError, AskNotDemandedError: a type there is not, or the item does not demand.
            RoleInvalidError: the case names nobody in that role.
            InvalidTermsError: malformed terms.
            ConsentBundledError: `single`, and it would.
        """
        case = self._cases.open_one(db, caller, request.case_no)
        self._counter.let(db, caller, request.operator, Act.ask)
        holder_id = self._cases.person(db, case, request.of)
        parts = [
            part for each in request.wanted for part in self._parts(db, caller, case, holder_id, request.cause, each)
        ]
        if not parts:
            raise InvalidTermsError(term="objects")
        if single and len(parts) > 1:
            raise ConsentBundledError
        item = self._catalogue.of(case)
        purpose = Purpose(item.name, item.name_en, request.binding, request.confirms)
        batch = self._batches.create(
            db,
            caller,
            holder_id,
            request.operator,
            purpose,
            parts,
            channel=request.channel,
            open_for=request.open_for,
        )
        self._joint.ask_others(db, caller, request.operator, purpose, batch, parts)
        return batch

    def _parts(
        self, db: Connection, caller: Caller, case: Case, holder_id: str, cause: str, wanted: Wanted
    ) -> list[Part]:
        things = [self._type(code) for code in dict.fromkeys(wanted.types)]
        things += [self._object(db, holder_id, object_id) for object_id in dict.fromkeys(wanted.objects)]
        demanded = self._cases.demanded(case)
        if any(thing.type_code not in demanded for thing in things if thing.type_code is not None):
            raise AskNotDemandedError
        ordinary = [thing for thing in things if not thing.sensitive]
        groups = ([ordinary] if ordinary else []) + [[thing] for thing in things if thing.sensitive]
        return [self._part(caller, case, holder_id, cause, wanted, group) for group in groups]

    def _part(
        self, caller: Caller, case: Case, holder_id: str, cause: str, wanted: Wanted, things: list[Thing]
    ) -> Part:
        now = self._clock.now()
        terms = self._grants.propose(
            caller,
            holder_id,
            item_code=case.item_code,
            case_no=case.case_no,
            cause=cause,
            objects=[thing.object_id for thing in things if thing.object_id is not None],
            types=[thing.type_code for thing in things if thing.object_id is None and thing.type_code is not None],
            fields=wanted.fields,
            mode=wanted.mode,
            max_uses=wanted.max_uses,
            valid_from=now,
            valid_to=now + timedelta(days=wanted.valid_days),
            regions=wanted.regions or None,
            basis=SEPARATE if things[0].sensitive else CONSENT,
            frequency=wanted.frequency,
            fresh_days=wanted.fresh_days,
        )
        return Part(terms, tuple(things), self._titles(things, wanted.fields))

    def _type(self, code: str) -> Thing:
        kind = self._catalogue.type(code)
        return Thing(None, kind.code, kind.name, kind.name_en, kind.level)

    def _object(self, db: Connection, holder_id: str, object_id: str) -> Thing:
        """A thing of the holder's, by its type; anything else by no name, and as the most sensitive there is."""
        material = run(db, store.material(object_id))
        if material is not None and material.holder_id == holder_id:
            kind = self._catalogue.type(material.type_code)
            return Thing(object_id, kind.code, kind.name, kind.name_en, kind.level)
        licence = run(db, self._licences.get(object_id)) if material is None else None
        if licence is not None and holder_id in licence.holder_ids:
            face = self._licence_types.type(licence.type_code)
            return Thing(object_id, face.material_type, face.name, face.name_en, face.level_of(licence.level))
        return Thing(object_id, None, *NAMELESS, 4)

    def _titles(self, things: Sequence[Thing], fields: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """What fields are called on the faces of the licences that are meant."""
        wanted = {name.removesuffix(CLEAR) for name in fields}
        titles: dict[str, tuple[str, str]] = {}
        for thing in things:
            code = self._catalogue.types[thing.type_code].licence_type if thing.type_code is not None else None
            if code is not None:
                face = self._licence_types.type(code).fields
                titles |= {each.name: (each.title_zh, each.title_en) for each in face if each.name in wanted}
        return titles
