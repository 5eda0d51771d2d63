"""Rows of materials, PostgreSQL schema `materials`. Seen by the stores of this package only.

Holders, parties and objects belong to packages to the right: their ids are kept here without a foreign key.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata: Final = MetaData(
    schema="materials",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def _id(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


project: Final = Table(
    "project",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("code"),
    _text("name"),
    _id("lead_holder_id"),
    _id("party_id"),
    _moment("created_at"),
    UniqueConstraint("code"),
)

project_member: Final = Table(
    "project_member",
    metadata,
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id), primary_key=True),
    Column("holder_id", Uuid(as_uuid=False), primary_key=True),
)

case_serial: Final = Sequence("case_serial", metadata=metadata, schema="materials")
"""The running part of case numbers."""

case: Final = Table(
    "case_",
    metadata,
    Column("case_no", Text, primary_key=True),
    _text("item_code"),
    _text("item_version"),
    _text("scenario"),
    _id("applicant_holder_id"),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    _text("presence"),
    Column("presence_digest", Text, comment="keyed digest of what the terminal read"),
    _id("party_id"),
    _text("operator"),
    _text("division"),
    _text("state"),
    _moment("opened_at"),
    _moment("closed_at", nullable=True),
    _id("entry_id"),
    _id("closing_entry_id", nullable=True),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    Index("ix_case_party_id_opened_at", "party_id", "opened_at"),
    Index("ix_case_project_id_open", "project_id", "party_id", postgresql_where=text("state = 'open'")),
)
"""Cases, under the name `case_`: the plain word is reserved in SQL."""

material: Final = Table(
    "material",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    _text("type_code"),
    _id("holder_id"),
    Column("version", Integer, nullable=False),
    _text("status"),
    _id("object_id"),
    _text("file_name"),
    _text("media_type"),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("sm3", LargeBinary, nullable=False),
    _text("division"),
    _id("party_id"),
    _text("operator"),
    _text("channel"),
    _text("verify_level"),
    _text("origin_case_no", nullable=True),
    Column("project_id", Uuid(as_uuid=False), ForeignKey(project.c.id)),
    Column("share_in_project", Boolean, nullable=False),
    _moment("valid_from", nullable=True),
    _moment("valid_to", nullable=True),
    Column("supersedes", Uuid(as_uuid=False), ForeignKey("material.id")),
    Column("superseded_by", Uuid(as_uuid=False), ForeignKey("material.id")),
    _moment("deposited_at"),
    _id("entry_id"),
    _moment("ended_at", nullable=True),
    _id("ended_entry_id", nullable=True),
    UniqueConstraint("object_id"),
    CheckConstraint("status IN ('active','superseded','disputed','withdrawn','destroyed')", name="status"),
    CheckConstraint("channel IN ('counter','web','app','kiosk','system')", name="channel"),
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
)
"""Materials, one row a version. The unique `supersedes` is the rule that a version has one successor.

Truth values compare as false < true, so `a <= b` reads "a implies b".
"""
