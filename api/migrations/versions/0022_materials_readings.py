"""materials: what was read in documents.

Revision: 0022, after 0021.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "reading",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("pages_done", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True, comment="encrypted: type and fields as they were read"),
        sa.Column("confirmed", sa.LargeBinary(), nullable=True, comment="encrypted: fields as staff confirmed them"),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verify_level", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f("ck_reading_confirmed_at")),
        sa.CheckConstraint("(state = 'confirmed') = (entry_id IS NOT NULL)", name=op.f("ck_reading_entry")),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_reading_failure")),
        sa.CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name=op.f("ck_reading_ended_at")),
        sa.CheckConstraint("pages_done >= 0 AND (pages IS NULL OR pages_done <= pages)", name=op.f("ck_reading_pages")),
        sa.CheckConstraint("state IN ('queued','read','failed','confirmed')", name=op.f("ck_reading_state")),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_reading_material_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        schema="materials",
    )
    op.create_index("ix_reading_material_id_id", "reading", ["material_id", "id"], unique=False, schema="materials")
    op.create_index(
        "uq_reading_material_id_queued",
        "reading",
        ["material_id"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_reading_ended_at_held",
        "reading",
        ["ended_at"],
        unique=False,
        schema="materials",
        postgresql_where=sa.text("findings IS NOT NULL"),
    )
    op.create_table(
        "reading_page",
        sa.Column("reading_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=True,
            comment="encrypted: lines and places, until the reading ends",
        ),
        sa.CheckConstraint("number > 0 AND lines >= 0 AND milliseconds >= 0", name=op.f("ck_reading_page_sizes")),
        sa.CheckConstraint("source IN ('text','ocr','unread')", name=op.f("ck_reading_page_source")),
        sa.ForeignKeyConstraint(["reading_id"], ["materials.reading.id"], name=op.f("fk_reading_page_reading_id")),
        sa.PrimaryKeyConstraint("reading_id", "number", name=op.f("pk_reading_page")),
        schema="materials",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("reading_page", schema="materials")
    op.drop_table("reading", schema="materials")
