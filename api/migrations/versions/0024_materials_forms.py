"""materials: forms and what was read to fill them.

Revision: 0024, after 0023.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "form_source",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False, comment="as the use named them"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="encrypted: the values of those fields"),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("use_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("kind IN ('licence','material','generated')", name=op.f("ck_form_source_kind")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_form_source_case_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_source")),
        schema="materials",
    )
    op.create_index("ix_form_source_case_no", "form_source", ["case_no"], unique=False, schema="materials")
    op.create_table(
        "form",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="encrypted: every field with its values and their sources",
        ),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("prefilled", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("prefilled >= 0 AND prefilled <= fields", name=op.f("ck_form_prefilled")),
        sa.CheckConstraint("version > 0", name=op.f("ck_form_version")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_form_case_no")),
        sa.PrimaryKeyConstraint("case_no", "version", name=op.f("pk_form")),
        schema="materials",
    )
    op.create_index(
        "ix_form_holder_id_item_code_party_id_saved_at",
        "form",
        ["holder_id", "item_code", "party_id", "saved_at"],
        unique=False,
        schema="materials",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("form", schema="materials")
    op.drop_table("form_source", schema="materials")
