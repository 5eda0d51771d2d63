"""A generated document from end to end: plan, ask the licences, set, store, record; the work outside any unit.

Licences are asked by uses like any other (mode `data`), under keys made from the request's own, so that a repeated
request spends nothing twice. A licence that may not be used gives no value; the next source of the slot is taken.
"""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from api.idempotency import Answer
from authz.errors import UseClosedError, UseRefusedError
from authz.limits import Cost
from authz.model import Mode, UseRequest
from certs.errors import CertsError
from certs.files.errors import NotRenderedError
from ledger import failpoints
from ledger.db import outside_any_unit
from ledger.record import canonical
from ledger.steps import execute, run, together
from materials.fetching import NOTHING, Asking, Selector
from materials.generated.errors import DocumentNotRenderedError
from materials.generated.model import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from api.node import Node
    from authz.model import Caller, Use
    from ledger.objects import StoredObject
    from materials.deposits import CheckedDeposit
    from materials.generated.model import Plan, Wanted
    from materials.generated.rows import Generated
    from materials.generated.sealing import DocumentSeals
    from materials.generated.service import Documents
    from materials.generated.setter import DocumentSetter
    from materials.model import Material


class Generating:
    """Makes documents.

    Args:
        node: whose licences, uses and stores.
        documents: plans and records.
        setter: sets a template.
    """

    def __init__(self, node: Node, documents: Documents, setter: DocumentSetter) -> None:
        self._node = node
        self._documents = documents
        self._setter = setter

    def make(
        self,
        caller: Caller,
        wanted: Wanted,
        key: str,
        keep: Callable[[Connection, Material, Generated], None],
        more: Mapping[str, Value] | None = None,
    ) -> None:
        """Make a document.

        Args:
            key: Idempotency-Key of the request.
            keep: called in the last unit.
            more: values beside those of the case, by source.

        Raises:
            as `Documents.plan` and `Documents.fill`; DocumentNotRenderedError: it cannot be set; QuotaSpentError: the
                organisation has had its uses of the day.
        """
        with self._node.database.unit() as db:
            run(db, self._node.refuse_when_overdue())
            plan = self._documents.plan(db, caller, wanted, more)
        values, checked, stored = self._put(caller, plan, key)
        with self._node.database.unit() as db:
            material, made = self._documents.record(db, caller, plan, values, checked, stored)
            keep(db, material, made)
            failpoints.reach("document.recorded")
        failpoints.reach("document.committed")

    def seal(
        self,
        caller: Caller,
        seals: DocumentSeals,
        wanted: tuple[str, str, str, str],
        keep: Callable[[Connection, Material, Generated], None],
    ) -> None:
        """Set an organisation's seal: its signature is checked, the file sealed outside any unit, the version recorded.

        Args:
            wanted: material id, place, signature, operator.
            keep: called in the last unit.

        Raises:
            as `DocumentSeals.sign`; NoSealKeyError: the organisation has no key.
        """
        node = self._node
        with node.database.unit() as db:
            signed = seals.sign(db, caller, *wanted)
            stored = run(db, node.objects.lookup(signed.sealing.material.object_id))
        held, now = signed.sealing, node.clock.now()
        before = bytes(node.objects.open(stored).read_all())
        made = node.licence_files.countersign(before, held.org_code, now, place=held.index, final=held.final)
        sealed = node.objects.put(BytesIO(made), retain_until=signed.checked.retain_until)
        with node.database.unit() as db:
            keep(db, *seals.record(db, caller, signed, sealed))

    def _put(self, caller: Caller, plan: Plan, key: str) -> tuple[dict[str, Value], CheckedDeposit, StoredObject]:
        faces: dict[str, Value] = {}
        refused: dict[str, str] = {}
        for code, fields in plan.faces.items():
            try:
                faces |= self._face(caller, plan, code, fields, key)
            except (UseRefusedError, UseClosedError, CertsError) as error:
                refused[code] = error.code
        values = self._documents.fill(plan, faces, refused)
        with self._node.database.unit() as db:
            checked = self._documents.check(db, caller, self._documents.meta(plan, values))
        made = self._set(plan, values)
        stored = self._node.objects.put(BytesIO(made), retain_until=checked.retain_until)
        failpoints.reach("document.stored")
        return values, checked, stored

    def _set(self, plan: Plan, values: Mapping[str, Value]) -> bytes:
        outside_any_unit("setting a document")
        try:
            return self._setter.set(plan.template, values, plan.case.case_no, self._node.clock.now())
        except NotRenderedError as error:
            raise DocumentNotRenderedError(template=plan.template.code) from error

    def _face(self, caller: Caller, plan: Plan, code: str, fields: tuple[str, ...], key: str) -> dict[str, Value]:
        """Fields of the applicant's licence of a type, by a use that is opened, delivered and recorded here."""
        node, wanted = self._node, plan.wanted
        asking = Asking(plan.case.case_no, plan.case.item_code, wanted.cause, wanted.operator)
        with node.database.glance() as db:
            licence_id = node.fetching.select(db, caller, asking, Selector(type_code=code))
        use = self._use(caller, plan, licence_id, fields, f"{sha256(key.encode()).hexdigest()}/{code}")
        failpoints.reach("document.used")
        node.renditions.make(use.id, caller)
        with node.database.unit() as db:
            object_id = run(db, node.material_uses.object_of(use))
            stored = run(db, node.objects.lookup(object_id or NOTHING))
        if stored is None:
            raise UseRefusedError("not-found", reason="not-found")
        document: dict[str, Any] = json.loads(bytes(node.objects.open(stored).read_all()))
        with node.database.unit() as db:
            run(db, node.uses.hand_over(use.id, caller, 0, stored.size))
        failpoints.reach("document.read")
        found: dict[str, Value] = {}
        for name in fields:
            content = document["fields"].get(name.removesuffix(":clear"))
            if content:
                source = f"{code}.{name}"
                held = tuple(content) if isinstance(content, list) else content
                found[source] = Value(held, source, use.intent_entry_id, use.id)
        return found

    def _use(self, caller: Caller, plan: Plan, licence_id: str, fields: tuple[str, ...], key: str) -> Use:
        """Open a use, or find the one that this request opened before."""
        wanted, case = plan.wanted, plan.case
        request = UseRequest(
            licence_id, Mode.data, case.case_no, case.item_code, wanted.cause, wanted.operator, None, fields
        )
        node = self._node
        asked = sha256(canonical({"licence": licence_id, "fields": list(fields)})).digest()
        with node.database.unit() as db:
            before = run(db, node.answers.find(caller.client_id, key, asked))
            if before is not None:
                return node.uses.get(db, caller, json.loads(before.body)["use_id"])
        node.meter.charge(caller.party_id, caller.party_kind, (Cost.uses,))
        try:
            with node.database.unit() as db:
                use, writes = run(db, node.material_uses.open(caller, request, key))
                answer = Answer(201, json.dumps({"use_id": use.id}).encode())
                execute(db, together(*writes, node.answers.keep(caller.client_id, key, asked, answer)))
                return use
        except UseRefusedError as refusal:
            with node.database.unit() as db:
                execute(db, node.uses.refuse(caller, request, refusal))
            raise
