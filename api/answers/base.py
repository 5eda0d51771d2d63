"""What answers are written with: times, hashes and words as JSON has them.

A model here says which members an answer has at least; more may be added to an answer at any time, and whoever reads it
passes over what it does not know. So nothing here forbids a further member.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(frozen=True, strict=True)


Moment = Annotated[str, Field(description="RFC 3339, UTC")]
Day = Annotated[str, Field(description="ISO 8601")]
Mode = Literal["verify", "data", "copy"]
Kind = Literal["person", "organisation"]
Object = Annotated[dict[str, Any], Field(description="canonical JSON, as it is signed")]


class Words(Answer):
    """The same in both languages."""

    zh: str
    en: str


class Said(Words):
    """A code and its words."""

    code: str


class Texts(Answer):
    """Lines in both languages."""

    zh: list[str]
    en: list[str]


class IdentifierOut(Answer):
    """A code of a holder."""

    type: str
    country: str
    code: str


class HolderOut(Answer):
    """A holder as the organisation that named it sees it."""

    kind: Kind
    name: str
    identifiers: list[IdentifierOut]
