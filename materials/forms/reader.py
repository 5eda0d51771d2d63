"""Reading a licence or a material to fill a form: a use in mode `data`, decided, spent and recorded with the value.

Everything is one unit: the thing and the case are locked against changes, the use is opened, what was read is kept
encrypted, and the use is delivered. So no value is ever at hand that is not in the holder's ledger, and none is
recorded as delivered after a licence was suspended or a grant withdrawn. The use names the document they are from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authz.model import Mode, UseRequest
from certs import derived
from certs.lifecycle import status_on
from certs.showing import values as shown_values
from ledger.ids import new_id
from ledger.steps import execute, run, together
from materials import store
from materials.errors import UnknownMaterialError
from materials.forms import rows
from materials.forms.model import SourceKind
from materials.forms.opening import Opener
from materials.uses import resource_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.model import Caller, CaseFacts, Resource, Use
    from authz.uses import Uses
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.desk import Desk
    from materials.forms.model import Content
    from materials.forms.plans import Seen, Thing
    from materials.licence_uses import LicenceUses
    from materials.model import Case, Material


@dataclass(frozen=True, slots=True)
class _Opened:
    """A thing about to be read: as the decision knows it, the size and digests of its document, and its values."""

    kind: SourceKind
    resource: Resource
    facts: CaseFacts
    size: int
    digests: Mapping[str, str]
    values: Mapping[str, Content]
    as_of: datetime


class FormReader:
    """Reads things for forms.

    Args:
        catalogue: types.
        cases: what a decision must know of a case.
        licence_uses: the library.
        uses: decides and records.
        desk: vault, time.
    """

    def __init__(self, catalogue: Catalogue, cases: Cases, licence_uses: LicenceUses, uses: Uses, desk: Desk) -> None:
        self._catalogue = catalogue
        self._cases = cases
        self._licence_uses = licence_uses
        self._uses = uses
        self._desk = desk
        self._opener = Opener(desk.vault)

    @staticmethod
    def request(seen: Seen, thing: Thing, operator: str, cause: str) -> UseRequest:
        """The use that reads a thing."""
        case = seen.row.case
        return UseRequest(
            thing.id, Mode.data, case.case_no, case.item_code, cause, operator, thing.grant_id, thing.fields
        )

    def read(self, db: Connection, caller: Caller, thing: Thing, request: UseRequest) -> Use:
        """Read the fields of a thing and keep them.

        Raises:
            UnknownMaterialError: the thing ended meanwhile, or what was vouched for is forgotten.
            UseRefusedError: the use is refused by now; record that with `Uses.refuse`.
            FieldUnknownError, FieldMaskedError: the basis does not let a field leave as it is.
        """
        material, case, lead = run(db, store.for_use(thing.id, request.case_no, caller.party_id))
        facts = self._cases.facts(case, request.case_no, thing.group.type_code, lead)
        if material is None:
            opened = self._licence(db, facts, case, thing)
        else:
            opened = self._material(db, facts, material, thing, request.case_no)
        source_id = new_id()
        use, writes = run(
            db,
            self._uses.open(
                caller, request, opened.resource, opened.facts, opened.size, opened.digests, f"form/{source_id}"
            ),
        )
        if opened.kind is SourceKind.licence:
            kind = self._licence_uses.types.type(thing.group.code)
            derived.check_fields(kind, thing.fields, by_name=use.grant_id is not None or use.duty_id is not None)
        row = {
            "id": source_id,
            "case": request.case_no,
            "holder": use.holder_id,
            "kind": opened.kind.value,
            "thing": thing.id,
            "fields": list(thing.fields),
            "body": self._opener.shut_values(opened.values, source_id),
            "as_of": opened.as_of,
            "at": use.opened_at,
            "use": use.id,
            "entry": use.intent_entry_id,
        }
        execute(db, together(*writes, rows.read(row)))
        return run(db, self._uses.delivered(use.id, 0, use.size))

    def _licence(self, db: Connection, facts: CaseFacts, case: Case | None, thing: Thing) -> _Opened:
        people = case.people if case is not None else frozenset()
        found = run(db, self._licence_uses.find(thing.id, thing.group.holder_id, people))
        content = None if found is None else run(db, self._licence_uses.content(found.licence))
        if found is None or content is None:
            raise UnknownMaterialError
        now = self._desk.clock.now()
        status = status_on(found.licence, now)
        held = shown_values(found.kind, thing.fields, found.licence, content, None, status)
        values = {name: value if isinstance(value, str) else tuple(value) for name, value in held.items() if value}
        return _Opened(SourceKind.licence, found.resource, facts, found.size, found.digests, values, now)

    def _material(self, db: Connection, facts: CaseFacts, material: Material, thing: Thing, case_no: str) -> _Opened:
        known = run(db, rows.known([material.id])).get(material.id)
        if known is None:
            raise UnknownMaterialError
        held = self._opener.known(known)
        values = {name: held[name] for name in thing.fields if name in held}
        kind = self._catalogue.type(material.type_code)
        resource = resource_of(material, kind, case_no, self._desk.clock.now())
        digests = {"sha256": material.sha256, "sm3": material.sm3}
        as_of = material.valid_from or material.deposited_at
        return _Opened(SourceKind(known.kind), resource, facts, material.size, digests, values, as_of)
