"""What is asked of another department, how that ends, what each side sees: the forms of `materials.requests`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from materials.catalogue.items import APPLICANT

if TYPE_CHECKING:
    from authz.model import Holder, Identifier
    from materials.requestrows import AssistRequest


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of whom.

    Attributes:
        to: organisation code; that of the item's demand where None.
        question: in words.
        days: working days.
        of: whom it is about: `applicant`, or another the case names, as in its checklist.
    """

    case_no: str
    type_code: str
    question: str = field(repr=False)
    days: int
    cause: str
    operator: str
    to: str | None = None
    of: str = APPLICANT


@dataclass(frozen=True, slots=True)
class Reply:
    """How a request ends.

    Attributes:
        result: `yes`, `no`, `material`, or None where it is refused.
        words: of the statement or the refusal.
        material_id: of the material.
    """

    result: str | None
    words: str = field(repr=False)
    operator: str
    material_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A request in clear, for one of its two sides.

    Attributes:
        subject: whom it is about, and their codes; only for who was asked.
    """

    request: AssistRequest
    question: str = field(repr=False)
    answer: str | None = field(repr=False)
    asker: str
    asked: str
    subject: tuple[Holder, list[Identifier]] | None = field(default=None, repr=False)
