"""certs: status lists.

Revision: 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("status_place", schema="certs")))
    op.create_table(
        "status_list",
        sa.Column("id", sa.Text(), nullable=False, comment="random, in the list's address"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="scatters its places; licence rows say as much"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_list")),
        sa.UniqueConstraint("number", name=op.f("uq_status_list_number")),
        schema="certs",
    )
    op.create_table(
        "status_entry",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("changed_in", sa.BigInteger(), nullable=False, comment="pg_current_xact_id() of its last change"),
        sa.CheckConstraint("status IN (0, 1, 2)", name=op.f("ck_status_entry_status")),
        sa.ForeignKeyConstraint(["list_id"], ["certs.status_list.id"], name=op.f("fk_status_entry_list_id")),
        sa.PrimaryKeyConstraint("list_id", "index", name=op.f("pk_status_entry")),
        schema="certs",
    )
    op.create_index(
        "ix_status_entry_list_id_changed_in", "status_entry", ["list_id", "changed_in"], unique=False, schema="certs"
    )
    op.create_table(
        "gathering",
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=False, comment="LTnn; empty for rows of no known type"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("incomplete", sa.BigInteger(), nullable=False),
        sa.Column("inaccurate", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", "type_code", "day", name=op.f("pk_gathering")),
        schema="certs",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_table("gathering", schema="certs")
    op.drop_index("ix_status_entry_list_id_changed_in", table_name="status_entry", schema="certs")
    op.drop_table("status_entry", schema="certs")
    op.drop_table("status_list", schema="certs")
    op.execute(sa.schema.DropSequence(sa.Sequence("status_place", schema="certs")))
