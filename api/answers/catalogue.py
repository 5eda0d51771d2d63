"""Answers about what is defined: types, versions and drafts of definitions (`api.routes.catalogue`, `.editing`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.answers.base import Answer, Moment


class TypeOut(Answer):
    """A type of material."""

    type_code: str
    version: str
    name: str
    name_en: str
    issuer: str
    licence_type: str | None


class TypesOut(Answer):
    """The types of material."""

    types: list[TypeOut]


class TypeFieldOut(Answer):
    """A field of a licence's face."""

    name: str
    title_zh: str
    title_en: str


class LicenceTypeOut(Answer):
    """A type of licence."""

    code: str
    version: str
    name: str
    name_en: str
    issuer: str
    fields: list[TypeFieldOut]


class LicenceTypesOut(Answer):
    """The types of licence."""

    version: str
    types: list[LicenceTypeOut]


class DefinitionVersionOut(Answer):
    """A version of a definition."""

    version: str
    sha256: str
    register_version: Annotated[int | None, Field(description="null of one that came with the program")]
    published_at: Moment | None


class DefinitionVersionsOut(Answer):
    """Every version of a definition, the newest first."""

    versions: list[DefinitionVersionOut]


class DefinitionChangeOut(Answer):
    """What differs from the definition in force, at a path of it; null where there is nothing."""

    path: str
    before: Any
    after: Any


class DefinitionCheckOut(Answer):
    """A definition that is right, and what it would change."""

    kind: str
    code: str
    version: str
    changes: list[DefinitionChangeOut]


class DefinitionDraftOut(Answer):
    """A draft of a definition."""

    draft_id: str
    kind: Literal["item", "material-type", "licence-type"]
    code: str
    name: str
    name_en: str
    state: str
    text: str
    sha256: str
    edited_by: str
    edited_at: Moment
    decided_by: str | None
    changes: list[DefinitionChangeOut]


class DefinitionDraftsOut(Answer):
    """Drafts of an organisation that are open."""

    drafts: list[DefinitionDraftOut]


class DroppedDraftOut(Answer):
    """A draft that was given up."""

    draft_id: str
    state: Literal["dropped"]


class DefinitionPublishedOut(Answer):
    """The version of the register by which a draft was published."""

    version: int
    sha256: str
