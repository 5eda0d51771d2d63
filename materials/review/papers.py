"""Documents of a case as rules see them: their time, what was read of them and where, their seals.

A document that this department took in within the case is open to it: what a machine read of it counts as far as it is
sure, what staff confirmed counts. A document of somebody else counts as far as a use gave it out in this case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ledger.steps import run
from materials import commitmentrows
from materials.generated import rows as generated
from materials.model import MaterialStatus, ValidityKind
from materials.reading import fieldrules
from materials.reading.model import Findings
from materials.reading.values import LONG
from materials.review import normal, rows
from materials.review.facts import SURE, Known, Paper, Place, Seal
from materials.review.things import add_months
from materials.review.words import Why
from materials.validity import LOCAL, ends_at, status_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from authz.vault import IdentityVault
    from materials.catalogue import Catalogue
    from materials.generated.rows import Generated
    from materials.generated.templates import Templates
    from materials.model import Material
    from materials.review.rows import ReadRow, SealRow

SEALABLE: Final = frozenset({"application/pdf", "application/ofd"})
_COMMITMENTS: Final = 50
_ENDLESS: Final = frozenset(
    {ValidityKind.permanent, ValidityKind.until_superseded, ValidityKind.live, ValidityKind.one_case}
)
_A_MOMENT: Final = timedelta(microseconds=1)


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
        held: Sequence[Material],
        given: Mapping[str, Mapping[str, str]],
        now: datetime,
    ) -> Shelf:
        """Everything about documents.

        Args:
            held: those the department may know of.
            given: of documents that a use gave out: their values by field.
        """
        ids = [each.id for each in held]
        read = run(db, rows.readings([each for each in ids if each not in given]))
        sealed = run(db, rows.seals(ids))
        made = {each.material_id: each for each in generated.of_case(db, case_no, 200)}
        letters = commitmentrows.of_case(db, case_no, _COMMITMENTS)
        signed = {each.letter_id: each.state != "proposed" for each in letters}
        papers: dict[str, list[Paper]] = {}
        values: dict[str, list[Known]] = {}
        for material in held:
            document = made.get(material.id)
            known = self._known(material, document, read.get(material.id), given.get(material.id))
            for each in known:
                values.setdefault(each.place.source, []).append(each)
            paper = self._paper(material, known, document, read.get(material.id), now, in_use=material.id in given)
            seals, problem = self._seals(document, sealed.get(material.id), material)
            paper = replace(paper, seals=seals, seal_problem=problem, signed=signed.get(material.id))
            papers.setdefault(material.type_code, []).append(paper)
        return Shelf(
            {code: tuple(each) for code, each in papers.items()},
            {source: tuple(each) for source, each in values.items()},
            tuple(each for each in held if each.id not in read and each.id not in given and each.id not in made),
            tuple(
                each
                for each in held
                if each.media_type in SEALABLE
                and each.id not in sealed
                and each.id not in made
                and each.id not in given
            ),
        )

    # What a document says

    def _known(
        self,
        material: Material,
        document: Generated | None,
        read: ReadRow | None,
        given: Mapping[str, str] | None,
    ) -> list[Known]:
        found: dict[str, Known] = {}
        if read is not None:
            found = {each.place.source: each for each in self._read(material, read)}
        if document is not None:
            found |= {each.place.source: each for each in self._slots(material, document)}
        for name, text in (given or {}).items():
            found[_source(material, name)] = _value(material, name, text)
        return list(found.values())

    def _read(self, material: Material, read: ReadRow) -> Iterable[Known]:
        places: dict[str, tuple[int, tuple[int, int, int, int]]] = {}
        if read.findings is not None:
            opened = self._vault.open(read.findings, f"reading findings {read.id}".encode())
            findings = Findings.of_json(json.loads(opened))
            places = {each.code: (each.page, _box(each.box.as_list())) for each in findings.fields}
            if read.confirmed is None:
                for each in findings.fields:
                    doubt = each.problems[0] if each.problems else Why.low_confidence if each.confidence < SURE else ""
                    yield _value(material, each.code, each.value, places[each.code], doubt)
        if read.confirmed is not None:
            values = json.loads(self._vault.open(read.confirmed, f"reading confirmed {read.id}".encode()))
            for name, text in values.items():
                if text:
                    yield _value(material, name, text, places.get(name))

    def _slots(self, material: Material, document: Generated) -> Iterable[Known]:
        template = self._templates.get(document.template, document.type_code)
        kept = self._kept(document)["values"]
        for slot in template.slots:
            if slot.reads and slot.name in kept:
                content = kept[slot.name]["value"]
                text = content if isinstance(content, str) else "、".join(content)
                if slot.reads.endswith("_delegates") and not isinstance(content, str):
                    text = str(len(content))
                yield _value(material, slot.reads, text)

    def _kept(self, document: Generated) -> dict[str, Any]:
        opened: dict[str, Any] = json.loads(
            self._vault.open(document.sources, f"generated/sources/{document.material_id}".encode())
        )
        return opened

    # The document as a whole

    def _paper(
        self,
        material: Material,
        known: Sequence[Known],
        document: Generated | None,
        read: ReadRow | None,
        now: datetime,
        *,
        in_use: bool,
    ) -> Paper:
        state, failure, clear, other = "none", "", (), False
        if read is not None:
            state = "read" if read.state in {"read", "confirmed"} else read.state
            failure = read.failure or ""
            if read.findings is not None:
                opened = self._vault.open(read.findings, f"reading findings {read.id}".encode())
                findings = Findings.of_json(json.loads(opened))
                clear = findings.clear or (100,)  # read before pages were judged
                other = findings.guess.type_code != material.type_code and read.confirmed is None
            elif read.confirmed is None and state == "read":
                state = "none"  # forgotten
            else:
                clear = (100,)
        if in_use:
            state, clear = "read", (100,)
        kind = self._catalogue.type(material.type_code)
        standing = status_at(material, kind, now)
        begins, ends, endless = self._period(material, {each.place.source: each for each in known})
        told = standing.value
        if material.valid_from is not None and now < material.valid_from and standing is MaterialStatus.active:
            told = "not-yet-valid"
        return Paper(
            material.id,
            material.type_code,
            told,
            begins,
            ends,
            endless,
            state,
            failure,
            clear,
            other,
            document is not None,
        )

    def _period(self, material: Material, known: Mapping[str, Known]) -> tuple[date | None, date | None, bool]:
        """First and last day, and whether it has no last day; None where nothing says it."""
        code, rule = material.type_code, self._catalogue.type(material.type_code).validity
        begins = None if material.valid_from is None else material.valid_from.astimezone(LOCAL).date()
        ends = None if material.valid_to is None else (material.valid_to - _A_MOMENT).astimezone(LOCAL).date()
        names = fieldrules.rules()
        said_end = _sure(known.get(_source(material, names.ends.get(code, ""))))
        said_start = _sure(known.get(_source(material, names.begins.get(code, ""))))
        if said_end == LONG:
            return begins, ends, ends is None
        found = [each for each in (ends, normal.day(said_end) if said_end else None) if each is not None]
        start = begins or (normal.day(said_start) if said_start else None)
        if rule.kind is ValidityKind.months and rule.months and start is not None:
            found.append(add_months(start, rule.months) - timedelta(days=1))
        if rule.kind in {ValidityKind.days, ValidityKind.year} and (
            end := ends_at(material, self._catalogue.type(code))
        ):
            found.append((end - _A_MOMENT).astimezone(LOCAL).date())
        return start, min(found, default=None), not found and rule.kind in _ENDLESS

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


def _source(material: Material, name: str) -> str:
    return f"material:{material.type_code}.{name}"


def _value(
    material: Material,
    name: str,
    text: str,
    where: tuple[int, tuple[int, int, int, int]] | None = None,
    doubt: str = "",
) -> Known:
    rule = fieldrules.rules().field(material.type_code, name)
    category = normal.category(rule.kind if rule is not None else "text")
    page, box = where or (None, None)
    return Known(text, category, Place(_source(material, name), material.id, material.type_code, page, box), doubt)


def _sure(known: Known | None) -> str | None:
    return None if known is None or known.doubt else known.text


def _box(given: Sequence[int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = given
    return x0, y0, x1, y1
