"""What holders are told, and where."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column
from authz.tables.people import holder

notice: Final = Table(
    "notice",
    metadata,
    key_column(),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    text_column("kind"),
    text_column("subject"),
    id_column("party_id", nullable=True),
    moment_column("created_at"),
    moment_column("due_at"),
    moment_column("read_at", nullable=True),
    UniqueConstraint("holder_id", "kind", "subject"),
    Index("ix_notice_holder_id_due_at", "holder_id", "due_at"),
)
"""What holders are told; the words follow from the kind."""

notice_told: Final = Table(
    "notice_told",
    metadata,
    Column("notice_id", Uuid(as_uuid=False), ForeignKey(notice.c.id), primary_key=True),
    Column("person_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    Column("channel", Text, primary_key=True),
    moment_column("at"),
)

contact: Final = Table(
    "contact",
    metadata,
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), primary_key=True),
    bytes_column("phone"),
    moment_column("learned_at"),
)
"""Telephone numbers that a login provider verified, encrypted."""
