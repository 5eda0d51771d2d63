"""Documents of a case as rules see them: their time, what was read of them and where, their seals.

A document that this department took in within the case is open to it: what a machine read of it counts as far as it is
sure, what staff confirmed counts. A document of somebody else counts as far as a use gave it out in this case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ledger.steps import run
from materials import commitmentrows
from materials.generated import rows as generated
from materials.reading.model import Findings
from materials.review import rows
from materials.review.facts import Known, Paper, Seal
from materials.review.reads import NOTHING, Read, paper_of, value_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from materials.catalogue import Catalogue
    from materials.generated.rows import Generated
    from materials.generated.templates import Templates
    from materials.model import Material
    from materials.review.rows import ReadRow, SealRow

SEALABLE: Final = frozenset({"application/pdf", "application/ofd"})
_COMMITMENTS: Final = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents and what they say.

    Attributes:
        values: by source.
        unread: documents that nobody had read yet.
        unsealed: documents whose seals nobody has checked yet.
    """

    papers: dict[str, tuple[Paper, ...]]
    values: dict[str, tuple[Known, ...]]
    unread: tuple[Material, ...]
    unsealed: tuple[Material, ...]


class Papers:
    """Looks at documents.

    Args:
        catalogue: types.
        templates: what slots of generated documents stand for.
        vault: opens what was read.
    """

    def __init__(self, catalogue: Catalogue, templates: Templates, vault: IdentityVault) -> None:
        self._catalogue = catalogue
        self._templates = templates
        self._vault = vault

    def look(
        self,
        db: Connection,
        case_no: str,
        here: Sequence[Material],
        theirs: Sequence[Material],
        given: Mapping[str, Mapping[str, str]],
        now: datetime,
    ) -> Shelf:
        """Everything about documents.

        Args:
            here: what this department took in within the case.
            theirs: what uses in this case gave out.
            given: values that uses gave out, by document and field.
        """
        ids = [each.id for each in here]
        read = run(db, rows.readings(ids))
        sealed = run(db, rows.seals(ids))
        made = {each.material_id: each for each in generated.of_case(db, case_no, 200)}
        letters = commitmentrows.of_case(db, case_no, _COMMITMENTS)
        signed = {each.letter_id: each.state not in commitmentrows.UNSIGNED for each in letters}
        papers: dict[str, list[Paper]] = {}
        values: dict[str, list[Known]] = {}
        unread: list[Material] = []
        for material in (*here, *theirs):
            document = made.get(material.id)
            opened = self._opened(read.get(material.id))
            if material.id in given:
                opened = Read("confirmed", confirmed=given[material.id])
            elif opened is NOTHING and material in here:
                unread.append(material)
            known = {each.place.source: each for each in values_of(material, opened)}
            if document is not None:
                known |= {each.place.source: each for each in self._slots(material, document)}
            for each in known.values():
                values.setdefault(each.place.source, []).append(each)
            kind = self._catalogue.type(material.type_code)
            paper = paper_of(material, kind, list(known.values()), opened, now, made=document is not None)
            seals, problem = self._seals(document, sealed.get(material.id), material)
            paper = replace(paper, seals=seals, seal_problem=problem, signed=signed.get(material.id))
            papers.setdefault(material.type_code, []).append(paper)
        return Shelf(
            {code: tuple(each) for code, each in papers.items()},
            {source: tuple(each) for source, each in values.items()},
            tuple(unread),
            tuple(each for each in here if each.media_type in SEALABLE and each.id not in {*sealed, *made}),
        )

    # What a document says

    def _opened(self, row: ReadRow | None) -> Read:
        """A reading in clear; what was forgotten is as if nobody had read it."""
        if row is None:
            return NOTHING
        findings = confirmed = None
        if row.findings is not None:
            opened = self._vault.open(row.findings, f"reading findings {row.id}".encode())
            findings = Findings.of_json(json.loads(opened))
        if row.confirmed is not None:
            confirmed = json.loads(self._vault.open(row.confirmed, f"reading confirmed {row.id}".encode()))
        if row.state in {"read", "confirmed"} and findings is None and confirmed is None:
            return NOTHING
        return Read(row.state, row.failure or "", findings, confirmed)

    def _slots(self, material: Material, document: Generated) -> Iterable[Known]:
        template = self._templates.get(document.template, document.type_code)
        kept = self._kept(document)["values"]
        for slot in template.slots:
            if slot.reads and slot.name in kept:
                content = kept[slot.name]["value"]
                text = content if isinstance(content, str) else "、".join(content)
                if slot.reads.endswith("_delegates") and not isinstance(content, str):
                    text = str(len(content))
                yield value_of(material, slot.reads, text)

    def _kept(self, document: Generated) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(
            self._vault.open(document.sources, f"generated/sources/{document.material_id}".encode())
        )
        return opened

    # Its seals

    def _seals(
        self, document: Generated | None, sealed: SealRow | None, material: Material
    ) -> tuple[tuple[Seal, ...] | None, str]:
        if document is not None:
            kept = self._kept(document)["seals"]
            terms = (json.loads(kept[place]["terms"]) for place in document.seals)
            return tuple(Seal(each["org"], by_signature=True) for each in terms), ""
        if sealed is not None:
            return tuple(Seal(code) for code in sealed.seals), sealed.problem
        return ((), "seal-missing") if material.media_type not in SEALABLE else (None, "")
