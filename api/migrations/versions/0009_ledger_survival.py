"""Frozen logs, retired keys, erasures, daily heads.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.add_column("log", sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True), schema="ledger")
    op.create_table(
        "shard",
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_shard_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shard")),
        sa.UniqueConstraint("origin", name=op.f("uq_shard_origin")),
        schema="ledger",
    )
    op.create_table(
        "log_key",
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("until_size", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_size >= 0", name=op.f("ck_log_key_until_size")),
        sa.PrimaryKeyConstraint("vkey", name=op.f("pk_log_key")),
        schema="ledger",
    )
    op.create_index("ix_log_key_origin", "log_key", ["origin", "retired_at"], unique=False, schema="ledger")
    op.create_table(
        "erasure",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("kind IN ('object', 'record')", name=op.f("ck_erasure_kind")),
        sa.CheckConstraint("approver IS NULL OR approver <> proposer", name=op.f("ck_erasure_two_people")),
        sa.CheckConstraint("(erased_at IS NULL) = (approver IS NULL)", name=op.f("ck_erasure_erased")),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_erasure")),
        schema="ledger",
    )
    op.create_index(
        "ix_erasure_proposed",
        "erasure",
        ["proposed_at"],
        unique=False,
        schema="ledger",
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_table(
        "heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_heads_root")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_heads")),
        schema="authz",
    )
    op.create_table(
        "heads_tile",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "level", "n", name=op.f("pk_heads_tile")),
        schema="authz",
    )
    op.create_index("ix_heads_tile_first", "heads_tile", ["day", "level", "first"], unique=False, schema="authz")
    op.create_table(
        "beat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="last success"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_beat")),
        schema="api",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("beat", schema="api")
    op.drop_table("heads_tile", schema="authz")
    op.drop_table("heads", schema="authz")
    op.drop_table("erasure", schema="ledger")
    op.drop_table("log_key", schema="ledger")
    op.drop_table("shard", schema="ledger")
    op.drop_column("log", "frozen_at", schema="ledger")
