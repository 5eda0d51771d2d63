"""Evaluating cases of the set as the exchange would, and counting what was found and what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from certs.catalogue import LicenceCatalogue
from materials.catalogue import Catalogue
from materials.catalogue.items import Item
from materials.forms.model import FieldState, FormLine, Statement
from materials.model import Material, MaterialStatus
from materials.reading.document import open_document
from materials.reading.findings import find
from materials.reading.model import PageText, Source
from materials.review import normal
from materials.review.facts import Facts, Held, Known, Paper, Place, Seal
from materials.review.judging import judge
from materials.review.model import Outcome, State
from materials.review.published import figures
from materials.review.reads import Read, paper_of, values_of
from materials.review.stated import stated
from tests.materials.reading.generator.sheet import Sheet
from tests.materials.review.generator.cases import KINDS, TODAY, Labelled, labelled

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC)
Look = Callable[[Sheet, bool], PageText]
"""Reads a page; whether it is so blurred that nobody can."""


def text_layer(sheet: Sheet, blurred: bool) -> PageText:
    """The text of a PDF; of a blurred picture what an OCR without a single line says."""
    if blurred:
        return PageText(1, Source.ocr, ())
    return open_document(sheet.pdf(), "application/pdf", lambda _: ()).page(1)


class World:
    """What is the same for all cases: the catalogue."""

    def __init__(self) -> None:
        self.catalogue = Catalogue.load()
        self.licences = LicenceCatalogue.load()

    def outcomes(self, held: Labelled, look: Look = text_layer) -> dict[str, Outcome]:
        """What comes of each check point of a case."""
        item = self.catalogue.item(held.item_code)
        facts = self.facts(item, held, look)
        return {point.code: judge(point.checked, facts) for point in item.check_points}

    def facts(self, item: Item, held: Labelled, look: Look) -> Facts:
        """The facts of a case."""
        answers = item.checked(held.answers)
        fields = item.form(answers)
        values, missing = stated(
            [_line(each.code, each.kind, held.form.get(each.code)) for each in fields],
            {each.code: each.kind for each in fields},
        )
        for source, texts in (held.faces | {name: [text] for name, text in held.answered.items()}).items():
            code, _, name = source.partition(".")
            kind = self.licences.types.get(code)
            category = normal.category(kind.field_of(name).kind if kind else "text")
            place = Place(source, "licence", code if kind else "")
            values[source] = tuple(Known(text, category, place) for text in texts)
        for question in item.questions:
            chosen = next((each.zh for each in question.choices if each.code == answers.get(question.code)), None)
            if chosen is not None:
                source = f"answer.{question.code}"
                values[source] = (Known(chosen, normal.TEXT, Place(source)),)
        values["case.accepted_at"] = (Known(TODAY.isoformat(), normal.DAY, Place("case.accepted_at")),)
        for name, figure in figures().items():
            source = f"published:{name}"
            values[source] = (Known(figure.on(TODAY) or "", normal.AMOUNT, Place(source)),)
        papers: dict[str, tuple[Paper, ...]] = {}
        for code, sheet in held.sheets.items():
            paper, known = self._paper(code, held, look(sheet, _is_blurred(held, code)))
            papers[code] = (paper,)
            values |= {each.place.source: (each,) for each in known}
        named = {code: self.licences.type(code).material_type for code in held.statuses}
        return Facts(
            today=TODAY,
            demanded=frozenset(each.type_code for each in item.demanded(answers)),
            form=frozenset(each.code for each in fields),
            values=values,
            missing=missing,
            papers=papers,
            licences={
                code: (Held("licence", code, status, standing),) for code, (status, standing) in held.statuses.items()
            },
            stands_for={code: material for code, material in named.items() if material},
            organisations=held.organisations,
        )

    def _paper(self, code: str, held: Labelled, page: PageText) -> tuple[Paper, list[Known]]:
        material = _material(code)
        read = Read("read", findings=find([page]))
        known = values_of(material, read)
        paper = paper_of(material, self.catalogue.type(code), known, read, NOW)
        if code not in held.seals:
            return paper, known
        broken = [each[1:] for each in held.seals[code] if each.startswith("!")]
        if broken:
            return replace(paper, seals=(), seal_problem=broken[0]), known
        return replace(paper, seals=tuple(Seal(each) for each in held.seals[code])), known


@dataclass
class Tally:
    """What was seen.

    Attributes:
        missed: seeded errors that did not fail, with what they came out as.
        alarms: check points that failed in spite of everything being right.
    """

    seeded: int = 0
    found: int = 0
    clean: int = 0
    unclear: int = 0
    skipped: int = 0
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    @property
    def share_found(self) -> float:
        """Of seeded errors."""
        return self.found / max(1, self.seeded)

    @property
    def share_alarms(self) -> float:
        """Of check points where nothing was wrong."""
        return len(self.alarms) / max(1, self.clean)

    def add(self, name: str, held: Labelled, seed: int, outcomes: dict[str, Outcome]) -> None:
        """Count the outcomes of one case."""
        also = KINDS[name].also.get(held.wrong or "", frozenset())
        for code, outcome in outcomes.items():
            said = f"{name} {seed} {held.wrong}: {code} {outcome.state} {outcome.why} {outcome.about}"
            if code == held.wrong:
                self.seeded += 1
                self.found += outcome.state is State.failed
                if outcome.state is not State.failed:
                    self.missed.append(said)
            elif code not in also:
                self.clean += 1
                self.unclear += outcome.state is State.unclear
                self.skipped += outcome.state is State.not_applicable
                if outcome.state is State.failed:
                    self.alarms.append(said)


def plan(base: int, errors: int, clean: int) -> Iterator[tuple[str, int, str | None, int]]:
    """Cases of a set: item, seed, check point that is spoilt, in which way.

    Args:
        base: the first seed.
        errors: cases for each check point.
        clean: cases of each item without an error.
    """
    for place, (name, kind) in enumerate(KINDS.items()):
        seed = base + place * 10_000
        for number in range(clean):
            yield name, seed + number, None, 0
        for number, code in enumerate([*kind.errors, *kind.legible]):
            for variant in range(errors):
                yield name, seed + 1_000 + number * 100 + variant, code, variant


def score(world: World, cases: Iterator[tuple[str, int, str | None, int]], look: Look = text_layer) -> Tally:
    """Evaluate cases."""
    tally = Tally()
    for name, seed, wrong, variant in cases:
        held = labelled(name, seed, wrong, variant)
        tally.add(name, held, seed, world.outcomes(held, look))
    return tally


def _is_blurred(held: Labelled, code: str) -> bool:
    kind = next(each for each in KINDS.values() if each.item_code == held.item_code)
    return held.wrong is not None and kind.legible.get(held.wrong) == code


def _line(code: str, kind: str, content: str | tuple[str, ...] | None) -> FormLine:
    if content is None:
        return FormLine(code, kind, FieldState.empty, None, (), ())
    return FormLine(code, kind, FieldState.stated, None, (), (), Statement(content, "applicant", "op", NOW))


def _material(code: str) -> Material:
    return Material(
        id=f"paper-{code}",
        type_code=code,
        holder_id="holder",
        version=1,
        status=MaterialStatus.active,
        object_id="object",
        file_name="paper.pdf",
        media_type="application/pdf",
        size=1,
        sha256="",
        sm3="",
        division="310118",
        party_id="party",
        operator="op",
        channel="counter",
        verify_level="self_declared",
        origin_case_no="case",
        project_id=None,
        share_in_project=False,
        valid_from=None,
        valid_to=None,
        supersedes=None,
        superseded_by=None,
        deposited_at=NOW,
        entry_id="entry",
    )
