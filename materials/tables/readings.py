"""Readings of documents, the check of their seals, forms that are filled from them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from materials.tables.base import id_column, metadata, moment_column, text_column
from materials.tables.cases import case
from materials.tables.things import material

reading: Final = Table(
    "reading",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    id_column("party_id"),
    text_column("operator"),
    text_column("state"),
    moment_column("asked_at"),
    Column("pages", Integer),
    Column("pages_done", Integer, nullable=False),
    moment_column("ended_at", nullable=True),
    text_column("failure", nullable=True),
    Column("findings", LargeBinary, comment="encrypted: type and fields as they were read"),
    Column("confirmed", LargeBinary, comment="encrypted: fields as staff confirmed them"),
    text_column("confirmed_by", nullable=True),
    moment_column("confirmed_at", nullable=True),
    text_column("verify_level", nullable=True),
    id_column("entry_id", nullable=True),
    CheckConstraint("state IN ('queued','read','failed','confirmed')", name="state"),
    CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name="ended_at"),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    CheckConstraint("(state = 'confirmed') = (entry_id IS NOT NULL)", name="entry"),
    CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_at"),
    CheckConstraint("pages_done >= 0 AND (pages IS NULL OR pages_done <= pages)", name="pages"),
    Index("ix_reading_material_id_id", "material_id", "id"),
    Index("uq_reading_material_id_queued", "material_id", unique=True, postgresql_where=text("state = 'queued'")),
    Index("ix_reading_ended_at_held", "ended_at", postgresql_where=text("findings IS NOT NULL")),
)
"""Readings of materials: one at a time for each. Values are encrypted, and forgotten when the document is erased."""

reading_page: Final = Table(
    "reading_page",
    metadata,
    Column("reading_id", Uuid(as_uuid=False), ForeignKey(reading.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    text_column("source"),
    Column("lines", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    text_column("failure", nullable=True),
    Column("content", LargeBinary, comment="encrypted: lines and places, until the reading ends"),
    CheckConstraint("source IN ('text','ocr','unread')", name="source"),
    CheckConstraint("number > 0 AND lines >= 0 AND milliseconds >= 0", name="sizes"),
)
"""Pages of a reading as they come: its progress, and where a worker goes on that died."""

paper_seals: Final = Table(
    "paper_seals",
    metadata,
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), primary_key=True),
    Column("seals", ARRAY(Text), nullable=False, comment="codes of the organisations whose seal holds"),
    text_column("problem"),
    moment_column("checked_at"),
)
"""What the check of a document's electronic seals said, for pre-review."""

form_source: Final = Table(
    "form_source",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, ForeignKey(case.c.case_no), nullable=False),
    id_column("holder_id"),
    text_column("kind"),
    id_column("thing_id"),
    Column("fields", ARRAY(Text), nullable=False, comment="as the use named them"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: the values of those fields"),
    moment_column("as_of"),
    moment_column("read_at"),
    id_column("use_id"),
    id_column("entry_id"),
    CheckConstraint("kind IN ('licence','material','generated')", name="kind"),
    Index("ix_form_source_case_no", "case_no"),
)
"""What was read of a licence or material to fill a case's form; each row is a use."""

form: Final = Table(
    "form",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("version", Integer, primary_key=True),
    id_column("party_id"),
    id_column("holder_id"),
    text_column("item_code"),
    text_column("operator"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: every field with its values and their sources"),
    Column("fields", Integer, nullable=False),
    Column("prefilled", Integer, nullable=False),
    moment_column("saved_at"),
    id_column("entry_id"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("prefilled >= 0 AND prefilled <= fields", name="prefilled"),
    Index("ix_form_holder_id_item_code_party_id_saved_at", "holder_id", "item_code", "party_id", "saved_at"),
)
"""Forms of cases; a filling or change makes a version, and none is overwritten."""
