"""Pre-review."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from materials.tables.base import id_column, metadata, moment_column, text_column
from materials.tables.cases import case

review: Final = Table(
    "review",
    metadata,
    Column("case_no", Text, ForeignKey(case.c.case_no), primary_key=True),
    Column("version", Integer, primary_key=True),
    id_column("party_id"),
    id_column("holder_id"),
    text_column("item_code"),
    text_column("operator"),
    text_column("cause"),
    Column("body", LargeBinary, nullable=False, comment="encrypted: every finding with its places and values"),
    Column("passed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unclear", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, comment="check points that do not apply"),
    moment_column("reviewed_at"),
    id_column("entry_id"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("cause IN ('asked','submitted','accepted','automatic')", name="cause"),
    CheckConstraint("passed >= 0 AND failed >= 0 AND unclear >= 0 AND skipped >= 0", name="counts"),
)
"""Check points of cases as they came out; a run makes a version, and none is overwritten."""

review_resolution: Final = Table(
    "review_resolution",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("case_no", Text, nullable=False),
    Column("version", Integer, nullable=False),
    text_column("code"),
    text_column("verdict"),
    Column("finding", LargeBinary, nullable=False, comment="digest of the finding that was decided about"),
    Column("reason", LargeBinary, nullable=False, comment="encrypted"),
    text_column("operator"),
    moment_column("at"),
    id_column("entry_id"),
    ForeignKeyConstraint(["case_no", "version"], ["materials.review.case_no", "materials.review.version"]),
    CheckConstraint("verdict IN ('resolved','false-alarm')", name="verdict"),
    CheckConstraint("length(finding) = 32", name="finding"),
    Index("ix_review_resolution_case_no_version", "case_no", "version"),
)
"""What staff decided about findings."""
