"""Bulk intake."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, UniqueConstraint, Uuid

from materials.tables.base import id_column, metadata, moment_column, text_column
from materials.tables.things import material

intake: Final = Table(
    "intake",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    id_column("party_id"),
    Column("manifest", LargeBinary, nullable=False, comment="SHA-256 of the manifest's bytes"),
    Column("rows", Integer, nullable=False, comment="the manifest has; refused ones count"),
    text_column("operator"),
    moment_column("opened_at"),
    CheckConstraint("rows > 0", name="rows"),
    UniqueConstraint("party_id", "manifest"),
)
"""Bulk intakes: one for each manifest of an organisation."""

intake_row: Final = Table(
    "intake_row",
    metadata,
    Column("intake_id", Uuid(as_uuid=False), ForeignKey(intake.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    text_column("reference", nullable=True),
    CheckConstraint("number > 0", name="number"),
    UniqueConstraint("material_id"),
)
"""Rows of a manifest that were taken in. The primary key is the rule that none is taken twice."""
