"""A question to the source of a fact, its answer, and the port that carries both (DESIGN 8, DOMAIN a 数据核验).

A question is put about one subject, known by an identity code. The answer is yes or no, or the values of named fields,
or `unknown` where the source holds nothing. What carries them is wired in `api` (signed HTTP, a view of a front-end
database); nothing here goes outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from materials.connectors.errors import SourceAnswerInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from authz.model import Identifier

MAX_VALUE: Final = 500
"""Characters of one value, of a question or an answer."""


class Kind(StrEnum):
    """What a question is answered with."""

    yes_no = "yes-no"
    value = "value"


class Result(StrEnum):
    """What a source said."""

    yes = "yes"
    no = "no"
    value = "value"
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an answer, or one that a question must bring."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """What may be asked.

    Attributes:
        code: e.g. `food.safety-officer`.
        types: material types that the answer stands for.
        source: name of the source that answers.
        kind: yes or no, or values.
        fields: of the answer, where it has values.
        given: what must be known beforehand, e.g. the address whose lease is asked for.
        valid_hours: how long an answer stands.
    """

    code: str
    zh: str
    en: str
    types: tuple[str, ...]
    source: str
    kind: Kind
    fields: tuple[Field, ...]
    given: tuple[Field, ...]
    valid_hours: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the answer's fields."""
        return tuple(each.name for each in self.fields)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about to be put.

    Attributes:
        id: of the check, fresh; the answer must be to this very question.
        subject: identity code of whom it is about.
        given: what the question brings.
        case_no, item_code, requester, cause: what every question says of itself; `requester` is an organisation code.
    """

    id: str
    kind: QuestionKind
    subject: Identifier
    given: Mapping[str, str] = field(repr=False)
    case_no: str = ""
    item_code: str = ""
    requester: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said.

    Attributes:
        values: by field name.
        as_of: the moment the source speaks of; None where it does not say.
        proof: what the source answered, as it came: its signed text, or the row. Kept encrypted.
    """

    result: Result
    values: Mapping[str, str] = field(repr=False)
    as_of: datetime | None
    proof: str = field(repr=False)


class Connector(Protocol):
    """Puts questions to one source."""

    def ask(self, question: Question) -> Answer:
        """Put a question, outside any unit of work, within the source's time.

        Raises:
            SourceTimeoutError: no answer in time.
            SourceUnavailableError: the source cannot be reached, or refuses.
            SourceSignatureError: the answer is not signed by the source, or answers something else.
            SourceAnswerInvalidError: the answer has another form than the question.
        """
        ...


def judge(kind: QuestionKind, result: object, values: object) -> tuple[Result, dict[str, str]]:
    """What a source said, if that is an answer to the question: nothing missing, nothing more.

    Raises:
        SourceAnswerInvalidError: it is none.
    """
    if not isinstance(result, str) or result not in {each.value for each in Result}:
        raise SourceAnswerInvalidError(source=kind.source, problem="result")
    said = Result(result)
    fits = said in {Result.yes, Result.no} if kind.kind is Kind.yes_no else said is Result.value
    if not (fits or said is Result.unknown):
        raise SourceAnswerInvalidError(source=kind.source, problem="result")
    if not isinstance(values, dict):
        raise SourceAnswerInvalidError(source=kind.source, problem="values")
    wanted = set(kind.names) if said in {Result.yes, Result.value} else set()
    if values.keys() != wanted or not all(is_value(each) for each in values.values()):
        raise SourceAnswerInvalidError(source=kind.source, problem="values")
    return said, values


def is_value(value: object) -> bool:
    """Whether something is a value: text of 1 to 500 printable characters."""
    return isinstance(value, str) and 0 < len(value) <= MAX_VALUE and value.isprintable()
