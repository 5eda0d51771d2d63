"""Materials, and disputes of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from materials.tables.base import id_column, metadata, moment_column, text_column
from materials.tables.cases import project

material: Final = Table(
    "material",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    text_column("type_code"),
    id_column("holder_id"),
    Column("version", Integer, nullable=False),
    text_column("status"),
    id_column("object_id"),
    text_column("file_name"),
    text_column("media_type"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("sm3", LargeBinary, nullable=False),
    text_column("division"),
    id_column("party_id"),
    text_column("operator"),
    text_column("channel"),
    text_column("verify_level"),
    text_column("origin_case_no", nullable=True),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    Column("share_in_project", Boolean, nullable=False),
    moment_column("valid_from", nullable=True),
    moment_column("valid_to", nullable=True),
    Column("supersedes", Uuid(as_uuid=False), ForeignKey("material.id")),
    Column("superseded_by", Uuid(as_uuid=False), ForeignKey("material.id")),
    moment_column("deposited_at"),
    id_column("entry_id"),
    moment_column("ended_at", nullable=True),
    id_column("ended_entry_id", nullable=True),
    UniqueConstraint("object_id"),
    CheckConstraint("status IN ('active','superseded','disputed','withdrawn','destroyed')", name="status"),
    CheckConstraint("channel IN ('counter','web','app','kiosk','system','archive')", name="channel"),
    CheckConstraint(
        "verify_level IN ('self_declared','staff_checked','source_verified','issuer_signed')", name="verify_level"
    ),
    CheckConstraint("(status = 'superseded') <= (superseded_by IS NOT NULL)", name="superseded"),
    CheckConstraint("(status IN ('superseded','withdrawn')) <= (ended_entry_id IS NOT NULL)", name="ended"),
    CheckConstraint("(ended_at IS NULL) = (ended_entry_id IS NULL)", name="ended_at"),
    CheckConstraint("version > 0 AND size > 0", name="positive"),
    CheckConstraint("NOT share_in_project OR project_id IS NOT NULL", name="share_in_project"),
    Index("uq_material_supersedes", "supersedes", unique=True, postgresql_where=text("supersedes IS NOT NULL")),
    Index("ix_material_holder_id_type_code_id", "holder_id", "type_code", "id"),
    Index("ix_material_party_id_id", "party_id", "id"),
    Index("ix_material_party_id_type_code_id", "party_id", "type_code", "id"),
    Index("ix_material_party_id_holder_id_id", "party_id", "holder_id", "id"),
    Index(
        "ix_material_project_id_type_code_id",
        "project_id",
        "type_code",
        "id",
        postgresql_where=text("share_in_project"),
    ),
    Index(
        "ix_material_project_id_active",
        "project_id",
        "type_code",
        "holder_id",
        "share_in_project",
        "id",
        postgresql_where=text("project_id IS NOT NULL AND status = 'active'"),
    ),
    Index("ix_material_holder_ended", "holder_id", "type_code", "id", postgresql_where=text("status <> 'active'")),
    Index("ix_material_party_id_sha256_holder_id", "party_id", "sha256", "holder_id"),
    Index("ix_material_deposited_at", "deposited_at"),
    Index("ix_material_party_id_deposited_at_id", "party_id", "deposited_at", "id"),
    Index("ix_material_origin_case_no", "origin_case_no", postgresql_where=text("origin_case_no IS NOT NULL")),
)
"""Materials, one row a version. The unique `supersedes` is the rule that a version has one successor.

Truth values compare as false < true, so `a <= b` reads "a implies b".
"""

dispute: Final = Table(
    "dispute",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("material_id", Uuid(as_uuid=False), ForeignKey(material.c.id), nullable=False),
    id_column("depositor_party_id"),
    id_column("holder_id"),
    id_column("signer_id"),
    text_column("representation", nullable=True),
    Column("fields", ARRAY(Text), nullable=False),
    Column("request", LargeBinary, nullable=False, comment="encrypted; canonical text of what was signed"),
    Column("id_token", LargeBinary, nullable=False, comment="the kept signature, encrypted"),
    moment_column("opened_at"),
    moment_column("due_at"),
    id_column("entry_id"),
    text_column("state"),
    text_column("operator", nullable=True),
    Column("answer", LargeBinary, comment="encrypted"),
    Column("successor_id", Uuid(as_uuid=False), ForeignKey(material.c.id)),
    moment_column("answered_at", nullable=True),
    id_column("answer_entry_id", nullable=True),
    CheckConstraint("state IN ('open', 'rejected', 'corrected', 'withdrawn')", name="state"),
    CheckConstraint(
        "(state = 'open') = (answered_at IS NULL) AND (state = 'open') = (answer_entry_id IS NULL)", name="answered"
    ),
    CheckConstraint(
        "(state IN ('rejected', 'corrected')) = (answer IS NOT NULL AND operator IS NOT NULL)", name="answer"
    ),
    CheckConstraint("state = 'corrected' OR successor_id IS NULL", name="successor"),
    Index("uq_dispute_open", "material_id", unique=True, postgresql_where=text("state = 'open'")),
    Index("ix_dispute_material_id_opened_at", "material_id", "opened_at"),
    Index("ix_dispute_depositor_party_id_opened_at_id", "depositor_party_id", "opened_at", "id"),
    Index(
        "ix_dispute_depositor_party_id_open",
        "depositor_party_id",
        "opened_at",
        "id",
        postgresql_where=text("state = 'open'"),
    ),
    Index("ix_dispute_holder_id_opened_at", "holder_id", "opened_at"),
    Index("ix_dispute_due_at_open", "due_at", postgresql_where=text("state = 'open'")),
    Index("ix_dispute_successor_id", "successor_id", postgresql_where=text("successor_id IS NOT NULL")),
)
"""A holder's disputes (异议) of materials; one open at a time stands against a material. Shaped as `certs.dispute`."""

correction: Final = Table(
    "correction",
    metadata,
    Column("dispute_id", Uuid(as_uuid=False), ForeignKey(dispute.c.id), primary_key=True),
    Column("party_id", Uuid(as_uuid=False), primary_key=True),
    moment_column("at"),
    moment_column("seen_at", nullable=True),
    Index("ix_correction_party_id_at_dispute_id", "party_id", "at", "dispute_id"),
)
"""Whom a correction was told: every organisation that had used the material or a version before it."""
