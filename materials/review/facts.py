"""What rules are evaluated on: values with their places, documents, licences. Plain values only.

A value is *sure* where a person vouched for it, a register or licence says it, or a document was read without doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

SURE: Final = 80
"""Percent: a value read with less is looked at by somebody first."""
TEXT_LAYER: Final = 100
"""Percent: how sure letters are that nobody had to look at."""
CLEAR: Final = 60
"""Percent: a page whose letters are read with less is not legible."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        source: as rules name it.
        id: of the material, licence or check; the code of a form's field.
        type_code: CLnnn or LTnn; empty of a form.
        page, box: on a document, in ten-thousandths of the page; None where nobody knows.
    """

    source: str
    id: str = ""
    type_code: str = ""
    page: int | None = None
    box: tuple[int, int, int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = {"source": self.source}
        if self.type_code.startswith("CL"):
            told["material_id"] = self.id
        elif self.type_code.startswith("LT"):
            told["licence"] = self.id
        elif self.id:
            told["id"] = self.id
        if self.type_code:
            told["type"] = self.type_code
        if "." in self.source:
            told["field"] = self.source.rpartition(".")[2]
        if self.page is not None:
            told["page"] = self.page
        if self.box is not None:
            told["box"] = list(self.box)
        return told


@dataclass(frozen=True, slots=True)
class Known:
    """A value that a source has.

    Attributes:
        category: how it is compared (`materials.review.normal`).
        doubt: why nobody may rely on it yet; empty where one may.
    """

    text: str = field(repr=False)
    category: str
    place: Place
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """An electronic seal on a document.

    Attributes:
        org_code: whose.
        problem: why it does not hold, the code of `certs.files.check`; empty where it does.
        by_signature: the organisation's representative signed for it.
    """

    org_code: str
    problem: str = ""
    by_signature: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case.

    Attributes:
        standing: `active`, or why not: `expired`, `superseded`, `withdrawn`, `disputed`, `destroyed`, `not-yet-valid`.
        begins, ends: the first and last day it counts, as it says itself or as its deposit states; None: not stated.
        endless: it has no end.
        reading: `read`, `queued`, `failed` or `none`.
        failure: why it could not be read.
        clear: how sure the letters of each page are, percent.
        other_type: what it was recognised as, where that is not what it was handed in as.
        made: the exchange made it; what a slot does not have it does not have.
        seals: None where nobody looked for any.
        seal_problem: what the check of its seals said of the file as a whole.
        signed: the holder signed it (a commitment's letter); None where there was nothing to sign.
    """

    id: str
    type_code: str
    standing: str = "active"
    begins: date | None = None
    ends: date | None = None
    endless: bool = False
    reading: str = "none"
    failure: str = ""
    clear: tuple[int, ...] = ()
    other_type: bool = False
    made: bool = False
    seals: tuple[Seal, ...] | None = None
    seal_problem: str = ""
    signed: bool | None = None

    @property
    def place(self) -> Place:
        """The document as a whole."""
        return Place(f"material:{self.type_code}", self.id, self.type_code)


@dataclass(frozen=True, slots=True)
class Held:
    """A licence.

    Attributes:
        status: of the national list.
        standing: `active`, or why not.
        ends: its last day.
    """

    id: str
    type_code: str
    status: str
    standing: str
    ends: date | None = None

    @property
    def place(self) -> Place:
        """The licence as a whole."""
        return Place(self.type_code, self.id, self.type_code)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of a case.

    Attributes:
        today: the day rules are evaluated for.
        demanded: material types that are asked for after the answers.
        form: fields that the form has after the answers; None where there is no form yet.
        values: by source.
        missing: why a source has none: a code of `materials.checklist.reasons`, or of `words.Why`.
        papers: documents by type.
        licences: by type; a type nobody may look at yet is not there.
        vouched: types a source said yes to, with the check.
        owed: types that are owed by a commitment.
        stands_for: the material type each licence type stands for.
        organisations: social credit codes by side: `applicant`, or a role.
    """

    today: date
    demanded: frozenset[str] = frozenset()
    form: frozenset[str] | None = None
    values: Mapping[str, tuple[Known, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    licences: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    vouched: Mapping[str, str] = field(default_factory=dict)
    owed: frozenset[str] = frozenset()
    stands_for: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, frozenset[str]] = field(default_factory=dict)
