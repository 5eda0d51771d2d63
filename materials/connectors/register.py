"""Which sources there are and which question each answers: the operator's own file (setting `connectors`).

    {"sources": [SOURCE, ...], "questions": [QUESTION, ...]}

docs/routes.md has both forms. What only the carrier of a source needs (address, keys, view) stays in `settings` of the
source and `view` of the question, and is read in `api`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from materials.connectors.errors import ConnectorConfigError, NoSourceError
from materials.connectors.port import Field, Kind, QuestionKind

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = frozenset({"http", "sql"})
MAX_TIMEOUT: Final = 10.0
"""Seconds: whoever waits at a counter goes on by the next route after that."""
MAX_HOURS: Final = 24 * 366
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}(\.[a-z][a-z0-9-]{0,39}){1,3}")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Source:
    """A system that answers.

    Attributes:
        kind: `http` or `sql`.
        zh, en: the department's name for people.
        timeout: seconds for one answer as a whole.
        settings: the rest of its members, for who carries.
    """

    name: str
    kind: str
    zh: str
    en: str
    timeout: float
    settings: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConnectorRegister:
    """Sources and questions of a node.

    Attributes:
        sources: by name.
        questions: by code.
        views: what a source of kind `sql` must know of its questions, by code.
    """

    sources: Mapping[str, Source]
    questions: Mapping[str, QuestionKind]
    views: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a register.

        Raises:
            ConnectorConfigError: it is malformed, a name is there twice, or a question names a source there is not.
        """
        try:
            sources = [_source(row) for row in document["sources"]]
            questions = [_question(row) for row in document["questions"]]
            views = {row["code"]: row["view"] for row in document["questions"] if "view" in row}
        except (KeyError, TypeError, ValueError) as error:
            raise ConnectorConfigError(problem=f"incomplete: {error}") from error
        held = {each.name: each for each in sources}
        asked = {each.code: each for each in questions}
        if len(held) != len(sources) or len(asked) != len(questions):
            raise ConnectorConfigError(problem="a name is there twice")
        for each in questions:
            if each.source not in held:
                raise ConnectorConfigError(question=each.code, problem="unknown source")
            if (held[each.source].kind == "sql") != (each.code in views):
                raise ConnectorConfigError(question=each.code, problem="a view goes with a source of kind sql")
        return cls(held, asked, views)

    @classmethod
    def empty(cls) -> Self:
        """The register of a node without sources: every question is refused."""
        return cls({}, {}, {})

    def find(self, type_code: str, code: str | None = None) -> QuestionKind:
        """The question that stands for a material type.

        Args:
            code: as an item names it; the first that stands for the type where None.

        Raises:
            NoSourceError: no source answers that.
        """
        if code is not None:
            named = self.questions.get(code)
            if named is not None and type_code in named.types:
                return named
            raise NoSourceError(type=type_code)
        for each in self.questions.values():
            if type_code in each.types:
                return each
        raise NoSourceError(type=type_code)


def is_name(text: str) -> bool:
    """Whether a text can be the name of a source."""
    return _NAME.fullmatch(text) is not None


def _source(row: Mapping[str, Any]) -> Source:
    own = {"name", "kind", "zh", "en", "timeout"}
    held = Source(
        row["name"],
        row["kind"],
        row["zh"],
        row["en"],
        float(row["timeout"]),
        {name: value for name, value in row.items() if name not in own},
    )
    if not is_name(held.name) or held.kind not in KINDS or not 0 < held.timeout <= MAX_TIMEOUT:
        raise ConnectorConfigError(source=held.name, problem="name, kind or timeout")
    return held


def _question(row: Mapping[str, Any]) -> QuestionKind:
    fields, given = (tuple(_field(each) for each in row.get(name, ())) for name in ("fields", "given"))
    kind = Kind(row["kind"])
    held = QuestionKind(
        row["code"], row["zh"], row["en"], tuple(row["types"]), row["source"], kind, fields, given, row["valid_hours"]
    )
    if not _CODE.fullmatch(held.code) or not held.types or not 1 <= held.valid_hours <= MAX_HOURS:
        raise ConnectorConfigError(question=held.code, problem="code, types or hours")
    if kind is Kind.value and not fields:
        raise ConnectorConfigError(question=held.code, problem="values without fields")
    return held


def _field(row: Mapping[str, Any]) -> Field:
    if not _FIELD.fullmatch(row["name"]):
        raise ConnectorConfigError(field=row["name"], problem="name")
    return Field(row["name"], row["zh"], row["en"])
