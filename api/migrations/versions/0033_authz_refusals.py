"""authz: what holders signed to refuse; what opens the reason in the record of a refused use.

Revision: 0033, after 0032.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "ask_refusal",
        sa.Column("ask_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("representation", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["authz.ask.id"], name=op.f("fk_ask_refusal_ask_id")),
        sa.PrimaryKeyConstraint("ask_id", name=op.f("pk_ask_refusal")),
        schema="authz",
    )
    op.add_column("refusal", sa.Column("why", sa.LargeBinary(), nullable=True), schema="authz")


def downgrade() -> None:
    """Go down."""
    op.drop_column("refusal", "why", schema="authz")
    op.drop_table("ask_refusal", schema="authz")
