"""materials: drafts of items, and definitions that were published from them.

Revision: 0035, after 0034.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "item_draft",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open','published','dropped')", name=op.f("ck_item_draft_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_item_draft_decided_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_draft")),
        schema="materials",
    )
    op.create_index(
        "uq_item_draft_open",
        "item_draft",
        ["item_code"],
        unique=True,
        schema="materials",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "item_definition",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("register_version >= 0", name=op.f("ck_item_definition_register_version")),
        sa.ForeignKeyConstraint(["draft_id"], ["materials.item_draft.id"], name=op.f("fk_item_definition_draft_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_item_definition")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_item_definition_draft_id")),
        schema="materials",
    )
    op.create_index(
        "uq_item_definition_item_code_version",
        "item_definition",
        ["item_code", "version"],
        unique=True,
        schema="materials",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("item_definition", schema="materials")
    op.drop_table("item_draft", schema="materials")
