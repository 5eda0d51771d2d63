"""What a use may rest on besides consent: the published registers, and emergencies."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from authz.tables.base import bytes_column, id_column, key_column, metadata, moment_column, text_column, texts_column
from authz.tables.parties import party
from authz.tables.people import holder

duty_version: Final = Table(
    "duty_version",
    metadata,
    Column("version", Text, primary_key=True),
    text_column("digest"),
    bytes_column("document"),
    id_column("entry_id"),
    moment_column("published_at"),
    Column("current", Boolean, nullable=False),
    Index("uq_duty_version_current", "current", unique=True, postgresql_where=text("current")),
)
"""Published versions of the duty catalogue; one is current."""

duty: Final = Table(
    "duty",
    metadata,
    key_column(),
    Column("version", Text, ForeignKey(duty_version.c.version), nullable=False),
    text_column("org_code"),
    text_column("article"),
    text_column("item_code"),
    texts_column("types"),
    texts_column("fields"),
    text_column("mode"),
    moment_column("valid_from"),
    moment_column("valid_to", nullable=True),
    Index("ix_duty_version_org_code_item_code", "version", "org_code", "item_code"),
)

scenario: Final = Table(
    "scenario",
    metadata,
    Column("code", Text, primary_key=True),
    text_column("org_code"),
    text_column("party_kind"),
    text_column("purpose"),
    texts_column("types"),
    Column("fields", ARRAY(Text)),
    text_column("mode"),
    moment_column("valid_from"),
    moment_column("valid_to", nullable=True),
    Column("version", Integer, nullable=False),
)
"""The application scenarios in force: the entries of the newest version of their register, no other."""

break_glass: Final = Table(
    "break_glass",
    metadata,
    key_column(),
    Column("party_id", Uuid(as_uuid=False), ForeignKey(party.c.id), nullable=False),
    text_column("case_no"),
    Column("holder_id", Uuid(as_uuid=False), ForeignKey(holder.c.id), nullable=False),
    texts_column("types"),
    text_column("mode"),
    text_column("ground"),
    Column("reason", LargeBinary, nullable=False, comment="encrypted"),
    text_column("opened_by"),
    moment_column("opened_at"),
    id_column("entry_id"),
    text_column("approved_by", nullable=True),
    moment_column("approved_at", nullable=True),
    id_column("approval_entry_id", nullable=True),
    moment_column("ends_at", nullable=True),
    moment_column("review_due_at", nullable=True),
    text_column("reviewed_by", nullable=True),
    Column("reviewer_party_id", Uuid(as_uuid=False), ForeignKey(party.c.id)),
    text_column("verdict", nullable=True),
    Column("finding", LargeBinary, comment="encrypted"),
    moment_column("reviewed_at", nullable=True),
    id_column("review_entry_id", nullable=True),
    CheckConstraint("mode IN ('verify', 'data', 'copy')", name="mode"),
    CheckConstraint("opened_by <> approved_by", name="two_people"),
    CheckConstraint(
        "(approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (ends_at IS NULL)"
        " AND (approved_at IS NULL) = (review_due_at IS NULL) AND (approved_at IS NULL) = (approval_entry_id IS NULL)",
        name="approved",
    ),
    CheckConstraint(
        "(reviewed_at IS NULL) = (verdict IS NULL) AND (reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviewed"
    ),
    CheckConstraint("verdict IN ('justified', 'unjustified')", name="verdict"),
    Index("ix_break_glass_party_id_opened_at", "party_id", "opened_at"),
    Index("ix_break_glass_holder_id", "holder_id"),
    Index("ix_break_glass_reviewer_party_id", "reviewer_party_id"),
    Index(
        "ix_break_glass_review_due_at_open",
        "review_due_at",
        postgresql_where=text("approved_at IS NOT NULL AND reviewed_at IS NULL"),
    ),
)
"""Emergencies: opened by one, approved by another, reviewed by a third (`authz.breakglass`)."""
