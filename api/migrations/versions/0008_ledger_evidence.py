"""Ledger: where to find the digests of documents that departments keep themselves.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "kept",
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("owner", sa.Uuid(as_uuid=False), nullable=False, comment="who may ask for it; an opaque id"),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("digest_key", sa.BigInteger(), nullable=False, comment="8 bytes of SHA-256 over owner and digest"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_kept")),
        schema="ledger",
    )
    op.create_index("ix_kept_reference", "kept", ["owner", "reference", "entry_id"], unique=False, schema="ledger")
    op.create_index("ix_kept_digest_key", "kept", ["digest_key"], unique=False, schema="ledger")


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_kept_digest_key", table_name="kept", schema="ledger")
    op.drop_index("ix_kept_reference", table_name="kept", schema="ledger")
    op.drop_table("kept", schema="ledger")
