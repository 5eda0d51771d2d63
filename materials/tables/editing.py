"""Definitions that were published by the editor, and drafts of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text

from materials.tables.base import id_column, metadata, moment_column, text_column

_KINDS: Final = "kind IN ('item','material-type','licence-type')"

definition_draft: Final = Table(
    "definition_draft",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    text_column("kind"),
    text_column("code"),
    text_column("base"),
    text_column("document"),
    text_column("state"),
    id_column("party_id"),
    text_column("edited_by"),
    moment_column("edited_at"),
    text_column("decided_by", nullable=True),
    moment_column("decided_at", nullable=True),
    CheckConstraint(_KINDS, name="kind"),
    CheckConstraint("state IN ('open','published','dropped')", name="state"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
    Index("uq_definition_draft_open", "kind", "code", unique=True, postgresql_where=text("state = 'open'")),
)
"""`base` is the SHA-256 of the definition that was published when editing began, empty where there was none; `document`
is what was typed."""

definition: Final = Table(
    "definition",
    metadata,
    Column("sha256", Text, primary_key=True),
    text_column("kind"),
    text_column("code"),
    text_column("version"),
    Column("document", LargeBinary, nullable=False, comment="canonical JSON"),
    Column("register_version", Integer, nullable=False),
    Column("draft_id", Uuid(as_uuid=False), ForeignKey(definition_draft.c.id), unique=True),
    moment_column("published_at"),
    CheckConstraint(_KINDS, name="kind"),
    CheckConstraint("register_version >= 0", name="register_version"),
    Index("uq_definition_kind_code_version", "kind", "code", "version", unique=True),
)
"""Every definition that was published by the editor or replaced by one; none is ever changed. `register_version` 0: it
came with the program."""
