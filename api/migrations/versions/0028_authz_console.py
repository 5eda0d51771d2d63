"""authz: logins of staff, beginnings of organisations' names.

Revision: 0028, after 0027.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up."""
    op.create_table(
        "operator_login",
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("party_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["party_id", "handle"],
            ["authz.operator.party_id", "authz.operator.handle"],
            name=op.f("fk_operator_login_party_id"),
        ),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_operator_login")),
        schema="authz",
    )
    op.create_index(
        "ix_operator_login_party_id_handle", "operator_login", ["party_id", "handle"], unique=False, schema="authz"
    )
    op.create_table(
        "firm_name",
        sa.Column("beginning", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["authz.holder.id"], name=op.f("fk_firm_name_holder_id")),
        sa.PrimaryKeyConstraint("beginning", "holder_id", name=op.f("pk_firm_name")),
        schema="authz",
    )
    op.create_index("ix_firm_name_holder_id", "firm_name", ["holder_id"], unique=False, schema="authz")


def downgrade() -> None:
    """Go down."""
    op.drop_table("firm_name", schema="authz")
    op.drop_table("operator_login", schema="authz")
