"""ledger witnesses.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("checkpoint", sa.Column("quorum", sa.SmallInteger(), nullable=True), schema="ledger")
    op.execute("UPDATE ledger.checkpoint SET quorum = 0")  # signed when no witness was demanded, so published
    op.create_check_constraint(op.f("ck_checkpoint_quorum"), "checkpoint", "quorum >= 0", schema="ledger")
    op.create_index(
        "ix_checkpoint_published",
        "checkpoint",
        ["size"],
        unique=False,
        schema="ledger",
        postgresql_where=sa.text("quorum IS NOT NULL"),
    )
    op.create_index(
        "ix_checkpoint_cosigned",
        "checkpoint",
        ["size"],
        unique=False,
        schema="ledger",
        postgresql_where=sa.text("quorum > 0"),
    )
    op.create_table(
        "witness",
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cosigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_size", sa.BigInteger(), nullable=True),
        sa.Column("seen_note", sa.Text(), nullable=True),
        sa.CheckConstraint("size >= 0", name=op.f("ck_witness_size")),
        sa.PrimaryKeyConstraint("vkey", name=op.f("pk_witness")),
        schema="ledger",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("witness", schema="ledger")
    op.drop_index("ix_checkpoint_cosigned", table_name="checkpoint", schema="ledger")
    op.drop_index("ix_checkpoint_published", table_name="checkpoint", schema="ledger")
    op.drop_constraint(op.f("ck_checkpoint_quorum"), "checkpoint", schema="ledger", type_="check")
    op.drop_column("checkpoint", "quorum", schema="ledger")
