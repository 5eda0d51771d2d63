"""Words and values of generated documents: templates, where a value may come from, where it did.

A *source* is written as one string, tried in the order the template names them:

| source | value |
|---|---|
| `LT01.domicile` | the face of the applicant's licence, through a use in mode `data`; `:clear` where unmasked |
| `connector:tax.payroll.total` | a field of a check that stands in this case |
| `form.area` | what the request states, in the applicant's name |
| `applicant.name`, `applicant.code` | whom the case is about |
| `case.no`, `case.item`, `case.org`, `case.date` | the case |
| `letter.owed`, `letter.barred` | the commitment the letter belongs to |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from materials.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from materials.model import Case

LEVELS: Final = ("self_declared", "staff_checked", "source_verified", "issuer_signed")
"""Verify levels, the weakest first (DOMAIN c2)."""
MAX_ROWS: Final = 200
_SOURCE: Final = re.compile(
    r"(LT\d{2}\.[a-z][a-z0-9_]*(:clear)?|connector:[a-z0-9-]+\.[a-z0-9-]+\.[a-z][a-z0-9_]*|form\.[a-z][a-z0-9_]*"
    r"|applicant\.(name|code)|case\.(no|item|org|date)|letter\.(owed|barred))"
)
_LEVEL_OF: Final = {
    "LT": "issuer_signed",
    "connector": "source_verified",
    "applicant": "staff_checked",
    "case": "source_verified",
    "letter": "source_verified",
    "form": "self_declared",
}

Content = str | tuple[str, ...]
"""A line of text, or a list of lines."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a template that takes a value.

    Attributes:
        kind: `text` or `list`.
        sources: in the order they are tried.
        reads: the field that a reading of the document would find here (`materials.reading`), where there is one.
    """

    name: str
    zh: str
    en: str
    kind: str
    sources: tuple[str, ...]
    required: bool = True
    reads: str = ""

    def __post_init__(self) -> None:
        """Refuse a source nobody resolves."""
        if self.kind not in {"text", "list"} or not self.sources or not all(map(_SOURCE.fullmatch, self.sources)):
            raise CatalogueError(slot=self.name, problem="kind or sources")


@dataclass(frozen=True, slots=True)
class SealPlace:
    """A place for an organisation's seal at the foot of the last page, from the right.

    Attributes:
        whose: `applicant`, or a role that the request names the organisation of.
    """

    name: str
    zh: str
    en: str
    whose: str


@dataclass(frozen=True, slots=True)
class Template:
    """A document that can be made.

    Attributes:
        types: material types it may become.
        file: the Typst file.
    """

    code: str
    version: str
    zh: str
    en: str
    types: tuple[str, ...]
    file: str
    slots: tuple[Slot, ...]
    seals: tuple[SealPlace, ...] = ()

    @property
    def from_form(self) -> frozenset[str]:
        """Names a request may state."""
        held = (source for slot in self.slots for source in slot.sources if source.startswith("form."))
        return frozenset(source.removeprefix("form.") for source in held)


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a slot.

    Attributes:
        source: where it came from.
        entry_id: log entry of that: a use, a check, the case; None for what the request states, which the document's
            own entry records.
        reference: id of the use, check or case.
    """

    content: Content = field(repr=False)
    source: str
    entry_id: str | None = None
    reference: str | None = None

    @property
    def level(self) -> str:
        """How sure the value is."""
        head = self.source.split(".", 1)[0].split(":", 1)[0]
        return _LEVEL_OF["LT" if head.startswith("LT") else head]

    def document(self) -> dict[str, Any]:
        """As it is kept and shown."""
        content = self.content if isinstance(self.content, str) else list(self.content)
        return {"value": content, "from": self.source, "entry_id": self.entry_id, "reference": self.reference}


def weakest(values: Mapping[str, Value]) -> str:
    """The verify level of a document: that of its weakest value."""
    return LEVELS[min(LEVELS.index(each.level) for each in values.values())]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants made.

    Attributes:
        template: code; that of the item's demand where None.
        form: what the request states.
    """

    case_no: str
    type_code: str
    operator: str
    cause: str
    template: str | None = None
    form: Mapping[str, Content] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A document about to be made.

    Attributes:
        at_hand: values by source.
        faces: fields wanted of each licence type.
    """

    wanted: Wanted
    case: Case
    template: Template
    at_hand: Mapping[str, Value] = field(repr=False)
    faces: Mapping[str, tuple[str, ...]]
