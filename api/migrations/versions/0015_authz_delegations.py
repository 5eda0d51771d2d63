"""authz: chains of delegation.

Revision: 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("principal_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("delegator_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("representation", sa.Text(), nullable=True),
        sa.Column("delegate_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Uuid(as_uuid=False)), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=False),
        sa.Column("entry_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_token", sa.LargeBinary(), nullable=True),
        sa.Column("end_entry_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("delegate_id NOT IN (principal_id, delegator_id)", name=op.f("ck_delegation_delegate")),
        sa.CheckConstraint("cardinality(path) BETWEEN 1 AND 3", name=op.f("ck_delegation_path")),
        sa.CheckConstraint("(ended_at IS NULL) = (end_entry_id IS NULL)", name=op.f("ck_delegation_ended")),
        sa.ForeignKeyConstraint(["principal_id"], ["authz.holder.id"], name=op.f("fk_delegation_principal_id")),
        sa.ForeignKeyConstraint(["delegator_id"], ["authz.holder.id"], name=op.f("fk_delegation_delegator_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["authz.holder.id"], name=op.f("fk_delegation_delegate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("digest", name=op.f("uq_delegation_digest")),
        schema="authz",
    )
    op.create_index(
        "ix_delegation_delegate_id_principal_id",
        "delegation",
        ["delegate_id", "principal_id"],
        unique=False,
        schema="authz",
    )


def downgrade() -> None:
    """Go down."""
    op.drop_index("ix_delegation_delegate_id_principal_id", table_name="delegation", schema="authz")
    op.drop_table("delegation", schema="authz")
