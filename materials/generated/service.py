"""系统生成: what a document is made from, and the record that it was made.

1. `plan`, a unit: the template, the values at hand (case, applicant, checks, what the request states), and which
   licences have to be asked for the rest.
2. Outside, in `api`: a use in mode `data` of each licence, like any other use: decided, spent, in the holder's ledger.
3. `fill`: every slot gets the first source that has a value. A required slot without one refuses the document and names
   the slot: nothing is left blank in silence.
4. `record`, a unit: the document is a material, of the verify level of its weakest value; the entry names the source
   and the log entry of every value.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from authz.model import Act
from ledger.clock import rfc3339
from ledger.record import Record
from ledger.steps import execute, run
from materials import checkrows
from materials.connectors.port import is_value
from materials.errors import AskNotDemandedError, PresenceRequiredError
from materials.generated import rows
from materials.generated.errors import (
    DocumentFormError,
    DocumentSourceMissingError,
    UnknownDocumentError,
    UnknownTemplateError,
)
from materials.generated.model import MAX_ROWS, Content, Plan, Value, weakest
from materials.model import DepositMeta
from materials.validity import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from authz.model import Caller
    from ledger.objects import StoredObject
    from materials.cases import Cases
    from materials.catalogue import Catalogue
    from materials.checks import Checks
    from materials.deposits import CheckedDeposit, Deposits
    from materials.desk import Desk
    from materials.generated.model import Template, Wanted
    from materials.generated.rows import Generated
    from materials.generated.templates import Templates
    from materials.model import Case, Material

MEDIA_TYPE: Final = "application/pdf"
_GENERATED: Final = "document.generated"
_SEALED: Final = "document.sealed"
_LISTED: Final = 200


class Documents:
    """Plans and records generated documents.

    Args:
        templates: what can be made.
        catalogue, cases: what is demanded where.
        checks: answers that stand.
        deposits: makes a document a material.
        desk: who acts, the log, the time.
    """

    def __init__(
        self,
        templates: Templates,
        catalogue: Catalogue,
        cases: Cases,
        checks: Checks,
        deposits: Deposits,
        desk: Desk,
    ) -> None:
        self.templates = templates
        self._catalogue = catalogue
        self._cases = cases
        self._checks = checks
        self._deposits = deposits
        self._desk = desk

    def plan(self, db: Connection, caller: Caller, wanted: Wanted, more: Mapping[str, Value] | None = None) -> Plan:
        """What a document would be made from.

        Args:
            more: values the caller has beside, by source (`letter.*`): a letter belongs to its commitment, whether or
                not the item demands one.

        Raises:
            UnknownCaseError, CaseClosedError, UnknownOperatorError, NotPermittedError: as they say.
            PresenceRequiredError: the applicant is not there.
            AskNotDemandedError: the item does not demand the type.
            UnknownTemplateError: there is no template of that code for the type.
            DocumentFormError: the request states something the template does not take, or not as it takes it.
        """
        case = self._cases.open_one(db, caller, wanted.case_no)
        self._desk.counter.let(db, caller, wanted.operator, Act.deposit)
        if case.presence == "none":
            raise PresenceRequiredError
        if more is None and wanted.type_code not in self._cases.demanded(case):
            raise AskNotDemandedError
        template = self.templates.get(wanted.template or self._named(case, wanted.type_code), wanted.type_code)
        check_form(template, wanted.form)
        at_hand = self._at_hand(db, caller, case, wanted) | dict(more or {})
        faces: dict[str, list[str]] = {}
        for slot in template.slots:
            for source in slot.sources:
                if source in at_hand:
                    break
                if source.startswith("LT"):
                    code, field = source.split(".", 1)
                    faces.setdefault(code, []).append(field)
        return Plan(wanted, case, template, at_hand, {code: tuple(sorted(set(each))) for code, each in faces.items()})

    def fill(self, plan: Plan, faces: Mapping[str, Value], refused: Mapping[str, str]) -> dict[str, Value]:
        """The value of every slot that has one, from the first source that has it.

        Args:
            faces: values from licences, by source.
            refused: why a licence gave none, by type.

        Raises:
            DocumentSourceMissingError: a required slot has no source with a value.
        """
        held = {**plan.at_hand, **faces}
        filled: dict[str, Value] = {}
        for slot in plan.template.slots:
            source = next((each for each in slot.sources if each in held), None)
            if source is not None:
                content = held[source].content
                if slot.kind == "list" and isinstance(content, str):
                    content = (content,)
                filled[slot.name] = replace(held[source], content=content)
            elif slot.required:
                why = next((refused[each[:4]] for each in slot.sources if each[:4] in refused), "no value")
                raise DocumentSourceMissingError(
                    field=slot.name, title=slot.zh, title_en=slot.en, sources=", ".join(slot.sources), reason=why
                )
        return filled

    def meta(self, plan: Plan, values: Mapping[str, Value]) -> DepositMeta:
        """How the document is deposited."""
        return DepositMeta(
            type_code=plan.wanted.type_code,
            holder_id=plan.case.applicant_holder_id,
            file_name=f"{plan.template.code}.pdf",
            media_type=MEDIA_TYPE,
            operator=plan.wanted.operator,
            channel="system",
            verify_level=weakest(values),
            origin_case_no=plan.case.case_no,
        )

    def check(self, db: Connection, caller: Caller, meta: DepositMeta) -> CheckedDeposit:
        """As `Deposits.check`."""
        return run(db, self._deposits.check(caller, meta))

    def record(
        self,
        db: Connection,
        caller: Caller,
        plan: Plan,
        values: Mapping[str, Value],
        checked: CheckedDeposit,
        stored: StoredObject,
    ) -> tuple[Material, Generated]:
        """Make the stored document a material, with where each value came from.

        Raises:
            CaseClosedError: the case was closed meanwhile.
        """
        material, promise = run(db, self._deposits.record(caller, checked, stored))
        traced = [
            {"field": name, "from": each.source, "entry": each.entry_id or promise.entry_id}
            for name, each in sorted(values.items())
        ]
        told = {"template": plan.template.code, "template_version": plan.template.version, "sources": traced}
        kept = {"values": {name: each.document() for name, each in values.items()}, "seals": {}}
        return material, self.write(db, caller, material, told, kept, ())

    def write(
        self,
        db: Connection,
        caller: Caller,
        material: Material,
        told: Mapping[str, Any],
        kept: Mapping[str, Any],
        seals: tuple[str, ...],
    ) -> Generated:
        """Write down that a document was made or sealed: one entry, one row.

        Args:
            told: what the entry says beside, with `template` and `template_version`.
            kept: every value with its source, by slot, and what was signed for the seals; encrypted.
            seals: places that are sealed now.
        """
        now = self._desk.clock.now()
        fact = {
            "type": _SEALED if seals else _GENERATED,
            "time": rfc3339(now),
            "digests": {"sha256": material.sha256, "sm3": material.sm3},
            "size": material.size,
        }
        parties = {
            "requester": caller.org_code,
            "operator": material.operator,
            "material": material.id,
            "material_type": material.type_code,
            "case": material.origin_case_no,
            "holder": self._desk.holders.pairwise(material.holder_id, caller.party_id),
            "seals": list(seals),
        }
        entry = self._desk.evidence.append(db, Record(fact, parties | dict(told))).entry_id
        row = {
            "material": material.id,
            "case": material.origin_case_no,
            "party": caller.party_id,
            "holder": material.holder_id,
            "type": material.type_code,
            "template": told["template"],
            "version": told["template_version"],
            "sources": self._desk.vault.shut(json.dumps(kept, ensure_ascii=False), _place(material.id)),
            "seals": list(seals),
            "at": now,
            "entry": entry,
        }
        execute(db, rows.insert(row))
        return self._held(db, caller, material.id)

    # What was made

    def get(self, db: Connection, caller: Caller, material_id: str) -> Generated:
        """A document that the caller's organisation made.

        Raises:
            UnknownDocumentError: there is none; another organisation's looks the same.
        """
        return self._held(db, caller, material_id)

    def of_case(self, db: Connection, caller: Caller, case_no: str) -> list[Generated]:
        """Documents made in a case of the caller's, the newest 200 first.

        Raises:
            UnknownCaseError: no such case of the caller's organisation.
        """
        self._cases.get(db, caller, case_no)
        return rows.of_case(db, case_no, _LISTED)

    def sources(self, held: Generated) -> dict[str, dict[str, Any]]:
        """Each value of a document and where it came from, in clear."""
        values: dict[str, dict[str, Any]] = self.kept(held)["values"]
        return values

    def kept(self, held: Generated) -> dict[str, Any]:
        """All that is kept of a document, in clear: `values` by slot, `seals` by place."""
        opened: dict[str, Any] = json.loads(self._desk.vault.open(held.sources, _place(held.material_id)))
        return opened

    # Parts

    def _named(self, case: Case, type_code: str) -> str:
        """The template that the case's item names for a type."""
        demands = self._catalogue.of(case).demands
        code = next((each.generate for each in demands if each.type_code == type_code and each.generate), None)
        if code is None:
            raise UnknownTemplateError(template="", type=type_code)
        return code

    def _at_hand(self, db: Connection, caller: Caller, case: Case, wanted: Wanted) -> dict[str, Value]:
        now = self._desk.clock.now()
        holder = self._desk.holders.get(db, case.applicant_holder_id)
        codes = {each.type: each.code for each in self._desk.holders.identifiers(db, holder.id)}
        item = self._catalogue.of(case)
        plain = {
            "case.no": case.case_no,
            "case.item": item.name,
            "case.org": self._desk.parties.party(db, caller.party_id).name,
            "case.date": now.astimezone(LOCAL).strftime("%Y年%m月%d日"),
            "applicant.name": holder.name,
        }
        if code := codes.get("001") or codes.get("111"):
            plain["applicant.code"] = code
        held = {name: Value(text, name, case.entry_id, case.case_no) for name, text in plain.items()}
        for check in reversed(checkrows.of_case(db, case.case_no, _LISTED)):
            if check.stands(now) and check.holder_id == case.applicant_holder_id:
                for name, text in self._checks.values(check).items():
                    source = f"connector:{check.question}.{name}"
                    held[source] = Value(text, source, check.entry_id, check.id)
        stated = {f"form.{name}": content for name, content in wanted.form.items()}
        return held | {name: Value(content, name) for name, content in stated.items()}

    @staticmethod
    def _held(db: Connection, caller: Caller, material_id: str) -> Generated:
        held = rows.get(db, material_id)
        if held is None or held.party_id != caller.party_id:
            raise UnknownDocumentError
        return held


def check_form(template: Template, form: Mapping[str, Content]) -> None:
    """Refuse what a template does not take.

    Raises:
        DocumentFormError: a name it does not know, a value that is none, or too many lines.
    """
    if unknown := sorted(form.keys() - template.from_form):
        raise DocumentFormError(field=unknown[0][:40], problem="unknown", takes=", ".join(sorted(template.from_form)))
    for name, content in form.items():
        lines = (content,) if isinstance(content, str) else content
        if not lines or len(lines) > MAX_ROWS or not all(map(is_value, lines)):
            raise DocumentFormError(field=name, problem="no text, too long or too many lines")


def _place(material_id: str) -> bytes:
    return f"generated/sources/{material_id}".encode()
