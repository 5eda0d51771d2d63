"""materials: findings of the pre-review.

Revision: 0025, after 0024.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "review",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="encrypted: every finding with its places and values"
        ),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("unclear", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False, comment="check points that do not apply"),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("cause IN ('asked','submitted','accepted','automatic')", name=op.f("ck_review_cause")),
        sa.CheckConstraint(
            "passed >= 0 AND failed >= 0 AND unclear >= 0 AND skipped >= 0", name=op.f("ck_review_counts")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_review_version")),
        sa.ForeignKeyConstraint(["case_no"], ["materials.case_.case_no"], name=op.f("fk_review_case_no")),
        sa.PrimaryKeyConstraint("case_no", "version", name=op.f("pk_review")),
        schema="materials",
    )
    op.create_table(
        "review_resolution",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("finding", sa.LargeBinary(), nullable=False, comment="digest of the finding that was decided about"),
        sa.Column("reason", sa.LargeBinary(), nullable=False, comment="encrypted"),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("length(finding) = 32", name=op.f("ck_review_resolution_finding")),
        sa.CheckConstraint("verdict IN ('resolved','false-alarm')", name=op.f("ck_review_resolution_verdict")),
        sa.ForeignKeyConstraint(
            ["case_no", "version"],
            ["materials.review.case_no", "materials.review.version"],
            name=op.f("fk_review_resolution_case_no_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_resolution")),
        schema="materials",
    )
    op.create_index(
        "ix_review_resolution_case_no_version",
        "review_resolution",
        ["case_no", "version"],
        unique=False,
        schema="materials",
    )
    op.create_table(
        "paper_seals",
        sa.Column("material_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "seals",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="codes of the organisations whose seal holds",
        ),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["material_id"], ["materials.material.id"], name=op.f("fk_paper_seals_material_id")),
        sa.PrimaryKeyConstraint("material_id", name=op.f("pk_paper_seals")),
        schema="materials",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("paper_seals", schema="materials")
    op.drop_table("review_resolution", schema="materials")
    op.drop_table("review", schema="materials")
