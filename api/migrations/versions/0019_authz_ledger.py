"""authz: the citizen's ledger.

Revision: 0019, after 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("line_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_report_answer")),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_report_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        schema="authz",
    )
    op.create_index("ix_report_holder_id_at", "report", ["holder_id", "at"], unique=False, schema="authz")
    op.create_index(
        "ix_report_open",
        "report",
        ["at", "id"],
        unique=False,
        schema="authz",
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    """Go down."""
    op.drop_index(
        "ix_report_open", table_name="report", schema="authz", postgresql_where=sa.text("answered_at IS NULL")
    )
    op.drop_index("ix_report_holder_id_at", table_name="report", schema="authz")
    op.drop_table("report", schema="authz")
